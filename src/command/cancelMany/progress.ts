/** How far it is, for a person: one line. */
import * as Duration from "effect/Duration"
import type { Ending } from "./outcome.js"

/** How many payments there are of each kind. */
export interface Counts {
  /** All payments of the file. */
  readonly total: number
  /** Those that an earlier run settled. */
  readonly before: number
  /** How those of this run ended. */
  readonly ended: { readonly [E in Ending]: number }
  /** Those for which a request was sent, and which have not ended. */
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

/** What a file or a provider says, as one line: nothing in it is done by a terminal, or makes a line of its own in a log. */
export const inOneLine = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

export const number = (value: number): string => value.toLocaleString("en-US")

const names: { readonly [E in Ending]: string } = {
  Cancelled: "cancelled",
  Accepted: "accepted",
  NotCancelled: "not cancelled",
  NotBegun: "not begun",
  Unknown: "in doubt"
}

export const nameOf = (ending: Ending): string => names[ending]

const parts: ReadonlyArray<Ending> = ["Cancelled", "Accepted", "NotCancelled", "NotBegun", "Unknown"]

/** Of what there is none, nothing is said; but what is in doubt is always said. */
const countsText = ({ before, ended }: Counts): string =>
  [
    ...before > 0 ? [`${number(before)} settled before`] : [],
    ...parts.filter((ending) => ending === "Cancelled" || ending === "Unknown" || ended[ending] > 0)
      .map((ending) => `${number(ended[ending])} ${nameOf(ending)}`)
  ].join(", ")

/** Seconds mean nothing where it takes hours. */
const durationText = (seconds: number): string =>
  Duration.format(Duration.seconds(seconds < 3600 ? Math.ceil(seconds) : Math.ceil(seconds / 60) * 60))

/** So many have to end before a rate says anything. */
const fewest = 5

const timeLeft = (counts: Counts, left: number, rate: number): string => {
  if (left === 0 || endedOf(counts) < fewest) return ""
  return rate === 0 ? ", time left unknown" : `, ${durationText(left / rate)} left`
}

const rateText = (rate: number): string => `${rate >= 10 ? number(Math.round(rate)) : rate.toFixed(1)}/s`

const doneOf = (counts: Counts): number => counts.before + endedOf(counts)

/** A line of its own, for a log. */
export const line = (counts: Counts, rate: number): string => {
  const done = doneOf(counts)
  const share = counts.total === 0 ? 100 : Math.floor(100 * done / counts.total)
  return `${number(done)} of ${number(counts.total)} (${share} %), ${rateText(rate)}${timeLeft(counts, counts.total - done, rate)}: ${
    countsText(counts)
  }`
}

const widest = 24
const narrowest = 4

/**
 * The same behind a bar, and no longer than the terminal is wide: a line that wraps could not be replaced. Where there
 * is little room, the bar gets shorter, and then goes; then the rate and the share; and the counts last, of which those
 * in doubt stay.
 */
export const bar = (counts: Counts, rate: number, columns: number): string => {
  const room = Math.max(columns - 1, 0)
  const done = doneOf(counts)
  const full = line(counts, rate)
  const width = Math.min(widest, room - full.length - 1)
  if (width >= narrowest) {
    const filled = counts.total === 0 ? width : Math.floor(width * done / counts.total)
    return `${"█".repeat(filled)}${"░".repeat(width - filled)} ${full}`
  }
  const doubtFirst = parts.toReversed().filter((ending) => ending === "Unknown" || counts.ended[ending] > 0)
    .map((ending) => `${number(counts.ended[ending])} ${nameOf(ending)}`).join(", ")
  const lines = [full, `${number(done)} of ${number(counts.total)}: ${countsText(counts)}`, countsText(counts)]
  return lines.find(({ length }) => length <= room) ?? doubtFirst.slice(0, room)
}
