import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { PayPal, Webhook } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"

const { clientId, clientSecret } = Sandbox.credentials.PayPal

const paypal = PayPal.layer({ clientId, clientSecret: Redacted.make(clientSecret), baseUrl: Sandbox.baseUrl("PayPal") }).pipe(
  Layer.orDie,
  Layer.provideMerge(Sandbox.layer)
)

const event = (id: unknown, event_type: unknown = "PAYMENT.AUTHORIZATION.VOIDED") =>
  JSON.stringify({ id: "WH-1", event_type, resource_type: "authorization", resource: { id, status: "VOIDED" } })

const asked = (body: string) => PayPal.notificationById({ body, headers: {} })

/** Runs to the end, whatever it waits for on the way. */
const toTheEnd = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

describe("PayPal.notificationById", () => {
  it.effect("gives what PayPal itself says of the authorization that is named", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("PayPal")
      yield* PayPal.cancel({ paymentId })
      const notification = yield* asked(event(paymentId))
      assert.deepInclude(notification, { provider: "PayPal", paymentId, notificationId: paymentId, decision: "Cancelled", reference: Option.none() })
      const schema = Schema.parseJson(PayPal.CancelNotification)
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification)
    }).pipe(Effect.provide(paypal)))

  it.effect("believes nothing that is in it: of an authorization that is not void it is no cancel", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      for (const status of ["CREATED", "CAPTURED", "PARTIALLY_CAPTURED"] as const) {
        const paymentId = yield* sandbox.create("PayPal", { status })
        assert.deepInclude(yield* Effect.flip(asked(event(paymentId))), { _tag: "Notification.NotACancellation", answer: "Acknowledge", event: status })
      }
    }).pipe(Effect.provide(paypal)))

  it.effect("asks nothing because of another event, or of what is none", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      for (const other of ["PAYMENT.CAPTURE.COMPLETED", "PAYMENT.AUTHORIZATION.CREATED"]) {
        assert.deepInclude(yield* Effect.flip(asked(event("A1", other))), { _tag: "Notification.NotACancellation", event: other })
      }
      const malformed: ReadonlyArray<readonly [body: string, field: string]> = [
        ["", "body"],
        ["id=tr_1", "body"],
        ["[]", "body"],
        ["{}", "event_type"],
        [event("A1", 7), "event_type"],
        [event(undefined), "resource.id"],
        [event(""), "resource.id"],
        [event(".."), "resource.id"],
        ...[" ", "A/B", "A%2FB", "A?x=1", "A#x", "A;x", "A_B", "A.B", "A1\n", "Ä1", "x".repeat(65)].map((id) =>
          [event(id), "resource.id"] as const)
      ]
      for (const [body, field] of malformed) {
        assert.deepInclude(yield* Effect.flip(asked(body)), { _tag: "Notification.MalformedNotification", answer: "Refuse", field }, body)
      }
      assert.lengthOf(yield* sandbox.requests, 0)
    }).pipe(Effect.provide(paypal)))

  it.effect("takes an id of up to 64 letters, digits and hyphens", () =>
    Effect.gen(function*() {
      for (const id of ["0AW2184448108334S", "a-1", "x".repeat(64)]) {
        yield* Effect.flip(asked(event(id)))
      }
      assert.lengthOf((yield* (yield* Sandbox.Sandbox).requests).filter(({ method }) => method === "GET"), 3)
    }).pipe(Effect.provide(paypal)))

  it.effect("acknowledges what names nobody's authorization, so that nobody learns which there are", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(asked(event("0NOBODYS000000000")))
      assert.deepInclude(error, { _tag: "Notification.MalformedNotification", answer: "Acknowledge", field: "resource.id" })
    }).pipe(Effect.provide(paypal)))

  it.effect("is delivered again where a page of somebody in between says that there is nothing", () =>
    Effect.gen(function*() {
      for (const body of ["<html><body>404 Not Found</body></html>", "", "{}"]) {
        const client = HttpClient.make((request, url) =>
          Effect.succeed(HttpClientResponse.fromWeb(
            request,
            url.pathname.endsWith("/token") ? Response.json({ access_token: "A21AAtoken", expires_in: 32_400 }) : new Response(body, { status: 404 })
          )))
        const error = yield* Effect.flip(asked(event("0AW2184448108334S"))).pipe(Effect.provide(
          PayPal.layer({ clientId, clientSecret: Redacted.make(clientSecret) }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client)))
        ))
        assert.strictEqual(error._tag, "CancelError.StatusUnavailable", body)
      }
    }))

  it.effect("is delivered again while the status is not to be had", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("PayPal", { status: "VOIDED" })
      yield* sandbox.inject(Fault.statusQueryDown, { forever: true })
      assert.strictEqual((yield* Effect.flip(toTheEnd(asked(event(paymentId)))))._tag, "CancelError.StatusUnavailable")
      yield* sandbox.clearFaults
      assert.strictEqual((yield* asked(event(paymentId))).paymentId, paymentId)
    }).pipe(Effect.provide(paypal)))

  it.effect("in the sandbox: a void, and a capture that is not about one", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const paymentId = yield* sandbox.create("PayPal")
      assert.deepStrictEqual(yield* sandbox.notifications("PayPal"), [])
      yield* PayPal.cancel({ paymentId })
      const captured = yield* sandbox.create("PayPal")
      yield* sandbox.move("PayPal", captured, "CAPTURED")
      const sent = yield* sandbox.notifications("PayPal")
      assert.deepStrictEqual(sent.map((each) => each.paymentId), [paymentId, captured])
      assert.deepInclude(yield* PayPal.notificationById(sent[0]!), { paymentId, notificationId: paymentId })
      assert.deepInclude(yield* Effect.flip(PayPal.notificationById(sent[1]!)), {
        _tag: "Notification.NotACancellation",
        event: "PAYMENT.CAPTURE.COMPLETED"
      })
    }).pipe(Effect.provide(paypal)))

  it.live("is ready for a route", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const told: Array<string> = []
      const handle = Webhook.webHandler({ ask: PayPal.notificationById }, ({ paymentId }) => Effect.sync(() => told.push(paymentId)))
      const runtime = yield* Effect.runtime<PayPal.PayPal>()
      const deliver = (body: string) => Effect.provide(handle(new Request("http://shop.test/", { method: "POST", body })), runtime)
      const [voided, open] = [yield* sandbox.create("PayPal", { status: "VOIDED" }), yield* sandbox.create("PayPal")]
      const statuses = yield* Effect.forEach([event(voided), event(open), event(voided, "X.Y"), "no event"], (body) =>
        Effect.map(deliver(body), ({ status }) => status))
      assert.deepStrictEqual([statuses, told], [[200, 200, 200, 400], [voided]])
    }).pipe(Effect.provide(paypal)))
})
