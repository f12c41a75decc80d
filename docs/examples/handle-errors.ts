/**
 * Handles errors by tag, by category and by what is known, against the sandbox.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Duration, Effect, Either, Layer, Match, Option, Redacted, Schedule, Schema } from "effect"
import { Cancel, CancelError, Canceller, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

const reason = "out of stock"

// #region until-known
/** The errors after which the payment may be cancelled, and those which prove that it was not. */
type Unknown = Cancel.OfOutcome<WePay.CancelError, "Unknown">
type NotCancelled = Cancel.ExceptOutcome<WePay.CancelError, "Unknown">

/** How long to wait after an error: never for less than the provider asked for. */
const waitAfter = ({ retryAfter }: Pick<WePay.CancelError, "retryAfter">, interval: Duration.DurationInput) =>
  Duration.max(interval, Option.getOrElse(retryAfter, () => Duration.zero))

/**
 * The same cancel, again and again, until its outcome is known: the same request under the same
 * key, and each call knows in what doubt the calls before it ended.
 */
const untilKnown = (
  request: WePay.CancelRequest,
  interval: Duration.DurationInput,
  earlier: ReadonlyArray<Unknown> = []
): Effect.Effect<WePay.Cancellation, NotCancelled, WePay.WePay> =>
  Cancel.catchUnknownOutcome(WePay.cancel(request).pipe(Cancel.continueAfter(earlier)), (error) => {
    const again = { ...request, idempotencyKey: error.idempotencyKey }
    return Effect.delay(untilKnown(again, interval, [...earlier, error]), waitAfter(error, interval))
  })

/**
 * A refusal that passes by itself ended its cancel, and proves that nothing was cancelled. So what is
 * asked again is another cancel, with a key of its own.
 */
const untilAnswered = (paymentId: string, interval: Duration.DurationInput) =>
  untilKnown({ paymentId, reason }, interval).pipe(
    Effect.retry({
      while: ({ category }) => category === "Network" || category === "RateLimited" || category === "Conflict",
      schedule: Schedule.addDelay(Schedule.identity<NotCancelled>(), (error) => waitAfter(error, interval)),
      times: 10
    })
  )
// #endregion

// #region by-tag
/** One code, by its tag. The handler sees that class, and the tag is gone from the channel. */
const byTag = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.map(({ _tag }): string => _tag),
    Effect.catchTag("WePay.PaymentCannotBeCanceled", (error) =>
      Effect.succeed(`not cancellable: its status is ${Option.getOrElse(error.paymentStatus, () => "not known")}`))
  )
// #endregion

// #region by-category
/** All codes of one kind, at any provider. Everything else remains in the channel. */
const byCategory = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.map(({ _tag }): string => _tag),
    Cancel.catchCategory("Forbidden", (error) => Effect.succeed(`ask for access: ${error.code}`)),
    Cancel.catchCategory("NotCancellable", (error) => Effect.succeed(`not cancellable: ${error._tag}`))
  )
// #endregion

// #region own-errors
class TooLate extends Data.TaggedError("TooLate")<{ readonly paymentId: string }> {}

/** A handler may fail with its own errors, require services, and serve several categories. */
const withOwnErrors = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Cancel.catchCategory("NotCancellable", (error) => new TooLate({ paymentId: error.paymentId })),
    Cancel.catchCategory("Unauthenticated", "Forbidden", (error) => Effect.dieMessage(error.message))
  )
// #endregion

// #region by-status
/** An unlisted code has the category of its HTTP status: with a 401, this one. */
const byStatus = (paymentId: string) =>
  byCategory(paymentId).pipe(
    Cancel.catchCategory("Unauthenticated", (error) => Effect.succeed(`check the credentials: ${error.code}`))
  )
// #endregion

// #region exhaustive
/**
 * All of them. First the errors that leave the outcome open; after that the channel contains only
 * errors which prove that this call did not cancel the payment.
 *
 * The last line compiles only if nothing is left; otherwise the compiler's message lists the
 * remaining tags.
 */
const exhaustive = (paymentId: string): Effect.Effect<string, never, WePay.WePay> =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.map(({ _tag }): string => _tag),
    Cancel.catchUnknownOutcome((error) => Effect.succeed(`settle later: ${error._tag} ${error.paymentId}`)),
    Effect.catchTags({
      // The request, or the code that made it, must be fixed.
      "CancelError.InvalidCancelRequest": (error) => Effect.succeed(`a bug: ${error.field}`),
      "WePay.InvalidParams": (error) => Effect.succeed(`a bug: ${error.message}`),
      "WePay.NotAuthorized": () => Effect.succeed("check the credentials"),
      // The payment is in another state.
      "CancelError.NoLongerCancellable": () => Effect.succeed("refund what was taken"),
      "WePay.PaymentCannotBeCanceled": () => Effect.succeed("refund what was taken"),
      // Try again later.
      "CancelError.NotSent": () => Effect.succeed("try again later"),
      "WePay.PointOfSaleTransactionNotYetProcessed": () => Effect.succeed("try again later"),
      "WePay.ResourceConflict": () => Effect.succeed("try again later"),
      "WePay.ThrottleExceeded": () => Effect.succeed("try again later"),
      // A code that this version of the library does not list. It is kept.
      "WePay.Unrecognized": (error) => Effect.succeed(`look up ${error.code}`)
    })
  )
// #endregion

// #region every-category
const later = () => Effect.succeed("try again later")
const operator = (error: Canceller.CancelError) => Effect.succeed(`tell an operator: ${error.message}`)

/** An answer to every category, at any provider. */
const table = {
  NotCancellable: (error: Canceller.CancelError) =>
    Effect.succeed(`refund what was taken: ${Option.getOrElse(error.paymentStatus, () => "not known")}`),
  Conflict: later,
  RateLimited: later,
  ProviderFault: later,
  Network: later,
  NotFound: () => Effect.succeed("there is no such payment"),
  InvalidRequest: operator,
  Unauthenticated: operator,
  Forbidden: operator,
  Unexpected: operator
}

/**
 * First by what is known, then by category. It accepts any provider's cancel: its errors are
 * `Canceller.CancelError` here.
 */
const respond = <A, R>(cancel: Effect.Effect<A, Canceller.CancelError, R>) =>
  cancel.pipe(
    Effect.as("cancelled"),
    Cancel.catchUnknownOutcome((error) => Effect.succeed(`settle later: ${error.paymentId}`)),
    Cancel.matchCategory(table)
  )
// #endregion

// #region widened
/** The same in the pipe of one provider: its errors are widened first. Without that line it does not compile. */
const widened = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.as("cancelled"),
    Effect.mapError((error): Canceller.CancelError => error),
    Cancel.catchUnknownOutcome((error) => Effect.succeed(`settle later: ${error.paymentId}`)),
    Cancel.matchCategory(table)
  )
// #endregion

// #region journal
/** Every result of a WePay cancel as one text, and back. */
const Journal = Schema.parseJson(Schema.Either({ left: WePay.CancelError, right: WePay.Cancellation }))

const writtenAndRead = (paymentId: string) =>
  WePay.cancel({ paymentId, reason }).pipe(
    Effect.either,
    Effect.flatMap(Schema.encode(Journal)),
    Effect.flatMap(Schema.decode(Journal))
  )

/** The same where the provider is not known: with the schema of any provider's errors. */
const AnyError = Schema.parseJson(Canceller.CancelError)
// #endregion

// #region incomplete
/** The same for a separate table. A handler is missing in this one. */
// @ts-expect-error: Property 'Forbidden' is missing in type '{ RateLimited: … }'
const short = { RateLimited: later } satisfies Cancel.Handlers<WePay.NotAuthorized | WePay.ThrottleExceeded>
// #endregion

// #region match
/** Outside of Effect's channel: one function from any WePay error to what to do. */
const advice = (error: WePay.CancelError): string =>
  Match.value(error).pipe(
    Match.when({ outcome: "Unknown" }, ({ idempotencyKey }) => `settle ${idempotencyKey} later`),
    Match.when({ category: "RateLimited" }, ({ retryAfter }) => `slow down: ${Option.match(retryAfter, { onNone: () => "10s", onSome: Duration.format })}`),
    Match.orElse(({ message }) => message)
  )
// #endregion

// #region guard
/** In a channel with errors of other kinds. */
const isSettled = (error: unknown): boolean => CancelError.isCancelError(error) && error.outcome === "NotCancelled"
// #endregion

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const open = sandbox.create("WePay")
  const captured = sandbox.create("WePay", { status: "completed" })

  yield* Console.log("by tag:        ", yield* byTag(yield* captured))
  yield* Console.log("by category:   ", yield* byCategory(yield* captured))
  yield* Console.log("own errors:    ", (yield* Effect.flip(withOwnErrors(yield* captured)))._tag)
  yield* sandbox.inject(Fault.errorCode("NEW_CODE", 401), { operation: "Cancel" })
  yield* Console.log("by status:     ", yield* byStatus(yield* open))
  yield* Console.log("exhaustive:    ", yield* exhaustive(yield* captured))

  yield* sandbox.inject(Fault.unknownErrorCode, { operation: "Cancel" })
  yield* Console.log("unlisted code: ", yield* exhaustive(yield* open))

  yield* sandbox.inject(Fault.late("1 minute"), { operation: "Cancel", times: 2 })
  yield* Console.log("lost requests: ", yield* exhaustive(yield* open).pipe(Cancel.withPolicy({ attempts: 2, statusReads: 1 })))

  yield* sandbox.inject(Fault.late("100 millis"), { operation: "Cancel" })
  const known = yield* untilKnown({ paymentId: yield* open, reason }, "200 millis").pipe(Cancel.withPolicy({ attempts: 1, statusReads: 1 }))
  yield* Console.log("until known:   ", known._tag)
  yield* sandbox.inject(Fault.rateLimited({ retryAfter: 1 }), { operation: "Cancel" })
  const [took, answered] = yield* Effect.timed(untilAnswered(yield* open, "10 millis").pipe(Cancel.withPolicy({ attempts: 1 })))
  yield* Console.log("until answered:", answered._tag, Duration.toSeconds(took) < 1 ? "too soon" : "when asked to")

  const refused = yield* Effect.flip(WePay.cancel({ paymentId: yield* captured, reason }))
  yield* Console.log("as a function: ", advice(refused), `(settled: ${isSettled(refused)})`)

  yield* Console.log("every category:", yield* respond(WePay.cancel({ paymentId: yield* captured, reason })))
  yield* Console.log("widened:       ", yield* widened(yield* captured))
  const journalled = yield* writtenAndRead(yield* open)
  yield* Console.log("journalled:    ", Either.match(journalled, { onLeft: ({ message }) => message, onRight: ({ _tag }) => _tag }))
  const neutral = yield* Schema.decode(AnyError)(JSON.stringify(refused))
  yield* Console.log("of any other:  ", neutral.category)
  yield* Console.log("a short table: ", Object.keys(short).join(", "))
})

const live = Layer.provideMerge(
  WePay.layer({
    appId: Sandbox.credentials.WePay.appId,
    appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
    baseUrl: Sandbox.baseUrl("WePay")
  }),
  Sandbox.layer
)

NodeRuntime.runMain(Effect.provide(program, live))
