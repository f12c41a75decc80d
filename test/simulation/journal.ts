/**
 * The order in which things happened, and, when somebody wants to read it, what happened.
 */
import { toMillis, type Timeline } from "./clock.js"

/** The position of an event among all events of a simulation. */
export type Order = number

export interface Line {
  readonly at: number
  readonly who: string
  readonly what: string
}

export interface Journal {
  /** Notes that something happens just now, and returns its place in the order. */
  note(who: string, what: () => string): Order
  readonly lines: ReadonlyArray<Line>
}

export const make = (timeline: Timeline, readable: boolean): Journal => {
  const lines: Array<Line> = []
  let order = 0
  return {
    lines,
    note: (who, what) => {
      order += 1
      if (readable) lines.push({ at: toMillis(timeline.now()), who, what: what() })
      return order
    }
  }
}
