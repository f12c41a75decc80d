/** How far a run is. It keeps nothing of what has ended and is recorded. */
import * as Outcome from "./outcome.js"
import type * as Payments from "./payments.js"
import * as Progress from "./progress.js"

/** What another record of the same payment may follow. */
const mayFollow: ReadonlySet<string> = new Set(["Interrupted", "NotRecorded", "NotBegun"])

/** Payments whose cancels are under way, those that have not been recorded, and what has been counted so far. */
export const make = (total: number, settledBefore: number) => {
  const underWay = new Set<string>()
  const unrecorded = new Map<string, Payments.Payment>()
  const sent = new Set<string>()
  const cutShort = new Map<string, Outcome.Ending>()
  const ended = { Cancelled: 0, Accepted: 0, NotCancelled: 0, NotBegun: 0, Unknown: 0 }
  let samples: ReadonlyArray<Progress.Sample> = []
  const identityOf = ({ paymentId, provider }: { readonly provider: string; readonly paymentId: string }) =>
    `${provider}\n${paymentId}`
  return {
    begin: (payment: Payments.Payment) => {
      unrecorded.set(identityOf(payment), payment)
    },
    find: (subject: { readonly provider: string; readonly paymentId: string }) => unrecorded.get(identityOf(subject)),
    /** A request for it, whichever, is about to leave. */
    ask: (payment: Payments.Payment) => {
      underWay.add(identityOf(payment))
    },
    /** Its first request to cancel is about to leave. */
    send: (payment: Payments.Payment) => {
      sent.add(identityOf(payment))
    },
    isSent: (payment: Payments.Payment) => sent.has(identityOf(payment)),
    /** Its cancel is over, and the next one may begin before this one is recorded. */
    leave: (payment: Payments.Payment) => {
      underWay.delete(identityOf(payment))
    },
    /**
     * It is recorded how it ended. What died is told of twice: how it was cut short, and then as a result, which counts. So
     * is what was not begun or not recorded when all ended, if how it was cut short is written down only then. What only
     * waited for its turn when all was stopped has not ended.
     */
    end: (record: Outcome.Record) => {
      const identity = identityOf(record)
      unrecorded.delete(identity)
      sent.delete(identity)
      const before = cutShort.get(identity)
      if (before !== undefined) ended[before] -= 1
      cutShort.delete(identity)
      const ending = Outcome.endingOf(record)
      if (ending === "NotBegun" && record.result === "NotBegun") return
      ended[ending] += 1
      if (mayFollow.has(record.result)) cutShort.set(identity, ending)
    },
    underWay: (): number => underWay.size,
    unrecorded: (): ReadonlyArray<Payments.Payment> => [...unrecorded.values()],
    /** The rate is that of the last fifteen seconds. */
    look: (now: number) => {
      const counts: Progress.Counts = { total, before: settledBefore, ended, underWay: underWay.size }
      samples = [...samples.filter(({ at }) => now - at <= 15_000), { at: now, ended: Progress.endedOf(counts) }]
      return { counts, rate: Progress.rateOf(samples) }
    }
  }
}

export type State = ReturnType<typeof make>
