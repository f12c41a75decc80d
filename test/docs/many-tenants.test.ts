import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { type ConfigError, ConfigProvider, Effect, Fiber, Layer, Redacted, TestClock } from "effect"
import { Cancel, type Cancellation, type Canceller, CancelEvent, Stripe } from "effect-payment-cancel"
import { Emulators, Sandbox } from "effect-payment-cancel/sandbox"
import {
  accounts,
  America,
  cancelFor,
  cancelForAccount,
  cancelKept,
  cancelNeutrally,
  Europe,
  receive,
  StripeOf,
  stripeOfEach,
  Tenants,
  UnknownTenant
} from "../../docs/examples/many-tenants.js"
import { patience, run } from "./program.js"

const keyOf = (tenant: string) => `sk_test_of_${tenant}`

const names = Array.from({ length: 10 }, (_, index) => `tenant-${index}`)

interface Call {
  readonly apiKey: string
  readonly method: string
  readonly paymentId: string
}

/** A Stripe where each key has payments of its own: `pi_<key>_…`. Another key's are not there. */
const setup = Effect.sync(() => {
  const calls: Array<Call> = []
  const lookedUp: Array<string> = []
  const keys = new Map(names.map((tenant) => [tenant, keyOf(tenant)]))
  let answering = true
  const client = HttpClient.make((request, url) =>
    Effect.gen(function*() {
      // Others get their turn between any two steps.
      yield* Effect.yieldNow()
      const apiKey = (request.headers["authorization"] ?? "").replace("Bearer ", "")
      const paymentId = url.pathname.split("/")[3]!
      calls.push({ apiKey, method: request.method, paymentId })
      if (!answering) return yield* Effect.never
      const answer = (status: number, body: object) =>
        HttpClientResponse.fromWeb(request, new Response(JSON.stringify(body), { status }))
      return paymentId.startsWith(`pi_${apiKey}_`)
        ? answer(200, { id: paymentId, status: "canceled" })
        : answer(404, { error: { type: "invalid_request_error", code: "resource_missing" } })
    })
  )
  const tenants = Layer.succeed(Tenants, {
    credentialsOf: (tenant) => {
      lookedUp.push(tenant)
      const apiKey = keys.get(tenant)
      return apiKey === undefined
        ? Effect.fail(new UnknownTenant({ tenant }))
        : Effect.succeed({ apiKey: Redacted.make(apiKey), webhookSecret: Redacted.make(`whsec_of_${tenant}`) })
    }
  })
  const live = Layer.provideMerge(stripeOfEach, Layer.merge(tenants, Layer.succeed(HttpClient.HttpClient, client)))
  return { calls, keys, live, lookedUp, goSilent: () => answering = false }
})

type Way = (
  tenant: string,
  request: { readonly paymentId: string }
) => Effect.Effect<
  Cancellation.Cancellation,
  Canceller.CancelError | UnknownTenant | ConfigError.ConfigError,
  HttpClient.HttpClient | StripeOf | Tenants
>

const ways: { readonly [name: string]: Way } = { cancelFor, cancelKept, cancelNeutrally }

describe("a few accounts, from settings", () => {
  it.effect("each cancels with its own key, in one program", () =>
    Effect.gen(function*() {
      const { calls, live } = yield* setup
      const settings = Layer.setConfigProvider(ConfigProvider.fromMap(
        new Map([["EUROPE_STRIPE_API_KEY", keyOf("europe")], ["AMERICA_STRIPE_API_KEY", keyOf("america")]]),
        { pathDelim: "_" }
      ))
      const request = (tenant: string) => ({ paymentId: `pi_${keyOf(tenant)}_1`, reason: "ordered twice" })
      const cancelBoth = Effect.all([
        Effect.flatMap(Europe, (account) => account.cancel(request("europe"))),
        Effect.flatMap(America, (account) => account.cancel(request("america")))
      ])
      const ended = yield* cancelBoth.pipe(Effect.provide(accounts.pipe(Layer.provide(settings), Layer.provide(live))))
      assert.deepStrictEqual(ended.map(({ _tag }) => _tag), ["Cancelled", "Cancelled"])
      assert.deepStrictEqual(calls.map(({ apiKey }) => apiKey), [keyOf("europe"), keyOf("america")])
    }))
})

describe("many tenants", () => {
  for (const [name, cancel] of Object.entries(ways)) {
    it.effect(`${name}: never another's credentials, however many cancel at once`, () =>
      Effect.gen(function*() {
        const { calls, live } = yield* setup
        const each = Array.from({ length: 60 }, (_, index) => ({ tenant: names[index % names.length]!, index }))
        yield* Effect.forEach(each, ({ index, tenant }) => cancel(tenant, { paymentId: `pi_${keyOf(tenant)}_${index}` }), {
          concurrency: "unbounded"
        }).pipe(Effect.provide(live))
        assert.lengthOf(calls, each.length)
        for (const { apiKey, paymentId } of calls) assert.isTrue(paymentId.startsWith(`pi_${apiKey}_`), `${apiKey} for ${paymentId}`)
        assert.strictEqual(new Set(calls.map(({ apiKey }) => apiKey)).size, names.length)
      }))

    it.effect(`${name}: another's payment is not there, and its status is asked for with one's own key`, () =>
      Effect.gen(function*() {
        const { calls, live } = yield* setup
        const paymentId = `pi_${keyOf("tenant-1")}_1`
        const cancelling = yield* Effect.fork(Effect.flip(Effect.provide(cancel("tenant-0", { paymentId }), live)))
        yield* TestClock.adjust("1 minute")
        assert.deepInclude(yield* Fiber.join(cancelling), { code: "resource_missing", outcome: "NotCancelled" })
        for (const { apiKey } of calls) assert.strictEqual(apiKey, keyOf("tenant-0"))
      }))

    it.effect(`${name}: an unknown tenant sends nothing, and is looked for again`, () =>
      Effect.gen(function*() {
        const { calls, keys, live } = yield* setup
        yield* Effect.gen(function*() {
          const error = yield* Effect.flip(cancel("tenant-new", { paymentId: "pi_1" }))
          assert.deepInclude(error, { _tag: "UnknownTenant", tenant: "tenant-new" })
          assert.lengthOf(calls, 0)
          keys.set("tenant-new", "sk_test_new")
          assert.strictEqual((yield* cancel("tenant-new", { paymentId: "pi_sk_test_new_1" }))._tag, "Cancelled")
        }).pipe(Effect.provide(live))
      }))

    it.effect(`${name}: one tenant's policy and handler of events are not the next one's`, () =>
      Effect.gen(function*() {
        const { calls, goSilent, live } = yield* setup
        goSilent()
        const heard: Array<string> = []
        const hearing = CancelEvent.layer((event) => Effect.sync(() => void heard.push(event._tag)))
        const ended = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
          Effect.gen(function*() {
            const cancelling = yield* Effect.fork(effect)
            yield* TestClock.adjust("10 minutes")
            return yield* Fiber.join(cancelling)
          })
        yield* Effect.gen(function*() {
          const impatient = Cancel.withPolicy({ attempts: 1, statusReads: 1 })
          yield* ended(Effect.flip(cancel("tenant-0", { paymentId: "pi_1" }).pipe(impatient, Effect.provide(hearing))))
          assert.deepStrictEqual(calls.map(({ method }) => method), ["POST", "GET"])
          const before = heard.length
          assert.isAbove(before, 0)
          yield* ended(Effect.flip(cancel("tenant-0", { paymentId: "pi_2" })))
          assert.isAbove(calls.filter(({ method, paymentId }) => method === "POST" && paymentId === "pi_2").length, 1)
          assert.lengthOf(heard, before)
        }).pipe(Effect.provide(live))
      }))
  }

  it.effect("a layer for each call looks the key up each time, a LayerMap once, until it is told", () =>
    Effect.gen(function*() {
      const { calls, keys, live, lookedUp } = yield* setup
      yield* Effect.gen(function*() {
        const cancel = (way: Way) =>
          Effect.ignore(way("tenant-0", { paymentId: `pi_${keyOf("tenant-0")}_1` }))
        const keyUsed = () => calls.at(-1)!.apiKey
        yield* cancel(cancelFor)
        yield* cancel(cancelFor)
        assert.lengthOf(lookedUp, 2)
        yield* cancel(cancelKept)
        yield* cancel(cancelKept)
        assert.lengthOf(lookedUp, 3)

        keys.set("tenant-0", "sk_test_renewed")
        yield* cancel(cancelFor)
        assert.strictEqual(keyUsed(), "sk_test_renewed")
        yield* Effect.fork(cancel(cancelKept)).pipe(Effect.zipLeft(TestClock.adjust("1 minute")), Effect.flatMap(Fiber.join))
        assert.strictEqual(keyUsed(), keyOf("tenant-0"))
        yield* (yield* StripeOf).forget("tenant-0")
        yield* Effect.fork(cancel(cancelKept)).pipe(Effect.zipLeft(TestClock.adjust("1 minute")), Effect.flatMap(Fiber.join))
        assert.strictEqual(keyUsed(), "sk_test_renewed")
        // Or until it was idle for long enough.
        keys.set("tenant-0", "sk_test_latest")
        yield* TestClock.adjust("10 minutes")
        yield* Effect.fork(cancel(cancelKept)).pipe(Effect.zipLeft(TestClock.adjust("1 minute")), Effect.flatMap(Fiber.join))
        assert.strictEqual(keyUsed(), "sk_test_latest")
      }).pipe(Effect.provide(live))
    }))

  it.effect("one key, and an account in the request", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const account = "acct_sandbox_connected"
      const paymentId = yield* sandbox.create("Stripe", { account })
      assert.strictEqual((yield* cancelForAccount(account, paymentId))._tag, "Cancelled")
    }).pipe(
      Effect.provide(Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey) })),
      Effect.provide(Sandbox.layer)
    ))

  it.effect("a webhook is verified with the secret of the tenant whose endpoint it came to", () =>
    Effect.gen(function*() {
      const { live } = yield* setup
      const emulator = Emulators.Stripe.make()
      const id = emulator.create({}, 0)
      emulator.handle(Emulators.Stripe.requests.cancel(id), { at: 0 })
      const [event] = emulator.events(0)
      const incoming = yield* Emulators.Stripe.webhook!.sign(event!, 0, "whsec_of_tenant-0")
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* receive("tenant-0", incoming)).paymentId, id)
        assert.strictEqual((yield* Effect.flip(receive("tenant-1", incoming)))._tag, "Notification.InvalidSignature")
        assert.strictEqual((yield* Effect.flip(receive("nobody", incoming)))._tag, "UnknownTenant")
      }).pipe(Effect.provide(live))
    }))

  it.effect("many-tenants-cost.ts measures that a layer for each call costs little", () =>
    Effect.gen(function*() {
      const { code, output } = yield* run("docs/examples/many-tenants-cost.ts", { bundled: true })
      assert.strictEqual(code, 0, output)
      const costOf = (way: string) => Number(new RegExp(`^${way} +(\\d+\\.\\d+)$`, "m").exec(output)?.[1])
      const shared = costOf("one layer for all")
      assert.isAbove(shared, 0, output)
      // Far from what is measured on an idle machine: a busy one is not to fail this.
      for (const way of ["a layer for each call", "a LayerMap"]) assert.isBelow(costOf(way), shared * 4, output)
    }), patience)
})
