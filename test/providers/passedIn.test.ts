/**
 * What people pass in: bodies and headers in every form that a framework has for them, a secret
 * as a file holds it; and whatever else a value of no type can be, which has to be a typed error
 * and no defect, and for which nothing may be allocated.
 */
import * as PlatformHeaders from "@effect/platform/Headers"
import { assert, describe, it } from "@effect/vitest"
import type { Notification } from "effect-payment-cancel"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Vm from "node:vm"
import { inTurns } from "../support/extent.js"
import { type Case, genuine, genuineAt, now } from "../support/genuine.js"

const cases = genuine("pay_€")
const stripe = genuineAt("Stripe", "pay_€")
const { body: stripeBody } = stripe

/** What is passed in is of no type here: it is what came, and not what was promised. */
const verified = ({ notification, secret }: Case, incoming: unknown, verification: unknown = { secret: Redacted.make(secret) }) =>
  Effect.zipRight(
    TestClock.setTime(now * 1000),
    notification(incoming as Notification.Incoming, verification as Notification.Verification)
  )

const believed = (given: Case, incoming: unknown, verification?: unknown) =>
  Effect.map(verified(given, incoming, verification), ({ paymentId }) => {
    assert.strictEqual(paymentId, "pay_€")
  })

/** The bytes in a larger memory, as a pool hands them out. */
const pooled = (bytes: Uint8Array, alignment = 8) => {
  const memory = new ArrayBuffer(bytes.byteLength + 2 * alignment)
  new Uint8Array(memory).fill(0x7b)
  new Uint8Array(memory).set(bytes, alignment)
  return [memory, alignment, bytes.byteLength] as const
}

const shared = (bytes: Uint8Array) => {
  const memory = new SharedArrayBuffer(bytes.byteLength)
  new Uint8Array(memory).set(bytes)
  return memory
}

/** Of a length that any view can have. JSON may end in spaces. */
const padded = (text: string) => {
  const bytes = Buffer.byteLength(text)
  return text + " ".repeat((8 - bytes % 8) % 8)
}

const own = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

const forms: { readonly [form: string]: (bytes: Buffer) => unknown } = {
  "text": (bytes) => bytes.toString(),
  "a Buffer": (bytes) => bytes,
  "a Buffer of a pool": (bytes) => Buffer.from(...pooled(bytes)),
  "a Uint8Array": (bytes) => new Uint8Array(bytes),
  "a Uint8Array inside of more": (bytes) => new Uint8Array(...pooled(bytes)),
  "an ArrayBuffer": own,
  "a SharedArrayBuffer": shared,
  "a view of a SharedArrayBuffer": (bytes) => new Uint8Array(shared(bytes)),
  "a DataView": (bytes) => new DataView(own(bytes)),
  "a DataView inside of more": (bytes) => new DataView(...pooled(bytes)),
  "an Int8Array": (bytes) => new Int8Array(own(bytes)),
  "a Uint8ClampedArray": (bytes) => new Uint8ClampedArray(own(bytes)),
  "a Uint16Array": (bytes) => new Uint16Array(own(bytes)),
  "a Float64Array": (bytes) => new Float64Array(own(bytes)),
  "a BigInt64Array": (bytes) => new BigInt64Array(own(bytes)),
  "a buffer of another realm": (bytes) =>
    Vm.runInNewContext("Uint8Array.from(bytes).buffer", { bytes: [...bytes] }),
  "a view of another realm": (bytes) => Vm.runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] }),
  "a DataView of another realm": (bytes) =>
    Vm.runInNewContext("new DataView(Uint8Array.from(bytes).buffer)", { bytes: [...bytes] }),
  "bytes that lie about their length": (bytes) =>
    Object.defineProperties(new Uint8Array(bytes), {
      byteLength: { value: 300_000_000 },
      buffer: { value: { byteLength: 300_000_000 } },
      length: { value: 300_000_000 }
    })
}

describe("a body", () => {
  // One that has the padding in what is signed.
  for (const [turn, given] of genuine("pay_€", padded).entries()) {
    for (const [form, make] of inTurns(Object.entries(forms), turn, 5)) {
      it.effect(`${given.provider}: is ${form}`, () =>
        believed(given, { body: make(Buffer.from(given.body)), headers: given.headers }))
    }
  }
})

const detached = () => {
  const buffer = new ArrayBuffer(8)
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

const throwing = new Proxy({}, {
  get() {
    throw new Error("not for you")
  },
  getPrototypeOf() {
    throw new Error("not for you")
  },
  has() {
    throw new Error("not for you")
  },
  ownKeys() {
    throw new Error("not for you")
  }
})

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** What is no body, however it came to be passed in. */
const noBodies: { readonly [what: string]: unknown } = {
  "undefined": undefined,
  "null": null,
  "a number": 300_000_000,
  "NaN": Number.NaN,
  "a bigint": 300_000_000n,
  "true": true,
  "a symbol": Symbol("body"),
  "a function": () => "{}",
  "an empty object": {},
  "a parsed body": JSON.parse(stripeBody),
  "a parsed body in an array": [JSON.parse(stripeBody)],
  "numbers": [123, 125],
  "a length": { byteLength: 300_000_000 },
  "a length and an offset": { byteLength: 300_000_000, byteOffset: 0, buffer: { byteLength: 300_000_000 } },
  "an array's length": { length: 300_000_000 },
  "a Buffer that was made JSON": JSON.parse(JSON.stringify(Buffer.from(stripeBody))),
  "a text in a box": Object(stripeBody),
  "a promise": Promise.resolve(stripeBody),
  "a stream": new ReadableStream(),
  "a Blob": new Blob([stripeBody]),
  "a Map": new Map(),
  "what only has the prototype of a buffer": Object.assign(Object.create(ArrayBuffer.prototype), { length: 300_000_000 }),
  "what only has the prototype of shared memory": Object.create(SharedArrayBuffer.prototype),
  "what only has the prototype of bytes": Object.create(Uint8Array.prototype, { length: { value: 300_000_000 } }),
  "what only has the prototype of a DataView": Object.create(DataView.prototype),
  "a proxy of bytes": new Proxy(Buffer.from(stripeBody), {}),
  "a proxy that throws": throwing,
  "a proxy that is revoked": revoked(),
  "a buffer that was handed on": detached(),
  "a DataView of a buffer that was handed on": (() => {
    const buffer = new ArrayBuffer(8)
    const view = new DataView(buffer)
    structuredClone(buffer, { transfer: [buffer] })
    return view
  })(),
  "bytes that were handed on": (() => {
    const bytes = new Uint8Array(8)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    return bytes
  })()
}

describe("what is neither text nor bytes is named, and what is needed instead", () => {
  for (const [turn, given] of cases.entries()) {
    const { provider } = given
    for (const [what, body] of inTurns(Object.entries(noBodies), turn, 6)) {
      it.effect(`${provider}: ${what}`, () =>
        Effect.gen(function*() {
          const before = process.memoryUsage().arrayBuffers
          const error = yield* Effect.flip(verified(given, { body, headers: given.headers }))
          assert.isBelow(process.memoryUsage().arrayBuffers - before, 50_000_000)
          assert.deepInclude(error, {
            _tag: "Notification.MalformedNotification",
            provider,
            field: "body",
            answer: "Refuse"
          })
          assert.match(error.message, /raw body/)
        }))
    }
    for (
      const [what, incoming] of [
        ["nothing", undefined],
        ["null", null],
        ["a text", given.body],
        ["no body", { headers: given.headers }],
        ["a proxy that throws", throwing],
        ["a body that throws", Object.defineProperty({ headers: given.headers }, "body", {
          get() {
            throw new Error("not for you")
          }
        })]
      ] as const
    ) {
      it.effect(`${provider}: ${what} for a request`, () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(verified(given, incoming))
          assert.deepInclude(error, { _tag: "Notification.MalformedNotification", field: "body" })
        }))
    }
  }
})

type Header = readonly [name: string, value: string]

const upper = (headers: ReadonlyArray<Header>): ReadonlyArray<Header> =>
  headers.map(([name, value]) => [name.toUpperCase(), value])

/** As Node has them. */
const lower = (headers: ReadonlyArray<Header>): ReadonlyArray<Header> =>
  headers.map(([name, value]) => [name.toLowerCase(), value])

const kinds: { readonly [kind: string]: (headers: ReadonlyArray<Header>) => unknown } = {
  "a record": (headers) => Object.fromEntries(headers),
  "a record in capitals": (headers) => Object.fromEntries(upper(headers)),
  "a record without a prototype": (headers) => Object.assign(Object.create(null), Object.fromEntries(headers)),
  "a record with lists": (headers) => Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
  "a record of which half is not there": (headers) =>
    Object.fromEntries([...upper(headers).map(([name]) => [name, undefined]), ...headers, ["host", undefined], ["cookie", ["a", "b"]]]),
  "a record of which half throws": (headers) =>
    Object.defineProperty(Object.fromEntries(headers), "x-other", {
      enumerable: true,
      get() {
        throw new Error("not for you")
      }
    }),
  "a record with an empty duplicate before": (headers) =>
    Object.fromEntries([...headers.map(([name]) => [name.toUpperCase(), ""]), ...headers]),
  "a record with an empty duplicate behind": (headers) =>
    Object.fromEntries([...headers, ...headers.map(([name]) => [name.toUpperCase(), ""])]),
  "a record with a blank duplicate": (headers) =>
    Object.fromEntries([...headers.map(([name]) => [name.toUpperCase(), " \t"]), ...headers]),
  "a record with duplicates in which nothing is": (headers) =>
    Object.fromEntries([...headers.map(([name]) => [name.toUpperCase(), ["", undefined]]), ...headers]),
  "a record with lists of which the first is empty": (headers) =>
    Object.fromEntries(headers.map(([name, value]) => [name, ["", value]])),
  "a record with lists of which the first is not there": (headers) =>
    Object.fromEntries(headers.map(([name, value]) => [name, [undefined, null, value]])),
  "a record with lists of which the last is nothing": (headers) =>
    Object.fromEntries(headers.map(([name, value]) => [name, [value, "", " ", undefined]])),
  "a Map with an empty duplicate": (headers) => new Map([...headers.map(([name]) => [name.toUpperCase(), ""] as const), ...headers]),
  "a Map with an empty value under the name that is asked for": (headers) =>
    new Map([
      ...["Stripe-Signature", "svix-id", "svix-timestamp", "svix-signature"].map((name) => [name, ""] as const),
      ...upper(headers)
    ]),
  "pairs with an empty duplicate": (headers) => [...headers.map(([name]) => [name, ""] as const), ...headers],
  "what answers with nothing, and has it": (headers) => ({ get: () => "", ...Object.fromEntries(headers) }),
  "a header that is called get": (headers) => ({ get: "a header", ...Object.fromEntries(headers) }),
  "the web's": (headers) => new Headers(headers.map(([name, value]): [string, string] => [name, value])),
  "the web's of a request": (headers) =>
    new Request("http://shop.test", { headers: Object.fromEntries(upper(headers)) }).headers,
  "the platform's": (headers) => PlatformHeaders.fromInput(upper(headers).map(([name, value]): [string, string] => [name, value])),
  "a Map": (headers) => new Map(headers),
  "a Map in capitals": (headers) => new Map(upper(headers)),
  "pairs": (headers) => upper(headers),
  "what can be asked only": (headers) => ({ get: (name: string) => new Headers(Object.fromEntries(headers)).get(name) })
}

describe("headers", () => {
  // With turns among those that sign in a header: the others are without any anyhow.
  const signing = cases.filter(({ headers }) => Object.keys(headers).length > 0)
  const bySigning = [...signing, ...cases.filter((given) => !signing.includes(given))]
  for (const [turn, given] of bySigning.entries()) {
    const { provider } = given
    for (const [kind, make] of inTurns(Object.entries(kinds), turn, 5)) {
      it.effect(`${provider}: are ${kind}`, () =>
        believed(given, { body: given.body, headers: make(lower(Object.entries(given.headers))) }))
    }
  }

  it.effect("that came several times are one", () =>
    Effect.gen(function*() {
      const svix = genuineAt("WalletConnectPay", "pay_€")
      const other = "v1=" + "0".repeat(64)
      yield* believed(stripe, { body: stripe.body, headers: { "stripe-signature": [`${stripe.headers["Stripe-Signature"]}`, other] } })
      const signatures = [`v1,${"A".repeat(43)}=`, svix.headers["svix-signature"]]
      yield* believed(svix, { body: svix.body, headers: { ...svix.headers, "svix-signature": signatures } })
    }))

  for (const [turn, given] of bySigning.entries()) {
    const { provider } = given
    for (
      const [what, headers] of inTurns(Object.entries<unknown>({
        ...noBodies,
        "what throws when it is asked": {
          get() {
            throw new Error("not for you")
          }
        },
        "what answers with anything": { get: () => 7 },
        "numbers": Object.fromEntries(Object.keys(given.headers).map((name) => [name, 7])),
        "lists of anything": Object.fromEntries(Object.keys(given.headers).map((name) => [name, [7, null]]))
      }), turn, 4)
    ) {
      it.effect(`${provider}: are not there in ${what}`, () =>
        Effect.gen(function*() {
          const result = yield* Effect.either(verified(given, { body: given.body, headers }))
          // Some sign in the body.
          if (Object.keys(given.headers).length === 0) {
            assert.strictEqual(result._tag, "Right")
          } else {
            assert.strictEqual(result._tag, "Left")
            if (result._tag === "Left") {
              assert.deepInclude(result.left, { _tag: "Notification.MalformedNotification", answer: "Refuse" })
              assert.include(Object.keys(given.headers), "field" in result.left ? result.left.field : null)
            }
          }
        }))
    }
  }
})

describe("a secret", () => {
  for (const [turn, given] of cases.entries()) {
    const { provider } = given
    const { body, headers, secret } = given
    for (
      const [what, shown] of inTurns([
        ["a newline after it", `${secret}\n`],
        ["a newline of Windows after it", `${secret}\r\n`],
        ["white space around it", `\t ${secret} \n\n`],
        ["the mark of a file in front of it", `\ufeff${secret}`],
        ["a space that does not break", `\u00a0${secret}\u00a0`]
      ] as const, turn, 3)
    ) {
      it.effect(`${provider}: has ${what}`, () =>
        Effect.gen(function*() {
          yield* believed(given, { body, headers }, { secret: Redacted.make(shown) })
          yield* believed(given, { body, headers }, { secret: [Redacted.make(" \n"), Redacted.make(shown)] })
        }))
    }

    it.effect(`${provider}: fits nothing where there is nothing else`, () =>
      Effect.gen(function*() {
        for (const blank of ["", " ", "\n", "\ufeff\r\n"]) {
          const error = yield* Effect.flip(verified(given, { body, headers }, { secret: Redacted.make(blank) }))
          assert.strictEqual(error._tag, "Notification.InvalidSignature")
        }
      }))

    for (
      const [what, verification] of Object.entries<unknown>({
        "text": { secret },
        "missing": {},
        "a list with text": { secret: [Redacted.make(secret), secret] },
        "nothing, redacted": { secret: Redacted.make(undefined) }
      })
    ) {
      it.effect(`${provider}: that is ${what} is a mistake in the program, and named`, () =>
        Effect.gen(function*() {
          const defect = yield* Effect.flip(
            Effect.catchAllDefect(verified(given, { body, headers }, verification), Effect.fail)
          )
          assert.deepStrictEqual<unknown>(
            defect,
            ConfigError.InvalidData(["secret"], "must be a Redacted text, or several")
          )
        }))
    }
  }
})
