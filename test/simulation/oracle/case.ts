/**
 * One call of a run, with all that it is judged by.
 */
import type * as Cancellation from "../../../src/Cancellation.js"
import type { Knowledge } from "../evidence.js"
import type { Failure } from "../facts.js"
import { type Call, type Heard, heardOfPayment, type Run } from "../simulate.js"
import type { Rule } from "./rules.js"

/** No timer is finer than a millisecond, so bounds may be rounded to whole ones. */
export const resolution = 1

/** Rounding of durations to whole nanoseconds adds up, in milliseconds. */
export const rounding = 0.01

/** How long the handler of an event is awaited at most, in milliseconds. */
const patience = 1_000

/** How long an event may still be awaited when the deadline is over, and how many are. */
export const lastPatience = 100
export const lastEvents = 3

export interface Case {
  readonly run: Run
  readonly call: Call
  readonly knowledge: Knowledge
  /** How much longer than asked for something can take, because the client stood still. */
  readonly frozen: number
  /** How long the handler of the events holds the cancel up for each event. */
  readonly held: number
  readonly failure: Failure | null
  readonly success: Cancellation.Cancellation | null
  readonly report: (rule: Rule, words: string) => void
}

type EventTag = Heard["event"]["_tag"]

type HeardOf<T extends EventTag> = Heard & { readonly event: Extract<Heard["event"], { readonly _tag: T }> }

export const eventsOf = <T extends EventTag>(call: Call, tag: T): ReadonlyArray<HeardOf<T>> =>
  heardOfPayment(call).filter((heard): heard is HeardOf<T> => heard.event._tag === tag)

/** The changes that requests of a call brought about, whenever: the payment is cancelled, or it is refunded. */
export const broughtAboutBy = ({ call, run }: Case) =>
  run.truth.filter(({ exchange }) => exchange !== null && run.exchanges[exchange]?.caller === call.index)

export const isCancelledAt = (run: Run, order: number): boolean =>
  run.truth.some((change) => change.order <= order && run.facts.standings[change.to] === "Cancelled")

export const isUndisturbed = ({ frozen, held }: Case): boolean => frozen === 0 && held === 0

const backoff = ({ policy }: Call, nth: number): number =>
  Math.min(policy.backoff.maximum, policy.backoff.initial * policy.backoff.factor ** nth)

/** More than may be asked for: then nothing more is to be sent. */
export const isTooMuch = ({ policy }: Call, asked: number | null): boolean =>
  asked !== null && asked > policy.maximumRetryAfter

/**
 * What has to be left for an exchange, for a wait before it that was asked for to be worth it:
 * a second, or a tenth of the deadline, or the exchange's own timeout, whichever is least.
 */
export const usefulTime = ({ policy }: Call, asked: number | null, timeout: number): number =>
  asked === null || asked === 0 ? 0 : Math.min(timeout, 1_000, Math.ceil(policy.deadline / 10))

/** `nth` is which wait it is; null before a look at the status that follows at once. */
export const longestWait = (call: Call, nth: number | null, asked: number | null): number =>
  Math.max(nth === null ? 0 : backoff(call, nth), asked ?? 0)

export const shortestWait = (call: Call, nth: number | null, asked: number | null): number =>
  Math.max(nth === null ? 0 : backoff(call, nth) * (1 - call.policy.backoff.jitter), asked ?? 0)

/** When the library noticed that it was cut short, before it told anybody. */
export const cutShortAt = (call: Call): number => eventsOf(call, "Interrupted")[0]?.at ?? call.exitAt

/** Whether a code is what was sent, apart from secrets that were taken out of it. */
export const sameCode = ({ run }: Case, told: string | null, sent: string | null): boolean =>
  told === run.facts.secrets.reduce<string | null>((code, secret) => code?.replaceAll(secret, "<redacted>") ?? null, sent)

/** How long a handler of events holds a cancel up, for each event. */
export const heldUp = ({ scenario: { sink } }: Run): number =>
  sink._tag === "Hangs" ? patience : sink._tag === "Slow" ? Math.min(sink.takes, patience) : 0
