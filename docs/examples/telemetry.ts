/**
 * Exports the traces and metrics of cancels by OTLP, to a collector, Grafana Alloy, Jaeger, Tempo or
 * Prometheus: whatever listens at `OTEL_EXPORTER_OTLP_ENDPOINT`, or else at port 4318 of this machine.
 */
import * as Otlp from "@effect/opentelemetry/Otlp"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Console, Effect, Layer, Redacted } from "effect"
import { Telemetry, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

// #region exporter
/** Everything that Effect traces, counts and logs, sent every few seconds, and once more at the end. */
const exporter = Layer.unwrapEffect(
  Effect.map(
    Config.string("OTEL_EXPORTER_OTLP_ENDPOINT").pipe(Config.withDefault("http://localhost:4318")),
    (baseUrl) => Otlp.layerJson({ baseUrl, resource: { serviceName: "shop" } })
  )
).pipe(Layer.provide(FetchHttpClient.layer))
// #endregion

// #region identifiers
/** Only where whoever reads the traces may know which payment it was. */
const identified = Telemetry.layer({ identifiers: true })
// #endregion

const wePay = WePay.layer({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay"),
  policy: { deadline: "4 seconds", backoff: { initial: "50 millis" } }
}).pipe(Layer.provideMerge(Sandbox.layer))

const cancel = (what: string, paymentId: string) =>
  WePay.cancel({ paymentId, reason: "out of stock" }).pipe(
    Effect.merge,
    Effect.flatMap(({ _tag }) => Console.log(`${what.padEnd(12)} ${_tag}`)),
    // The caller's own span: those of the library are below it.
    Effect.withSpan("checkout", { attributes: { what } })
  )

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const losing = (times: number) =>
    sandbox.inject(Fault.dropAfterApplying, { provider: "WePay", operation: "Cancel", times })

  yield* cancel("answered", yield* sandbox.create("WePay"))
  yield* losing(1)
  yield* cancel("lost", yield* sandbox.create("WePay"))
  yield* cancel("captured", yield* sandbox.create("WePay", { status: "completed" }))
  yield* sandbox.inject(Fault.statusQueryDown, { provider: "WePay", operation: "Status", times: 20 })
  yield* losing(20)
  yield* cancel("in doubt", yield* sandbox.create("WePay"))
})

NodeRuntime.runMain(program.pipe(Effect.provide(wePay), Effect.provide(Layer.merge(exporter, identified))))
