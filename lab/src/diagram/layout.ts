/**
 * Where things stand in the picture. Its vertical axis is time, but not to scale: a wait of eighty
 * seconds takes more room than one of a second, and not eighty times as much.
 */
import type { History } from "../scenario/History.js"

/** Pixels between two moments. */
const gap = (millis: number): number => Math.min(120, 14 + 12 * Math.log2(1 + millis / 50))

export interface Scale {
  /** Every moment at which something happens, in order. */
  readonly moments: ReadonlyArray<number>
  /** From milliseconds to pixels. */
  readonly y: (at: number) => number
  readonly height: number
}

const top = 14

export const scaleOf = ({ claims, ends, messages, steps, truths, waits }: History): Scale => {
  const moments = [
    ...new Set([
      0,
      ...messages.flatMap(({ fate, leaves }) => [leaves, fate.at]),
      ...[...truths, ...claims, ...steps].map(({ at }) => Math.max(0, at)),
      ...waits.flatMap(({ from, until }) => [from, until]),
      ends
    ].filter((at) => at <= ends))
  ].sort((one, other) => one - other)
  const ys: Array<number> = []
  moments.forEach((at, nth) => {
    const before = moments[nth - 1]
    ys.push(before === undefined ? top : (ys[nth - 1] ?? top) + gap(at - before))
  })
  const y = (at: number): number => {
    const next = moments.findIndex((moment) => moment >= at)
    if (next === -1) return ys.at(-1) ?? top
    const [to = 0, below = top] = [moments[next], ys[next]]
    const from = moments[next - 1]
    const above = ys[next - 1]
    return from === undefined || above === undefined || to === from ? below : above + (below - above) * ((at - from) / (to - from))
  }
  return { moments, y, height: (ys.at(-1) ?? top) + 18 }
}

/** The words of a text in lines of about so many characters. */
export const wrapped = (text: string, characters: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(/\s+|(?<=_)|(?<=[a-z]{3})(?=[A-Z])/)) {
    const last = lines.at(-1)
    const joint = last?.endsWith("_") === true || /^[A-Z][a-z]/.test(word) && text.includes(`${last?.split(" ").at(-1)}${word}`) ? "" : " "
    if (last !== undefined && last.length + joint.length + word.length <= characters) lines[lines.length - 1] = last + joint + word
    else lines.push(word)
  }
  return lines
}
