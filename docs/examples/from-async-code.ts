/**
 * Cancels for a program that is written with promises: this is the one module of it that knows
 * Effect. `from-async-code-route.ts` is a module that does not.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Cause, Effect, Exit, Layer, ManagedRuntime, Option, Runtime } from "effect"
import { CancelEvent, CancelPolicy, WePay } from "effect-payment-cancel"

// #region runtime
/** Where cancels go that no caller hears of any more. Write them to a table, and settle them from there. */
const unsettled = CancelEvent.layer((event) =>
  event._tag === "Interrupted" && event.outcome === "Unknown"
    ? Effect.sync(() => console.error("unsettled", event.provider, event.paymentId, event.idempotencyKey))
    : Effect.void
)

/** One for the whole program, made when it starts: it holds the connections, and reads the settings once. */
const runtime = ManagedRuntime.make(
  Layer.merge(WePay.layerConfig({ policy: CancelPolicy.interactive }), unsettled).pipe(Layer.provide(FetchHttpClient.layer))
)

/** When the program stops, after the last request has been answered. */
export const close = (): Promise<void> => runtime.dispose()
// #endregion

// #region cancel
/** What comes of a cancel: a value in either case, with the exact types. */
export type Result =
  | { readonly ok: true; readonly cancellation: WePay.Cancellation }
  | { readonly ok: false; readonly error: WePay.CancelError }

/**
 * Cancels a payment. The promise is fulfilled with the result, the typed error included. It is
 * rejected only if settings are missing, if `signal` was aborted, or by a bug.
 */
export const cancelPayment = (
  request: WePay.CancelRequest,
  options: { readonly signal?: AbortSignal } = {}
): Promise<Result> =>
  runtime.runPromise(
    WePay.cancel(request).pipe(
      Effect.match({
        onSuccess: (cancellation): Result => ({ ok: true, cancellation }),
        onFailure: (error): Result => ({ ok: false, error })
      })
    ),
    options
  )
// #endregion

// #region exit
/** As much as there is to know of a run: also whether it was aborted, and what a bug threw. Never rejected by any of these. */
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
          // A `ConfigError` where settings are missing, else an error of the cancel.
          onSome: ({ _tag }) => _tag
        })
  }))
// #endregion

// #region rejection
/** Rejects with whatever goes wrong, as code that is written with promises expects. */
export const cancelOrReject = (request: WePay.CancelRequest): Promise<WePay.Cancellation> =>
  runtime.runPromise(WePay.cancel(request))

/** What a rejection of `runPromise` is about. It is `unknown`: the type system does not follow a rejection. */
export const failureOf = (rejection: unknown): unknown =>
  Runtime.isFiberFailure(rejection) ? Cause.squash(rejection[Runtime.FiberFailureCauseId]) : rejection
// #endregion
