/**
 * What a durable cancel ends with.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ExceptOutcome } from "../Cancel.js"
import type * as Cancellation from "../Cancellation.js"
import * as CancelError from "../CancelError.js"
import type { Refunded } from "../Notification.js"
import type { PaymentStatus } from "../PaymentStatus.js"
import type { StatusError } from "../authoring/Provider.js"

/** Any cancel of any provider. The parameter is contravariant: `never` accepts every request. */
type AnyCancel = (request: never) => Effect.Effect<Cancellation.Cancellation, CancelError.Any, unknown>

/**
 * A provider whose cancels can be carried out durably: the namespace of any provider of this library.
 *
 * @since 0.1.0
 * @category models
 */
export interface Provider {
  /** A cancel by the provider's own id of the payment. */
  readonly cancel: AnyCancel
  /** A cancel by the idempotency key of the payment's creation. */
  readonly cancelByCreationKey?: AnyCancel
  /** A cancel by the merchant's own reference. */
  readonly cancelByMerchantReference?: AnyCancel
  /** Reads the status of a payment. */
  readonly status?: (request: never) => Effect.Effect<PaymentStatus<string>, StatusError, unknown>
  /** The schema of its successes. */
  readonly Cancellation: Schema.Schema.AnyNoContext
  /** The schema of its successes that state nothing, where it has such. */
  readonly CancellationAcknowledged?: Schema.Schema.AnyNoContext
  /** The schema of its errors. */
  readonly CancelError: Schema.Schema.AnyNoContext
}

/** The cancels that a provider has. */
type CancelsOf<P extends Provider> = Extract<
  P["cancel"] | P["cancelByCreationKey"] | P["cancelByMerchantReference"],
  AnyCancel
>

/** The names of those of `A` that no schema of these is for. */
type Beyond<A, Written> = A extends { readonly _tag: infer Tag extends string } ? A extends Written ? never : Tag : never

/**
 * What a provider lacks whose schemas cannot write down everything that its cancels end with: nothing, or a property that
 * says what.
 *
 * @since 0.1.0
 * @category models
 */
export type Lacking<P extends Provider> =
  & Missing<
    "Cancellation",
    Beyond<
      Effect.Effect.Success<ReturnType<CancelsOf<P>>>,
      Schema.Schema.Type<P["Cancellation"]> | Schema.Schema.Type<P["CancellationAcknowledged"]>
    >
  >
  & Missing<"CancelError", Beyond<Effect.Effect.Error<ReturnType<CancelsOf<P>>>, Schema.Schema.Type<P["CancelError"]>>>

type Missing<Name extends string, Tags extends string> = [Tags] extends [never] ? unknown
  : { readonly [N in Name]: `This schema lacks ${Tags}` }

/**
 * The name of a provider.
 *
 * @since 0.1.0
 * @category models
 */
export type NameOf<P extends Provider> = P["cancel"] extends
  (request: never) => Effect.Effect<{ readonly provider: infer Name extends string }, unknown, unknown> ? Name : never

/**
 * The services that a provider's cancels need.
 *
 * @since 0.1.0
 * @category models
 */
export type ContextOf<P extends Provider> = Effect.Effect.Context<ReturnType<CancelsOf<P>>>

/**
 * The request of any of a provider's cancels.
 *
 * @since 0.1.0
 * @category models
 */
export type RequestsOf<P extends Provider> = CancelsOf<P> extends infer Cancel
  ? Cancel extends (request: infer Request) => unknown ? Request : never
  : never

/**
 * A durable cancel: the request of any of the provider's cancels, and your own name for it.
 *
 * The field that names the payment decides which cancel it is: `paymentId`, or where the provider has it,
 * `creationKey` or `merchantReference`.
 *
 * @since 0.1.0
 * @category models
 */
export type CancelRequest<P extends Provider> = RequestsOf<P> & {
  /**
   * Your own name for this cancel of this payment, such as the id of the request that asked for it. The same name and
   * payment are the same cancel, however often it is started and wherever: it is carried out once. Not empty.
   */
  readonly requestId: string
}

/** What is the end of a cancel. What was merely accepted is waited for. */
type Ending<A> = A extends { readonly _tag: "CancellationAccepted" } ? never
  : A extends Cancellation.Cancelled<infer Name, infer _Payload> ? Cancellation.Cancelled<Name, never>
  : A

/**
 * How a durable cancel succeeds. It is never `CancellationAccepted`: that is waited for until the provider says what
 * became of it.
 *
 * - `Cancelled` has no `payload`: the journal holds no more of a payment than is needed. Its `evidence` may be a
 *   `Notification`, also one about another request: the payment is cancelled, which does not prove who did it.
 * - `Refunded`: the payment had been captured, so it was refunded instead.
 *
 * @since 0.1.0
 * @category models
 */
export type Settled<P extends Provider> =
  | Ending<Effect.Effect.Success<ReturnType<CancelsOf<P>>>>
  | Cancellation.Cancelled<NameOf<P>, never, "Notification">
  | Refunded<NameOf<P>>

/**
 * How a durable cancel fails. Each of the provider's errors that is among them is about the whole cancel: no request
 * of it cancelled the payment, or ever will.
 *
 * @since 0.1.0
 * @category models
 */
export type Failure<P extends Provider> =
  | ExceptOutcome<Effect.Effect.Error<ReturnType<CancelsOf<P>>>, "Unknown">
  | Declined
  | Unsettled

const declinedFields = {
  provider: Schema.String,
  code: CancelError.constant(null),
  category: CancelError.constant("NotCancellable"),
  outcome: CancelError.constant("NotCancelled"),
  ...CancelError.reportFields
}

const DeclinedBase: CancelError.ErrorClass<
  Declined,
  "CancelWorkflow.Declined",
  typeof declinedFields,
  & CancelError.Report
  & { readonly provider: string; readonly code?: null; readonly category?: "NotCancellable"; readonly outcome?: "NotCancelled" },
  CancelError.Instance<"CancelWorkflow.Declined", string, null, "NotCancellable", "NotCancelled">
> = CancelError.marked(() =>
  Schema.TaggedError<Declined>("effect-payment-cancel/CancelWorkflow.Declined")("CancelWorkflow.Declined", declinedFields)
)

/**
 * The provider had accepted the cancel, and later decided not to carry it out: a verified notification says so, and
 * `message` why. That is all it says: this request did nothing. The payment may be captured, or somebody else may have
 * cancelled it before. If a verified notification of that had been known by then, the result would be `Cancelled`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Declined extends DeclinedBase {}

const unsettledFields = {
  provider: Schema.String,
  code: Schema.NullOr(Schema.String),
  category: CancelError.constant("Unexpected"),
  outcome: CancelError.constant("Unknown"),
  ...CancelError.reportFields,
  since: Schema.DateTimeUtc,
  lastResult: Schema.String
}

interface Doubtful {
  /** When the cancel was begun. */
  readonly since: DateTime.Utc
  /** The `_tag` of what the last call ended with: an error with the outcome `Unknown`, or `CancellationAccepted`. */
  readonly lastResult: string
}

const UnsettledBase: CancelError.ErrorClass<
  Unsettled,
  "CancelWorkflow.Unsettled",
  typeof unsettledFields,
  & CancelError.Report
  & Doubtful
  & { readonly provider: string; readonly code: string | null; readonly category?: "Unexpected"; readonly outcome?: "Unknown" },
  CancelError.Instance<"CancelWorkflow.Unsettled", string, string | null, "Unexpected", "Unknown"> & Doubtful
> = CancelError.marked(() =>
  Schema.TaggedError<Unsettled>("effect-payment-cancel/CancelWorkflow.Unsettled")("CancelWorkflow.Unsettled", unsettledFields)
)

/**
 * After all that could be done in the time that was given, it is still unknown whether the payment is cancelled, or
 * what became of a cancel that was accepted: a person has to find out, at the provider. `idempotencyKey`, `paymentId`
 * and `since` say what to ask for; `attempts` and `history` are those of the last call, also if it died of a defect.
 * `history` is empty where that call was accepted, or sent nothing.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unsettled extends UnsettledBase {}

/**
 * The cancel is being worked on. Ask again under its `executionId`.
 *
 * @since 0.1.0
 * @category models
 */
export class Working extends Data.TaggedClass("Working")<{
  /** What to ask for it under. */
  readonly executionId: string
}> {}

/** What a durable cancel may fail with beside the provider's own errors. */
export type Cut = Declined | Unsettled

/** The errors of a durable cancel beside the provider's own, as one schema. */
export const Cut: Schema.Schema<Cut, typeof Declined.Encoded | typeof Unsettled.Encoded> = Schema.Union(Declined, Unsettled)

