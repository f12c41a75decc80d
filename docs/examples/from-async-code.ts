/**
 * Cancels for a program that is written with promises: this is the only module that uses Effect.
 * `from-async-code-route.ts` is a module that does not.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Cause, Effect, Exit, Layer, ManagedRuntime, Option, Runtime, Schema } from "effect"
import { Cancel, CancelEvent, CancelPolicy, WePay } from "effect-payment-cancel"

// #region runtime
/** What a cancel ended with that is in doubt, as JSON. */
const Ended = Schema.parseJson(Schema.Union(WePay.CancelError, CancelEvent.Interrupted))

/**
 * Receives cancels whose result no caller gets. Write each to a table, under its key, and settle it
 * from there: `settlePayment` takes this text.
 */
const unsettled = CancelEvent.layer((event) =>
  event._tag === "Interrupted" && event.outcome === "Unknown"
    ? Effect.sync(() => console.error("unsettled", event.idempotencyKey, Schema.encodeSync(Ended)(event)))
    : Effect.void
)

/**
 * One for the whole program: it keeps the connections, and reads the settings once, with `ready` or
 * else with the first call.
 */
const runtime = ManagedRuntime.make(
  Layer.merge(WePay.layerConfig({ policy: CancelPolicy.interactive }), unsettled).pipe(Layer.provide(FetchHttpClient.layer))
)

/**
 * When the program starts, before it listens. Rejected where a setting is missing or wrong, with an
 * error that names it; and so is every call after that.
 */
export const ready = async (): Promise<void> => {
  await runtime.runtime()
}

/** When the program stops, after the last request has been answered. */
export const close = (): Promise<void> => runtime.dispose()
// #endregion

// #region cancel
/** The result of a cancel: a value in either case, with the exact types. */
export type Result =
  | { readonly ok: true; readonly cancellation: WePay.Cancellation }
  | { readonly ok: false; readonly error: WePay.CancelError }

/**
 * Cancels a payment. The promise is fulfilled with the result, which may be the typed error. It is
 * rejected only if settings are missing, if `signal` was aborted, or by a bug.
 */
export const cancelPayment = (
  request: WePay.CancelRequest,
  options: { readonly signal?: AbortSignal } = {}
): Promise<Result> => resultOf(WePay.cancel(request), options)

const resultOf = (
  cancel: Effect.Effect<WePay.Cancellation, WePay.CancelError, WePay.WePay>,
  options: { readonly signal?: AbortSignal } = {}
): Promise<Result> =>
  runtime.runPromise(
    Effect.match(cancel, {
      onSuccess: (cancellation): Result => ({ ok: true, cancellation }),
      onFailure: (error): Result => ({ ok: false, error })
    }),
    options
  )
// #endregion

// #region settle
/**
 * Finds out what became of a cancel whose outcome was `Unknown`: the same request, with the key of the
 * error, and what its calls have ended with so far, as it was stored. That is one text for each call:
 * `JSON.stringify(error)`, what `unsettled` was given, or "Crash" where the process died with a call
 * and nothing was stored. The result is about all of them: `NotCancelled` means that none has cancelled.
 */
export const settlePayment = (
  request: WePay.CancelRequest & { readonly idempotencyKey: string },
  earlier: ReadonlyArray<string>
): Promise<Result> =>
  resultOf(Cancel.continueAfter(
    WePay.cancel(request),
    earlier.map((stored) => stored === "Crash" ? stored : Schema.decodeSync(Ended)(stored))
  ))
// #endregion

// #region exit
/**
 * Everything about a run, including whether it was aborted, and what a bug threw. None of these
 * rejects the promise.
 */
export const cancelToTheExit = (
  request: WePay.CancelRequest,
  options: { readonly signal?: AbortSignal } = {}
): Promise<string> =>
  runtime.runPromiseExit(WePay.cancel(request), options).then(Exit.match({
    onSuccess: ({ _tag }) => _tag,
    onFailure: (cause) =>
      Cause.isInterrupted(cause)
        ? "aborted"
        : Option.match(Cause.failureOption(cause), {
          onNone: () => "a bug",
          // A `ConfigError` if settings are missing, otherwise an error of the cancel.
          onSome: ({ _tag }) => _tag
        })
  }))
// #endregion

// #region rejection
/** Rejects with any failure, as promise-based code expects. */
export const cancelOrReject = (request: WePay.CancelRequest): Promise<WePay.Cancellation> =>
  runtime.runPromise(WePay.cancel(request))

/** The error in a rejection of `runPromise`. It is `unknown`: the type system does not track rejections. */
export const failureOf = (rejection: unknown): unknown =>
  Runtime.isFiberFailure(rejection) ? Cause.squash(rejection[Runtime.FiberFailureCauseId]) : rejection
// #endregion

// #region stop
/** Aborted once, when the program can wait no longer. */
const timeIsUp = new AbortController()

/** The cancels that run now. */
const running = new Set<Promise<Result>>()

/** What handlers call: `cancelPayment`, until the program stops. */
export const cancelUntilStop = async (request: WePay.CancelRequest): Promise<Result> => {
  // Not begun when it is too late.
  timeIsUp.signal.throwIfAborted()
  const cancelling = cancelPayment(request, { signal: timeIsUp.signal })
  running.add(cancelling)
  return cancelling.finally(() => running.delete(cancelling))
}

/**
 * When the program stops accepting requests. Waits until `answered` and for the cancels of clients
 * that are gone, for so many milliseconds at most; then cuts short those that still run. Of each that
 * is in doubt `unsettled` has the key when this is fulfilled: only then may the process end.
 */
export const stop = async (answered: Promise<unknown>, milliseconds: number): Promise<void> => {
  const within = (milliseconds: number, done: Promise<unknown>) =>
    Promise.race([done, new Promise((resolve) => setTimeout(resolve, milliseconds))])
  // A server does not wait for handlers whose clients have disconnected.
  await within(milliseconds, answered.then(() => Promise.allSettled(running)))
  timeIsUp.abort()
  await Promise.allSettled(running)
  // Whoever was waiting is told.
  await within(200, answered)
  await close()
}
// #endregion
