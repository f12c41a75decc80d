/** How fast many cancels are, beside the same cancels by hand. */
import { Effect, Stream } from "effect"
import { CancelMany, Stripe } from "effect-payment-cancel"
import { forgetful, requestOf } from "./http.js"
import { unlimited } from "./payments.js"

const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((one, other) => one - other)[numbers.length >> 1] ?? Number.NaN

const perSecond = <E, R>(items: number, all: Effect.Effect<void, E, R>) =>
  Effect.map(Effect.timed(all), ([took]) => items / (Number(took.value._tag === "Nanos" ? took.value.nanos : 0n) / 1e9))

/** Cancels per second, by turns: the medians of so many rounds after the first. */
export const measure = (items: number, rounds: number): Effect.Effect<{ readonly many: number; readonly byHand: number }> =>
  Effect.gen(function*() {
    const requests = Array.from({ length: items }, (_, index) => requestOf(index))
    const byHand = perSecond(items, Effect.forEach(requests, (request) => Effect.either(Stripe.cancel(request)), {
      concurrency: unlimited.concurrency ?? 1,
      discard: true
    }))
    const many = perSecond(items, Stream.fromIterable(requests).pipe(
      CancelMany.cancelMany(Stripe.cancel, { limits: { Stripe: unlimited } }),
      Stream.runDrain
    ))
    const taken: Array<readonly [number, number]> = []
    for (let round = 0; round <= rounds; round += 1) taken.push([yield* byHand, yield* many])
    const counted = taken.slice(1)
    return { byHand: median(counted.map(([one]) => one)), many: median(counted.map(([, other]) => other)) }
  }).pipe(Effect.provide(forgetful))
