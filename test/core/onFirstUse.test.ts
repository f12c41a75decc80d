import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { CancelError } from "effect-payment-cancel"

const fields = { until: Schema.NumberFromString, again: Schema.optionalWith(Schema.Boolean, { default: () => false }) }

interface Instance extends Cause.YieldableError {
  readonly _tag: "Closed"
  readonly until: number
  readonly again: boolean
}

const made = () => Schema.TaggedError<Instance>("shop/Closed")("Closed", fields)

const extending = (Base: ReturnType<typeof made>) => {
  class Closed extends Base {}
  return Closed
}

/** The same class twice: one that is made at once, and one that is made when it is first used. */
const pair = () => {
  let count = 0
  return {
    AtOnce: extending(made()),
    Later: extending(CancelError.onFirstUse(() => {
      count++
      return made()
    })),
    count: () => count
  }
}

type Class = ReturnType<typeof extending>

const message = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return Predicate.hasProperty(error, "message") ? error.message : error
  }
}

/** What a program may do with such a class before anything else. */
const uses: { readonly [use: string]: (Class: Class) => unknown } = {
  "an error is constructed": (Class) => ({ ...new Class({ until: 3 }) }),
  "an error is made": (Class) => ({ ...Class.make({ until: 3, again: true }) }),
  "what is no error is refused": (Class) => message(() => new Class({ until: "3" } as never)),
  "it is called without new": (Class) => {
    const error = message(() => Reflect.apply(Class, undefined, [{ until: 3 }]))
    return String(error).includes("new")
  },
  "an instance is what it is": (Class) => {
    const error = new Class({ until: 3 })
    return [error instanceof Class, error instanceof Error, error.name, error._tag, error.message, String(error), Cause.pretty(Cause.fail(error))]
      .map((value) => String(value).split("\n")[0])
  },
  "where an error came from is told without this library": (Class) => {
    const begin = () => new Class({ until: 3 })
    return /^.*\n\s+at begin /.test(begin().stack ?? "")
  },
  "the prototypes": (Class) => {
    new Class({ until: 3 })
    const names: Array<ReadonlyArray<PropertyKey>> = []
    for (let proto = Class.prototype; proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
      const own = Reflect.ownKeys(proto).filter((key) => key !== "constructor")
      if (own.length > 0) names.push(own)
    }
    return names
  },
  "it is yielded": (Class) =>
    Effect.runSync(Effect.flip(Effect.gen(function*() {
      return yield* new Class({ until: 3 })
    })))._tag,
  "it is caught by its tag": (Class) =>
    Effect.runSync(Effect.catchTag(Effect.fail(new Class({ until: 3 })), "Closed", ({ until }) => Effect.succeed(until))),
  "it is looked at as a schema": (Class) => [Schema.isSchema(Class), Schema.TypeId in Class, Predicate.isFunction(Class)],
  "its fields": (Class) => Object.keys(Class.fields),
  "its identifier": (Class) => Class.identifier,
  "its tag": (Class) => Class._tag,
  "its name": (Class) => Class.name,
  "its text": (Class) => String(Class),
  "its ast": (Class) => JSON.stringify(Class.ast),
  "it is decoded": (Class) => {
    const error = Schema.decodeSync(Class)({ _tag: "Closed", until: "3" })
    return [error instanceof Class, { ...error }]
  },
  "what it cannot decode": (Class) => message(() => Schema.decodeUnknownSync(Class)({ _tag: "Closed", until: "x" })),
  "it is encoded": (Class) => Schema.encodeSync(Class)(new Class({ until: 3 })),
  "what is one": (Class) => [Schema.is(Class)(new Class({ until: 3 })), Schema.is(Class)({ _tag: "Closed", until: 3, again: false })],
  "an error of a copy of the class is one": (Class) => Schema.is(Class)(new (pair().Later)({ until: 3 })),
  "it is annotated": (Class) => {
    const schema = Class.annotations({ description: "closed" })
    return [Schema.decodeSync(schema)({ _tag: "Closed", until: "3" }) instanceof Class, JSON.stringify(schema.ast.annotations)]
  },
  "it is piped": (Class) => Schema.decodeSync(Class.pipe(Schema.filter(({ until }) => until > 2)))({ _tag: "Closed", until: "3" }).until,
  "it is in a union": (Class) => {
    const either = Schema.Union(Class, Schema.String)
    return [Schema.decodeSync(either)("no") === "no", Schema.decodeSync(either)({ _tag: "Closed", until: "3" }) instanceof Class]
  },
  "it has a JSON schema": (Class) => JSONSchema.make(Class),
  "its type side": (Class) => Schema.is(Schema.typeSchema(Class))(new Class({ until: 3 })),
  "it is extended": (Class) => {
    class Longer extends Class.extend<Instance & { readonly by: string }>("shop/Longer")({ by: Schema.String }) {}
    const error = new Longer({ until: 3, by: "me" })
    return [error instanceof Class, error instanceof Longer, { ...error }, Object.keys(Longer.fields)]
  },
  "its prototype is that of an error": ({ prototype }) => [prototype instanceof Error, prototype.name, "commit" in prototype],
  "what kind of object it is": (Class) => [Class, Class.prototype].map((object) => Object.prototype.toString.call(object)),
  "it is a class of errors": (Class) => [Object.prototype.isPrototypeOf.call(Error, Class), Object.getPrototypeOf(Class) === Function.prototype],
  "an object is given its prototype": ({ prototype }) => {
    const error = Object.create(prototype)
    return [error instanceof Error, error.name, Predicate.hasProperty(error, "pipe")]
  },
  "what it has": (Class) => ["fields", "make", "ast", "declared", "toString", "call"].map((name) => name in Class),
  "what it has not": (Class) => [Reflect.get(Class, "declared"), Reflect.get(Class, "then")]
}

describe("a class that is made when it is first used", () => {
  for (const [use, of] of Object.entries(uses)) {
    it(`is as if it had been made at once, where that is: ${use}`, () => {
      const { AtOnce, Later, count } = pair()
      assert.strictEqual(count(), 0)
      const expected = of(AtOnce)
      assert.deepStrictEqual(of(Later), expected)
      assert.deepStrictEqual(of(Later), expected, "a second time")
      assert.isAtMost(count(), 1)
    })
  }

  it("is made also where it and what it extends are frozen before", () => {
    const { AtOnce, Later } = pair()
    for (const Class of [AtOnce, Later]) {
      for (const each of [Class, Class.prototype, Object.getPrototypeOf(Class), Object.getPrototypeOf(Class.prototype)]) Object.freeze(each)
      const error = new Class({ until: 3 })
      assert.deepStrictEqual([error instanceof Class, error instanceof Error, error.name, error.until], [true, true, "Closed", 3])
      assert.deepStrictEqual(Schema.encodeSync(Class)(error), { _tag: "Closed", until: "3", again: false })
    }
  })

  it("is made once, however it is used", () => {
    const { Later, count } = pair()
    for (const of of Object.values(uses)) of(Later)
    assert.strictEqual(count(), 1)
  })

  it("is tried again where it could not be made", () => {
    let count = 0
    const Closed = extending(CancelError.onFirstUse(() => {
      if (++count === 1) throw new Error("not yet")
      return made()
    }))
    assert.throws(() => new Closed({ until: 3 }), "not yet")
    assert.strictEqual(new Closed({ until: 3 }).until, 3)
  })
})

describe("a schema that is made when it is first used", () => {
  const make = () => Schema.Union(Schema.NumberFromString, Schema.Null)

  for (const [use, of] of Object.entries<(schema: ReturnType<typeof make>) => unknown>({
    "it decodes": (schema) => [Schema.decodeSync(schema)("3"), Schema.decodeSync(schema)(null)],
    "its members": ({ members }) => members.map(String),
    "its text": String,
    "it is a schema": Schema.isSchema,
    "what kind of object it is": (schema) => Object.prototype.toString.call(schema),
    "it is frozen": (schema) => Schema.decodeSync(Object.freeze(schema))("3"),
    "it is annotated": (schema) => JSON.stringify(schema.annotations({ identifier: "Several" }).ast),
    "it is in another": (schema) => Schema.decodeSync(Schema.Struct({ it: schema }))({ it: "3" }),
    "it has a JSON schema": (schema) => JSONSchema.make(Schema.encodedSchema(schema))
  })) {
    it(`is as if it had been made at once, where that is: ${use}`, () => {
      assert.deepStrictEqual(of(CancelError.onFirstUse(make)), of(make()))
    })
  }
})
