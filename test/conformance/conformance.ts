/**
 * What every provider must pass, whatever its operations are: the right class or the right
 * doubt, never a claim without proof, never a defect.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import type * as Cancellation from "effect-payment-cancel/Cancellation"
import type * as CancelError from "effect-payment-cancel/CancelError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { gzipSync } from "node:zlib"
import { json, play, type Reply, reset, type Step } from "../engine/HttpDouble.js"
import type { Standing } from "../../src/authoring/Answer.js"
import type { Row } from "../../src/authoring/Errors.js"
import { deepStrictEqual } from "../engine/partly.js"
import { inTurns, longOrShort } from "../support/extent.js"
import { speaksJson } from "../support/interpreting.js"
import type { Failure } from "../support/ProviderFacts.js"
import type { Entry, Json, Operation } from "./providers.js"

/** One request and one reading, and no time between them: what a single answer proves. */
const single = { attempts: 1, statusReads: 1, backoff: { initial: 0 }, maximumRetryAfter: 0 } as const

type Result = Either.Either<Cancellation.Cancellation, Failure>

const tagOf = (result: Result): string => Either.merge(result)._tag

/** The first answer is the cancel's, the other the status query's. */
type Cancel = (answer: Step, reading?: Step) => Effect.Effect<{ readonly result: Result; readonly requests: number }>

/** Connects an operation once, to a client that plays another script each time. */
const connect = (operation: Operation): Cancel => {
  let playing = play({})
  const client: HttpClient.HttpClient = HttpClient.makeWith(
    (request: Effect.Effect<HttpClientRequest.HttpClientRequest>) =>
      Effect.flatMap(request, (request) => playing.client.execute(request)),
    Effect.succeed
  )
  const cancel = operation.connect(single).pipe(
    Effect.provideService(HttpClient.HttpClient, client),
    Effect.scoped,
    Effect.runSync
  )
  return (answer, reading = json(500, {})) =>
    Effect.suspend(() => {
      playing = play(answer, reading)
      return Effect.map(Effect.either(cancel), (result) => ({ result, requests: playing.received.length }))
    })
}

const isRefusal = (status: number) => status >= 400 && status < 500 && status !== 408
const isSuccess = (status: number) => status >= 200 && status < 300
/** The documented success that states nothing. */
const isSilentSuccess = ({ code, outcome }: Row, status: number) => code === null && outcome === "Unknown" && isSuccess(status)
const isServerError = (status: number) => status >= 500 && status < 600

/** One of each kind: a redirect, a refusal, a timeout, a failure. */
const wrongStatuses = [307, 400, 408, 503]

/** What a listed code with a status becomes, from the table's row alone. */
const expectedTag = ({ name, row }: Entry["catalogue"]["entries"][number], provider: string, status: number): string => {
  const own = `${provider}.${name}`
  if (isRefusal(status) || isSilentSuccess(row, status)) return own
  return isServerError(status) && row.outcome === "Unknown" ? own : "CancelError.UnexpectedResponse"
}

const claims = (result: Result): "Cancelled" | "Accepted" | "NotCancelled" | "Unknown" =>
  Either.match(result, {
    onLeft: ({ outcome }) => outcome,
    onRight: ({ _tag }) => _tag === "Cancelled" || _tag === "AlreadyCancelled" ? "Cancelled" : "Accepted"
  })

/** An error must be one that the provider's schema knows, and survive a journal. */
const checkError = (entry: Entry, result: Result) => {
  if (Either.isRight(result)) return
  const { left: error } = result
  assert.strictEqual(error.provider, entry.name)
  assert.include(entry.operations.map(({ paymentId }) => paymentId), error.paymentId)
  assert.strictEqual(error.idempotencyKey, "key-1")
  // Its own class is a schema too, and much faster than the union of forty.
  const schema = error.constructor as unknown as Schema.Schema<CancelError.Any, Json>
  const encoded = JSON.stringify(Schema.encodeSync(schema)(error))
  const decoded = Schema.decodeUnknownSync(schema)(JSON.parse(encoded))
  assert.strictEqual(JSON.stringify(Schema.encodeSync(schema)(decoded)), encoded)
  for (const { credentials } of entry.operations) {
    for (const credential of Object.values(credentials)) assert.notInclude(encoded, credential)
  }
}

const deepArray = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
const deepObject = (depth: number) => "{\"a\":".repeat(depth) + "1" + "}".repeat(depth)

/** `json` with one more member, written by hand so that any key and any depth is possible. */
const withMember = (body: Json, member: string): string => {
  const text = JSON.stringify(body)
  return text === "{}" ? `{${member}}` : `${text.slice(0, -1)},${member}}`
}

/** The same inside the only member of `json`: what is no JSON may have one root, and no more. */
const withInnerMember = (body: Json, member: string): string =>
  `{${Object.entries(body).map(([key, inner]) => `${JSON.stringify(key)}:${withMember(inner as Json, member)}`).join(",")}}`

/** Bodies that no provider sends, and that some proxy will. */
const oddBodies: ReadonlyArray<readonly [name: string, reply: Omit<Reply, "status">]> = [
  ["no body", { body: "" }],
  ["no body, no content type", { body: "", headers: {} }],
  ["blanks", { body: " \r\n\t" }],
  ["HTML", { body: "<html><body>Bad Gateway</body></html>", headers: { "content-type": "text/html; charset=utf-8" } }],
  ["text", { body: "OK", headers: { "content-type": "text/plain" } }],
  ["null", { body: "null" }],
  ["true", { body: "true" }],
  ["a number", { body: "200" }],
  ["a huge number", { body: "1e999" }],
  ["a string", { body: "\"cancelled\"" }],
  ["a list", { body: "[]" }],
  ["a list of objects", { body: "[{\"status\":\"cancelled\"},{\"status\":\"canceled\"},{\"status\":\"CANCELED\"}]" }],
  ["half a JSON", { body: "{\"status\":\"cance" }],
  ["two JSONs", { body: "{\"status\":\"canceled\"}{\"status\":\"canceled\"}" }],
  ["bytes that are no text", { body: new Uint8Array([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]) }],
  ["zeros", { body: new Uint8Array(64) }],
  ["an empty key", { body: "{\"\":{\"\":\"\"}}" }],
  ["a prototype", { body: "{\"__proto__\":{\"status\":\"cancelled\"},\"constructor\":{\"prototype\":{}}}" }]
]

/** The same, but so large that a few statuses must do. */
const hugeBodies: typeof oddBodies = [
  ["a hundred thousand lists", { body: deepArray(100_000) }],
  ["a hundred thousand objects", { body: deepObject(100_000) }],
  ["megabytes", { body: JSON.stringify("x".repeat(2_000_000)) }],
  ["bytes without an end", { body: Stream.repeatValue(new Uint8Array(65_536)) }]
]

/** What HTTP itself says of a refusal. */
const categories: { readonly [status: number]: CancelError.Category } = {
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "InvalidRequest",
  429: "RateLimited"
}

const malformed: ReadonlyArray<unknown> = [null, 7, true, "", [], { a: 1 }]

const flatten = (json: unknown, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> =>
  typeof json === "object" && json !== null && !Array.isArray(json)
    ? Object.entries(json).flatMap(([key, value]) => [[...path, key], ...flatten(value, [...path, key])])
    : []

const valueAt = (json: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce((value, key) => Predicate.hasProperty(value, key) ? value[key] : undefined, json)

/** The same JSON with one member replaced, or left out. */
const altered = (json: unknown, [key, ...rest]: ReadonlyArray<string>, value: unknown): unknown => {
  if (key === undefined || typeof json !== "object" || json === null) return json
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, old]) => {
      if (name !== key) return [[name, old]]
      if (rest.length > 0) return [[name, altered(old, rest, value)]]
      return value === undefined ? [] : [[name, value]]
    })
  )
}

const inCharset = (text: string, encoding: BufferEncoding, charset: string): Reply => ({
  body: new Uint8Array(Buffer.from(text, encoding)),
  headers: { "content-type": `application/json; charset=${charset}` }
})

/** The suite. In a short run a provider has a part of the longest lists of cases, and each takes another turn. */
export const conformance = (entry: Entry, turn = 0): void => {
  describe(entry.name, () => {
    it("lists every code once, with a class of its own", () => {
      const { entries } = entry.catalogue
      assert.isNotEmpty(entries)
      assert.lengthOf(
        new Set(entries.flatMap(({ row }): ReadonlyArray<unknown> => row.code === null ? row.httpStatus : [row.code])),
        entries.reduce((all, { row }) => all + (row.code === null ? row.httpStatus.length : 1), 0)
      )
      assert.lengthOf(new Set(entries.map(({ name }) => name)), entries.length)
      for (const { row } of entries) {
        for (const status of row.httpStatus) assert.isTrue(isRefusal(status) || isServerError(status) || isSilentSuccess(row, status), `${row.code} with ${status}`)
        if (row.stillRunning === true) assert.strictEqual(row.outcome, "Unknown", String(row.code))
        assert.isNotEmpty(row.meaning)
        assert.match(row.remedy, /\.$/)
      }
    })

    it("documents no code with a status that cannot show its class", () => {
      for (const each of entry.catalogue.entries) {
        for (const status of each.row.httpStatus) {
          const why = `${each.row.code} with ${status}: a refusal needs a 4xx other than 408, anything else is a doubt`
          assert.strictEqual(expectedTag(each, entry.name, status), `${entry.name}.${each.name}`, why)
        }
      }
    })

    for (const [nth, operation] of entry.operations.entries()) {
      describe(operation.name, () => suite(entry, operation, turn + nth, nth))
    }
  })
}

const suite = (entry: Entry, operation: Operation, turn: number, place: number): void => {
  const { catalogue, name } = entry
  /** What is the same at all operations of a provider: in a short run each is tested at one of them. */
  const shared = <A>(cases: ReadonlyArray<A>): ReadonlyArray<A> => inTurns(cases, place, entry.operations.length)
  const { cancelled, standings } = operation
  const error = (code: string | null) => entry.facts.error(code, "No.")
  /** A code, or what is told by the status alone. */
  const listed = ({ code }: Row, status: number): Reply => code === null ? { status, body: "" } : json(status, error(code))
  const cancel = connect(operation)
  const { paymentId } = operation
  const proof = operation.proof(paymentId)
  /** Any other payment's id. */
  const another = entry.facts.paymentId("pay_2")
  const extended = speaksJson(entry.facts) ? withMember : withInnerMember
  /** A listed code where the HTTP status says nothing: it is as true as with the status that it stands for. */
  const saysAll = (status: number, code: string | null) =>
    status === entry.facts.onlyStatus && catalogue.entries.some(({ row }) => row.code === code)
  const standingWith = (standing: Standing) =>
    Object.keys(standings).filter((status) => standings[status] === standing)
  const { statusBody } = operation
  /** What an answer becomes that states no code: what its status alone tells. */
  const withoutCode = (status: number): string => {
    const told = catalogue.entries.find(({ row }) => row.code === null && row.httpStatus.includes(status))
    if (told !== undefined) return expectedTag(told, name, status)
    return isRefusal(status) && !operation.licence.stillRunning.includes(status) ? `${name}.Unrecognized` : "CancelError.UnexpectedResponse"
  }
  /** Accepted is not cancelled: where there is a status, it is read for what became of it. */
  const isAccepting = operation.success === "CancellationAccepted" && statusBody !== null
  const reading = (status: string): Step => statusBody === null ? json(500, {}) : json(200, statusBody(paymentId, status))

  /** What was captured before is in sight, in whatever way a success came about. */
  const assertCaptured = (result: Result) => {
    const success = Either.getOrThrow(result)
    if ("capturedAmount" in success) deepStrictEqual(success.capturedAmount, Option.fromNullable(operation.captured))
    else assert.isNull(operation.captured)
  }

  describe("a proof", () => {
    it.live("is a success, with any 2xx, and asks for nothing more", () =>
      Effect.forEach([200, ...inTurns([201, 202, 203, 299], turn, 2)], (status) =>
        Effect.gen(function*() {
          const { requests, result } = yield* cancel(json(status, proof))
          assert.strictEqual(tagOf(result), operation.success)
          assert.strictEqual(requests, isAccepting ? 2 : 1)
          assert.deepInclude(Either.getOrThrow(result), { provider: name, paymentId, evidence: "Response", attempts: 1 })
          if (!isAccepting) assertCaptured(result)
        })))
    it.live("is none with any other status", () =>
      Effect.forEach(inTurns([0, 100, 199, 300, 304, ...wrongStatuses, 404, 429, 499, 500, 599, 600], turn, 4), (status) =>
        Effect.gen(function*() {
          const { result } = yield* cancel(json(status, proof))
          // A status stated with a refusal counts as read; a receipt that comes with one does not.
          if (isRefusal(status) && tagOf(result) === "AlreadyCancelled") return
          assert.isTrue(Either.isLeft(result), `status ${status}: ${tagOf(result)}`)
          if (!isRefusal(status)) assert.strictEqual(claims(result), "Unknown", `status ${status}`)
          checkError(entry, result)
        })))
    it.live("is one in any charset, with a byte order mark, or without a content type", () =>
      Effect.gen(function*() {
        const text = JSON.stringify(proof)
        const replies: ReadonlyArray<Reply> = [
          { body: `\uFEFF${text}` },
          { body: text, headers: {} },
          { body: text, headers: { "content-type": "text/plain" } },
          { body: text, headers: { "content-type": "application/json; charset=klingon" } },
          { body: text, headers: { "content-type": "application/vnd.api+json;charset=\"UTF-8\"" } },
          inCharset(text, "utf16le", "utf-16le"),
          inCharset(text, "latin1", "iso-8859-1"),
          { body: ` \n${text}\n ` },
          { body: Stream.fromIterable([...new TextEncoder().encode(text)].map((byte) => new Uint8Array([byte]))) }
        ]
        for (const reply of inTurns(replies, turn, 2)) {
          assert.strictEqual(tagOf((yield* cancel({ status: 200, ...reply })).result), operation.success)
        }
      }))
    it.live("bears fields that nobody knows: prototypes, depth, size", () =>
      Effect.gen(function*() {
        if (operation.isExact) return
        // Who writes and reads what is no JSON has limits of its own.
        const members = [
          "\"new_field\":1",
          ...(speaksJson(entry.facts)
            ? ["\"__proto__\":{\"polluted\":true}", "\"constructor\":{\"prototype\":{\"polluted\":true}}", "\"toString\":1"]
            : []),
          `"deep":${speaksJson(entry.facts) ? deepArray(100_000) : deepObject(20)}`,
          `"long":"${"x".repeat(900_000)}"`
        ]
        for (const member of inTurns(members, turn, 4)) {
          const { result } = yield* cancel({ status: 200, body: extended(proof, member) })
          assert.strictEqual(tagOf(result), operation.success, member.slice(0, 40))
          JSON.stringify(result)
        }
        assert.isUndefined(Reflect.get({}, "polluted"))
      }))
    it.live("is none beside an error", () =>
      Effect.forEach(["never_heard_of", ...catalogue.entries.flatMap(({ row }) => row.code ?? []).slice(0, 3)], (code) =>
        Effect.gen(function*() {
          const { result } = yield* cancel(json(200, { ...proof, ...error(code) }), json(200, { ...proof, ...error(code) }))
          if (saysAll(200, code)) assert.isTrue(Either.isLeft(result))
          else assert.strictEqual(tagOf(result), "CancelError.UnexpectedResponse")
          assert.strictEqual(Either.getOrThrow(Either.flip(result)).code, code)
        })))
    it.live("is none if it is larger than allowed", () =>
      Effect.gen(function*() {
        const { result } = yield* cancel({ body: extended(proof, `"long":"${"x".repeat(1_100_000)}"`) })
        assert.strictEqual(tagOf(result), "CancelError.NoResponse")
      }))
    if (operation.namesPayment.Cancel) {
      it.live("is none about another payment", () =>
        Effect.forEach(["pay_2", "", "PAY_1", "pay_1 ", "pay_10"].map(entry.facts.paymentId), (other) =>
          Effect.gen(function*() {
            const { result } = yield* cancel(json(200, operation.proof(other)))
            assert.strictEqual(tagOf(result), "CancelError.UnexpectedResponse", other)
          })))
    }
    it.live("is none without what it needs", () =>
      Effect.forEach(operation.needed, (field) =>
        Effect.gen(function*() {
          for (const value of inTurns([undefined, ...malformed], turn, 4)) {
            const { result } = yield* cancel(json(200, altered(proof, [field], value)))
            assert.strictEqual(tagOf(result), "CancelError.UnexpectedResponse", `${field}: ${JSON.stringify(value)}`)
            checkError(entry, result)
          }
        })))
    it.live("is never lost to a field that does not matter, nor made by one that is wrong", () =>
      Effect.forEach(flatten(proof), (path, nth) =>
        Effect.forEach(inTurns([undefined, ...malformed], turn + nth, 6), (value) =>
          Effect.gen(function*() {
            const { result } = yield* cancel(json(200, altered(proof, path, value)))
            const tag = tagOf(result)
            const matters = operation.needed.includes(path[0]!) || operation.naming.includes(path[0]!)
            if (!matters) assert.strictEqual(tag, operation.success, `${path.join(".")}: ${JSON.stringify(value)}`)
            assert.include([operation.success, "CancelError.UnexpectedResponse"], tag)
          }), { discard: true }), { discard: true }))
    it.live("is none when it states another status", () =>
      Effect.gen(function*() {
        if (statusBody === null || isAccepting) return
        if (operation.approves) {
          for (const status of [...standingWith("Closed"), ...standingWith("Cancellable"), "never_heard_of", ""]) {
            const { result } = yield* cancel(json(200, operation.payment(paymentId, status)))
            assert.strictEqual(tagOf(result), "CancelError.UnexpectedResponse", status)
          }
          return
        }
        const where = flatten(proof).find((path) => valueAt(proof, path) === cancelled) ?? []
        const stating = (status: string) => operation.byAmounts ? operation.payment(paymentId, status) : altered(proof, where, status)
        for (const status of standingWith("Closed")) {
          assert.strictEqual(tagOf((yield* cancel(json(200, stating(status)))).result), "CancelError.NoLongerCancellable")
        }
        for (const status of [...standingWith("Cancellable"), "never_heard_of", "toString", "__proto__", "CANCELLED ", "Canceled", ""]) {
          const { result } = yield* cancel(json(200, stating(status)))
          assert.strictEqual(tagOf(result), "CancelError.UnexpectedResponse", status)
        }
      }))
  })

  /** Where the payment stands, if the refusal itself says so. */
  const standingIn = ({ states }: Row): Standing | null => states === undefined ? null : standings[states] ?? null
  const isSettling = (row: Row) => standingIn(row) === "Cancelled" || standingIn(row) === "Closed"

  describe("a listed code", () => {
    const entries = [...catalogue.entries.entries()]
    for (const [nth, each] of shared(entries)) {
      it.live(`${each.row.code} is ${name}.${each.name}, and weaker with a weaker status`, () =>
        Effect.forEach([...each.row.httpStatus, ...(each.row.code === null ? [] : inTurns(wrongStatuses, nth, 4))], (status) =>
          Effect.gen(function*() {
            const { result } = yield* cancel(listed(each.row, status))
            if (standingIn(each.row) === "Cancelled" && isRefusal(status)) {
              assert.strictEqual(tagOf(result), "AlreadyCancelled", `status ${status}`)
              return
            }
            assert.strictEqual(tagOf(result), expectedTag(each, name, status), `status ${status}`)
            assert.deepInclude(Either.getOrThrow(Either.flip(result)), { code: each.row.code })
            deepStrictEqual(Either.getOrThrow(Either.flip(result)).httpStatus, Option.some(status))
            checkError(entry, result)
          })))
    }
    for (const [, each] of inTurns(shared(entries.filter(([, { row }]) => row.code !== null)), turn, 2)) {
      it.live(`${each.row.code} with a 2xx proves nothing`, () =>
        Effect.gen(function*() {
          const { result } = yield* cancel(json(200, error(each.row.code)))
          if (saysAll(200, each.row.code)) {
            if (standingIn(each.row) === "Cancelled") assert.strictEqual(tagOf(result), "AlreadyCancelled")
            else assert.strictEqual(tagOf(result), `${name}.${each.name}`)
            return
          }
          assert.strictEqual(tagOf(result), "CancelError.UnexpectedResponse")
          assert.strictEqual(Either.getOrThrow(Either.flip(result)).code, each.row.code)
        }))
    }
    it.live("about the payment is read back, and about the request is not", () =>
      Effect.forEach(inTurns(catalogue.entries, turn, 3), ({ row }) =>
        Effect.gen(function*() {
          const [status] = row.httpStatus
          const { requests } = yield* cancel(listed(row, status))
          const isRead = row.outcome === "Unknown" || row.about === "Payment"
          assert.strictEqual(requests, statusBody !== null && isRead && !isSettling(row) ? 2 : 1, String(row.code))
        })))
    it.live("bears fields that nobody knows", () =>
      Effect.forEach(inTurns(catalogue.entries.filter(({ row }) => row.code !== null), turn, 6), ({ row }) =>
        Effect.gen(function*() {
          const body = error(row.code)
          const [status] = row.httpStatus
          const expected = tagOf((yield* cancel(json(status, body))).result)
          const members = speaksJson(entry.facts)
            ? `"new_field":1,"__proto__":{"code":"x"},"deep":${deepArray(50)}`
            : `"new_field":1,"deep":${deepObject(20)}`
          const { result } = yield* cancel({ status, body: extended(body, members) })
          assert.strictEqual(tagOf(result), expected)
          checkError(entry, result)
        }), { discard: true }))
  })

  describe("a code that nobody has listed", () => {
    // JSON writes any character; other formats have none for a zero.
    const odd = entry.facts.interpreter === null ? "\u0000 ä\u{1F600}" : "\u00a0 ä\u{1F600}"
    const codes = ["never_heard_of", "", "constructor", "__proto__", "x".repeat(5_000), odd]
    it.live("is kept as it is: Unrecognized on a 4xx, UnexpectedResponse otherwise", () =>
      Effect.forEach(codes, (code, nth) =>
        Effect.forEach(inTurns([200, ...wrongStatuses], turn + nth, 5), (status) =>
          Effect.gen(function*() {
            const { result } = yield* cancel(json(status, error(code)))
            assert.strictEqual(tagOf(result), isRefusal(status) ? `${name}.Unrecognized` : "CancelError.UnexpectedResponse", `${code} with ${status}`)
            assert.strictEqual(Either.getOrThrow(Either.flip(result)).code, code)
            checkError(entry, result)
          }), { discard: true }), { discard: true }))
    it.live("or that is no text is none", () =>
      Effect.forEach(flatten(error("x")), (path, nth) =>
        Effect.forEach(inTurns([undefined, ...malformed], turn + nth, 6), (value) =>
          Effect.gen(function*() {
            const { result } = yield* cancel(json(400, altered(error("never_heard_of"), path, value)))
            assert.include([`${name}.Unrecognized`, withoutCode(400)], tagOf(result))
            checkError(entry, result)
          }), { discard: true }), { discard: true }))
  })

  describe("a 4xx whose code says nothing", () => {
    const unlisted: typeof oddBodies[number] = ["an unlisted code", json(400, error("never_heard_of"))]
    const spoken = new Set([...Object.keys(categories).map(Number), ...operation.licence.stillRunning, ...catalogue.entries.flatMap(({ row }) => row.httpStatus)])
    const every = Array.from({ length: 100 }, (_, nth) => 400 + nth).filter((status) => status !== 408)
    const statuses = [...every.filter((status) => spoken.has(status)), ...inTurns(every.filter((status) => !spoken.has(status)), turn, 24)]
    it.live("has the category of its status, or leaves open whether a request still runs", () =>
      Effect.forEach(statuses, (status) =>
        Effect.gen(function*() {
          for (const [what, reply] of status === 409 || status === 400 ? [...inTurns(oddBodies, turn, 6), unlisted] : [unlisted]) {
            const { result } = yield* cancel({ ...reply, status })
            const failure = Either.getOrThrow(Either.flip(result))
            // Where there is no code, the status may tell something of its own.
            const told = catalogue.entries.find(({ row }) => row.code === null && row.httpStatus.includes(status))
            const expected = what !== "an unlisted code" && told !== undefined
              ? { _tag: `${name}.${told.name}`, outcome: told.row.outcome, category: told.row.category }
              : operation.licence.stillRunning.includes(status)
              ? { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", category: "Unexpected" }
              : { _tag: `${name}.Unrecognized`, outcome: "NotCancelled", category: categories[status] ?? "Unexpected" }
            const seen: object = failure
            assert.deepInclude(seen, { ...expected, httpStatus: Option.some(status) }, `${status}, ${what}`)
            checkError(entry, result)
          }
        }), { discard: true }))
    const unknownWith = (status: number) => catalogue.entries.find(({ row }) => row.outcome === "Unknown" && row.httpStatus.includes(status))
    const leavesOpen = (status: number) => unknownWith(status) !== undefined || operation.licence.stillRunning.includes(status)
    it.live("leaves open what the codes with its status do, where it is packed and nobody unpacks it", () =>
      Effect.forEach([...statuses.filter(leavesOpen), ...inTurns(statuses.filter((status) => !leavesOpen(status)), turn, 4)], (status) =>
        Effect.gen(function*() {
          const known = unknownWith(status)
          const bytes = gzipSync(JSON.stringify(error(known?.row.code ?? "never_heard_of")))
          const { result } = yield* cancel({ status, body: new Uint8Array(bytes), headers: { "content-type": "application/json", "content-encoding": "gzip" } })
          assert.strictEqual(claims(result), leavesOpen(status) ? "Unknown" : "NotCancelled", String(status))
          checkError(entry, result)
        }), { discard: true }))
    it.live("is not taken for packed where the client unpacked a page without a code, and left the header", () =>
      Effect.forEach(inTurns(statuses, turn, 4), (status) =>
        Effect.gen(function*() {
          const page = { status, body: "<html>\r\n\t<h1>Blocked – déjà vu</h1>\n</html>" }
          const { result } = yield* cancel({ ...page, headers: { "content-type": "text/html", "content-encoding": "gzip" } })
          const { result: plain } = yield* cancel({ ...page, headers: { "content-type": "text/html" } })
          assert.strictEqual(claims(result), claims(plain), String(status))
        }), { discard: true }))
    it.live("and a listed code says no more than a status which leaves a request running, unless it is documented with that", () =>
      Effect.forEach(operation.licence.stillRunning, (status) =>
        Effect.forEach(inTurns(catalogue.entries.filter(({ row }) => row.code !== null || row.httpStatus.includes(status)), turn, 2), ({ name: own, row }) =>
          Effect.gen(function*() {
            const { result } = yield* cancel(listed(row, status))
            // What it states of the payment is true with any refusal.
            if (standingIn(row) === "Cancelled") {
              assert.strictEqual(tagOf(result), "Cancelled", String(row.code))
              return
            }
            const believed = row.outcome === "Unknown" || row.httpStatus.includes(status)
            assert.strictEqual(tagOf(result), believed ? `${name}.${own}` : "CancelError.UnexpectedResponse", String(row.code))
            assert.strictEqual(claims(result), believed ? row.outcome : "Unknown", String(row.code))
            assert.strictEqual(Either.getOrThrow(Either.flip(result)).code, row.code)
          }), { discard: true }), { discard: true }))
  })

  describe("a body that no provider sends", () => {
    for (const [nth, [what, reply]] of [...shared(oddBodies), ...shared(inTurns(hugeBodies, turn - place, 2))].entries()) {
      // What comes with a 200 is what might be believed.
      const statuses = hugeBodies.some(([huge]) => huge === what) ? inTurns([200, 400], turn + nth, 2) : [200, ...inTurns(wrongStatuses, turn + nth, 4)]
      it.live(`${what}: never a claim without proof`, () =>
        Effect.forEach(statuses, (status) =>
          Effect.gen(function*() {
            const { result } = yield* cancel({ status, ...reply })
            assert.include([withoutCode(status), "CancelError.NoResponse"], tagOf(result), `status ${status}`)
            checkError(entry, result)
          }), { discard: true }))
    }
    it.live("any JSON at all, with any status: never a claim without proof", () =>
      Effect.gen(function*() {
        const samples = FastCheck.sample(
          FastCheck.record({ body: FastCheck.jsonValue({ maxDepth: 4 }), status: FastCheck.constantFrom(200, 204, 302, 400, 404, 408, 409, 429, 500, 503) }),
          { numRuns: longOrShort(50, 5), seed: longOrShort(7, turn) }
        )
        for (const { body, status } of samples) {
          const { result } = yield* cancel(json(status, body))
          assert.isTrue(Either.isLeft(result) || (operation.isExact && JSON.stringify(body) === JSON.stringify(proof)))
          if (!isRefusal(status) && Either.isLeft(result)) assert.strictEqual(claims(result), "Unknown")
          checkError(entry, result)
        }
      }))
  })

  if (isAccepting) {
    describe("after an acceptance", () => {
      it.live("only the payment's own status says what became of it", () =>
        Effect.gen(function*() {
          const told = (step: Step) => Effect.map(cancel(json(202, proof), step), ({ result }) => result)
          for (const status of standingWith("Cancelled")) {
            const result = yield* told(reading(status))
            assert.deepInclude(Either.getOrThrow(result), { _tag: "Cancelled", evidence: "StatusQuery", attempts: 1 })
            assertCaptured(result)
          }
          for (const status of standingWith("Closed")) {
            const error = Either.getOrThrow(Either.flip(yield* told(reading(status))))
            assert.strictEqual(error._tag, "CancelError.NoLongerCancellable")
            deepStrictEqual(error.paymentStatus, Option.some(status))
          }
          const nothing: ReadonlyArray<Step> = [
            ...[...standingWith("Cancellable"), "never_heard_of", "constructor", ""].map(reading),
            ...oddBodies.map(([, reply]) => ({ status: 200, ...reply })),
            ...wrongStatuses.map((code) => json(code, statusBody(paymentId, cancelled))),
            json(200, statusBody(another, cancelled)),
            json(404, {}),
            reset
          ]
          for (const step of nothing) {
            assert.deepInclude(Either.getOrThrow(yield* told(step)), { _tag: "CancellationAccepted", evidence: "Response" })
          }
        }))
    })
  }

  if (statusBody !== null) {
    describe("after a doubt", () => {
      const doubts: ReadonlyArray<readonly [name: string, answer: Step]> = [
        ["no answer", reset],
        ["an empty 200", { status: 200 }],
        ["a redirect", json(307, {}, { location: "https://evil.test/" })]
      ]
      for (const [nth, [what, answer]] of doubts.entries()) {
        it.live(`${what}: only the payment's own status settles it`, () =>
          Effect.gen(function*() {
            const told = (step: Step) => Effect.map(cancel(answer, step), ({ result }) => result)
            const unknown = ["CancelError.NoResponse", "CancelError.UnexpectedResponse"]
            for (const status of standingWith("Cancelled")) {
              const result = yield* told(reading(status))
              assert.deepInclude(Either.getOrThrow(result), { _tag: "Cancelled", evidence: "StatusQuery" })
              assertCaptured(result)
            }
            for (const status of inTurns(standingWith("Closed"), nth, 3)) {
              const error = Either.getOrThrow(Either.flip(yield* told(reading(status))))
              assert.strictEqual(error._tag, "CancelError.NoLongerCancellable")
              deepStrictEqual(error.paymentStatus, Option.some(status))
            }
            for (const status of [...inTurns(standingWith("Cancellable"), nth, 3), ...inTurns(["never_heard_of", "constructor", ""], nth, 3)]) {
              assert.include(unknown, tagOf(yield* told(reading(status))), status)
            }
            for (const [, reply] of inTurns(oddBodies, turn + nth, 6)) {
              assert.include(unknown, tagOf(yield* told({ status: 200, ...reply })))
            }
            for (const code of inTurns(wrongStatuses, turn + nth, 2)) {
              assert.include(unknown, tagOf(yield* told(json(code, statusBody(paymentId, standingWith("Cancelled")[0]!)))))
            }
            assert.include(unknown, tagOf(yield* told(json(404, error(catalogue.entries.find(({ row }) => row.code !== null)?.row.code ?? null)))))
            assert.include(unknown, tagOf(yield* told(reset)))
          }))
      }
    })
    describe("after a refusal about the payment", () => {
      it.live("the payment's own status decides, where there is one", () =>
        Effect.forEach(inTurns(catalogue.entries.filter(({ row }) => row.about === "Payment" && row.outcome === "NotCancelled" && !isSettling(row)), turn, 3), ({ name: own, row }, nth) =>
          Effect.gen(function*() {
            const told = (step: Step) => Effect.map(cancel(listed(row, row.httpStatus[0]), step), ({ result }) => result)
            for (const status of standingWith("Cancelled")) {
              const result = yield* told(reading(status))
              assertCaptured(result)
              assert.strictEqual(tagOf(result), "AlreadyCancelled")
            }
            const others = [standingWith("Closed"), standingWith("Cancellable"), ["never_heard_of"]].flatMap((statuses) => inTurns(statuses, nth, 3))
            for (const step of [...others.map(reading), reset]) {
              assert.strictEqual(tagOf(yield* told(step)), `${name}.${own}`)
            }
          }), { discard: true }))
    })
  }
}
