/**
 * What each kind of payment is called, and by which sign it is known without its colour.
 */
import { type Cell, type Kind, kindOf } from "../../many/run.js"

export const kinds: { readonly [K in Kind]: { readonly title: string; readonly sign: string } } = {
  Waiting: { title: "waiting", sign: "" },
  UnderWay: { title: "under way", sign: "•" },
  Cancelled: { title: "cancelled", sign: "✓" },
  Accepted: { title: "accepted", sign: "…" },
  NotCancelled: { title: "not cancelled", sign: "✕" },
  InDoubt: { title: "in doubt", sign: "?" },
  NotBegun: { title: "not begun", sign: "–" }
}

// A cast, because `Object.keys` returns strings.
export const kindNames = Object.keys(kinds) as ReadonlyArray<Kind>

/** Whether it is not cancelled for now, because of the way or the time, and is to be tried again. */
const isOpen = (cell: Cell): boolean => kindOf(cell) === "NotCancelled" && cell.standing?.isSettled === false

export const openTitle = "not cancelled for now"

/** Of a cell: its classes. */
export const classOf = (cell: Cell): string => `cell is-${kindOf(cell)}${isOpen(cell) ? " is-open" : ""}`

/** Of a cell: what it is, in words. */
export const wordsOf = (cell: Cell): string => isOpen(cell) ? openTitle : kinds[kindOf(cell)].title

export const titleOf = (cell: Cell): string =>
  `${cell.paymentId}: ${wordsOf(cell)}${cell.isUnderWay || cell.told === "" ? "" : ` (${cell.told})`}`
