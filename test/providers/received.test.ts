/**
 * What is believed is what was signed: a verification takes body and headers once, as they are
 * when it begins. Whoever reuses a buffer or a record of headers meanwhile changes nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Notification } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { type Case, genuine, genuineAt, now } from "../support/genuine.js"

const cases = genuine("pay_AAA")

/** Begins a verification, lets `meanwhile` happen while the platform compares, and says what is believed. */
const believed = (
  { notification, secret }: Case,
  incoming: Notification.Incoming,
  meanwhile: () => void
): Effect.Effect<string, Notification.NotificationError> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now * 1000)
    const verifying = yield* Effect.fork(notification(incoming, { secret: Redacted.make(secret) }))
    // The fiber has begun, and waits for the platform.
    yield* Effect.yieldNow()
    meanwhile()
    return (yield* Fiber.join(verifying)).paymentId
  })

describe("a buffer that is reused", () => {
  for (const given of cases) {
    const { provider } = given
    for (const [kind, bytes] of [
      ["Buffer", Buffer.from(given.body)],
      ["Uint8Array", new TextEncoder().encode(given.body)],
      ["shared memory", new Uint8Array(new SharedArrayBuffer(Buffer.byteLength(given.body)))]
    ] as const) {
      it.effect(`${provider}: ${kind}`, () =>
        Effect.gen(function*() {
          bytes.set(Buffer.from(given.body))
          const at = given.body.indexOf("pay_AAA")
          const paymentId = yield* believed(given, { body: bytes, headers: given.headers }, () => {
            bytes.set(Buffer.from("pay_BBB"), at)
          })
          assert.strictEqual(paymentId, "pay_AAA")
          assert.include(Buffer.from(bytes).toString(), "pay_BBB", "it is the caller's, and was changed")
        }))
    }
  }
})

describe("a request that is reused", () => {
  for (const given of cases) {
    const { provider } = given
    it.effect(provider, () =>
      Effect.gen(function*() {
        const headers = { ...given.headers }
        const incoming = { body: given.body, headers }
        const paymentId = yield* believed(given, incoming, () => {
          incoming.body = given.body.replace("pay_AAA", "pay_BBB")
          for (const name of Object.keys(headers)) headers[name] = "of the next request"
        })
        assert.strictEqual(paymentId, "pay_AAA")
      }))
  }
})

describe("what is altered before it is verified was not signed", () => {
  for (const given of cases) {
    const { provider } = given
    it.effect(provider, () =>
      Effect.gen(function*() {
        const body = Buffer.from(given.body.replace("pay_AAA", "pay_BBB"))
        const error = yield* Effect.flip(believed(given, { body, headers: given.headers }, () => {
          body.set(Buffer.from(given.body))
        }))
        assert.strictEqual(error._tag, "Notification.InvalidSignature")
      }))
  }
})

describe("text is read as the bytes that were signed", () => {
  const { body: text, headers, notification, secret } = genuineAt("Stripe", "pay_AAA", (body) => body.replace("evt_1", "ev\ud800t"))
  it.effect("a half of a character stands for what its bytes say", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const told = yield* Effect.forEach([text, Buffer.from(text)], (body) =>
        notification({ body, headers }, { secret: Redacted.make(secret) }))
      assert.deepStrictEqual(told[0], told[1])
    }))
})
