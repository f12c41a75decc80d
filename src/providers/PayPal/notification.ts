/**
 * PayPal's webhooks.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { onFirstUse } from "../../CancelError.js"
import * as Cancellation from "../../Cancellation.js"
import * as Notification from "../../Notification.js"
import type { PaymentStatus } from "../../PaymentStatus.js"
import * as Input from "../../authoring/Input.js"
import type * as Provider from "../../authoring/Provider.js"
import * as Receiving from "../../authoring/Receiving.js"
import * as Verification from "../../authoring/Verification.js"
import { declaration } from "./declaration.js"

const { provider } = declaration

// Nothing is believed by then.
const decodeType = Verification.decode(provider, "Refuse", Schema.Struct({ event_type: Schema.NonEmptyString }))

// Anybody can send one, so nothing is asked about what is no id of PayPal's form.
const decodeEvent = Verification.decode(
  provider,
  "Refuse",
  Schema.Struct({
    resource: Schema.Struct({
      id: Input.text((id) => /^[A-Za-z0-9-]{1,64}$/.test(id), "must be 1 to 64 letters, digits or hyphens")
    })
  })
)

/**
 * The schema of a `CancelNotification`, for journals and RPC.
 *
 * @since 0.1.0
 * @category notifications
 */
export const CancelNotification = onFirstUse(() =>
  Schema.Struct({
    ...Notification.CancelNotification(provider).fields,
    capturedAmount: Cancellation.CapturedAmount
  })
)

/**
 * What PayPal says about a void, asked because of a webhook.
 *
 * @since 0.1.0
 * @category notifications
 */
export interface CancelNotification extends Notification.CancelNotification<"PayPal"> {
  /** What captures had taken before: none, because no answer about an authorization states it. */
  readonly capturedAmount: PaymentStatus<"PayPal">["capturedAmount"]
}

/**
 * Receives a webhook, whose signature is not looked at, and asks for what it may be about.
 *
 * @internal
 */
export const confirmedBy = (
  status: (request: Provider.StatusRequest) => Effect.Effect<PaymentStatus<"PayPal">, Provider.StatusError>
): (incoming: Notification.Incoming) => Effect.Effect<CancelNotification, Notification.NotificationError | Provider.StatusError> =>
  Verification.traced("PayPal.notificationById")(Effect.fnUntraced(function*(incoming: Notification.Incoming) {
    const json = yield* Verification.jsonOf(provider, "Refuse", yield* Receiving.receive(provider, incoming, []))
    const { event_type } = yield* decodeType(json)
    if (event_type !== "PAYMENT.AUTHORIZATION.VOIDED") return yield* Verification.somethingElse(provider, event_type)
    const { resource } = yield* decodeEvent(json)
    return yield* Verification.askedAbout({ provider, paymentId: resource.id, field: "resource.id", status })
  }))
