/**
 * A deadline, a timeout from outside, an interruption, and an HTTP client that retries by itself:
 * what the caller gets from each when WePay does not answer.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Fiber, Layer, Redacted } from "effect"
import { Cancel, CancelEvent, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

const reason = "out of stock"

// #region deadline
/** The policy's deadline: the typed error, with the payment, the key and the history. */
const withDeadline = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Cancel.withPolicy({ deadline: "300 millis" }),
    Cancel.catchUnknownOutcome((error) => Console.log(`deadline:  ${error._tag} for ${error.paymentId}`))
  )
// #endregion

// #region timeout
/** A timeout from outside: it only says that time ran out. An event reports what is unknown. */
const withTimeout = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.timeout("300 millis"),
    Effect.catchTag("TimeoutException", (error) => Console.log(`timeout:   ${error._tag}, and nothing about the payment`))
  )
// #endregion

// #region interrupted
/** An interruption: no caller receives a result, so only the event reports it. */
const interrupted = (paymentId: string) =>
  Effect.gen(function*() {
    const cancelling = yield* Effect.fork(WePay.cancel({ paymentId, reason }))
    yield* Effect.sleep("100 millis")
    yield* Fiber.interrupt(cancelling)
    yield* Console.log("interrupt: no result at all")
  })

/** Where such events go. Without this layer they are warnings in the log. */
const unsettled = CancelEvent.layer((event) =>
  event._tag === "Interrupted"
    ? Console.log(`event:     ${event._tag} while ${event.inFlight} was in flight, outcome ${event.outcome}`)
    : Effect.void
)
// #endregion

// #region retrying
/** A client that retries by itself: the provider receives requests that nobody decided to send. */
const retrying = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.retryTransient({ times: 2 }))
)
// #endregion

const wePay = WePay.layer({
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay")
})

const stalled = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const paymentId = yield* sandbox.create("WePay")
  yield* sandbox.inject(Fault.stallHeaders({ applied: true }), { paymentId, forever: true })
  return paymentId
})

const program = Effect.gen(function*() {
  yield* withDeadline(yield* stalled)
  yield* withTimeout(yield* stalled)
  yield* interrupted(yield* stalled)
}).pipe(Effect.provide(unsettled), Effect.provide(Layer.provideMerge(wePay, Sandbox.layer)))

const doNotDoThis = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const paymentId = yield* sandbox.create("WePay")
  yield* sandbox.inject(Fault.dropBeforeApplying, { forever: true })
  const error = yield* WePay.cancel({ paymentId, reason }).pipe(
    Cancel.withPolicy({ attempts: 1, statusReads: 1 }),
    Effect.flip
  )
  const cancels = (yield* sandbox.requests).filter(({ operation }) => operation === "Cancel")
  yield* Console.log(`retrying:  the error counts ${error.attempts} attempt, the provider received ${cancels.length}`)
}).pipe(Effect.provide(wePay.pipe(Layer.provide(retrying), Layer.provideMerge(Sandbox.layer))))

NodeRuntime.runMain(Effect.zipRight(program, doNotDoThis))
