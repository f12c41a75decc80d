/**
 * Delivers what a provider notifies of to the caller, who verifies it.
 */
import { Clock, Effect, Option } from "effect"
import type { Sandbox } from "effect-payment-cancel/sandbox"
import type { Claim } from "./History.js"
import { oneWay } from "./network.js"
import { providers } from "./providers.js"
import type { Scenario } from "./Scenario.js"
import { elapsed, type Platform } from "./VirtualTime.js"

/** How long after a payment has changed its notification leaves, in milliseconds. */
export const notifiedAfter = 900

/** One delivery: what the caller makes of it, and what it may claim from then on if that changes. */
export interface Delivered {
  readonly leaves: number
  readonly arrives: number
  readonly says: string
  readonly claim: Claim | null
}

const claimOf = (confirmation: { readonly _tag: string; readonly outcome?: string }): Omit<Claim, "at"> => {
  switch (confirmation._tag) {
    case "Cancelled":
      return { is: "Cancelled", because: "a genuine webhook confirms it" }
    case "Unrelated":
      return { is: "Accepted", because: "the webhook is about something else" }
    default:
      return { is: confirmation.outcome === "Unknown" ? "Unknown" : "NotCancelled", because: `the webhook says ${confirmation._tag}` }
  }
}

interface Incoming {
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

/** What a verified notification says to a caller who was not told: of this payment, that it is cancelled. */
const told: Omit<Claim, "at"> = { is: "Cancelled", because: "a genuine webhook says so" }

/**
 * Goes on for ever. `result` is what the caller was told, null as long as it waits: nobody is
 * notified before there is something to confirm.
 */
export const deliver = (options: {
  readonly sandbox: Sandbox.Service
  readonly scenario: Scenario
  readonly paymentId: string
  readonly platform: Platform
  readonly result: () => object | null
  /** Whether what it was told leaves it open. */
  readonly isInDoubt: () => boolean
  readonly note: (delivered: Delivered) => void
}): Effect.Effect<void> => {
  const { isInDoubt, note, paymentId, platform, result, sandbox, scenario: { provider, webhooks = "none" } } = options
  const { verify } = providers[provider]
  if (verify === null || webhooks === "none") return Effect.void

  const receive = (incoming: Incoming) =>
    Effect.gen(function*() {
      const leaves = yield* elapsed
      yield* Effect.sleep(oneWay)
      const arrives = yield* elapsed
      const read = yield* Effect.either(platform.during(verify(incoming)))
      if (read._tag === "Left") return note({ leaves, arrives, says: `refused: ${read.left._tag}`, claim: null })
      const { confirms, decision } = read.right
      note({
        leaves,
        arrives,
        says: `verified: ${decision}`,
        claim: Option.getOrNull(Option.map(
          Option.orElse(Option.map(confirms(result()), claimOf), () => decision === "Cancelled" && isInDoubt() ? Option.some(told) : Option.none()),
          (claim) => ({ at: arrives, ...claim })
        ))
      })
    })

  /** The same event, signed by somebody who does not know the secret. */
  const forge = (id: string) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const { webhook } = sandbox.definition(provider)
      return yield* Effect.forEach(sandbox.emulator(provider).events(now).filter((event) => event.id === id), (event) =>
        webhook === undefined ? Effect.dieMessage("It has no webhook") : webhook.sign(event, now, "0".repeat(webhook.secret.length)))
    })

  const seen = new Set<string>()
  const round = Effect.gen(function*() {
    yield* Effect.sleep(notifiedAfter)
    if (result() === null) return
    for (const { body, headers, id, paymentId: about } of yield* platform.during(sandbox.notifications(provider))) {
      if (about !== paymentId || seen.has(id)) continue
      seen.add(id)
      if (webhooks === "forged") {
        yield* Effect.forEach(yield* platform.during(forge(id)), receive, { discard: true })
        yield* Effect.sleep(notifiedAfter)
      }
      yield* receive({ body, headers })
      if (webhooks === "twice") yield* Effect.zipRight(Effect.sleep(notifiedAfter), receive({ body, headers }))
    }
  })
  return Effect.forever(round)
}
