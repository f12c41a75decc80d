/** A connected account that a request names, whatever the layer's is. */
import { assert, describe, it } from "@effect/vitest"
import { CancelEvent, Canceller, Stripe } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { inspect } from "node:util"
import { exchanges, layer, scripted, toTheEnd } from "./Stripe.js"

const account = "acct_sandbox_connected"

const setup = (options?: Sandbox.CreateOptions<"Stripe">) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const paymentId = yield* sandbox.create("Stripe", options)
    const held = Effect.map(sandbox.payment("Stripe", paymentId), (payment) => Option.getOrThrow(payment).status)
    return { sandbox, paymentId, held }
  })

/** For which account each request was made; null is the key's own. */
const accounts = Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
  Effect.map(sandbox.requests, (requests) =>
    requests.map(({ headers, operation }) => [operation, headers["stripe-account"] ?? null])))

describe("a connected account for one request", () => {
  it.effect("over a layer of the platform's own account", () =>
    Effect.gen(function*() {
      const { held, paymentId } = yield* setup({ account })
      const own = yield* Effect.flip(Stripe.cancel({ paymentId }))
      assert.strictEqual(own._tag, "Stripe.ResourceMissing")
      assert.strictEqual(yield* held, "requires_capture")
      assert.strictEqual((yield* Stripe.cancel({ paymentId, account, reason: "duplicate" }))._tag, "Cancelled")
      assert.strictEqual(yield* held, "canceled")
      assert.deepStrictEqual(yield* accounts, [["Cancel", null], ["Cancel", account]])
    }).pipe(Effect.provide(layer())))

  it.effect("over a layer of another one: the request's wins, and only for that request", () =>
    Effect.gen(function*() {
      const { paymentId } = yield* setup({ account })
      assert.strictEqual((yield* Stripe.cancel({ paymentId, account }))._tag, "Cancelled")
      const error = yield* Effect.flip(Stripe.cancel({ paymentId }))
      assert.strictEqual(error._tag, "Stripe.AccountInvalid")
      // What is there and undefined names no account.
      yield* Effect.flip(Stripe.cancel({ paymentId, account: undefined }))
      assert.deepStrictEqual(yield* accounts, [["Cancel", account], ["Cancel", "acct_other"], ["Cancel", "acct_other"]])
    }).pipe(Effect.provide(layer({ account: "acct_other" }))))

  it.effect("is the one whose status is read back, under one key", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup({ account })
      // Its work is done and its 500 is stored: only the status of the right account tells.
      yield* sandbox.inject(Fault.serverError({ applied: true }), { operation: "Cancel" })
      const cancelled = yield* toTheEnd(Stripe.cancel({ paymentId, account }))
      assert.deepInclude(cancelled, { _tag: "Cancelled", evidence: "StatusQuery" })
      assert.deepStrictEqual(yield* exchanges, ["Cancel 500", "Status 200"])
      assert.deepStrictEqual(yield* accounts, [["Cancel", account], ["Status", account]])
    }).pipe(Effect.provide(layer())))

  it.effect("is on every attempt, with the same key", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup({ account })
      yield* sandbox.inject(Fault.dropBeforeApplying, { operation: "Cancel", times: 2 })
      assert.strictEqual((yield* toTheEnd(Stripe.cancel({ paymentId, account })))._tag, "Cancelled")
      const requests = (yield* sandbox.requests).filter(({ operation }) => operation === "Cancel")
      assert.deepStrictEqual(requests.map(({ headers }) => headers["stripe-account"]), [account, account, account])
      assert.strictEqual(new Set(requests.map(({ headers }) => headers["idempotency-key"])).size, 1)
    }).pipe(Effect.provide(layer())))

  it.effect("for a status query too", () =>
    Effect.gen(function*() {
      const { paymentId } = yield* setup({ account })
      assert.strictEqual((yield* Stripe.status({ paymentId, account })).status, "requires_capture")
      const error = yield* Effect.flip(Stripe.status({ paymentId }))
      assert.deepInclude(error, { _tag: "CancelError.StatusUnavailable", code: "resource_missing" })
      assert.deepStrictEqual(yield* accounts, [["Status", account], ["Status", null]])
    }).pipe(Effect.provide(layer())))

  it.effect("through a router, cancel and status", () =>
    Effect.gen(function*() {
      const payments = Canceller.router({ Stripe })
      const { paymentId } = yield* setup({ account })
      assert.strictEqual((yield* payments.status({ provider: "Stripe", paymentId, account })).status, "requires_capture")
      assert.strictEqual((yield* payments.cancel({ provider: "Stripe", paymentId, account }))._tag, "Cancelled")
      assert.deepStrictEqual(yield* accounts, [["Status", account], ["Cancel", account]])
    }).pipe(Effect.provide(layer())))

  it.effect("many at once, each for its own", () =>
    Effect.gen(function*() {
      const { layer, sent } = scripted({ POST: [{ status: 403, body: { error: { type: "invalid_request_error", code: "account_invalid" } } }] })
      const each = Array.from({ length: 20 }, (_, index) => index)
      yield* Effect.forEach(each, (index) => Effect.flip(Stripe.cancel({ paymentId: `pi_${index}`, account: `acct_${index}` })), {
        concurrency: "unbounded"
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(
        sent.map(({ headers, url }) => [url.split("/").at(-2), headers["stripe-account"]]).sort(),
        each.map((index) => [`pi_${index}`, `acct_${index}`]).sort()
      )
    }))

  describe("is in no output, however Stripe echoes it", () => {
    const refused = {
      status: 403,
      body: {
        error: {
          type: "invalid_request_error",
          code: "account_invalid",
          message: `The key does not have access to account '${account}'.`,
          request_log_url: `https://dashboard.stripe.com/${account}/test/workbench/logs?object=req_1`
        }
      }
    }
    for (const [name, ofLayer, ofRequest] of [["the request's", undefined, account], ["the layer's", account, undefined], ["both", "acct_other", account]] as const) {
      it.effect(name, () =>
        Effect.gen(function*() {
          const { layer, sent } = scripted({ POST: [refused], GET: [refused] }, { account: ofLayer })
          const request = { paymentId: "pi_1", account: ofRequest }
          const errors = yield* Effect.all([
            Effect.flip(Stripe.cancel(request)),
            Effect.flip(Stripe.status(request)),
            Effect.flip(Stripe.expireCheckoutSession(request))
          ]).pipe(Effect.provide(layer))
          assert.deepStrictEqual(sent.map(({ headers }) => headers["stripe-account"]), [account, account, account])
          const [cancel, , expiry] = errors
          for (const { message } of [cancel, expiry]) assert.include(message, "access to account '<redacted>'")
          for (const error of errors) {
            for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error)]) assert.notInclude(shown, account)
          }
          // Nothing else is lost.
          assert.deepInclude(Option.getOrThrow(cancel.details), {
            request_log_url: "https://dashboard.stripe.com/<redacted>/test/workbench/logs?object=req_1"
          })
        }))
    }
  })

  it.effect("is in no payload either, in metadata of one's own too; the payment's id stays as it is", () =>
    Effect.gen(function*() {
      for (const paymentId of ["pi_1", `pi_${account}_1`]) {
        const { layer } = scripted({
          POST: [{
            body: {
              id: paymentId,
              status: "canceled",
              on_behalf_of: account,
              description: `for ${account}`,
              metadata: { seller: account, order: "1042" }
            },
            status: 200
          }]
        })
        const cancelled = yield* Effect.provide(Stripe.cancel({ paymentId, account }), layer)
        assert.deepInclude(cancelled, { _tag: "Cancelled", paymentId })
        assert.deepInclude(cancelled._tag === "Cancelled" ? Option.getOrThrow(cancelled.payload) : {}, {
          id: paymentId,
          on_behalf_of: Option.some("<redacted>"),
          description: Option.some("for <redacted>"),
          metadata: Option.some({ seller: "<redacted>", order: "1042" })
        })
      }
    }))

  for (const bad of ["", " ", " acct_1", "acct_1 ", "acct_ü", "acct_1\r\nX-Injected: 1", "acct\u0000", 7, null, {}, ["acct_1"]]) {
    it.effect(`refuses ${JSON.stringify(bad)} before anything is sent`, () =>
      Effect.gen(function*() {
        const { paymentId, sandbox } = yield* setup({ account })
        const request = { paymentId, idempotencyKey: "key-1", account: bad as string }
        const error = yield* Effect.flip(Stripe.cancel(request))
        assert.deepInclude(error, { _tag: "CancelError.InvalidCancelRequest", field: "account", outcome: "NotCancelled", paymentId })
        if (typeof bad === "string" && bad.trim().length > 1) assert.notInclude(error.message, bad)
        const unread = yield* Effect.flip(Stripe.status(request))
        assert.deepInclude(unread, { _tag: "CancelError.InvalidCancelRequest", field: "account", paymentId })
        assert.deepStrictEqual(yield* sandbox.requests, [])
      }).pipe(Effect.provide(layer())))
  }

  it.effect("is named by whoever calls, where an event is to name it", () =>
    Effect.gen(function*() {
      const { paymentId, sandbox } = yield* setup({ account })
      yield* sandbox.inject(Fault.dropBeforeApplying, { forever: true })
      const unsettled: Array<readonly [account: string, result: string]> = []
      const error = yield* toTheEnd(Effect.flip(Stripe.cancel({ paymentId, account }))).pipe(
        Effect.provide(CancelEvent.layer((event) =>
          Effect.sync(() => {
            if (event._tag === "Settled") unsettled.push([account, event.result])
          })
        ))
      )
      assert.strictEqual(error.outcome, "Unknown")
      assert.deepStrictEqual(unsettled, [[account, error._tag]])
    }).pipe(Effect.provide(layer())))
})
