/**
 * A verifier that an author describes as data.
 */
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Receiving from "effect-payment-cancel/authoring/Receiving"
import * as Verification from "effect-payment-cancel/authoring/Verification"
import type { CancellationAccepted } from "effect-payment-cancel/Cancellation"
import { confirm } from "effect-payment-cancel/Notification"
import { Webhook } from "effect-payment-cancel/sandbox"

const verify = Verification.signedEvents({
  provider: "Acme",
  type: "voided",
  headers: ["Acme-Time", "Acme-Signature"],
  readSignature: (received, secrets) =>
    Either.right({
      timestamp: Receiving.header(received, "Acme-Time"),
      timestampField: "Acme-Time",
      prefix: "",
      keys: secrets.map(Receiving.bytesOf),
      signatures: [Uint8Array.from(Receiving.header(received, "Acme-Signature").split(","), Number)]
    }),
  event: Schema.Struct({ payment: Schema.String, void: Schema.String, status: Schema.String }),
  standings: { gone: "Cancelled" },
  statusField: "status",
  read: (event) => ({
    status: event.status,
    stated: {
      paymentId: event.payment,
      merchantReference: Option.none(),
      reference: Option.some(event.void),
      reason: Option.none(),
      occurredAt: Option.none()
    }
  })
})

const accepted: CancellationAccepted<"Acme", { readonly reference: string }> = {
  _tag: "CancellationAccepted",
  provider: "Acme",
  paymentId: "p-1",
  identifiedBy: "PaymentId",
  attempts: 1,
  observedAt: DateTime.unsafeMake(0),
  requestId: Option.none(),
  evidence: "Response",
  receipt: { reference: "v-1" },
  mayBeAcceptedTwice: false
}

describe("signed events of a provider that decides later", () => {
  it.effect("keep the reference that they state, and confirm what was accepted under it", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ id: "e-1", type: "voided", payment: "p-1", void: "v-1", status: "gone" })
      const signature = yield* Webhook.hmacSha256(Receiving.bytesOf("key"), body)
      const notification = yield* verify(
        { body, headers: { "acme-time": "0", "acme-signature": signature.join() } },
        { secret: Redacted.make("key") }
      )
      assert.deepStrictEqual(notification.reference, Option.some("v-1"))
      assert.strictEqual(confirm(accepted, notification)._tag, "Cancelled")
      assert.strictEqual(confirm({ ...accepted, receipt: { reference: "v-2" } }, notification)._tag, "Unrelated")
    }))
})
