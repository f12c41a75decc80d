/**
 * What a provider tells by webhook, delivered late, twice, out of order, altered, signed by
 * somebody else, played back, or never; and what the library makes of it.
 *
 * Signing and verifying is the platform's cryptography, which takes real turns of the event
 * loop. It comes after the simulation itself, with a clock that stands at the delivery.
 */
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type * as Cancellation from "../../src/Cancellation.js"
import type * as Notification from "../../src/Notification.js"
import { isObject } from "../../src/sandbox/Emulator.js"
import type * as Webhook from "../../src/sandbox/Webhook.js"
import { standingAt } from "./clock.js"
import { text, type Webhooks } from "./facts.js"
import type { DeliveryPlan } from "./scenario.js"
import type { Call, Engine, Run } from "./simulate.js"

/** What one notification means for one call whose request was taken in. */
export interface Paired {
  readonly call: Call
  readonly accepted: Cancellation.CancellationAccepted<string, { readonly reference: string }>
  readonly confirmation: Notification.Confirmation<string>
  /** Which event is to confirm it, as its receipt says. */
  readonly confirmedBy: string | null
}

/** What became of one delivery. */
export interface Delivered {
  readonly plan: DeliveryPlan
  readonly event: Webhook.Event
  /** When it is delivered, in milliseconds since the epoch. */
  readonly at: number
  readonly read: Either.Either<Notification.CancelNotification<string>, Notification.NotificationError>
  readonly paired: ReadonlyArray<Paired>
}

const textIn = (success: Cancellation.Cancellation, field: string): string | null =>
  success._tag === "CancellationAccepted" && isObject(success.receipt) ? text(success.receipt[field]) : null

/** The name that the provider gave to what it took in. */
export const referenceOf = (success: Cancellation.Cancellation): string | null => textIn(success, "reference")

/** How much longer than is tolerated a recorded notification lies about before it is played back, in milliseconds. */
const beyond = 1_000

/** A secret of the same form, and not the provider's. */
const another = (secret: string): string => secret.replace(/[A-Za-z0-9]{4}(?==*$)/, "0baA")

/** When an event is delivered, in milliseconds since the epoch. */
const deliveredAt = ({ tolerance }: Webhooks, plan: DeliveryPlan, event: Webhook.Event): number =>
  Math.floor(event.at + plan.lateBy + (plan.how === "Replayed" ? tolerance + beyond : 0))

const deliver = (webhooks: Webhooks, plan: DeliveryPlan, event: Webhook.Event, at: number) =>
  Effect.gen(function*() {
    const { forge, provider, read } = webhooks
    const secret = plan.how === "OtherSecret" ? another(provider.secret) : provider.secret
    const { body, headers } = yield* provider.sign(event, plan.how === "Replayed" ? event.at : at, secret)
    const incoming = { body: plan.how === "Forged" ? forge(body) : body, headers }
    return yield* Effect.either(read(incoming, { secret: Redacted.make(provider.secret) })).pipe(
      Effect.withClock(standingAt(at))
    )
  })

const pair = ({ confirm }: Webhooks, run: Run, notification: Notification.CancelNotification<string>): ReadonlyArray<Paired> =>
  run.calls.flatMap((call) => {
    if (call.exit?._tag !== "Success" || call.exit.value._tag !== "CancellationAccepted") return []
    const reference = referenceOf(call.exit.value)
    if (reference === null) return []
    const accepted = { ...call.exit.value, receipt: { reference } }
    const confirmedBy = textIn(call.exit.value, "confirmedBy")
    return [{ call, accepted, confirmation: confirm(accepted, notification), confirmedBy }]
  })

/**
 * Delivers what a run has to tell, in the order of its scenario.
 */
export const deliverAll = (run: Run, engine: Engine): Effect.Effect<ReadonlyArray<Delivered>> => {
  const { events, facts, scenario } = run
  if (facts.webhooks === null) return Effect.succeed([])
  const webhooks = engine.webhooks?.(facts.webhooks) ?? facts.webhooks
  const due = scenario.deliveries.flatMap((plan) => {
    const event = events[plan.event]
    return event === undefined ? [] : [{ plan, event }]
  })
  return Effect.forEach(due, ({ event, plan }) => {
    const at = deliveredAt(webhooks, plan, event)
    return Effect.map(deliver(webhooks, plan, event, at), (read): Delivered => ({
      plan,
      event,
      at,
      read,
      paired: read._tag === "Right" ? pair(webhooks, run, read.right) : []
    }))
  })
}
