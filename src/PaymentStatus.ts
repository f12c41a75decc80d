/**
 * What a provider says of a payment when it is asked.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { CapturedAmount } from "./Cancellation.js"

/**
 * The status of a payment, as read just now.
 *
 * - `status`: the provider's own literal.
 * - `standing`: what it means for a cancel: the payment is `Cancelled`; it is not, and is
 *   still `Cancellable`; or it is not and can no longer become so, `Closed`. None for a
 *   status that nobody has listed. `Cancellable` is no promise that a lost cancel request
 *   will not arrive yet.
 * - `capturedAmount`: how much of the payment was captured so far, where the provider states it.
 *   A cancelled payment may have some: see `Cancellation.isPartlyCaptured`.
 * - `observedAt`: when the answer was in hand, by the `Clock`.
 * - `requestId`: the provider's own id for the exchange.
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
 * @since 0.1.0
 * @category models
 */
export interface PaymentStatus<Provider extends string>
  extends Schema.Schema.Type<ReturnType<typeof PaymentStatus<Provider>>>
{}
