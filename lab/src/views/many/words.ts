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

/** Of a cell: its classes. What is not cancelled for now is tried again, and looks open. */
export const classOf = (cell: Cell): string => {
  const kind = kindOf(cell)
  return `cell is-${kind}${kind === "NotCancelled" && cell.standing?.isSettled === false ? " is-open" : ""}`
}

export const titleOf = (cell: Cell): string =>
  `${cell.paymentId}: ${kinds[kindOf(cell)].title}${cell.isUnderWay || cell.told === "" ? "" : ` (${cell.told})`}`
