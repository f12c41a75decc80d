import { describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { decoderOf, unfit } from "../../src/engine/decoder.js"
import * as Answer from "../../src/authoring/Answer.js"
import * as Input from "../../src/authoring/Input.js"
import { deepStrictEqual } from "./partly.js"

interface Tree {
  readonly name: string
  readonly below: ReadonlyArray<Tree>
}

const Tree: Schema.Schema<Tree> = Schema.Struct({ name: Schema.String, below: Schema.Array(Schema.suspend(() => Tree)) })

const symbol = Symbol("field")

/** What is looked at directly, and what is left to the schema library. */
const schemas: { readonly [name: string]: Schema.Schema.AnyNoContext } = {
  "a text": Schema.String,
  "a number": Schema.Number,
  "a whole number": Schema.Int,
  "a boolean": Schema.Boolean,
  "anything": Schema.Unknown,
  "one of some literals": Schema.Literal("a", "b", 1, true, null),
  "a literal or a text": Schema.Union(Schema.Literal("a"), Schema.String),
  "a text or a number": Schema.Union(Schema.String, Schema.Number),
  "one of two structs": Schema.Union(Schema.Struct({ a: Schema.String }), Schema.Struct({ b: Schema.Number })),
  "a struct or null": Schema.NullOr(Schema.Struct({ a: Schema.String, b: Schema.optional(Schema.Int) })),
  "an input": Schema.Struct({
    a: Input.PathSegment,
    b: Schema.optional(Input.Reason),
    c: Schema.optional(Schema.Literal("a", "b")),
    d: Schema.optionalWith(Schema.String, { exact: true })
  }),
  "fields with defaults": Schema.Struct({ a: Schema.optionalWith(Schema.Int, { default: () => 7 }), b: Schema.String }),
  "a renamed field": Schema.Struct({ a: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("b")) }),
  "lenient fields": Schema.Struct({
    a: Schema.String,
    b: Answer.lenient(Schema.Array(Schema.Struct({ a: Schema.Int }))),
    c: Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.String })),
    d: Answer.lenient(Schema.NumberFromString)
  }),
  "lenient fields and one with a symbol": Schema.Struct({ a: Answer.lenient(Schema.Int), [symbol]: Schema.optional(Schema.String) }),
  "lenient fields and optional ones": Schema.Struct({ a: Schema.optional(Schema.String), b: Answer.lenient(Schema.Int) }),
  "a list of structs": Schema.Array(Schema.Struct({ a: Schema.String })),
  "a list that is not empty": Schema.NonEmptyArray(Schema.Int),
  "a pair": Schema.Tuple(Schema.String, Schema.Int),
  "a record": Schema.Record({ key: Schema.String, value: Schema.Struct({ a: Schema.optional(Schema.Int) }) }),
  "a record of some keys": Schema.Record({ key: Schema.String.pipe(Schema.pattern(/^[ab]$/)), value: Schema.Int }),
  "a struct with records": Schema.Struct({ a: Schema.String }, { key: Schema.String, value: Schema.String }),
  "a struct without fields": Schema.Struct({}),
  "a field with a symbol": Schema.Struct({ a: Schema.optional(Schema.String), [symbol]: Schema.optional(Schema.String) }),
  "a transformed field": Schema.Struct({ a: Schema.NumberFromString, b: Schema.optional(Schema.Trim) }),
  "a struct with a condition": Schema.Struct({ a: Schema.String, b: Schema.optional(Schema.String) }).pipe(Schema.filter(({ a, b }) => a !== b)),
  "a tree": Tree,
  "what falls back": Schema.Struct({ a: Schema.String.annotations({ decodingFallback: () => Either.right("fallen") }) }),
  "what takes no more": Schema.Struct({ a: Schema.String }).annotations({ parseOptions: { onExcessProperty: "error" } }),
  "a redacted text": Schema.Redacted(Schema.String)
}

const leaf = FastCheck.constantFrom(undefined, null, 0, 1, 1.5, NaN, "", "a", "b", "7", ".", true, "2026-01-02")

const { value: anything } = FastCheck.letrec<{ readonly value: unknown }>((tie) => ({
  value: FastCheck.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    FastCheck.array(tie("value"), { maxLength: 3 }),
    FastCheck.dictionary(FastCheck.constantFrom("a", "b", "c", "d", "name", "below", "toString"), tie("value"), { maxKeys: 5 })
  )
}))

/** By such a key Effect gives a value its prototype, which the short way does not: see "has no prototype from the wire". */
const namesPrototype = (value: unknown): boolean => String(JSON.stringify(value)).includes("\"__proto__\"")

/** What fits, and what nearly does. */
const nearly = (schema: Schema.Schema.AnyNoContext): FastCheck.Arbitrary<unknown> => {
  const fits = Arbitrary.make(Schema.encodedSchema(schema)).filter((value) => !namesPrototype(value))
  const record = FastCheck.dictionary(FastCheck.constantFrom("a", "b", "c", "d", "z"), FastCheck.oneof(leaf, anything), { maxKeys: 5 })
  return FastCheck.oneof(
    fits,
    FastCheck.tuple(fits, record).map(([one, other]) => one !== null && typeof one === "object" && !Array.isArray(one) ? { ...one, ...other } : other),
    anything
  )
}

describe("what a value decodes to, the short way", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    it(`is what the schema makes of it: ${name}`, () => {
      const short = decoderOf(schema)
      const decode = Schema.decodeUnknownOption(schema)
      FastCheck.assert(
        FastCheck.property(nearly(schema), (value) => {
          const decoded = short(value)
          deepStrictEqual(decoded === unfit ? Option.none() : Option.some(decoded), decode(value))
        }),
        { numRuns: 300 }
      )
    })
  }

  it("is by the struct whose tag it has, also where another one takes it that is named first", () => {
    const decode = decoderOf(Schema.Union(Schema.Struct({ a: Schema.Int }), Schema.Struct({ b: Schema.Literal("b"), a: Schema.Int })))
    deepStrictEqual<unknown>([decode({ a: 1, b: "b" }), decode({ a: 1, b: "c" })], [{ a: 1, b: "b" }, { a: 1 }])
  })

  it("has of a record's values what their schema makes of them", () => {
    const decode = decoderOf(Schema.Record({ key: Schema.String, value: Schema.Struct({ a: Schema.optional(Schema.Int) }) }))
    deepStrictEqual<unknown>(decode({ x: { a: 1, z: 2 }, y: { z: 3 } }), { x: { a: 1 }, y: {} })
  })

  it("has no prototype from the wire", () => {
    const answer: unknown = JSON.parse(`{"custom":{"__proto__":{"paid":true},"x":1}}`)
    const custom = Answer.lenient(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
    const decoded = Option.getOrThrow(Answer.decoder(Schema.Struct({ custom }))(answer))
    deepStrictEqual(decoded, Schema.decodeUnknownSync(Schema.Struct({ custom }))(answer))
    deepStrictEqual(Option.map(decoded.custom, (made) => [Object.getPrototypeOf(made) === Object.prototype, Object.keys(made)]), Option.some([true, ["x"]]))
  })

  it("has the fields in the schema's order", () => {
    const Ordered = Schema.Struct({ b: Schema.optional(Schema.String), a: Schema.String, c: Schema.optional(Schema.Int) })
    deepStrictEqual(Object.keys(decoderOf(Ordered)({ c: 1, a: "a", b: "b" })), ["b", "a", "c"])
  })
})
