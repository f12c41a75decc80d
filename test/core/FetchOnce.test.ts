/** What keeps a runtime's fetch from sending a cancel twice, and what it proves. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Cancel, Square, Stripe } from "effect-payment-cancel"
import * as FetchOnce from "effect-payment-cancel/FetchOnce"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"

/** Deno as far as it matters, with a list of what was done with its clients. */
const denoOf = (version: string) => {
  const done: Array<string> = []
  const client = { close: () => void done.push("closed") }
  return {
    done,
    client,
    global: {
      Deno: {
        version: { deno: version },
        createHttpClient: (options: unknown) => {
          done.push(JSON.stringify(options))
          return client
        }
      }
    }
  }
}

const deliver = (global: unknown, hasKey = false) => FetchOnce.ofRuntime(global)({ hasKey })

describe("a delivery", () => {
  for (const version of ["2.9.6", "2.9.10", "2.10.0", "3.0.0", "2.9.6+5a1b2c", "2.7.4", "2.0.0", "1.46.3"]) {
    it.effect(`on Deno ${version} has a client of its own, with and without a key`, () =>
      Effect.gen(function*() {
        for (const hasKey of [true, false]) {
          const { client, done, global } = denoOf(version)
          const { init, once, release } = yield* deliver(global, hasKey)
          assert.deepStrictEqual<object>(init, { client })
          assert.isTrue(once)
          assert.deepStrictEqual(done, [`{"poolMaxIdlePerHost":0,"http2":false}`])
          yield* release
          assert.deepStrictEqual(done.slice(1), ["closed"])
        }
      }))
  }

  for (const version of ["2.7.5", "2.7.14", "2.8.0", "2.8.3", "2.9.0", "2.9.5", "canary", ""]) {
    it.effect(`on Deno ${version === "" ? "without a version" : version} has none, for it would prove nothing`, () =>
      Effect.gen(function*() {
        const { done, global } = denoOf(version)
        const { init, once } = yield* deliver(global)
        assert.deepStrictEqual([init, once, done], [{}, false, []])
      }))
  }

  it.effect("on Deno goes without where no client can be made, and survives one that cannot be closed", () =>
    Effect.gen(function*() {
      const { global } = denoOf("2.9.6")
      const failing = () => {
        throw new Error("no")
      }
      const { init, once } = yield* deliver({ Deno: { ...global.Deno, createHttpClient: failing } })
      assert.deepStrictEqual([init, once], [{}, false])
      const stubborn = yield* deliver({ Deno: { ...global.Deno, createHttpClient: () => ({ close: failing }) } })
      yield* stubborn.release
    }))

  it.effect("on Bun keeps no connection, where there is no key", () =>
    Effect.gen(function*() {
      const without = yield* deliver({ Bun: { version: "1.4.5" } })
      assert.deepStrictEqual([without.init, without.once], [{ keepalive: false }, true])
      const withKey = yield* deliver({ Bun: { version: "1.4.5" } }, true)
      assert.deepStrictEqual([withKey.init, withKey.once], [{}, false])
    }))

  it.effect("elsewhere adds nothing", () =>
    Effect.gen(function*() {
      for (const global of [{}, undefined, null, 7, { Deno: {} }, { Deno: null }, { Deno: { createHttpClient: 1, version: { deno: "2.9.6" } } }, { Bun: undefined }, globalThis]) {
        const { init, once } = yield* deliver(global)
        assert.deepStrictEqual([init, once], [{}, false])
      }
      assert.strictEqual((yield* FetchOnce.plain({ hasKey: false })).once, false)
    }))
})

const connectionRefused = Object.assign(new TypeError("fetch failed"), {
  cause: new Error("error sending request for url (https://square.test/): client error (Connect): tcp connect error: Connection refused (os error 111)")
})

type FetchCall = RequestInit & { readonly client?: unknown }

/**
 * A runtime's fetch, as the global one: a fetch that the user brings would be the user's. It
 * gives one answer and keeps what it was called with.
 */
const withFetch = <A, E>(answer: () => Promise<Response>, use: (calls: ReadonlyArray<FetchCall>) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const calls: Array<FetchCall> = []
      const before = globalThis.fetch
      globalThis.fetch = (_, init) => {
        calls.push(init ?? {})
        return answer()
      }
      return { calls, before }
    }),
    ({ calls }) => use(calls),
    ({ before }) =>
      Effect.sync(() => {
        globalThis.fetch = before
      })
  )

const refusing = () => Promise.reject(connectionRefused)

const cancelAtSquare = Square.cancel({ paymentId: "p-1" }).pipe(
  Cancel.withPolicy({ attempts: 1, statusReads: 1, backoff: { initial: 0 } }),
  Effect.provide(Square.layer({ accessToken: Redacted.make("t"), baseUrl: "https://square.test" }).pipe(
    Layer.provide(FetchHttpClient.layer)
  ))
)

const cancelAtStripe = Stripe.cancel({ paymentId: "p-1" }).pipe(
  Cancel.withPolicy({ attempts: 1, statusReads: 1, backoff: { initial: 0 } }),
  Effect.provide(Stripe.layer({ apiKey: Redacted.make("k"), baseUrl: "https://stripe.test" }).pipe(
    Layer.provide(FetchHttpClient.layer)
  ))
)

interface Tagged {
  readonly _tag: string
}

/** The tag of what a cancel comes to; waits are over at once. */
const outcomeOf = (cancel: Effect.Effect<Tagged, Tagged>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.merge(cancel))
    yield* TestClock.adjust("1 hour")
    return (yield* Fiber.join(fiber))._tag
  })

describe("a cancel", () => {
  it.effect("that could not connect is not sent, if it went out once; else it may have gone out before", () =>
    withFetch(refusing, (calls) =>
      Effect.gen(function*() {
        const cancels: ReadonlyArray<Effect.Effect<Tagged, Tagged>> = [cancelAtSquare, cancelAtStripe]
        for (const cancel of cancels) {
          const { client, done, global } = denoOf("2.9.6")
          const sent = calls.length
          assert.strictEqual(
            yield* outcomeOf(Effect.provide(cancel, FetchOnce.layer(FetchOnce.ofRuntime(global)))),
            "CancelError.NotSent"
          )
          assert.strictEqual(calls[sent]?.client, client)
          assert.strictEqual(calls[sent]?.redirect, "manual")
          assert.deepStrictEqual(done.slice(-1), ["closed"])
          assert.strictEqual(yield* outcomeOf(Effect.provide(cancel, FetchOnce.layer(FetchOnce.plain))), "CancelError.NoResponse")
          assert.strictEqual(
            yield* outcomeOf(Effect.provide(cancel, FetchOnce.layer(FetchOnce.ofRuntime(denoOf("2.9.5").global)))),
            "CancelError.NoResponse"
          )
        }
      })))

  it.effect("keeps the user's own client, of which nothing is known", () =>
    withFetch(refusing, (calls) =>
      Effect.gen(function*() {
        const { done, global } = denoOf("2.9.6")
        const own: RequestInit & { readonly client: string } = { client: "the user's" }
        const outcome = yield* outcomeOf(cancelAtSquare.pipe(
          Effect.provideService(FetchHttpClient.RequestInit, own),
          Effect.provide(FetchOnce.layer(FetchOnce.ofRuntime(global)))
        ))
        assert.strictEqual(outcome, "CancelError.NoResponse")
        assert.strictEqual(calls[0]?.client, "the user's")
        assert.strictEqual(calls[0]?.redirect, "manual")
        assert.deepStrictEqual(done, [])
      })))

  it.effect("over the user's own fetch proves nothing by a failure to connect", () =>
    Effect.gen(function*() {
      const outcome = yield* outcomeOf(cancelAtSquare.pipe(
        Effect.provideService(FetchHttpClient.Fetch, refusing),
        Effect.provide(FetchOnce.layer(FetchOnce.ofRuntime(denoOf("2.9.6").global)))
      ))
      assert.strictEqual(outcome, "CancelError.NoResponse")
    }))

  it.effect("reuses a connection of Bun's only where a second copy of it is harmless: with a key that counts", () =>
    withFetch(refusing, (calls) =>
      Effect.gen(function*() {
        const bun = FetchOnce.layer(FetchOnce.ofRuntime({ Bun: { version: "1.3.0" } }))
        yield* outcomeOf(Effect.provide(cancelAtSquare, bun))
        yield* outcomeOf(Effect.provide(cancelAtStripe, bun))
        assert.deepStrictEqual(
          calls.filter(({ method }) => method === "POST").map(({ keepalive }) => keepalive),
          [false, undefined]
        )
      })))

  it.effect("leaves the status query its connections", () =>
    withFetch(() => Promise.reject(new TypeError("fetch failed")), (calls) =>
      Effect.gen(function*() {
        const { client, global } = denoOf("2.9.6")
        yield* outcomeOf(Effect.provide(cancelAtSquare, FetchOnce.layer(FetchOnce.ofRuntime(global))))
        assert.deepStrictEqual(
          calls.map(({ client: used, method }) => [method, used]),
          [["POST", client], ["GET", undefined]]
        )
      })))

  it.effect("closes the client when it is interrupted, too", () =>
    withFetch(() => new Promise<Response>(() => {}), () =>
      Effect.gen(function*() {
        const { done, global } = denoOf("2.9.6")
        const fiber = yield* Effect.fork(Effect.provide(cancelAtSquare, FetchOnce.layer(FetchOnce.ofRuntime(global))))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(done.length, 1)
        yield* Fiber.interrupt(fiber)
        yield* Effect.yieldNow()
        assert.deepStrictEqual(done.slice(1), ["closed"])
      })))

  it.effect("takes what its layer was built with, and rather what its caller provides", () =>
    withFetch(refusing, (calls) =>
      Effect.gen(function*() {
        const { client, global } = denoOf("2.9.6")
        const built = Square.cancel({ paymentId: "p-1" }).pipe(
          Effect.provide(
            Square.layer({ accessToken: Redacted.make("t"), baseUrl: "https://square.test" }).pipe(
              Layer.provide(FetchHttpClient.layer),
              Layer.provide(FetchOnce.layer(FetchOnce.ofRuntime(global)))
            )
          ),
          Cancel.withPolicy({ attempts: 1 })
        )
        yield* outcomeOf(built)
        assert.strictEqual(calls[0]?.client, client)
        const before = calls.length
        yield* outcomeOf(Effect.provide(built, FetchOnce.layer(FetchOnce.plain)))
        assert.isUndefined(calls[before]?.client)
      })))
})
