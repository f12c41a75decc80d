/** How much memory many cancels need. */
import { Effect, Stream } from "effect"
import { CancelMany, Stripe } from "effect-payment-cancel"
import { forgetful, requestOf } from "./http.js"
import { unlimited } from "./payments.js"

/** In bytes. */
export interface Memory {
  /** The most that was in use, of what is still needed: measured twenty times, after collecting garbage. */
  readonly live: number
  /** The most that the process had. */
  readonly resident: number
}

const looks = 20

/** As good as no cancel at all: what is left is what many of them cost. */
const nothing: Effect.Effect<void> = Effect.yieldNow()

/** Cancels so many payments. Meant for a process of its own, with `--expose-gc`. */
export const measure = (items: number, isBare: boolean): Effect.Effect<Memory> =>
  Effect.gen(function*() {
    let live = 0
    let ended = 0
    yield* Stream.range(1, items).pipe(
      Stream.map(requestOf),
      isBare
        // Every other one has a provider's name of its own, which nobody has.
        ? CancelMany.cancelMany((_request: Stripe.CancelRequest) => nothing, {
          providerOf: ({ paymentId }) => paymentId.endsWith("0") || paymentId.endsWith("5") ? paymentId : ""
        })
        : CancelMany.cancelMany((request: Stripe.CancelRequest) => Effect.asVoid(Stripe.cancel(request)), { limits: { Stripe: unlimited } }),
      Stream.runForEach(() =>
        Effect.sync(() => {
          ended += 1
          if (ended % Math.ceil(items / looks) !== 0) return
          globalThis.gc?.()
          live = Math.max(live, process.memoryUsage().heapUsed)
        })
      )
    )
    if (ended !== items) return yield* Effect.dieMessage(`${ended} of ${items} ended`)
    return { live, resident: process.resourceUsage().maxRSS * 1024 }
  }).pipe(Effect.provide(forgetful))
