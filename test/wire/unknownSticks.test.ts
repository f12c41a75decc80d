/**
 * Once a request may have been applied, only a proof settles the cancel (promise 4): no later
 * refusal, refused connection, timeout or deadline does. The class is that of the last evidence
 * of something that may have been applied, and the history shows what came after.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { answer, close, closedPort, later, type Play, reset, serve, stall } from "./ScriptedServer.js"
import type { Doubt } from "../support/ProviderFacts.js"
import { casesAt, type Side } from "./Side.js"
import { assertShows, attempt, casesOver, type Circumstances, type Expected, impatient, pairs, paymentId, quick, run, until } from "./Trial.js"

const noResponse = { failure: "CancelError.NoResponse", outcome: "Unknown", category: "Network" }

/** Evidence that a request may have been applied, under a licence to send it again. */
const firsts: ReadonlyArray<{ readonly name: string; readonly doubt: Doubt; readonly play: (side: Side) => Play; readonly expected: (side: Side) => Expected }> = [
  { name: "a lost answer", doubt: "NoAnswer", play: () => reset, expected: () => noResponse },
  {
    name: "a bare 503",
    doubt: "ServerError",
    play: () => answer(503, "busy"),
    expected: (side) => ({ ...side.bare(503), httpStatus: 503 })
  },
  {
    name: "the provider's own fault",
    doubt: "ServerError",
    play: (side) => answer(side.codes.fault.status, side.refusal(side.codes.fault.code)),
    expected: (side) => ({
      failure: side.codes.fault.tag,
      outcome: "Unknown",
      category: side.codes.fault.category,
      code: side.codes.fault.code
    })
  }
]

/** What may come after it, and proves nothing about the first request. */
const refusals: ReadonlyArray<{ readonly name: string; readonly play: (side: Side) => Play }> = [
  { name: "bad credentials", play: (side) => answer(side.codes.unauthenticated.status, side.refusal(side.codes.unauthenticated.code)) },
  { name: "a refusal about the state", play: (side) => answer(side.codes.state.status, side.refusal(side.codes.state.code)) },
  { name: "an unlisted 404", play: (side) => answer(404, side.refusal("nobody_listed_this")) },
  { name: "being throttled", play: (side) => answer(429, side.refusal(side.codes.throttled.code)) }
]

/** Reads that settle nothing. */
const undecided: ReadonlyArray<{ readonly name: string; readonly play: (side: Side) => Play }> = [
  { name: "still cancellable", play: (side) => answer(200, side.statusBody(paymentId, side.statuses.cancellable)) },
  { name: "unlisted", play: (side) => answer(200, side.statusBody(paymentId, "brand_new")) },
  { name: "down", play: () => answer(503, "down") },
  { name: "not found", play: (side) => answer(404, side.refusal("payment_not_found")) }
]

const historyOf = ({ result }: { readonly result: Effect.Effect.Success<ReturnType<typeof run>>["result"] }) =>
  result._tag === "Left" ? result.left.history : []

for (const [side, client] of pairs) {
  const circumstances: Circumstances = { side, client }
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    for (const first of casesAt(side, firsts.filter(({ doubt }) => side.repeats(doubt)))) {
      for (const next of casesOver(side, client, refusals)) {
        it.scopedLive(`${first.name}, then ${next.name}, whatever is read`, () =>
          Effect.gen(function*() {
            for (const status of side.readable ? casesOver(side, client, undecided) : undecided.slice(0, 1)) {
              const trial = yield* attempt(
                { cancel: [first.play(side), next.play(side)], status: [status.play(side)] },
                circumstances
              )
              assertShows(trial.verdict, first.expected(side))
              const kinds = historyOf(trial).filter(({ operation }) => operation === "Cancel").map(({ evidence }) => evidence)
              assert.deepEqual(kinds.slice(0, 2), ["MaybeApplied", "Refused"], status.name)
              assert.strictEqual(kinds.length, trial.cancels.length)
            }
          }))
      }

      it.scopedLive(`${first.name}, then a refused connection`, () =>
        Effect.gen(function*() {
          const server = yield* serve({ cancel: [first.play(side)], status: [answer(503, "down")], port: yield* closedPort })
          const policy = { ...quick, backoff: { initial: 500, factor: 1, maximum: 500, jitter: 0 } }
          yield* Effect.fork(Effect.zipRight(until(() => server.received.length > 0), Effect.delay(Effect.sync(server.stop), "25 millis")))
          const trial = yield* run(server, { ...circumstances, policy })
          assertShows(trial.verdict, first.expected(side))
          assert.include(historyOf(trial).map(({ evidence }) => evidence), "NotSent")
        }))

      it.scopedLive(`${first.name}, then silence: the silence is the last that may have been applied`, () =>
        Effect.gen(function*() {
          const { cancels, verdict } = yield* attempt(
            { cancel: [first.play(side), stall], status: [answer(503, "down")] },
            { ...circumstances, policy: impatient }
          )
          assertShows(verdict, { ...noResponse, attempts: 2 })
          assert.strictEqual(cancels.length, 2)
        }))
    }

    for (const first of casesOver(side, client, side.readable ? firsts : [])) {
      it.scopedLive(`${first.name} of the only attempt: the status is read before giving up`, () =>
        Effect.gen(function*() {
          const open = yield* attempt(
            { cancel: [first.play(side)], status: [answer(200, side.statusBody(paymentId, side.statuses.cancellable))] },
            { ...circumstances, policy: { ...quick, attempts: 1 } }
          )
          assertShows(open.verdict, { ...first.expected(side), attempts: 1, paymentStatus: side.statuses.cancellable })
          assert.isAtLeast(open.reads.length, 1)
          const cancelled = yield* attempt(
            { cancel: [first.play(side)], status: [answer(200, side.statusBody(paymentId, side.statuses.cancelled))] },
            { ...circumstances, policy: { ...quick, attempts: 1 } }
          )
          assertShows(cancelled.verdict, { success: "Cancelled", evidence: "StatusQuery", attempts: 1 })
        }))
    }

    it.scopedLive("a doubt after which nothing may be sent again, and no status that settles it: unknown, after one request", () =>
      Effect.gen(function*() {
        for (const first of firsts.filter(({ doubt }) => !side.repeats(doubt))) {
          const trial = yield* attempt(
            { cancel: [first.play(side), answer(200, side.proof(paymentId))], status: [answer(503, "down")] },
            circumstances
          )
          assertShows(trial.verdict, { ...first.expected(side), attempts: 1 })
          assert.strictEqual(trial.cancels.length, 1, first.name)
        }
      }))

    if (side.repeats("NoAnswer")) it.scopedLive("silence, then the provider's own fault: the fault is the last that may have been applied", () =>
      Effect.gen(function*() {
        const fault = answer(side.codes.fault.status, side.refusal(side.codes.fault.code))
        const { verdict } = yield* attempt(
          { cancel: [close, fault], status: [answer(503, "down")] },
          { ...circumstances, policy: { ...quick, attempts: 2 } }
        )
        assertShows(verdict, { failure: side.codes.fault.tag, outcome: "Unknown", attempts: 2 })
      }))

    it.scopedLive("a refusal first, then a lost answer: unknown", () =>
      Effect.gen(function*() {
        const { verdict } = yield* attempt(
          { cancel: [answer(429, side.refusal(side.codes.throttled.code)), reset], status: [answer(503, "down")] },
          circumstances
        )
        assertShows(verdict, noResponse)
      }))

    if (side.readable) it.scopedLive("a lost answer, then throttled and closed: the status settles", () =>
      Effect.gen(function*() {
        const [closed = ""] = side.statuses.closed
        const { verdict } = yield* attempt(
          {
            cancel: [reset, answer(429, side.refusal(side.codes.throttled.code))],
            status: [answer(200, side.statusBody(paymentId, closed))]
          },
          circumstances
        )
        assertShows(verdict, { failure: "CancelError.NoLongerCancellable", outcome: "NotCancelled", paymentStatus: closed })
      }))

    it.scopedLive("a deadline: the typed error, in time, after a last look at the status", () =>
      Effect.gen(function*() {
        const policy = { ...quick, attemptTimeout: "10 seconds", statusTimeout: "10 seconds", deadline: "1200 millis" } as const
        const silent = yield* attempt({ cancel: [stall], status: [stall] }, { ...circumstances, policy })
        assertShows(silent.verdict, noResponse)
        assert.isBelow(silent.millis, 3500)
        if (!side.readable) return
        assert.isAtLeast(silent.reads.length, 1)
        const told = yield* attempt(
          { cancel: [stall], status: [answer(200, side.statusBody(paymentId, side.statuses.cancelled))] },
          { ...circumstances, policy }
        )
        assertShows(told.verdict, { success: "Cancelled", evidence: "StatusQuery" })
        assert.isBelow(told.millis, 3500)
      }))

    it.scopedLive("a deadline over refusals only: not cancelled, in time", () =>
      Effect.gen(function*() {
        const policy = { ...quick, attempts: 100, maximumRetryAfter: "1 minute", deadline: "500 millis" } as const
        const throttled = answer(429, side.refusal(side.codes.throttled.code), { "Retry-After": "30" })
        const { millis, verdict } = yield* attempt({ cancel: [throttled], status: [stall] }, { ...circumstances, policy })
        assertShows(verdict, { failure: side.codes.throttled.tag, outcome: "NotCancelled" })
        assert.isBelow(millis, 2500)
      }))

    if (side.repeats("NoAnswer")) it.scopedLive("an answer that comes too late for its attempt is not waited for twice", () =>
      Effect.gen(function*() {
        const cancelled = answer(200, side.proof(paymentId))
        const { cancels, verdict } = yield* attempt(
          { cancel: [later(4000, cancelled), cancelled], status: [answer(503, "down")] },
          { ...circumstances, policy: { ...impatient, attemptTimeout: "1 second" } }
        )
        assertShows(verdict, { success: side.success, evidence: "Response", attempts: 2 })
        assert.strictEqual(cancels.length, 2)
      }))
  })
}
