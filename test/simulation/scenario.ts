/**
 * What happens in one simulation, as plain data: a seed becomes a scenario, and a scenario
 * can be made smaller piece by piece.
 *
 * All times are milliseconds. They have fractions, so that no two things happen at the same
 * instant by accident.
 */
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import { type Act, everything, type Facts } from "./facts.js"
import * as Random from "./random.js"

/** The moments of an exchange that others can seize. */
export type Moment = "Connecting" | "Sent" | "Arrived" | "Applied" | "Head" | "HalfBody" | "Ended"

/** When something happens: at a time, or at a moment of the nth exchange. */
export type When =
  | { readonly _tag: "At"; readonly time: number }
  | { readonly _tag: "During"; readonly exchange: number; readonly moment: Moment }

/** What stands in an answer that does not come from the provider's own state. */
export type AnswerBody =
  /** An error. */
  | { readonly _tag: "Code"; readonly code: string | null }
  /** An error that also states what the payment truly is. */
  | { readonly _tag: "CodeAndTruth"; readonly code: string | null }
  /** The payment as it truly is. */
  | { readonly _tag: "Truth" }
  /** The payment as it was before any cancel. */
  | { readonly _tag: "StillCancellable" }
  /** A status that nobody has listed. */
  | { readonly _tag: "UnlistedStatus" }
  /** Another payment, a cancelled one. */
  | { readonly _tag: "OtherPayment" }
  /** A lie about the payment. It comes only with an HTTP status that proves nothing. */
  | { readonly _tag: "Lie"; readonly status: string }
  | { readonly _tag: "Html" }
  | { readonly _tag: "Empty" }

export interface AnswerPlan {
  readonly status: number
  readonly body: AnswerBody
  /** As it stands in the header, or a date so many milliseconds ahead on the provider's clock. */
  readonly retryAfter: string | number | null
  /** What it says about sending the same request again, where the provider has a header for that. */
  readonly sendAgain: boolean | null
  /** The answer repeats the credentials wherever it can. */
  readonly echoes: boolean
}

/** When a request whose connection was lost reaches the provider after all; null: never. */
export type LateBy = number | null

/** What goes wrong with one exchange, by the point at which it does. */
export type Fault =
  | {
    readonly point: "Connecting"
    readonly what: "Refused" | "NotFound" | "ConnectTimeout" | "Certificate" | "NotTls" | "HandshakeReset" | "Stall" | "Defect"
  }
  | { readonly point: "Sent"; readonly what: "Close" | "Reset" | "Stall" | "Defect"; readonly lateBy: LateBy }
  | { readonly point: "Sent"; readonly what: "Answer"; readonly answer: AnswerPlan; readonly lateBy: LateBy }
  | { readonly point: "Sent"; readonly what: "Twice"; readonly lateBy: number; readonly answers: "First" | "Second" }
  | { readonly point: "Provider"; readonly what: "CrashBefore" | "CrashAfter"; readonly isHeard: boolean }
  | { readonly point: "Applied"; readonly what: "Close" | "Reset" | "Stall" }
  | { readonly point: "Applied"; readonly what: "Answer"; readonly answer: AnswerPlan }
  | { readonly point: "Body"; readonly what: "Cut" | "Stall" | "EndsEarly" | "Oversized" }
  | { readonly point: "AfterBody"; readonly what: "Close" | "Stall" }

/** How long the steps of an exchange take. */
export interface Latency {
  readonly connect: number
  readonly request: number
  readonly process: number
  readonly answer: number
  readonly body: number
}

export interface ExchangePlan {
  readonly latency: Latency
  readonly fault: Fault | null
  /** Whether a request that is on its way is lost when the client gives up on it. */
  readonly lostOnAbort: boolean
  /** Whether a status query is answered by the lagging replica. */
  readonly stale: boolean
}

/**
 * What becomes of a request for an access token, which takes no time: a token, for so many seconds
 * where that is chosen; or none, because nothing can be reached, the answer is lost, or it is an error.
 */
export type TokenPlan =
  | { readonly _tag: "Granted"; readonly lasts: number | null }
  | { readonly _tag: "Unreachable" }
  | { readonly _tag: "Lost" }
  | { readonly _tag: "Answered"; readonly status: number; readonly code: string | null }

export interface ActorPlan {
  readonly when: When
  readonly does: Act
}

/** How a caller's cancel ends, unless it comes to its result before. */
export type Ending =
  | { readonly _tag: "Patient" }
  | { readonly _tag: "Timeout"; readonly after: number }
  | { readonly _tag: "Interrupt"; readonly when: When }
  | { readonly _tag: "InterruptAtTurn"; readonly turn: number }

export interface CallerPlan {
  readonly startsAt: number
  /** A given key; null: one is generated. */
  readonly key: string | null
  readonly policy: CancelPolicy.Options
  readonly ending: Ending
  /** It cancels where nothing can be interrupted, as in a finalizer. */
  readonly shielded: boolean
}

/** How the handler of the events behaves. */
export type SinkPlan =
  | { readonly _tag: "Prompt" }
  | { readonly _tag: "Default" }
  | { readonly _tag: "Slow"; readonly takes: number }
  | { readonly _tag: "Hangs" }
  | { readonly _tag: "Dies" }

export interface ClientPlan {
  /** It cannot be interrupted. */
  readonly deaf: boolean
  /** It fails on every status but a 2xx, as `filterStatusOk` does. */
  readonly filtersStatus: boolean
  /** Whose failures it has. */
  readonly dialect: "undici" | "fetch" | "node"
}

/**
 * One delivery of a notification:
 *
 * - `event`: of which event, by their order; nothing is delivered where there is none;
 * - `lateBy`: how long after the event;
 * - `how`: as the provider signs it at that time; altered after that; signed by somebody
 *   else; or recorded when it was fresh, and played back when it no longer is.
 */
export interface DeliveryPlan {
  readonly event: number
  readonly lateBy: number
  readonly how: "Genuine" | "Forged" | "OtherSecret" | "Replayed"
}

export interface Scenario {
  readonly seed: number
  /** Whose cancel is played, and in which way: the name of its facts. */
  readonly provider: string
  readonly status: string
  /** When the payment is created, if that is not before all else. */
  readonly createdAt: number | null
  /** How long the provider takes to decide what it has only taken in, in whole milliseconds. */
  readonly decidesIn: number
  readonly callers: ReadonlyArray<CallerPlan>
  /** By the order in which they begin, whoever begins them; further ones are undisturbed. */
  readonly exchanges: ReadonlyArray<ExchangePlan>
  /** By their order, where access tokens are asked for; further ones are granted. */
  readonly tokens: ReadonlyArray<TokenPlan>
  readonly actors: ReadonlyArray<ActorPlan>
  /** How far the status replica lags behind. */
  readonly lag: number
  /** The client stands still for a while. */
  readonly freezes: ReadonlyArray<{ readonly at: number; readonly lasts: number }>
  /** The client's wall clock is set. */
  readonly wallJumps: ReadonlyArray<{ readonly at: number; readonly by: number }>
  readonly operationsPerTurn: number
  readonly client: ClientPlan
  readonly sink: SinkPlan
  /** What is delivered of the provider's notifications, in this order. */
  readonly deliveries: ReadonlyArray<DeliveryPlan>
  /** Whether every output is searched for secrets; it takes its time. */
  readonly inspected: boolean
}

/** An exchange in which nothing goes wrong. */
export const calm: ExchangePlan = {
  latency: { connect: 1.25, request: 2.5, process: 3.75, answer: 2.125, body: 0.5 },
  fault: null,
  lostOnAbort: false,
  stale: false
}

/** An HTTP status with which a whole answer says that it does not carry the request out. */
export const isRefusalStatus = (status: number): boolean => status >= 400 && status < 500 && status !== 408

export const usualTurn = 2048

const milliseconds = (random: Random.Random, scale: number): number => random.next() * 2 * scale

const latency = (random: Random.Random): Latency => {
  const step = () => milliseconds(random, random.weighted([[70, 5], [18, 80], [7, 1_500], [5, 20_000]]))
  return { connect: step(), request: step(), process: step(), answer: step(), body: step() }
}

const lateBy = (random: Random.Random): number =>
  milliseconds(random, random.pick([2, 20, 200, 2_000, 20_000, 200_000]))

const retryAfter = (random: Random.Random): AnswerPlan["retryAfter"] =>
  random.weighted<AnswerPlan["retryAfter"]>([
    [10, null],
    [2, "0"],
    [3, "1"],
    [2, "20"],
    [2, "900"],
    [1, "31536000"],
    [1, "99999999999999999999"],
    [1, -86_400_000],
    [2, 2_500],
    [1, 94_608_000_000],
    [1, "soon"],
    [1, "-5"],
    [1, "2027"]
  ])

const sendAgain = (random: Random.Random): AnswerPlan["sendAgain"] =>
  random.weighted<AnswerPlan["sendAgain"]>([[6, null], [2, true], [2, false]])

/** One of a list that may be empty. */
const pickFrom = <A>(random: Random.Random, [first, ...others]: ReadonlyArray<A>): A | null =>
  first === undefined ? null : random.pick([first, ...others])

/** An answer that leaves it open whether the request was or will be carried out. */
const doubtfulAnswer = (random: Random.Random, facts: Facts): AnswerPlan => {
  const lie: AnswerBody = { _tag: "Lie", status: random.pick([facts.cancelled, ...closed(facts)]) }
  const doubtful = pickFrom(random, facts.doubtful)
  const refusal = pickFrom(random, facts.refusals)
  // With the status that its row states, a refusal's code says that nothing runs.
  const elsewhere = pickFrom(random, facts.refusals.filter((_) => !facts.stillRunning.includes(_.status)))
  const unless = <A>(there: A | null, weight: number): number => there === null ? 0 : weight
  const [status, body] = random.weighted<readonly [number, AnswerBody]>([
    [4, [random.pick([500, 502, 503, 504]), { _tag: "Html" }]],
    [unless(doubtful, 3), [random.pick([500, 502, 503]), { _tag: "Code", code: doubtful?.code ?? null }]],
    [unless(refusal, 2), [random.pick([500, 503]), { _tag: "Code", code: refusal?.code ?? null }]],
    [2, [random.pick([500, 302, 408]), lie]],
    [unless(doubtful, 4), [400, { _tag: "Code", code: doubtful?.code ?? null }]],
    [unless(refusal, 1), [408, { _tag: "Code", code: refusal?.code ?? null }]],
    [1, [random.pick([301, 302, 307]), { _tag: "Empty" }]],
    [2, [200, { _tag: "Html" }]],
    [2, [random.pick([200, 204]), { _tag: "Empty" }]],
    [3, [200, { _tag: "OtherPayment" }]],
    [1, [200, { _tag: "UnlistedStatus" }]],
    [2, [random.pick([200, 202]), { _tag: "StillCancellable" }]],
    [2, [200, { _tag: "Truth" }]],
    // Where the status says nothing that would be a refusal.
    [facts.onlyStatus === 200 ? 0 : unless(refusal, 1), [200, { _tag: "Code", code: refusal?.code ?? null }]],
    [facts.onlyStatus === 200 ? 0 : unless(refusal, 1), [200, { _tag: "CodeAndTruth", code: refusal?.code ?? null }]],
    // That a request under the same key still runs, in whatever words, or in none.
    [facts.stillRunning.length === 0 ? 0 : 6, [
      facts.stillRunning[0] ?? 500,
      random.pick<AnswerBody>([
        { _tag: "Empty" },
        { _tag: "Html" },
        { _tag: "Code", code: null },
        { _tag: "Code", code: "a_code_nobody_has_listed" },
        { _tag: "Code", code: elsewhere?.code ?? null },
        { _tag: "CodeAndTruth", code: null }
      ])
    ]]
  ])
  return { status, body, retryAfter: retryAfter(random), sendAgain: sendAgain(random), echoes: random.chance(0.15) }
}

/** An answer by which the request is refused: it is not carried out, then or later. */
const refusingAnswer = (random: Random.Random, facts: Facts): AnswerPlan => {
  const { code, status: usualStatus } = pickFrom(random, facts.refusals) ?? { code: null, status: 400 }
  const bare = pickFrom(random, facts.bare)
  const [status, body] = random.weighted<readonly [number, AnswerBody]>([
    [6, [usualStatus, { _tag: "Code", code }]],
    [2, [429, { _tag: "Code", code: random.pick([code, null]) }]],
    [1, [random.pick([400, 409, 422, 451]), { _tag: "Code", code }]],
    [2, [random.pick([400, 403, 409]), { _tag: "Code", code: "a_code_nobody_has_listed" }]],
    [1, [random.pick([400, 404, 429]), { _tag: "Html" }]],
    [2, [usualStatus, { _tag: "CodeAndTruth", code }]],
    [bare === null ? 0 : 2, [bare ?? 400, { _tag: "Empty" }]]
  ])
  return { status, body, retryAfter: retryAfter(random), sendAgain: sendAgain(random), echoes: random.chance(0.15) }
}

const closed = (facts: Facts): ReadonlyArray<string> =>
  Object.keys(facts.standings).filter((status) => facts.standings[status] === "Closed")

const fault = (random: Random.Random, facts: Facts): Fault => {
  const late = (): LateBy => random.chance(0.4) ? null : lateBy(random)
  return random.weighted<() => Fault>([
    [14, () => ({
      point: "Connecting",
      what: random.weighted([
        [4, "Refused"],
        [2, "NotFound"],
        [2, "ConnectTimeout"],
        [1, "Certificate"],
        [1, "NotTls"],
        [2, "HandshakeReset"],
        [2, "Stall"],
        [1, "Defect"]
      ])
    })],
    [18, () => ({
      point: "Sent",
      what: random.weighted([[4, "Close"], [4, "Reset"], [5, "Stall"], [1, "Defect"]]),
      lateBy: late()
    })],
    [12, () => ({ point: "Sent", what: "Answer", answer: doubtfulAnswer(random, facts), lateBy: late() })],
    [16, () => ({ point: "Sent", what: "Answer", answer: refusingAnswer(random, facts), lateBy: null })],
    [6, () => ({
      point: "Sent",
      what: "Twice",
      lateBy: lateBy(random),
      // A provider that honours no key answers the second copy as a request of its own: then
      // no client can tell what its answer is about.
      answers: facts.honoursKey && random.chance(0.5) ? "Second" : "First"
    })],
    // What a provider that takes requests in does when it fails halfway is what matters most there.
    [facts.receipts === null ? 12 : 32, () => ({
      point: "Provider",
      what: random.weighted([[1, "CrashBefore"], [facts.receipts === null ? 1 : 3, "CrashAfter"]]),
      isHeard: random.chance(facts.receipts === null ? 0.5 : 0.3)
    })],
    [14, () => ({ point: "Applied", what: random.pick(["Close", "Reset", "Stall"]) })],
    [12, () => ({ point: "Applied", what: "Answer", answer: doubtfulAnswer(random, facts) })],
    [10, () => ({ point: "Body", what: random.pick(["Cut", "Stall", "EndsEarly", "Oversized"]) })],
    [4, () => ({ point: "AfterBody", what: random.pick(["Close", "Stall"]) })]
  ])()
}

const tokenPlan = (random: Random.Random, facts: Facts): TokenPlan => {
  const refusal = pickFrom(random, facts.refusals)
  return random.weighted<() => TokenPlan>([
    [10, () => ({ _tag: "Granted", lasts: null })],
    [8, () => ({ _tag: "Granted", lasts: random.pick([1, 2, 10, 60, 600]) })],
    [2, () => ({ _tag: "Unreachable" })],
    [2, () => ({ _tag: "Lost" })],
    [4, () => ({
      _tag: "Answered",
      status: random.pick([refusal?.status ?? 401, 401, 400, 429, 500, 503, 302]),
      code: random.pick([refusal?.code ?? null, facts.doubtful[0]?.code ?? null, "a_code_nobody_has_listed", null])
    })]
  ])()
}

/** How many requests for access tokens are planned. */
const plannedTokens = 8

const [first, ...others] = everything
if (first === undefined) throw new Error("nobody is played")

const weights = [[first.weight, first] as const, ...others.map((facts) => [facts.weight, facts] as const)] as const

const moments = ["Connecting", "Sent", "Arrived", "Applied", "Head", "HalfBody", "Ended"] as const

const when = (random: Random.Random): When =>
  random.chance(0.5)
    ? { _tag: "At", time: milliseconds(random, random.pick([5, 50, 500, 5_000, 50_000])) }
    : { _tag: "During", exchange: random.whole(0, 3), moment: random.pick(moments) }

const ending = (random: Random.Random): Ending =>
  random.weighted<() => Ending>([
    [12, () => ({ _tag: "Patient" })],
    [2, () => ({ _tag: "Timeout", after: milliseconds(random, random.pick([5, 50, 500, 5_000, 50_000])) })],
    [4, () => ({ _tag: "Interrupt", when: when(random) })],
    [3, () => ({ _tag: "InterruptAtTurn", turn: random.whole(1, 120) })]
  ])()

const policy = (random: Random.Random, facts: Facts): CancelPolicy.Options =>
  random.chance(0.35) ? {} : {
    attempts: random.pick([1, 1, 2, 3, 5]),
    attemptTimeout: random.weighted([[1, 20], [2, 200], [3, 2_000], [3, 10_000], [2, 60_000]]),
    statusReads: random.pick([1, 2, 3, 4]),
    statusTimeout: random.weighted([[1, 20], [2, 200], [3, 2_000], [3, 10_000]]),
    backoff: {
      initial: random.pick([0, 10, 100, 1_000]),
      factor: random.pick([1, 2, 10]),
      maximum: random.pick([0, 100, 5_000]),
      jitter: random.pick([0, 0.25, 1])
    },
    maximumRetryAfter: random.pick([0, 500, 5_000, 60_000]),
    deadline: random.weighted([
      [1, 1],
      [1, 20],
      [2, 300],
      [3, 3_000],
      [4, 30_000],
      [4, 300_000],
      [3, 7_200_000],
      [2, 1_000_000_000]
    ]),
    // An access token has to fit in.
    maximumBodyBytes: Math.max(random.weighted([[1, 64], [4, 4_096], [4, 1_048_576]]), facts.token === null ? 0 : 4_096)
  }

const acts = ["Pays", "PaymentSucceeds", "PaymentFails", "Expires", "CancelsElsewhere"] as const

const deliveries = (random: Random.Random, facts: Facts): ReadonlyArray<DeliveryPlan> =>
  facts.webhooks !== null && random.chance(facts.receipts === null ? 0.12 : 0.7)
    ? Array.from({ length: random.whole(1, 4) }, (): DeliveryPlan => ({
      event: random.pick([0, 0, 1, 1, 2]),
      lateBy: milliseconds(random, random.pick([10, 2_000, 60_000, 86_400_000, 900_000_000])),
      how: random.weighted([[7, "Genuine"], [2, "Forged"], [1, "OtherSecret"], [1, "Replayed"]])
    }))
    : []

/** How many exchanges are planned; the rest is calm. */
const planned = 12

/** Handlers of events that take no time. */
const promptSink = (random: Random.Random): SinkPlan =>
  random.weighted<SinkPlan>([[12, { _tag: "Prompt" }], [2, { _tag: "Default" }], [1, { _tag: "Dies" }]])

const anySink = (random: Random.Random): SinkPlan =>
  random.weighted<() => SinkPlan>([
    [12, () => ({ _tag: "Prompt" })],
    [2, () => ({ _tag: "Default" })],
    [2, () => ({ _tag: "Slow", takes: milliseconds(random, random.pick([5, 300, 3_000])) })],
    [1, () => ({ _tag: "Hangs" })],
    [1, () => ({ _tag: "Dies" })]
  ])()

/**
 * Makes a scenario of a seed; with somebody's facts, one in which this cancel is played. Which
 * others there are then makes no difference.
 */
export const make = (seed: number, played?: Facts): Scenario => {
  const random = Random.make(seed)
  const facts = played ?? random.weighted(weights)
  const createdAt = facts.canBeNamedBefore && random.chance(0.3) ? milliseconds(random, random.pick([5, 50, 5_000])) : null
  const turbulence = random.pick([0.15, 0.4, 0.7, 0.95])
  const given = random.chance(0.3) ? `key-of-the-caller-${seed}` : null
  const caller = (startsAt: number, key: string | null): CallerPlan => ({
    startsAt,
    key,
    policy: policy(random, facts),
    ending: ending(random),
    shielded: random.chance(0.1)
  })
  const exchange = (): ExchangePlan => ({
    latency: random.chance(0.4) ? calm.latency : latency(random),
    fault: random.chance(turbulence) ? fault(random, facts) : null,
    lostOnAbort: random.chance(0.3),
    stale: random.chance(0.5)
  })
  return {
    seed,
    provider: facts.name,
    status: random.chance(facts.receipts === null ? 0.8 : 0.6) || createdAt !== null ? facts.cancellable : random.pick([facts.cancelled, ...closed(facts)]),
    createdAt,
    decidesIn: random.pick([1, 1_000, 60_000]),
    callers: [
      caller(0, given),
      ...(random.chance(0.16)
        ? [caller(milliseconds(random, random.pick([1, 5, 20, 1_000])), given === null || random.chance(0.3) ? null : given)]
        : [])
    ],
    exchanges: Array.from({ length: planned }, exchange),
    actors: random.chance(0.5)
      ? Array.from({ length: random.whole(1, 3) }, () => ({ when: when(random), does: random.pick(acts) }))
      : [],
    lag: random.chance(0.3) ? milliseconds(random, random.pick([10, 300, 5_000, 60_000])) : 0,
    freezes: random.chance(0.08)
      ? [{ at: milliseconds(random, random.pick([10, 1_000, 20_000])), lasts: milliseconds(random, random.pick([50, 5_000, 500_000])) }]
      : [],
    wallJumps: random.chance(0.15)
      ? [{ at: milliseconds(random, random.pick([5, 100, 5_000])), by: random.pick([-31_536_000_000, -3_600_000, -50, 50, 3_600_000, 31_536_000_000]) }]
      : [],
    operationsPerTurn: random.weighted([[8, usualTurn], [1, 64], [1, 24]]),
    client: {
      deaf: random.chance(0.08),
      filtersStatus: random.chance(0.12),
      dialect: random.pick(["undici", "fetch", "node"])
    },
    // A handler that is slow to hear of an access token uses up the time of the request that needs it, which then is not sent.
    sink: facts.token === null ? anySink(random) : promptSink(random),
    deliveries: deliveries(random, facts),
    inspected: random.chance(0.1),
    tokens: facts.token === null || random.chance(0.4) ? [] : Array.from({ length: plannedTokens }, () => tokenPlan(random, facts))
  }
}
