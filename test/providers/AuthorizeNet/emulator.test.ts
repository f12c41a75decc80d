import { assert, describe, it } from "@effect/vitest"
import { createHmac } from "node:crypto"
import * as Effect from "effect/Effect"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"

const { AuthorizeNet } = Emulators

const at = 1_600_000_000_000

interface Answer {
  readonly refId?: string
  readonly messages: { readonly resultCode: string; readonly message: ReadonlyArray<{ readonly code: string }> }
  readonly transaction?: { readonly transId: string; readonly transactionStatus: string }
  readonly transactionResponse?: {
    readonly responseCode: string
    readonly transId: string
    readonly refTransID: string
    readonly messages?: ReadonlyArray<{ readonly code: string }>
    readonly errors?: ReadonlyArray<{ readonly errorCode: string }>
  }
}

/** Every answer is a 200 with a byte order mark. */
const parse = ({ body, headers, status }: Emulator.Reply): Answer => {
  assert.strictEqual(status, 200)
  assert.strictEqual(headers["content-type"], "application/json; charset=utf-8")
  assert.strictEqual(body.charCodeAt(0), 0xfeff)
  return JSON.parse(body.slice(1)) as Answer
}

const setup = (options: Parameters<ReturnType<typeof AuthorizeNet.make>["create"]>[0] = {}) => {
  const emulator = AuthorizeNet.make()
  const id = emulator.create(options, at)
  const handle = (request: Emulator.Request, when = at) => emulator.handle(request, { at: when, requestIndex: 7 })
  return { emulator, id, cancel: AuthorizeNet.requests.cancel(id), read: AuthorizeNet.requests.status!(id), handle }
}

const withBody = (request: Emulator.Request, body: unknown): Emulator.Request => ({ ...request, body: JSON.stringify(body) })

const merchantAuthentication = { name: AuthorizeNet.credentials.apiLoginId, transactionKey: AuthorizeNet.credentials.transactionKey }

/** The code of an answer about the request. */
const codeOf = (reply: Emulator.Reply) => {
  const { messages: { message: [first], resultCode } } = parse(reply)
  return [resultCode, first?.code]
}

describe("Authorize.net emulator", () => {
  it("approves a void, and shows it", () => {
    const { emulator, handle, id, cancel, read } = setup()
    assert.deepInclude(parse(handle(read).reply).transaction!, { transId: id, transactionStatus: "authorizedPendingCapture" })
    const { applied, reply } = handle(cancel)
    assert.isTrue(applied)
    assert.deepInclude(parse(reply).transactionResponse!, { responseCode: "1", transId: id, refTransID: id })
    assert.deepStrictEqual(parse(reply).transactionResponse!.messages!.map(({ code }) => code), ["1"])
    assert.deepStrictEqual(codeOf(reply), ["Ok", "I00001"])
    assert.deepStrictEqual(emulator.payment(id, at)!.history.slice(1), [
      { at, from: "authorizedPendingCapture", to: "voided", by: "Cancel", requestIndex: 7 }
    ])
    assert.deepInclude(parse(handle(read).reply).transaction!, { transactionStatus: "voided" })
  })

  it("approves a second void with code 310, and does nothing", () => {
    const { cancel, handle, id } = setup({ status: "voided" })
    const { applied, reply } = handle(cancel)
    assert.isFalse(applied)
    assert.deepInclude(parse(reply).transactionResponse!, { responseCode: "1", transId: "0", refTransID: id })
    assert.deepStrictEqual(parse(reply).transactionResponse!.messages!.map(({ code }) => code), ["310"])
    assert.deepStrictEqual(codeOf(reply), ["Ok", "I00001"])
  })

  it("voids whatever is not settled, and finds nothing else", () => {
    const voidable = [
      "authorizedPendingCapture", "capturedPendingSettlement", "authorizedPendingRelease", "FDSPendingReview",
      "FDSAuthorizedPendingReview", "underReview", "approvedReview", "couldNotVoid", "settlementError", "pendingSettlement",
      "pendingFinalSettlement", "updatingSettlement", "refundPendingSettlement"
    ]
    for (const status of AuthorizeNet.statuses.filter((each) => each !== "voided")) {
      const { cancel, emulator, handle, id } = setup()
      emulator.move(id, status, at, { force: true })
      const { applied, reply } = handle(cancel)
      assert.strictEqual(applied, voidable.includes(status), status)
      if (applied) continue
      assert.deepInclude(parse(reply).transactionResponse!, { responseCode: "3", transId: "0", refTransID: id })
      assert.deepStrictEqual(parse(reply).transactionResponse!.errors!.map(({ errorCode }) => errorCode), ["16"])
      assert.deepStrictEqual(codeOf(reply), ["Error", "E00027"])
    }
  })

  it("knows no other transaction", () => {
    const { handle } = setup()
    assert.deepStrictEqual(codeOf(handle(AuthorizeNet.requests.cancel("1")).reply), ["Error", "E00027"])
    assert.deepStrictEqual(codeOf(handle(AuthorizeNet.requests.status!("1")).reply), ["Error", "E00040"])
  })

  it("echoes the reference, and makes nothing of it: the same request again is another one", () => {
    const { cancel, handle, id } = setup()
    const request = withBody(cancel, {
      createTransactionRequest: {
        merchantAuthentication,
        refId: "my-reference",
        transactionRequest: { transactionType: "voidTransaction", refTransId: id }
      }
    })
    assert.strictEqual(parse(handle(request).reply).refId, "my-reference")
    assert.deepStrictEqual(parse(handle(request).reply).transactionResponse!.messages!.map(({ code }) => code), ["310"])
    assert.isUndefined(parse(handle(cancel).reply).refId)
  })

  it("takes the fields in the order of the schema, and no others", () => {
    const { cancel, handle, id } = setup()
    const transactionRequest = { transactionType: "voidTransaction", refTransId: id }
    for (
      const [code, asked] of [
        ["E00003", { refId: "r", merchantAuthentication, transactionRequest }],
        ["E00003", { merchantAuthentication, transactionRequest, refId: "r" }],
        ["E00003", { merchantAuthentication, transactionRequest, idempotencyKey: "k" }],
        ["E00003", { merchantAuthentication, transactionRequest: { refTransId: id, transactionType: "voidTransaction" } }],
        ["E00003", { merchantAuthentication: { transactionKey: "k", name: "n" }, transactionRequest }],
        ["E00015", { merchantAuthentication, refId: "r".repeat(21), transactionRequest }],
        ["E00007", { merchantAuthentication: { ...merchantAuthentication, name: "other" }, transactionRequest }],
        ["E00013", { merchantAuthentication, transactionRequest: { ...transactionRequest, transactionType: "refundTransaction" } }],
        ["E00013", { merchantAuthentication, transactionRequest: { ...transactionRequest, refTransId: "pay_1" } }]
      ] as const
    ) {
      const { applied, reply } = handle(withBody(cancel, { createTransactionRequest: asked }))
      assert.deepStrictEqual([applied, ...codeOf(reply)], [false, "Error", code])
    }
    const clientId = { createTransactionRequest: { merchantAuthentication, clientId: "sdk", transactionRequest } }
    assert.isTrue(handle(withBody(cancel, clientId)).applied)
  })

  it("authenticates", () => {
    const { handle, id } = setup()
    assert.deepStrictEqual(codeOf(handle(AuthorizeNet.requests.wrongCredential(id)).reply), ["Error", "E00007"])
  })

  it("has one address", () => {
    const { cancel, handle, read } = setup()
    for (const request of [{ ...cancel, path: "/xml/v1" }, { ...cancel, method: "GET" }, { ...read, body: "{}" }, { ...read, body: "[" }]) {
      assert.strictEqual(handle(request).reply.status, 404)
    }
  })

  it("is captured, settled, or lapses by itself", () => {
    for (
      const [options, status] of [
        [{ captureIn: "1 second" }, "capturedPendingSettlement"],
        [{ status: "capturedPendingSettlement", settleIn: "1 second" }, "settledSuccessfully"],
        [{ settleIn: "1 second" }, "settledSuccessfully"],
        [{ expiresIn: "1 second" }, "expired"]
      ] as const
    ) {
      const { handle, read } = setup(options)
      assert.strictEqual(parse(handle(read, at + 1_000).reply).transaction!.transactionStatus, status)
    }
  })

  it("tells of a void and of a capture, signed with the text of its key", () => {
    const { cancel, emulator, handle, id } = setup()
    emulator.move(id, "capturedPendingSettlement", at)
    handle(cancel, at + 5)
    const [capture, voided, ...more] = emulator.events(at + 10)
    assert.deepStrictEqual(more, [])
    assert.deepInclude(capture!.payload, { eventType: "net.authorize.payment.priorAuthCapture.created" })
    assert.deepInclude(voided!, { at: at + 5, paymentId: id })
    assert.deepInclude(voided!.payload, { eventType: "net.authorize.payment.void.created", eventDate: "2020-09-13T12:26:40.0050000Z" })
    assert.deepInclude(voided!.payload["payload"] as object, { responseCode: 1, entityName: "transaction", id })
    const { secret, sign } = AuthorizeNet.webhook!
    return Effect.runPromise(sign(voided!, at, secret)).then((signed) => {
      assert.strictEqual(signed.headers["x-anet-signature"], `sha512=${createHmac("sha512", secret).update(signed.body).digest("hex").toUpperCase()}`)
    })
  })

  it("gives any error with 200, in the form of its kind", () => {
    const { emulator } = setup()
    assert.deepStrictEqual(codeOf(emulator.error("E00104", 503)), ["Error", "E00104"])
    assert.strictEqual(parse(emulator.error("35", 400)).transactionResponse!.errors![0]!.errorCode, "35")
  })

  it("is distorted where it says something of a transaction, and nowhere else", () => {
    const { cancel, handle, read } = setup()
    const error = parse(handle(AuthorizeNet.requests.cancel("1")).reply)
    const refused = parse(handle(AuthorizeNet.requests.status!("1")).reply)
    const shown = parse(handle(read).reply)
    const approved = parse(handle(cancel).reply)
    const { paymentId, status } = AuthorizeNet.distort
    for (const change of [paymentId, status]) {
      for (const body of [error, refused]) assert.deepStrictEqual<object>(change(body as never), body)
      for (const body of [shown, approved]) assert.notDeepEqual<object>(change(body as never), body)
    }
  })
})
