/**
 * CSV and JSON lines. CSV goes through the packages `csv-parse` and `csv-stringify`, which are
 * loaded only for it; JSON lines need no package.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as NodeStream from "node:stream"
import * as Command from "../Command.js"
import * as Files from "./files.js"

/** What is wrong in a line. It never repeats a value. */
export interface Problem {
  readonly line: number
  /** Empty if it is the whole line. */
  readonly field: string
  readonly problem: string
}

/** A line that was read, or what is wrong with it. Texts are without space around them, and what is empty or null is left out. */
export interface Line {
  readonly line: number
  readonly cells: Either.Either<{ readonly [name: string]: unknown }, Problem>
}

/** Both ways between lines and files. */
export interface Format {
  /** Whether every cell is text, however it is meant. */
  readonly isText: boolean
  readonly lines: (path: string, columns: Columns) => Stream.Stream<Line, Files.FileFailed>
  /** The first lines of a file of these columns. */
  readonly head: (columns: ReadonlyArray<string>) => string
  readonly row: (cells: { readonly [column: string]: string | number | boolean | null }) => string
}

/** The columns that a file may have, and those that it must have. */
export interface Columns {
  readonly known: ReadonlySet<string>
  readonly required: ReadonlyArray<string>
}

/** What stands for bytes that are no UTF-8: it would be sent in their place, in an id as well as in a reason. */
const unreadable = "\uFFFD"

const cellsOf = (line: number, entries: ReadonlyArray<readonly [string, unknown]>): Line["cells"] => {
  const garbled = entries.find(([, value]) => typeof value === "string" && value.includes(unreadable))
  if (garbled !== undefined) {
    return Either.left({ line, field: garbled[0], problem: "has a character that cannot be read: the file must be in UTF-8" })
  }
  return Either.right(Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value.trim() : value] as const)
      .filter(([, value]) => value !== "" && value !== null && value !== undefined)
  ))
}

const json: Format = {
  isText: false,
  lines: (path) =>
    Files.bytes(path).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.zipWithIndex,
      Stream.filter(([text]) => text.trim() !== ""),
      Stream.map(([text, index]) => {
        const line = index + 1
        const cells = Either.filterOrLeft(
          Either.mapLeft(parseJson(text), () => ({ line, field: "", problem: "is not JSON" })),
          (value): value is { readonly [name: string]: unknown } => Predicate.isRecord(value) && !Array.isArray(value),
          () => ({ line, field: "", problem: "is not a JSON object" })
        )
        return { line, cells: Either.flatMap(cells, (value) => cellsOf(line, Object.entries(value))) }
      })
    ),
  head: () => "",
  row: (cells) => `${JSON.stringify(cells)}\n`
}

export const parseJson = (text: string): Either.Either<unknown, unknown> => Either.try((): unknown => JSON.parse(text))

const installLine = "npm install csv-parse@7 csv-stringify@6"

const loaded = <A>(load: () => Promise<A>): Effect.Effect<A, Command.Failed> =>
  Effect.tryPromise({
    try: load,
    catch: () => new Command.Failed({ message: `CSV needs two more packages: ${installLine}\nJSON lines (.jsonl) need none.` })
  })

const neverClosed = "is not CSV: a quote is opened and never closed"

/** Why the text of a CSV file cannot be read on, by `csv-parse`'s own code. */
const malformed = (cause: unknown): string => {
  switch (Predicate.hasProperty(cause, "code") ? cause.code : undefined) {
    case "CSV_QUOTE_NOT_CLOSED":
      return neverClosed
    case "CSV_INVALID_CLOSING_QUOTE":
    case "INVALID_OPENING_QUOTE":
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return "is not CSV: a quote inside of a cell, where the cell has to be in quotes and the quote doubled"
    default:
      return "is not CSV"
  }
}

const numberIn = (cause: unknown, field: string): number => {
  const value = Predicate.hasProperty(cause, field) ? cause[field] : undefined
  return typeof value === "number" ? value : 0
}

/** A row that `csv-parse` left out: its problem, and how many bytes were good before it. */
interface Skipped extends Problem {
  readonly bytes: number
}

const newline = 10
const quote = 34

/** The line of the first quote behind so many bytes. */
const lineOfQuote = (path: string, bytes: number): Effect.Effect<number, Files.FileFailed> =>
  Files.bytes(path).pipe(
    Stream.runFoldWhile({ position: 0, line: 1, isFound: false }, ({ isFound }) => !isFound, ({ line, position }, chunk) => {
      const until = chunk.findIndex((byte, at) => byte === quote && position + at >= bytes)
      const isFound = until >= 0
      const before = isFound ? chunk.subarray(0, until) : chunk
      return { isFound, position: position + chunk.length, line: before.reduce((sum, byte) => byte === newline ? sum + 1 : sum, line) }
    }),
    Effect.map(({ line }) => line)
  )

/** A quote that is never closed takes in all lines behind it: it is to be looked for where it opens. */
const located = (path: string, { bytes, field, line, problem }: Skipped): Effect.Effect<Problem, Files.FileFailed> =>
  problem === neverClosed
    ? Effect.map(lineOfQuote(path, bytes), (line) => ({ line, field, problem }))
    : Effect.succeed({ line, field, problem })

interface CsvRecord {
  readonly record: ReadonlyArray<string>
  readonly info: { readonly lines: number }
}

/** What is wrong with the columns of a CSV file. */
const inHeader = ({ known, required }: Columns, names: ReadonlyArray<string>): ReadonlyArray<Omit<Problem, "line">> => [
  ...required.filter((name) => !names.includes(name)).map((field) => ({ field, problem: "is missing in the header" })),
  ...names.filter((name) => !known.has(name)).map((field) => ({ field, problem: "is no field of any provider" })),
  ...[...known].filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
    .map((field) => ({ field, problem: "is twice in the header" }))
]

const csv = Effect.map(
  Effect.all([loaded(() => import("csv-parse")), loaded(() => import("csv-stringify/sync"))]),
  ([{ parse }, { stringify }]): Format => ({
    isText: true,
    lines: (path, columns) => {
      const records = Stream.suspend(() => {
        let skipped: ReadonlyArray<Skipped> = []
        const parser = parse({
          bom: true,
          info: true,
          relaxColumnCount: true,
          skipEmptyLines: true,
          skipRecordsWithError: true,
          // So that a quote may come after a space.
          trim: true,
          onSkip: (cause) => {
            const bytes = numberIn(cause, "bytes")
            // Of what is wrong in a row, the first is enough.
            if (skipped.some((each) => each.bytes === bytes)) return
            skipped = [...skipped, { line: numberIn(cause, "lines"), field: "", problem: malformed(cause), bytes }]
          }
        })
        NodeStream.pipeline(Fs.createReadStream(path), parser, () => {
          // The iteration below hears of it too.
        })
        const each: AsyncIterable<CsvRecord> = parser
        // The parser is ahead of whoever takes its rows.
        const problemsBefore = (line: number) =>
          Stream.suspend(() => {
            const problems = skipped.filter((each) => each.line < line)
            skipped = skipped.filter((each) => each.line >= line)
            return Stream.mapEffect(Stream.fromIterable(problems), (problem) => Effect.map(located(path, problem), Either.left))
          })
        return Stream.fromAsyncIterable(each, Files.failed(path)).pipe(
          Stream.flatMap((record) => Stream.concat(problemsBefore(record.info.lines), Stream.succeed(Either.right(record)))),
          Stream.concat(problemsBefore(Number.POSITIVE_INFINITY))
        )
      })
      return records.pipe(
        Stream.mapAccum(
          undefined,
          (
            header: ReadonlyArray<string> | undefined,
            each: Either.Either<CsvRecord, Problem>
          ): readonly [ReadonlyArray<string> | undefined, ReadonlyArray<Line>] => {
            if (Either.isLeft(each)) return [header, [{ line: each.left.line, cells: Either.left(each.left) }]]
            const { info: { lines }, record } = each.right
            // Counted are those up to the end of the row, which cells of several lines are a part of.
            const line = record.reduce((line, cell) => line - (cell.split("\n").length - 1), lines)
            if (header === undefined) {
              const names = record.map((name) => name.trim())
              return [names, inHeader(columns, names).map((problem) => ({ line, cells: Either.left({ ...problem, line }) }))]
            }
            // Without these columns, there is nothing more to be said of any row.
            if (!columns.required.every((name) => header.includes(name))) return [header, []]
            if (record.length !== header.length) {
              const problem = `has ${record.length} cells, and the header ${header.length}`
              return [header, [{ line, cells: Either.left({ line, field: "", problem }) }]]
            }
            return [header, [{
              line,
              // What is wrong with a column has been said once.
              cells: cellsOf(line, header.flatMap((name, at) => columns.known.has(name) ? [[name, record[at]] as const] : []))
            }]]
          }
        ),
        Stream.flattenIterables
      )
    },
    head: (columns) => stringify([[...columns]]),
    row: (cells) => stringify([Object.values(cells).map((cell) => cell === null ? "" : String(cell))])
  })
)

/** By the name of the file. */
export const of = (path: string): Effect.Effect<Format, Command.Misused | Command.Failed> => {
  switch (Path.extname(path).toLowerCase()) {
    case ".csv":
      return csv
    case ".jsonl":
    case ".ndjson":
      return Effect.succeed(json)
    default:
      return new Command.Misused({ message: `${path}: expected a name that ends in .csv, .jsonl or .ndjson` })
  }
}
