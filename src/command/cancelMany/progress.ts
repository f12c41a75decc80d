/** How far it is, for a person: one line. */
import * as Duration from "effect/Duration"
import type { Outcome } from "./outcome.js"

/** How many payments there are of each kind. */
export interface Counts {
  /** All payments of the file. */
  readonly total: number
  /** Those that an earlier run settled. */
  readonly before: number
  /** How those of this run ended. */
  readonly ended: { readonly [O in Outcome]: number }
  /** Those that were begun and have not ended. */
  readonly underWay: number
}

/** A moment, and what had ended by then. */
export interface Sample {
  readonly at: number
  readonly ended: number
}

export const endedOf = ({ ended }: Counts): number => Object.values(ended).reduce((sum, count) => sum + count, 0)

/** How many end in a second, over the samples: not since the start, so that it shows what is true now. */
export const rateOf = (samples: ReadonlyArray<Sample>): number => {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.at <= first.at) return 0
  return (last.ended - first.ended) / ((last.at - first.at) / 1000)
}

export const number = (value: number): string => value.toLocaleString("en-US")

const names: { readonly [O in Outcome]: string } = {
  Cancelled: "cancelled",
  Accepted: "accepted",
  NotCancelled: "not cancelled",
  Unknown: "in doubt"
}

export const nameOf = (outcome: Outcome): string => names[outcome]

const parts: ReadonlyArray<Outcome> = ["Cancelled", "Accepted", "NotCancelled", "Unknown"]

/** Of what there is none, nothing is said; but what is in doubt is always said. */
const countsText = ({ ended }: Counts): string =>
  parts.filter((outcome) => outcome === "Cancelled" || outcome === "Unknown" || ended[outcome] > 0)
    .map((outcome) => `${number(ended[outcome])} ${nameOf(outcome)}`)
    .join(", ")

const timeLeft = (left: number, rate: number): string =>
  left === 0 ? "" : rate === 0 ? ", time left unknown" : `, ${Duration.format(Duration.seconds(Math.ceil(left / rate)))} left`

const rateText = (rate: number): string => `${rate >= 10 ? number(Math.round(rate)) : rate.toFixed(1)}/s`

/** A line of its own, for a log. */
export const line = (counts: Counts, rate: number): string => {
  const done = counts.before + endedOf(counts)
  const share = counts.total === 0 ? 100 : Math.floor(100 * done / counts.total)
  return `${number(done)} of ${number(counts.total)} (${share} %), ${rateText(rate)}${timeLeft(counts.total - done, rate)}: ${
    countsText(counts)
  }`
}

const barWidth = 24

/** The same behind a bar, and no longer than the terminal is wide: a line that wraps could not be replaced. */
export const bar = (counts: Counts, rate: number, columns: number): string => {
  const done = counts.before + endedOf(counts)
  const full = counts.total === 0 ? barWidth : Math.floor(barWidth * done / counts.total)
  return `${"█".repeat(full)}${"░".repeat(barWidth - full)} ${line(counts, rate)}`.slice(0, Math.max(columns - 1, 0))
}
