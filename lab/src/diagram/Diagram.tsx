/**
 * A play as a sequence diagram: the caller on the left, the provider on the right, time downwards.
 */
import { type Claim, type History, inForce, type Message, type Truth } from "../scenario/History.js"
import { scaleOf, wrapped } from "./layout.js"

const claimWords: { readonly [Is in Claim["is"]]: string } = {
  Nothing: "this call did nothing",
  Unknown: "unknown",
  Accepted: "accepted, not decided",
  Cancelled: "cancelled",
  NotCancelled: "not cancelled"
}

/** The word for what the caller may claim. */
export const claimWord = (claim: Claim | undefined): string => claim === undefined ? "" : claimWords[claim.is]

interface Part {
  readonly from: number
  readonly until: number
  readonly is: Claim["is"] | Truth["is"]
  readonly words: string
}

/** What is in force one after the other; what only repeats the one before is part of it. */
const partsOf = <A extends { readonly at: number; readonly is: Part["is"] }>(
  changes: ReadonlyArray<A>,
  ends: number,
  words: (change: A) => string
): ReadonlyArray<Part> => {
  const changed = changes.filter((change, nth) => {
    const next = changes[nth + 1]
    return next === undefined || next.at > change.at
  })
  const parts: Array<{ from: number; until: number; is: Part["is"]; words: string }> = []
  changed.forEach((change, nth) => {
    const until = changed[nth + 1]?.at ?? ends
    const last = parts.at(-1)
    if (last?.is === change.is && last.words === words(change)) last.until = until
    else parts.push({ from: Math.max(0, change.at), until, is: change.is, words: words(change) })
  })
  return parts
}

export interface DiagramProps {
  readonly history: History
  /** Up to when it is shown, in milliseconds. */
  readonly until: number
  readonly width: number
}

export const Diagram = ({ history, until, width }: DiagramProps) => {
  const { height, y } = scaleOf(history)
  const isNarrow = width < 560
  const margin = isNarrow ? 92 : 168
  const [caller, provider] = [margin, width - margin]
  // Of letters that are as wide as any system's.
  const characters = Math.floor((margin - 20) / 8)
  const now = y(until)
  const claims = partsOf(history.claims, history.ends, (claim) => claimWords[claim.is])
  const truths = partsOf(history.truths, history.ends, ({ status }) => status)

  /** How many lines the claim that begins then takes. */
  const linesAt = (at: number) => claims.filter((part) => part.from === at).reduce((lines, { words }) => lines + wrapped(words, characters).length, 0)

  /** The words of each part stand beside its beginning, or below those of the one before. */
  const worded = (parts: ReadonlyArray<Part>) => {
    let free = 0
    return parts.map((part) => {
      const lines = wrapped(part.words, characters)
      const top = Math.max(y(part.from), free)
      free = top + 14 * lines.length
      return { part, lines, top }
    })
  }

  const bar = ({ lines, part, top }: ReturnType<typeof worded>[number], x: number, side: "start" | "end") => {
    if (part.from > until) return null
    const [from, to] = [y(part.from), Math.min(now, y(part.until))]
    return (
      <g key={`${side}-${part.from}`} class={`part is-${part.is}`}>
        <rect x={x - 6} y={from} width={12} height={Math.max(2, to - from)} />
        {lines.map((line, nth) => (
          <text key={nth} x={side === "end" ? x - 14 : x + 14} y={top + 12 + 14 * nth} text-anchor={side}>{line}</text>
        ))}
      </g>
    )
  }

  const arrow = (message: Message, nth: number) => {
    const { fate, from, label, leaves, operation } = message
    if (leaves > until) return null
    const [start, goal] = from === "Caller" ? [caller + 6, provider - 6] : [provider - 6, caller + 6]
    const reach = fate._tag === "Arrives" ? 1 : fate.where
    const whole = fate.at - leaves
    const part = whole > 0 ? Math.min(1, (until - leaves) / whole) : 1
    const [x1, y1] = [start, y(leaves)]
    // Along its way in the picture, which is not to scale.
    const y2 = y(leaves + whole * part)
    const progress = y(fate.at) === y1 ? 1 : (y2 - y1) / (y(fate.at) - y1)
    const x2 = start + (goal - start) * reach * progress
    const isThere = until >= fate.at
    const direction = from === "Caller" ? 1 : -1
    const text = shortened(label, isNarrow ? 20 : 52)
    // Along the arrow, near enough to its beginning to be its own.
    const place = 0.5 - Math.min(0.3, Math.max(0, whole - 400) / 20_000)
    const tilt = Math.atan2(y(fate.at) - y1, (goal - start) * reach) * (180 / Math.PI)
    const middle = { x: start + (goal - start) * reach * place, y: y1 + (y(fate.at) - y1) * place }
    const upright = direction === 1 ? tilt : tilt - 180
    return (
      <g key={nth} class={`message of-${operation} ${fate._tag === "Breaks" && isThere ? "is-broken" : ""}`}>
        <line x1={x1} y1={y1} x2={x2} y2={y2} />
        {isThere && fate._tag === "Arrives" && (
          <path class="head" d={`M ${x2} ${y2} l ${-9 * direction} -4.5 l 0 9 z`} />
        )}
        {isThere && fate._tag === "Breaks" && (
          <g class="break" transform={`translate(${x2} ${y2})`}>
            <path d="M -6 -6 L 6 6 M -6 6 L 6 -6" />
            <text x={isNarrow ? 0 : 10 * direction} y={isNarrow ? 20 : 4} text-anchor={isNarrow ? "middle" : direction === 1 ? "start" : "end"}>
              {reach > 0.9 ? "" : fate.why}
            </text>
          </g>
        )}
        {text !== "" && progress >= place && (
          <text class="label" transform={`translate(${middle.x} ${middle.y}) rotate(${upright}) translate(0 -6)`} text-anchor="middle">{text}</text>
        )}
      </g>
    )
  }

  return (
    <svg class="diagram" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary(history, until)}>
      <defs>
        <pattern id="doubt" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" class="doubt-ground" />
          <rect width="3" height="6" class="doubt-stripe" />
        </pattern>
      </defs>
      <line class="lane" x1={caller} y1={0} x2={caller} y2={height} />
      <line class="lane" x1={provider} y1={0} x2={provider} y2={height} />
      {history.waits.map(({ from, says, until: end }) => from > until ? null : (
        <g key={from} class="wait">
          <path d={`M ${caller + 12} ${y(from) + 3} q 10 ${(Math.min(now, y(end)) - y(from)) / 2} 0 ${Math.max(1, Math.min(now, y(end)) - y(from) - 6)}`} />
          <text x={caller + 24} y={(y(from) + y(end)) / 2 + 4}>{says}</text>
        </g>
      ))}
      {history.messages.map(arrow)}
      {history.remarks.map(({ at, says }) => at > until ? null : (
        <g key={at} class="remark">
          <path d={`M ${caller - 8} ${y(at)} l -9 -5 l 0 10 z`} />
          {wrapped(says, characters).map((line, nth) => (
            <text key={nth} x={caller - 21} y={y(at) + 14 * (nth + linesAt(at)) + (linesAt(at) === 0 ? 4 : 12)} text-anchor="end">{line}</text>
          ))}
        </g>
      ))}
      {worded(claims).map((part) => bar(part, caller, "end"))}
      {worded(truths).map((part) => bar(part, provider, "start"))}
      {until < history.ends && <line class="now" x1={caller - 16} x2={provider + 16} y1={now} y2={now} />}
    </svg>
  )
}

/** A message's words as far as there is room: ids in paths are left out first. */
const shortened = (label: string, characters: number): string => {
  const plain = label.replaceAll(/\/[^/ ]{13,}/g, "/…")
  const short = plain.length > characters ? plain.replace(/^(\w+) .*(\/[^/]*)$/, "$1 …$2") : plain
  return short.length > characters ? `${short.slice(0, characters - 1)}…` : short
}

/** What the picture shows, for who does not see it. */
const summary = (history: History, until: number): string =>
  `Sequence diagram. The caller may claim: ${claimWord(inForce(history.claims, until))}. ` +
  `At ${history.provider} the payment is ${inForce(history.truths, until)?.status ?? "not there"}.`
