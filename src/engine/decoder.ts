/**
 * What a schema makes of a value, the short way: texts, numbers, choices, and structs and lists of them
 * are looked at directly, and everything else by the schema library. It says only that a value does not
 * fit, and not why.
 */
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

/** Stands for what a schema makes of a value that does not fit. */
export const unfit: unique symbol = Symbol("effect-payment-cancel/unfit")

/** What a schema makes of a value. */
type Take = (value: unknown) => unknown

interface Field {
  readonly name: string
  readonly take: Take
  /** It may be absent, and then it is absent from what is made. */
  readonly isOptional: boolean
}

/** Fields that take values in a way of their own: their schemas are made of several layers. */
const ownTakes = new WeakMap<object, Take>()

/** Has a field of a struct decoded in a shorter way, which has to come to the same, and takes every value. */
export const decodingBy = <Field extends object>(field: Field, decode: (value: unknown) => unknown): Field => {
  ownTakes.set(field, decode)
  return field
}

const only = (fits: (value: unknown) => boolean): Take => (value) => fits(value) ? value : unfit

const theLongWay = (ast: SchemaAST.AST): Take => {
  const decode = Schema.decodeUnknownOption(Schema.make(ast))
  return (value) => Option.getOrElse(decode(value), () => unfit)
}

/**
 * What a struct begins with: where all its fields will be there, they are there at once, for an object
 * that gets many of them by computed names becomes a hash table.
 */
const blankOf = (fields: ReadonlyArray<Field>): { [name: string]: unknown } =>
  fields.some(({ isOptional }) => isOptional)
    ? {}
    : JSON.parse(JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, null]))))

const structOf = (fields: ReadonlyArray<Field>): Take => {
  const blank = blankOf(fields)
  return (value) => {
    if (!Predicate.isRecord(value)) return unfit
    const made = { ...blank }
    for (const { isOptional, name, take } of fields) {
      if (isOptional && !Object.hasOwn(value, name)) continue
      const taken = take(value[name])
      if (taken === unfit) return unfit
      made[name] = taken
    }
    return made
  }
}

const recordOf = (take: Take): Take => (value) => {
  if (!Predicate.isRecord(value)) return unfit
  const made: { [name: string]: unknown } = { ...value }
  for (const name of Object.keys(made)) {
    const taken = take(made[name])
    if (taken === unfit) return unfit
    // JSON may have such a key, which would not become one: whoever answers must not give a value its prototype.
    if (name === "__proto__") delete made[name]
    // A name is set by itself only where it has to be: that takes far longer than to copy all of them.
    else if (taken !== made[name]) made[name] = taken
  }
  return made
}

const listOf = (take: Take): Take => (value) => {
  if (!Array.isArray(value)) return unfit
  const made: Array<unknown> = []
  for (const item of value) {
    const taken = take(item)
    if (taken === unfit) return unfit
    made.push(taken)
  }
  return made
}

/** Whether no two of these take the same value, so that it does not matter which is asked first. */
const areApart = (types: ReadonlyArray<SchemaAST.AST>): boolean =>
  types.filter((type) => !SchemaAST.isLiteral(type) && !SchemaAST.isUndefinedKeyword(type)).length <= 1

const oneOf = (takes: ReadonlyArray<Take>): Take => (value) => {
  for (const take of takes) {
    const taken = take(value)
    if (taken !== unfit) return taken
  }
  return unfit
}

const altering = [SchemaAST.DecodingFallbackAnnotationId, SchemaAST.ParseOptionsAnnotationId]

const keywords: { readonly [tag: string]: Take } = {
  StringKeyword: only(Predicate.isString),
  NumberKeyword: only(Predicate.isNumber),
  BooleanKeyword: only(Predicate.isBoolean),
  UndefinedKeyword: only(Predicate.isUndefined),
  UnknownKeyword: identity
}

/** What a type's node makes of a value. */
const takeOf = (ast: SchemaAST.AST): Take => {
  if (altering.some((annotation) => annotation in ast.annotations)) return theLongWay(ast)
  switch (ast._tag) {
    case "Literal":
      return only((value) => value === ast.literal)
    case "Union":
      return areApart(ast.types) ? oneOf(ast.types.map(takeOf)) : theLongWay(ast)
    case "Refinement": {
      const from = takeOf(ast.from)
      return (value) => {
        const taken = from(value)
        return taken !== unfit && Option.isNone(ast.filter(taken, SchemaAST.defaultParseOption, ast)) ? taken : unfit
      }
    }
    case "TupleType": {
      const [item] = ast.rest
      return ast.elements.length === 0 && ast.rest.length === 1 && item !== undefined ? listOf(takeOf(item.type)) : theLongWay(ast)
    }
    case "TypeLiteral": {
      const [index] = ast.indexSignatures
      return index !== undefined && ast.indexSignatures.length === 1 && ast.propertySignatures.length === 0 &&
          SchemaAST.isStringKeyword(index.parameter)
        ? recordOf(takeOf(index.type))
        : theLongWay(ast)
    }
    default:
      return keywords[ast._tag] ?? theLongWay(ast)
  }
}

interface Fielded {
  readonly fields: Schema.Struct.Fields
}

/**
 * A class has fields too, but no records, and decodes to an instance; a struct with records has more
 * than its fields; and what is annotated may decode in a way of its own.
 */
const isStruct = (schema: Schema.Schema.All): schema is Schema.Schema.All & Fielded =>
  Predicate.hasProperty(schema, "records") && Array.isArray(schema.records) && schema.records.length === 0 &&
  Reflect.ownKeys(schema.ast.annotations).length === 0

const takeOfSchema = (schema: Schema.Schema.All): Take => {
  const { ast } = schema
  if (!isStruct(schema)) return takeOf(ast)
  const fields: Array<Field> = []
  for (const name of Reflect.ownKeys(schema.fields)) {
    const field = schema.fields[name]
    if (typeof name !== "string" || field === undefined) return theLongWay(ast)
    const own = ownTakes.get(field)
    if (own !== undefined) fields.push({ name, take: own, isOptional: false })
    else if (Schema.isSchema(field)) fields.push({ name, take: takeOfSchema(field), isOptional: false })
    else if ("_tag" in field.ast && field.ast._tag === "PropertySignatureDeclaration") {
      fields.push({ name, take: takeOf(field.ast.type), isOptional: field.ast.isOptional })
    } else return theLongWay(ast)
  }
  // One without fields takes more than records.
  return fields.length === 0 ? theLongWay(ast) : structOf(fields)
}

/** Makes what decodes values by a schema: to what the schema makes of them, or to `unfit`. */
export const decoderOf = <A, I>(schema: Schema.Schema<A, I>): (value: unknown) => A | typeof unfit =>
  takeOfSchema(schema) as
    // What fits is what the schema makes of it.
    (value: unknown) => A | typeof unfit
