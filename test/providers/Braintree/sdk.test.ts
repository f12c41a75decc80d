/**
 * The same void, sent by Braintree's own library and by this one to one server that records it; and
 * the same answers, given to both.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it, layer } from "@effect/vitest"
import { BraintreeGateway, Environment, Transaction, ValidationErrorCodes, WebhookNotification } from "braintree"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Braintree } from "effect-payment-cancel"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"
import { decode } from "../../../src/providers/Braintree/xml.js"
import { facts } from "./facts.js"

const keys = { merchantId: "sdk_comparison", publicKey: "public-key", privateKey: "private-key" }

/** Braintree's library against the recording server: only its environment for development can be elsewhere. */
const official = Effect.map(Server, ({ origin }) => {
  const { hostname, port } = new URL(origin)
  Object.assign(Environment.Development, { server: hostname, port })
  return new BraintreeGateway({ environment: Environment.Development, ...keys }).transaction
})

const ours = Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
  Braintree.layer({
    ...keys,
    privateKey: Redacted.make(keys.privateKey),
    baseUrl: origin,
    policy: { attempts: 1, statusReads: 1, attemptTimeout: "1 second", backoff: { initial: 1, maximum: 1 } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)))

const promised = <A>(run: () => Promise<A>): Effect.Effect<A, unknown> => Effect.tryPromise({ try: run, catch: (error) => error })

/** Gives both the same answers, and says what each made of them and what it sent. */
const both = (...answers: ReadonlyArray<Prepared>) =>
  Effect.gen(function*() {
    const server = yield* Server
    const api = yield* official
    server.prepare(...answers)
    const theirs = yield* Effect.either(promised(() => api.void("br66hg")))
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(Braintree.cancel({ paymentId: "br66hg" }), ours))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

/** What must be the same on both sides. */
const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  authorization: headers["authorization"],
  version: headers["x-apiversion"],
  accept: headers["accept"],
  body
})

const xml = (status: number, body: string): Answer => ({
  status,
  headers: { "content-type": "application/xml; charset=utf-8" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`
})

/** With the marks of its framework, and with what a text cannot hold as it is. */
const transaction = (status: string, id = "br66hg") =>
  xml(200, `<transaction>
  <id>${id}</id>
  <status>${status}</status>
  <order-id>Tom &amp; J&#233;r&#xf4;me &lt;1042&gt;</order-id>
  <refund-id nil="true"/>
  <refund-ids type="array"/>
  <tax-exempt type="boolean">false</tax-exempt>
  <custom-fields>
  </custom-fields>
  <status-history type="array">
    <status-event>
      <timestamp type="datetime">2026-01-14T10:30:00Z</timestamp>
      <status>authorized</status>
      <user nil="true"/>
    </status-event>
    <status-event>
      <timestamp type="datetime">2026-01-14T10:31:00Z</timestamp>
      <status>${status}</status>
      <user nil="true"/>
    </status-event>
  </status-history>
</transaction>`)

const refused = (...codes: ReadonlyArray<string>) =>
  xml(422, `<api-error-response>
  <errors>
    <errors type="array"/>
    <transaction>
      <errors type="array">${codes.map((code) => `
        <error>
          <code>${code}</code>
          <attribute type="symbol">base</attribute>
          <message>In Braintree's words.</message>
        </error>`).join("")}
      </errors>
    </transaction>
  </errors>
  <message>In Braintree's words.</message>
</api-error-response>`)

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

/** Errors and successes are of many classes. */
const includes = (actual: object, expected: object) => assert.deepInclude(actual, expected)

layer(live, { excludeTestServices: true })("Braintree and its npm library", (it) => {
  it.effect("send the same", () =>
    Effect.gen(function*() {
      const { mine, myRequests, theirRequests, theirs } = yield* both(transaction("voided"))
      assert.lengthOf(theirRequests, 1)
      assert.deepStrictEqual(myRequests.map(essence), theirRequests.map(essence))
      assert.deepStrictEqual(essence(myRequests[0]!), {
        method: "PUT",
        path: "/merchants/sdk_comparison/transactions/br66hg/void",
        authorization: `Basic ${btoa("public-key:private-key")}`,
        version: "6",
        accept: "application/xml",
        body: ""
      })
      assert.strictEqual(myRequests[0]!.headers["accept-encoding"], "identity")
      assert.strictEqual(myRequests[0]!.headers["content-length"], "0")
      const found = Either.getOrThrow(theirs)
      assert.deepInclude(found, { success: true })
      const result = Either.getOrThrow(mine)
      assert(result._tag === "Cancelled" && found.transaction !== undefined)
      includes(result, { evidence: "Response", attempts: 1 })
      assert.strictEqual(found.transaction.status, "voided")
      assert.deepInclude(Option.getOrThrow(result.payload), { id: found.transaction.id, status: "voided" })
      assert.deepStrictEqual(
        Option.map(result.cancelledAt, DateTime.formatIso),
        Option.map(Option.fromNullable(found.transaction.statusHistory.at(-1)), ({ timestamp }) => new Date(timestamp).toISOString())
      )
    }))

  it.effect("ask for the status alike", () =>
    Effect.gen(function*() {
      const server = yield* Server
      const api = yield* official
      server.prepare(transaction("settling"))
      const theirs = yield* promised(() => api.find("br66hg"))
      const theirRequests = server.recorded()
      server.prepare(transaction("settling"))
      const mine = yield* Effect.provide(Braintree.status({ paymentId: "br66hg" }), ours)
      assert.deepStrictEqual(server.recorded().map(essence), theirRequests.map(essence))
      assert.strictEqual(mine.status, theirs.status)
      assert.deepStrictEqual(mine.standing, Option.some("Closed"))
    }))

  it.effect("read the same codes of a refusal", () =>
    Effect.gen(function*() {
      for (const codes of [["91504"], ["99999", "91504"], ["99999"], []]) {
        const { mine, theirs } = yield* both(refused(...codes), transaction("settled"))
        const result = Either.getOrThrow(theirs)
        assert.isFalse(result.success)
        assert.deepStrictEqual(result.errors?.deepErrors().map(({ code }) => code), codes)
        includes(left(mine), {
          _tag: codes.includes("91504") ? "Braintree.CannotBeVoided" : "Braintree.Unrecognized",
          code: codes.includes("91504") ? "91504" : codes[0] ?? null,
          outcome: "NotCancelled",
          paymentStatus: Option.some("settled")
        })
      }
    }))

  for (
    const [status, name, tag] of [
      [401, "authenticationError", "Braintree.Unauthorized"],
      [403, "authorizationError", "Braintree.Forbidden"],
      [404, "notFoundError", "Braintree.NotFound"],
      [408, "requestTimeoutError", "CancelError.UnexpectedResponse"],
      [426, "upgradeRequired", "Braintree.UpgradeRequired"],
      [429, "tooManyRequestsError", "Braintree.TooManyRequests"],
      [500, "serverError", "Braintree.ServerError"],
      [503, "serviceUnavailableError", "Braintree.ServiceUnavailable"],
      [504, "gatewayTimeoutError", "Braintree.GatewayTimeout"]
    ] as const
  ) {
    it.effect(`both name a ${status} after its status, whatever the body says`, () =>
      Effect.gen(function*() {
        for (const body of ["", "<html><body>no</body></html>"]) {
          const { mine, theirs } = yield* both({ status, body }, transaction("authorized"))
          includes(left(theirs) as Error, { name })
          includes(left(mine), { _tag: tag, code: null, httpStatus: Option.some(status) })
        }
      }))
  }

  // Samples that Braintree's own library makes, given as the answers to a void and a status query.
  for (const kind of ["transaction_disbursed", "transaction_settled", "transaction_settlement_declined"]) {
    it.effect(`both read the transaction of the sample ${kind}`, () =>
      Effect.gen(function*() {
        const { webhookNotification, webhookTesting } = new BraintreeGateway({ environment: Environment.Sandbox, ...keys })
        const { bt_payload, bt_signature } = webhookTesting.sampleNotification(kind, "br66hg")
        const sample = yield* promised(() => webhookNotification.parse(bt_signature, bt_payload))
        const [element = ""] = /<transaction>.*<\/transaction>/s.exec(Buffer.from(bt_payload, "base64").toString()) ?? []
        const server = yield* Server
        const api = yield* official
        const found = element.includes("<status>") ? element : element.replace("<id>", "<status>settled</status><id>")
        server.prepare(xml(200, found))
        const theirs = yield* promised(() => api.find("br66hg"))
        const mine = yield* Effect.provide(Braintree.status({ paymentId: "br66hg" }), ours)
        assert.strictEqual(sample.transaction?.id, "br66hg")
        assert.strictEqual(mine.status, theirs.status)
        assert.deepStrictEqual(mine.standing, Option.some("Closed"))
        const settled = yield* both(xml(200, found), xml(200, found))
        assert.deepInclude(Either.getOrThrow(settled.theirs), { success: true })
        includes(left(settled.mine), { _tag: "CancelError.NoLongerCancellable", outcome: "NotCancelled" })
      }))
  }

  it.effect("only this one finds out what became of a void whose answer was lost", () =>
    Effect.gen(function*() {
      const { mine, theirRequests, theirs } = yield* both("Lost", transaction("voided"))
      assert.lengthOf(theirRequests, 1)
      includes(left(theirs) as Error, { name: "unexpectedError" })
      includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery" })
    }))

  it.effect("only this one looks at which transaction it is that is voided", () =>
    Effect.gen(function*() {
      const { mine, theirs } = yield* both(transaction("voided", "another"), transaction("authorized"))
      includes(Either.getOrThrow(theirs), { success: true })
      includes(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown", paymentStatus: Option.some("authorized") })
    }))
})

describe("Braintree's npm library", () => {
  it("knows the code, the hosts and the statuses as they are here", () => {
    assert.strictEqual(ValidationErrorCodes.Transaction.CannotBeVoided, Braintree.CannotBeVoided.declared.row.code)
    assert.strictEqual(`https://${Environment.Production.server}`, Braintree.hosts.production)
    assert.strictEqual(`https://${Environment.Sandbox.server}`, Braintree.hosts.sandbox)
    // Nothing says what a confirmed settlement is, so it proves nothing.
    assert.sameMembers(Transaction.Status.All().filter((status) => status !== "settlement_confirmed"), Object.keys(facts.standings))
  })

  it("writes no sample of XML that is not understood here", () => {
    const { webhookTesting } = new BraintreeGateway({ environment: Environment.Sandbox, ...keys })
    for (const kind of Object.values(WebhookNotification.Kind)) {
      const { bt_payload } = webhookTesting.sampleNotification(kind, "br66hg")
      const document = Buffer.from(bt_payload, "base64").toString()
      assert.isTrue(Option.isSome(decode(document)), document)
    }
  })

  it("knows no webhook about a void", () => {
    const about = Object.values(WebhookNotification.Kind).filter((kind) => kind.startsWith("transaction_"))
    assert.sameMembers(about, [
      "transaction_disbursed",
      "transaction_retried",
      "transaction_reviewed",
      "transaction_settled",
      "transaction_settlement_declined"
    ])
  })
})
