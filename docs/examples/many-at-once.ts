/**
 * After an incident: payments at several providers are cancelled, and a list says of each what is true.
 */
import { Config, Data, Deferred, Effect, Either, Option, Stream } from "effect"
import { Cancel, CancelMany, Canceller, Stripe, WePay } from "effect-payment-cancel"

// #region router
const payments = Canceller.router({ Stripe, WePay })

/** What the router's cancel takes: a provider's name, and that provider's own request. */
export type Request = Canceller.RouterRequest<{ readonly Stripe: typeof Stripe; readonly WePay: typeof WePay }>

/** The key says what is done, and is the same whenever it is done again. */
export const requestOf = (batch: string, provider: Request["provider"], paymentId: string): Request => {
  const idempotencyKey = `${batch}-${paymentId}`
  return provider === "WePay"
    ? { provider, paymentId, idempotencyKey, reason: "the order was placed twice" }
    : { provider, paymentId, idempotencyKey }
}
// #endregion

// #region list
/** One line of the list. */
export interface Line {
  readonly provider: string
  readonly paymentId: string
  readonly result: string
  /** Whether this line is final. If not, the payment is cancelled again, with the same request. */
  readonly isSettled: boolean
}

/** What is true of one payment. */
const lineOf = <A extends { readonly _tag: string }, E extends { readonly _tag: string }>(
  { request: { paymentId, provider }, result }: CancelMany.Ended<Request, A, E>
): Line => ({
  provider,
  paymentId,
  result: Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: ({ _tag }) => _tag }),
  isSettled: CancelMany.isSettled(result)
})

/** Cancels everything, and writes a line for each payment as soon as there is something to say. */
export const cancelAll = <E, R>(requests: Stream.Stream<Request, E, R>, write: (line: Line) => Effect.Effect<void>) =>
  requests.pipe(
    CancelMany.cancelMany(payments.cancel),
    Stream.map(lineOf),
    Stream.runForEach(write)
  )
// #endregion

// #region limits
/** The account at Stripe has been promised more than its documents say, and WePay is to be spared. */
const limits = {
  Stripe: { concurrency: 32, rate: { requests: 80, interval: "1 second" } },
  WePay: { concurrency: 2, outage: { failures: 3, probeAfter: "30 seconds" } }
  // A name that is none of a request's does not compile.
} satisfies { readonly [name in Request["provider"]]?: CancelMany.Limits }

export const withLimits = CancelMany.cancelMany(payments.cancel, { limits })
// #endregion

// #region stop
/** A first Ctrl-C, a button: what is under way ends, and nothing else begins. */
export const stoppable = (stop: Deferred.Deferred<void>) =>
  CancelMany.cancelMany(payments.cancel, { stopWhen: Deferred.await(stop) })
// #endregion

// #region journal
/** A table of your own, with a row for each provider and key. */
export interface Journal {
  /**
   * What the earlier cancels of a request came to: the error that is in the line of each, and "Crash" for each that
   * began and has no line.
   */
  readonly earlier: (request: Request) => Effect.Effect<ReadonlyArray<Cancel.Earlier>>
  /** Writes down that a cancel begins. */
  readonly begin: (request: Request) => Effect.Effect<void>
}

/** Continues what had begun before, and is not known to have ended. */
export const resumable = ({ begin, earlier }: Journal, options?: CancelMany.Options<Request>) =>
  CancelMany.cancelMany((request: Request) =>
    Effect.flatMap(earlier(request), (earlier) =>
      payments.cancel(request).pipe(
        Cancel.continueAfter(earlier),
        Cancel.beforeSending(() => begin(request))
      )), options)
// #endregion

// #region own
export class UnknownOrder extends Data.TaggedError("UnknownOrder")<{ readonly order: number }> {}

/** Any function that ends in a cancel will do. Its own errors are results, too. */
const cancelOrder = ({ order }: { readonly order: number }) =>
  Effect.flatMap(paymentOf(order), (paymentId) => Stripe.cancel({ paymentId, idempotencyKey: `cancel-order-${order}` }))

export const cancelOrders = CancelMany.cancelMany(cancelOrder)
// #endregion

/** A table of one's own. */
const paymentOf = (order: number): Effect.Effect<string, UnknownOrder> =>
  Config.string(`ORDER_${order}`).pipe(
    Config.option,
    Effect.orDie,
    Effect.flatMap(Option.match({ onNone: () => new UnknownOrder({ order }), onSome: Effect.succeed }))
  )
