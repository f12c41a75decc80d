/** The results: one row for every payment of the file, and what they come to. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Files from "./files.js"
import type * as Formats from "./formats.js"
import type * as Journal from "./journal.js"
import * as Outcome from "./outcome.js"
import type { Payment } from "./payments.js"
import { inOneLine, nameOf, number } from "./progress.js"

/** How many payments ended alike. */
export interface Group extends Pick<Outcome.Record, "provider" | "outcome" | "result" | "code" | "settled"> {
  readonly count: number
}

/** Writes the file in one piece: it is the old one or the new one, and never half of it. */
export const write = (
  path: string,
  format: Formats.Format,
  payments: Stream.Stream<Payment, Files.FileFailed>,
  contents: Journal.Contents,
  keyOf: (payment: Payment) => string
): Effect.Effect<ReadonlyArray<Group>, Files.FileFailed> =>
  Effect.scoped(Effect.gen(function*() {
    const groups = new Map<string, Group>()
    const unfinished = `${path}.unfinished`
    const handle = yield* Files.opened(unfinished, "w")
    yield* Files.write(unfinished, handle, format.head(Outcome.columns))
    yield* payments.pipe(
      Stream.mapEffect((payment) =>
        Effect.map(contents.find(payment.index), (found) => {
          const { paymentId, provider } = payment
          const isInDoubt = contents.isInDoubt(payment.index)
          const last = Option.getOrElse(found, () =>
            (isInDoubt ? Outcome.notRecorded : Outcome.notBegun)({ provider, paymentId, idempotencyKey: keyOf(payment) }))
          const record = isInDoubt ? Outcome.afterDoubt(last) : last
          const { code, outcome, result, settled } = record
          const kind = JSON.stringify([provider, outcome, result, code, settled])
          groups.set(kind, { provider, outcome, result, code, settled, count: (groups.get(kind)?.count ?? 0) + 1 })
          return format.row(cellsOf(payment.line, record))
        })
      ),
      Stream.grouped(500),
      Stream.runForEach((rows) => Files.write(unfinished, handle, Chunk.join(rows, "")))
    )
    yield* Files.sync(unfinished, handle)
    yield* Files.rename(unfinished, path)
    return [...groups.values()]
  }))

/** In the order of the columns. */
const cellsOf = (line: number, record: Outcome.Record) => {
  const values: { readonly [column: string]: string | number | boolean | null } = { line, ...record }
  return Object.fromEntries(Outcome.columns.map((column) => [column, values[column] ?? null]))
}

const order: ReadonlyArray<Outcome.Outcome> = ["Cancelled", "Accepted", "NotCancelled", "Unknown"]

/** By provider, outcome and code, the most frequent first. */
export const summary = (groups: ReadonlyArray<Group>): string => {
  const rows = groups.toSorted((a, b) =>
    a.provider.localeCompare(b.provider) || order.indexOf(a.outcome) - order.indexOf(b.outcome) || b.count - a.count
  ).map(({ code, count, outcome, provider, result, settled }) => [
    provider,
    number(count),
    nameOf(Outcome.endingOf({ outcome, result })),
    result + (code === null ? "" : ` (${inOneLine(code)})`) + (settled ? "" : ", to be done again")
  ])
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map(([provider = "", count = "", outcome = "", result = ""]) =>
    `  ${provider.padEnd(widths[0] ?? 0)}  ${count.padStart(widths[1] ?? 0)}  ${outcome.padEnd(widths[2] ?? 0)}  ${result}`
  ).join("\n")
}
