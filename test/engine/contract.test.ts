/**
 * What the contract carries beside a fixed header and JSON: tokens, signatures, other formats,
 * statuses that mean nothing, successes that state nothing, and refusals without a code.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Answer from "../../src/authoring/Answer.js"
import * as Authorization from "../../src/authoring/Authorization.js"
import * as Errors from "../../src/authoring/Errors.js"
import * as Input from "../../src/authoring/Input.js"
import * as Provider from "../../src/authoring/Provider.js"
import type * as CancelError from "../../src/CancelError.js"
import * as CancelEvent from "../../src/CancelEvent.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Acme from "./Acme.js"
import { badCertificate, json, play, type Received, refused, reset, respond, stall, type Step } from "./HttpDouble.js"
import { deepStrictEqual } from "./partly.js"

const refusal = Errors.refusal("Acme")
const doubt = Errors.doubt("Acme")

class BadClient extends refusal<BadClient>()("BadClient", { ...Acme.row, code: "bad_client", httpStatus: [401], category: "Unauthenticated" }) {}
class NotPossible extends refusal<NotPossible>()("NotPossible", { ...Acme.row, code: "not_possible", httpStatus: [400], about: "Payment" }) {}
class AlreadyGone extends refusal<AlreadyGone>()("AlreadyGone", {
  ...Acme.row,
  code: "already_gone",
  httpStatus: [422],
  about: "Payment",
  states: "gone"
}) {}
class Misspelt extends refusal<Misspelt>()("Misspelt", {
  ...Acme.row,
  code: "misspelt",
  httpStatus: [422],
  about: "Payment",
  states: "gonne"
}) {}
class ItsCode extends refusal<ItsCode>()("ItsCode", {
  ...Acme.row,
  code: "its_code",
  httpStatus: [422],
  about: "Payment",
  states: "its_code"
}) {}
class Broken extends doubt<Broken>()("Broken", { ...Acme.row, code: "broken", httpStatus: [400] }) {}
class Silent403 extends refusal<Silent403>()("Silent403", { ...Acme.row, code: null, httpStatus: [403], category: "Forbidden" }) {}
class NotConfirmed extends doubt<NotConfirmed>()("NotConfirmed", {
  ...Acme.row,
  code: null,
  httpStatus: [204, 205],
  meaning: "Acme says that it is done"
}) {}
class Unrecognized extends Errors.unrecognized("Acme")<Unrecognized>() {}

const errors = { BadClient, NotPossible, AlreadyGone, Misspelt, ItsCode, Broken, Silent403, NotConfirmed, Unrecognized }
type Coded = Errors.ErrorsIn<typeof errors>
type Declared = Provider.Declaration<"Acme", Acme.Connection, Coded>

const declaration: Declared = { ...Acme.declaration, errors: Errors.catalogue(errors) }

const tokenRequest = HttpClientRequest.post("https://acme.test/token", { headers: { authorization: "Basic acme-secret" } })

const authorization = Authorization.token({
  request: tokenRequest,
  read: ({ body }) =>
    Option.flatMap(body, (_) =>
      Predicate.hasProperty(_, "token") && typeof _.token === "string"
        ? Option.some({
          value: _.token,
          expiresIn: Predicate.hasProperty(_, "lifetime") && typeof _.lifetime === "number"
            ? Option.some(Duration.seconds(_.lifetime))
            : Option.none()
        })
        : Option.none()),
  refusal: ({ body }) =>
    Option.flatMap(body, (_) =>
      Predicate.hasProperty(_, "code") && typeof _.code === "string"
        ? Option.some({ code: _.code, message: Predicate.hasProperty(_, "message") ? String(_.message) : null, details: null })
        : Option.none())
})

const withToken: Declared = { ...declaration, authorization: () => authorization }

interface Set {
  readonly operation?: Partial<Provider.Operation<Acme.Connection, Acme.Request, Acme.Says, Acme.Success>>
  readonly options?: CancelPolicy.Options
}

const connect = (declared: Declared, client: HttpClient.HttpClient, { operation = {}, options = {} }: Set = {}) =>
  Provider.make(declared, { licence: Acme.licensed, secret: "acme-secret" }, { backoff: { initial: 0 }, ...options }).pipe(
    Effect.map((provider) => ({
      cancel: provider.cancel({ ...Acme.operation("PaymentId", true), ...operation }),
      status: provider.status(Acme.statusQuery)
    })),
    Effect.provideService(HttpClient.HttpClient, client)
  )

const request = { paymentId: Acme.paymentId }
const gone = json(200, Acme.payment("gone"))
const open = json(200, Acme.payment("open"))
const issued = (token: string, lifetime?: number) => json(200, { token, lifetime })

const words = ({ headers, method, url }: Received) =>
  `${url.endsWith("/token") ? "TOKEN" : method}${headers["authorization"]?.startsWith("Bearer") === true ? ` ${headers["authorization"].slice(7)}` : ""}`

/** What was sent, and what came of it. */
const told = (declared: Declared, [first = stall, ...steps]: ReadonlyArray<Step>, set: Set = {}) =>
  Effect.gen(function*() {
    const { client, received } = play(first, ...steps)
    const acme = yield* connect(declared, client, set)
    const fiber = yield* Effect.fork(Effect.either(acme.cancel(request)))
    yield* TestClock.adjust("5 minutes")
    const result = yield* Fiber.join(fiber)
    return { result, sent: received.map(words).join(", "), tag: Either.merge(result)._tag }
  })

const errorOf = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

const history = ({ history }: CancelError.Any) => history.map(({ evidence, operation }) => `${operation}: ${evidence}`)

describe("a token", () => {
  it.effect("is fetched before the first exchange, and kept for the next", () =>
    Effect.gen(function*() {
      const { client, received } = play(issued("t1", 3600), gone, gone, open)
      const acme = yield* connect(withToken, client)
      yield* acme.cancel(request)
      yield* acme.cancel(request)
      yield* acme.status(request)
      deepStrictEqual(received.map(words), ["TOKEN", "POST t1", "POST t1", "GET t1"])
    }))
  it.effect("is fetched again shortly before it expires", () =>
    Effect.gen(function*() {
      const { client, received } = play(issued("t1", 100), gone, gone, issued("t2", 100), gone)
      const acme = yield* connect(withToken, client)
      yield* acme.cancel(request)
      yield* TestClock.adjust("89 seconds")
      yield* acme.cancel(request)
      yield* TestClock.adjust("1 seconds")
      yield* acme.cancel(request)
      deepStrictEqual(received.map(words), ["TOKEN", "POST t1", "POST t1", "TOKEN", "POST t2"])
    }))
  it.effect("that does not say how long it is valid is kept", () =>
    Effect.gen(function*() {
      const { client, received } = play(issued("t1"), gone, gone)
      const acme = yield* connect(withToken, client)
      yield* acme.cancel(request)
      yield* TestClock.adjust("300 days")
      yield* acme.cancel(request)
      deepStrictEqual(received.map(words), ["TOKEN", "POST t1", "POST t1"])
    }))
  it.effect("is fetched once for all who need it at the same time, whoever of them leaves", () =>
    Effect.gen(function*() {
      const received: Array<string> = []
      const client = HttpClient.make((sent) => {
        received.push(sent.url.endsWith("/token") ? "TOKEN" : "POST")
        return sent.url.endsWith("/token")
          ? Effect.delay(Effect.succeed(respond(sent, issued("t1"))), "1 second")
          : Effect.succeed(respond(sent, gone))
      })
      const acme = yield* connect(withToken, client)
      const first = yield* Effect.fork(acme.cancel(request))
      const others = yield* Effect.fork(Effect.all(Array.from({ length: 20 }, () => acme.cancel(request)), { concurrency: "unbounded" }))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(yield* Fiber.join(others), 20)
      deepStrictEqual(received, ["TOKEN", ...Array.from({ length: 20 }, () => "POST")])
    }))
  it.effect("that nobody waits for any more is not waited for either, and the next caller asks anew", () =>
    Effect.gen(function*() {
      let aborted = 0
      let asked = 0
      const client = HttpClient.make((sent) =>
        sent.url.endsWith("/token")
          ? ++asked === 1
            ? Effect.onInterrupt(Effect.never, () => Effect.sync(() => void aborted++))
            : Effect.succeed(respond(sent, issued("t2")))
          : Effect.succeed(respond(sent, gone)))
      const acme = yield* connect(withToken, client)
      const fiber = yield* Effect.fork(acme.cancel(request))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(aborted, 1)
      assert.strictEqual((yield* acme.cancel(request))._tag, "Cancelled")
    }))

  const refusals: ReadonlyArray<readonly [name: string, steps: ReadonlyArray<Step>, told: string]> = [
    ["no connection", [refused, refused, refused], "TOKEN, TOKEN, TOKEN: CancelError.NotSent"],
    ["no answer", [stall, reset, stall], "TOKEN, TOKEN, TOKEN: CancelError.NotSent"],
    ["a 500", [json(500, {}), json(503, {}), json(500, { code: "broken" })], "TOKEN, TOKEN, TOKEN: CancelError.NotSent"],
    ["a 200 without a token", [json(200, {})], "TOKEN: CancelError.NotSent"],
    ["a token that is fit for no header", [issued("a\nb")], "TOKEN: CancelError.NotSent"],
    ["an unlisted code", [json(400, { code: "never_heard_of" })], "TOKEN: CancelError.NotSent"],
    ["a code that would leave a cancel in doubt", [json(400, { code: "broken" })], "TOKEN: CancelError.NotSent"],
    ["a status by which a cancel's refusal is recognised", [json(403, {})], "TOKEN: CancelError.NotSent"],
    ["a certificate that does not hold", [badCertificate, issued("t1"), gone], "TOKEN: CancelError.NotSent"],
    ["a 408", [json(408, {}), issued("t1"), gone], "TOKEN, TOKEN, POST t1: Cancelled"],
    ["a 429", [json(429, {}), issued("t1"), gone], "TOKEN, TOKEN, POST t1: Cancelled"],
    ["a listed code", [json(401, { code: "bad_client" })], "TOKEN: Acme.BadClient"],
    ["a code that would say something of the payment", [json(404, { code: "not_possible" })], "TOKEN: CancelError.NotSent"],
    ["no connection at first", [refused, issued("t1"), gone], "TOKEN, TOKEN, POST t1: Cancelled"]
  ]
  for (const [name, steps, expected] of refusals) {
    it.effect(`that is not issued: ${name}`, () =>
      Effect.gen(function*() {
        const { result, sent, tag } = yield* told(withToken, steps)
        assert.strictEqual(`${sent}: ${tag}`, expected)
        if (Either.isLeft(result)) assert.strictEqual(result.left.outcome, "NotCancelled")
      }))
  }
  it.effect("that is not issued leaves a status unread", () =>
    Effect.gen(function*() {
      const { client, received } = play(json(401, { code: "bad_client", message: "no" }))
      const error = yield* Effect.flip((yield* connect(withToken, client)).status(request))
      assert.strictEqual(error._tag, "CancelError.StatusUnavailable")
      if (error._tag === "CancelError.StatusUnavailable") assert.strictEqual(error.category, "Unauthenticated")
      deepStrictEqual(received.map(words), ["TOKEN"])
    }))
  it.effect("takes its time from the attempt that needs it", () =>
    Effect.gen(function*() {
      const slow: Step = (sent) => Effect.delay(Effect.succeed(respond(sent, issued("t1"))), "9900 millis")
      const { sent, tag } = yield* told(withToken, [slow, gone])
      // The first attempt had no time left to send anything, the second one has the token.
      assert.strictEqual(`${sent}: ${tag}`, "TOKEN, POST t1: Cancelled")
    }))

  it.effect("that takes so long that the attempt has too little time left is used by the next one", () =>
    Effect.gen(function*() {
      const attempts = (attemptTimeout: number, tokenTakes: number) =>
        Effect.gen(function*() {
          const slow: Step = (sent) => Effect.delay(Effect.succeed(respond(sent, issued("t1"))), tokenTakes)
          const steps = [slow, json(400, { code: "not_possible" }), open, open]
          const { result } = yield* told(withToken, steps, { options: { attemptTimeout } })
          return history(errorOf(result)).filter((_) => _.startsWith("Cancel")).join(", ")
        })
      const atOnce = "Cancel: Refused"
      const later = "Cancel: NotSent, Cancel: Refused"
      deepStrictEqual(
        yield* Effect.forEach([[10_000, 9_000], [10_000, 9_001], [20_000, 18_900], [20_000, 19_001], [2_000, 1_800], [2_000, 1_801]], ([time = 0, taken = 0]) =>
          attempts(time, taken)),
        [atOnce, later, atOnce, later, atOnce, later]
      )
    }))
  it.effect("leaves the request the rest of its attempt's time", () =>
    Effect.gen(function*() {
      const slow: Step = (sent) => Effect.delay(Effect.succeed(respond(sent, issued("t1"))), "4 seconds")
      const { result } = yield* told(withToken, [slow, stall], { options: { attempts: 1 } })
      deepStrictEqual(errorOf(result).history.slice(0, 2).map((_) => _.explanation), ["HTTP 200", "no whole answer within 6000 ms"])
    }))
  it.effect("is told in words where it is not issued", () =>
    Effect.gen(function*() {
      const slow: Step = (sent) => Effect.delay(Effect.succeed(respond(sent, issued("t1"))), "9900 millis")
      const cutOff: Step = { status: 503, headers: { "retry-after": "600" }, body: Stream.never }
      const why = (...steps: ReadonlyArray<Step>) => Effect.map(told(withToken, steps, { options: { attempts: 1 } }), ({ result }) => errorOf(result))
      assert.include((yield* why(json(401, { code: "bad_client" }))).history[0]?.explanation, "no token was issued: HTTP 401 with code bad_client")
      assert.include((yield* why(refused)).message, "no token was issued: the connection could not be made")
      assert.include((yield* why(slow)).message, "the time of the attempt was over before the request was authorized")
      const error = yield* why(cutOff)
      deepStrictEqual(error.history.map((_) => _.httpStatus), [Option.some(503), Option.some(503)])
      deepStrictEqual(error.retryAfter, Option.some(Duration.minutes(10)))
    }))
  it.effect("is waited for by everybody for no longer than they have time", () =>
    Effect.gen(function*() {
      const slow: Step = (sent) => Effect.delay(Effect.succeed(respond(sent, issued("t1"))), "7 seconds")
      /** A status query comes a second after a cancel, and has less time. */
      const beside = (statusReads: number) =>
        Effect.gen(function*() {
          const { client, received } = play(slow, (sent) => Effect.succeed(respond(sent, sent.method === "GET" ? open : gone)))
          const acme = yield* connect(withToken, client, { options: { statusReads, statusTimeout: 5_000 } })
          const cancel = yield* Effect.fork(acme.cancel(request))
          yield* TestClock.adjust("1 second")
          const status = yield* Effect.fork(Effect.either(acme.status(request)))
          yield* TestClock.adjust("1 minute")
          assert.strictEqual((yield* Fiber.join(cancel))._tag, "Cancelled")
          return { result: yield* Fiber.join(status), sent: received.map(words).sort() }
        })
      const once = yield* beside(1)
      assert.include(errorOf(once.result).message, "no token was issued within 5000 ms")
      deepStrictEqual(once.sent, ["POST t1", "TOKEN"])
      const twice = yield* beside(2)
      assert.strictEqual(Option.getOrThrow(Either.getRight(twice.result)).status, "open")
      deepStrictEqual(twice.sent, ["GET t1", "POST t1", "TOKEN"])
    }))
  it.effect("that is not issued is asked for once more, and not by each who waited", () =>
    Effect.gen(function*() {
      const slowly = (reply: Step): Step => (sent) => Effect.delay(typeof reply === "function" ? reply(sent) : Effect.succeed(respond(sent, reply)), "1 second")
      const { client, received } = play(slowly(json(500, {})), slowly(issued("t1")), gone)
      const acme = yield* connect(withToken, client)
      const all = yield* Effect.fork(Effect.all(Array.from({ length: 3 }, () => acme.cancel(request)), { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 minute")
      assert.lengthOf(yield* Fiber.join(all), 3)
      deepStrictEqual(received.map(words), ["TOKEN", "TOKEN", "POST t1", "POST t1", "POST t1"])
    }))

  const renewals: ReadonlyArray<readonly [name: string, steps: ReadonlyArray<Step>, told: string]> = [
    ["renewed after a 401", [json(401, {}), issued("t2"), gone], "POST t1, TOKEN, POST t2: Cancelled"],
    [
      "not renewed in a loop",
      [json(401, {}), issued("t2"), json(401, {}), issued("t3"), open],
      "POST t1, TOKEN, POST t2, TOKEN, GET t3, GET t3: Acme.Unrecognized"
    ],
    [
      "not renewed for a cancel whose answer says that it is not to be sent again",
      [json(401, {}, { "x-again": "no" }), issued("t2"), open],
      "POST t1, TOKEN, GET t2, GET t2: Acme.Unrecognized"
    ]
  ]
  for (const [name, steps, expected] of renewals) {
    it.effect(`that was there before is ${name}`, () =>
      Effect.gen(function*() {
        const { client, received } = play(issued("t1"), gone, ...steps)
        const acme = yield* connect(withToken, client)
        yield* acme.cancel(request)
        const fiber = yield* Effect.fork(Effect.either(acme.cancel(request)))
        yield* TestClock.adjust("5 minutes")
        const result = yield* Fiber.join(fiber)
        assert.strictEqual(`${received.slice(2).map(words).join(", ")}: ${Either.merge(result)._tag}`, expected)
      }))
  }
  it.effect("is renewed once, also where others have renewed it meanwhile", () =>
    Effect.gen(function*() {
      const { client, received } = play(issued("t1"), gone, json(401, {}), issued("t2"), open, json(401, { code: "bad_client" }), issued("t3"), gone)
      const acme = yield* connect(withToken, client, { options: { backoff: { initial: 1_000, jitter: 0 } } })
      yield* acme.cancel(request)
      const fiber = yield* Effect.fork(Effect.either(acme.cancel(request)))
      yield* TestClock.adjust("500 millis")
      yield* acme.status(request)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(Either.merge(yield* Fiber.join(fiber))._tag, "Acme.BadClient")
      deepStrictEqual(received.slice(2).map(words), ["POST t1", "TOKEN", "GET t2", "POST t2"])
    }))
  it.effect("that was renewed stays, where a request that went out before is refused for the old one", () =>
    Effect.gen(function*() {
      const late: Step = (sent) => Effect.delay(Effect.succeed(respond(sent, json(401, {}))), "1 second")
      const { client, received } = play(issued("t1"), gone, late, json(401, {}), issued("t2"), gone)
      const acme = yield* connect(withToken, client)
      yield* acme.cancel(request)
      const first = yield* Effect.fork(acme.cancel(request))
      yield* Effect.yieldNow()
      const second = yield* Effect.fork(acme.cancel(request))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual([(yield* Fiber.join(first))._tag, (yield* Fiber.join(second))._tag], ["Cancelled", "Cancelled"])
      deepStrictEqual(received.slice(2).map(words), ["POST t1", "POST t1", "TOKEN", "POST t2", "POST t2"])
    }))
  it.effect("that was refused at once is not worth another try", () =>
    Effect.gen(function*() {
      const { sent, tag } = yield* told(withToken, [issued("t1"), json(401, { code: "bad_client" })])
      assert.strictEqual(`${sent}: ${tag}`, "TOKEN, POST t1: Acme.BadClient")
    }))
  it.effect("that a status query finds withdrawn is renewed", () =>
    Effect.gen(function*() {
      const { client, received } = play(issued("t1"), gone, json(401, {}), issued("t2"), open)
      const acme = yield* connect(withToken, client)
      yield* acme.cancel(request)
      assert.strictEqual((yield* acme.status(request)).status, "open")
      deepStrictEqual(received.slice(2).map(words), ["GET t1", "TOKEN", "GET t2"])
    }))
  it.effect("shows in the history and in the events", () =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const sink = CancelEvent.layer((event) =>
        Effect.sync(() => {
          if (event._tag === "ExchangeStarted") events.push(`${event.operation} ${event.attempt} started`)
          if (event._tag === "ExchangeEnded") events.push(`${event.exchange.operation} ${event.attempt}: ${event.exchange.evidence}`)
        })
      )
      const { result } = yield* Effect.provide(told(withToken, [refused, issued("t1"), json(400, { code: "not_possible" }), open, open]), sink)
      deepStrictEqual(history(errorOf(result)), [
        "Authorization: NotAuthorized",
        "Cancel: NotSent",
        "Authorization: Authorized",
        "Cancel: Refused",
        "Status: StatusRead",
        "Status: StatusRead"
      ])
      deepStrictEqual(events, [
        "Cancel 1 started",
        "Authorization 1 started",
        "Authorization 1: NotAuthorized",
        "Cancel 1: NotSent",
        "Cancel 2 started",
        "Authorization 2 started",
        "Authorization 2: Authorized",
        "Cancel 2: Refused",
        "Status 2 started",
        "Status 2: StatusRead",
        "Status 2 started",
        "Status 2: StatusRead"
      ])
    }))
  it.effect("that is being fetched when the cancel is interrupted leaves nothing in doubt", () =>
    Effect.gen(function*() {
      const outcomes: Array<string> = []
      const sink = CancelEvent.layer((event) =>
        Effect.sync(() => {
          if (event._tag === "Interrupted") outcomes.push(`${event.inFlight}: ${event.outcome}`)
        })
      )
      const { client } = play(stall)
      const acme = yield* connect(withToken, client)
      const fiber = yield* Effect.fork(Effect.provide(acme.cancel(request), sink))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      deepStrictEqual(outcomes, ["Authorization: NotCancelled"])
    }))
  it.effect("is kept out of what is handed on, as every credential is", () =>
    Effect.gen(function*() {
      const echo = { code: "not_possible", message: "token-4711 and acme-secret", details: { "token-4711": ["xtoken-4711x"] } }
      const { result } = yield* told(withToken, [issued("token-4711"), json(400, echo), open, open])
      const shown = JSON.stringify(errorOf(result))
      assert.notInclude(shown, "4711")
      assert.notInclude(shown, "acme-secret")
      const denied = yield* told(withToken, [json(401, { code: "bad_client", message: "acme-secret is wrong" })])
      assert.notInclude(JSON.stringify(errorOf(denied.result)), "acme-secret")
    }))
  it.effect("that was replaced is kept out all the same, whatever was issued since, and however often", () =>
    Effect.gen(function*() {
      const echo = json(400, { code: "bad_client", message: "token-4711, token-4712", details: ["xtoken-4711x"] })
      const renewed = [json(401, {}), issued("token-4712"), gone]
      const { client } = play(issued("token-4711"), gone, ...renewed, ...renewed, ...renewed, ...renewed, echo)
      const acme = yield* connect(withToken, client)
      yield* Effect.replicateEffect(acme.cancel(request), 5)
      // A key by chance could hold these digits.
      const shown = JSON.stringify(yield* Effect.flip(acme.cancel({ ...request, idempotencyKey: "key-1" })))
      assert.include(shown, "<redacted>, <redacted>")
      assert.notInclude(shown, "471")
    }))
  it.effect("is kept out of what is told of the request for another", () =>
    Effect.gen(function*() {
      const denied = json(401, { code: "bad_client", message: "token-4711 was revoked" })
      const acme = yield* connect(withToken, play(issued("token-4711", 100), gone, denied).client)
      yield* acme.cancel(request)
      yield* TestClock.adjust("100 seconds")
      const shown = JSON.stringify(yield* Effect.flip(acme.cancel(request)))
      assert.include(shown, "<redacted> was revoked")
      assert.notInclude(shown, "4711")
    }))
})

describe("a signature", () => {
  const signing = (sign: Parameters<typeof Authorization.signature>[0]): Declared => ({
    ...declaration,
    authorization: () => Authorization.signature(sign)
  })
  it.effect("is made for each attempt", () =>
    Effect.gen(function*() {
      let nth = 0
      const declared = signing((sent) => Effect.sync(() => HttpClientRequest.setHeader(sent, "authorization", `Bearer s${++nth}`)))
      const { sent, tag } = yield* told(declared, [reset, gone])
      assert.strictEqual(`${sent}: ${tag}`, "POST s1, POST s2: Cancelled")
    }))
  it.effect("that fails sends nothing", () =>
    Effect.gen(function*() {
      const { result, sent, tag } = yield* told(signing(() => Effect.fail("there is no key")), [])
      assert.strictEqual(`${sent}: ${tag}`, ": CancelError.NotSent")
      assert.include(errorOf(result).message, "the request could not be signed: there is no key")
      assert.lengthOf(errorOf(result).history, 1)
    }))
  it.effect("that takes too long sends nothing, and is tried again", () =>
    Effect.gen(function*() {
      const { result, sent, tag } = yield* told(signing(() => Effect.never), [])
      assert.strictEqual(`${sent}: ${tag}`, ": CancelError.NotSent")
      assert.include(errorOf(result).message, "the request was not signed within 10000 ms")
      assert.lengthOf(errorOf(result).history, 3)
    }))
  it.effect("that takes long is not waited for by who is told to end, and nothing is sent", () =>
    Effect.gen(function*() {
      const { client, received } = play(gone)
      let stopped = false
      const acme = yield* connect(signing(() => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (stopped = true)))), client)
      const fiber = yield* Effect.fork(acme.cancel(request))
      yield* TestClock.adjust("1 second")
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.isTrue(stopped)
      assert.lengthOf(received, 0)
    }))
  it.effect("that is refused is not made anew, nor is a fixed header sent again", () =>
    Effect.gen(function*() {
      const steps = [json(401, { code: "bad_client" }), gone]
      const signed = yield* told(signing((sent) => Effect.succeed(HttpClientRequest.setHeader(sent, "authorization", "Bearer s"))), steps)
      assert.strictEqual(`${signed.sent}: ${signed.tag}`, "POST s: Acme.BadClient")
      const fixed = yield* told(declaration, steps)
      assert.strictEqual(`${fixed.sent}: ${fixed.tag}`, "POST: Acme.BadClient")
    }))
})

describe("an answer", () => {
  const pairs = (text: string): Option.Option<unknown> =>
    text.includes("=") ? Option.some(Object.fromEntries(text.split("&").map((_) => _.split("=")))) : Option.none()
  const plain = (status: number, body: string): Step => ({ status, body, headers: { "content-type": "text/plain" } })

  it.effect("need not be JSON", () =>
    Effect.gen(function*() {
      const declared: Declared = { ...declaration, decode: pairs }
      const cases: ReadonlyArray<readonly [ReadonlyArray<Step>, string]> = [
        [[plain(200, "id=p-1&status=gone")], "Cancelled"],
        [[plain(200, "id=p-2&status=gone"), plain(200, "id=p-1&status=paid")], "CancelError.NoLongerCancellable"],
        [[plain(400, "code=bad_client")], "Acme.BadClient"]
      ]
      for (const [steps, tag] of cases) assert.strictEqual((yield* told(declared, steps)).tag, tag)
    }))
  it.effect("that its decoder throws on says nothing", () =>
    Effect.gen(function*() {
      const declared: Declared = { ...declaration, decode: () => { throw new Error("no") } }
      assert.strictEqual((yield* told(declared, Array.from({ length: 6 }, () => gone))).tag, "CancelError.UnexpectedResponse")
    }))
  it.effect("may begin with a byte order mark", () =>
    Effect.gen(function*() {
      const marked: Step = { status: 200, body: `\uFEFF${JSON.stringify(Acme.payment("gone"))}` }
      assert.strictEqual((yield* told(declaration, [marked])).tag, "Cancelled")
    }))
  it.effect("may stand for another HTTP status", () =>
    Effect.gen(function*() {
      const declared: Declared = {
        ...declaration,
        standsFor: ({ body }) => Option.exists(body, (_) => Predicate.hasProperty(_, "code")) ? 404 : 200
      }
      const { result, tag } = yield* told(declared, [json(200, { code: "never_heard_of" }), open, open])
      assert.strictEqual(tag, "Acme.Unrecognized")
      const error = errorOf(result)
      deepStrictEqual([error.category, error.outcome, error.httpStatus], ["NotFound", "NotCancelled", Option.some(200)])
    }))
  it.effect("stands for no other HTTP status than its own unless it is a success", () =>
    Effect.gen(function*() {
      const declared: Declared = {
        ...declaration,
        standsFor: ({ body }) => Option.exists(body, (_) => Predicate.hasProperty(_, "code")) ? 404 : 200
      }
      for (const status of [307, 408, 502]) {
        for (const body of [{ code: "bad_request" }, Acme.payment("gone")]) {
          const { result } = yield* told(declared, Array.from({ length: 9 }, (_, nth) => nth === 0 ? json(status, body) : open))
          assert.strictEqual(errorOf(result).outcome, "Unknown", `${status}`)
        }
      }
      assert.strictEqual((yield* told(declared, [json(202, Acme.payment("gone"))])).tag, "Cancelled")
    }))
  it.effect("may ask for a wait in a header of its own", () =>
    Effect.gen(function*() {
      const delays: Answer.Delays = { "x-seconds": "Seconds", "x-millis": "Milliseconds", "x-until": "UnixSeconds" }
      const waited = (status: number, headers: { readonly [name: string]: string }) =>
        Effect.gen(function*() {
          const { client } = play(json(status, {}, headers), open, open)
          const acme = yield* connect({ ...declaration, delays }, client, { options: { attempts: 1 } })
          const fiber = yield* Effect.fork(Effect.flip(acme.cancel(request)))
          yield* TestClock.adjust("5 minutes")
          return Option.getOrNull(Option.map((yield* Fiber.join(fiber)).history.length > 1
            ? Option.some(Duration.zero)
            : (yield* Fiber.join(fiber)).retryAfter, Duration.toMillis))
        })
      assert.strictEqual(yield* waited(429, { "x-seconds": "50" }), 50_000)
      assert.strictEqual(yield* waited(429, { "x-millis": "50000", "retry-after": "30" }), 50_000)
      assert.strictEqual(yield* waited(429, { "x-millis": "50000", "retry-after": "60" }), 60_000)
      const at = Math.ceil((yield* Clock.currentTimeMillis) / 1000) + 500
      assert.isAbove((yield* waited(429, { "x-until": String(at) })) ?? 0, 400_000)
      assert.strictEqual(yield* waited(400, { "x-seconds": "50" }), 0)
      assert.strictEqual(yield* waited(429, { "x-seconds": "soon" }), 0)
    }))
})

describe("a success that states nothing", () => {
  const done: Step = { status: 204, headers: {} }
  const cases: ReadonlyArray<readonly [name: string, steps: ReadonlyArray<Step>, told: string]> = [
    ["is proved by the status", [done, gone], "POST, GET: Cancelled"],
    ["that lags is asked for again", [done, open, json(500, {}), gone], "POST, GET, GET, GET: Cancelled"],
    ["that is not shown is in doubt, by a name of its own", [done, open, open, open], "POST, GET, GET, GET: Acme.NotConfirmed"],
    ["whose status cannot be read is in doubt too", [done, reset, json(500, {}), reset], "POST, GET, GET, GET: Acme.NotConfirmed"],
    ["is believed less than a status", [done, json(200, Acme.payment("paid"))], "POST, GET: CancelError.NoLongerCancellable"],
    ["and states another status after all is none", [json(205, Acme.payment("open")), open, open, open], "POST, GET, GET, GET: CancelError.UnexpectedResponse"],
    ["with another HTTP status is none", [json(200, {}), open, open, open], "POST, GET, GET, GET: CancelError.UnexpectedResponse"],
    ["with a code is none", [json(205, { code: "never_heard_of" }), open, open, open], "POST, GET, GET, GET: CancelError.UnexpectedResponse"]
  ]
  for (const [name, steps, expected] of cases) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const { sent, tag } = yield* told(declaration, steps, { operation: { licence: () => Acme.unlicensed } })
        assert.strictEqual(`${sent}: ${tag}`, expected)
      }))
  }
  it.effect("says what is missing", () =>
    Effect.gen(function*() {
      const set = { operation: { licence: () => Acme.unlicensed } }
      const lagging = errorOf((yield* told(declaration, [done, open, open, open], set)).result)
      deepStrictEqual([lagging.outcome, lagging.message], ["Unknown", "Acme: Acme says that it is done, but its status is open"])
      const unread = errorOf((yield* told(declaration, [done, reset, reset, reset], set)).result)
      assert.strictEqual(unread.message, "Acme: Acme says that it is done, and its status could not be read")
    }))
})

describe("a refusal", () => {
  it.effect("without a code goes by its HTTP status, and only then", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* told(declaration, [json(403, {})])).tag, "Acme.Silent403")
      assert.strictEqual((yield* told(declaration, [{ status: 403, body: "" }])).tag, "Acme.Silent403")
      assert.strictEqual((yield* told(declaration, [json(403, { code: "never_heard_of" }), open, open])).tag, "Acme.Unrecognized")
    }))
  it.effect("with several codes goes by the first that is listed, unless one of them leaves it open", () =>
    Effect.gen(function*() {
      const reading = (...codes: ReadonlyArray<string>): Set => ({
        operation: {
          licence: () => Acme.unlicensed,
          read: () => ({ ...Answer.nothing, refusal: Option.some({ code: null, codes, message: null, details: null }) })
        }
      })
      const steps = [json(400, {}), open, open, open]
      assert.strictEqual((yield* told(declaration, steps, reading("odd", "bad_client", "not_possible"))).tag, "Acme.BadClient")
      assert.strictEqual((yield* told(declaration, steps, reading("not_possible", "bad_client"))).tag, "Acme.NotPossible")
      assert.strictEqual((yield* told(declaration, steps, reading("bad_client", "broken"))).tag, "Acme.Broken")
      const { result, tag } = yield* told(declaration, steps, reading("odd", "even"))
      deepStrictEqual([tag, errorOf(result).code], ["Acme.Unrecognized", "odd"])
    }))
  it.effect("that states the payment's status counts as a statement", () =>
    Effect.gen(function*() {
      const already = json(422, { code: "already_gone" })
      assert.strictEqual((yield* told(declaration, [already])).tag, "AlreadyCancelled")
      assert.strictEqual((yield* told(declaration, [reset, already])).tag, "Cancelled")
    }))
  for (const code of ["misspelt", "its_code"]) {
    it.effect(`that states a status that is not listed states nothing: the status is read (${code})`, () =>
      Effect.gen(function*() {
        const { sent, tag } = yield* told(declaration, [json(422, { code }), json(200, Acme.payment("gone"))])
        assert.strictEqual(`${sent}: ${tag}`, "POST, GET: AlreadyCancelled")
      }))
  }
  it.effect("that states the payment's status states nothing of what has standings of its own: the status is read", () =>
    Effect.gen(function*() {
      const standings = { waits: "Cancellable", done: "Cancelled" } as const
      const set = { operation: { statusQuery: Option.some({ ...Acme.statusQuery, standings }) } }
      const { sent, tag } = yield* told(declaration, [json(422, { code: "already_gone" }), json(200, Acme.payment("done"))], set)
      assert.strictEqual(`${sent}: ${tag}`, "POST, GET: AlreadyCancelled")
    }))
})

describe("a status query", () => {
  it.effect("may go by another identifier", () =>
    Effect.gen(function*() {
      const { client, received } = play(json(500, {}), json(500, {}), json(200, { id: "other-p-1", status: "gone" }))
      const acme = yield* connect(declaration, client, {
        operation: { licence: () => Acme.unlicensed, statusIdentifier: ({ paymentId }) => `other-${paymentId}` }
      })
      const fiber = yield* Effect.fork(acme.cancel(request))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Cancelled")
      assert.isTrue(received.slice(1).every(({ url }) => url.endsWith("/other-p-1")))
    }))
  it.effect("by another identifier is told which payment was meant, and its answer about another one settles nothing", () =>
    Effect.gen(function*() {
      const asked: Array<ReadonlyArray<string>> = []
      const { client } = play(json(500, {}), json(200, { id: "order-7", payment: "p-2", status: "gone" }))
      const acme = yield* connect(declaration, client, {
        operation: {
          licence: () => Acme.unlicensed,
          statusIdentifier: () => "order-7",
          statusQuery: Option.some({
            ...Acme.statusQuery,
            read: (answer, identifier, paymentId) => {
              asked.push([identifier, paymentId])
              const isAbout = Option.exists(answer.body, (body) => Predicate.hasProperty(body, "payment") && body.payment === paymentId)
              return isAbout ? Acme.statusQuery.read(answer, identifier, paymentId) : Answer.nothing
            }
          })
        }
      })
      const fiber = yield* Effect.fork(Effect.flip(acme.cancel(request)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber)).outcome, "Unknown")
      deepStrictEqual(asked[0], ["order-7", "p-1"])
    }))
  it.effect("that somebody asks goes by it as well, where its request says what it is", () =>
    Effect.gen(function*() {
      const { client, received } = play(json(200, { id: "order-7", status: "gone" }))
      const provider = yield* Provider.make(declaration, { licence: Acme.licensed, secret: "acme-secret" }).pipe(
        Effect.provideService(HttpClient.HttpClient, client)
      )
      const checkRequest = Input.check(Schema.Struct({ paymentId: Input.PathSegment, order: Input.PathSegment }))
      const status = provider.status(Acme.statusQuery, {
        checkRequest,
        actingFor: (connection) => connection,
        identifier: ({ order }) => order
      })
      const read = yield* status({ paymentId: "p-1", order: "order-7" })
      deepStrictEqual([read.paymentId, read.status, read.standing], ["p-1", "gone", Option.some("Cancelled")])
      assert.isTrue(received.every(({ url }) => url.endsWith("/order-7")))
      const refused = yield* Effect.flip(status({ paymentId: "p-1", order: ".." }))
      deepStrictEqual([refused._tag, "field" in refused && refused.field], ["CancelError.InvalidCancelRequest", "order"])
    }))
})
