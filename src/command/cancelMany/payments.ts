/** The payments of a file: what it asks for, and everything that is wrong with it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type * as Sandbox from "../../sandbox/Sandbox.js"
import * as Files from "./files.js"
import * as Formats from "./formats.js"
import { keyOf } from "./key.js"
import type { Subject } from "./outcome.js"
import type { Fields } from "./definition.js"
import * as Providers from "./providers.js"

/** One payment to cancel, as its line asks for it. */
export interface Payment {
  readonly line: number
  /** Its place among the payments of the file, from 0. */
  readonly index: number
  readonly provider: Sandbox.Provider
  readonly paymentId: string
  /** The key that the line states. */
  readonly idempotencyKey: string | undefined
  /** The provider's cancel request. */
  readonly fields: Fields
  /** It states a reason, and the provider has no field for one. */
  readonly reasonIsNotSent: boolean
}

type Checked = Either.Either<Payment, ReadonlyArray<Formats.Problem>>

/** A cell that is not meant as text is JSON. */
const valueOf = (isText: boolean, cell: unknown): Either.Either<unknown, string> =>
  isText || typeof cell !== "string"
    ? Either.right(cell)
    : Either.mapLeft(Formats.parseJson(cell), ({ field }) => field === "" ? "must be JSON" : `must not have ${field} twice in the same object`)

const check = (format: Formats.Format, { cells, line }: Formats.Line, index: number): Checked => {
  if (Either.isLeft(cells)) return Either.left([cells.left])
  const { provider: name, ...given } = cells.right
  const at = (field: string, problem: string): Formats.Problem => ({ line, field, problem })
  if (typeof name !== "string" || !Providers.isProvider(name)) {
    return Either.left([at("provider", name === undefined ? "is missing" : Providers.misspelt(String(name)))])
  }
  const provider = Providers.provider(name)
  const problems: Array<Formats.Problem> = []
  const fields: Record<string, unknown> = {}
  for (const [field, cell] of Object.entries(given)) {
    const known = Object.hasOwn(provider.fields, field) ? provider.fields[field] : undefined
    if (known !== undefined) {
      const value = valueOf(known.isText || !format.isText, cell)
      if (Either.isLeft(value)) problems.push(at(field, value.left))
      else fields[field] = value.right
    } else if (field !== "reason") {
      problems.push(at(field, Providers.everyField.has(field) ? `is no field of a cancel at ${name}` : "is no field of any provider"))
    }
  }
  const checked = provider.check(fields)
  // One that is not even JSON has been named already.
  if (Either.isLeft(checked) && !problems.some(({ field }) => field === checked.left.field)) {
    problems.push(at(checked.left.field, checked.left.problem))
  }
  const { idempotencyKey, paymentId } = fields
  return problems.length > 0 || typeof paymentId !== "string"
    ? Either.left(problems)
    : Either.right({
      line,
      index,
      provider: name,
      paymentId,
      idempotencyKey: typeof idempotencyKey === "string" ? idempotencyKey : undefined,
      fields,
      reasonIsNotSent: "reason" in given && !Object.hasOwn(provider.fields, "reason")
    })
}

const columns: Formats.Columns = {
  known: new Set(["provider", "reason", ...Providers.everyField]),
  required: ["provider", "paymentId"]
}

/** Every line of a file, checked by itself. */
const checked = (format: Formats.Format, path: string): Stream.Stream<Checked, Files.FileFailed> =>
  Stream.map(Stream.zipWithIndex(format.lines(path, columns)), ([line, index]) => check(format, line, index))

/** What a payment asks for. */
const asked = ({ fields, provider }: Payment): string => JSON.stringify([provider, fields])

/**
 * The payments of a file that was checked. What was checked, and what is recorded, goes by their places: so it fails at
 * the first one that is not what was in its place then.
 */
export const payments = (
  format: Formats.Format,
  path: string,
  { count, places }: Pick<Survey, "count" | "places">
): Stream.Stream<Payment, Files.FileFailed> => {
  const changed = new Files.FileFailed({
    message: `${path}: it has changed since it was checked. Put it back as it was, and run this again.`
  })
  return Stream.suspend(() => {
    let read = 0
    return checked(format, path).pipe(
      Stream.mapEffect((line) => {
        if (Either.isLeft(line) || places[read] !== shortened(asked(line.right))) return changed
        read += 1
        return Effect.succeed(line.right)
      }),
      Stream.concat(Stream.suspend(() => read === count ? Stream.empty : Stream.fail(changed)))
    )
  })
}

/** What no two lines may have in common. */
const identities = ({ idempotencyKey, paymentId, provider }: Payment): ReadonlyArray<readonly [field: string, identity: string]> => [
  ["paymentId", JSON.stringify(["paymentId", provider, paymentId])],
  ...(idempotencyKey === undefined ? [] : [["idempotencyKey", JSON.stringify(["idempotencyKey", provider, idempotencyKey])] as const])
]

/** Six bytes of a digest: as much as a number holds. Two that are equal may still be of different texts. */
const shortened = (text: string): number => createHash("sha256").update(text).digest().readUIntBE(0, 6)

/** A payment, with the key that its line states or without one. */
const named = (provider: string, paymentId: string, idempotencyKey: string | undefined): number =>
  shortened(JSON.stringify([provider, paymentId, idempotencyKey]))

/** What a file asks for. */
export interface Survey {
  readonly count: number
  readonly byProvider: ReadonlyMap<Sandbox.Provider, { readonly count: number; readonly reasonsNotSent: number }>
  /** Of all that is asked for, in its order: the same for two files only if they ask for the same. */
  readonly digest: string
  /** Of what each payment asks for some bytes, in the order of the file. */
  readonly places: ReadonlyArray<number>
  /** Whether it is about the payment in this place, with the key that it has in this batch. */
  readonly isOf: (batch: string) => (index: number, subject: Subject) => boolean
}

/** The problems of every line, those that are named twice included. */
const problemsIn = (
  format: Formats.Format,
  path: string,
  suspects: ReadonlySet<number>
): Stream.Stream<Formats.Problem, Files.FileFailed> =>
  Stream.suspend(() => {
    // Which of them are really equal, and where the first one is.
    const first = new Map<string, number>()
    const repeated = (payment: Payment) =>
      identities(payment).flatMap(([field, identity]): ReadonlyArray<Formats.Problem> => {
        if (!suspects.has(shortened(identity))) return []
        const before = first.get(identity)
        if (before !== undefined) return [{ line: payment.line, field, problem: `is the same as in line ${before}` }]
        first.set(identity, payment.line)
        return []
      })
    return Stream.mapConcat(checked(format, path), Either.match({ onLeft: (problems) => problems, onRight: repeated }))
  })

/**
 * Reads the whole file and tells of every problem, in the order of the lines: a second time, if there is any. Of each
 * payment it keeps some bytes, to find those that are named twice.
 */
export const survey = (
  format: Formats.Format,
  path: string,
  tell: (problem: Formats.Problem) => Effect.Effect<void>
): Effect.Effect<{ readonly problems: number; readonly survey: Survey }, Files.FileFailed> =>
  Effect.gen(function*() {
    const seen = new Set<number>()
    const suspects = new Set<number>()
    const byProvider = new Map<Sandbox.Provider, { count: number; reasonsNotSent: number }>()
    const hash = createHash("sha256")
    const places: Array<number> = []
    const names: Array<number> = []
    let count = 0
    let isFlawed = false
    yield* Stream.runForEach(checked(format, path), (line) =>
      Effect.sync(() => {
        if (Either.isLeft(line)) {
          isFlawed = true
          return
        }
        const payment = line.right
        const { idempotencyKey, paymentId, provider, reasonIsNotSent } = payment
        count += 1
        hash.update(`${asked(payment)}\n`)
        places.push(shortened(asked(payment)))
        names.push(named(provider, paymentId, idempotencyKey))
        const counts = byProvider.get(provider) ?? { count: 0, reasonsNotSent: 0 }
        counts.count += 1
        if (reasonIsNotSent) counts.reasonsNotSent += 1
        byProvider.set(provider, counts)
        for (const [, identity] of identities(payment)) {
          const short = shortened(identity)
          if (seen.has(short)) suspects.add(short)
          seen.add(short)
        }
      }))
    let problems = 0
    if (isFlawed || suspects.size > 0) {
      yield* Stream.runForEach(problemsIn(format, path, suspects), (problem) => {
        problems += 1
        return tell(problem)
      })
    }
    const isOf: Survey["isOf"] = (batch) => (index, { idempotencyKey, paymentId, provider }) =>
      names[index] === named(provider, paymentId, idempotencyKey) ||
      (idempotencyKey === keyOf(batch, provider, paymentId) && names[index] === named(provider, paymentId, undefined))
    return { problems, survey: { count, byProvider, digest: hash.digest("hex"), places, isOf } }
  })
