/**
 * A service that cancels payments, and loses none: whoever asks gets the result, or an id to ask again
 * under, within three seconds. `durable-service.test.ts` starts it, hangs up in the middle of a cancel,
 * and delivers webhooks twice and too early.
 */
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Config, DateTime, Effect, Layer, Metric, Option, Schedule, Schema } from "effect"
import { Adyen, type CancelError, Stripe, Webhook } from "effect-payment-cancel"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import { createServer } from "node:http"

// #region workflows
export const stripe = CancelWorkflow.make("Stripe", Stripe)
const adyen = CancelWorkflow.make("Adyen", Adyen)

/** Both as one, for requests that say which of them they mean. */
const cancels = CancelWorkflow.router({ Stripe: stripe, Adyen: adyen })
// #endregion

// #region answer
const Provider = Schema.Literal("Stripe", "Adyen")

const say = (status: number, body: { readonly [name: string]: string }) => HttpServerResponse.json(body, { status })

type Known = Effect.Effect.Success<ReturnType<typeof cancels.within>>

/** What is known of a cancel, for whoever asks. */
const known = (provider: typeof Provider.Type) => (settled: Known) =>
  settled._tag === "Working"
    ? say(202, { says: "It is being worked on. Ask again here.", at: `/cancels/${provider}/${settled.executionId}` })
    : say(200, { says: "It is settled.", result: settled._tag })

const statuses: { readonly [category in CancelError.Category]?: number } = { InvalidRequest: 400, NotFound: 404 }

/** A typed error is about the whole cancel, and not about one call. */
const notCancelled = (error: CancelError.Any) =>
  error.outcome === "Unknown"
    ? say(202, { says: "We could not find out by ourselves: a person does, or has." })
    : say(statuses[error.category] ?? 409, { says: "Not cancelled.", why: error.category })
// #endregion

// #region json
/** A result with all that is known, for JSON: null stands for what the provider did not state. */
export const asJson = Schema.encode(stripe.success)

/** And back, in the process that reads it. */
export const fromJson = Schema.decodeUnknown(stripe.success)
// #endregion

// #region routes
const Asked = Schema.Struct({
  provider: Provider,
  paymentId: Schema.String,
  /** The asker's own name for the cancel: sent twice, it is carried out once. */
  requestId: Schema.NonEmptyString
})

/** Once it is started, only the wait is given up when the client goes away. */
const ask = Effect.gen(function*() {
  const asked = yield* HttpServerRequest.schemaBodyJson(Asked)
  return yield* Effect.matchEffect(cancels.within(asked, "3 seconds"), {
    onFailure: notCancelled,
    onSuccess: known(asked.provider)
  })
}).pipe(Effect.catchTags({
  ParseError: () => say(400, { says: "That is no request to cancel." }),
  RequestError: () => say(400, { says: "That is no request to cancel." })
}))

const nothing = () => say(404, { says: "There is no such cancel." })

const askAgain = Effect.gen(function*() {
  const { id, provider } = yield* HttpRouter.schemaPathParams(Schema.Struct({ provider: Provider, id: Schema.String }))
  return yield* Effect.matchEffect(cancels.outcome(provider, id), {
    onFailure: notCancelled,
    onSuccess: Option.match({ onNone: nothing, onSome: known(provider) })
  })
}).pipe(Effect.catchTag("ParseError", nothing))
// #endregion

// #region webhooks
const secrets = Config.all({ stripe: Config.redacted("STRIPE_WEBHOOK_SECRET"), adyen: Config.redacted("ADYEN_HMAC_KEY") })

/** Each is acknowledged when it is kept. Twice is once, and before the cancel is as good as after it. */
const webhooks = Effect.map(secrets, (secret) =>
  HttpRouter.empty.pipe(
    HttpRouter.post(
      "/webhooks/stripe",
      Webhook.httpApp({ verify: Stripe.notification, secret: secret.stripe }, stripe.notified)
    ),
    HttpRouter.post(
      "/webhooks/adyen",
      Webhook.httpApp({ verify: Adyen.notification, secret: secret.adyen }, adyen.notified)
    )
  ))
// #endregion

// #region doubtful
/** What is shown comes from requests: none of it may become markup. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** What a person sends when they have found out. */
const closing = (executionId: string) =>
  `<form method="post" action="/doubtful/${escaped(executionId)}"><input name="found" required><button>Close</button></form>`

const row = (record: CancelRecords.CancelRecord) =>
  `<tr>${
    [
      record.provider,
      record.paymentId,
      record.requestId,
      record.state,
      record.result ?? "",
      DateTime.formatIso(record.begunAt),
      record.idempotencyKey
    ].map((text) => `<td>${escaped(text)}</td>`).join("")
  }<td>${record.state === "HandedOver" ? closing(record.executionId) : ""}</td></tr>`

/** For the staff: put it behind their login. `HandedOver` waits for a person, `InDoubt` is being worked off. */
const doubtful = Effect.map(CancelRecords.doubtful, (records) =>
  HttpServerResponse.html(
    `<!doctype html><title>Doubtful payments</title><table>
<tr><th>provider<th>payment<th>request<th>state<th>last result<th>begun<th>key<th>found out</tr>
${records.map(row).join("\n")}
</table>`
  ))

/** Of two people who close the same, the first is right, and the second is told. */
const close = Effect.gen(function*() {
  const { id } = yield* HttpRouter.schemaPathParams(Schema.Struct({ id: Schema.String }))
  const { found } = yield* HttpServerRequest.schemaBodyUrlParams(Schema.Struct({ found: Schema.NonEmptyString }))
  yield* CancelRecords.close(id, found)
  return HttpServerResponse.redirect("/doubtful", { status: 303 })
}).pipe(Effect.catchTags({
  "CancelRecords.NotHandedOver": ({ message }) => say(409, { says: message }),
  ParseError: () => say(400, { says: "Say what you have found out." }),
  RequestError: () => say(400, { says: "Say what you have found out." })
}))
// #endregion

// #region gauge
/** Anything but 0 is work for somebody. Of more than 1,000 it says 1,000. */
const handedOver = Metric.gauge("cancels_handed_over", { description: "Cancels that a person has to see to." })

/** Looked at when the service starts, and each minute from then on. */
const countHandedOver = CancelRecords.CancelRecords.pipe(
  Effect.flatMap(({ inState }) => inState("HandedOver")),
  Effect.flatMap(({ length }) => Metric.set(handedOver, length)),
  Effect.repeat(Schedule.spaced("1 minute")),
  Effect.forkScoped,
  Layer.scopedDiscard
)
// #endregion

// #region service
const routes = Effect.map(webhooks, (router) =>
  router.pipe(
    HttpRouter.post("/cancels", ask),
    HttpRouter.get("/cancels/:provider/:id", askAgain),
    HttpRouter.get("/doubtful", doubtful),
    HttpRouter.post("/doubtful/:id", close)
  ))

const server = NodeHttpServer.layerConfig(createServer, {
  host: Config.withDefault(Config.string("HOST"), "127.0.0.1"),
  port: Config.withDefault(Config.integer("PORT"), 3000)
})

/** Reads `PAYMENT_CANCEL_DATABASE`, the path of an SQLite file. For PostgreSQL only that line is another one. */
export const service = Layer.unwrapEffect(Effect.map(routes, HttpServer.serve(HttpMiddleware.logger))).pipe(
  HttpServer.withLogAddress,
  // Before the cancels: it stops listening first, and then those that are under way are waited for.
  Layer.provideMerge(server),
  Layer.merge(countHandedOver),
  Layer.provide(cancels.layer),
  Layer.provideMerge(Sqlite.layerConfig()),
  Layer.provide(Layer.merge(Stripe.layerConfig(), Adyen.layerConfig()))
)

/** `durable-main.ts` runs it. */
export const main = Layer.launch(Layer.provide(service, NodeHttpClient.layerUndici))
// #endregion
