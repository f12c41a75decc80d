/**
 * The journal beside the results: what a later run goes by. Its first line is written, and is safe
 * from a crash, before anything is sent. It holds the name that all keys are derived from. So no
 * key is ever lost, however the process ends. Every line behind it says which payments are begun,
 * and is safe before their first requests leave; or what became of one payment, of which the last
 * counts. What was begun, and has no such line behind that, may have been sent: it is in doubt.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Files from "./files.js"
import * as Outcome from "./outcome.js"

const Header = Schema.Struct({
  journal: Schema.Literal("effect-payment-cancel cancel-many"),
  version: Schema.Literal(2),
  /** What every key is derived from that the file does not state. */
  batch: Schema.String,
  /** The digest of what the file asks for. */
  asksFor: Schema.String,
  sandbox: Schema.Boolean,
  /** Whether it went to a server on the same machine, such as the sandbox's; earlier versions did not say. */
  isLocal: Schema.optional(Schema.Boolean)
})

export type Header = typeof Header.Type

export const header = (fields: Pick<Header, "batch" | "asksFor" | "sandbox" | "isLocal">): Header => ({
  journal: "effect-payment-cancel cancel-many",
  version: 2,
  ...fields
})

const Entry = Schema.Struct({ index: Schema.NonNegativeInt, ...Outcome.Record.fields })

const Begun = Schema.Struct({ begun: Schema.Array(Schema.NonNegativeInt) })

const HeaderLine = Schema.parseJson(Header)
const EntryLine = Schema.parseJson(Entry)
const BegunLine = Schema.parseJson(Begun)

const decodeHeader = Schema.decodeOption(HeaderLine)
const decodeEntry = Schema.decodeOption(EntryLine)
const decodeBegun = Schema.decodeOption(BegunLine)
const decodeJson = Schema.decodeOption(Schema.parseJson())
const encodeHeader = Schema.encodeSync(HeaderLine)
const encodeEntry = Schema.encodeSync(EntryLine)
const encodeBegun = Schema.encodeSync(BegunLine)

/** Where the last entry about each payment is, and which payments are settled. */
export interface Contents {
  readonly isSettled: (index: number) => boolean
  /** Whether a request that was sent for it may have cancelled it. */
  readonly isInDoubt: (index: number) => boolean
  /** The HTTP statuses that left it in doubt, whichever runs received them. */
  readonly answers: (index: number) => ReadonlyArray<number>
  /** What became of a payment when it was last recorded; none if it never was. */
  readonly find: (index: number) => Effect.Effect<Option.Option<Outcome.Record>, Files.FileFailed>
}

/** Whole lines, each with the place of its first byte and its length. What is torn at the end is no line. */
const linesOf = (path: string) =>
  Files.bytes(path).pipe(
    Stream.mapAccum(
      { rest: new Uint8Array(), position: 0 },
      ({ position, rest }, chunk: Uint8Array) => {
        const bytes = new Uint8Array(rest.length + chunk.length)
        bytes.set(rest)
        bytes.set(chunk, rest.length)
        const lines: Array<{ readonly position: number; readonly length: number; readonly text: string }> = []
        let from = 0
        for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
          lines.push({ position: position + from, length: end - from, text: new TextDecoder().decode(bytes.subarray(from, end)) })
          from = end + 1
        }
        return [{ rest: bytes.slice(from), position: position + from }, lines]
      }
    ),
    Stream.flattenIterables
  )

const headerStart = "{\"journal\":\"effect-payment-cancel cancel-many\",\"version\":2,"

/** Whether this is what a crash leaves of a first line. What has a line end of another kind may be a whole journal. */
const isTornHeader = (text: string): boolean =>
  headerStart.startsWith(text.replace(/\0+$/, "")) || (text.startsWith(headerStart) && !text.includes("\r"))

/** The first line of a journal; none if there is no journal, or none that was ever acted upon. */
export const readHeader = (path: string): Effect.Effect<Option.Option<Header>, Files.FileFailed> =>
  Effect.gen(function*() {
    if (!(yield* Files.exists(path))) return Option.none()
    const first = yield* Stream.runHead(linesOf(path))
    const header = Option.flatMap(first, ({ text }) => decodeHeader(text))
    if (Option.isNone(header) && (Option.isSome(first) || !isTornHeader(yield* Files.read(path)))) {
      return yield* new Files.FileFailed({ message: `${path}: is no journal of this version of cancel-many` })
    }
    return header
  })

const entryStart = "{\"index\":"
const begunStart = "{\"begun\":["

/** Whether this is what a crash leaves of a line behind the first one. After a loss of power, zeros may be where nothing was kept. */
const isTorn = (text: string): boolean =>
  text === "" || text.includes("\0") || entryStart.startsWith(text) || begunStart.startsWith(text) || /^\{"begun":\[[\d,]+\]?$/.test(text) ||
  (text.startsWith(entryStart) && Option.isNone(decodeJson(text)))

const open = 0
const settled = 1
const inDoubt = 2

/**
 * Reads a journal of so many payments, of each of which `isOf` knows what may be said in its place. Of each it keeps some
 * bytes. It fails at a line that this run and those before it have not written.
 */
export const read = (
  path: string,
  count: number,
  isOf: (index: number, record: Outcome.Record) => boolean
): Effect.Effect<Contents, Files.FileFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const positions = new Float64Array(count).fill(-1)
    const lengths = new Uint32Array(count)
    const standings = new Uint8Array(count).fill(open)
    const answers = new Map<number, ReadonlyArray<number>>()
    /** Whether it was written for these payments. */
    const take = (position: number, length: number, text: string): boolean => {
      const entry = Option.getOrUndefined(decodeEntry(text))
      if (entry === undefined) {
        // A line that is neither was torn by a crash: what it would have said of a payment is found out again.
        const said = decodeBegun(text)
        if (Option.isNone(said)) return isTorn(text.trimEnd())
        for (const index of said.value.begun) {
          if (index >= count) return false
          standings[index] = inDoubt
        }
      } else {
        if (entry.index >= count || !isOf(entry.index, entry)) return false
        positions[entry.index] = position
        lengths[entry.index] = length
        standings[entry.index] = entry.settled ? settled : entry.outcome === "Unknown" ? inDoubt : open
        const answer = Outcome.doubtfulAnswer(entry)
        if (entry.outcome !== "Unknown") answers.delete(entry.index)
        else if (answer !== null) answers.set(entry.index, [...new Set(answers.get(entry.index)).add(answer)])
      }
      return true
    }
    let line = 0
    yield* Stream.runForEach(linesOf(path), ({ length, position, text }) =>
      Effect.suspend(() => {
        line += 1
        return line === 1 || take(position, length, text) ? Effect.void : new Files.FileFailed({
          message: `${path}:${line}: is no line of these payments' runs: something else has changed the journal. ` +
            "Put back what it held, or look at the provider, before this is run again."
        })
      }))
    const handle = yield* Files.opened(path, "r")
    return {
      isSettled: (index) => standings[index] === settled,
      isInDoubt: (index) => standings[index] === inDoubt,
      answers: (index) => answers.get(index) ?? [],
      find: (index) =>
        Effect.suspend(() => {
          const position = positions[index] ?? -1
          return position < 0
            ? Effect.succeedNone
            : Effect.map(Files.readAt(path, handle, position, lengths[index] ?? 0), decodeEntry)
        })
    }
  })

/** No payment was ever begun. */
export const nothing: Contents = { isSettled: () => false, isInDoubt: () => false, answers: () => [], find: () => Effect.succeedNone }

/** A journal that is written to. */
export interface Journal {
  /** Says that a payment is begun: on the disk when this ends. Once anything could not be written, nothing is begun any more. */
  readonly begins: (index: number) => Effect.Effect<void, Files.FileFailed>
  readonly append: (index: number, record: Outcome.Record) => Effect.Effect<void, Files.FileFailed>
  /** Fails unless all that was written is still where a later run looks for it. */
  readonly isWhole: Effect.Effect<void, Files.FileFailed>
}

const bytesIn = (text: string): number => new TextEncoder().encode(text).length

type Handle = Effect.Effect.Success<ReturnType<typeof Files.open>>

/** Goes on with a file of so many bytes. */
const writing = (path: string, handle: Handle, size: number): Journal => {
  const pen = Effect.unsafeMakeSemaphore(1)
  const writer = Effect.unsafeMakeSemaphore(1)
  let failure: Files.FileFailed | undefined
  const noting = (work: Effect.Effect<void, Files.FileFailed>) =>
    Effect.tapError(work, (failed) =>
      Effect.sync(() => {
        failure ??= failed
      }))
  let written = size
  /** One at a time, and behind what may have been written in part in a line of its own. */
  const write = (line: string) =>
    pen.withPermits(1)(Effect.suspend(() => {
      const text = `${failure === undefined ? "" : "\n"}${line}\n`
      return Effect.tap(noting(Files.write(path, handle, text)), () => {
        written += bytesIn(text)
      })
    }))
  /** What is put in its place does not grow, and what is cut off has too little. */
  const isWhole = Effect.suspend(() => {
    const least = written
    return Effect.filterOrFail(Files.size(path), (size) => size >= least, () =>
      new Files.FileFailed({
        message: `${path}: something else has replaced it or cut it off while this ran, and what became of some payments is no longer in it. ` +
          "Put back what it held, or look at the provider, before this is run again."
      }))
  })
  let waiting: ReadonlyArray<number> = []
  /** The disk is waited for once for all that came while it was being waited for. */
  const writeWaiting = Effect.suspend(() => {
    // What a disk could not keep, it may say the next time that it has kept.
    if (failure !== undefined) return Effect.fail(failure)
    if (waiting.length === 0) return Effect.void
    const begun = waiting
    waiting = []
    return Effect.zipRight(write(encodeBegun({ begun })), Effect.zipRight(noting(Files.syncData(path, handle)), noting(isWhole)))
  })
  return {
    begins: (index) =>
      Effect.suspend(() => {
        waiting = [...waiting, index]
        return Effect.uninterruptible(writer.withPermits(1)(writeWaiting))
      }),
    append: (index, record) => write(encodeEntry({ index, ...record })),
    isWhole
  }
}

/** Begins a journal. It fails if there is one: what a crash left that never came to a first line is put away before. */
export const begin = (path: string, header: Header): Effect.Effect<Journal, Files.FileFailed, Scope.Scope> =>
  Effect.gen(function*() {
    if (Option.isNone(yield* readHeader(path))) yield* Files.remove(path)
    const handle = yield* Files.opened(path, "ax")
    const line = `${encodeHeader(header)}\n`
    yield* Files.write(path, handle, line)
    yield* Files.sync(path, handle)
    return writing(path, handle, bytesIn(line))
  })

/** Goes on with a journal. */
export const resume = (path: string): Effect.Effect<Journal, Files.FileFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const handle = yield* Files.opened(path, "a+")
    if (yield* Files.endsTorn(path, handle)) yield* Files.write(path, handle, "\n")
    return writing(path, handle, yield* Files.size(path))
  })
