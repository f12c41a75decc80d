/** The webhook of the provider in `docs/adding-a-provider.md`. */
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"
import * as Acme from "../../docs/examples/acme/index.js"

const now = 1_767_225_600
const event = { id: "e-1", type: "payment.voided", paymentId: "p-1", createdAt: "2026-01-01T00:00:00Z", note: "a double order" }

const sign = (body: string, { secret = "whsec", time = now } = {}) => createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")

const verify = (header: (body: string) => string, sent: object = event, secret = [Redacted.make("new"), Redacted.make("whsec")] as const) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now * 1000)
    const body = JSON.stringify(sent)
    return yield* Effect.either(Acme.notification({ body, headers: { "Acme-Signature": header(body) } }, { secret }))
  })

const genuine = (body: string) => `t=${now},v1=${sign(body)}`

describe("a webhook of Acme Pay", () => {
  it.effect("tells of a cancel", () =>
    Effect.gen(function*() {
      const told = Either.getOrThrow(yield* verify(genuine))
      assert.deepStrictEqual(told, {
        provider: "Acme",
        notificationId: "e-1",
        paymentId: "p-1",
        merchantReference: Option.none(),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.some("a double order"),
        occurredAt: Option.some(DateTime.unsafeMake("2026-01-01T00:00:00Z")),
        receivedAt: DateTime.unsafeMake(now * 1000)
      })
      const encode = Schema.encodeSync(Acme.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(Acme.CancelNotification)(JSON.parse(JSON.stringify(encode(told)))), told)
    }))
  it.effect("tells of one that failed, under either secret", () =>
    Effect.gen(function*() {
      const failed = { ...event, type: "payment.void_failed" }
      const both = (body: string) => `t=${now}, v1=${sign(body, { secret: "old" })}, v1=${sign(body, { secret: "new" })}, v0=x`
      assert.strictEqual(Either.getOrThrow(yield* verify(both, failed)).decision, "Declined")
    }))

  const refused: ReadonlyArray<readonly [name: string, header: (body: string) => string, sent: object, tag: string, answer: "Refuse" | "Acknowledge"]> = [
    ["of a forger", (body) => `t=${now},v1=${sign(body, { secret: "x" })}`, event, "Notification.InvalidSignature", "Refuse"],
    ["of another time than it says", (body) => `t=${now + 1},v1=${sign(body)}`, event, "Notification.InvalidSignature", "Refuse"],
    ["with nothing signed", () => `t=${now}`, event, "Notification.InvalidSignature", "Refuse"],
    ["of long ago", (body) => `t=${now - 301},v1=${sign(body, { time: now - 301 })}`, event, "Notification.TimestampOutOfTolerance", "Refuse"],
    ["without a time", (body) => `v1=${sign(body)}`, event, "Notification.MalformedNotification", "Refuse"],
    ["with two times", (body) => `t=${now},t=${now},v1=${sign(body)}`, event, "Notification.MalformedNotification", "Refuse"],
    ["about something else, in any form", genuine, { type: "payment.captured" }, "Notification.NotACancellation", "Acknowledge"],
    ["without the payment's id", genuine, { ...event, paymentId: "" }, "Notification.MalformedNotification", "Acknowledge"]
  ]
  for (const [name, header, sent, tag, answer] of refused) {
    it.effect(`is none: ${name}`, () =>
      Effect.gen(function*() {
        const error = Option.getOrThrow(Either.getLeft(yield* verify(header, sent)))
        assert.strictEqual(error._tag, tag)
        assert.strictEqual(error.answer, answer)
      }))
  }
})
