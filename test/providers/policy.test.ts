/**
 * A policy that is none is named when a provider's layer is built, at every provider, whatever
 * came in.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import type { CancelPolicy } from "effect-payment-cancel"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { inspect } from "node:util"
import { inTurns } from "../support/extent.js"
import { homes } from "../support/homes.js"

type Building = Layer.Layer<never, ConfigError.ConfigError, HttpClient.HttpClient>
type Options = { readonly policy: CancelPolicy.Options | undefined }

const building: ReadonlyArray<readonly [how: string, build: (options: Options) => Building]> = homes.flatMap(({ facts, library }) => {
  const [way] = facts.ways
  const given = way.options(way.credentials)
  return [
    [`${facts.name}.layer`, (options: Options) => Layer.discard(library.layer({ ...given, ...options }))] as const,
    [`${facts.name}.layerConfig`, (options: Options) => Layer.discard(library.layerConfig({ ...given, ...options }))] as const
  ]
})

const refused: ReadonlyArray<readonly [path: ReadonlyArray<string>, policy: unknown]> = [
  ...[null, 5, "background", true, []].map((policy) => [["policy"], policy] as const),
  ...[null, 5, "1 second", []].map((backoff) => [["policy", "backoff"], { backoff }] as const),
  [["policy", "attempts"], { attempts: null }],
  [["policy", "attempst"], { attempst: 1 }],
  [["policy", "maximumRetryAfter"], { maximumRetryAfter: [-5, 0] }],
  [["policy", "backoff", "initial"], { backoff: { initial: [-1, 0] } }]
]

describe("a layer is not built", () => {
  for (const [turn, [how, build]] of building.entries()) {
    for (const [path, policy] of inTurns(refused, turn, 6)) {
      it.scoped(`by ${how} with the policy ${inspect(policy)}`, () =>
        Effect.gen(function*() {
          const error = yield* Layer.build(build({ policy: policy as CancelPolicy.Options })).pipe(
            Effect.provide(FetchHttpClient.layer),
            Effect.flip
          )
          assert.isTrue(ConfigError.isConfigError(error))
          assert.deepInclude<unknown>(error, { _op: "InvalidData", path })
        }))
    }
    it.scoped(`but it is by ${how} with none`, () =>
      Effect.asVoid(Layer.build(build({ policy: undefined }))).pipe(Effect.provide(FetchHttpClient.layer)))
  }
})
