/** Draws the trace of a cancel whose answer is lost, as tracing tools show it, from the spans of one. */
import { Effect, Fiber, Layer, Redacted, TestClock, TestContext } from "effect"
import { WalletConnectPay } from "../src/index.js"
import { Fault, Sandbox } from "../src/sandbox/index.js"
import { record, type Seen } from "../test/support/Spans.js"

const provider = WalletConnectPay.layer({
  credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(Sandbox.credentials.WalletConnectPay.apiKey) }),
  baseUrl: Sandbox.baseUrl("WalletConnectPay"),
  policy: { attemptTimeout: "1 seconds", backoff: { initial: "250 millis", jitter: 0 } }
}).pipe(Layer.provideMerge(Sandbox.layer))

/** The first request is carried out and never answered; the answers to the others take a fifth of a second. */
const traced = Effect.gen(function*() {
  const recorder = record()
  const sandbox = yield* Sandbox.Sandbox
  const paymentId = yield* sandbox.create("WalletConnectPay")
  yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { operation: "Cancel" })
  yield* sandbox.inject(Fault.delay("200 millis"), { times: 2 })
  const cancelling = yield* Effect.fork(Effect.withTracer(WalletConnectPay.cancel({ paymentId }), recorder.tracer))
  yield* TestClock.adjust("1 minute")
  yield* Fiber.join(cancelling)
  return recorder.spans()
}).pipe(Effect.provide(provider), Effect.provide(TestContext.TestContext))

const columns = 32

const seconds = (millis: number) => `${(millis / 1000).toFixed(2)} s`

const show = (value: unknown): string => typeof value === "object" ? JSON.stringify(value) : String(value)

const pairs = (attributes: object): string =>
  Object.entries(attributes).map(([name, value]) => `${name.replace("payment_cancel.", "")} = ${show(value)}`).join(", ")

const isTold = (name: string) => !/^(?:payment_cancel\.(?:provider|operation|exchange)|http\.request\.method|server\.)/.test(name)

const drawn = (whole: Seen) => (span: Seen): string => {
  const at = (millis: number) => Math.round((millis - whole.began) / whole.took * columns)
  const from = at(span.began)
  const bar = `${" ".repeat(from)}${"█".repeat(Math.max(1, at(span.began + span.took) - from))}`.padEnd(columns)
  const name = `${span.parent === null ? "" : "  "}${span.name}`.padEnd(24)
  const told = Object.fromEntries(Object.entries(span.attributes).filter(([attribute]) => isTold(attribute)))
  return [
    `${name}${seconds(span.took)} |${bar}| ${span.status === "ok" ? "ok" : "ERROR"}`,
    ...span.status === "ok" ? [] : [`      ${span.status.replace(/^\w+: /, "")}`],
    ...Object.entries(told).map(([attribute, value]) => `      ${attribute} = ${show(value)}`),
    ...span.events.map(([event, attributes]) => `    * ${event}: ${pairs(attributes as object)}`)
  ].join("\n")
}

/** The picture, as text. */
export const traceOfALostAnswer = async (): Promise<string> => {
  const [whole, ...rest] = await Effect.runPromise(traced)
  if (whole === undefined) throw new Error("There is no trace")
  return [whole, ...rest].map(drawn(whole)).join("\n")
}
