/** Unusable policies: named exactly, and nothing reaches the server. Of unusable requests the conformance suite says the same. */
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { Cancel, type CancelPolicy } from "effect-payment-cancel"
import type { Failure } from "../support/ProviderFacts.js"
import { printed } from "./Observed.js"
import { serve } from "./ScriptedServer.js"
import { casesAt, sides } from "./Side.js"
import { paymentId } from "./Trial.js"

/** A value as it may come from JSON or from a caller without types. */
const untyped = <A>(value: unknown): A => value as A

const assertInvalid = (error: Failure, field: string): void => {
  if (!Predicate.hasProperty(error, "field") || !Predicate.isString(error.field)) return assert.fail(String(error))
  assert.isTrue(Predicate.isTagged(error, "CancelError.InvalidCancelRequest"))
  assert.match(error.field, new RegExp(`^${field.replaceAll(".", "\\.")}(\\.|$)`))
  assert.strictEqual(error.category, "InvalidRequest")
  assert.isNotEmpty(error.message)
}

for (const side of sides) {
  describe.concurrent(side.name, () => {
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
