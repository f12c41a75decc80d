import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { XMLParser, XMLValidator } from "fast-xml-parser"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { Braintree } = Emulators

const createdAt = 1_768_386_600_000
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof Braintree.make>["create"]>[0]

type Parsed = { readonly [name: string]: Parsed } & { readonly [index: number]: Parsed } & string

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@", parseTagValue: false, ignoreDeclaration: true, htmlEntities: true })

const parse = (reply: Emulator.Reply): Parsed => {
  assert.isTrue(reply.body.startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
  assert.isTrue(XMLValidator.validate(reply.body) === true)
  return parser.parse(reply.body) as Parsed
}

const withHeaders = (request: Emulator.Request, headers: Record<string, string | undefined>): Emulator.Request => ({
  ...request,
  headers: { ...request.headers, ...headers }
})

const setup = (options: Create = {}) => {
  const emulator = Braintree.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: Braintree.requests.cancel(id), status: Braintree.requests.status!(id) }
}

const refusal = (reply: Emulator.Reply) => {
  const { errors } = parse(reply)["api-error-response"]!
  const { error } = errors!["transaction"]!["errors"]!
  return [reply.status, String(error!["code"])]
}

describe("Braintree emulator", () => {
  it("answers a void with the transaction, and its history", () => {
    const { cancel, emulator, id } = setup({ amount: "12.50" })
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.status, 200)
    assert.strictEqual(reply.headers["content-type"], "application/xml; charset=utf-8")
    const { transaction } = parse(reply)
    assert.deepInclude(transaction as object, {
      id,
      status: "voided",
      type: "sale",
      amount: "12.50",
      "currency-iso-code": "USD",
      "order-id": { "@nil": "true" },
      "created-at": { "#text": "2026-01-14T10:30:00Z", "@type": "datetime" },
      "updated-at": { "#text": "2026-01-14T10:35:00Z", "@type": "datetime" },
      "refund-ids": { "@type": "array" }
    })
    const history = transaction!["status-history"]!
    assert.strictEqual(history["@type"], "array")
    assert.deepStrictEqual([0, 1].map((nth) => history["status-event"]![nth]!["status"]), ["authorized", "voided"] as never)
    assert.deepStrictEqual(emulator.payment(id, at)!.history, [
      { at: createdAt, from: null, to: "authorized", by: "Create", requestIndex: null },
      { at, from: "authorized", to: "voided", by: "Cancel", requestIndex: 7 }
    ])
  })

  for (
    const status of [
      "authorizing", "settlement_pending", "voided", "authorization_expired", "processor_declined", "gateway_rejected", "failed", "settling", "settled",
      "settlement_declined"
    ] as const
  ) {
    it(`reads a transaction that is ${status}, and does not void it`, () => {
      const { cancel, emulator, id, status: query } = setup({ status })
      const read = emulator.handle(query, { at })
      assert.isFalse(read.applied)
      assert.deepInclude(parse(read.reply)["transaction"] as object, { id, status })
      const { applied, reply } = emulator.handle(cancel, { at })
      assert.isFalse(applied)
      assert.deepStrictEqual(refusal(reply), [422, "91504"])
      assert.match(parse(reply)["api-error-response"]!["message"]!, /^Transaction can only be voided if/)
      assert.strictEqual(emulator.payment(id, at)!.status, status)
    })
  }

  it("voids what is submitted for settlement, and with PayPal what is pending", () => {
    for (const options of [{ status: "submitted_for_settlement" }, { status: "settlement_pending", instrument: "paypal_account" }] as const) {
      const { cancel, emulator, id } = setup(options)
      assert.isTrue(emulator.handle(cancel, { at }).applied)
      assert.strictEqual(emulator.payment(id, at)!.status, "voided")
    }
  })

  it("voids once: there is no key", () => {
    const { cancel, emulator } = setup()
    const keyed = withHeaders(cancel, { "idempotency-key": "k" })
    assert.isTrue(emulator.handle(keyed, { at }).applied)
    assert.deepStrictEqual(refusal(emulator.handle(keyed, { at }).reply), [422, "91504"])
  })

  it("lets an authorization lapse, and never what is no longer authorized", () => {
    const left = setup({ expiresIn: "3 days" })
    const lapses = createdAt + Duration.toMillis("3 days")
    assert.strictEqual(left.emulator.payment(left.id, lapses - 1)!.status, "authorized")
    assert.deepInclude(left.emulator.payment(left.id, lapses)!.history.at(-1)!, { to: "authorization_expired", by: "Expiry" })
    assert.deepStrictEqual(refusal(left.emulator.handle(left.cancel, { at: lapses }).reply), [422, "91504"])
    const submitted = setup({ expiresIn: "3 days" })
    assert.strictEqual(submitted.emulator.move(submitted.id, "submitted_for_settlement", at)._tag, "Right")
    assert.strictEqual(submitted.emulator.payment(submitted.id, lapses)!.status, "submitted_for_settlement")
  })

  it("moves only along its state machine, unless forced", () => {
    const { emulator, id } = setup()
    assert.strictEqual(emulator.move(id, "submitted_for_settlement", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "settling", at)._tag, "Right")
    for (const status of ["voided", "authorized", "settlement_pending"]) assert.strictEqual(emulator.move(id, status, at)._tag, "Left")
    assert.strictEqual(emulator.move(id, "settled", at)._tag, "Right")
    assert.strictEqual(emulator.move(id, "voided", at, { force: true })._tag, "Right")
    assert.strictEqual(emulator.move("nobody", "voided", at)._tag, "Left")
  })

  it("authenticates before it looks at anything else, and says no word", () => {
    const { cancel, emulator, status } = setup()
    const { privateKey, publicKey } = Braintree.credentials
    const wrong = [undefined, "Basic", privateKey, `Bearer ${privateKey}`, `Basic ${btoa(`${publicKey}:wrong`)}`, `Basic ${btoa(`x:${privateKey}`)}`]
    for (const request of [cancel, status, Braintree.requests.cancel("unknown")]) {
      for (const authorization of wrong) {
        const { applied, reply } = emulator.handle(withHeaders(request, { authorization, "x-apiversion": undefined }), { at })
        assert.deepStrictEqual([applied, reply], [false, { status: 401, headers: {}, body: "" }])
      }
    }
    assert.strictEqual(emulator.handle(Braintree.requests.wrongCredential("unknown"), { at }).reply.status, 401)
    assert.strictEqual(emulator.handle(status, { at }).reply.status, 200)
  })

  it("takes the versions of its API that there are, and no request without one", () => {
    const { emulator, status } = setup()
    for (const [version, expected] of [["6", 200], ["3", 200], ["7", 426], ["", 426], [undefined, 426]] as const) {
      assert.strictEqual(emulator.handle(withHeaders(status, { "x-apiversion": version }), { at }).reply.status, expected)
    }
  })

  it("does not know other transactions, nor other routes", () => {
    const { emulator } = setup()
    for (const request of [Braintree.requests.cancel, Braintree.requests.status!]) {
      assert.deepStrictEqual(emulator.handle(request("nobody"), { at }).reply, { status: 404, headers: {}, body: "" })
    }
    for (
      const path of [
        "/merchants/m/transactions", "/merchants//transactions/x/void", "/merchants/m/transactions//void", "/merchants/m/transactions/x/refund",
        "/merchants/m/transactions/x/void/y", "/merchants/m/customers/x/void", "/transactions/x/void", "/merchants/m/transactions/%zz/void", "/"
      ]
    ) {
      const { reply } = emulator.handle({ ...Braintree.requests.cancel("x"), path }, { at })
      assert.deepStrictEqual([reply.status, reply.body], [404, "Not Found"])
    }
    assert.strictEqual(emulator.handle({ ...Braintree.requests.cancel("x"), method: "POST" }, { at }).reply.body, "Not Found")
  })

  it("escapes what a text cannot hold", () => {
    const emulator = Braintree.make()
    const id = emulator.create({ id: "a<b>&\"c'\r" }, at)
    const { reply } = emulator.handle(Braintree.requests.status!(id), { at })
    assert.include(reply.body, "<id>a&lt;b&gt;&amp;&quot;c&apos;&#13;</id>")
  })

  it("fails by itself before or after it has voided", () => {
    for (const crash of ["BeforeApplying", "AfterApplying"] as const) {
      const { cancel, emulator, id } = setup()
      const { applied, reply } = emulator.handle(cancel, { at, crash })
      assert.strictEqual(applied, crash === "AfterApplying")
      assert.deepStrictEqual([reply.status, reply.body], [500, ""])
      assert.strictEqual(emulator.payment(id, at)!.status, applied ? "voided" : "authorized")
    }
  })

  it("words any error as Braintree does, and one without a code not at all", () => {
    const { emulator } = setup()
    const reply = emulator.error("12345", 418)
    assert.deepStrictEqual(refusal(reply), [418, "12345"])
    assert.deepStrictEqual(emulator.error("", 429), { status: 429, headers: {}, body: "" })
  })

  it("starts afresh after a reset, and refuses an id that is taken and a status it does not know", () => {
    const { cancel, emulator, id } = setup()
    assert.throws(() => emulator.create({ id }, at))
    const untyped: Emulator.Emulator = emulator
    assert.throws(() => untyped.create({ status: "canceled" }, at))
    emulator.reset()
    assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 404)
    assert.strictEqual(emulator.create({}, at), id)
  })
})
