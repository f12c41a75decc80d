/**
 * Adds cancel to an app with its own layers: configuration with a prefix, one HTTP
 * client for everything, a JSON logger.
 *
 * Run it with `SHOP__WEPAY_APP_ID`, `SHOP__WEPAY_APP_TOKEN`, `SHOP__WEPAY_BASE_URL` and the
 * ids of two payments as arguments.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { ConfigProvider, Effect, Layer, Logger } from "effect"
import { CancelEvent, WePay } from "effect-payment-cancel"

// #region had
/** What the app had before: where its settings are, its logger, its HTTP client. */
const settings = Layer.setConfigProvider(
  ConfigProvider.nested(ConfigProvider.fromEnv({ pathDelim: "__" }), "SHOP")
)

const logging = Logger.replace(Logger.defaultLogger, Logger.withConsoleLog(Logger.jsonLogger))

const http = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("user-agent", "shop/7.1")))
).pipe(Layer.provide(NodeHttpClient.layerUndici))

const app = Layer.mergeAll(settings, logging).pipe(Layer.provideMerge(http))
// #endregion

// #region added
/** The addition: WePay from the app's own settings, with the app's own HTTP client. */
const payments = WePay.layerConfig({ policy: { deadline: "30 seconds" } })

/** Optional: a handler for cancels that were cut short. */
const alerts = CancelEvent.layer((event) =>
  event._tag === "Interrupted" || (event._tag === "Settled" && event.outcome === "Unknown")
    ? Effect.logError("a cancel is unsettled").pipe(
      Effect.annotateLogs({ paymentId: event.paymentId, idempotencyKey: event.idempotencyKey })
    )
    : Effect.void
)

const live = Layer.merge(payments, alerts).pipe(Layer.provideMerge(app))
// #endregion

const cancelOne = (paymentId: string) =>
  WePay.cancel({ paymentId, reason: "the shop is closing" }).pipe(
    Effect.tap(({ _tag, evidence }) => Effect.log("cancelled", { result: _tag, evidence })),
    Effect.catchAll((error) => Effect.logWarning("not cancelled", { tag: error._tag, outcome: error.outcome })),
    Effect.annotateLogs({ paymentId })
  )

const program = Effect.forEach(process.argv.slice(2), cancelOne, { discard: true })

// The app has its own logger, so Node's pretty one is disabled.
NodeRuntime.runMain(Effect.provide(program, live), { disablePrettyLogger: true })
