/**
 * A provider's error codes as data: one row per code, from which its error classes, their
 * types, the documentation and the conformance tests follow.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as CancelError from "./CancelError.js"

/**
 * What is known about one error code.
 *
 * - `code`: the provider's literal.
 * - `about`: whether the refusal is about the request or about the payment. A refusal about
 *   the payment is read back before it is believed: it may be our own lost success.
 * - `httpStatus`: the statuses this code is documented or expected with; the first is used
 *   by tests. The engine needs none of them to recognise the code.
 * - `meaning`, `remedy`: for a person: what it says, and what to do.
 * - `certainty`: how the fact is known.
 *
 * @since 0.1.0
 * @category models
 */
export interface Facts {
  readonly code: string
  readonly category: CancelError.Category
  readonly about: "Request" | "Payment"
  readonly httpStatus: readonly [number, ...ReadonlyArray<number>]
  readonly meaning: string
  readonly remedy: string
  readonly certainty: "Documented" | "Observed" | "Inferred"
}

/**
 * A code that refuses: the request did not cancel the payment, and never will.
 *
 * - `tryAgain`: the provider documents that the same request may be sent again later.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefusingRow extends Facts {
  readonly outcome: "NotCancelled"
  readonly tryAgain?: true
  readonly stillRunning?: never
}

/**
 * A code that leaves it open whether the request cancelled the payment. Whether it is sent
 * again is the licence's to say.
 *
 * - `stillRunning`: it says that an earlier request under our key is still being worked on,
 *   so that request may yet cancel the payment.
 *
 * @since 0.1.0
 * @category models
 */
export interface DoubtfulRow extends Facts {
  readonly outcome: "Unknown"
  readonly stillRunning?: true
  readonly tryAgain?: never
}

/**
 * What is known about one error code, and what it says of the outcome.
 *
 * @since 0.1.0
 * @category models
 */
export type Row = RefusingRow | DoubtfulRow

/**
 * One row per class: the key is the name of the class.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorTable {
  readonly [name: string]: Row
}

/**
 * The fields of the class that a row becomes. They are named one by one, and not by the row,
 * so that a class's declaration does not repeat the whole of its row.
 *
 * @since 0.1.0
 * @category models
 */
export type FieldsOf<
  Provider extends string,
  Code extends string,
  Category extends CancelError.Category,
  Outcome extends CancelError.Outcome
> = {
  readonly provider: CancelError.Constant<Provider>
  readonly code: CancelError.Constant<Code>
  readonly category: CancelError.Constant<Category>
  readonly outcome: CancelError.Constant<Outcome>
} & typeof CancelError.reportFields

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
 * The base class that a declared error class extends.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorClass<Self, Tag extends string, Fields extends Schema.Struct.Fields> = Schema.TaggedErrorClass<
  Self,
  Tag,
  { readonly _tag: Schema.tag<Tag> } & Fields
>

const errorClass = <Self, Tag extends string, Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) =>
  // `TaggedError` refuses an unresolved `Self` by a conditional type, so it is made for a
  // stand-in; which class extends it makes no difference at run time. No field of an error
  // needs services to be encoded, which unresolved `Fields` do not show.
  CancelError.marked(
    Schema.TaggedError<object>(`effect-payment-cancel/${tag}`)(tag, fields) as unknown as
      & Schema.Schema<object, unknown>
      & { readonly prototype: object }
  ) as unknown as ErrorClass<Self, Tag, Fields>

/**
 * Makes the base class for each row of a table; one line then declares each error class.
 *
 * @example
 * ```ts
 * import * as ErrorTable from "effect-payment-cancel/ErrorTable"
 *
 * const table = {
 *   TooLate: {
 *     code: "too_late",
 *     category: "NotCancellable",
 *     outcome: "NotCancelled",
 *     about: "Payment",
 *     httpStatus: [409],
 *     meaning: "The payment was captured.",
 *     remedy: "Refund it.",
 *     certainty: "Documented"
 *   }
 * } as const satisfies ErrorTable.ErrorTable
 *
 * const coded = ErrorTable.coded("Acme", table)
 *
 * class TooLate extends coded<TooLate>()("TooLate") {}
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const coded =
  <const Provider extends string, const T extends { readonly [N in keyof T]: Row }>(provider: Provider, table: T) =>
  <Self>() =>
  <N extends keyof T & string>(
    name: N
  ): ErrorClass<
    Self,
    `${Provider}.${N}`,
    FieldsOf<Provider, T[N]["code"], T[N]["category"], T[N]["outcome"]>
  > => {
    const row: Pick<T[N], "code" | "category" | "outcome"> = table[name]
    const fields: FieldsOf<Provider, T[N]["code"], T[N]["category"], T[N]["outcome"]> = {
      provider: CancelError.constant(provider),
      code: CancelError.constant(row.code),
      category: CancelError.constant(row.category),
      outcome: CancelError.constant(row.outcome),
      ...CancelError.reportFields
    }
    return errorClass(`${provider}.${name}`, fields)
  }

const categoryByStatus: CategoryByStatus = CancelError.StatusCategory.pipe(
  Schema.propertySignature,
  Schema.withConstructorDefault(() => "Unexpected" as const)
)

/**
 * The base class of a provider's `Unrecognized`: a whole 4xx answer whose code nobody has
 * listed, or that carries none. The raw code is kept.
 *
 * Its `category` is what `CancelError.categoryOfStatus` makes of its `httpStatus`, where a cancel
 * fails with it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unrecognized =
  <const Provider extends string>(provider: Provider) =>
  <Self>(): ErrorClass<Self, `${Provider}.Unrecognized`, UnrecognizedFields<Provider>> =>
    errorClass(`${provider}.Unrecognized`, {
      provider: CancelError.constant(provider),
      code: Schema.NullOr(Schema.String),
      category: categoryByStatus,
      outcome: CancelError.constant("NotCancelled"),
      ...CancelError.reportFields
    })

/**
 * Every error that a provider's cancel can fail with, as one schema. It names the classes
 * and not their fields, so that editors show it in a line, and the declarations stay short.
 *
 * @since 0.1.0
 * @category models
 */
export interface AnyError<
  Classes extends { readonly [name: string]: Schema.Schema.All },
  Unrecognized extends Schema.Schema.All
> extends
  Schema.Schema<
    Schema.Schema.Type<Classes[keyof Classes] | Unrecognized> | CancelError.Shared,
    Schema.Schema.Encoded<Classes[keyof Classes] | Unrecognized | typeof CancelError.Shared>
  >
{}

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
  readonly entries: ReadonlyArray<Entry<E>>
  readonly byCode: ReadonlyMap<string, Entry<E>>
  readonly unrecognized: (report: CancelError.Report & { readonly code: string | null }) => E
}

type InstanceOf<Class> = Class extends new(report: never) => infer E ? E : never

/**
 * Joins a table with its classes. A row without a class does not compile.
 *
 * @since 0.1.0
 * @category constructors
 */
export const catalogue = <
  const T extends { readonly [N in keyof T]: Row },
  C extends { readonly [N in keyof T]: new(report: CancelError.Report) => unknown },
  U
>(
  table: T,
  classes: C,
  Unrecognized: new(
    report: CancelError.Report & { readonly code: string | null; readonly category: CancelError.StatusCategory }
  ) => U
): Catalogue<InstanceOf<C[keyof T]> | U> => {
  const entries = Object.entries<Row>(table).map(([name, row]): Entry<InstanceOf<C[keyof T]>> => {
    // The keys of `table` are names of `classes`; `Object.entries` has forgotten it.
    const Class = classes[name as keyof T] as new(report: CancelError.Report) => InstanceOf<C[keyof T]>
    return { name, row, make: (report) => new Class(report) }
  })
  return {
    entries,
    byCode: new Map(entries.map((entry) => [entry.row.code, entry])),
    unrecognized: (report) =>
      new Unrecognized({
        ...report,
        category: Option.match(report.httpStatus, {
          onNone: (): CancelError.StatusCategory => "Unexpected",
          onSome: CancelError.categoryOfStatus
        })
      })
  }
}
