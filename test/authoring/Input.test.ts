import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "../../src/authoring/Input.js"
import { deepStrictEqual } from "../engine/partly.js"
import { anyCharacter } from "../support/character.js"
import { longOrShort } from "../support/extent.js"

const accepts = <A, I>(schema: Schema.Schema<A, I>, value: unknown) => Either.isRight(Input.check(schema)(value))

const table = <A, I>(
  name: string,
  schema: Schema.Schema<A, I>,
  { bad, good }: { readonly good: ReadonlyArray<unknown>; readonly bad: ReadonlyArray<unknown> }
) => {
  describe(name, () => {
    for (const value of good) {
      it(`accepts ${JSON.stringify(value)?.slice(0, 60)}`, () => {
        assert.isTrue(accepts(schema, value))
      })
    }
    for (const value of bad) {
      it(`refuses ${JSON.stringify(value)?.slice(0, 60)}`, () => {
        assert.isFalse(accepts(schema, value))
      })
    }
  })
}

const noText = [undefined, null, 7, {}, [], ["x"], true]

table("a path segment", Input.PathSegment, {
  good: ["a", "pay_123", "a/b", "../a", "...", "..a", "a..", " ", "%2e", "%2E%2e", "ä", "\u{1F600}", "a?b#c", "\\", "\n", "x".repeat(255)],
  bad: [...noText, "", ".", "..", "x".repeat(256), "\uD800", "\uDC00", "a\uD800b", "a\uDC00", "\uDC00\uD800", "\uD800\uD800\uDC00"]
})

table("an idempotency key", Input.idempotencyKey(), {
  good: ["a", "!", "~", "a-b_c:d", "x".repeat(255), "123e4567-e89b-12d3-a456-426614174000"],
  bad: [...noText, "", " ", "a b", "a\n", "\u007f", "ä", "a\u0000", "x".repeat(256)]
})

table("an idempotency key of a provider with a limit", Input.idempotencyKey(3), { good: ["abc"], bad: ["abcd", ""] })

table("a reason", Input.Reason, {
  good: ["x", " x ", "ausverkauft: ä", "\u{1F600}", "a\nb"],
  bad: [...noText, "", " ", "\n\t ", "\u00a0", "\uD800", "a\uDC00"]
})

table("a header's value", Input.HeaderValue, {
  good: ["a", "a b", "!", "~", "a  b", "Bearer x=="],
  bad: [...noText, "", " ", " a", "a ", "a\n", "\na", "a\r\nX: y", "\u007f", "ä", "a\u0000b", "a\tb"]
})

table("a secret", Input.SecretHeaderValue, {
  good: [Redacted.make("a"), Redacted.make("a b")],
  bad: [...noText, "a", Redacted.make(""), Redacted.make("a\n"), Redacted.make("ä"), Redacted.make(7)]
})

table("a base URL", Input.BaseUrl, {
  good: [
    "https://api.wepay.com",
    "https://api.wepay.com/",
    "https://api.wepay.com/v3/",
    "https://api.wepay.com:8443",
    "HTTPS://API.wepay.com",
    "http://localhost:4010",
    "http://a.localhost",
    "http://127.0.0.1:1",
    "http://127.1.2.3",
    "http://[::1]:80/x",
    "https://localhost"
  ],
  bad: [
    ...noText,
    "",
    "api.wepay.com",
    "//api.wepay.com",
    "http://api.wepay.com",
    "http://localhost.evil.test",
    "http://evillocalhost",
    "http://127.0.0.1.evil.test",
    "http://1127.0.0.1",
    "http://128.0.0.1",
    "http://[::2]",
    "ftp://localhost",
    "ws://localhost",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://user@api.wepay.com",
    "https://:secret@api.wepay.com",
    "https://api.wepay.com?a=1",
    "https://api.wepay.com#a",
    "https://api.wepay.com?",
    "https://api.wepay.com/v3#",
    " https://api.wepay.com",
    "https://api.wepay.com ",
    "https://api.wepay.com\n",
    "https://"
  ]
})

describe("check", () => {
  const checked = Input.check(Schema.Struct({
    paymentId: Input.PathSegment,
    nested: Schema.Struct({ key: Input.idempotencyKey(3) })
  }))
  const problem = (input: unknown) => Either.getOrThrow(Either.flip(checked(input)))

  it("gives back what fits", () => {
    deepStrictEqual(checked({ paymentId: "a", nested: { key: "k" }, other: 1 }), Either.right({ paymentId: "a", nested: { key: "k" } }))
  })
  it("names the first field that does not fit, and says what would", () => {
    deepStrictEqual(problem({ paymentId: "", nested: { key: "long" } }), {
      field: "paymentId",
      problem: "must be 1 to 255 characters, not \".\" or \"..\", and well-formed Unicode"
    })
    deepStrictEqual(problem({ paymentId: "a", nested: { key: "long" } }), {
      field: "nested.key",
      problem: "must be 1 to 3 visible ASCII characters"
    })
    deepStrictEqual(problem({ paymentId: "a", nested: { key: 7 } }).field, "nested.key")
    deepStrictEqual(problem({ nested: { key: "k" } }), { field: "paymentId", problem: "is missing" })
  })
  it("says what the others would accept", () => {
    const says = <A, I>(schema: Schema.Schema<A, I>) => Either.getOrThrow(Either.flip(Input.check(schema)(7))).problem
    deepStrictEqual([says(Input.Reason), says(Input.HeaderValue), says(Input.SecretHeaderValue), says(Input.BaseUrl)], [
      "must say something",
      "must be printable ASCII characters, at least one, without space at the ends",
      "must be printable ASCII characters, at least one, without space at the ends, in code Redacted",
      "must be an https URL (http on loopback only) without credentials, query or fragment"
    ])
  })
  it("needs no field to be refused", () => {
    for (const input of [undefined, null, 7, "x", []]) {
      assert.isTrue(Either.isLeft(checked(input)))
    }
  })
  it("looks at no more of a value than it must: one that is nested too deeply to be printed is refused like any other", () => {
    const lists = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
    const records = `${"{\"a\":".repeat(100_000)}1${"}".repeat(100_000)}`
    for (const deep of [lists, records].map((_): unknown => JSON.parse(_))) {
      deepStrictEqual(problem({ deep }), { field: "paymentId", problem: "is missing" })
      deepStrictEqual(problem([deep]), { field: "", problem: "is not of the expected form" })
      deepStrictEqual(problem({ paymentId: "a", nested: { key: deep } }), {
        field: "nested.key",
        problem: "must be 1 to 3 visible ASCII characters"
      })
      for (const schema of [Schema.String, Schema.NonEmptyString, Schema.Int, Schema.DateTimeUtc, Schema.Literal("a", "b")]) {
        const nullable = Input.check(Schema.Struct({ a: Schema.NullOr(schema as Schema.Schema<unknown>) }))
        deepStrictEqual(nullable({ a: deep }), Either.left({ field: "a", problem: "is not of the expected form" }))
      }
    }
  })
  it("passes on what a schema says of itself, the outer one only where it overrides the inner", () => {
    const said = (schema: Schema.Schema<string>) =>
      Either.match(Input.check(schema)("ab"), { onLeft: (_) => _.problem, onRight: () => "fits" })
    const inner = Schema.String.pipe(Schema.maxLength(1, { message: () => "must be short" }))
    const outer = inner.pipe(Schema.filter(() => true))
    deepStrictEqual(
      [
        inner,
        inner.annotations({ message: () => "a text" }),
        outer.annotations({ message: () => "must be the outer" }),
        outer.annotations({ message: () => ({ message: "must be the outer", override: true }) }),
        Schema.String.pipe(Schema.filter(() => "must be said by the filter")),
        Schema.String.pipe(Schema.filter((value) => `not ${value}`))
      ].map(said),
      [
        "must be short",
        "is not of the expected form",
        "must be short",
        "must be the outer",
        "must be said by the filter",
        "is not of the expected form"
      ]
    )
  })
  it.prop("never repeats the value", [FastCheck.string({ minLength: 8 }).map((_) => `${_}\n secret-value`)], ([value]) => {
    for (const schema of [Input.HeaderValue, Input.idempotencyKey(), Input.BaseUrl]) {
      const { problem } = Either.getOrThrow(Either.flip(Input.check(schema as Schema.Schema<string>)(value)))
      assert.notInclude(problem, "secret-value")
    }
    const secret = Input.check(Schema.Struct({ key: Input.SecretHeaderValue }))
    for (const input of [{ key: value }, { key: Redacted.make(value) }]) {
      assert.notInclude(JSON.stringify(secret(input)), "secret-value")
    }
  })
})

describe("resource", () => {
  it("appends percent-encoded segments to a base", () => {
    assert.strictEqual(Input.resource("https://a.test", "v1", "a/b?c#d e%"), "https://a.test/v1/a%2Fb%3Fc%23d%20e%25")
    assert.strictEqual(Input.resource("https://a.test/base//", "x"), "https://a.test/base/x")
  })
  it.prop("whatever an id is, it is one segment, and comes back as it was", [FastCheck.string({ unit: anyCharacter, minLength: 1, maxLength: 255 })], ([id]) => {
    FastCheck.pre(accepts(Input.PathSegment, id))
    const url = new URL(Input.resource("https://a.test/base", "payments", id, "cancel"))
    assert.strictEqual(url.origin, "https://a.test")
    const segments = url.pathname.split("/")
    assert.lengthOf(segments, 5)
    assert.strictEqual(decodeURIComponent(segments[3]!), id)
    assert.strictEqual(url.search, "")
    assert.strictEqual(url.hash, "")
  }, { fastCheck: { numRuns: longOrShort(500, 100) } })
})
