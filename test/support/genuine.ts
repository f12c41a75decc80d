/**
 * Each provider's notification that a payment is cancelled, signed with one key and in time.
 */
import { createHmac } from "node:crypto"
import type * as Notification from "../../src/Notification.js"
import { homes, verifierOf } from "./homes.js"

/** UNIX seconds. */
export const now = 1_700_000_000

const key = "0123456789abcdef0123456789abcdef"

export const hmac = (text: string) => createHmac("sha256", key).update(text)

export interface Case {
  readonly provider: string
  readonly notification: Notification.Verifier<string>
  readonly secret: string
  readonly otherSecret: string
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

/** One of every provider that notifies; the body can be written in another way before it is signed. */
export const genuine = (paymentId: string, written: (body: string) => string = (body) => body): ReadonlyArray<Case> =>
  homes.flatMap(({ facts: { name, webhooks }, library }) => {
    const notification = verifierOf(library)
    return webhooks === null || notification === undefined ? [] : [{
      provider: name,
      notification,
      otherSecret: webhooks.otherSecret,
      ...webhooks.genuine(paymentId, key, now, written)
    }]
  })

/** A given provider's. */
export const genuineAt = (provider: string, paymentId: string): Case => {
  const found = genuine(paymentId).find((each) => each.provider === provider)
  if (found === undefined) throw new Error(`${provider} does not notify`)
  return found
}
