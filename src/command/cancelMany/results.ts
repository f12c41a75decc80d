/** The results: one row for every payment of the file, and what they come to. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as CancelError from "../../CancelError.js"
import * as Files from "./files.js"
import type * as Formats from "./formats.js"
import type * as Journal from "./journal.js"
import * as Outcome from "./outcome.js"
import type { Payment } from "./payments.js"
import { inOneLine, nameOf, number } from "./progress.js"

/** How many payments ended alike. */
export interface Group extends Pick<Outcome.Record, "provider" | "outcome" | "result" | "settled"> {
  /** The provider's code; of what was not begun, the category of that which it waits for. */
  readonly detail: string | null
  readonly count: number
}

/** What they come to. */
export interface Sum {
  readonly groups: ReadonlyArray<Group>
  /** How many are not settled. */
  readonly open: number
  /** How many of those are in doubt, and nothing was sent for them. */
  readonly unsent: number
  /** The providers that refuse the credentials, or what they may do. */
  readonly refusing: ReadonlySet<string>
}

const ofCredentials: ReadonlySet<string | null> = new Set<CancelError.Category>(["Unauthenticated", "Forbidden"])

/**
 * Writes the file in one piece: it is the old one or the new one, and never half of it. `refused` are the places of those
 * that stay in doubt because of the credentials.
 */
export const write = (
  path: string,
  format: Formats.Format,
  payments: Stream.Stream<Payment, Files.FileFailed>,
  contents: Journal.Contents,
  keyOf: (payment: Payment) => string,
  refused: ReadonlySet<number>
): Effect.Effect<Sum, Files.FileFailed> =>
  Effect.scoped(Effect.gen(function*() {
    const groups = new Map<string, Group>()
    let open = 0
    let unsent = 0
    const refusing = new Set<string>()
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
          const { attempts, category, code, outcome, result, settled } = record
          const detail = Outcome.isNotBegun(result) ? category : code
          const kind = JSON.stringify([provider, outcome, result, detail, settled])
          groups.set(kind, { provider, outcome, result, detail, settled, count: (groups.get(kind)?.count ?? 0) + 1 })
          if (!settled) {
            open += 1
            if (ofCredentials.has(category) || refused.has(payment.index)) refusing.add(provider)
            else if (outcome === "Unknown" && attempts === 0 && !Outcome.isNotBegun(result)) unsent += 1
          }
          return format.row(cellsOf(payment.line, record))
        })
      ),
      Stream.grouped(500),
      Stream.runForEach((rows) => Files.write(unfinished, handle, Chunk.join(rows, "")))
    )
    yield* Files.sync(unfinished, handle)
    yield* Files.rename(unfinished, path)
    return { groups: [...groups.values()], open, unsent, refusing }
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
  ).map(({ count, detail, outcome, provider, result, settled }) => [
    provider,
    number(count),
    nameOf(Outcome.endingOf({ outcome, result })),
    result + (detail === null ? "" : ` (${inOneLine(detail)})`) + (settled ? "" : ", not settled")
  ])
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map(([provider = "", count = "", outcome = "", result = ""]) =>
    `  ${provider.padEnd(widths[0] ?? 0)}  ${count.padStart(widths[1] ?? 0)}  ${outcome.padEnd(widths[2] ?? 0)}  ${result}`
  ).join("\n")
}

/** What is left to do, if anything is, for a person. */
export const advice = ({ groups, open, refusing, unsent }: Sum): ReadonlyArray<string> => {
  const again = "run the same command again for the rest, under the same keys."
  return [
    ...(open > unsent
      ? [`Not all are settled: ${
        refusing.size === 0 ? again : `put the credentials of ${[...refusing].toSorted().join(", ")} right, or what they may do, and then ${again}`
      }`]
      : []),
    ...(unsent > 0
      ? [
        `Nothing new was sent for ${number(unsent)} in doubt. If a later run says the same of them, do what "What stays in doubt" says, ` +
        "on the page \"Cancel many from a file\" of the documentation."
      ]
      : []),
    ...(open === 0 && groups.some(({ outcome }) => outcome === "NotCancelled")
      ? ["What is not cancelled was refused for good: its code says why, which may be that it was cancelled before."]
      : [])
  ]
}
