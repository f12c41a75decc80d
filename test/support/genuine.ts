/**
 * Each provider's notification that a payment is cancelled, signed with one key and in time.
 */
import type * as Notification from "../../src/Notification.js"
import { homes, verifierOf } from "./homes.js"
import type { Genuine, Told, Webhooks } from "./ProviderFacts.js"

/** UNIX seconds. */
export const now = 1_700_000_000

export const key = "0123456789abcdef0123456789abcdef"

export interface Case extends Genuine, Told, Pick<Webhooks, "otherSecret" | "encoding" | "several"> {
  readonly provider: string
  readonly notification: Notification.Verifier<string>
}

/** One of every provider that notifies; the body can be written in another way before it is signed. */
export const genuine = (paymentId: string, written: (body: string) => string = (body) => body): ReadonlyArray<Case> =>
  homes.flatMap(({ facts: { name, webhooks }, library }) => {
    const notification = verifierOf(library)
    if (webhooks === null || notification === undefined) return []
    const signed = webhooks.genuine(paymentId, key, now, written)
    return [{ ...webhooks, provider: name, notification, ...signed, ...signed.sent(signed.signature) }]
  })

/** A given provider's. */
export const genuineAt = (provider: string, paymentId: string, written?: (body: string) => string): Case => {
  const found = genuine(paymentId, written).find((each) => each.provider === provider)
  if (found === undefined) throw new Error(`${provider} does not notify`)
  return found
}
