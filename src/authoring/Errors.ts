/**
 * How a provider declares its error codes: one class each, with everything that is known about
 * the code beside it. Types, catalogue, documentation and tests follow from the classes.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as CancelError from "../CancelError.js"
import type * as Answer from "./Answer.js"

/**
 * What is known about one error code.
 *
 * @since 0.1.0
 * @category models
 */
export interface Facts {
  /**
   * The provider's literal, exactly as answers spell it. Null for what is told by the HTTP status
   * alone: such a row holds for an answer with one of its statuses that states no code at all.
   */
  readonly code: string | null
  /**
   * The HTTP statuses that the code is documented or expected with; tests use the first. The engine
   * needs them only where there is no code.
   */
  readonly httpStatus: readonly [number, ...ReadonlyArray<number>]
  /** What kind of failure it is, in the words that all providers share. */
  readonly category: CancelError.Category
  /**
   * What is refused. A refusal about the payment may be our own success whose answer was lost, so
   * the status is read before it is believed.
   */
  readonly about: "Request" | "Payment"
  /** What it says, for a person; it becomes a part of the error's message. */
  readonly meaning: string
  /** What to do about it, for a person. */
  readonly remedy: string
  /** How the fact is known. */
  readonly certainty: "Documented" | "Observed" | "Inferred"
}

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** The HTTP statuses of a hundred. */
type Hundred<First extends 2 | 4 | 5> = `${First}${Digit}${Digit}` extends `${infer Status extends number}` ? Status : never

/** The HTTP statuses with which a refusal is believed. */
type RefusalStatus = Exclude<Hundred<4>, 408>

/** Those whose answer may be told by the class of a doubt: any other is an `UnexpectedResponse`. */
type DoubtStatus = RefusalStatus | Hundred<5>

/**
 * A code that refuses: the request did not cancel the payment, and never will.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal extends Facts {
  /** The HTTP statuses that the code comes with, a 4xx first: no 5xx is believed as a refusal, nor is a 408. */
  readonly httpStatus: readonly [RefusalStatus, ...ReadonlyArray<number>]
  /** The provider documents that the same request may be sent again later. */
  readonly tryAgain?: true
  /**
   * The payment's status that the refusal itself states, the provider's literal: "already voided"
   * states that it is. It counts like a status in an answer's body. One that is not in the `standings`
   * states nothing: the status is read.
   */
  readonly states?: string
}

/**
 * A code that leaves it open whether the request cancelled the payment. Whether it is sent again
 * is for the licence to say.
 *
 * An answer with a code is told by this class where its HTTP status is a 4xx but 408, or a 5xx, which comes first in
 * `httpStatus`. An error's code in a 2xx proves nothing either way, and is an `UnexpectedResponse`; unless the
 * declaration's `standsFor` says which status it stands for.
 *
 * One without a code, for a 2xx status, is the documented success that states nothing (a 204): the
 * status query proves it, and where it does not, this is the error.
 *
 * @since 0.1.0
 * @category models
 */
export type Doubt =
  & Facts
  & {
    /** An earlier request under the same key is still being worked on: it may yet cancel the payment. */
    readonly stillRunning?: true
  }
  & (
    | { readonly code: string; readonly httpStatus: readonly [DoubtStatus, ...ReadonlyArray<number>] }
    | { readonly code: null; readonly httpStatus: readonly [DoubtStatus | Hundred<2>, ...ReadonlyArray<number>] }
  )

/**
 * What is known about one error code, and what it says of the outcome.
 *
 * @since 0.1.0
 * @category models
 */
export type Row =
  | (Refusal & { readonly outcome: "NotCancelled"; readonly stillRunning?: never })
  | (Doubt & { readonly outcome: "Unknown"; readonly tryAgain?: never; readonly states?: never })

/**
 * The fields of an error class.
 *
 * @since 0.1.0
 * @category models
 */
export type FieldsOf<
  Provider extends string,
  Code extends string | null,
  Category extends CancelError.Category,
  Outcome extends CancelError.Outcome
> = {
  readonly provider: CancelError.Constant<Provider>
  readonly code: CancelError.Constant<Code>
  readonly category: CancelError.Constant<Category>
  readonly outcome: CancelError.Constant<Outcome>
} & typeof CancelError.reportFields

/**
 * The base that an error class extends. What is known about its code is in `declared`.
 *
 * @since 0.1.0
 * @category models
 */
export type CodedClass<
  Self,
  Provider extends string,
  Name extends string,
  Code extends string | null,
  Category extends CancelError.Category,
  Outcome extends CancelError.Outcome
> =
  & CancelError.ErrorClass<
    Self,
    `${Provider}.${Name}`,
    FieldsOf<Provider, Code, Category, Outcome>,
    CancelError.Report & Partial<CancelError.Literals<Provider, Code, Category, Outcome>>,
    CancelError.Instance<`${Provider}.${Name}`, Provider, Code, Category, Outcome>
  >
  & { readonly declared: { readonly name: Name; readonly row: Row & { readonly code: Code } } }

const errorClass = <Class>(tag: string, fields: () => Schema.Struct.Fields): Class =>
  CancelError.marked(() =>
    Schema.TaggedError<object>(`effect-payment-cancel/${tag}`)(tag, fields()) as unknown as
      // `TaggedError` refuses an unresolved `Self` by a conditional type, so it is made for a
      // stand-in; which class extends it makes no difference at run time. No field of an error
      // needs services to be encoded, which unresolved fields do not show.
      & Schema.Schema<object, unknown>
      & Function
  ) as unknown as Class

const coded =
  <Outcome extends CancelError.Outcome, Known extends Facts>(outcome: Outcome) =>
  <const Provider extends string>(provider: Provider) =>
  <Self>() =>
  <const Name extends string, const F extends Known>(
    name: Name,
    facts: F
  ): CodedClass<Self, Provider, Name, F["code"], F["category"], Outcome> => {
    const Class = errorClass<CodedClass<Self, Provider, Name, F["code"], F["category"], Outcome>>(
      `${provider}.${name}`,
      (): FieldsOf<Provider, F["code"], F["category"], Outcome> => ({
        provider: CancelError.constant(provider),
        code: CancelError.constant<F["code"]>(facts.code),
        category: CancelError.constant<F["category"]>(facts.category),
        outcome: CancelError.constant(outcome),
        ...CancelError.reportFields
      })
    )
    return Object.assign(Class, { declared: { name, row: { ...facts, outcome } } })
  }

/**
 * Declares the codes with which a provider refuses: `outcome` is `NotCancelled`.
 *
 * @example
 * ```ts
 * import * as Errors from "effect-payment-cancel/authoring/Errors"
 *
 * const refusal = Errors.refusal("Acme")
 *
 * export class TooLate extends refusal<TooLate>()("TooLate", {
 *   code: "too_late",
 *   httpStatus: [409],
 *   category: "NotCancellable",
 *   about: "Payment",
 *   meaning: "the payment was captured",
 *   remedy: "Refund it.",
 *   certainty: "Documented"
 * }) {}
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const refusal = coded<"NotCancelled", Refusal>("NotCancelled")

/**
 * Declares the codes that leave it open whether the payment is cancelled: `outcome` is
 * `Unknown`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const doubt = coded<"Unknown", Doubt>("Unknown")

/**
 * A category that may be left out when the error is constructed: `Unexpected` then. A provider's
 * catalogue gives what the HTTP status says.
 *
 * @since 0.1.0
 * @category models
 */
export interface CategoryByStatus
  extends Schema.PropertySignature<":", CancelError.StatusCategory, never, ":", CancelError.StatusCategory, true, never>
{}

const categoryByStatus: CategoryByStatus = CancelError.StatusCategory.pipe(
  Schema.propertySignature,
  Schema.withConstructorDefault(() => "Unexpected" as const)
)

/**
 * The fields of a provider's `Unrecognized`.
 *
 * @since 0.1.0
 * @category models
 */
export type UnrecognizedFields<Provider extends string> = {
  readonly provider: CancelError.Constant<Provider>
  readonly code: Schema.NullOr<typeof Schema.String>
  readonly category: CategoryByStatus
  readonly outcome: CancelError.Constant<"NotCancelled">
} & typeof CancelError.reportFields

/**
 * The base that a provider's `Unrecognized` extends.
 *
 * @since 0.1.0
 * @category models
 */
export type UnrecognizedClass<Self, Provider extends string> = CancelError.ErrorClass<
  Self,
  `${Provider}.Unrecognized`,
  UnrecognizedFields<Provider>,
  & CancelError.Report
  & { readonly code: string | null }
  & Partial<CancelError.Literals<Provider, string | null, CancelError.StatusCategory, "NotCancelled">>,
  CancelError.Instance<`${Provider}.Unrecognized`, Provider, string | null, CancelError.StatusCategory, "NotCancelled">
>

/**
 * The base class of a provider's `Unrecognized`: a whole 4xx answer whose code nobody has
 * listed, or that carries none. The raw code is kept. Its `category` is what
 * `CancelError.categoryOfStatus` makes of its `httpStatus`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unrecognized =
  <const Provider extends string>(provider: Provider) => <Self>(): UnrecognizedClass<Self, Provider> =>
    errorClass(`${provider}.Unrecognized`, () => ({
      provider: CancelError.constant(provider),
      code: Schema.NullOr(Schema.String),
      category: categoryByStatus,
      outcome: CancelError.constant("NotCancelled"),
      ...CancelError.reportFields
    }))

/**
 * A row together with the constructor of its class.
 *
 * @since 0.1.0
 * @category models
 */
export interface Entry<E> {
  readonly name: string
  readonly row: Row
  readonly make: (report: CancelError.Report) => E
}

/**
 * All the errors of a provider: how a code becomes an error.
 *
 * @since 0.1.0
 * @category models
 */
export interface Catalogue<E> {
  /** All of them. */
  readonly entries: ReadonlyArray<Entry<E>>
  /** Those that a code tells. */
  readonly byCode: ReadonlyMap<string, Entry<E>>
  /** Those that an answer's HTTP status tells, where it states no code. */
  readonly byStatus: ReadonlyMap<number, Entry<E>>
  /**
   * The error of an answer that neither tells. `standsFor` is the HTTP status that the answer
   * stands for, its own unless given; the category follows from it.
   */
  readonly unrecognized: (
    report: CancelError.Report & { readonly code: string | null },
    standsFor?: Option.Option<number>
  ) => E
}

/**
 * The listed error of an answer, if there is one: by its code, or by its HTTP status where it
 * states no code.
 *
 * @since 0.1.0
 * @category getters
 */
export const entryOf = <E>(
  { byCode, byStatus }: Pick<Catalogue<E>, "byCode" | "byStatus">,
  status: number,
  code: string | null
): Option.Option<Entry<E>> => Option.fromNullable(code === null ? byStatus.get(status) : byCode.get(code))

/**
 * A refusal that gives several codes, with the one that stands for it: the first that is listed. Of
 * several that are listed, one that leaves the outcome open goes first, for an answer proves no
 * more than the weakest thing that it says.
 *
 * @since 0.1.0
 * @category getters
 */
export const withTellingCode = (
  { byCode }: Pick<Catalogue<unknown>, "byCode">,
  refusal: Answer.Refusal
): Answer.Refusal => {
  if (refusal.codes === undefined) return refusal
  const { code, codes, ...rest } = refusal
  const all = code === null ? codes : [code, ...codes]
  const telling = all.find((each) => byCode.get(each)?.row.outcome === "Unknown") ??
    all.find((each) => byCode.has(each)) ??
    all[0]
  return { ...rest, code: telling ?? null }
}

interface Declared {
  readonly declared: { readonly name: string; readonly row: Row }
}

/** A module that holds a provider's error classes: `import * as errors from "./errors.js"`. */
interface Module {
  readonly Unrecognized: new(report: never, options: Schema.MakeOptions) => unknown
}

type ErrorIn<Class> = Class extends new(report: never) => infer E ? E : never

/**
 * The names of the error classes of a module.
 *
 * @since 0.1.0
 * @category models
 */
export type NamesIn<M> = {
  readonly [Name in keyof M & string]: M[Name] extends Declared ? Name : Name extends "Unrecognized" ? Name : never
}[keyof M & string]

/**
 * The errors that a module's classes are of.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorsIn<M> = ErrorIn<M[NamesIn<M> & keyof M]>

type CodeIn<Class> = ErrorIn<Class> extends { readonly code: infer Code extends string } ? string extends Code ? never : Code : never

/** The codes of a module's classes, and of each the errors that have it: a class may have two names. */
type ErrorsByCode<M> = { readonly [Name in NamesIn<M> & keyof M as CodeIn<M[Name]>]: ErrorIn<M[Name]> }

type IsOne<E, All = E> = E extends unknown ? [All] extends [E] ? true : false : never

type CodesOfSeveral<Errors> = { readonly [Code in keyof Errors]: IsOne<Errors[Code]> extends true ? never : Code }[keyof Errors]

type ProviderIn<Class> = ErrorIn<Class> extends { readonly provider: infer Provider } ? Provider : never

/** The names of a module's classes that are of another provider than its `Unrecognized`. */
type OfOthers<M extends Module> = {
  readonly [Name in NamesIn<M> & keyof M]: ProviderIn<M[Name]> extends ProviderIn<M["Unrecognized"]> ? never : Name
}[NamesIn<M> & keyof M]

type Unless<Found, Message> = [Found] extends [never] ? unknown : { readonly Unrecognized: Message }

/**
 * What keeps a module from being a catalogue: two classes with one code, of which only one could ever be made, or a class of
 * another provider. Nothing, or a property that says what.
 *
 * @since 0.1.0
 * @category models
 */
export type Ambiguous<M extends Module> =
  & Unless<CodesOfSeveral<ErrorsByCode<M>>, `Several classes have the code ${CodesOfSeveral<ErrorsByCode<M>> & string}`>
  & Unless<OfOthers<M>, `${OfOthers<M> & string} is of another provider`>

const isDeclared = (
  value: unknown
): value is Declared & (new(report: CancelError.Report, options: Schema.MakeOptions) => unknown) =>
  Predicate.isFunction(value) && Predicate.hasProperty(value, "declared")

/** A report is put together by the engine, and fits: checking it would take most of the time. */
const unchecked = true

/**
 * How the codes of a provider become errors. What counts is that a class is exported from the
 * module: none can be forgotten.
 *
 * @since 0.1.0
 * @category constructors
 */
export const catalogue = <M extends Module>(module: M & Ambiguous<M>): Catalogue<ErrorsIn<M>> => {
  // It declares nothing, and would be made only to be asked.
  const { Unrecognized, ...declared } = module
  const entries = Object.values(declared).filter(isDeclared).map((Class): Entry<ErrorsIn<M>> => ({
    ...Class.declared,
    make: (report) =>
      new Class(report, unchecked) as
        // A declared class of the module makes one of the module's errors; `Object.values` has forgotten it.
        ErrorsIn<M>
  }))
  const Unlisted = Unrecognized as new(
    report: CancelError.Report & { readonly code: string | null; readonly category: CancelError.StatusCategory },
    options: Schema.MakeOptions
  ) => ErrorsIn<M>
  return {
    entries,
    byCode: new Map(entries.flatMap((entry) => entry.row.code === null ? [] : [[entry.row.code, entry]])),
    byStatus: new Map(
      entries.flatMap((entry) => entry.row.code === null ? entry.row.httpStatus.map((status) => [status, entry]) : [])
    ),
    unrecognized: (report, standsFor = report.httpStatus) =>
      new Unlisted({
        ...report,
        category: Option.match(standsFor, {
          onNone: (): CancelError.StatusCategory => "Unexpected",
          onSome: CancelError.categoryOfStatus
        })
      }, unchecked)
  }
}

/**
 * Every error that a cancel at a provider can fail with: those of its module, and the shared
 * ones.
 *
 * @since 0.1.0
 * @category models
 */
export type Channel<M> = ErrorsIn<M> | CancelError.Shared

type EncodedOf<S> = S extends Schema.Schema<infer _A, infer I, infer _R> ? I : never

/**
 * What those errors are encoded as.
 *
 * @since 0.1.0
 * @category models
 */
export type ChannelEncoded<M> = EncodedOf<M[NamesIn<M> & keyof M]> | typeof CancelError.Shared.Encoded

/**
 * The schema of those errors. It names the module and not their fields, so that editors show it in
 * a line, and declarations stay short.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChannelSchema<M> extends Schema.Schema<Channel<M>, ChannelEncoded<M>> {}

/**
 * Every error that a cancel at a provider can fail with, as one schema: for journals and RPC.
 *
 * @since 0.1.0
 * @category constructors
 */
export const channel = <M extends Module>(module: M): ChannelSchema<M> =>
  CancelError.onFirstUse(() =>
    Schema.Union(...Object.values(module).filter(Schema.isSchema), CancelError.Shared) as unknown as
      // The classes are schemas of just these errors; `Object.values` has forgotten it.
      & ChannelSchema<M>
      & Function
  )

/**
 * The rows of a module's error classes, by the names of the classes.
 *
 * @since 0.1.0
 * @category models
 */
export type TableOf<M> = {
  readonly [Name in keyof M as M[Name] extends Declared ? Name : never]: M[Name] extends
    { readonly declared: { readonly row: infer R } } ? R : never
}

/**
 * What is known about every code of a provider, by the names of the classes: for documentation
 * and tests. A provider's own namespace is such a module too.
 *
 * @since 0.1.0
 * @category constructors
 */
export const table = <M extends object>(module: M): TableOf<M> =>
  Object.fromEntries(
    Object.values(module).filter(isDeclared).map(({ declared }) => [declared.name, declared.row])
  ) as TableOf<M>
