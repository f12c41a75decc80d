/**
 * The whole way of a cancel at Adyen: it is accepted now, and confirmed by a webhook later, or
 * earlier than one thinks. `webhook.test.ts` shows the webhooks come late, twice, out of order
 * and forged.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { Config, Effect, Option, Schema } from "effect"
import { Adyen, Notification } from "effect-payment-cancel"

// #region store
/** What is known of one cancel: what Adyen answered, and what it told. Either may come first. */
const Entry = Schema.Struct({
  accepted: Schema.OptionFromNullOr(Adyen.Cancellation),
  notification: Schema.OptionFromNullOr(Notification.CancelNotification("Adyen"))
})
type Entry = typeof Entry.Type

/** The cancels under way, by the reference of their receipts. Use a table of your database instead. */
export class Cancels extends Effect.Service<Cancels>()("Cancels", {
  effect: Effect.gen(function*() {
    const store = (yield* KeyValueStore.KeyValueStore).forSchema(Entry)
    const lock = yield* Effect.makeSemaphore(1)
    const read = (reference: string) =>
      Effect.map(store.get(reference), Option.getOrElse((): Entry => ({ accepted: Option.none(), notification: Option.none() })))
    const change = (reference: string, f: (entry: Entry) => Entry) =>
      lock.withPermits(1)(Effect.flatMap(read(reference), (entry) => store.set(reference, f(entry)))).pipe(Effect.orDie)
    return {
      accept: (accepted: Adyen.Cancellation) =>
        change(accepted.receipt.reference, (entry) => ({ ...entry, accepted: Option.some(accepted) })),
      // What was told first stays: the same event may come many times.
      tell: (reference: string, notification: Notification.CancelNotification<"Adyen">) =>
        change(reference, (entry) => ({
          ...entry,
          notification: Option.orElseSome(entry.notification, () => notification)
        })),
      /** What became of a cancel: none until both halves are there. */
      outcome: (reference: string): Effect.Effect<Option.Option<Notification.Confirmation<"Adyen">>> =>
        Effect.map(Effect.orDie(read(reference)), ({ accepted, notification }) =>
          Option.zipWith(accepted, notification, Adyen.confirm))
    }
  })
}) {}
// #endregion

// #region cancel
/** Asks for a cancel, and keeps what Adyen has accepted. The payment is not cancelled yet. */
export const cancelPayment = Effect.fn("cancelPayment")(function*(paymentId: string) {
  const cancels = yield* Cancels
  const accepted = yield* Adyen.cancel({ paymentId })
  yield* cancels.accept(accepted)
  return accepted.receipt.reference
})
// #endregion

// #region route
const acknowledged = HttpServerResponse.empty({ status: 202 })

/** Verifies the raw body before anything in it is believed. */
const receive = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const body = new Uint8Array(yield* request.arrayBuffer)
  const secret = yield* Config.redacted("ADYEN_HMAC_KEY")
  const notification = yield* Adyen.notification({ body, headers: request.headers }, { secret })
  // Adyen always names the cancel that it is about.
  if (Option.isSome(notification.reference)) {
    const cancels = yield* Cancels
    yield* cancels.tell(notification.reference.value, notification)
  }
  return acknowledged
}).pipe(
  Effect.catchTags({
    // It is genuine, and about something else: without a 2xx Adyen would send it again for 30 days.
    "Notification.NotACancellation": () => Effect.succeed(acknowledged),
    "Notification.InvalidSignature": () => Effect.succeed(HttpServerResponse.empty({ status: 401 })),
    "Notification.MalformedNotification": ({ message }) => HttpServerResponse.json({ message }, { status: 400 }),
    "Notification.TimestampOutOfTolerance": ({ message }) => HttpServerResponse.json({ message }, { status: 400 })
  }),
  HttpServerRequest.withMaxBodySize(Option.some(65_536))
)

export const webhooks = HttpRouter.empty.pipe(HttpRouter.post("/webhooks/adyen", receive))
// #endregion
