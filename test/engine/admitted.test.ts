/** What an admission is told of a request that it let leave: by that it knows how the provider fares. */
import { assert, describe, it } from "@effect/vitest"
import { Stripe, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Admission from "../../src/Admission.js"
import * as Acme from "./Acme.js"
import { json, play, reset, type Step } from "./HttpDouble.js"

/** What is told of the first request, when the cancel has ended. */
const toldOf = <A, E, R>(cancel: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const told: Array<Admission.Outcome> = []
    const admission: Admission.Service = {
      admit: () => Effect.succeed(true),
      ended: (outcome) => Effect.sync(() => void told.push(outcome))
    }
    yield* Effect.fork(Effect.provideService(cancel, Admission.Admission, admission))
    yield* TestClock.adjust("10 minutes")
    assert.isNotEmpty(told)
    return told[0]!
  })

const single = { attempts: 1, statusReads: 1, maximumBodyBytes: 1000 }

describe("of a request that has left, an admission is told", () => {
  const rows: ReadonlyArray<readonly [name: string, answer: Step, rateLimited: boolean, httpStatus: number | null]> = [
    ["that a 429 was too much", json(429, {}), true, 429],
    ["that a 429 was too much of which no more than the head came", { status: 429, body: "x".repeat(2000) }, true, null],
    ["that it was too much where a code says so, with any status", json(400, { code: "busy" }), true, 400],
    ["nothing of that by another refusal", json(400, { code: "bad_request" }), false, 400],
    ["nor where the provider fails", json(500, { code: "broken" }), false, 500],
    ["nor where nobody answers", reset, false, null],
    ["nor where it is cancelled", json(200, Acme.payment("gone")), false, 200]
  ]
  for (const [name, answer, rateLimited, httpStatus] of rows) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const acme = yield* Acme.make(play(answer).client, single)
        const told = yield* toldOf(acme.cancel({ paymentId: Acme.paymentId }))
        assert.deepInclude(told, { operation: "Cancel", rateLimited, forbidden: false, replayed: false })
        assert.strictEqual(Option.getOrNull(told.httpStatus), httpStatus)
      }))
  }

  const providers = Layer.mergeAll(
    WePay.layer({ appId: Sandbox.credentials.WePay.appId, appToken: Redacted.make(Sandbox.credentials.WePay.appToken) }),
    Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey) })
  ).pipe(Layer.orDie, Layer.provideMerge(Sandbox.layer))

  const everyCancel = { operation: "Cancel", forever: true } as const

  it.effect("that the caller may not do that, whichever payment it is about", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      yield* inject(Fault.errorCode("NOT_AUTHORIZED", 403), everyCancel)
      const told = yield* toldOf(WePay.cancel({ paymentId: yield* create("WePay"), reason: "out of stock" }))
      assert.deepInclude(told, { operation: "Cancel", rateLimited: false, forbidden: true })
    }).pipe(Effect.provide(providers)))

  it.effect("and nothing of that where it is about this payment", () =>
    Effect.gen(function*() {
      const { create, inject } = yield* Sandbox.Sandbox
      yield* inject(Fault.errorCode("action_blocked", 403), everyCancel)
      const told = yield* toldOf(Stripe.cancel({ paymentId: yield* create("Stripe") }))
      assert.deepInclude(told, { operation: "Cancel", forbidden: false })
      assert.deepStrictEqual(told.httpStatus, Option.some(403))
    }).pipe(Effect.provide(providers)))
})
