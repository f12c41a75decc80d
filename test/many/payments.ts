/**
 * Payments at emulated providers, to be cancelled by the thousand: what the tests and the measurements share.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { Chunk, Effect, Either, Layer, Redacted, Stream } from "effect"
import { Adyen, Canceller, type CancelMany, Square, Stripe, WePay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"

const { credentials } = Sandbox

/** Where each provider is reached, if not at its own host. */
export type Homes = { readonly [P in "Adyen" | "Square" | "Stripe" | "WePay"]?: string }

const at = (homes: Homes, provider: keyof Homes) => homes[provider] === undefined ? {} : { baseUrl: homes[provider] }

/** Four providers with the sandbox's credentials. */
export const providers = (homes: Homes = {}): Layer.Layer<Adyen.Adyen | Square.Square | Stripe.Stripe | WePay.WePay, never, HttpClient.HttpClient> =>
  Layer.mergeAll(
    Adyen.layer({
      apiKey: Redacted.make(credentials.Adyen.apiKey),
      merchantAccount: credentials.Adyen.merchantAccount,
      ...at(homes, "Adyen")
    }),
    Square.layer({ accessToken: Redacted.make(credentials.Square.accessToken), ...at(homes, "Square") }),
    Stripe.layer({ apiKey: Redacted.make(credentials.Stripe.apiKey), ...at(homes, "Stripe") }),
    WePay.layer({ appId: credentials.WePay.appId, appToken: Redacted.make(credentials.WePay.appToken), ...at(homes, "WePay") })
  ).pipe(Layer.orDie)

export const router = Canceller.router({ Adyen, Square, Stripe, WePay })

/** What a router's cancel needs, whichever provider it is for. */
export type Request = Parameters<typeof router.cancel>[0]

/** A cancel's request, with a key of its own where the provider's takes one. */
export const requestFor = (provider: keyof Homes, paymentId: string): Request => {
  const idempotencyKey = `many-${paymentId}`
  switch (provider) {
    case "WePay":
      return { provider, paymentId, idempotencyKey, reason: "incident" }
    default:
      return { provider, paymentId, idempotencyKey }
  }
}

/** No limit but how many are under way. */
export const unlimited: CancelMany.Limits = { concurrency: 16, rate: null, retryBudget: null, outage: null }

/** All that comes out of a stream. */
export const collect = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

/** The tags of results, and how many there are of each. */
export const tally = (
  ended: ReadonlyArray<CancelMany.Ended<unknown, { readonly _tag: string }, { readonly _tag: string }>>
): { readonly [tag: string]: number } => {
  const counts: Record<string, number> = {}
  for (const { result } of ended) {
    const { _tag } = Either.merge(result)
    counts[_tag] = (counts[_tag] ?? 0) + 1
  }
  return counts
}

/** The most that happened within any interval of so many milliseconds, wherever it begins. */
export const mostWithin = (interval: number, times: ReadonlyArray<number>): number => {
  const sorted = times.toSorted((one, other) => one - other)
  let most = 0
  let first = 0
  for (const [index, time] of sorted.entries()) {
    while ((sorted[first] ?? 0) <= time - interval) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}
