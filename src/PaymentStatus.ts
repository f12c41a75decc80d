/**
 * What a provider says about a payment when asked for its status.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type Amount, CapturedAmount } from "./Cancellation.js"

/**
 * The schema of one provider's `PaymentStatus`, for journals and RPC.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PaymentStatus = <const Provider extends string>(provider: Provider) =>
  Schema.Struct({
    provider: Schema.Literal(provider),
    paymentId: Schema.String,
    status: Schema.String,
    standing: Schema.OptionFromNullOr(Schema.Literal("Cancelled", "Cancellable", "Closed")),
    capturedAmount: CapturedAmount,
    observedAt: Schema.DateTimeUtc,
    requestId: Schema.OptionFromNullOr(Schema.String)
  })

/**
 * The status of a payment, as read just now.
 *
 * @since 0.1.0
 * @category models
 */
export interface PaymentStatus<Provider extends string> {
  /** The provider that was asked. */
  readonly provider: Provider
  /** The provider's own id of the payment, as the caller named it. */
  readonly paymentId: string
  /** The provider's own literal. */
  readonly status: string
  /**
   * What it means for a cancel: the payment is `Cancelled`; it is not, and is still `Cancellable`;
   * or it is not and can no longer become so, `Closed`. None for a status that is not listed, and
   * where the amounts beside a listed one leave it open whether a cancel took the rest.
   * `Cancellable` is no promise that a lost cancel request will not arrive yet.
   */
  readonly standing: Option.Option<"Cancelled" | "Cancellable" | "Closed">
  /**
   * How much of the payment was captured so far, if the provider states it. A cancelled payment may
   * have a captured amount: see `Cancellation.isPartlyCaptured`.
   */
  readonly capturedAmount: Option.Option<Amount>
  /** When the answer was received, by the `Clock`. */
  readonly observedAt: DateTime.Utc
  /** The provider's own id for the exchange. */
  readonly requestId: Option.Option<string>
}
