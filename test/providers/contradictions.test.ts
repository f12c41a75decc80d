/**
 * A success that reports an error, at every provider, in whichever type it does so: then it proves
 * nothing. A reader that takes only a code that is a text would miss the error, and believe the rest.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { JsonObject } from "../../src/sandbox/Emulator.js"
import { json, respond } from "../engine/HttpDouble.js"
import { granting } from "../support/granting.js"
import { inTurns } from "../support/extent.js"
import { cancelOf, type Home, homes } from "../support/homes.js"
import { interpreting, speaksJson } from "../support/interpreting.js"
import type { Way } from "../support/ProviderFacts.js"

const code = "A_CODE_OF_AN_ERROR"

/** Only what leads to the code in an error, and in its place something else; undefined where it does not stand there. */
const inPlaceOfCode = (value: unknown, put: unknown): unknown => {
  if (value === code) return put
  if (Array.isArray(value)) {
    const items = value.map((item) => inPlaceOfCode(item, put)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (typeof value !== "object" || value === null) return undefined
  const entries = Object.entries(value).map(([name, inner]) => [name, inPlaceOfCode(inner, put)] as const).filter(([, inner]) => inner !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const errorWith = ({ facts }: Home, put: unknown): JsonObject =>
  inPlaceOfCode(facts.error(code, "The words of an error."), put) as JsonObject

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value)

/** Both in one: what is an object in both, within it, and what is a list in both, one after the other. */
const merged = (body: JsonObject, more: JsonObject): JsonObject => ({
  ...body,
  ...Object.fromEntries(Object.entries(more).map(([name, added]) => {
    const there = body[name]
    if (isObject(there) && isObject(added)) return [name, merged(there, added)]
    return [name, Array.isArray(there) && Array.isArray(added) ? [...there, ...added] : added]
  }))
})

const isSuccess = /^(?:Already)?Cancel(?:led|lation)/

const identifierOf = ({ facts }: Home, way: Way) => way.identifier(facts.paymentId("pay_contradicted"))

/** What a cancel comes to whose answers are these. */
const told = (home: Home, way: Way, cancel: JsonObject, status: JsonObject | null) => {
  const { facts, library } = home
  const client = HttpClient.make((request) =>
    Effect.succeed(respond(request, request.method === "GET"
      ? status === null ? { status: 404 } : json(200, status)
      : json(200, cancel))))
  return cancelOf(home, way)(way.request({ identifier: identifierOf(home, way), reason: "abandoned" })).pipe(
    Effect.map((success) => `${success._tag}, ${"evidence" in success ? String(success.evidence) : "none"}`),
    Effect.catchAll((error) => Effect.succeed(error._tag)),
    Effect.provide(Layer.provide(
      library.layer({ ...way.options(way.credentials), policy: { attempts: 1, statusReads: 1, backoff: { initial: 0 } } }),
      Layer.succeed(HttpClient.HttpClient, granting(way)(interpreting(facts)(client)))
    ))
  )
}

/** The payment is stated as cancelled in both answers that may state it. */
const stated = ({ facts }: Home, way: Way, identifier: string) => {
  const cancelled = way.subject?.cancelled ?? facts.cancelled
  return {
    cancel: way.receipts?.make(identifier) ?? way.payment(identifier, cancelled),
    status: way.statusBody?.(identifier, cancelled) ?? null
  }
}

describe("a success that reports an error proves nothing", () => {
  for (const [turn, home] of homes.entries()) {
    const { facts } = home
    // In XML everything is a text.
    if (!speaksJson(facts)) continue
    for (const way of facts.ways) {
      const identifier = identifierOf(home, way)
      const { cancel, status } = stated(home, way, identifier)
      const name = `${facts.name} ${way.operation} ${way.label}`.trim()

      it.live(`${name}: but without one it is a success`, () =>
        Effect.gen(function*() {
          assert.match(yield* told(home, way, cancel, null), isSuccess)
          if (status !== null) assert.match(yield* told(home, way, {}, status), /StatusQuery$/)
        }))

      for (const put of inTurns([code, 7, true, ["x"], { of: "x" }], turn, 3)) {
        const error = errorWith(home, put)
        it.live(`${name}: ${JSON.stringify(error)}`, () =>
          Effect.gen(function*() {
            assert.notMatch(yield* told(home, way, merged(cancel, error), null), isSuccess)
            if (status !== null) {
              assert.notMatch(yield* told(home, way, {}, merged(status, error)), /StatusQuery$/)
            }
          }))
      }
    }
  }
})
