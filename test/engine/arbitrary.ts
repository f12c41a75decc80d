/**
 * Arbitrary evidence, rounds and situations for the decision.
 */
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import type { CancelPolicy } from "../../src/CancelPolicy.js"
import type { Round, Rules, Situation } from "../../src/engine/decision.js"
import type { CancelEvidence, Stated, StatusEvidence, Trace } from "../../src/engine/evidence.js"
import type { Entry } from "../../src/authoring/Errors.js"
import type { Standing, StatedPayment } from "../../src/authoring/Answer.js"
import type { Doubt } from "../../src/authoring/ResendLicence.js"

export type E = string

/** All that an answer can say. */
export interface V {
  readonly payment: StatedPayment<string>
  readonly receipt: string
}

export const doubts: ReadonlyArray<Doubt> = ["NoAnswer", "ServerError", "StillRunning", "Unproven", "Unconfirmed"]

const option = <A>(arbitrary: FastCheck.Arbitrary<A>): FastCheck.Arbitrary<Option.Option<A>> =>
  FastCheck.option(arbitrary, { nil: null }).map(Option.fromNullable)

export const trace: FastCheck.Arbitrary<Trace> = FastCheck.record({
  explanation: FastCheck.constant("why"),
  httpStatus: option(FastCheck.constantFrom(200, 400, 500)),
  standsFor: option(FastCheck.constantFrom(200, 400, 500)),
  requestId: FastCheck.constant(Option.none<string>()),
  refusal: FastCheck.constant(Option.none()),
  retryAfter: option(
    FastCheck.oneof(FastCheck.nat(60_000), FastCheck.constantFrom(0, 1e12)).map((ms) => Duration.millis(ms))
  ),
  replayed: FastCheck.boolean()
})

const standing = FastCheck.constantFrom<Standing>("Cancelled", "Cancellable", "Closed")

const stated: FastCheck.Arbitrary<Stated<V>> = FastCheck.record({
  payment: FastCheck.record({
    status: FastCheck.constantFrom("a", "b"),
    cancelledAt: FastCheck.constant(Option.none()),
    reason: FastCheck.constant(Option.none<string>()),
    payload: FastCheck.constant(Option.some("payload"))
  }),
  standing: option(standing),
  trace
})

const entry: FastCheck.Arbitrary<Entry<E>> = FastCheck.constantFrom("Request" as const, "Payment" as const).map((about) => ({
  name: "Listed",
  row: {
    code: "listed",
    category: "Conflict",
    outcome: "NotCancelled",
    about,
    httpStatus: [400],
    meaning: "",
    remedy: "",
    certainty: "Documented"
  },
  make: () => "Listed"
}))

/** Statuses that settle at once end the stream of evidence early; most are drawn so that they do not. */
const unsettled = stated.filter((_) => Option.isNone(_.standing) || Option.contains(_.standing, "Cancellable"))

const someStated = FastCheck.oneof({ weight: 1, arbitrary: option(stated) }, { weight: 3, arbitrary: option(unsettled) })

export const notSent: FastCheck.Arbitrary<CancelEvidence<E, V>> = FastCheck.record({
  _tag: FastCheck.constant("NotSent" as const),
  trace,
  transient: FastCheck.boolean(),
  entry: FastCheck.constant(Option.none())
})

export const maybeApplied: FastCheck.Arbitrary<CancelEvidence<E, V>> = FastCheck.record({
  _tag: FastCheck.constant("MaybeApplied" as const),
  trace,
  doubt: FastCheck.constantFrom(...doubts),
  sendAgain: FastCheck.oneof(
    { weight: 3, arbitrary: FastCheck.constant(Option.none<boolean>()) },
    { weight: 1, arbitrary: option(FastCheck.boolean()) }
  ),
  entry: option(entry),
  stated: someStated
})

export const refused: FastCheck.Arbitrary<CancelEvidence<E, V>> = FastCheck.record({
  _tag: FastCheck.constant("Refused" as const),
  trace,
  entry: option(entry),
  about: FastCheck.constantFrom("Request" as const, "Payment" as const),
  tryAgain: FastCheck.boolean(),
  sendAgain: option(FastCheck.boolean()),
  stated: someStated
})

export const acknowledged: FastCheck.Arbitrary<CancelEvidence<E, V>> = FastCheck.record({
  _tag: FastCheck.constant("Acknowledged" as const),
  trace,
  payment: stated.map((_) => _.payment)
})

export const accepted: FastCheck.Arbitrary<CancelEvidence<E, V>> = FastCheck.record({
  _tag: FastCheck.constant("Accepted" as const),
  trace,
  receipt: FastCheck.constant("receipt")
})

export const cancelEvidence: FastCheck.Arbitrary<CancelEvidence<E, V>> = FastCheck.oneof(
  { weight: 3, arbitrary: notSent },
  { weight: 5, arbitrary: maybeApplied },
  { weight: 5, arbitrary: refused },
  { weight: 1, arbitrary: acknowledged },
  { weight: 1, arbitrary: accepted }
)

export const statusEvidence: FastCheck.Arbitrary<StatusEvidence<V>> = FastCheck.oneof(
  { weight: 1, arbitrary: stated },
  { weight: 3, arbitrary: unsettled }
).chain((stated) =>
  FastCheck.oneof(
    trace.map((trace): StatusEvidence<V> => ({ _tag: "StatusRead", trace, stated })),
    trace.map((trace): StatusEvidence<V> => ({ _tag: "StatusUnread", trace }))
  )
)

export const policy: FastCheck.Arbitrary<CancelPolicy> = FastCheck.record({
  attempts: FastCheck.integer({ min: 1, max: 5 }),
  attemptTimeout: FastCheck.integer({ min: 1, max: 40_000 }),
  statusReads: FastCheck.integer({ min: 1, max: 4 }),
  statusTimeout: FastCheck.integer({ min: 1, max: 20_000 }),
  backoff: FastCheck.record({
    initial: FastCheck.integer({ min: 0, max: 5_000 }),
    factor: FastCheck.double({ min: 1, max: 100, noNaN: true }),
    maximum: FastCheck.integer({ min: 0, max: 20_000 }),
    jitter: FastCheck.double({ min: 0, max: 1, noNaN: true })
  }),
  maximumRetryAfter: FastCheck.integer({ min: 0, max: 60_000 }),
  deadline: FastCheck.oneof(FastCheck.integer({ min: 1, max: 200_000 }), FastCheck.integer({ min: 1, max: 1_000 })),
  maximumBodyBytes: FastCheck.constant(1_000)
})

export const rules: FastCheck.Arbitrary<Rules> = FastCheck.record({
  licence: FastCheck.record({
    after: FastCheck.oneof(
      FastCheck.subarray([...doubts]),
      FastCheck.constant(doubts)
    ),
    key: FastCheck.constantFrom("Honoured" as const, "Inferred" as const, "None" as const),
    replays: FastCheck.constantFrom("FinalAnswers" as const, "EveryAnswer" as const, "Nothing" as const),
    source: FastCheck.constant("made up")
  }),
  canReadStatus: FastCheck.oneof({ weight: 3, arbitrary: FastCheck.constant(true) }, {
    weight: 1,
    arbitrary: FastCheck.constant(false)
  })
})

const round: FastCheck.Arbitrary<Round<E, V>> = FastCheck.record({
  cancel: cancelEvidence,
  reads: FastCheck.array(statusEvidence, { maxLength: 4 })
})

/** Situations in the middle of a cancel: at least one round, some of the time used up. */
export const situation: FastCheck.Arbitrary<Situation<E, V>> = policy.chain((policy) =>
  FastCheck.record({
    rules,
    policy: FastCheck.constant(policy),
    rounds: FastCheck.array(round, { minLength: 1, maxLength: policy.attempts + 1 }),
    elapsed: FastCheck.oneof(
      FastCheck.double({ min: 0, max: policy.deadline * 1.5, noNaN: true }),
      FastCheck.constant(policy.deadline)
    ),
    jitter: FastCheck.double({ min: 0, max: 1, noNaN: true })
  })
)
