/** Mollie's two kinds of webhooks: what is signed is verified, and what is not is asked. */
import * as HttpApp from "@effect/platform/HttpApp"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Cancel, Mollie, Webhook } from "effect-payment-cancel"
import { Emulators, Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { createHmac } from "node:crypto"
import { noLogger, tracerDyingAt } from "../../support/Dying.js"

const now = Date.UTC(2026, 0, 14, 10, 30)
const secret = "secret-of-the-webhook"

const hex = (body: string, key = secret) => createHmac("sha256", key).update(body).digest("hex")

const event = (change: object = {}): string =>
  JSON.stringify({
    resource: "event",
    id: "event_1",
    type: "payment.canceled",
    entityId: "tr_1",
    createdAt: "2026-01-14T10:29:00+00:00",
    ...change
  })

const entity = (change: object = {}) => ({
  _embedded: {
    entity: {
      resource: "payment",
      id: "tr_1",
      mode: "test",
      status: "canceled",
      canceledAt: "2026-01-14T10:28:59+00:00",
      amountCaptured: { currency: "EUR", value: "0.00" },
      ...change
    }
  }
})

const read = (body: string, signature = `sha256=${hex(body)}`) =>
  TestClock.setTime(now).pipe(
    Effect.zipRight(Mollie.notification({ body, headers: { "X-Mollie-Signature": signature } }, { secret: Redacted.make(secret) }))
  )

const problem = (body: string, signature?: string) =>
  Effect.map(Effect.flip(read(body, signature)), (error) => [
    error._tag.replace("Notification.", ""),
    error.answer,
    ..."field" in error ? [error.field] : [],
    ..."event" in error ? [error.event] : []
  ])

describe("Mollie.notification", () => {
  it.effect("says what a full event tells, and what a simple one does", () =>
    Effect.gen(function*() {
      const told = yield* read(event(entity()))
      assert.deepStrictEqual(told, {
        provider: "Mollie",
        notificationId: "event_1",
        paymentId: "tr_1",
        merchantReference: Option.none(),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.none(),
        occurredAt: Option.some(DateTime.unsafeMake("2026-01-14T10:28:59Z")),
        receivedAt: DateTime.unsafeMake(now),
        capturedAmount: Option.some({ amount: 0, currency: Option.some("EUR") }),
        mode: Option.some("test")
      })
      assert.deepStrictEqual(Schema.decodeSync(Mollie.CancelNotification)(Schema.encodeSync(Mollie.CancelNotification)(told)), told)
      for (const none of [{}, { _embedded: null }, { _embedded: {} }, { _embedded: { entity: null } }]) {
        const simple = yield* read(event(none))
        assert.deepInclude(simple, {
          paymentId: "tr_1",
          occurredAt: Option.some(DateTime.unsafeMake("2026-01-14T10:29:00Z")),
          capturedAmount: Option.none(),
          mode: Option.none()
        })
      }
    }))

  it.effect("takes any signature of those that come while a secret is replaced", () =>
    Effect.gen(function*() {
      const body = event()
      for (const signature of [hex(body), `sha256=${hex(body, "old")}, sha256=${hex(body)}`, `sha256=${hex(body).toUpperCase()}`]) {
        assert.strictEqual((yield* read(body, signature)).paymentId, "tr_1")
      }
      for (const signature of [`sha256=${hex(body, "old")}`, `sha256=${hex(`${body} `)}`, `sha512=${hex(body)}`]) {
        assert.deepStrictEqual(yield* problem(body, signature), ["InvalidSignature", "Refuse"], signature)
      }
    }))

  it.effect("believes no event that contradicts itself, or is of no form", () =>
    Effect.gen(function*() {
      const malformed = (field: string) => ["MalformedNotification", "Acknowledge", field]
      assert.deepStrictEqual(yield* problem(event(entity({ id: "tr_2" }))), malformed("_embedded.entity.id"))
      assert.deepStrictEqual(yield* problem(event(entity({ status: "paid" }))), malformed("_embedded.entity.status"))
      assert.deepStrictEqual(yield* problem(event(entity({ status: 7 }))), malformed("_embedded.entity.status"))
      assert.deepStrictEqual(yield* problem(event({ createdAt: "yesterday" })), malformed("createdAt"))
      assert.deepStrictEqual(yield* problem(event({ createdAt: undefined })), malformed("createdAt"))
      assert.deepStrictEqual(yield* problem(event({ entityId: "" })), malformed("entityId"))
      assert.deepStrictEqual(yield* problem(event({ type: 7 })), malformed("type"))
      for (const type of ["payment.paid", "payment.expired", "refund.canceled", "sales-invoice.canceled"]) {
        assert.deepStrictEqual(yield* problem(event({ type })), ["NotACancellation", "Acknowledge", type])
      }
    }))

  it.effect("reads what the sandbox delivers", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Mollie")
      yield* Mollie.cancel({ paymentId })
      const [delivered, ...others] = yield* sandbox.notifications("Mollie")
      assert.lengthOf(others, 0)
      const told = yield* Mollie.notification(delivered!, { secret: Redacted.make(Emulators.Mollie.webhook?.secret ?? "") })
      assert.deepInclude(told, { paymentId, decision: "Cancelled", mode: Option.some("test") })
    }).pipe(Effect.provide(live)))
})

const mollie = Mollie.layer({ apiKey: Redacted.make(Sandbox.credentials.Mollie.apiKey), baseUrl: Sandbox.baseUrl("Mollie") })
const live = Layer.provideMerge(mollie, Sandbox.layer)

const asked = Effect.flatMap(Sandbox.Sandbox, ({ requests }) => Effect.map(requests, (all) => all.length))

const byId = (body: string) => Mollie.notificationById({ body, headers: { "content-type": "application/x-www-form-urlencoded" } })

const failure = (body: string) =>
  Effect.map(Effect.flip(byId(body)), (error) =>
    [
      error._tag,
      ..."answer" in error ? [error.answer] : [],
      ..."field" in error ? [error.field] : [],
      ..."event" in error ? [error.event] : []
    ])

describe("Mollie.notificationById", () => {
  it.effect("says what Mollie itself says of the payment", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now)
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Mollie", { status: "canceled" })
      const told = yield* Mollie.notificationById(Sandbox.classicWebhook(paymentId))
      assert.deepStrictEqual(told, {
        provider: "Mollie",
        notificationId: paymentId,
        paymentId,
        merchantReference: Option.none(),
        reference: Option.none(),
        decision: "Cancelled",
        reason: Option.none(),
        occurredAt: Option.none(),
        receivedAt: DateTime.unsafeMake(now),
        capturedAmount: Option.none(),
        mode: Option.none()
      })
    }).pipe(Effect.provide(live)))

  it.effect("is what it is where the tracer dies", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Mollie", { status: "canceled" })
      const asked = Mollie.notificationById(Sandbox.classicWebhook(paymentId))
      const told = yield* Effect.withTracer(asked, tracerDyingAt(() => true).tracer)
      assert.strictEqual(told.paymentId, paymentId)
    }).pipe(Effect.provide(Layer.merge(live, noLogger))))

  it.effect("believes nothing that is in the webhook", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      for (const status of ["open", "pending", "authorized", "paid", "expired", "failed"] as const) {
        const paymentId = yield* sandbox.create("Mollie", { status })
        assert.deepStrictEqual(yield* failure(`id=${paymentId}&status=canceled`), ["Notification.NotACancellation", "Acknowledge", status])
      }
      assert.deepStrictEqual(yield* failure("id=tr_nobodys"), ["Notification.MalformedNotification", "Acknowledge", "id"])
      const { message } = yield* Effect.flip(byId("id=tr_nobodys"))
      assert.strictEqual(message, "Mollie: id of the notification names a payment that there is not in this account and mode")
    }).pipe(Effect.provide(live)))

  it.effect("asks for nothing that is no payment of Mollie's form", () =>
    Effect.gen(function*() {
      const malformed = ["Notification.MalformedNotification", "Refuse", "id"]
      for (
        const body of ["", "id=", "id", "ID=tr_1", "{\"id\":\"tr_1\"}", "id=tr_1&id=tr_2", "id=..", "id=tr_1%2F..%2Ftr_2", "id=tr_%0d%0a", `id=tr_${"x".repeat(300)}`]
      ) {
        assert.deepStrictEqual(yield* failure(body), malformed, body)
      }
      assert.deepStrictEqual(yield* failure("id=ord_8wmqcHMN4U"), ["Notification.NotACancellation", "Acknowledge", "ord"])
      const parsed = yield* Effect.flip(Mollie.notificationById({ body: JSON.parse("{\"id\":\"tr_1\"}"), headers: {} }))
      assert.deepInclude(parsed, { _tag: "Notification.MalformedNotification", field: "body" })
      assert.strictEqual(yield* asked, 0)
    }).pipe(Effect.provide(live)))

  it.effect("does not know what it could not ask", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Mollie", { status: "canceled" })
      yield* sandbox.inject(Fault.serverError({ applied: false }), { operation: "Status", times: 2 })
      const once = Cancel.withPolicy({ statusReads: 1 })
      assert.strictEqual((yield* Effect.flip(once(byId(`id=${paymentId}`))))._tag, "CancelError.StatusUnavailable")
      const { messages, reported, route } = mounted()
      const unanswered = yield* once(route(`id=${paymentId}`))
      assert.strictEqual(unanswered.status, 503)
      // Not whoever sent it, for nobody signs it.
      const text = yield* Effect.promise(() => unanswered.text())
      assert.include(text, "not acknowledged")
      assert.notInclude(text, "HTTP 500")
      assert.notInclude(text, paymentId)
      assert.deepStrictEqual(reported, ["Webhook.StatusUnread Refuse"])
      // Somebody has to know which payment it was, and why.
      assert.include(messages[0], paymentId)
      assert.include(messages[0], "HTTP 500")
      // The next delivery finds it.
      assert.strictEqual((yield* once(route(`id=${paymentId}`))).status, 200)
    }).pipe(Effect.provide(live)))
})

/** A route for classic webhooks, and what was reported and handled. */
const mounted = () => {
  const reported: Array<string> = []
  const messages: Array<string> = []
  const handled: Array<string> = []
  const options = {
    ask: Mollie.notificationById,
    report: (each: Webhook.Problem) =>
      Effect.sync(() => {
        reported.push(`${each._tag} ${each.answer}`)
        messages.push(each.message)
      })
  }
  const handle = ({ paymentId }: Mollie.CancelNotification) => Effect.sync(() => void handled.push(paymentId))
  const request = (body: string) => new Request("http://shop.test/webhook", { method: "POST", body })
  return {
    reported,
    messages,
    handled,
    route: (body: string) => Webhook.webHandler(options, handle)(request(body)),
    platform: (body: string) =>
      Effect.flatMap(Effect.runtime<Mollie.Mollie>(), (runtime) =>
        Effect.promise(() => HttpApp.toWebHandlerRuntime(runtime)(Webhook.httpApp(options, handle))(request(body))))
  }
}

describe("a route for webhooks that nobody signs", () => {
  for (const mount of ["route", "platform"] as const) {
    it.effect(`answers what is due: ${mount}`, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const cancelled = yield* sandbox.create("Mollie", { status: "canceled" })
        const paid = yield* sandbox.create("Mollie", { status: "paid" })
        const { handled, messages: _, reported, ...mounts } = mounted()
        const statuses: Array<number> = []
        for (const body of [`id=${cancelled}`, `id=${paid}`, "id=tr_nobodys", "id=ord_1", "id=", "x".repeat(2_000_000)]) {
          statuses.push((yield* mounts[mount](body)).status)
        }
        assert.deepStrictEqual(statuses, [200, 200, 200, 200, 400, 413])
        assert.deepStrictEqual(handled, [cancelled])
        assert.deepStrictEqual(reported, [
          "Notification.NotACancellation Acknowledge",
          "Notification.MalformedNotification Acknowledge",
          "Notification.NotACancellation Acknowledge",
          "Notification.MalformedNotification Refuse",
          "Webhook.BodyTooLarge Refuse"
        ])
      }).pipe(Effect.provide(live)))
  }

  it.effect("is 500 if the handler fails", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("Mollie", { status: "canceled" })
      const handle = Webhook.webHandler({ ask: Mollie.notificationById, report: () => Effect.void }, () => Effect.fail("no store"))
      const answer = yield* handle(new Request("http://shop.test/webhook", { method: "POST", body: `id=${paymentId}` }))
      assert.strictEqual(answer.status, 500)
    }).pipe(Effect.provide(live)))
})
