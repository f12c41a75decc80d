/**
 * Prints the traces and metrics of a cancel: a first look, without anything that receives them.
 */
import * as NodeSdk from "@effect/opentelemetry/NodeSdk"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { ConsoleMetricExporter, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics"
import { ConsoleSpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect, Layer, Redacted } from "effect"
import { WePay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"

// #region console
/** Each span when it ends, and all metrics every minute, and once more at the end. */
const printer = NodeSdk.layer(() => ({
  resource: { serviceName: "shop" },
  spanProcessor: new SimpleSpanProcessor(new ConsoleSpanExporter()),
  metricReader: new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })
}))
// #endregion

const wePay = WePay.layer({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay")
}).pipe(Layer.provideMerge(Sandbox.layer))

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* WePay.cancel({ paymentId: yield* sandbox.create("WePay"), reason: "out of stock" })
})

NodeRuntime.runMain(program.pipe(Effect.provide(wePay), Effect.provide(printer)))
