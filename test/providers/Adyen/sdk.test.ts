/**
 * The same cancel, sent by Adyen's own library and by this one to one server that records it;
 * and the same answers, given to both. Adyen's library speaks HTTPS only, so the server does.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Undici from "@effect/platform-node/Undici"
import { assert, describe, layer } from "@effect/vitest"
import { CheckoutAPI, Client, EnvironmentEnum, hmacValidator, HttpClientException, HttpURLConnectionClient } from "@adyen/api-library"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Adyen } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { type Answer, type Recorded, secured, Server } from "../../support/RecordingServer.js"
import { selfSigned } from "../../wire/SelfSigned.js"
import * as Errors from "../../../src/authoring/Errors.js"

const apiKey = "AQEapi-key-of-both"
const merchantAccount = "MerchantECOM"

const certificate = selfSigned({ host: "127.0.0.1", notAfter: new Date("2049-12-31T00:00:00Z") })

const key = "3fa85f64-5717-4562-b3fc-2c963f66afa6"

/** Adyen's library against the recording server. */
const official = Effect.map(Server, ({ origin }) => {
  const client = new Client({ apiKey, environment: EnvironmentEnum.TEST })
  // The only way to have a certificate trusted without a host name of Adyen's in it.
  client.httpClient = Object.assign(new HttpURLConnectionClient(), { agentOptions: { ca: certificate.cert } })
  const modifications = new CheckoutAPI(client).ModificationsApi
  Object.assign(modifications, { baseUrl: `${origin}/v72` })
  return modifications
})

/** This library against the recording server. */
const ours = Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
  Adyen.layer({ apiKey: Redacted.make(apiKey), merchantAccount, baseUrl: `${origin}/v72` }).pipe(
    Layer.provide(NodeHttpClient.layerUndiciWithoutDispatcher),
    Layer.provide(Layer.scoped(
      NodeHttpClient.Dispatcher,
      Effect.acquireRelease(
        Effect.sync(() => new Undici.Agent({ connect: { ca: certificate.cert } })),
        (agent) => Effect.promise(() => agent.destroy())
      )
    )),
    Layer.orDie
  )))

/** What Adyen's library resolves with is of several types, and rejects with anything. */
const promised = (run: () => Promise<unknown>): Effect.Effect<unknown, unknown> =>
  Effect.tryPromise({ try: run, catch: (error) => error })

type Modifications = Effect.Effect.Success<typeof official>

interface Named {
  readonly id: string
  readonly reference?: string
  readonly key?: string
}

const optional = ({ reference }: Named) => reference === undefined ? {} : { reference }
const keyed = ({ key }: Named) => key === undefined ? {} : { idempotencyKey: key }

/** The three operations on both sides. */
const operations = {
  cancel: {
    official: (api: Modifications, named: Named) =>
      api.cancelAuthorisedPaymentByPspReference(named.id, { merchantAccount, ...optional(named) }, keyed(named)),
    ours: (named: Named) => Adyen.cancel({ paymentId: named.id, ...optional(named), ...keyed(named) }),
    received: (id: string) => ({ merchantAccount, paymentPspReference: id, pspReference: "M1", status: "received" })
  },
  cancelByMerchantReference: {
    official: (api: Modifications, named: Named) =>
      api.cancelAuthorisedPayment({ merchantAccount, paymentReference: named.id, ...optional(named) }, keyed(named)),
    ours: (named: Named) =>
      Adyen.cancelByMerchantReference({ merchantReference: named.id, ...optional(named), ...keyed(named) }),
    received: (id: string) => ({ merchantAccount, paymentReference: id, pspReference: "M1", status: "received" })
  },
  cancelOrRefund: {
    official: (api: Modifications, named: Named) =>
      api.refundOrCancelPayment(named.id, { merchantAccount, ...optional(named) }, keyed(named)),
    ours: (named: Named) => Adyen.cancelOrRefund({ paymentId: named.id, ...optional(named), ...keyed(named) }),
    received: (id: string) => ({ merchantAccount, paymentPspReference: id, pspReference: "M1", status: "received" })
  }
} as const

type Operation = (typeof operations)[keyof typeof operations]

/** Gives both the same answers, and says what each made of them and what it sent. */
const both = (operation: Operation, named: Named, ...answers: ReadonlyArray<Answer | "Lost">) =>
  Effect.gen(function*() {
    const server = yield* Server
    const api = yield* official
    server.prepare(...answers)
    const theirs = yield* Effect.either(promised(() => operation.official(api, named)))
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(operation.ours(named), ours))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

/** What must be the same on both sides. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  apiKey: headers["x-api-key"],
  authorization: headers["authorization"],
  idempotencyKey: headers["idempotency-key"],
  contentType: headers["content-type"],
  body: JSON.parse(body) as unknown
})

const refused = (status: number, errorCode: string, transient?: "true" | "false"): Answer => ({
  status,
  ...(transient === undefined ? {} : { headers: { "transient-error": transient } }),
  body: { status, errorCode, message: "in Adyen's words", errorType: "validation", pspReference: "881611827877203B" }
})

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

layer(secured(certificate), { excludeTestServices: true })("Adyen and @adyen/api-library", (it) => {
  it.effect("sends the same for a merchant account of the request's own", () =>
    Effect.gen(function*() {
      const own = { merchantAccount: "MerchantPOS" }
      const server = yield* Server
      const api = yield* official
      const received = { ...own, paymentPspReference: "P1", paymentReference: "P1", pspReference: "M1", status: "received" }
      const answers = Array.from({ length: 3 }, () => ({ status: 201, body: received }))
      server.prepare(...answers)
      yield* promised(() => api.cancelAuthorisedPaymentByPspReference("P1", own, { idempotencyKey: key }))
      yield* promised(() => api.cancelAuthorisedPayment({ ...own, paymentReference: "P1" }, { idempotencyKey: key }))
      yield* promised(() => api.refundOrCancelPayment("P1", own, { idempotencyKey: key }))
      const theirs = server.recorded().map(essence)
      server.prepare(...answers)
      yield* Adyen.cancel({ paymentId: "P1", ...own, idempotencyKey: key }).pipe(
        Effect.zipRight(Adyen.cancelByMerchantReference({ merchantReference: "P1", ...own, idempotencyKey: key })),
        Effect.zipRight(Adyen.cancelOrRefund({ paymentId: "P1", ...own, idempotencyKey: key })),
        Effect.provide(ours)
      )
      assert.deepStrictEqual(server.recorded().map(essence), theirs)
      assert.lengthOf(theirs, 3)
    }))

  for (const [name, operation] of Object.entries(operations)) {
    describe(name, () => {
      for (
        const named of [
          { id: "993617894903480A", reference: "cancel-of-order-1042", key },
          { id: "993617894903480A", key },
          { id: "a/b c?d#e%2fü:€", reference: "x".repeat(80), key: "k".repeat(64) }
        ]
      ) {
        it.effect(`sends the same for ${JSON.stringify({ ...named, reference: named.reference?.slice(0, 8) })}`, () =>
          Effect.gen(function*() {
            const answer = { status: 201, body: operation.received(named.id) }
            const { mine, myRequests, theirRequests, theirs } = yield* both(operation, named, answer)
            assert.lengthOf(myRequests, 1)
            assert.deepStrictEqual(myRequests.map(essence), theirRequests.map(essence))
            // Both take it in; neither says that the payment is cancelled.
            assert.deepInclude(Either.getOrThrow(theirs) as object, { status: "received", pspReference: "M1" })
            const accepted = Either.getOrThrow(mine)
            assert.deepInclude(accepted, { _tag: "CancellationAccepted", paymentId: named.id })
            assert.strictEqual(accepted.receipt.reference, "M1")
          }))
      }

      for (const [className, { code, httpStatus }] of Object.entries(Errors.table(Adyen))) {
        for (const status of httpStatus) {
          it.effect(`reads ${code} on a ${status} alike`, () =>
            Effect.gen(function*() {
              const { mine, theirs } = yield* both(operation, { id: "P1", key }, refused(status, code, "false"))
              const exception = left(theirs)
              if (!(exception instanceof HttpClientException)) return assert.fail("not an answer")
              const error = left(mine)
              assert.strictEqual<string>(error._tag, `Adyen.${className}`)
              assert.deepStrictEqual(
                [error.code, error.httpStatus, error.requestId],
                [exception.errorCode ?? null, Option.some(exception.statusCode), Option.some("881611827877203B")]
              )
              assert.include(error.message, "in Adyen's words")
            }))
        }
      }

      it.effect("keeps a code that it does not know", () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(operation, { id: "P1", key }, refused(422, "14_030"))
          assert.deepInclude(left(theirs) as object, { errorCode: "14_030" })
          assert.deepInclude(left(mine), { _tag: "Adyen.Unrecognized", code: "14_030" })
        }))
    })
  }

  const { cancel } = operations
  const received = { status: 201, body: cancel.received("P1") }

  describe("differ on purpose", () => {
    it.effect("without a key of the caller's", () =>
      Effect.gen(function*() {
        const { myRequests, theirRequests } = yield* both(cancel, { id: "P1" }, received)
        assert.isUndefined(theirRequests[0]?.headers["idempotency-key"])
        assert.match(myRequests[0]?.headers["idempotency-key"] ?? "", /^[0-9a-f-]{36}$/)
      }))

    it.effect("when the answer is lost", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests, theirs } = yield* both(cancel, { id: "P1", key }, "Lost", received)
        assert.lengthOf(theirRequests, 1)
        assert.notInstanceOf(left(theirs), HttpClientException)
        assert.lengthOf(myRequests, 2)
        assert.deepStrictEqual(essence(myRequests[0]!), essence(myRequests[1]!))
        assert.deepInclude(Either.getOrThrow(mine), { _tag: "CancellationAccepted", attempts: 2 })
      }))

    for (const [status, code] of [[503, "703"], [422, "704"]] as const) {
      it.effect(`when Adyen asks for the same request again with a ${code}`, () =>
        Effect.gen(function*() {
          const { mine, myRequests, theirRequests, theirs } = yield* both(
            cancel,
            { id: "P1", key },
            refused(status, code, "true"),
            received
          )
          assert.lengthOf(theirRequests, 1)
          assert.deepInclude(left(theirs) as object, { errorCode: code })
          assert.lengthOf(myRequests, 2)
          assert.strictEqual(Either.getOrThrow(mine).attempts, 2)
        }))
    }

    for (
      const [title, body] of [
        ["names another payment", { ...received.body, paymentPspReference: "P2" }],
        ["names another merchant account", { ...received.body, merchantAccount: "Another" }],
        ["has another status", { ...received.body, status: "refused" }],
        ["is empty", {}]
      ] as const
    ) {
      it.effect(`when a 201 ${title}`, () =>
        Effect.gen(function*() {
          const { mine, theirs } = yield* both(cancel, { id: "P1", key }, { status: 201, body })
          assert.isTrue(Either.isRight(theirs))
          assert.deepInclude(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        }))
    }

    it.effect("when body and answer state different HTTP statuses", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both(cancel, { id: "P1", key }, {
          status: 500,
          body: { status: 403, errorCode: "901", message: "m", errorType: "security" }
        })
        assert.deepInclude(left(theirs) as object, { statusCode: 403 })
        assert.deepInclude(left(mine), {
          _tag: "CancelError.UnexpectedResponse",
          outcome: "Unknown",
          code: "901",
          httpStatus: Option.some(500)
        })
      }))

    it.effect("with an id that leads elsewhere", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests } = yield* both(cancel, { id: "..", key }, received)
        // Not the route of one payment any more, but that of a cancel by reference.
        assert.deepStrictEqual(theirRequests.map(({ path }) => path), ["/v72/cancels"])
        assert.lengthOf(myRequests, 0)
        assert.deepInclude(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
      }))

    it.effect("with a key that Adyen does not take", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirRequests } = yield* both(cancel, { id: "P1", key: "k".repeat(65) }, received)
        assert.lengthOf(theirRequests, 1)
        assert.lengthOf(myRequests, 0)
        assert.deepInclude(left(mine), { _tag: "CancelError.InvalidCancelRequest", field: "idempotencyKey" })
      }))
  })
})

layer(Sandbox.layer)("webhooks of Adyen and @adyen/api-library", (it) => {
  const secret = Sandbox.webhookSecret("Adyen")
  const validator = new hmacValidator()

  const theyAccept = (body: string): boolean =>
    validator.validateHMAC(JSON.parse(body).notificationItems[0].NotificationRequestItem, secret)

  const weAccept = (body: string) =>
    Effect.either(Adyen.notification({ body, headers: {} }, { secret: Redacted.make(secret) }))

  const changed = (body: string, change: (item: Record<string, unknown>) => Record<string, unknown>): string =>
    JSON.stringify({
      notificationItems: [{
        NotificationRequestItem: change(JSON.parse(body).notificationItems[0].NotificationRequestItem)
      }]
    })

  const told = Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const paymentId = yield* sandbox.create("Adyen", { merchantReference: "order:1042", decidesIn: 0 })
    const emulator = sandbox.emulator("Adyen")
    for (const action of ["cancels", "reversals"]) {
      const request = Sandbox.definition("Adyen").requests.cancel(paymentId)
      emulator.handle({ ...request, path: request.path.replace(/cancels$/, action) }, { at: 0 })
    }
    return (yield* sandbox.notifications("Adyen")).map(({ body }) => body)
  })

  it.effect("accept the same, and refuse the same alterations", () =>
    Effect.gen(function*() {
      for (const body of yield* told) {
        assert.isTrue(theyAccept(body))
        assert.strictEqual((yield* weAccept(body))._tag, "Right")
        for (
          const [field, value] of Object.entries({
            pspReference: "M000000000000099",
            originalReference: "P000000000000099",
            merchantAccountCode: "Another",
            merchantReference: "order-1043",
            amount: { value: 1, currency: "EUR" },
            eventCode: "TECHNICAL_CANCEL",
            success: "unheard"
          })
        ) {
          const altered = changed(body, (item) => ({ ...item, [field]: value }))
          assert.isFalse(theyAccept(altered), field)
          assert.strictEqual((yield* weAccept(altered))._tag, "Left", field)
        }
        // What is not signed may differ for both.
        const unsigned = changed(body, (item) => ({ ...item, reason: "another", paymentMethod: "mc" }))
        assert.isTrue(theyAccept(unsigned))
        assert.strictEqual((yield* weAccept(unsigned))._tag, "Right")
      }
    }))

  it.effect("differ on values cut elsewhere under the same signature", () =>
    Effect.gen(function*() {
      const [body = ""] = yield* told
      const shifted = changed(body, (item) => ({
        ...item,
        originalReference: `${String(item["originalReference"])}:${String(item["merchantAccountCode"])}`,
        merchantAccountCode: "order",
        merchantReference: "1042"
      }))
      assert.isTrue(theyAccept(shifted))
      assert.deepInclude(left(yield* weAccept(shifted)), {
        _tag: "Notification.MalformedNotification",
        answer: "Acknowledge",
        field: "NotificationRequestItem.originalReference"
      })
    }))

  it.effect("compute the same signature of whatever the values are", () =>
    Effect.gen(function*() {
      const event = {
        pspReference: "report_2026-11-01T00:00:00.csv",
        originalReference: "",
        merchantAccountCode: "MerchantECOM",
        merchantReference: "",
        amount: { value: 0, currency: "EUR" },
        eventCode: "REPORT_AVAILABLE",
        success: "true"
      }
      for (
        const change of [
          {},
          { merchantReference: null },
          { merchantReference: undefined },
          { originalReference: null, pspReference: undefined },
          { merchantReference: "a:b:c", merchantAccountCode: "d:e" },
          { merchantReference: "a\\b", merchantAccountCode: "a\\:b" },
          { amount: { value: null, currency: undefined } },
          { amount: { value: 1.5, currency: "" } },
          { success: true },
          { eventCode: null, success: null },
          { amount: [] },
          { amount: [{ value: 1, currency: "EUR" }] },
          { amount: "" },
          { amount: 5 },
          { amount: false },
          { amount: { value: [1, [null, 2]], currency: {} } },
          { merchantReference: ["a", ["b", 1, null, true]], merchantAccountCode: [] },
          { merchantReference: { a: "b" }, pspReference: {} },
          { merchantReference: 1042, originalReference: 1e21, pspReference: -0.5 },
          { eventCode: ["REPORT", "AVAILABLE"] },
          { merchantReference: "ünïcödé €" }
        ]
      ) {
        const item = { ...event, ...change }
        // Its types promise texts; what comes over the wire is JSON.
        // An item has more than texts, or the library signs it in another way.
        const hmacSignature = validator.calculateHmac(JSON.parse(JSON.stringify({ ...item, additionalData: {} })), secret)
        const body = JSON.stringify({
          notificationItems: [{ NotificationRequestItem: { ...item, additionalData: { hmacSignature } } }]
        })
        assert.isTrue(theyAccept(body))
        assert.deepInclude(left(yield* weAccept(body)), { _tag: "Notification.NotACancellation", event: [item.eventCode].join() })
      }
    }))

  it.effect("read the same out of a cancel whose values are not text", () =>
    Effect.gen(function*() {
      const cancellation = {
        pspReference: "M1",
        originalReference: "P1",
        merchantAccountCode: "MerchantECOM",
        merchantReference: "order-1042",
        amount: { value: 1000, currency: "EUR" },
        eventCode: "CANCELLATION",
        eventDate: "1970-01-01T00:00:00Z",
        success: "true"
      }
      for (
        const change of [
          { success: true },
          { success: false },
          { merchantReference: 12345 },
          { pspReference: 8825, originalReference: 8824 },
          { merchantAccountCode: 5, amount: [] },
          { amount: "" },
          { amount: 5 }
        ]
      ) {
        const item = { ...cancellation, ...change }
        // An item has more than texts, or the library signs it in another way.
        const hmacSignature = validator.calculateHmac(JSON.parse(JSON.stringify({ ...item, additionalData: {} })), secret)
        const body = JSON.stringify({
          notificationItems: [{ NotificationRequestItem: { ...item, additionalData: { hmacSignature } } }]
        })
        assert.isTrue(theyAccept(body))
        assert.deepInclude(Either.getOrThrow(yield* weAccept(body)), {
          paymentId: String(item.originalReference),
          reference: Option.some(String(item.pspReference)),
          merchantReference: Option.some(String(item.merchantReference)),
          decision: String(item.success) === "true" ? "Cancelled" : "Declined"
        })
      }
    }))
})
