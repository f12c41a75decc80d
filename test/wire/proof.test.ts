/**
 * What settles a cancel, and what does not: proof by body or status only (promise 1), already
 * cancelled by reading back (promise 3), no definite claim without proof (promise 4).
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { Cancel } from "effect-payment-cancel"
import { subjectOf } from "../support/ProviderFacts.js"
import { answer, bytes, bytesOf, close, type Play, reset, type Script, serve } from "./ScriptedServer.js"
import type { Side } from "./Side.js"
import { assertShows, attempt, casesOver, type Client, type Expected, pairs, paymentId, quick } from "./Trial.js"

const other = "pay_somebody_elses"

const unexpected = { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", category: "Unexpected" }
const noResponse = { failure: "CancelError.NoResponse", outcome: "Unknown" }
const closedError = { failure: "CancelError.NoLongerCancellable", outcome: "NotCancelled", category: "NotCancellable" }
const byQuery = { success: "Cancelled", evidence: "StatusQuery" }
const already = { success: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 }

/** A status as it may come from JSON: of any type. */
const untyped = (status: unknown): string => status as string

const paid = (side: Side, status: string, id = paymentId): Play => answer(200, side.payment(id, status))
const read = (side: Side, status: string, id = paymentId): Play => answer(200, side.statusBody(id, status))
const accepted = (side: Side): Play => answer(202, side.proof(paymentId))
const readOpen = (side: Side) => read(side, side.statuses.cancellable)
const readCancelled = (side: Side) => read(side, side.statuses.cancelled)
const readClosed = (side: Side) => read(side, side.statuses.closed[0] ?? "")
const refused = (side: Side): Play => answer(side.codes.state.status, side.refusal(side.codes.state.code))
/** A refusal that also states the payment as cancelled. */
const stating = (side: Side, id: string) => side.refusal(side.codes.state.code, "refused", side.payment(id, side.statuses.cancelled))
const stateError = (side: Side) => ({
  failure: side.codes.state.tag,
  outcome: "NotCancelled",
  category: side.codes.state.category,
  attempts: 1
})

interface Case {
  readonly name: string
  readonly script: (side: Side) => Script
  readonly expected: (side: Side) => Expected
  readonly cancels?: number | ((side: Side) => number)
  readonly reads?: number
}

const cases: ReadonlyArray<Case> = [
  {
    name: "a 200 that still shows the payment cancellable proves nothing",
    script: (side) => ({ cancel: [paid(side, side.statuses.cancellable)], status: [readOpen(side)] }),
    expected: (side) => ({ ...unexpected, httpStatus: 200, paymentStatus: side.statuses.cancellable })
  },
  {
    name: "a 200 that shows it cancellable, and a status that says cancelled",
    script: (side) => ({ cancel: [paid(side, side.statuses.cancellable)], status: [readCancelled(side)] }),
    expected: () => byQuery
  },
  {
    name: "cancelled, but of another payment",
    script: (side) => ({ cancel: [paid(side, side.statuses.cancelled, other)], status: [readOpen(side)] }),
    expected: () => unexpected
  },
  {
    name: "cancelled, but of another payment, while the status says cancelled",
    script: (side) => ({ cancel: [paid(side, side.statuses.cancelled, other)], status: [readCancelled(side)] }),
    expected: () => byQuery
  },
  {
    name: "cancelled, but of another payment, while the status says closed",
    script: (side) => ({ cancel: [paid(side, side.statuses.cancelled, other)], status: [readClosed(side)] }),
    expected: (side) => ({ ...closedError, paymentStatus: side.statuses.closed[0] })
  },
  {
    name: "a closed status of another payment settles nothing",
    script: (side) => ({ cancel: [paid(side, side.statuses.closed[0] ?? "", other)], status: [readOpen(side)] }),
    expected: () => unexpected
  },
  {
    name: "an id that differs only in case is another payment",
    script: (side) => ({ cancel: [paid(side, side.statuses.cancelled, paymentId.toLowerCase())], status: [readOpen(side)] }),
    expected: () => unexpected
  },
  {
    name: "its own status in other letters proves nothing",
    script: (side) => {
      const { cancelled } = side.statuses
      const spelling = cancelled === cancelled.toUpperCase() ? cancelled.toLowerCase() : cancelled.toUpperCase()
      return { cancel: [paid(side, spelling)], status: [read(side, spelling)] }
    },
    expected: () => unexpected
  },
  ...["an unlisted one", "cancelled ", ""].map((status): Case => ({
    name: `the unlisted status ${JSON.stringify(status)} proves nothing, in the answer or when read`,
    script: (side) => ({ cancel: [paid(side, status)], status: [read(side, status)] }),
    expected: () => unexpected
  })),
  ...[null, true, 7, ["cancelled"], { cancelled: true }].map((status): Case => ({
    name: `the status ${JSON.stringify(status)} proves nothing`,
    script: (side) => ({
      cancel: [paid(side, untyped(status))],
      status: [read(side, untyped(status))]
    }),
    expected: () => unexpected
  })),
  {
    name: "the other provider's spelling proves nothing",
    script: (side) => {
      const spelling = side.statuses.cancelled === "canceled" ? "cancelled" : "canceled"
      return { cancel: [paid(side, spelling)], status: [read(side, spelling)] }
    },
    expected: () => unexpected
  },
  {
    name: "a refusal, and a status that says cancelled: it was cancelled already",
    script: (side) => ({ cancel: [refused(side)], status: [readCancelled(side)] }),
    expected: () => already,
    cancels: 1,
    reads: 1
  },
  {
    name: "an unlisted refusal, and a status that says cancelled: it was cancelled already",
    script: (side) => ({ cancel: [answer(422, side.refusal("brand_new"))], status: [readCancelled(side)] }),
    expected: () => already,
    cancels: 1
  },
  {
    name: "a refusal without a body, and a status that says cancelled: it was cancelled already",
    script: (side) => ({ cancel: [answer(400, "")], status: [readCancelled(side)] }),
    expected: () => already,
    cancels: 1
  },
  {
    name: "a refusal, and a status that lags behind: read once more",
    script: (side) => ({ cancel: [refused(side)], status: [readOpen(side), readCancelled(side)] }),
    expected: () => already,
    cancels: 1,
    reads: 2
  },
  {
    name: "a refusal, and a status that stays cancellable: the refusal, after a second look",
    script: (side) => ({ cancel: [refused(side)], status: [readOpen(side)] }),
    expected: (side) => ({ ...stateError(side), paymentStatus: side.statuses.cancellable }),
    cancels: 1,
    reads: 2
  },
  {
    name: "a refusal whose text says that it is cancelled already is not believed",
    script: (side) => ({
      cancel: [answer(side.codes.state.status, side.refusal(side.codes.state.code, "payment is already cancelled"))],
      status: [readOpen(side)]
    }),
    expected: stateError
  },
  {
    // A status in any complete answer about this payment counts as read; which evidence that is, is left open.
    name: "a refusal that carries the status cancelled and the payment's name counts as a status read",
    script: (side) => ({
      cancel: [answer(side.codes.state.status, stating(side, paymentId))],
      status: [readOpen(side)]
    }),
    // Some providers' refusals state nothing, whatever stands beside them.
    expected: (side) =>
      side.way.readStatus("Cancel", stating(side, paymentId), side.paymentId(paymentId)) === null
        ? stateError(side)
        : { success: "AlreadyCancelled", attempts: 1 }
  },
  {
    name: "a refusal that carries the status cancelled of another payment is no proof",
    script: (side) => ({
      cancel: [answer(side.codes.state.status, stating(side, other))],
      status: [readOpen(side)]
    }),
    expected: stateError
  },
  {
    name: "a 500 that carries the status cancelled in its body is no proof",
    script: (side) => ({ cancel: [answer(500, side.payment(paymentId, side.statuses.cancelled))], status: [readOpen(side)] }),
    expected: (side) => side.bare(500),
    cancels: ({ repeats }) => repeats("ServerError") ? quick.attempts : 1
  },
  {
    name: "a refusal, and no status to be had: still not cancelled by this call",
    script: (side) => ({ cancel: [refused(side)], status: [answer(503, "down")] }),
    expected: stateError,
    cancels: 1
  },
  {
    name: "a refusal, and a status query that is cut off",
    script: (side) => ({ cancel: [refused(side)], status: [reset] }),
    expected: stateError,
    cancels: 1
  },
  {
    name: "a lost answer, a refusal, and a status that says cancelled: cancelled, perhaps by us",
    script: (side) => ({ cancel: [reset, refused(side)], status: [readCancelled(side)] }),
    expected: () => byQuery
  },
  {
    name: "a lost answer, and a status that arrives late",
    script: (side) => ({ cancel: [reset], status: [readOpen(side), readCancelled(side)] }),
    expected: () => ({ success: "Cancelled", evidence: "StatusQuery" })
  },
  ...[404, 410, 500].map((status): Case => ({
    name: `a lost answer, and a status query answered ${status} with a body that says cancelled`,
    script: (side) => ({ cancel: [close], status: [answer(status, side.statusBody(paymentId, side.statuses.cancelled))] }),
    expected: () => noResponse,
    cancels: ({ repeats }) => repeats("NoAnswer") ? quick.attempts : 1
  })),
  {
    name: "a lost answer, and a status whose body is cut",
    script: (side) => ({
      cancel: [close],
      status: [bytes(bytesOf(200, side.statusBody(paymentId, side.statuses.cancelled)).subarray(0, -1), "close")]
    }),
    expected: () => noResponse,
    cancels: ({ repeats }) => repeats("NoAnswer") ? quick.attempts : 1
  },
  {
    name: "an empty 200, and a status query that is down at first",
    script: (side) => ({ cancel: [answer(200, "")], status: [answer(503, "down"), readCancelled(side)] }),
    expected: () => byQuery
  }
]

/** What is only accepted is no proof, and is asked for as often as the policy allows. */
const acceptedCases: ReadonlyArray<Case> = [
  {
    name: "accepted, and a status that says cancelled at once",
    script: (side) => ({ cancel: [accepted(side)], status: [readCancelled(side)] }),
    expected: () => ({ ...byQuery, attempts: 1 }),
    cancels: 1,
    reads: 1
  },
  {
    name: "accepted, and a status that says cancelled later",
    script: (side) => ({ cancel: [accepted(side)], status: [readOpen(side), readCancelled(side)] }),
    expected: () => ({ ...byQuery, attempts: 1 }),
    cancels: 1,
    reads: 2
  },
  {
    name: "accepted, and a status query that is down at first",
    script: (side) => ({ cancel: [accepted(side)], status: [answer(503, "down"), readCancelled(side)] }),
    expected: () => byQuery,
    cancels: 1,
    reads: 2
  },
  ...Object.entries<(side: Side) => Play>({
    "a status that stays cancellable": readOpen,
    "no status to be had": () => answer(503, "down"),
    "a status query that is cut off": () => reset,
    "another payment's status": (side) => read(side, side.statuses.cancelled, other),
    "an error that says cancelled": (side) => answer(404, side.statusBody(paymentId, side.statuses.cancelled)),
    "a status that nobody has listed": (side) => read(side, "never_heard_of")
  }).map(([name, play]): Case => ({
    name: `accepted, and ${name}: it stays accepted, and is not sent again`,
    script: (side) => ({ cancel: [accepted(side)], status: [play(side)] }),
    expected: ({ success }) => ({ success, evidence: "Response", attempts: 1 }),
    cancels: 1,
    reads: quick.statusReads
  })),
  {
    name: "a lost answer, an acceptance, and a status that says cancelled",
    script: (side) => ({ cancel: [reset, accepted(side)], status: [readOpen(side), readCancelled(side)] }),
    expected: () => byQuery
  }
]

/** Statuses from which cancelled can no longer be reached. */
const closedCases: ReadonlyArray<(side: Side, status: string) => Case> = [
  (side, status) =>
    side.states
      ? {
        name: `${status} in the answer counts as a status read`,
        script: () => ({ cancel: [paid(side, status)], status: [readOpen(side)] }),
        expected: () => ({ ...closedError, paymentStatus: status, attempts: 1 }),
        cancels: 1,
        reads: 0
      }
      : {
        name: `${status} when read after an acceptance settles as not cancelled`,
        script: () => ({ cancel: [accepted(side)], status: [readOpen(side), read(side, status)] }),
        expected: () => ({ ...closedError, paymentStatus: status, attempts: 1 }),
        cancels: 1,
        reads: 2
      },
  (side, status) => ({
    name: `${status} when read after a lost answer settles as not cancelled`,
    script: () => ({ cancel: [reset], status: [read(side, status)] }),
    expected: () => ({ ...closedError, paymentStatus: status })
  }),
  (side, status) => ({
    name: `${status} when read after a refusal`,
    script: () => ({ cancel: [refused(side)], status: [read(side, status)] }),
    expected: () => ({ outcome: "NotCancelled", category: "NotCancellable", paymentStatus: status, attempts: 1 }),
    cancels: 1,
    reads: 1
  })
]

/** Those that run at a side: of each kind that it has, one at least. The complete one accepts nothing, so they are all where that is done. */
const casesOf = (side: Side, client: Client): ReadonlyArray<Case> => [
  ...casesOver(side, client, cases),
  ...(side.asks ? acceptedCases : []),
  ...(side.way.approves ? closedCases.slice(1) : closedCases).flatMap((make) => casesOver(side, client, side.statuses.closed).map((status) => make(side, status)))
]

for (const [side, client] of pairs) {
  // Elsewhere there is nothing to read: what settles a cancel there is in the other files.
  if (!side.readable) continue
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    for (const { cancels, expected, name, reads, script } of casesOf(side, client)) {
      it.scopedLive(name, () =>
        Effect.gen(function*() {
          const trial = yield* attempt(script(side), { side, client })
          assertShows(trial.verdict, expected(side))
          if (cancels !== undefined) {
            assert.strictEqual(trial.cancels.length, typeof cancels === "number" ? cancels : cancels(side), "cancel requests")
          }
          if (reads !== undefined) assert.strictEqual(trial.reads.length, reads, "status queries")
        }))
    }

    it.scopedLive("a success states what the provider stated", () =>
      Effect.gen(function*() {
        const { requestIdHeader } = side.facts
        const { result } = yield* attempt(
          { cancel: [answer(200, side.proof(paymentId), requestIdHeader === null ? {} : { [requestIdHeader]: "corr-1" })] },
          { side, client }
        )
        const cancellation = yield* result
        assert.strictEqual(cancellation.provider, side.provider)
        assert.strictEqual(cancellation.paymentId, side.paymentId(paymentId))
        assert.deepEqual(cancellation.requestId, requestIdHeader === null ? Option.none() : Option.some("corr-1"))
        if (cancellation._tag === "Cancelled") return assert.isTrue(Option.isSome(cancellation.payload))
        if (cancellation._tag !== "CancellationAccepted" || !side.asks) return assert.fail(cancellation._tag)
        const { receipts } = side.way
        const proof = side.proof(paymentId)
        assert.deepEqual(cancellation.receipt, receipts?.receiptIn?.(proof) ?? { reference: receipts?.referenceIn(proof) })
      }))

    const statuses: ReadonlyArray<readonly [status: string, standing: string | null]> = [
      ...Object.entries(subjectOf(side.facts, side.way).standings),
      ["brand_new", null]
    ]
    for (const [status, standing] of casesOver(side, client, statuses)) {
      it.scopedLive(`status reads ${status}`, () =>
        Effect.gen(function*() {
          const result = yield* readStatus(side, client, { status: [read(side, String(status))] })
          assert.deepInclude<Expected>({ ...Either.getOrThrow(result) }, { status, paymentId: side.paymentId(paymentId), standing: Option.fromNullable(standing) })
        }))
    }

    const unavailable: ReadonlyArray<readonly [name: string, play: Play]> = [
      ["a 404", answer(404, side.refusal("payment_not_found"))],
      ["a 503", answer(503, "")],
      ["a reset", reset],
      ["a body that is no status", answer(200, "[]")],
      ["a redirect", answer(302, "", { Location: "/elsewhere" })]
    ]
    for (const [name, play] of casesOver(side, client, unavailable)) {
      it.scopedLive(`status fails on ${name}`, () =>
        Effect.gen(function*() {
          const result = yield* readStatus(side, client, { status: [play] })
          assert.deepInclude<Expected>({ ...Either.getOrThrow(Either.flip(result)) }, {
            _tag: "CancelError.StatusUnavailable",
            paymentId: side.paymentId(paymentId)
          })
        }))
    }
  })
}

/** Wants no more than one query: a failure shows at once. */
const once = { ...quick, statusReads: 1 }

function readStatus(side: Side, client: Client, script: Script) {
  return Effect.flatMap(serve(script), ({ url }) =>
    side.status({ url }, side.paymentId(paymentId)).pipe(Cancel.withPolicy(once), Effect.either, Effect.provide(client[1])))
}
