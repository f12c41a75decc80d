/** What only Authorize.net does: one address, always 200, an approval in place of a status, and codes beside approvals. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { AuthorizeNet } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

const paymentId = "60198731341"
const other = "60198731342"
const apiLoginId = "login-of-a-merchant"
const transactionKey = "transaction-key-of-a-merchant"

type Json = { readonly [name: string]: unknown }

const ok = { resultCode: "Ok", message: [{ code: "I00001", text: "Successful." }] }
const error = (code: string, text = "No.") => ({ resultCode: "Error", message: [{ code, text }] })
const unsuccessful = error("E00027", "The transaction was unsuccessful.")

const response = (more: Json = {}): Json => ({
  responseCode: "1",
  authCode: "GYEB3",
  avsResultCode: "P",
  cvvResultCode: "",
  cavvResultCode: "",
  transId: paymentId,
  refTransID: paymentId,
  transHash: "",
  testRequest: "0",
  accountNumber: "XXXX1111",
  accountType: "Visa",
  messages: [{ code: "1", description: "This transaction has been approved." }],
  ...more
})

const approved = (more: Json = {}, messages: Json = ok, refId = paymentId): Json => ({
  transactionResponse: response(more),
  refId,
  messages
})

const alreadyVoided = (more: Json = {}): Json =>
  approved({ transId: "0", messages: [{ code: "310", description: "This transaction has already been voided." }], ...more })

const failed = (code: string, more: Json = {}): Json =>
  approved(
    { responseCode: "3", transId: "0", messages: undefined, errors: [{ errorCode: code, errorText: "Words." }], ...more },
    unsuccessful
  )

const transaction = (transactionStatus: string, transId = paymentId, refId = paymentId): Json => ({
  transaction: { transId, transactionStatus, responseCode: 1 },
  refId,
  messages: ok
})

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** A client whose answers are these, one after the other, the last one again and again; and what was sent to it. */
const answering = (...answers: ReadonlyArray<Json | string>) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const answer = answers[Math.min(sent.length, answers.length - 1)] ?? {}
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      sent.push({ url: request.url, method: request.method, headers: request.headers, body })
      const text = typeof answer === "string" ? answer : `\uFEFF${JSON.stringify(answer)}`
      return HttpClientResponse.fromWeb(request, new Response(text, { headers: { "content-type": "application/json; charset=utf-8" } }))
    }))
  return { sent, client: Layer.succeed(HttpClient.HttpClient, client) }
}

const policy = { attempts: 1, statusReads: 1, backoff: { initial: 1, maximum: 1 } } as const

const cancelled = (...answers: ReadonlyArray<Json | string>) => {
  const { client, sent } = answering(...answers)
  return AuthorizeNet.cancel({ paymentId, idempotencyKey: "key-1" }).pipe(
    Effect.merge,
    Effect.provide(
      AuthorizeNet.layer({ apiLoginId, transactionKey: Redacted.make(transactionKey), environment: "sandbox", policy }).pipe(
        Layer.provide(client)
      )
    ),
    Effect.map((result) => ({ result, sent }))
  )
}

/** What the caller is told where every status query says this. */
const told = (answer: Json | string, status = "authorizedPendingCapture") =>
  Effect.map(cancelled(answer, transaction(status)), ({ result }) =>
    "outcome" in result ? `${result._tag}, ${result.outcome}` : `${result._tag}, ${result.evidence}`)

const unexpected = "CancelError.UnexpectedResponse, Unknown"

describe("AuthorizeNet.cancel", () => {
  it.live("sends one request, in the order of the schema, and nothing but what a void needs", () =>
    Effect.gen(function*() {
      const { result, sent: [request, ...more] } = yield* cancelled(approved())
      assert.deepStrictEqual(more, [])
      assert.deepInclude(request!, { url: AuthorizeNet.hosts.sandbox, method: "POST" })
      assert.strictEqual(
        request!.body,
        `{"createTransactionRequest":{"merchantAuthentication":{"name":"${apiLoginId}","transactionKey":"${transactionKey}"},` +
          `"refId":"${paymentId}","transactionRequest":{"transactionType":"voidTransaction","refTransId":"${paymentId}"}}}`
      )
      assert.deepInclude(result, { _tag: "Cancelled", evidence: "Response", paymentId, attempts: 1 })
      assert.deepStrictEqual("payload" in result ? result.payload : null, Option.some({
        transId: paymentId,
        responseCode: "1",
        refTransID: Option.some(paymentId),
        authCode: Option.some("GYEB3"),
        networkTransId: Option.none()
      }))
      const schema = Schema.parseJson(AuthorizeNet.Cancellation)
      const json = Schema.encodeUnknownSync(schema)(result)
      assert.deepStrictEqual<unknown>(Schema.decodeSync(schema)(json), result)
      assert.notInclude(json, "XXXX1111", "the card is nobody's business")
    }))

  it.live("asks for the status in the order of the schema too", () =>
    Effect.gen(function*() {
      const { client, sent } = answering(transaction("capturedPendingSettlement"))
      const status = yield* AuthorizeNet.status({ paymentId }).pipe(Effect.provide(
        AuthorizeNet.layer({ apiLoginId, transactionKey: Redacted.make(transactionKey), environment: "production" }).pipe(Layer.provide(client))
      ))
      assert.deepInclude<object>(status, { status: "capturedPendingSettlement", standing: Option.some("Cancellable") })
      assert.deepInclude(sent[0]!, { url: "https://api.authorize.net/xml/v1/request.api", method: "POST" })
      assert.strictEqual(
        sent[0]!.body,
        `{"getTransactionDetailsRequest":{"merchantAuthentication":{"name":"${apiLoginId}","transactionKey":"${transactionKey}"},` +
          `"refId":"${paymentId}","transId":"${paymentId}"}}`
      )
    }))

  describe("an approval", () => {
    const cases: ReadonlyArray<readonly [name: string, answer: Json, told: string]> = [
      ["is a proof", approved(), "Cancelled, Response"],
      ["needs no more than its own code, the id, and that all is well", {
        transactionResponse: { responseCode: "1", transId: paymentId },
        messages: { resultCode: "Ok" }
      }, "Cancelled, Response"],
      ["of another transaction", approved({ transId: other, refTransID: other }), unexpected],
      ["with another transaction referenced", approved({ refTransID: other }), unexpected],
      ["that echoes another reference", approved({}, ok, other), unexpected],
      ["without an id", approved({ transId: undefined }), unexpected],
      ["with the id of nothing", approved({ transId: "0" }), unexpected],
      ["in test mode, where nothing happens", approved({ testRequest: "1" }), unexpected],
      ["that is a decline", approved({ responseCode: "2" }), unexpected],
      ["that is held for review", approved({ responseCode: "4" }), unexpected],
      ["as a number, which is another type", approved({ responseCode: 1 }), unexpected],
      ["with a message that nobody has listed", approved({ messages: [{ code: "999" }] }), unexpected],
      ["of which the rest says nothing", approved({}, {}), unexpected],
      // A client id was refused so, and the void was carried out all the same.
      ["beside a refusal of the request", approved({}, error("E00013", "The element 'clientId' is invalid.")), unexpected],
      ["beside wrong credentials", approved({}, error("E00007")), unexpected],
      ["beside an error of the transaction", approved({ errors: [{ errorCode: "16" }] }), unexpected],
      // What speaks against it does so in another type, too.
      ["with another transaction referenced by a number", approved({ refTransID: Number(other) }), unexpected],
      ["that echoes another reference as a number", { ...approved(), refId: Number(other) }, unexpected],
      ["in test mode, by a number", approved({ testRequest: 1 }), unexpected],
      ["beside an error whose code is a number", approved({ errors: [{ errorCode: 16 }] }), unexpected],
      ["beside a single error", approved({ errors: { errorCode: "16" } }), unexpected],
      ["as a number, beside a refusal of the request", approved({ responseCode: 1 }, error("E00013")), unexpected],
      ["in test mode, by a boolean", approved({ testRequest: true }), unexpected],
      ["that says that it is no test", approved({ testRequest: false }), "Cancelled, Response"],
      ["beside an error of the request, although all is said to be well", approved({}, { ...ok, ...error("E00013"), resultCode: "Ok" }), unexpected],
      ["beside an error without a code", approved({ errors: [{ errorText: "declined" }] }), unexpected],
      ["beside an error that is a text", approved({ errors: "declined" }), unexpected],
      ["beside an error in a list within", approved({ errors: { error: [{ errorCode: "16" }] } }), unexpected],
      ["beside no errors", approved({ errors: [] }), "Cancelled, Response"],
      ["beside a message of the request without a code", approved({}, { ...ok, message: [{ text: "An error." }] }), unexpected],
      ["beside a message of the request whose code cannot be read", approved({}, { ...ok, message: [{ code: ["E00013"] }] }), unexpected],
      ["beside a message of the request that is a text", approved({}, { ...ok, message: "E00013" }), unexpected],
      ["with a reference that cannot be read", approved({ refTransID: [other] }), unexpected],
      ["that echoes a reference that cannot be read", { ...approved(), refId: { of: other } }, unexpected],
      ["with a message whose code cannot be read", approved({ messages: { message: { code: "E00027" } } }), unexpected]
    ]
    for (const [name, answer, expected] of cases) {
      it.live(name, () => Effect.map(told(answer), (seen) => assert.strictEqual(seen, expected)))
    }
    it.live("that is none is settled by the status", () =>
      Effect.gen(function*() {
        const contradictory = approved({}, error("E00013"))
        assert.strictEqual(yield* told(contradictory, "voided"), "Cancelled, StatusQuery")
        assert.strictEqual(yield* told(contradictory, "settledSuccessfully"), "CancelError.NoLongerCancellable, NotCancelled")
        const { result } = yield* cancelled(contradictory, transaction("authorizedPendingCapture"))
        assert.deepInclude(result, { code: "E00013", httpStatus: Option.some(200), paymentStatus: Option.some("authorizedPendingCapture") })
      }))
  })

  it.live("a status beside an error proves nothing", () =>
    Effect.gen(function*() {
      const voided = transaction("voided")
      const tagWith = (status: Json) => Effect.map(cancelled(failed("16"), status), ({ result }) => result._tag)
      assert.strictEqual(yield* tagWith(voided), "AlreadyCancelled")
      const unread = yield* tagWith({})
      assert.match(unread, /^AuthorizeNet\./)
      for (
        const beside of [
          { messages: { ...ok, message: [{ code: "E00040" }] } },
          { messages: { ...ok, message: [{ text: "An error." }] } },
          { transactionResponse: { errors: [{ errorText: "declined" }] } },
          { transactionResponse: { errors: "declined" } }
        ]
      ) {
        assert.strictEqual(yield* tagWith({ ...voided, ...beside }), unread, JSON.stringify(beside))
      }
    }))

  describe("voided before", () => {
    it.live("is approved with code 310, and was not done by this call", () =>
      Effect.gen(function*() {
        const { result, sent } = yield* cancelled(alreadyVoided())
        assert.deepInclude(result, { _tag: "AlreadyCancelled", evidence: "StatusQuery", attempts: 1 })
        assert.lengthOf(sent, 1)
      }))
    it.live("of another transaction is none", () =>
      Effect.gen(function*() {
        for (const answer of [alreadyVoided({ refTransID: other }), { ...alreadyVoided(), refId: other }, alreadyVoided({ transId: other })]) {
          assert.strictEqual(yield* told(answer), unexpected)
        }
      }))
    it.live("without an approval, or beside what cannot be read, is none", () =>
      Effect.gen(function*() {
        const answers: ReadonlyArray<Json> = [
          { messages: error("310") },
          failed("310"),
          alreadyVoided({ responseCode: "3" }),
          alreadyVoided({ responseCode: undefined }),
          alreadyVoided({ messages: [{ code: "310" }, { description: "?" }] }),
          { ...alreadyVoided(), messages: { ...ok, message: [{ text: "An error." }] } }
        ]
        for (const answer of answers) {
          assert.strictEqual(yield* told(answer), unexpected)
          assert.strictEqual(yield* told(answer, "settledSuccessfully"), "CancelError.NoLongerCancellable, NotCancelled")
        }
      }))
    it.live("in test mode, or beside a code that nobody has listed, proves nothing: the status does", () =>
      Effect.gen(function*() {
        for (const answer of [
          alreadyVoided({ testRequest: "1" }),
          alreadyVoided({ messages: [{ code: "310" }, { code: "4242" }] })
        ]) {
          assert.strictEqual(yield* told(answer), unexpected)
          assert.strictEqual(yield* told(answer, "voided"), "Cancelled, StatusQuery")
        }
      }))
  })

  describe("a refusal", () => {
    it.live("has the code about the transaction, and not the one that only says that there is one", () =>
      Effect.gen(function*() {
        const { result } = yield* cancelled(failed("16"), transaction("settledSuccessfully"))
        assert.deepInclude(result, {
          _tag: "AuthorizeNet.TransactionNotFound",
          code: "16",
          outcome: "NotCancelled",
          category: "NotFound",
          httpStatus: Option.some(200),
          paymentStatus: Option.some("settledSuccessfully")
        })
        if (!("history" in result)) return assert.fail(result._tag)
        assert.include(result.message, "Words.")
        assert.include(result.history[0]?.explanation, "HTTP 200 (it stands for 404) with code 16")
        assert.deepStrictEqual(result.details, Option.some({ codes: ["16"] }))
      }))
    it.live("about another transaction refuses nothing", () =>
      Effect.gen(function*() {
        for (const answer of [failed("16", { refTransID: other }), { ...failed("16"), refId: other }, { refId: other, messages: error("E00007") }]) {
          assert.strictEqual(yield* told(answer), unexpected)
        }
      }))
    const cases: ReadonlyArray<readonly [name: string, answer: Json, told: string]> = [
      ["of the credentials", { messages: error("E00007") }, "AuthorizeNet.AuthenticationFailed, NotCancelled"],
      ["with nothing but E00027 says too little", { messages: unsuccessful }, "AuthorizeNet.TransactionUnsuccessful, Unknown"],
      ["with E00027 and a code that nobody has listed", failed("4242"), unexpected],
      ["with a code that leaves it open", failed("19"), "AuthorizeNet.ProcessorNotResponding, Unknown"],
      ["with several codes, one of which leaves it open", failed("16", { errors: [{ errorCode: "16" }, { errorCode: "20" }] }), "AuthorizeNet.ProcessingError20, Unknown"],
      ["with several codes, one of which nobody has listed", failed("16", { errors: [{ errorCode: "16" }, { errorCode: "25" }] }), unexpected],
      ["of the request, beside a code that nobody has listed", {
        messages: { resultCode: "Error", message: [{ code: "E00003", text: "No." }, { code: "E09999", text: "?" }] }
      }, unexpected],
      ["of a server in maintenance, which has carried requests out", { messages: error("E00104") }, "AuthorizeNet.ServerInMaintenance, Unknown"],
      ["whose only message is no list", { messages: { resultCode: "Error", message: { code: "E00007" } } }, "AuthorizeNet.AuthenticationFailed, NotCancelled"],
      ["about another transaction, by a number", { ...failed("16"), refId: Number(other) }, unexpected],
      ["without any code", { messages: { resultCode: "Error" } }, unexpected]
    ]
    for (const [name, answer, expected] of cases) {
      it.live(name, () => Effect.map(told(answer), (seen) => assert.strictEqual(seen, expected)))
    }
    it.live("is read back, where it may be about the transaction", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* told(failed("16"), "voided"), "AlreadyCancelled, StatusQuery")
        assert.strictEqual(yield* told({ messages: error("E00013") }, "voided"), "AlreadyCancelled, StatusQuery")
      }))
  })

  it.live("is not sent again after a lost answer, whatever the policy allows", () =>
    Effect.gen(function*() {
      for (const [status, expected] of [["voided", "Cancelled"], ["authorizedPendingCapture", "CancelError.NoResponse"]] as const) {
        const sent: Array<string> = []
        const client = HttpClient.make((request) =>
          Effect.suspend(() => {
            const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
            sent.push(body)
            return body.includes("voidTransaction")
              ? Effect.never
              : Effect.succeed(HttpClientResponse.fromWeb(request, new Response(JSON.stringify(transaction(status)))))
          }))
        const result = yield* AuthorizeNet.cancel({ paymentId }).pipe(
          Effect.merge,
          Effect.provide(AuthorizeNet.layer({
            apiLoginId,
            transactionKey: Redacted.make(transactionKey),
            environment: "sandbox",
            policy: { attempts: 5, attemptTimeout: 20, statusReads: 2, backoff: { initial: 1, maximum: 1 } }
          }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client))))
        )
        assert.strictEqual(result._tag, expected)
        assert.lengthOf(sent.filter((body) => body.includes("voidTransaction")), 1)
      }
    }))

  it.live("says where the status cannot be read that nothing is known", () =>
    Effect.gen(function*() {
      const { result } = yield* cancelled("", { messages: error("E00011", "Access denied.") })
      assert.deepInclude(result, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
      const { client } = answering({ messages: error("E00011", "Access denied.") })
      const status = yield* Effect.flip(AuthorizeNet.status({ paymentId })).pipe(Effect.provide(
        AuthorizeNet.layer({ apiLoginId, transactionKey: Redacted.make(transactionKey), environment: "sandbox", policy }).pipe(Layer.provide(client))
      ))
      assert.deepInclude(status, { _tag: "CancelError.StatusUnavailable", code: "E00011" })
    }))

  it.live("believes no status of another transaction, nor one beside an error", () =>
    Effect.gen(function*() {
      for (const reading of [
        transaction("voided", other),
        transaction("voided", paymentId, other),
        { ...transaction("voided"), messages: error("E00040") },
        { ...transaction("voided"), messages: {} },
        transaction("generalError")
      ]) {
        const { result } = yield* cancelled("", reading)
        assert.deepInclude(result, { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
      }
    }))

  it.live("takes transaction ids and nothing else", () =>
    Effect.gen(function*() {
      for (const wrong of ["0", "", "pay_1", "06019", "1".repeat(21), "60198731341 ", "6019873134\u0661", "1e9"]) {
        const { client, sent } = answering(approved())
        const refused = yield* Effect.flip(AuthorizeNet.cancel({ paymentId: wrong })).pipe(Effect.provide(
          AuthorizeNet.layer({ apiLoginId, transactionKey: Redacted.make(transactionKey), environment: "sandbox" }).pipe(Layer.provide(client))
        ))
        assert.deepInclude(refused, { _tag: "CancelError.InvalidCancelRequest", field: "paymentId" })
        assert.lengthOf(sent, 0)
      }
    }))
})

describe("AuthorizeNet in the sandbox", () => {
  const live = Layer.provideMerge(
    Layer.orDie(AuthorizeNet.layer({
      apiLoginId: Sandbox.credentials.AuthorizeNet.apiLoginId,
      transactionKey: Redacted.make(Sandbox.credentials.AuthorizeNet.transactionKey),
      baseUrl: Sandbox.baseUrl("AuthorizeNet"),
      policy: { attemptTimeout: 500, backoff: { initial: 1, maximum: 1 } }
    })),
    Sandbox.layer
  )

  const cases: ReadonlyArray<readonly [name: string, create: Sandbox.CreateOptions<"AuthorizeNet">, fault: Fault.Fault | null, told: string, truth: string]> = [
    ["an authorization", {}, null, "Cancelled", "voided"],
    ["a capture that is not settled", { status: "capturedPendingSettlement" }, null, "Cancelled", "voided"],
    ["a refund that is not settled", { status: "refundPendingSettlement" }, null, "Cancelled", "voided"],
    ["a held transaction", { status: "FDSPendingReview" }, null, "Cancelled", "voided"],
    ["a voided one", { status: "voided" }, null, "AlreadyCancelled", "voided"],
    ["a settled one", { status: "settledSuccessfully" }, null, "AuthorizeNet.TransactionNotFound", "settledSuccessfully"],
    ["an expired one", { status: "expired" }, null, "AuthorizeNet.TransactionNotFound", "expired"],
    ["a lost answer", {}, Fault.dropAfterApplying, "Cancelled", "voided"],
    ["a lost request", {}, Fault.dropBeforeApplying, "CancelError.NoResponse", "authorizedPendingCapture"],
    ["half an answer", {}, Fault.malformedJson, "Cancelled", "voided"],
    ["an approval of another transaction", {}, Fault.wrongPaymentId, "Cancelled", "voided"],
    ["a response code that nobody has listed", {}, Fault.unknownStatus, "Cancelled", "voided"],
    ["a system error", {}, Fault.serverError({ applied: false }), "AuthorizeNet.SystemError", "authorizedPendingCapture"],
    ["a system error after all", {}, Fault.serverError({ applied: true }), "Cancelled", "voided"],
    ["a server that is too busy", {}, Fault.rateLimited(), "AuthorizeNet.ServerTooBusy", "authorizedPendingCapture"],
    ["a code that nobody has listed", {}, Fault.unknownErrorCode, "CancelError.UnexpectedResponse", "authorizedPendingCapture"],
    ["an unlisted number", {}, Fault.errorCode("4242", 200), "CancelError.UnexpectedResponse", "authorizedPendingCapture"]
  ]
  for (const [name, create, fault, expected, truth] of cases) {
    it.live(name, () =>
      Effect.gen(function*() {
        const sandbox = yield* Sandbox.Sandbox
        const id = yield* sandbox.create("AuthorizeNet", create)
        if (fault !== null) yield* sandbox.inject(fault, { operation: "Cancel" })
        const { _tag } = yield* Effect.merge(AuthorizeNet.cancel({ paymentId: id }))
        assert.strictEqual(_tag, expected)
        assert.strictEqual(Option.getOrThrow(yield* sandbox.payment("AuthorizeNet", id)).status, truth)
      }).pipe(Effect.provide(live)))
  }
})
