/**
 * What holds for every provider: how a request is refused, where keys come from, and what a
 * layer keeps of what was provided to it.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import { CancelError, IdempotencyKey } from "effect-payment-cancel"
import { invalidRequest } from "../../src/authoring/Provider.js"
import * as Acme from "../engine/Acme.js"
import { json, play, stall } from "../engine/HttpDouble.js"
import { deepStrictEqual } from "../engine/partly.js"

const gone = json(200, Acme.payment("gone"))

const keys = (...steps: ReadonlyArray<string>) => {
  const left = [...steps]
  return IdempotencyKey.layer(Effect.sync(() => left.shift() ?? "no-more-keys"))
}

describe("a request that is not acceptable", () => {
  it.effect("is refused before anything is sent, and names the field", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      const rows: ReadonlyArray<readonly [request: unknown, field: string]> = [
        [{ paymentId: "" }, "paymentId"],
        [{ paymentId: "." }, "paymentId"],
        [{}, "paymentId"],
        [{ paymentId: 7 }, "paymentId"],
        [{ paymentId: "p", idempotencyKey: "" }, "idempotencyKey"],
        [{ paymentId: "p", idempotencyKey: "ä" }, "idempotencyKey"],
        [{ paymentId: "p", idempotencyKey: "x".repeat(41) }, "idempotencyKey"]
      ]
      for (const [request, field] of rows) {
        const error = yield* Effect.flip(acme.cancel(request as Acme.Request))
        assert.instanceOf(error, CancelError.InvalidCancelRequest)
        assert.strictEqual(error.field, field)
        assert.strictEqual(error.attempts, 0)
      }
      for (const request of [null, undefined, "p-1", 7, []]) {
        for (const operation of [acme.cancel, acme.status]) {
          const error = yield* Effect.flip<unknown, CancelError.Any | CancelError.StatusUnavailable, never>(operation(request as never))
          assert.instanceOf(error, CancelError.InvalidCancelRequest)
          assert.deepStrictEqual([error.field, error.message], ["request", "Acme: request is not of the expected form"])
        }
      }
      assert.lengthOf(received, 0)
    }))
  it.effect("keeps what was asked for", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const error = yield* Effect.flip(acme.cancel({ paymentId: "p-1", idempotencyKey: "ä" }))
      deepStrictEqual<object>({ ...error }, {
        _tag: "CancelError.InvalidCancelRequest",
        provider: "Acme",
        code: null,
        category: "InvalidRequest",
        outcome: "NotCancelled",
        field: "idempotencyKey",
        paymentId: "p-1",
        identifiedBy: "PaymentId",
        httpStatus: Option.none(),
        requestId: Option.none(),
        details: Option.none(),
        paymentStatus: Option.none(),
        retryAfter: Option.none(),
        idempotencyKey: "ä",
        attempts: 0,
        history: []
      })
      assert.strictEqual(error.message, "Acme: idempotencyKey must be 1 to 255 visible ASCII characters")
    }))
  it("takes the payment's id from the field that names the payment", () => {
    const input = { paymentId: "a", merchantReference: "b", creationKey: "c", idempotencyKey: 7 }
    const problem = { field: "x", problem: "is bad" }
    const of = (identifiedBy?: CancelError.IdentifiedBy) => {
      const { identifiedBy: said, idempotencyKey, message, paymentId } = invalidRequest("Acme", input, problem, identifiedBy)
      return [said, paymentId, idempotencyKey, message]
    }
    deepStrictEqual(of(), ["PaymentId", "a", "", "Acme: x is bad"])
    deepStrictEqual(of("MerchantReference"), ["MerchantReference", "b", "", "Acme: x is bad"])
    deepStrictEqual(of("CreationKey"), ["CreationKey", "c", "", "Acme: x is bad"])
  })
})

describe("an idempotency key", () => {
  const sent = (received: ReadonlyArray<{ readonly headers: { readonly [name: string]: string } }>) =>
    received.map((_) => _.headers["key"])
  it.effect("is the caller's, or else one that is made, a fresh one for each cancel", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      yield* acme.cancel({ paymentId: "p-1", idempotencyKey: "mine" })
      yield* acme.cancel({ paymentId: "p-1" })
      yield* acme.cancel({ paymentId: "p-1", idempotencyKey: undefined })
      const [mine, first, second] = sent(received)
      assert.strictEqual(mine, "mine")
      const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
      assert.match(first!, uuid)
      assert.match(second!, uuid)
      assert.notStrictEqual(first, second)
    }))
  it.effect("comes from what was provided to the layer, unless the caller provides another", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Effect.provide(Acme.make(client), keys("layer-1", "layer-2"))
      yield* acme.cancel({ paymentId: "p-1" })
      yield* Effect.provide(acme.cancel({ paymentId: "p-1" }), keys("caller-1"))
      yield* acme.cancel({ paymentId: "p-1" })
      deepStrictEqual(sent(received), ["layer-1", "caller-1", "layer-2"])
    }))
  it.effect("that is made obeys the same rule as one that is given", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      for (const bad of ["", "ä", "x".repeat(41)]) {
        const error = yield* Effect.flip(Effect.provide(acme.cancel({ paymentId: "p-1" }), keys(bad)))
        assert.propertyVal(error, "field", "idempotencyKey")
      }
      assert.lengthOf(received, 0)
    }))
  it.effect("is in the error", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(json(400, { code: "bad_request" })).client)
      const error = yield* Effect.flip(Effect.provide(acme.cancel({ paymentId: "p-1" }), keys("made-1")))
      assert.strictEqual(error.idempotencyKey, "made-1")
    }))
  it.effect("is another one each time, where its source counts in a reference of the fiber's", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      const made = FiberRef.unsafeMake(0)
      const counted = IdempotencyKey.layer(Effect.map(FiberRef.updateAndGet(made, (count) => count + 1), (count) => `key-${count}`))
      yield* Effect.provide(Effect.repeatN(acme.cancel({ paymentId: "p-1" }), 1), counted)
      deepStrictEqual(sent(received), ["key-1", "key-2"])
      assert.strictEqual(yield* FiberRef.get(made), 2)
    }))
  it.effect("is made once for one logical cancel, even if the cancel is an effect that runs twice", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Effect.provide(Acme.make(client), keys("one", "two"))
      const cancel = acme.cancel({ paymentId: "p-1" })
      yield* cancel
      yield* cancel
      deepStrictEqual(sent(received), ["one", "two"])
    }))
  it.effect("that is not made within the deadline ends the cancel, of which nothing was sent", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client, { deadline: "200 millis" })
      for (const source of [Effect.never, Effect.uninterruptible(Effect.never)]) {
        const keyless = Effect.provide(acme.cancel({ paymentId: "p-1" }), IdempotencyKey.layer(source))
        for (const cancel of [keyless, Effect.uninterruptible(keyless)]) {
          const fiber = yield* Effect.fork(Effect.flip(cancel))
          yield* TestClock.adjust("199 millis")
          assert.isNull(fiber.unsafePoll())
          yield* TestClock.adjust("1 millis")
          const error = yield* Fiber.join(fiber)
          assert.instanceOf(error, CancelError.NotSent)
          assert.strictEqual(error.message, "Acme: the cancel was not sent: no idempotency key was made within 200 ms")
          deepStrictEqual<object>({ ...error }, {
            _tag: "CancelError.NotSent",
            provider: "Acme",
            code: null,
            category: "Network",
            outcome: "NotCancelled",
            paymentId: "p-1",
            identifiedBy: "PaymentId",
            httpStatus: Option.none(),
            requestId: Option.none(),
            details: Option.none(),
            paymentStatus: Option.none(),
            retryAfter: Option.none(),
            idempotencyKey: "",
            attempts: 0,
            history: []
          })
        }
      }
      assert.lengthOf(received, 0)
    }))
  it.effect("that takes its time takes it from the deadline", () =>
    Effect.gen(function*() {
      const { client, received } = play(stall)
      const acme = yield* Acme.make(client, { deadline: "10 seconds" }, { canReadStatus: false })
      const slow = IdempotencyKey.layer(Effect.delay(Effect.succeed("slow"), "9 seconds"))
      const fiber = yield* Effect.fork(Effect.flip(Effect.provide(acme.cancel({ paymentId: "p-1" }), slow)))
      yield* TestClock.adjust("10 seconds")
      assert.instanceOf(yield* Fiber.join(fiber), CancelError.NoResponse)
      deepStrictEqual(sent(received), ["slow"])
    }))
  it.effect("that is given is not made, and its source is not asked", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const cancel = acme.cancel({ paymentId: "p-1", idempotencyKey: "mine" })
      assert.strictEqual((yield* Effect.provide(cancel, IdempotencyKey.layer(Effect.never)))._tag, "Cancelled")
    }))
  it.effect("whose source dies ends the cancel with that defect", () =>
    Effect.gen(function*() {
      const acme = yield* Acme.make(play(gone).client)
      const exit = yield* Effect.exit(Effect.provide(acme.cancel({ paymentId: "p-1" }), IdempotencyKey.layer(Effect.die("bug"))))
      if (!Exit.isFailure(exit)) return assert.fail("it must fail")
      deepStrictEqual([...Cause.defects(exit.cause)], ["bug"])
    }))
  it.effect("is no longer made once the cancel is interrupted", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      let interrupted = 0
      const source = Effect.onInterrupt(Effect.never, () => Effect.sync(() => void interrupted++))
      const fiber = yield* Effect.fork(Effect.provide(acme.cancel({ paymentId: "p-1" }), IdempotencyKey.layer(source)))
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust(1)
      assert.strictEqual(interrupted, 1)
      assert.lengthOf(received, 0)
    }))
})

describe("the HTTP client", () => {
  it.effect("sends nothing that was not asked for: no trace of ours reaches the provider", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      const acme = yield* Acme.make(client)
      yield* Effect.withSpan(acme.cancel({ paymentId: "p-1" }), "outer")
      deepStrictEqual(Object.keys(received[0]!.headers).sort(), ["acme-key", "content-length", "content-type", "key"])
    }))
  it.effect("spans show neither key nor credential", () =>
    Effect.gen(function*() {
      const spans: Array<unknown> = []
      const acme = yield* Acme.make(play(gone).client)
      const { tracer } = yield* recordingTracer(spans)
      yield* Effect.withTracer(acme.cancel({ paymentId: "p-1", idempotencyKey: "the-key" }), tracer)
      assert.include(JSON.stringify(spans), "Acme.cancel")
      assert.include(JSON.stringify(spans), "POST Cancel")
      assert.include(JSON.stringify(spans), "\"payment_cancel.provider\",\"Acme\"")
      assert.notInclude(JSON.stringify(spans), "acme-secret")
      assert.notInclude(JSON.stringify(spans), "the-key")
    }))
  it.effect("spans take no stack trace, which would cost each exchange some and show only this library's own lines", () =>
    Effect.gen(function*() {
      const defect = new Error("bug")
      const acme = yield* Acme.make(play(() => Effect.die(defect)).client)
      // Effect's own tracer shows its spans to nobody, so for it none are made. This one might.
      const tracer = Tracer.make(yield* Effect.tracer)
      const pretty = Cause.pretty(
        yield* acme.cancel({ paymentId: "p-1" }).pipe(Effect.withTracer(tracer), Effect.sandbox, Effect.flip)
      )
      assert.include(pretty, "POST Cancel")
      assert.notInclude(pretty, "src/engine")
    }))
})

const recordingTracer = (spans: Array<unknown>) =>
  Effect.map(Effect.tracer, (inner) => ({
    tracer: {
      ...inner,
      span: (...args: Parameters<typeof inner.span>) => {
        const span = inner.span(...args)
        const attribute = span.attribute.bind(span)
        spans.push(args[0])
        return Object.assign(span, {
          attribute: (key: string, value: unknown) => {
            spans.push([key, value])
            attribute(key, value)
          }
        })
      },
      context: inner.context.bind(inner)
    }
  }))

