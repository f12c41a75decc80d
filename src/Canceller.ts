/**
 * Cancelling without depending on one provider: a neutral service that a layer connects to a
 * provider, and a router that picks a provider by name and keeps its exact types.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { Cancellation } from "./Cancellation.js"
import {
  Category,
  type IdentifiedBy,
  type InvalidCancelRequest,
  type NoResponse,
  isCancelError,
  type Literals,
  onFirstUse,
  Outcome,
  type Report,
  reportFields,
  Shared,
  type StatusCategory,
  TypeId
} from "./CancelError.js"
import { Admission } from "./Admission.js"
import { CancelEvents } from "./CancelEvent.js"
import { CurrentOptions } from "./CancelPolicy.js"
import { FetchOnce } from "./FetchOnce.js"
import { IdempotencyKey } from "./IdempotencyKey.js"
import type { PaymentStatus } from "./PaymentStatus.js"
import { Identifiers } from "./Telemetry.js"
import { invalidRequest, refuse, type StatusError } from "./authoring/Provider.js"
import { EarlierDoubts } from "./engine/earlier.js"

/**
 * A cancel at any provider.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** The provider's own id of the payment, 1 to 255 characters. */
  readonly paymentId: string
  /**
   * Free text. Each provider decides what it makes of it: some require it and receive it as it is,
   * some receive it only if it is one of the values they accept, and some have no field for it, so
   * it is not sent. See the provider's page.
   */
  readonly reason?: string | undefined
  /**
   * One is made if none is given. Where a provider's cancel takes no key, it is not sent and only
   * names the cancel in errors and events.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * A provider's own error, as seen by a caller that does not know the provider. It has every field
 * except `_tag`, so `Effect.catchTag` with a provider's tag does not compile here. Handle it by
 * category or by outcome, or use the router, which keeps every provider's own errors.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProviderError<C extends Category, O extends Outcome>
  extends Report, Literals<string, string | null, C, O>
{}

type AnyProviderError = {
  readonly [C in Category]: {
    readonly [O in Outcome]: ProviderError<C, O>
  }[Outcome]
}[Category]

/**
 * A provider's `Unrecognized`, as seen by a caller that does not know the provider: its category is
 * the one of its HTTP status. `CancelMany.NotBegun` may have one category more.
 */
type AnyUnrecognized = ProviderError<StatusCategory | "ProviderFault", "NotCancelled">

/**
 * What any provider's cancel can fail with: the shared errors, or a provider's own without
 * its tag. `Cancel.catchCategory` and `Cancel.catchUnknownOutcome` narrow it exactly.
 *
 * @since 0.1.0
 * @category models
 */
export type CancelError = Shared | ProvidersOwn

type ProvidersOwn = AnyProviderError | AnyUnrecognized

/** The encoded form of a provider's own error: as its class writes it, the tag included. */
const EncodedOwn = Schema.Struct({
  _tag: Schema.String.pipe(Schema.filter((tag) => !tag.startsWith("CancelError."))),
  provider: Schema.String,
  code: Schema.NullOr(Schema.String),
  category: Category,
  outcome: Outcome,
  ...reportFields
}).annotations({ identifier: "ProviderError" })

const encodeOwn = Schema.encodeSync(EncodedOwn)

/** A provider's own error, decoded where its class is not known. */
class ReadBack extends Data.Error<typeof EncodedOwn.Type> {
  constructor(fields: typeof EncodedOwn.Type) {
    super(fields)
    // Shown when the error is printed; not one of its fields.
    Object.defineProperty(this, "name", { value: fields._tag })
  }
  get [TypeId](): typeof TypeId {
    return TypeId
  }
  override toJSON(): typeof EncodedOwn.Encoded {
    return encodeOwn(this)
  }
}

const ProvidersOwn = Schema.transform(
  EncodedOwn,
  Schema.declare((u: unknown): u is ProvidersOwn => isCancelError(u) && !Schema.is(Shared)(u)),
  {
    strict: true,
    decode: (fields): ProvidersOwn => new ReadBack(fields),
    // Every class of a provider has a tag, which its type does not show here.
    encode: (error) => ({
      ...error,
      // An own property, but not enumerable.
      message: error.message,
      _tag: Predicate.hasProperty(error, "_tag") ? String(error._tag) : ""
    })
  }
)

/**
 * What any provider's cancel can fail with, as a schema: for a journal or RPC that serves every
 * provider. It encodes an error exactly as `JSON.stringify` does.
 *
 * A shared error decodes to its own class. A provider's own error does not: it has every field,
 * `Cancel.catchCategory` and `CancelError.isCancelError` recognise it, and it encodes to the same
 * JSON, but `instanceof` is false for it. Where the classes matter, decode with the providers' own
 * schemas, for example `Schema.Union(Stripe.CancelError, Adyen.CancelError)`. Either schema reads
 * what the other wrote.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Canceller } from "effect-payment-cancel"
 *
 * const Journal = Schema.parseJson(Canceller.CancelError)
 *
 * const written = Canceller.cancel({ paymentId: "p-1" }).pipe(
 *   Effect.asVoid,
 *   Effect.catchAll((error) => Effect.flatMap(Schema.encode(Journal)(error), Effect.log))
 * )
 * ```
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelError: Schema.Schema<CancelError, typeof Shared.Encoded | typeof EncodedOwn.Encoded> = onFirstUse(() =>
  Schema.Union(Shared, ProvidersOwn)
)

/**
 * A provider that can serve a `Canceller`: the namespace of any provider of this library.
 *
 * @since 0.1.0
 * @category models
 */
export interface NeutralProvider<R> {
  /** A cancel request that all providers understand. */
  readonly cancelNeutral: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, R>
}

interface Service {
  /** Cancels a payment at the provider that the layer was built with, or gets the cancel accepted there. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
}

/**
 * Cancels payments at the provider that its layer connects it to. The result may be
 * `CancellationAccepted`, where the provider decides later: the payment is not cancelled yet.
 *
 * @since 0.1.0
 * @category services
 */
export class Canceller extends Context.Tag("effect-payment-cancel/Canceller")<Canceller, Service>() {}

/**
 * Cancels a payment at the provider behind `Canceller`, or gets the cancel accepted there. The
 * `_tag` of the result says which.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Canceller> = (request) =>
  Effect.flatMap(Canceller, (canceller) => canceller.cancel(request))

/**
 * What the caller of a cancel may choose for that cancel. Nothing here decides which account is
 * used.
 */
const ofTheCaller = Context.pick(
  Admission,
  CurrentOptions,
  CancelEvents,
  EarlierDoubts,
  FetchOnce,
  IdempotencyKey,
  Identifiers,
  FetchHttpClient.RequestInit,
  Tracer.ParentSpan,
  Scope.Scope
)

/** The span that a layer is built in is not the one of a later cancel. */
const withoutSpan = <R>({ unsafeMap }: Context.Context<R>): Context.Context<R> =>
  Context.unsafeMake(new Map(Array.from(unsafeMap).filter(([key]) => key !== Tracer.ParentSpan.key)))

/**
 * Connects `Canceller` to a provider: swap this line, swap the provider.
 *
 * The provider's service is always the one that this layer was built with, even if the calling
 * program has another service of the same provider, for another account. The policy, the event
 * handler and the source of idempotency keys are the caller's, if it provides its own.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <R>(provider: NeutralProvider<R>): Layer.Layer<Canceller, never, R> =>
  Layer.effect(
    Canceller,
    Effect.map(Effect.map(Effect.context<R>(), withoutSpan), (provided) => ({
      cancel: (request) =>
        // If the caller's whole context won, so would its provider service, and the cancel would
        // use another account.
        Effect.mapInputContext(
          provider.cancelNeutral(request),
          (current: Context.Context<never>) => Context.merge(Context.merge(current, provided), ofTheCaller(current))
        )
    }))
  )

/**
 * The operations that a router offers. Operations that return money, such as a refund, are not
 * among them: call those on the provider itself.
 *
 * @since 0.1.0
 * @category models
 */
export type OperationName = "cancel" | "cancelByCreationKey" | "cancelByMerchantReference" | "status"

/** Any cancel of any provider. The parameter is contravariant: `never` accepts every request. */
type AnyCancel = (request: never) => Effect.Effect<Cancellation, CancelError, unknown>

/**
 * A provider that a router can pick: the namespace of any provider of this library. It need
 * not have every operation.
 *
 * @since 0.1.0
 * @category models
 */
export interface Routable {
  /** A cancel by the provider's own id of the payment. */
  readonly cancel: AnyCancel
  /** A cancel by the idempotency key of the payment's creation. */
  readonly cancelByCreationKey?: AnyCancel
  /** A cancel by the merchant's own reference. */
  readonly cancelByMerchantReference?: AnyCancel
  /** Reads the status of a payment. */
  readonly status?: (request: never) => Effect.Effect<PaymentStatus<string>, StatusError, unknown>
}

interface Routables {
  readonly [name: string]: Routable
}

type Having<Operation extends OperationName> = { readonly [O in Operation]: (request: never) => unknown }

/**
 * The names of the providers that have an operation.
 *
 * @since 0.1.0
 * @category models
 */
export type Offering<Providers extends Routables, Operation extends OperationName> = keyof {
  readonly [Name in keyof Providers & string as Providers[Name] extends Having<Operation> ? Name : never]: Name
}

type RequestOf<P, Operation extends OperationName> = P extends
  { readonly [O in Operation]: (request: infer Request) => unknown } ? Request : never

type EffectOf<P, Operation extends OperationName> = P extends
  { readonly [O in Operation]: (request: never) => infer Result } ? Result : never

interface Named<Name extends string> {
  /** Which of the router's providers, by its name there. */
  readonly provider: Name
}

/**
 * The request of a router: a provider's name, and that provider's own request.
 *
 * @since 0.1.0
 * @category models
 */
export type RouterRequest<Providers extends Routables, Operation extends OperationName = "cancel"> = {
  readonly [Name in Offering<Providers, Operation>]:
    & Named<Name>
    & RequestOf<Providers[Name], Operation>
}[Offering<Providers, Operation>]

type SuccessOf<P, Operation extends OperationName> = EffectOf<P, Operation> extends
  Effect.Effect<infer A, infer _E, infer _R> ? A : never

type ErrorOf<P, Operation extends OperationName> = EffectOf<P, Operation> extends
  Effect.Effect<infer _A, infer E, infer _R> ? E : never

type ContextOf<P, Operation extends OperationName> = EffectOf<P, Operation> extends
  Effect.Effect<infer _A, infer _E, infer R> ? R : never

type Refused<Operation extends OperationName> = InvalidCancelRequest | (Operation extends "status" ? never : NoResponse)

/**
 * An operation of a router, carried out at the provider that the request names, with that
 * provider's exact types. Naming a provider that does not have the operation is a compile error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Routed<Providers extends Routables, Operation extends OperationName> {
  <Name extends Offering<Providers, Operation>>(
    request: Named<Name> & RouterRequest<Providers, Operation>
  ): Effect.Effect<
    SuccessOf<Providers[Name], Operation>,
    ErrorOf<Providers[Name], Operation> | Refused<Operation>,
    ContextOf<Providers[Name], Operation>
  >
}

/**
 * Every operation of `OperationName`, each for the providers that have it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Router<Providers extends Routables> {
  /** Cancels by the provider's own id of the payment. */
  readonly cancel: Routed<Providers, "cancel">
  /** Cancels by the idempotency key of the payment's creation. */
  readonly cancelByCreationKey: Routed<Providers, "cancelByCreationKey">
  /** Cancels by the merchant's own reference. */
  readonly cancelByMerchantReference: Routed<Providers, "cancelByMerchantReference">
  /** Reads the status of a payment. */
  readonly status: Routed<Providers, "status">
}

/** How each operation names the payment. */
const operations = {
  cancel: "PaymentId",
  cancelByCreationKey: "CreationKey",
  cancelByMerchantReference: "MerchantReference",
  status: "PaymentId"
} as const satisfies { readonly [Operation in OperationName]: IdentifiedBy }

/**
 * Makes a router over providers. A `provider` that is not one of the given names (it may come from
 * JSON), or that does not have the operation, is an `InvalidCancelRequest` with field `provider`.
 *
 * @example
 * ```ts
 * import { Canceller, Square, WePay } from "effect-payment-cancel"
 *
 * const payments = Canceller.router({ Square, WePay })
 *
 * const program = payments.cancel({ provider: "WePay", paymentId: "p-1", reason: "out of stock" })
 *
 * // Only Square has it: `provider: "WePay"` would not compile here.
 * const withoutId = payments.cancelByCreationKey({ provider: "Square", creationKey: "order-7" })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const router = <const Providers extends Routables>(providers: Providers): Router<Providers> => {
  // The name may come from JSON and be anything.
  const operationOf = (name: unknown, operation: OperationName) =>
    typeof name === "string" && Object.hasOwn(providers, name) ? providers[name]?.[operation] : undefined

  const routed = <Operation extends OperationName>(operation: Operation): Routed<Providers, Operation> => {
    const route = (input: unknown) =>
      // The cast below states which effect it is.
      // @effect-diagnostics-next-line anyUnknownInErrorContext:off
      Effect.suspend((): Effect.Effect<unknown, unknown, unknown> => {
        const { provider, ...request } = Predicate.isRecord(input) ? input : {}
        const carryOut = operationOf(provider, operation)
        if (carryOut !== undefined) return carryOut(request as never)
        const offering = Object.keys(providers).filter((name) => operationOf(name, operation) !== undefined)
        const problem = offering.length === 0 ? `must have ${operation}` : `must be one of ${offering.join(", ")}`
        const wrong = [typeof provider === "string" ? provider : "", request, { field: "provider", problem }, operations[operation]] as const
        return operation === "status" ? Effect.fail(invalidRequest(...wrong)) : refuse(...wrong)
      })
    return route as
      // Only the record's type says which provider a name stands for; a lookup at run time loses that.
      Routed<Providers, Operation>
  }

  return {
    cancel: routed("cancel"),
    cancelByCreationKey: routed("cancelByCreationKey"),
    cancelByMerchantReference: routed("cancelByMerchantReference"),
    status: routed("status")
  }
}
