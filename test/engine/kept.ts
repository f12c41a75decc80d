/** A program: says how much of a hundred cancels is still there once V8 has collected what is young. Run with `--expose-gc --allow-natives-syntax`. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import type { Dispatcher } from "undici"
import * as Stripe from "../../src/providers/Stripe/index.js"
import * as UndiciTransport from "../../src/UndiciTransport.js"

/** What belongs to exchanges: of each the listener, and its answer's headers and bytes. */
const exchanges = new WeakSet<object>()

const controller: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort: () => {},
  pause: () => {},
  resume: () => {}
}

/** Answers without a network. */
const dispatcher = {
  dispatch: ({ path }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean => {
    const id = path.split("/").at(-2)
    const bytes = Buffer.from(JSON.stringify({ id, object: "payment_intent", status: "canceled" }))
    const headers = { "content-type": "application/json" }
    exchanges.add(handler).add(headers).add(bytes)
    handler.onRequestStart?.(controller, null)
    setImmediate(() => {
      handler.onResponseStart?.(controller, 200, headers, "OK")
      handler.onResponseData?.(controller, bytes)
      handler.onResponseEnd?.(controller, {})
    })
    return true
  }
}

const runtime = ManagedRuntime.make(
  Stripe.layer({ apiKey: Redacted.make("sk_test_1") }).pipe(
    // Nothing else of a dispatcher is asked for.
    Layer.provide(Layer.succeed(HttpClient.HttpClient, UndiciTransport.make(dispatcher as Dispatcher)))
  )
)

const cancels = async (count: number): Promise<void> => {
  for (let each = 0; each < count; each++) {
    const { _tag } = await runtime.runPromise(Stripe.cancel({ paymentId: `pi_${each}` }))
    if (_tag !== "Cancelled") throw new Error(_tag)
  }
}

const sizeOf = new Function("set", "return %GetWeakCollectionSize(set)") as (set: WeakSet<object>) => number

await runtime.runPromise(Effect.void)
await cancels(10)
globalThis.gc?.()
const before = sizeOf(exchanges)
await cancels(100)
const made = sizeOf(exchanges) - before
globalThis.gc?.({ type: "minor" })
process.stdout.write(`${JSON.stringify({ made, kept: sizeOf(exchanges) - before })}\n`)
