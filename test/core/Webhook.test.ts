/**
 * A webhook that is mounted answers what is due, whoever sends it whatever: over a real socket by
 * the platform's router, and from the web's requests.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Adyen, CheckoutCom, GoCardless, type Notification, PayPal, Stripe, WalletConnectPay, Webhook } from "effect-payment-cancel"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { UnderlyingSource } from "node:stream/web"
import { inspect } from "node:util"
import * as v8 from "node:v8"
import * as vm from "node:vm"
import { noLogger, tracerDyingAt } from "../support/Dying.js"
import { inTurns } from "../support/extent.js"

const now = 1_700_000_000
const key = "0123456789abcdef0123456789abcdef"
const hmac = (text: string) => createHmac("sha256", key).update(text)

interface Sent {
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

const adyen = (change: object = {}): Sent => {
  const item = {
    pspReference: "M-1",
    originalReference: "pay_1",
    merchantAccountCode: "shop",
    merchantReference: "order-1",
    amount: { value: 1000, currency: "EUR" },
    eventCode: "CANCELLATION",
    eventDate: "2023-11-14T22:13:20Z",
    success: "true",
    ...change
  }
  const { amount, eventCode, merchantAccountCode, merchantReference, originalReference, pspReference, success } = item
  const signed = [pspReference, originalReference, merchantAccountCode, merchantReference, amount.value, amount.currency, eventCode, success]
  const additionalData = { hmacSignature: hmac(signed.join(":")).digest("base64") }
  return { body: JSON.stringify({ notificationItems: [{ NotificationRequestItem: { ...item, additionalData } }] }), headers: {} }
}

const checkoutCom = (change: object = {}): Sent => {
  const body = JSON.stringify({
    id: "evt_1",
    type: "payment_voided",
    created_on: "2023-11-14T22:13:20.0000000Z",
    data: { id: "pay_1", action_id: "act_1", balances: { available_to_void: 0 } },
    ...change
  })
  return { body, headers: { "Cko-Signature": hmac(body).digest("hex") } }
}

const goCardlessEvent = (change: object = {}) => ({
  id: "EV1",
  created_at: "2023-11-14T22:13:20.000Z",
  resource_type: "payments",
  action: "cancelled",
  links: { payment: "pay_1" },
  ...change
})

const goCardless = (...events: ReadonlyArray<object>): Sent => {
  const body = JSON.stringify({ events })
  return { body, headers: { "webhook-signature": hmac(body).digest("hex") } }
}

const stripe = (change: object = {}, at = now): Sent => {
  const body = JSON.stringify({
    id: "evt_1",
    type: "payment_intent.canceled",
    livemode: true,
    account: "acct_1",
    data: { object: { id: "pay_1", status: "canceled" } },
    ...change
  })
  return { body, headers: { "Stripe-Signature": `t=${at},v1=${hmac(`${at}.${body}`).digest("hex")}` } }
}

const walletConnectPay = (change: object = {}, at = now): Sent => {
  const body = JSON.stringify({
    id: "evt_1",
    type: "payment.cancelled",
    data: { payment_id: "pay_1", status: "cancelled" },
    ...change
  })
  const signature = `v1,${hmac(`msg_1.${at}.${body}`).digest("base64")}`
  return { body, headers: { "svix-id": "msg_1", "svix-timestamp": String(at), "svix-signature": signature } }
}

type Verify = Webhook.Options<Notification.CancelNotification<string>>["verify"]

interface Case {
  readonly verify: Verify
  readonly secret: string
  readonly genuine: Sent
  readonly somethingElse: Sent
  readonly malformed: Sent
  readonly tooOld: Sent
  readonly ofNoForm: Sent
  /** What is due for one that is too old. */
  readonly tooOldIs: 200 | 400
}

const long = 400 * 86_400

const cases: { readonly [provider: string]: Case } = {
  Adyen: {
    verify: Adyen.notification,
    secret: Buffer.from(key).toString("hex"),
    genuine: adyen(),
    somethingElse: adyen({ eventCode: "REPORT_AVAILABLE", pspReference: "report_2026-11-01T00:00:00.csv", merchantReference: "" }),
    malformed: adyen({ originalReference: "" }),
    tooOld: adyen({ eventDate: "2001-01-01T00:00:00Z" }),
    ofNoForm: { body: "no JSON", headers: {} },
    tooOldIs: 200
  },
  CheckoutCom: {
    verify: CheckoutCom.notification,
    secret: key,
    genuine: checkoutCom(),
    somethingElse: checkoutCom({ type: "payment_captured", id: undefined, data: {} }),
    malformed: checkoutCom({ data: {} }),
    tooOld: checkoutCom({ created_on: "2001-01-01T00:00:00Z" }),
    ofNoForm: { body: "{}", headers: {} },
    tooOldIs: 200
  },
  GoCardless: {
    verify: GoCardless.notifications,
    secret: key,
    genuine: goCardless(goCardlessEvent()),
    somethingElse: goCardless({ resource_type: "mandates", action: "cancelled" }),
    malformed: goCardless(goCardlessEvent({ links: {} })),
    tooOld: goCardless(goCardlessEvent({ created_at: "2001-01-01T00:00:00Z" })),
    ofNoForm: { body: "{}", headers: {} },
    tooOldIs: 200
  },
  Stripe: {
    verify: Stripe.notification,
    secret: key,
    genuine: stripe(),
    somethingElse: stripe({ type: "charge.refunded", id: undefined, data: {} }),
    malformed: stripe({ data: {} }),
    tooOld: stripe({}, now - long),
    ofNoForm: { body: "{}", headers: {} },
    tooOldIs: 400
  },
  WalletConnectPay: {
    verify: WalletConnectPay.notification,
    secret: `whsec_${Buffer.from(key).toString("base64")}`,
    genuine: walletConnectPay(),
    somethingElse: walletConnectPay({ type: "payment.expired", id: undefined, data: {} }),
    malformed: walletConnectPay({ data: {} }),
    tooOld: walletConnectPay({}, now - long),
    ofNoForm: { body: "{}", headers: {} },
    tooOldIs: 400
  }
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

type Options = Webhook.Options<Notification.CancelNotification<string>>
type Handle = (notification: Notification.CancelNotification<string>) => Effect.Effect<void, unknown>

/** Gives a request to a route, in one of the ways in which it can be mounted. */
type Mount = (options: Options, handle: Handle) => (request: Request) => Effect.Effect<Answer>

const answerOf = (response: Response): Effect.Effect<Answer> =>
  Effect.map(Effect.promise(() => response.text()), (text) => ({ status: response.status, text, headers: response.headers }))

const mounts: { readonly [mount: string]: Mount } = {
  "the web's": (options, handle) => (request) => Effect.flatMap(Webhook.webHandler(options, handle)(request), answerOf),
  "the platform's, of the web's requests": (options, handle) => (request) =>
    Effect.flatMap(Effect.runtime<never>(), (runtime) => {
      const app = HttpRouter.empty.pipe(HttpRouter.all("/webhook", Webhook.httpApp(options, handle)))
      return Effect.flatMap(Effect.promise(() => HttpApp.toWebHandlerRuntime(runtime)(app)(request)), answerOf)
    }),
  "the platform's, over a socket": (options, handle) => (request) =>
    Effect.scoped(Effect.gen(function*() {
      yield* HttpServer.serveEffect(HttpRouter.empty.pipe(HttpRouter.all("/webhook", Webhook.httpApp(options, handle))))
      const url = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(`${address}/webhook`))
      const body = request.body === null ? {} : { body: yield* Effect.promise(() => request.arrayBuffer()) }
      const response = yield* Effect.promise(() => fetch(url, { method: request.method, headers: request.headers, ...body }))
      return yield* answerOf(response)
    })).pipe(Effect.provide(NodeHttpServer.layer(() => Http.createServer(), { port: 0, host: "127.0.0.1" })), Effect.orDie)
}

const post = ({ body, headers }: Sent) => new Request("http://shop.test/webhook", { method: "POST", headers, body })

const secretOf = ({ secret }: Case) => Redacted.make(secret)

/** Mounts, delivers, and gives the answer with what was handled and what was reported. */
const delivered = (mount: Mount, { verify, ...given }: Case, request: Request, more: Partial<Options> = {}, handle?: Handle) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now * 1000)
    const handled: Array<string> = []
    const reported: Array<Webhook.Problem> = []
    const route = mount(
      {
        verify,
        secret: secretOf({ verify, ...given }),
        report: (problem) => Effect.sync(() => void reported.push(problem)),
        ...more
      },
      handle ?? (({ paymentId }) => Effect.sync(() => void handled.push(paymentId)))
    )
    const { headers, status, text } = yield* route(request)
    return { status, text, headers, handled, reported, tags: reported.map(({ _tag }) => _tag) }
  })

for (const [turn, [mount, mounted]] of Object.entries(mounts).entries()) {
  describe(`${mount} route`, () => {
    for (const [provider, given] of inTurns(Object.entries(cases), turn, 3)) {
      it.effect(`${provider}: acknowledges a cancel when it is handled`, () =>
        Effect.gen(function*() {
          const { handled, headers, status, tags, text } = yield* delivered(mounted, given, post(given.genuine))
          assert.deepStrictEqual([status, text, handled, tags], [200, "[accepted]", ["pay_1"], []])
          assert.match(headers.get("content-type") ?? "", /^text\/plain/)
        }))

      for (
        const [what, sent, expected, tag] of [
          ["what is about something else", given.somethingElse, 200, "Notification.NotACancellation"],
          ["a cancel in a form that nobody knows", given.malformed, 200, "Notification.MalformedNotification"],
          ["one that is too old, unless it may be a replay", given.tooOld, given.tooOldIs, "Notification.TimestampOutOfTolerance"]
        ] as const
      ) {
        it.effect(`${provider}: acknowledges and reports ${what}`, () =>
          Effect.gen(function*() {
            const { handled, reported, status, tags, text } = yield* delivered(mounted, given, post(sent))
            assert.deepStrictEqual([status, handled, tags], [expected, [], [tag]])
            assert.strictEqual(reported[0]!.answer, expected === 200 ? "Acknowledge" : "Refuse")
            assert.strictEqual(text, expected === 200 ? "[accepted]" : reported[0]!.message)
          }))
      }

      it.effect(`${provider}: refuses and reports what cannot be believed`, () =>
        Effect.gen(function*() {
          const forged = { ...given.genuine, body: given.genuine.body.replace("pay_1", "pay_2") }
          const of = (sent: Sent, more?: Partial<Options>) =>
            Effect.map(delivered(mounted, given, post(sent), more), ({ handled, status, tags, text }) => {
              assert.notInclude(text, given.secret)
              return [status, handled.length, ...tags]
            })
          assert.deepStrictEqual(yield* of(forged), [401, 0, "Notification.InvalidSignature"])
          assert.deepStrictEqual(yield* of(given.genuine, { secret: [] }), [401, 0, "Notification.InvalidSignature"])
          assert.deepStrictEqual(yield* of(given.ofNoForm), [400, 0, "Notification.MalformedNotification"])
        }))
    }

    const stripeCase = cases["Stripe"]!

    describe("of a list", () => {
      const goCardlessCase = cases["GoCardless"]!
      const named = (...payments: ReadonlyArray<string>) => payments.map((payment) => goCardlessEvent({ links: { payment } }))
      const other = { resource_type: "mandates", action: "created" }
      const unusable = goCardlessEvent({ links: {} })

      it.effect("handles every cancel in its order, and reports an event that cannot be used", () =>
        Effect.gen(function*() {
          const sent = goCardless(other, ...named("pay_1"), unusable, ...named("pay_2"))
          const { handled, reported, status, tags } = yield* delivered(mounted, goCardlessCase, post(sent))
          assert.deepStrictEqual([status, handled, tags], [200, ["pay_1", "pay_2"], ["Notification.MalformedNotification"]])
          assert.deepInclude(reported[0]!, { field: "events.2.links.payment", answer: "Acknowledge" })
        }))

      it.effect("has all of it delivered again where one is not handled, and handles the others", () =>
        Effect.gen(function*() {
          const handled: Array<string> = []
          const handle: Handle = ({ paymentId }) =>
            paymentId === "pay_3" ? Effect.sync(() => void handled.push(paymentId)) : Effect.fail("the database is down")
          const sent = goCardless(...named("pay_1", "pay_2", "pay_3"))
          const { reported, status, tags } = yield* delivered(mounted, goCardlessCase, post(sent), {}, handle)
          assert.deepStrictEqual([status, handled, tags], [500, ["pay_3"], ["Webhook.HandlerFailed", "Webhook.HandlerFailed"]])
          assert.deepStrictEqual(
            reported.map((problem) => "notification" in problem ? Option.map(problem.notification, ({ paymentId }) => paymentId) : null),
            [Option.some("pay_1"), Option.some("pay_2")]
          )
        }))

      it.effect("has no report wait for another", () =>
        Effect.gen(function*() {
          const begun = yield* Effect.makeLatch()
          let reports = 0
          const report = () => ++reports === 5 ? Effect.zipRight(begun.open, Effect.never) : Effect.never
          const handle: Handle = () => Effect.fail("the database is down")
          const sent = goCardless(unusable, ...named("pay_1", "pay_2"), unusable, ...named("pay_3"))
          const delivering = yield* Effect.fork(delivered(mounted, goCardlessCase, post(sent), { report }, handle))
          yield* begun.await
          yield* Effect.iterate(0, {
            while: () => Option.isNone(Effect.runSync(Fiber.poll(delivering))),
            body: (tries) => Effect.as(TestClock.adjust("1 second"), tries + 1)
          })
          assert.strictEqual((yield* Fiber.join(delivering)).status, 500)
        }))

      it.effect("acknowledges one that is empty", () =>
        Effect.gen(function*() {
          const { status, tags } = yield* delivered(mounted, goCardlessCase, post(goCardless()))
          assert.deepStrictEqual([status, tags], [200, ["Notification.NotACancellation"]])
        }))
    })

    it.effect("hands on the raw bytes", () =>
      Effect.gen(function*() {
        // No text has these bytes, and no JSON that is printed again these spaces.
        const bytes = Buffer.concat([Buffer.from(`{ "note": "`), Buffer.from([0xff, 0xc3]), Buffer.from(`",\r\n ${stripe().body.slice(1)}`)])
        const signature = createHmac("sha256", key).update(`${now}.`).update(bytes).digest("hex")
        const request = new Request("http://shop.test/webhook", {
          method: "POST",
          headers: { "stripe-signature": `t=${now},v1=${signature}` },
          body: bytes
        })
        assert.deepInclude(yield* delivered(mounted, stripeCase, request), { status: 200, handled: ["pay_1"] })
      }))

    it.effect("takes a body up to the limit, and no byte more", () =>
      Effect.gen(function*() {
        for (const [by, status] of [[0, 200], [1, 413]] as const) {
          const bytes = Buffer.byteLength(stripeCase.genuine.body)
          const given = yield* delivered(mounted, stripeCase, post(stripeCase.genuine), { maximumBodyBytes: bytes - by })
          assert.strictEqual(given.status, status)
          assert.deepStrictEqual(given.tags, by === 0 ? [] : ["Webhook.BodyTooLarge"])
        }
        const large = stripe({ note: "x".repeat(1_048_576) })
        assert.strictEqual((yield* delivered(mounted, stripeCase, post(large))).status, 413)
        assert.strictEqual((yield* delivered(mounted, stripeCase, post(large), { maximumBodyBytes: Infinity })).status, 200)
      }))

    it.effect("refuses an empty body", () =>
      Effect.gen(function*() {
        const request = () => new Request("http://shop.test/webhook", { method: "POST" })
        assert.deepInclude(yield* delivered(mounted, cases["Adyen"]!, request()), {
          status: 400,
          tags: ["Notification.MalformedNotification"]
        })
        assert.strictEqual((yield* delivered(mounted, stripeCase, request(), { maximumBodyBytes: 0 })).status, 400)
      }))

    for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
      it.effect(`answers ${method} with what it is there for`, () =>
        Effect.gen(function*() {
          const request = new Request("http://shop.test/webhook", { method })
          const { handled, headers, status, tags } = yield* delivered(mounted, stripeCase, request)
          assert.deepStrictEqual([status, headers.get("allow"), handled, tags], [405, "POST", [], []])
        }))
    }

    for (
      const [what, handle] of [
        ["fails", () => Effect.fail("the database is down")],
        ["dies", () => Effect.die(new Error("the database is down"))],
        ["throws", () => {
          throw new Error("the database is down")
        }],
        ["is interrupted by itself", () => Effect.interrupt]
      ] satisfies ReadonlyArray<readonly [string, Handle]>
    ) {
      it.effect(`has the provider deliver again where the handler ${what}`, () =>
        Effect.gen(function*() {
          const { reported: [problem], status, text } = yield* delivered(mounted, stripeCase, post(stripeCase.genuine), {}, handle)
          assert.strictEqual(status, 500)
          assert.notInclude(text, "database")
          assert(problem?._tag === "Webhook.HandlerFailed")
          assert.strictEqual(problem.answer, "Refuse")
          assert.deepStrictEqual(Option.map(problem.notification, ({ paymentId }) => paymentId), Option.some("pay_1"))
          assert.isTrue(what.includes("interrupted") ? Cause.isInterrupted(problem.cause) : Cause.pretty(problem.cause).includes("database"))
        }))
    }

    for (const moment of ["span Webhook.receive", "end Webhook.receive"]) {
      it.effect(`has the provider deliver again where its tracer dies: ${moment}`, () =>
        Effect.gen(function*() {
          const { told, tracer } = tracerDyingAt(moment)
          const { reported: [problem], status, text } = yield* Effect.withTracer(delivered(mounted, stripeCase, post(stripeCase.genuine)), tracer)
          assert.strictEqual(status, 500)
          assert.notInclude(text, "tracer")
          assert(problem?._tag === "Webhook.HandlerFailed")
          assert.include(Cause.pretty(problem.cause), "no tracer")
          assert.include(told, moment)
        }))
    }

    it.effect("acknowledges what was handled, where the tracer of the verification dies", () =>
      Effect.gen(function*() {
        for (const moment of ["span Stripe.notification", "end Stripe.notification"]) {
          const { told, tracer } = tracerDyingAt(moment)
          const { handled, status } = yield* Effect.withTracer(delivered(mounted, stripeCase, post(stripeCase.genuine)), tracer)
          assert.deepStrictEqual([status, handled], [200, ["pay_1"]])
          assert.include(told, moment)
        }
      }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))

    it.effect("has the provider deliver again where the handler dies, and all that could tell of it", () =>
      Effect.gen(function*() {
        const { tracer } = tracerDyingAt((what) => what.startsWith("Webhook.receive") || what === "end Webhook.receive")
        const delivering = delivered(mounted, stripeCase, post(stripeCase.genuine), { report: Webhook.log }, () => Effect.die("bug"))
        const { status } = yield* delivering.pipe(Effect.withTracer(tracer), Effect.provide(noLogger))
        assert.strictEqual(status, 500)
      }))

    for (
      const [option, more] of [
        ["tolerance", { tolerance: "soon" as never }],
        ["secret", { secret: key as never }],
        ["maximumBodyBytes", { maximumBodyBytes: -1 }],
        ["maximumBodyBytes", { maximumBodyBytes: Number.NaN }],
        ["maximumBodyBytes", { maximumBodyBytes: "1 MB" as never }]
      ] satisfies ReadonlyArray<readonly [string, Partial<Options>]>
    ) {
      it.effect(`acknowledges nothing with a ${option} of ${String(Object.values(more)[0])}, and says why`, () =>
        Effect.gen(function*() {
          const { handled, reported: [problem], status, text } = yield* delivered(mounted, stripeCase, post(stripeCase.genuine), more)
          assert.deepStrictEqual([status, handled], [500, []])
          assert.notInclude(text, key)
          assert(problem?._tag === "Webhook.HandlerFailed")
          assert.isTrue(Option.isNone(problem.notification))
          assert.include(Cause.pretty(problem.cause), option)
        }))
    }

    it.effect("answers alike whatever becomes of the report", () =>
      Effect.gen(function*() {
        const died: Partial<Options> = { report: () => Effect.die("no sink") }
        const throws: Partial<Options> = {
          report: () => {
            throw new Error("no sink")
          }
        }
        for (const more of [died, throws]) {
          assert.strictEqual((yield* delivered(mounted, stripeCase, post(stripeCase.somethingElse), more)).status, 200)
          assert.strictEqual((yield* delivered(mounted, stripeCase, post(stripe({}, now - 3_600)), more)).status, 400)
        }
      }))

    it.effect("waits for a report for a second, and lets it go on", () =>
      Effect.gen(function*() {
        const gate = yield* Deferred.make<void>()
        const done = yield* Deferred.make<void>()
        const report = () => Effect.zipRight(Deferred.await(gate), Deferred.succeed(done, undefined))
        const started = yield* Deferred.make<void>()
        const delivering = yield* Effect.fork(delivered(mounted, stripeCase, post(stripeCase.somethingElse), {
          report: () => Effect.zipRight(Deferred.succeed(started, undefined), Effect.asVoid(report()))
        }))
        yield* Deferred.await(started)
        yield* Effect.yieldNow()
        assert.isTrue(Option.isNone(yield* Fiber.poll(delivering)))
        // Until the wait has begun, time that passes is not its.
        yield* Effect.iterate(0, {
          while: () => Option.isNone(Effect.runSync(Fiber.poll(delivering))),
          body: (tries) => Effect.as(TestClock.adjust("1 second"), tries + 1)
        })
        assert.strictEqual((yield* Fiber.join(delivering)).status, 200)
        yield* Deferred.succeed(gate, undefined)
        yield* Deferred.await(done)
      }))

    it.effect("does not wait longer for a report where nothing can be interrupted", () =>
      Effect.gen(function*() {
        const delivering = yield* Effect.fork(Effect.uninterruptible(
          delivered(mounted, stripeCase, post(stripeCase.somethingElse), { report: () => Effect.never })
        ))
        const tries = yield* Effect.iterate(0, {
          while: (tries) => tries < 1000 && Option.isNone(Effect.runSync(Fiber.poll(delivering))),
          body: (tries) => Effect.as(TestClock.adjust("1 second"), tries + 1)
        })
        assert.isBelow(tries, 1000)
        assert.strictEqual((yield* Fiber.join(delivering)).status, 200)
      }))
  })
}

describe("a tracer that dies", () => {
  for (const [provider, { genuine, secret, somethingElse, verify }] of Object.entries(cases)) {
    it.effect(`takes nothing from a notification, and that is logged once: ${provider}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now * 1000)
        const logged: Array<unknown> = []
        const told = (incoming: Sent, dies: (what: string) => boolean) =>
          Effect.either(verify(incoming, { secret: Redacted.make(secret), onUnusable: () => Effect.void })).pipe(
            Effect.withTracer(tracerDyingAt(dies).tracer),
            Effect.provide(Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => logged.push(...Array.isArray(message) ? message : [message]))))
          )
        for (const dies of [() => true, (what: string) => what.startsWith("span"), (what: string) => what.startsWith("end")]) {
          for (const incoming of [genuine, somethingElse]) {
            assert.strictEqual(inspect(yield* told(incoming, dies)), inspect(yield* told(incoming, () => false)))
            assert.deepStrictEqual(logged.splice(0), ["The tracer of a notification died"])
          }
        }
      }))
  }
})

describe("what a route is told nothing about, it logs", () => {
  const logged = (request: Request, handle: Handle = () => Effect.void) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const lines: Array<string> = []
      const logger = Logger.make<unknown, void>(({ annotations, cause, logLevel, message }) => {
        lines.push([logLevel.label, String(message), Cause.pretty(cause), ...HashMap.values(annotations)].join(" "))
      })
      const { secret, verify } = cases["Stripe"]!
      const response = yield* Webhook.webHandler({ verify, secret: Redacted.make(secret) }, handle)(request).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Logger.withMinimumLogLevel(LogLevel.Debug)
      )
      assert.lengthOf(lines, response.ok && lines.length === 0 ? 0 : 1)
      assert.notInclude(lines.join(), secret)
      return lines.join()
    })

  it.effect("each at its level", () =>
    Effect.gen(function*() {
      const { genuine, malformed, ofNoForm, somethingElse, tooOld } = cases["Stripe"]!
      assert.strictEqual(yield* logged(post(genuine)), "")
      assert.match(yield* logged(post(somethingElse)), /^DEBUG .*charge\.refunded.*Acknowledge/)
      assert.match(yield* logged(post(malformed)), /^WARN .*data\.object.*Acknowledge/)
      assert.match(yield* logged(post(ofNoForm)), /^WARN .*Stripe-Signature.*Refuse/)
      assert.match(yield* logged(post(tooOld)), /^WARN .*Refuse/)
      assert.match(yield* logged(post({ ...genuine, body: `${genuine.body} ` })), /^WARN .*InvalidSignature.*Refuse/)
      assert.match(yield* logged(post(genuine), () => Effect.die(new Error("no database"))), /^ERROR (?:.|\n)*no database(?:.|\n)*HandlerFailed/)
    }))
})

describe("a request of the web", () => {
  const { genuine, secret, verify } = cases["Stripe"]!
  const handle = (request: Request, more: Partial<Options> = {}, handler: Handle = () => Effect.void) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const reported: Array<string> = []
      const response = yield* Webhook.webHandler(
        { verify, secret: Redacted.make(secret), report: ({ _tag }) => Effect.sync(() => void reported.push(_tag)), ...more },
        handler
      )(request)
      return [response.status, ...reported] as const
    })

  /** As the platform hands it on. */
  const byPlatform = (request: Request) =>
    Effect.gen(function*() {
      const reported: Array<string> = []
      const app = Webhook.httpApp(
        { verify, secret: Redacted.make(secret), report: ({ _tag }) => Effect.sync(() => void reported.push(_tag)) },
        () => Effect.void
      )
      const { status } = yield* Effect.scoped(
        Effect.provideService(app, HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request))
      )
      return [status, ...reported] as const
    })

  const streaming = (source: UnderlyingSource<unknown>, headers: Sent["headers"] = genuine.headers) => {
    const body: ReadableStream = new ReadableStream(source, { highWaterMark: 0 })
    return new Request("http://shop.test/webhook", { method: "POST", headers, body, duplex: "half" })
  }

  it.effect("whose body was read before is not silently empty", () =>
    Effect.gen(function*() {
      for (const read of [handle, byPlatform]) {
        const used = post(genuine)
        yield* Effect.promise(() => used.json())
        assert.deepStrictEqual(yield* read(used), [500, "Webhook.BodyUnavailable"])
        const locked = post(genuine)
        const reader = locked.body!.getReader()
        assert.deepStrictEqual(yield* read(locked), [500, "Webhook.BodyUnavailable"])
        reader.releaseLock()
        const shorter = new Request(post(genuine), { headers: { ...genuine.headers, "content-length": "9999" } })
        assert.deepStrictEqual(yield* read(shorter), [500, "Webhook.BodyUnavailable"])
      }
    }))

  it.effect("that says itself that it is too large is not read at all", () =>
    Effect.gen(function*() {
      for (const read of [handle, byPlatform]) {
        let pulled = 0
        const request = streaming({ pull: () => void pulled++ }, { ...genuine.headers, "content-length": "1048577" })
        assert.deepStrictEqual(yield* read(request), [413, "Webhook.BodyTooLarge"])
        assert.strictEqual(pulled, 0)
      }
    }))

  it.effect("that never ends is read up to the limit, whatever it says of itself", () =>
    Effect.gen(function*() {
      for (const length of [{}, { "content-length": "10" }, { "content-length": "-1" }, { "content-length": "many" }]) {
        for (const read of [handle, byPlatform]) {
          let pulled = 0
          let isCancelled = false
          const request = streaming({
            pull: (controller) => {
              pulled++
              controller.enqueue(new Uint8Array(65_536))
            },
            cancel: () => {
              isCancelled = true
            }
          }, { ...genuine.headers, ...length })
          assert.deepStrictEqual(yield* read(request), [413, "Webhook.BodyTooLarge"])
          assert.strictEqual(pulled, 17)
          yield* Effect.promise(() => Promise.resolve())
          assert.isTrue(isCancelled)
        }
      }
    }))

  it.effect("whose source does not let itself be cancelled is answered all the same", () =>
    Effect.gen(function*() {
      const cancels = [() => new Promise<void>(() => {}), () => Promise.reject(new Error("never"))]
      for (const cancel of cancels) {
        const request = streaming({ pull: (controller) => controller.enqueue(new Uint8Array(2_000_000)), cancel })
        assert.deepStrictEqual(yield* handle(request), [413, "Webhook.BodyTooLarge"])
      }
    }))

  it.effect("whose source fills its buffer again is read as it was sent", () =>
    Effect.gen(function*() {
      const bytes = Buffer.from(genuine.body)
      let at = 0
      const buffer = new Uint8Array(1)
      const request = streaming({
        pull: (controller) => {
          if (at === bytes.length) return controller.close()
          buffer[0] = bytes[at++]!
          controller.enqueue(buffer)
        }
      })
      assert.deepStrictEqual(yield* handle(request), [200])
    }))

  it.effect("that breaks off, or brings no bytes, has no body", () =>
    Effect.gen(function*() {
      const broken = streaming({
        pull: (controller) => controller.error(new Error("reset"))
      })
      assert.deepStrictEqual(yield* handle(broken), [500, "Webhook.BodyUnavailable"])
      const parsed = streaming({
        pull: (controller) => {
          controller.enqueue({ id: "evt_1" })
          controller.close()
        }
      })
      assert.deepStrictEqual(yield* handle(parsed), [500, "Webhook.BodyUnavailable"])
    }))

  it.effect("whose client hangs up interrupts, while it is read and while it is handled", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const pulled = yield* Deferred.make<void>()
      const cancelled = yield* Deferred.make<void>()
      const stalled = streaming({
        pull: () => {
          Deferred.unsafeDone(pulled, Effect.void)
          return new Promise<void>(() => {})
        },
        cancel: () => Deferred.unsafeDone(cancelled, Effect.void)
      })
      const reading = yield* Effect.fork(handle(stalled))
      yield* Deferred.await(pulled)
      assert.isTrue(Cause.isInterruptedOnly(causeOf(yield* Fiber.interrupt(reading))))
      yield* Deferred.await(cancelled)

      const started = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<void>()
      const reported: Array<string> = []
      const handling = yield* Effect.fork(handle(
        post(genuine),
        { report: ({ _tag }) => Effect.sync(() => void reported.push(_tag)) },
        () =>
          Deferred.succeed(started, undefined).pipe(
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
          )
      ))
      yield* Deferred.await(started)
      assert.isTrue(Cause.isInterruptedOnly(causeOf(yield* Fiber.interrupt(handling))))
      yield* Deferred.await(ended)
      assert.deepStrictEqual(reported, [])
    }))
})

const causeOf = (exit: { readonly _tag: "Success" } | { readonly _tag: "Failure"; readonly cause: Cause.Cause<unknown> }) =>
  exit._tag === "Failure" ? exit.cause : Cause.empty

describe("a request over a socket", () => {
  const { genuine, secret, verify } = cases["Stripe"]!

  /** Serves a route, and gives what a client of one's own makes of its answer. */
  const served = <A>(
    use: (address: AddressInfo) => Promise<A>,
    middleware: <E, R>(app: HttpApp.Default<E, R>) => HttpApp.Default<E, R> = (app) => app
  ) =>
    Effect.scoped(Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const reported: Array<string> = []
      const route = Webhook.httpApp(
        { verify, secret: Redacted.make(secret), report: ({ _tag }) => Effect.sync(() => void reported.push(_tag)) },
        () => Effect.void
      )
      yield* HttpServer.serveEffect(HttpRouter.empty.pipe(HttpRouter.post("/webhook", middleware(route))))
      const address = yield* HttpServer.addressWith(Effect.succeed)
      assert(address._tag === "TcpAddress")
      const seen = yield* Effect.promise(() => use({ address: address.hostname, family: "IPv4", port: address.port }))
      return [seen, ...reported] as const
    })).pipe(Effect.provide(NodeHttpServer.layer(() => Http.createServer(), { port: 0, host: "127.0.0.1" })), Effect.orDie)

  const request = ({ address, port }: AddressInfo, headers: object, write: (request: Http.ClientRequest) => void) =>
    new Promise<number | string>((resume) => {
      const request = Http.request({ host: address, port, path: "/webhook", method: "POST", headers: { ...genuine.headers, ...headers } })
      request.on("response", (response) => {
        response.resume()
        resume(response.statusCode ?? 0)
        request.destroy()
      })
      request.on("error", ({ message }) => resume(message))
      write(request)
    })

  it.effect("is refused by its length, before its body has come", () =>
    Effect.gen(function*() {
      const answer = yield* served((address) =>
        request(address, { "content-length": 2_000_000 }, (request) => request.flushHeaders()))
      assert.deepStrictEqual(answer, [413, "Webhook.BodyTooLarge"])
    }))

  it.effect("is refused in the middle of a body without a length, and told so", () =>
    Effect.gen(function*() {
      const answer = yield* served((address) =>
        request(address, { "transfer-encoding": "chunked" }, (request) => request.write(Buffer.alloc(1_100_000))))
      assert.deepStrictEqual(answer, [413, "Webhook.BodyTooLarge"])
    }))

  for (const encoding of [{ "content-length": Buffer.byteLength(genuine.body) }, { "transfer-encoding": "chunked" }]) {
    it.effect(`whose body something else has read: ${Object.keys(encoding)[0]}`, () =>
      Effect.gen(function*() {
        const answer = yield* served(
          (address) => request(address, encoding, (request) => request.end(genuine.body)),
          (app) =>
            Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ text }) => Effect.zipRight(Effect.orDie(text), app))
        )
        assert.deepStrictEqual(answer, [500, "Webhook.BodyUnavailable"])
      }))
  }

  it.effect("that comes in pieces is taken as one", () =>
    Effect.gen(function*() {
      const answer = yield* served((address) =>
        request(address, {}, (request) => {
          for (const byte of Buffer.from(genuine.body)) request.write(Buffer.from([byte]))
          request.end()
        }))
      assert.deepStrictEqual(answer, [200])
    }))
})

it.effect("a body that comes byte by byte takes hardly more room than its bytes", () =>
  Effect.gen(function*() {
    let left = 100_000
    const room: Array<number> = []
    const measure = () => {
      v8.setFlagsFromString("--expose-gc")
      vm.runInNewContext("gc()")
      const { external_memory, used_heap_size } = v8.getHeapStatistics()
      room.push(used_heap_size + external_memory)
    }
    const byteByByte: UnderlyingSource<Uint8Array> = {
      start: measure,
      pull: (controller) => {
        controller.enqueue(Buffer.alloc(1, " "))
        left -= 1
        if (left > 0) return
        measure()
        controller.close()
      }
    }
    const request = new Request("http://shop.test/", { method: "POST", body: new ReadableStream(byteByByte), duplex: "half" })
    const options = { verify: Stripe.notification, secret: Redacted.make("whsec_none"), report: () => Effect.void }
    const { status } = yield* Webhook.webHandler(options, () => Effect.void)(request)
    assert.strictEqual(status, 400)
    const [before = 0, after = 0] = room
    assert.isBelow(after - before, 2_000_000)
  }))

it.effect("a body is handed on in a buffer of its own, of which nothing else is a part", () =>
  Effect.gen(function*() {
    const verified: Array<string> = []
    const left = ["three", " ", "pieces"]
    const inPieces: UnderlyingSource<Uint8Array> = {
      pull: (controller) => {
        const next = left.shift()
        return next === undefined ? controller.close() : controller.enqueue(Buffer.from(next))
      }
    }
    const request = new Request("http://shop.test/", { method: "POST", body: new ReadableStream(inPieces), duplex: "half" })
    const verify: typeof Stripe.notification = (incoming, verification) => {
      if (incoming.body instanceof Uint8Array) verified.push(Buffer.from(incoming.body.buffer).toString())
      return Stripe.notification(incoming, verification)
    }
    yield* Webhook.webHandler({ verify, secret: Redacted.make("whsec_none"), report: () => Effect.void }, () => Effect.void)(request)
    assert.deepStrictEqual(verified, ["three pieces"])
  }))

describe("Webhook.statusOf", () => {
  it.effect("is 200 for all that is to be acknowledged, and a 4xx for all that is not", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      for (const { genuine, malformed, ofNoForm, secret, somethingElse, tooOld, tooOldIs, verify } of Object.values(cases)) {
        const status = (sent: Sent, using = secret) =>
          Effect.match(verify(sent, { secret: Redacted.make(using) }), { onFailure: Webhook.statusOf, onSuccess: () => 200 })
        assert.deepStrictEqual(
          yield* Effect.forEach([genuine, somethingElse, malformed, tooOld, ofNoForm], (sent) => status(sent)),
          [200, 200, 200, tooOldIs, 400]
        )
        assert.strictEqual(yield* status(genuine, "00"), 401)
      }
    }))

  it.effect("is 503 where the provider could not be asked", () =>
    Effect.gen(function*() {
      const event = { id: "WH-1", event_type: "PAYMENT.AUTHORIZATION.VOIDED", resource: { id: "auth-1", status: "VOIDED" } }
      const asked = Effect.match(PayPal.notificationById({ body: JSON.stringify(event), headers: {} }), {
        onFailure: Webhook.statusOf,
        onSuccess: () => 200
      })
      const layer = PayPal.layer({ clientId: "id", clientSecret: Redacted.make("secret"), policy: { statusReads: 1 } })
      const unreachable = HttpClient.make((request) => Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport" })))
      const status = Effect.provide(asked, Layer.provide(layer, Layer.succeed(HttpClient.HttpClient, unreachable)))
      const fiber = yield* Effect.fork(status)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* Fiber.join(fiber), 503)
    }))
})
