/**
 * What Acme Pay's webhooks say of a cancel. Two types decide, and the signature covers a time and the raw body:
 * `Acme-Signature: t=1767225600,v1=5257a869…,v1=…`, with several `v1` while the secret is being replaced.
 */
// #region notification
import { DateTime, Duration, Effect, Either, Encoding, Option, Schema } from "effect"
import * as Answer from "effect-payment-cancel/authoring/Answer"
import * as Receiving from "effect-payment-cancel/authoring/Receiving"
import * as Verification from "effect-payment-cancel/authoring/Verification"
import * as Notification from "effect-payment-cancel/Notification"

const provider = "Acme"
const signatureHeader = "acme-signature"

/** For journals and RPC. */
export const CancelNotification = Notification.CancelNotification(provider)

const decodeType = Verification.decode(provider, "Acknowledge", Schema.Struct({ type: Schema.NonEmptyString }))

const decodeEvent = Verification.decode(provider, "Acknowledge", Schema.Struct({
  id: Schema.NonEmptyString,
  paymentId: Schema.NonEmptyString,
  createdAt: Schema.String,
  note: Answer.lenient(Schema.String)
}))

const decisions = { "payment.voided": "Cancelled", "payment.void_failed": "Declined" } as const
const isDeciding = (type: string): type is keyof typeof decisions => Object.hasOwn(decisions, type)

/** One time, in whole seconds since 1970, and any number of signatures. */
const signatureIn = (given: string) => {
  const parts = given.split(",").map((part) => part.trim())
  const valuesOf = (name: string) => parts.flatMap((part) => part.startsWith(`${name}=`) ? [part.slice(name.length + 1)] : [])
  const [time = "", ...others] = valuesOf("t")
  return /^\d{1,11}$/.test(time) && others.length === 0
    ? Either.right({ time, signatures: valuesOf("v1").flatMap((hex) => Option.toArray(Either.getRight(Encoding.decodeHex(hex)))) })
    : Either.left(Verification.malformed(provider, "Refuse", signatureHeader))
}

export const notification: Notification.Verifier<"Acme"> = Verification.traced("Acme.notification")(
  Effect.fnUntraced(function*(incoming: Notification.Incoming, verification: Notification.Verification) {
    // 1. Who says it, and when. Nothing of the body is looked at before.
    const received = yield* Receiving.receive(provider, incoming, [signatureHeader])
    const tolerance = yield* Verification.toleranceOf(verification, Duration.minutes(5))
    const secrets = yield* Verification.secretsOf(verification)
    const { signatures, time } = yield* signatureIn(Receiving.header(received, signatureHeader))
    yield* Verification.checkSignature(provider, {
      message: Verification.concat(Receiving.bytesOf(`${time}.`), received.body),
      signatures,
      keys: secrets.map(Receiving.bytesOf)
    })
    yield* Verification.checkTolerance(provider, "Refuse", DateTime.unsafeMake(Number(time) * 1000), tolerance)

    // 2. What it is about. What is genuine is acknowledged from here on: to deliver it again would not help.
    const json = yield* Verification.jsonOf(provider, "Acknowledge", received)
    const { type } = yield* decodeType(json)
    if (!isDeciding(type)) return yield* Verification.somethingElse(provider, type)

    // 3. What it says.
    const { createdAt, id, note, paymentId } = yield* decodeEvent(json)
    return {
      provider,
      notificationId: id,
      paymentId,
      merchantReference: Option.none(),
      // Acme does not name the cancel: a receipt of it would have none either, and `confirm` would pair nothing.
      reference: Option.none(),
      decision: decisions[type],
      reason: note,
      occurredAt: Answer.parseTime(createdAt),
      receivedAt: yield* DateTime.now
    }
  })
)
// #endregion
