/**
 * Every error code that the providers document, with a status it comes with: its class, its
 * category, its outcome, how often the request was sent, and whether the status was read
 * (promises 4, 5 and 6). The expectations are the providers' facts, and not the library's tables.
 */
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { answer } from "./ScriptedServer.js"
import type { Code } from "../support/ProviderFacts.js"
import { byStatus, casesAt, type Side, sides } from "./Side.js"
import { assertShows, attempt, casesOver, type Client, pairs, paymentId, quick } from "./Trial.js"

/** A listed code in an answer; what is told by the status alone comes without a body. */
const play = (side: Side, { code }: Code, status: number) => answer(status, code === null ? "" : side.refusal(code))

/** Whether the provider lets the same request be sent again after this. */
const isAgain = (side: Side, { outcome, statuses: [status], stillRunning, tryAgain }: Code): boolean =>
  outcome === "NotCancelled"
    ? tryAgain || status === 429
    : side.repeats(status >= 500 ? "ServerError" : stillRunning ? "StillRunning" : status < 300 ? "Unconfirmed" : "Unproven")

/** Whether a refusal itself states where the payment stands, so that there is nothing to read. */
const standingOf = (side: Side, { states }: Code) => states === null ? null : side.facts.standings[states] ?? null

const stillOpen = (side: Side) => [answer(200, side.statusBody(paymentId, side.statuses.cancellable))]

/** A class that is its own schema, as every error's is. */
const schemaOf = (error: object): Schema.Schema<object, unknown> => {
  if (!Schema.isSchema(error.constructor)) return assert.fail("the error's class is no schema")
  return error.constructor as unknown as Schema.Schema<object, unknown>
}

const assertSurvivesJson = (error: object): void => {
  const schema = schemaOf(error)
  const encoded: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(error)))
  const decoded = Schema.decodeUnknownSync(schema)(encoded)
  assert.strictEqual(decoded.constructor, error.constructor)
  assert.deepEqual(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(decoded))), encoded)
}

for (const [side, client] of pairs) {
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    for (const row of casesOver(side, client, side.facts.codes)) {
      const [status] = row.statuses
      it.scopedLive(`${row.code} on a ${status}`, () =>
        Effect.gen(function*() {
          const { cancels, reads, result, verdict } = yield* attempt(
            { cancel: [play(side, row, status)], status: stillOpen(side) },
            { side, client }
          )
          if (standingOf(side, row) === "Cancelled") return assertShows(verdict, { success: "AlreadyCancelled", attempts: 1 })
          if ("success" in verdict) return assert.fail(verdict.success)
          assertSurvivesJson(Either.getOrThrow(Either.flip(result)))
          assertShows(verdict, {
            failure: `${side.provider}.${row.name}`,
            code: row.code,
            category: row.category,
            outcome: row.outcome,
            httpStatus: status
          })
          assert.strictEqual(cancels.length, isAgain(side, row) ? quick.attempts : 1, "cancel requests")
          const isRead = side.readable && standingOf(side, row) !== "Closed" && (row.about === "Payment" || row.outcome === "Unknown")
          if (isRead) assert.isAtLeast(reads.length, 1, "status queries")
          else assert.strictEqual(reads.length, 0, "status queries")
        }))
    }

    const unlisted = ["brand_new_code", "Invalid_State", " ", "constructor", "__proto__", "toString", "x".repeat(300)]
    for (const code of casesOver(side, client, unlisted)) {
      it.scopedLive(`nobody has listed ${code.slice(0, 20)}`, () =>
        Effect.gen(function*() {
          const refused = yield* attempt({ cancel: [answer(400, side.refusal(code))], status: stillOpen(side) }, { side, client })
          assertShows(refused.verdict, {
            failure: `${side.provider}.Unrecognized`,
            outcome: "NotCancelled",
            code,
            httpStatus: 400
          })
          assert.strictEqual(refused.cancels.length, 1)
          const failed = yield* attempt({ cancel: [answer(502, side.refusal(code))], status: stillOpen(side) }, { side, client })
          assertShows(failed.verdict, {
            failure: "CancelError.UnexpectedResponse",
            outcome: "Unknown",
            code,
            httpStatus: 502
          })
          assert.strictEqual(failed.cancels.length, side.repeats("ServerError") ? quick.attempts : 1)
        }))
    }

    const bodies: ReadonlyArray<unknown> = ["", "<html>no</html>", "null", [], 7, { code: 7, error_code: 7 }, { message: "no code" }]
    for (const body of casesOver(side, client, bodies)) {
      it.scopedLive(`a 404 and a 503 with the body ${JSON.stringify(body)}`, () =>
        Effect.gen(function*() {
          const refused = yield* attempt({ cancel: [answer(404, body)], status: stillOpen(side) }, { side, client })
          assertShows(refused.verdict, { ...side.bare(404), httpStatus: 404 })
          const failed = yield* attempt({ cancel: [answer(503, body)], status: stillOpen(side) }, { side, client })
          assertShows(failed.verdict, { ...side.bare(503), httpStatus: 503 })
        }))
    }
  })
}

/** Only a call with a key can have a request of its own running; some providers have a status for that. */
for (const side of sides) {
  const [running] = side.way.licence.stillRunning
  if (running === undefined) continue
  // A code that comes with other statuses, and refuses there.
  const elsewhere = side.facts.codes.find(({ code, outcome, states, statuses }) =>
    code !== null && outcome === "NotCancelled" && states === null && !statuses.includes(running))?.code ?? "brand_new_code"
  const client: Client = ["undici", NodeHttpClient.layerUndici]
  describe.concurrent(`a ${running} to ${side.name} says that a request under the key may still run`, () => {
    const bodies: ReadonlyArray<readonly [name: string, body: unknown, code: string | null]> = [
      ["no body", "", null],
      ["HTML", "<html>Conflict</html>", null],
      ["no code", { message: "no code" }, null],
      ["a code that nobody has listed", side.refusal("brand_new_code"), "brand_new_code"],
      ["a code that comes with other statuses", side.refusal(elsewhere), elsewhere]
    ]
    for (const [name, body, code] of casesAt(side, bodies)) {
      it.scopedLive(name, () =>
        Effect.gen(function*() {
          const given = yield* attempt({ cancel: [answer(running, body)], status: stillOpen(side) }, { side, client })
          const expected = code === null ? side.bare(running) : { failure: "CancelError.UnexpectedResponse", outcome: "Unknown" }
          assertShows(given.verdict, { ...expected, code, httpStatus: running })
          assert.strictEqual(given.cancels.length, side.repeats("StillRunning") ? quick.attempts : 1)
          if (side.readable) assert.isAtLeast(given.reads.length, 1)
          if (!side.repeats("StillRunning")) return
          const ended = yield* attempt(
            { cancel: [answer(running, body), answer(200, side.proof(paymentId))], status: [] },
            { side, client }
          )
          assertShows(ended.verdict, { success: side.success, evidence: "Response", attempts: 2 })
        }))
    }
  })
}

/** How an answer is weighed is no matter of the client, nor of the kind of credentials. */
for (const side of sides.filter(({ provider }, nth) => sides.findIndex((each) => each.provider === provider) === nth)) {
  const client: Client = ["undici", NodeHttpClient.layerUndici]
  describe.concurrent(side.provider, () => {
    // What is told by the status alone is told by no other.
    const spoken = side.facts.codes.filter(({ code }) => code !== null)
    for (const row of casesAt(side, spoken)) {
      it.scopedLive(`${row.code} on statuses that make it weaker or no stronger`, () =>
        Effect.gen(function*() {
          const weak = [500, 503, 408, 302]
          for (const status of weak) {
            const { verdict } = yield* attempt(
              { cancel: [play(side, row, status)], status: stillOpen(side) },
              { side, client, policy: { ...quick, attempts: 1 } }
            )
            const ownClass = row.outcome === "Unknown" && status >= 500
            assertShows(verdict, {
              failure: ownClass ? `${side.provider}.${row.name}` : "CancelError.UnexpectedResponse",
              outcome: "Unknown",
              httpStatus: status
            })
          }
          const { verdict } = yield* attempt(
            { cancel: [play(side, row, 422)], status: stillOpen(side) },
            { side, client, policy: { ...quick, attempts: 1 } }
          )
          if (standingOf(side, row) === "Cancelled") return assertShows(verdict, { success: "AlreadyCancelled" })
          assertShows(verdict, { failure: `${side.provider}.${row.name}`, outcome: row.outcome, httpStatus: 422 })
        }))
    }

    const doubtful = spoken.filter((row) => row.about === "Payment" && row.outcome === "NotCancelled" && standingOf(side, row) === null)
    for (const row of casesAt(side, side.readable ? doubtful : [])) {
      it.scopedLive(`${row.code} is not believed when the payment turns out cancelled`, () =>
        Effect.gen(function*() {
          const { verdict } = yield* attempt(
            {
              cancel: [play(side, row, row.statuses[0])],
              status: [answer(200, side.statusBody(paymentId, side.statuses.cancelled))]
            },
            { side, client }
          )
          assertShows(verdict, { success: "AlreadyCancelled", evidence: "StatusQuery" })
        }))
    }

    it.scopedLive("nobody has listed it, on every 4xx but 408", () =>
      Effect.gen(function*() {
        for (const status of casesAt(side, [400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423, 425, 426, 428, 429, 431, 451, 499])) {
          if (side.way.licence.stillRunning.includes(status)) continue
          const { verdict } = yield* attempt(
            { cancel: [answer(status, side.refusal("brand_new_code"))], status: stillOpen(side) },
            { side, client, policy: { ...quick, attempts: 1 } }
          )
          assertShows(verdict, {
            failure: `${side.provider}.Unrecognized`,
            outcome: "NotCancelled",
            category: byStatus[status] ?? "Unexpected",
            httpStatus: status
          })
        }
      }))
  })
}
