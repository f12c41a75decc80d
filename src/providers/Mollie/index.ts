/**
 * Cancel a payment at Mollie (Payments API v2).
 *
 * Mollie has two calls, and they stay two here. `cancel` ends a payment that nobody has paid yet, and
 * is answered at once. `releaseAuthorization` gives back what is held of an authorized payment: it is
 * accepted and carried out later, and Mollie does not guarantee it.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { onFirstUse } from "../../CancelError.js"
import * as Success from "../../Cancellation.js"
import type { CancelRequest as NeutralRequest } from "../../Canceller.js"
import type * as Notification from "../../Notification.js"
import * as Status from "../../PaymentStatus.js"
import * as Errors from "../../authoring/Errors.js"
import * as Provider from "../../authoring/Provider.js"
import { connect, fromConfig, type Options, type Overrides } from "./options.js"
import { cancelOperation, declaration, releaseAuthorizationOperation, releaseQuery, statusQuery } from "./declaration.js"
import * as errors from "./errors.js"
import { type CancelNotification, confirmedBy } from "./notification.js"
import { type CancelRequest, Payment, type ReleaseRequest } from "./wire.js"

export { hosts, type Options, type Overrides } from "./options.js"
export * from "./errors.js"
export { CancelNotification, notification } from "./notification.js"
export { CancelRequest, Payment, ReleaseRequest } from "./wire.js"

/**
 * Every error that a cancel or a release at Mollie can fail with, as one schema: for journals and
 * RPC.
 *
 * @since 0.1.0
 * @category errors
 */
export const CancelError = Errors.channel(errors)

/**
 * Every error that a cancel or a release at Mollie can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CancelError = Errors.Channel<typeof errors>

/**
 * What a Mollie cancel succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Cancellation = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Mollie", Payment),
    Success.AlreadyCancelled("Mollie")
  )
)

/**
 * What a Mollie cancel succeeds with. Mollie states when a payment was cancelled, and not why.
 *
 * @since 0.1.0
 * @category models
 */
export type Cancellation =
  | Success.Cancelled<"Mollie", Payment>
  | Success.AlreadyCancelled<"Mollie">

/**
 * What a release at Mollie succeeds with, as a schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category models
 */
export const Release = onFirstUse(() =>
  Schema.Union(
    Success.Cancelled("Mollie", Payment),
    Success.AlreadyCancelled("Mollie"),
    Success.CancellationAccepted("Mollie", Schema.Null)
  )
)

/**
 * What a release at Mollie succeeds with.
 *
 * - `Cancelled`: nothing of the payment is held any more: its status is `canceled`.
 * - `AlreadyCancelled`: that was so before.
 * - `CancellationAccepted`: Mollie has taken the request in, and the payment was still `authorized` when it was read
 *   last, or `paid` and not said to be captured in full, or could not be read. There is no receipt. Read the
 *   `releaseStatus` later. Where a part was captured, it never says more: `paid` is Mollie's word for a release of the
 *   rest, and for an ordinary capture of that part.
 *
 * @since 0.1.0
 * @category models
 */
export type Release =
  | Cancellation
  | Success.CancellationAccepted<"Mollie", null>

/**
 * What `status` succeeds with, as a schema.
 *
 * @since 0.1.0
 * @category models
 */
export const PaymentStatus = onFirstUse(() => Status.PaymentStatus("Mollie"))

/**
 * What `status` succeeds with. Mollie's statuses are `open`, `pending`, `authorized`, `paid`,
 * `canceled`, `expired` and `failed`. An `authorized` payment can become `canceled` by a release.
 *
 * @since 0.1.0
 * @category models
 */
export type PaymentStatus = Status.PaymentStatus<"Mollie">

interface Service {
  /** Cancels a payment that is not paid yet. */
  readonly cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError>
  /** Releases what is still authorized of a payment. */
  readonly releaseAuthorization: (request: ReleaseRequest) => Effect.Effect<Release, CancelError>
  /** Reads the status of a payment. */
  readonly status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
  /** Reads the status of a payment as what a release of it came to. */
  readonly releaseStatus: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError>
  /** Confirms a classic webhook, which is not signed, by the status of the payment that it names. */
  readonly notificationById: (
    incoming: Notification.Incoming
  ) => Effect.Effect<CancelNotification, Notification.NotificationError | Provider.StatusError>
}

/**
 * Mollie as a service. Provide it with `layer` or `layerConfig`.
 *
 * @since 0.1.0
 * @category services
 */
export class Mollie extends Context.Tag("effect-payment-cancel/Mollie")<Mollie, Service>() {}

/**
 * Cancels a payment, and reports exactly what is proved.
 *
 * It works as long as the payment's `isCancelable` is true: as a rule while it is `open`, and with
 * some methods until the next business day. Mollie refuses what was cancelled already and what it is
 * too late for alike, so the status is read before either is believed. An `authorized` payment that
 * Mollie does not cancel is `UnprocessableEntity`, with `paymentStatus` `authorized`: release it with
 * `releaseAuthorization`.
 *
 * It fails with one typed error per HTTP status, for Mollie has no codes, or with a shared error;
 * `outcome` says what each one claims. After a lost answer the status is read, and nothing is sent
 * again: read the `status` after an `Unknown` error, and whether to cancel again is your decision.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cancel, Mollie } from "effect-payment-cancel"
 *
 * const program = Mollie.cancel({ paymentId: "tr_WDqYK6vllg" }).pipe(
 *   Cancel.catchUnknownOutcome((error) => Effect.logWarning("settle later", error.paymentId, error.idempotencyKey))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const cancel: (request: CancelRequest) => Effect.Effect<Cancellation, CancelError, Mollie> = Provider.operation(
  Mollie,
  (service) => service.cancel
)

/**
 * Asks Mollie to release all that is still authorized of a payment, and reports exactly what is
 * proved. Nothing more can be captured afterwards.
 *
 * Mollie accepts a release and carries it out later, and does not guarantee it: when the hold ends is
 * up to the issuing bank. The status is read for some seconds. What it does not show by then is
 * `CancellationAccepted`, and so is every release of the rest after a capture of a part: see `Release`.
 *
 * It fails with the errors of `cancel`. After a lost answer the same request is sent again under its
 * key. After an `Unknown` error, call it again with the error's `idempotencyKey` within one hour, or
 * read the `releaseStatus`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Mollie } from "effect-payment-cancel"
 *
 * const program = Mollie.releaseAuthorization({ paymentId: "tr_WDqYK6vllg" }).pipe(
 *   Effect.tap((release) => Effect.log(release._tag === "CancellationAccepted" ? "read the releaseStatus later" : "released"))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const releaseAuthorization: (request: ReleaseRequest) => Effect.Effect<Release, CancelError, Mollie> = Provider.operation(
  Mollie,
  (service) => service.releaseAuthorization
)

/**
 * Reads the status of a payment, as the cancel itself does when it needs proof. Use it to settle an
 * error with outcome `Unknown`, or a `CancellationAccepted`. It is repeated within the policy's
 * `statusReads`.
 *
 * A status that is still cancellable does not prove that an accepted release, or a lost cancel
 * request, will not be carried out yet. `paid` with less captured than the whole amount has no
 * standing, for what was left may have been cancelled.
 *
 * @since 0.1.0
 * @category operations
 */
export const status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Mollie> = Provider.operation(
  Mollie,
  (service) => service.status
)

/**
 * Reads the status of a payment as what a release of it came to: for whoever holds a
 * `CancellationAccepted`, or an error with outcome `Unknown`, of `releaseAuthorization`. It differs
 * from `status` in what `paid` says: the standing is `Closed` only if the amounts say that all of it
 * was captured. Else there is none: after a capture of a part nothing says whether the rest was released.
 *
 * A durable cancel that is to be a release is one of `{ ...Mollie, cancel: Mollie.releaseAuthorization,
 * status: Mollie.releaseStatus, Cancellation: Mollie.Release }`.
 *
 * @since 0.1.0
 * @category operations
 */
export const releaseStatus: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus, Provider.StatusError, Mollie> = Provider.operation(
  Mollie,
  (service) => service.releaseStatus
)

/**
 * Confirms a classic webhook of Mollie, which is sent to a payment's own `webhookUrl`. It is
 * not signed, and is only an id, `id=tr_…`. Nothing in it is believed: only what the payment's
 * status says, read with this service's key, becomes a `CancelNotification`. So a forged webhook costs a
 * status query, and a replayed one says what is still true.
 *
 * The notification says that the payment is cancelled, and not that it has just become so: the
 * same webhook may come many times, for any change. Its `notificationId` is the payment's id, for
 * there is no other; `occurredAt`, `reference` and `mode` are none. Signed webhooks say more: see
 * `notification`.
 *
 * It fails with the errors of `notification`, but for the two of a signature:
 *
 * - `Notification.MalformedNotification`, field `id`: it names nothing of Mollie's form (`answer` is
 *   `Refuse`), or no payment of this key: `Acknowledge`, so that nobody learns from the answer which
 *   payments there are, as Mollie advises.
 * - `Notification.NotACancellation`: the payment is in another status, which `event` names; or the id
 *   is that of something else, such as an order, and `event` is its prefix.
 * - `CancelError.StatusUnavailable`: the status could not be read. Answer with a 503, and Mollie
 *   delivers again. `Webhook` does.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Mollie } from "effect-payment-cancel"
 *
 * const program = Mollie.notificationById({ body: "id=tr_5B8cwPMGnU6qLbRvo7qEZo", headers: {} }).pipe(
 *   Effect.tap(({ paymentId }) => Effect.log("cancelled", paymentId))
 * )
 * ```
 *
 * @since 0.1.0
 * @category notifications
 */
export const notificationById: (
  incoming: Notification.Incoming
) => Effect.Effect<CancelNotification, Notification.NotificationError | Provider.StatusError, Mollie> = Provider.operation(
  Mollie,
  (service) => service.notificationById
)

/**
 * The cancel that `Canceller` uses: never a release. Mollie has no field for a reason, so it is not
 * sent.
 *
 * @since 0.1.0
 * @category operations
 */
export const cancelNeutral = (
  { idempotencyKey, paymentId }: NeutralRequest
): Effect.Effect<Cancellation, CancelError, Mollie> => cancel({ paymentId, idempotencyKey })

/**
 * Mollie with the given options. An invalid option is a `ConfigError` whose path is the option's
 * name.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer, Redacted } from "effect"
 * import { Mollie } from "effect-payment-cancel"
 *
 * const live = Mollie.layer({ apiKey: Redacted.make("test_dHar4XY7LxsDOtmnkVtjNVWXLSlXsM") }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: (options: Options) => Layer.Layer<Mollie, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layer(Mollie, {
  declaration,
  connect,
  service: (provider) => {
    const status = provider.status(statusQuery)
    return {
      cancel: provider.cancel(cancelOperation),
      releaseAuthorization: provider.cancel(releaseAuthorizationOperation),
      status,
      releaseStatus: provider.status(releaseQuery),
      notificationById: confirmedBy(status)
    }
  }
})

/**
 * Mollie from the `ConfigProvider`: `MOLLIE_API_KEY`, and, if set, `MOLLIE_TESTMODE`,
 * `MOLLIE_PROFILE_ID` and `MOLLIE_BASE_URL`.
 *
 * Options in `overrides` are not read from the `ConfigProvider`. All missing variables are reported
 * at once.
 *
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Layer } from "effect"
 * import { Mollie } from "effect-payment-cancel"
 *
 * const live = Mollie.layerConfig({ policy: { deadline: "30 seconds" } }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig: (
  overrides?: Overrides
) => Layer.Layer<Mollie, ConfigError.ConfigError, HttpClient.HttpClient> = Provider.layerConfig(layer, fromConfig)
