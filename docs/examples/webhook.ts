/**
 * The complete course of a cancel at Adyen: it is accepted now, and confirmed later by a webhook,
 * which may even arrive before the answer. `webhook.test.ts` covers webhooks that are late,
 * repeated, out of order and forged.
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { Config, Effect, type ManagedRuntime, Option, type Redacted, Schema } from "effect"
import { Adyen, Notification, Webhook } from "effect-payment-cancel"
import type { IncomingHttpHeaders } from "node:http"

// #region store
/** What is known about one cancel: Adyen's answer, and its notification. Either may arrive first. */
const Entry = Schema.Struct({
  accepted: Schema.OptionFromNullOr(Adyen.Cancellation),
  notification: Schema.OptionFromNullOr(Notification.CancelNotification("Adyen"))
})
type Entry = typeof Entry.Type

/** The cancels in progress, by the reference of their receipts. Use a table of your database instead. */
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
      // The first notification is kept: the same event may arrive many times.
      tell: (reference: string, notification: Notification.CancelNotification<"Adyen">) =>
        change(reference, (entry) => ({
          ...entry,
          notification: Option.orElseSome(entry.notification, () => notification)
        })),
      /** The result of a cancel: none until both parts are there. */
      outcome: (reference: string): Effect.Effect<Option.Option<Notification.Confirmation<"Adyen">>> =>
        Effect.map(Effect.orDie(read(reference)), ({ accepted, notification }) =>
          Option.zipWith(accepted, notification, Adyen.confirm))
    }
  })
}) {}
// #endregion

// #region cancel
/**
 * Requests a cancel, and stores what Adyen has accepted. The payment is not cancelled yet.
 *
 * An interruption may cut the request short, but not the storing.
 */
export const cancelPayment = Effect.fn("cancelPayment")(function*(paymentId: string) {
  const cancels = yield* Cancels
  const accepted = yield* Effect.uninterruptibleMask((restore) =>
    Effect.tap(restore(Adyen.cancel({ paymentId })), cancels.accept)
  )
  return accepted.receipt.reference
})
// #endregion

// #region route
/**
 * Stores Adyen's notification, which is acknowledged when that is done, and delivered again if it
 * fails.
 */
const keep = (notification: Notification.CancelNotification<"Adyen">) =>
  Option.match(notification.reference, {
    // Adyen always names the cancel that it is about.
    onNone: () => Effect.void,
    onSome: (reference) => Effect.flatMap(Cancels, (cancels) => cancels.tell(reference, notification))
  })

export const webhooks = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/webhooks/adyen",
    Effect.flatMap(Config.redacted("ADYEN_HMAC_KEY"), (secret) =>
      Webhook.httpApp({ verify: Adyen.notification, secret }, keep))
  )
)
// #endregion

// #region api
/**
 * The same among the routes of an `HttpApi`, merged with `HttpApiBuilder.api`. Such a route may need
 * no services, so what the function needs is provided to it.
 */
export const webhooksOfApi = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function*() {
    const cancels = yield* Cancels
    const secret = yield* Config.redacted("ADYEN_HMAC_KEY")
    yield* router.post(
      "/webhooks/adyen",
      Webhook.httpApp({ verify: Adyen.notification, secret }, (notification) =>
        Effect.provideService(keep(notification), Cancels, cancels))
    )
  })
)
// #endregion

// #region web
/**
 * The same for the web's `Request` and `Response`: `export const POST = receiver(runtime, secret)`
 * is a route of Next.js.
 */
export const receiver = <E>(runtime: ManagedRuntime.ManagedRuntime<Cancels, E>, secret: Redacted.Redacted) => {
  const handle = Webhook.webHandler({ verify: Adyen.notification, secret }, keep)
  return (request: Request): Promise<Response> => runtime.runPromise(handle(request), { signal: request.signal })
}
// #endregion

// #region express
/**
 * For a framework that supports neither: Express with `express.raw({ type: () => true })`, whose
 * body is a `Buffer`.
 */
export const answer = (body: Uint8Array, headers: IncomingHttpHeaders, secret: Redacted.Redacted) =>
  Adyen.notification({ body, headers }, { secret }).pipe(
    Effect.tap(keep),
    Effect.match({ onSuccess: () => 200, onFailure: Webhook.statusOf })
  )
// #endregion
