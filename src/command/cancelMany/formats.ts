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

/** Whether a text is in a value, or a name, that cannot be read. However deep it is nested: not by recursion. */
const isGarbled = (entry: readonly [string, unknown]): boolean => {
  const left: Array<unknown> = [...entry]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === "string") {
      if (value.includes(unreadable)) return true
    } else if (Predicate.isObject(value)) {
      for (const [name, inner] of Object.entries(value)) left.push(name, inner)
    }
  }
  return false
}

const cellsOf = (line: number, entries: ReadonlyArray<readonly [string, unknown]>): Line["cells"] => {
  const garbled = entries.find(isGarbled)
  if (garbled !== undefined) {
    return Either.left({ line, field: garbled[0], problem: "has a character that cannot be read: the file must be in UTF-8" })
  }
  return Either.right(Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? value.trim() : value] as const)
      .filter(([, value]) => value !== "" && value !== null && value !== undefined)
  ))
}

/** One short token at a time: an expression for whole texts runs out of stack where one of them has millions of escapes. */
const tokens = /\\.|["{}:]/g

/** A name that an object of a JSON text has twice: which of the two values is meant, nobody can tell. */
const repeatedName = (text: string): string | undefined => {
  const objects: Array<Set<unknown>> = []
  let last = ""
  /** Where the text begins that this is in. */
  let from: number | undefined
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (token === "\"") {
      if (from !== undefined) last = text.slice(from, index + 1)
      from = from === undefined ? index : undefined
    } else if (from !== undefined) continue
    else if (token === "{") objects.push(new Set())
    else if (token === "}") objects.pop()
    else if (token === ":") {
      const names = objects.at(-1)
      // However it is written.
      const name = String(JSON.parse(last))
      if (names?.has(name) === true) return name
      names?.add(name)
    }
  }
  return undefined
}

/** What a JSON text says, or what is wrong with it: the field is a name that an object has twice. */
export const parseJson = (text: string): Either.Either<unknown, Omit<Problem, "line">> =>
  Either.flatMap(
    Either.try({ try: (): unknown => JSON.parse(text), catch: () => ({ field: "", problem: "is not JSON" }) }),
    (value) => {
      const field = repeatedName(text)
      return field === undefined ? Either.right(value) : Either.left({ field, problem: "is twice in the same object" })
    }
  )

const json: Format = {
  isText: false,
  lines: (path) =>
    Stream.unwrap(Effect.as(Files.refuseUtf16(path), Files.bytes(path))).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.zipWithIndex,
      Stream.filter(([text]) => text.trim() !== ""),
      Stream.map(([text, index]) => {
        const line = index + 1
        const cells = Either.filterOrLeft(
          Either.mapLeft(parseJson(text), (problem) => ({ ...problem, line })),
          (value): value is { readonly [name: string]: unknown } => Predicate.isRecord(value) && !Array.isArray(value),
          () => ({ line, field: "", problem: "is not a JSON object" })
        )
        return { line, cells: Either.flatMap(cells, (value) => cellsOf(line, Object.entries(value))) }
      })
    ),
  head: () => "",
  row: (cells) => `${JSON.stringify(cells)}\n`
}

const installLine = "npm install csv-parse@7 csv-stringify@6"

const loaded = <A>(load: () => Promise<A>): Effect.Effect<A, Command.Failed> =>
  Effect.tryPromise({
    try: load,
    catch: () => new Command.Failed({ message: `CSV needs two more packages: ${installLine}\nJSON lines (.jsonl) need none.` })
  })

const quoteInside = "is not CSV: a quote inside of a cell, where the cell has to be in quotes and the quote doubled"
const behindQuotes = `${quoteInside}. What comes behind it was not checked`
/** `csv-parse` takes the cell to go on. */
const upToNextQuote = `${quoteInside}. What comes behind it, up to where a later quote ends a cell, was not checked`

/** Why the text of a CSV file cannot be read on, by `csv-parse`'s own code. */
const malformed = (cause: unknown): string => {
  switch (Predicate.hasProperty(cause, "code") ? cause.code : undefined) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "is not CSV: a quote is opened and never closed"
    case "CSV_INVALID_CLOSING_QUOTE":
      return upToNextQuote
    case "INVALID_OPENING_QUOTE":
      return quoteInside
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return behindQuotes
    default:
      return "is not CSV"
  }
}

const numberIn = (cause: unknown, field: string): number => {
  const value = Predicate.hasProperty(cause, field) ? cause[field] : undefined
  return typeof value === "number" ? value : 0
}

/** A row that `csv-parse` left out: its problem, and where the cell begins that has it. */
interface Skipped {
  readonly problem: string
  readonly bytes: number
}

const newline = 10
const carriageReturn = 13
const blank = new Set([9, 12, carriageReturn, 32])

/**
 * Counts the lines of a file that passes: they end with LF, CR LF or CR, wherever that is. `csv-parse` counts CR LF as two
 * lines where it is in a cell.
 */
const lineCounter = () => {
  let lines = [{ from: 0, isBlank: true }]
  /** The number of the first one that is not forgotten, and how far behind it the last answer was. */
  let first = 1
  let at = 0
  let position = 0
  let wasReturn = false
  const begin = () => {
    lines.push({ from: position, isBlank: true })
  }
  return {
    pass: (chunk: Uint8Array) => {
      if (at > 0) {
        lines = lines.slice(at)
        first += at
        at = 0
      }
      for (const byte of chunk) {
        if (wasReturn && byte !== newline) begin()
        position += 1
        wasReturn = byte === carriageReturn
        const line = lines.at(-1)
        if (byte === newline) begin()
        else if (line !== undefined && !blank.has(byte)) line.isBlank = false
      }
    },
    /** The line of a byte, or the next one that is not blank. Bytes are asked for in their order. */
    lineOf: (byte: number): number => {
      while (at + 1 < lines.length && (lines[at]?.isBlank === true || (lines[at + 1]?.from ?? 0) <= byte)) at += 1
      return first + at
    }
  }
}

interface CsvRecord {
  readonly record: ReadonlyArray<string>
  /** Where the row ends. */
  readonly info: { readonly bytes: number }
}

const lineEnds = /\r\n|\r|\n/g

/** A row, and the line that it begins in. */
interface Row {
  readonly line: number
  readonly record: ReadonlyArray<string>
}

/** What is wrong with the columns of a CSV file. */
const inHeader = ({ known, required }: Columns, names: ReadonlyArray<string>): ReadonlyArray<Omit<Problem, "line">> => {
  // As spreadsheets write it where the comma is in decimal numbers.
  const hint = names.some((name) => /[;\t]/.test(name)) ? ": a comma has to separate the cells" : ""
  return [
    ...required.filter((name) => !names.includes(name)).map((field) => ({ field, problem: `is missing in the header${hint}` })),
    ...names.filter((name) => name !== "" && !known.has(name)).map((field) => ({ field, problem: "is no field of any provider" })),
    ...names.flatMap((name, at) => name === "" ? [{ field: `column ${at + 1}`, problem: "has no name in the header" }] : []),
    ...[...known].filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
      .map((field) => ({ field, problem: "is twice in the header" }))
  ]
}

const csv = Effect.map(
  Effect.all([loaded(() => import("csv-parse")), loaded(() => import("csv-stringify/sync"))]),
  ([{ parse }, { stringify }]): Format => ({
    isText: true,
    lines: (path, columns) => {
      const records = Stream.suspend(() => {
        let skipped: Array<Skipped> = []
        let lastSkipped = -1
        const counter = lineCounter()
        /** Behind some problems `csv-parse` loses its place, and rows with it. */
        let isLost = false
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
            if (isLost || bytes === lastSkipped) return
            lastSkipped = bytes
            const problem = malformed(cause)
            skipped.push({ problem, bytes })
            isLost = problem === behindQuotes
          },
          onRecord: (row) => isLost ? undefined : row
        })
        const counting = new NodeStream.Transform({
          transform: (chunk: Uint8Array, _, done) => {
            counter.pass(chunk)
            done(null, chunk)
          }
        })
        NodeStream.pipeline(Fs.createReadStream(path), counting, parser, () => {
          // The iteration below hears of it too.
        })
        const each: AsyncIterable<CsvRecord> = parser
        // The parser is ahead of whoever takes its rows.
        const problemsBefore = (end: number) => {
          const problems = skipped.filter(({ bytes }) => bytes < end)
          skipped = skipped.filter(({ bytes }) => bytes >= end)
          return problems.map(({ bytes, problem }) => Either.left({ line: counter.lineOf(bytes), field: "", problem }))
        }
        return Stream.fromAsyncIterable(each, Files.failed(path)).pipe(
          Stream.mapConcat(({ info: { bytes }, record }): ReadonlyArray<Either.Either<Row, Problem>> => {
            const problems = problemsBefore(bytes)
            const line = record.reduce((line, cell) => line - (cell.match(lineEnds)?.length ?? 0), counter.lineOf(bytes - 1))
            return [...problems, Either.right({ line, record })]
          }),
          Stream.concat(Stream.suspend(() => Stream.fromIterable(problemsBefore(Number.POSITIVE_INFINITY))))
        )
      })
      return Stream.unwrap(Effect.as(Files.refuseUtf16(path), records)).pipe(
        Stream.mapAccum(
          undefined,
          (
            header: ReadonlyArray<string> | undefined,
            each: Either.Either<Row, Problem>
          ): readonly [ReadonlyArray<string> | undefined, ReadonlyArray<Line>] => {
            if (Either.isLeft(each)) return [header, [{ line: each.left.line, cells: Either.left(each.left) }]]
            const { line, record } = each.right
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
