/** Unusable requests and policies: named exactly, and nothing reaches the server. */
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { Cancel, type CancelError, type CancelPolicy } from "effect-payment-cancel"
import type { Failure } from "../support/ProviderFacts.js"
import { printed } from "./Observed.js"
import { answer, serve } from "./ScriptedServer.js"
import { casesAt, type Side, sides } from "./Side.js"
import { paymentId, quick } from "./Trial.js"

/** A value as it may come from JSON or from a caller without types. */
const untyped = <A>(value: unknown): A => value as A

interface Bad {
  readonly field: string
  readonly values: ReadonlyArray<unknown>
}

/** The field by which a request names the payment. */
const namedIn = { PaymentId: "paymentId", MerchantReference: "merchantReference", CreationKey: "creationKey" } as const

const badFor = ({ facts: { longestIdempotencyKey }, way }: Side): ReadonlyArray<Bad> => [
  {
    field: namedIn[way.identifiedBy],
    values: [
      ...(way.identifiedBy === "PaymentId" ? [".", ".."] : []),
      "", "\ud800", "pay_\udc00x", undefined, null, 7, {}, ["pay_1"], true
    ]
  },
  {
    field: "idempotencyKey",
    values: ["", " ", "a b", "a\nb", "a\u0000", "ü", "🔑", "k".repeat(longestIdempotencyKey + 1), 7, null, {}]
  },
  ...Object.entries(way.refused).map(([field, values]) => ({ field, values }))
]

const shown = (value: unknown): string => (JSON.stringify(value) ?? "undefined").slice(0, 30)

const assertInvalid = (error: Failure | CancelError.StatusUnavailable, field: string): void => {
  if (!Predicate.hasProperty(error, "field") || !Predicate.isString(error.field)) return assert.fail(String(error))
  assert.isTrue(Predicate.isTagged(error, "CancelError.InvalidCancelRequest"))
  assert.match(error.field, new RegExp(`^${field.replaceAll(".", "\\.")}(\\.|$)`))
  assert.strictEqual(error.category, "InvalidRequest")
  assert.isNotEmpty(error.message)
}

for (const side of sides) {
  describe.concurrent(side.name, () => {
    for (const { field, values } of badFor(side)) {
      for (const value of casesAt(side, values)) {
        it.scopedLive(`${field} ${shown(value)}`, () =>
          Effect.gen(function*() {
            const server = yield* serve({})
            const asked = { ...side.request({ paymentId }), [field]: value }
            const result = yield* side.cancelAs({ url: server.url }, asked).pipe(
              Effect.provide(NodeHttpClient.layerUndici),
              Effect.either
            )
            const error = Either.getOrThrow(Either.flip(result))
            assertInvalid(error, field)
            assert.deepEqual([error.outcome, error.attempts, error.history.length, error.provider], ["NotCancelled", 0, 0, side.provider])
            assert.strictEqual(server.connections(), 0)
          }))
        if (field === "paymentId" && side.readable) {
          it.scopedLive(`status of ${field} ${shown(value)}`, () =>
            Effect.gen(function*() {
              const server = yield* serve({})
              const result = yield* side.status({ url: server.url }, untyped(value)).pipe(
                Effect.provide(NodeHttpClient.layerUndici),
                Effect.either
              )
              assertInvalid(Either.getOrThrow(Either.flip(result)), field)
              assert.strictEqual(server.connections(), 0)
            }))
        }
      }
    }

    it.scopedLive("the longest key there may be", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [answer(200, side.proof(paymentId))] })
        const result = yield* side.cancel({ url: server.url, policy: quick }, { paymentId, idempotencyKey: "k".repeat(side.facts.longestIdempotencyKey) }).pipe(
          Effect.provide(NodeHttpClient.layerUndici),
          Effect.either
        )
        assert.isTrue(Either.isRight(result))
      }))

    const policies: ReadonlyArray<readonly [field: string, options: CancelPolicy.Options]> = [
      ...[0, -1, 1.5, Number.NaN, Infinity, 101].map((attempts) => ["policy.attempts", { attempts }] as const),
      ...[0, -1, Infinity, Number.NaN].map((attemptTimeout) => ["policy.attemptTimeout", { attemptTimeout }] as const),
      ["policy.attemptTimeout", { attemptTimeout: untyped("soon") }],
      ...[0, 0.5, 101].map((statusReads) => ["policy.statusReads", { statusReads }] as const),
      ["policy.statusTimeout", { statusTimeout: 0 }],
      ...[0, -5, Infinity].map((deadline) => ["policy.deadline", { deadline }] as const),
      ["policy.maximumRetryAfter", { maximumRetryAfter: Infinity }],
      ["policy.maximumBodyBytes", { maximumBodyBytes: 0 }],
      ["policy.maximumBodyBytes", { maximumBodyBytes: Infinity }],
      ["policy.backoff.initial", { backoff: { initial: Infinity } }],
      ["policy.backoff.factor", { backoff: { factor: 0.5 } }],
      ["policy.backoff.maximum", { backoff: { maximum: Infinity } }],
      ["policy.backoff.jitter", { backoff: { jitter: 1.5 } }],
      ["policy.maximumRetryAfter", { maximumRetryAfter: [-5, 0] }],
      ["policy.backoff.initial", { backoff: { initial: [-1, 0] } }],
      ...["attempts", "deadline", "maximumBodyBytes", "attempst"].map((bound) => [`policy.${bound}`, untyped<CancelPolicy.Options>({ [bound]: null })] as const),
      ...[null, 5, "1 second", []].map((backoff) => ["policy.backoff", untyped<CancelPolicy.Options>({ backoff })] as const),
      ...[null, undefined, 5, "background", []].map((policy) => ["policy", untyped<CancelPolicy.Options>(policy)] as const)
    ]
    for (const [field, options] of casesAt(side, policies)) {
      it.scopedLive(`${field} of ${printed(options).split("\n")[0]}`, () =>
        Effect.gen(function*() {
          const server = yield* serve({})
          const result = yield* side.cancel({ url: server.url }, { paymentId }).pipe(
            Cancel.withPolicy(options),
            Effect.provide(NodeHttpClient.layerUndici),
            Effect.either
          )
          assertInvalid(Either.getOrThrow(Either.flip(result)), field)
          assert.strictEqual(server.connections(), 0)
        }))
    }
  })
}
