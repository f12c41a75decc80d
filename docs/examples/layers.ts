/**
 * Every layer that a cancel depends on, replaced: HTTP, time, configuration, events, keys and
 * policy.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Clock, Config, ConfigProvider, Console, DateTime, Duration, Effect, Layer, Redacted } from "effect"
import { Cancel, CancelEvent, IdempotencyKey, WePay } from "effect-payment-cancel"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"

const reason = "out of stock"

const options = (baseUrl: string): WePay.Options => ({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl
})

const inMemory = Layer.provideMerge(WePay.layer(options(Sandbox.baseUrl("WePay"))), Sandbox.layer)

/** Cancels a new payment. */
const cancelOne = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  return yield* WePay.cancel({ paymentId: yield* sandbox.create("WePay"), reason })
})

const show = (what: string, result: string) => Console.log(what.padEnd(16) + result)

// #region http-fetch
/** The runtime's own `fetch`. */
const overFetch = (wePay: WePay.Options) => WePay.layer(wePay).pipe(Layer.provide(FetchHttpClient.layer))
// #endregion

// #region http-undici
/** Node's undici: about half the cost of fetch per request. */
const overUndici = (wePay: WePay.Options) => WePay.layer(wePay).pipe(Layer.provide(NodeHttpClient.layerUndici))
// #endregion

// #region http-transport
/** The library's own client over undici, for Node, which keeps account of what was sent. */
const overTransport = (wePay: WePay.Options) => WePay.layer(wePay).pipe(Layer.provide(UndiciTransport.layer))
// #endregion

// #region http-sandbox
/** No network at all. `Sandbox.layer` gives both the client and the `Sandbox` service. */
const overSandbox = WePay.layer(options(Sandbox.baseUrl("WePay"))).pipe(Layer.provideMerge(Sandbox.layer))
// #endregion

// #region http-own
/** Your own client: change requests, log, measure. Leave resending to the library. */
const withUserAgent = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.setHeader("user-agent", "shop/7.1")))
)

const overOwnClient = (wePay: WePay.Options) =>
  WePay.layer(wePay).pipe(Layer.provide(withUserAgent), Layer.provide(FetchHttpClient.layer))
// #endregion

const http = Effect.gen(function*() {
  const server = yield* SandboxServer.SandboxServer
  const wePay = options(server.baseUrl("WePay"))
  yield* show("fetch", (yield* cancelOne.pipe(Effect.provide(overFetch(wePay))))._tag)
  yield* show("undici", (yield* cancelOne.pipe(Effect.provide(overUndici(wePay))))._tag)
  yield* show("its transport", (yield* cancelOne.pipe(Effect.provide(overTransport(wePay))))._tag)
  yield* show("own client", (yield* cancelOne.pipe(Effect.provide(overOwnClient(wePay))))._tag)
  yield* show("sandbox", (yield* cancelOne.pipe(Effect.provide(overSandbox)))._tag)
}).pipe(Effect.provide(SandboxServer.layer()))

// #region time
/** A clock that always shows noon. `TestClock` is another such layer; `it.effect` provides it. */
const noon = Date.UTC(2026, 0, 31, 12)

const atNoon = Layer.setClock({
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  currentTimeMillis: Effect.succeed(noon),
  currentTimeNanos: Effect.succeed(BigInt(noon) * 1_000_000n),
  unsafeCurrentTimeMillis: () => noon,
  unsafeCurrentTimeNanos: () => BigInt(noon) * 1_000_000n,
  sleep: (duration) => Clock.make().sleep(duration)
})
// #endregion

const time = Effect.gen(function*() {
  const cancellation = yield* cancelOne.pipe(Effect.provide(Layer.provideMerge(inMemory, atNoon)))
  yield* show("time", DateTime.formatIso(cancellation.observedAt))
})

// #region config
/** Settings from anywhere: here from a map, with one of them given in code. */
const configured = WePay.layerConfig({ baseUrl: Sandbox.baseUrl("WePay") }).pipe(
  Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(
    new Map([
      ["WEPAY_APP_ID", Sandbox.credentials.WePay.appId],
      ["WEPAY_APP_TOKEN", Sandbox.credentials.WePay.appToken]
    ])
  )))
)
// #endregion

// #region config-renamed
/** A file of settings that has names of its own: read by them, and passed on. */
const renamed = Layer.unwrapEffect(
  Config.all({ appId: Config.string("appId"), appToken: Config.redacted("appToken") }).pipe(
    Config.nested("wePay"),
    Effect.map((settings) => WePay.layer({ ...settings, baseUrl: Sandbox.baseUrl("WePay") }))
  )
).pipe(Layer.provide(Layer.setConfigProvider(ConfigProvider.fromJson({ wePay: Sandbox.credentials.WePay }))))
// #endregion

// #region config-missing
/** An empty environment: one error that names everything that is missing. */
const unconfigured = WePay.layerConfig().pipe(
  Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map())))
)
// #endregion

const config = Effect.gen(function*() {
  yield* show("config", (yield* cancelOne.pipe(Effect.provide(Layer.provideMerge(configured, Sandbox.layer))))._tag)
  yield* show("config renamed", (yield* cancelOne.pipe(Effect.provide(Layer.provideMerge(renamed, Sandbox.layer))))._tag)
  const error = yield* Layer.build(unconfigured).pipe(Effect.flip, Effect.scoped)
  yield* show("config missing", String(error))
}).pipe(Effect.provide(Sandbox.layer))

// #region events
/** Every exchange, every wait, every result, and every cancel that is cut short. */
const narrated = CancelEvent.layer((event) =>
  event._tag === "ExchangeEnded"
    ? Console.log("".padEnd(16) + `${event.exchange.operation}: ${event.exchange.evidence}`)
    : Effect.void
)
// #endregion

const events = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* show("events", "a cancel whose first answer was garbled")
  yield* sandbox.inject(Fault.malformedJson, { operation: "Cancel" })
  yield* cancelOne.pipe(Effect.provide(narrated))
}).pipe(Effect.provide(inMemory))

// #region keys
/** Your own keys, so that tests are repeatable, or so that a key is derived from a record. */
const keyed = IdempotencyKey.layer(Effect.succeed("order-1042-cancel"))
// #endregion

const keys = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* cancelOne.pipe(Effect.provide(keyed))
  const [request] = yield* sandbox.requests
  yield* show("keys", `Unique-Key: ${request?.headers["unique-key"]}`)
}).pipe(Effect.provide(inMemory))

// #region policy
/** Bounds for every cancel through a layer; `withPolicy` sets them for a part of a program. */
const impatient = WePay.layer({ ...options(Sandbox.baseUrl("WePay")), policy: { attempts: 2, deadline: "20 seconds" } })

const moreImpatient = cancelOne.pipe(Cancel.withPolicy({ attemptTimeout: "200 millis", deadline: "500 millis" }))
// #endregion

const policy = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { forever: true })
  const [passed, error] = yield* Effect.timed(Effect.flip(moreImpatient))
  const inTime = Duration.lessThan(passed, "2 seconds") ? "in time" : "too late"
  yield* show("policy", `${error._tag}, outcome ${error.outcome}, ${inTime}`)
}).pipe(Effect.provide(Layer.provideMerge(impatient, Sandbox.layer)))

const main = Effect.all([http, time, config, events, keys, policy], { discard: true })

NodeRuntime.runMain(main)
