import { assert, describe, it } from "@effect/vitest"
import { GoCardless, type Notification } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { createHmac } from "node:crypto"

const secret = "endpoint-secret"
const now = Date.UTC(2026, 0, 14, 10, 30)

const cancelled = (payment: string, change: object = {}) => ({
  id: `EV-${payment}`,
  created_at: "2026-01-14T10:29:58.404Z",
  resource_type: "payments",
  action: "cancelled",
  links: { payment },
  details: { origin: "api", cause: "payment_cancelled", description: "The payment was cancelled." },
  metadata: {},
  ...change
})

const foreign = (resource_type: string, action: string) => ({
  id: "EV-foreign",
  created_at: "2026-01-14T10:29:58.404Z",
  resource_type,
  action,
  links: { mandate: "MD1" },
  details: { origin: "bank", cause: "mandate_cancelled" }
})

const sign = (body: string, key = secret) => createHmac("sha256", key).update(body).digest("hex")

const incoming = (body: unknown, key = secret): Notification.Incoming => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return { body: text, headers: { "Webhook-Signature": sign(text, key) } }
}

const list = (...events: ReadonlyArray<unknown>) => incoming({ events, meta: { webhook_id: "WB1" } })

const verified = (given: Notification.Incoming, verification: Partial<Notification.ListVerification> = {}) =>
  Effect.zipRight(
    TestClock.setTime(now),
    GoCardless.notifications(given, { secret: Redacted.make(secret), ...verification })
  )

const refused = (given: Notification.Incoming, verification?: Partial<Notification.ListVerification>) =>
  Effect.flip(verified(given, verification))

const payments = (told: ReadonlyArray<GoCardless.CancelNotification>) => told.map(({ paymentId }) => paymentId)

/** What is told of a list, and the events in it that could not be used. */
const withProblems = (given: Notification.Incoming, verification: Partial<Notification.ListVerification> = {}) =>
  Effect.gen(function*() {
    const problems: Array<Notification.UnusableEvent> = []
    const result = yield* Effect.either(
      verified(given, { onUnusable: (problem) => Effect.sync(() => void problems.push(problem)), ...verification })
    )
    return { result, problems: problems.map((problem) => "field" in problem ? problem.field : problem._tag) }
  })

describe("GoCardless.notifications", () => {
  it.effect("payments.cancelled: which, when, why and by whom", () =>
    Effect.gen(function*() {
      const told = yield* verified(list(cancelled("PM1", {
        links: { payment: "PM1", organisation: "OR1" },
        metadata: { ticket: "TK-1" }
      })))
      assert.deepStrictEqual(told, [{
        provider: "GoCardless",
        notificationId: "EV-PM1",
        paymentId: "PM1",
        merchantReference: Option.none(),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.some("payment_cancelled"),
        occurredAt: Option.some(DateTime.unsafeMake("2026-01-14T10:29:58.404Z")),
        receivedAt: DateTime.unsafeMake(now),
        origin: Option.some("api"),
        organisation: Option.some("OR1"),
        metadata: Option.some({ ticket: "TK-1" })
      }])
      const schema = Schema.parseJson(GoCardless.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(told[0])), told[0])
    }))

  it.effect("does without what does not matter", () =>
    Effect.gen(function*() {
      const bare = { id: "EV1", resource_type: "payments", action: "cancelled", links: { payment: "PM1" } }
      for (const event of [bare, { ...bare, created_at: "soon", details: "none", metadata: { a: 1 } }, { ...bare, created_at: null, details: {} }]) {
        const [told] = yield* verified(list(event))
        assert.deepInclude(told, {
          paymentId: "PM1",
          reason: Option.none(),
          occurredAt: Option.none(),
          origin: Option.none(),
          organisation: Option.none(),
          metadata: Option.none()
        })
      }
    }))

  it.effect("takes a signature in capitals", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ events: [cancelled("PM1")] })
      assert.deepStrictEqual(payments(yield* verified({ body, headers: { "Webhook-Signature": sign(body).toUpperCase() } })), ["PM1"])
    }))

  describe("a list", () => {
    it.effect("gives every cancel in its order, and passes over what is about something else", () =>
      Effect.gen(function*() {
        const { problems, result } = yield* withProblems(
          list(foreign("mandates", "cancelled"), cancelled("PM2"), foreign("payments", "failed"), cancelled("PM1"), cancelled("PM2"))
        )
        assert.deepStrictEqual(payments(result._tag === "Right" ? result.right : []), ["PM2", "PM1", "PM2"])
        assert.deepStrictEqual(problems, [])
      }))

    for (
      const [resource, action] of [
        ["payments", "failed"], ["payments", "customer_approval_denied"], ["payments", "submitted"], ["payments", "charged_back"],
        ["mandates", "cancelled"], ["subscriptions", "cancelled"], ["payments", "Cancelled"], ["payment", "cancelled"]
      ] as const
    ) {
      it.effect(`${resource}.${action} is no cancel of a payment`, () =>
        Effect.gen(function*() {
          // Whatever else is in it: nobody looks at the form of another event.
          const error = yield* refused(list({ resource_type: resource, action, id: 7 }))
          assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: `${resource}.${action}`, answer: "Acknowledge" })
        }))
    }

    it.effect("of other events only is no cancel, and each kind is named once", () =>
      Effect.gen(function*() {
        const error = yield* refused(list(foreign("mandates", "created"), foreign("payments", "failed"), foreign("mandates", "created")))
        assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "mandates.created, payments.failed" })
      }))

    it.effect("that is empty is none", () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* refused(list()), { _tag: "Notification.NotACancellation", event: "no event", answer: "Acknowledge" })
      }))

    const malformed: ReadonlyArray<readonly [name: string, event: unknown, field: string]> = [
      ["no payment", cancelled("PM1", { links: {} }), "links.payment"],
      ["no links", cancelled("PM1", { links: null }), "links"],
      ["an empty payment", cancelled(""), "links.payment"],
      ["no id", cancelled("PM1", { id: undefined }), "id"],
      ["no action", cancelled("PM1", { action: undefined }), "action"],
      ["a resource type that is a number", cancelled("PM1", { resource_type: 7 }), "resource_type"]
    ]
    for (const [name, event, field] of malformed) {
      it.effect(`with an event with ${name}: alone it is the error, beside others it hides none`, () =>
        Effect.gen(function*() {
          const alone = yield* refused(list(event))
          assert.deepInclude(alone, { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field: `events.0.${field}` })
          const { problems, result } = yield* withProblems(list(cancelled("PM1"), event, cancelled("PM2")))
          assert.deepStrictEqual(payments(result._tag === "Right" ? result.right : []), ["PM1", "PM2"])
          assert.deepStrictEqual(problems, [`events.1.${field}`])
        }))
    }

    for (const event of [null, 7, "payments.cancelled", [], true]) {
      it.effect(`with ${JSON.stringify(event)} for an event`, () =>
        Effect.gen(function*() {
          const { problems, result } = yield* withProblems(list(event, cancelled("PM1")))
          assert.deepStrictEqual(payments(result._tag === "Right" ? result.right : []), ["PM1"])
          assert.lengthOf(problems, 1)
          assert.match(problems[0]!, /^events\.0(?:\.|$)/)
        }))
    }

    it.effect("beside other events a malformed one is the error, and further ones are reported", () =>
      Effect.gen(function*() {
        const { problems, result } = yield* withProblems(
          list(foreign("mandates", "created"), cancelled("PM1", { links: {} }), cancelled("PM2", { id: "" }))
        )
        assert(result._tag === "Left")
        assert.deepInclude(result.left, { _tag: "Notification.MalformedNotification", field: "events.1.links.payment" })
        assert.deepStrictEqual(problems, ["events.2.id"])
      }))

    it.effect("an old event beside a new one", () =>
      Effect.gen(function*() {
        const old = cancelled("PM1", { created_at: "2025-12-14T10:29:59.999Z" })
        const { problems, result } = yield* withProblems(list(old, cancelled("PM2")))
        assert.deepStrictEqual(payments(result._tag === "Right" ? result.right : []), ["PM2"])
        assert.deepStrictEqual(problems, ["Notification.TimestampOutOfTolerance"])
        assert.deepInclude(yield* refused(list(old)), { _tag: "Notification.TimestampOutOfTolerance", answer: "Acknowledge" })
        assert.deepStrictEqual(payments(yield* verified(list(old), { tolerance: "32 days" })), ["PM1"])
      }))

    it.effect("a report that dies changes nothing, and without one a warning is logged", () =>
      Effect.gen(function*() {
        const given = list(cancelled("PM1", { links: {} }), cancelled("PM2"))
        const logged: Array<string> = []
        const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ logLevel, message }) => {
          logged.push(`${logLevel.label} ${String(message)}`)
        }))
        assert.deepStrictEqual(payments(yield* Effect.provide(verified(given, { onUnusable: () => Effect.die("no") }), logger)), ["PM2"])
        assert.deepStrictEqual(payments(yield* Effect.provide(verified(given), logger)), ["PM2"])
        assert.lengthOf(logged, 2)
        assert.match(logged[1]!, /^WARN .*events\.0\.links\.payment/)
      }))
  })

  it.effect("with one event more it is not what was signed", () =>
    Effect.gen(function*() {
      const { body, headers } = list(cancelled("PM1"))
      const more = String(body).replace("]", `,${JSON.stringify(cancelled("PM2"))}]`)
      assert.deepInclude(yield* refused({ body: more, headers }), { _tag: "Notification.InvalidSignature", answer: "Refuse" })
    }))

  it.effect("signed, and no list of events", () =>
    Effect.gen(function*() {
      for (const body of ["{}", "{\"events\":{}}"]) {
        assert.deepInclude(yield* refused(incoming(body)), { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field: "events" })
      }
    }))

  it.effect("in the sandbox: a cancel, and what it tells", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("GoCardless")
      yield* GoCardless.cancel({ paymentId, metadata: { ticket: "TK-1" } })
      const [sent] = yield* sandbox.notifications("GoCardless")
      const told = yield* GoCardless.notifications(sent!, { secret: Redacted.make(Sandbox.webhookSecret("GoCardless")) })
      assert.lengthOf(told, 1)
      assert.deepInclude(told[0], { paymentId, origin: Option.some("api"), metadata: Option.some({ ticket: "TK-1" }) })
    }).pipe(Effect.provide(
      Layer.provideMerge(
        GoCardless.layer({
          accessToken: Redacted.make(Sandbox.credentials.GoCardless.accessToken),
          baseUrl: Sandbox.baseUrl("GoCardless")
        }),
        Sandbox.layer
      )
    )))
})
