/**
 * The same void, sent by Authorize.net's own library and by this one to one server that records it;
 * and the same answers, given to both.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, layer } from "@effect/vitest"
import library, { type Contract, type Controller } from "authorizenet"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { AuthorizeNet } from "effect-payment-cancel"
import * as Errors from "../../../src/authoring/Errors.js"
import { type Answer, live, type Prepared, type Recorded, Server } from "../../support/RecordingServer.js"

const { APIContracts, APIControllers, Constants } = library

const apiLoginId = "5KP3u95bQpv"
const transactionKey = "346HZ32z3fP4hTG2"
const paymentId = "60198731341"
const path = "/xml/v1/request.api"

const authenticated = (contract: Contract): Contract => {
  const authentication = new APIContracts.MerchantAuthenticationType()
  authentication.setName(apiLoginId)
  authentication.setTransactionKey(transactionKey)
  contract.setMerchantAuthentication(authentication)
  contract.setRefId(paymentId)
  return contract
}

const voidRequest = (id: string): Controller => {
  const transaction = new APIContracts.TransactionRequestType()
  transaction.setTransactionType(APIContracts.TransactionTypeEnum.VOIDTRANSACTION)
  transaction.setRefTransId(id)
  const request = authenticated(new APIContracts.CreateTransactionRequest())
  request.setTransactionRequest(transaction)
  return new APIControllers.CreateTransactionController(request.getJSON())
}

const detailsRequest = (id: string): Controller => {
  const request = authenticated(new APIContracts.GetTransactionDetailsRequest())
  request.setTransId(id)
  return new APIControllers.GetTransactionDetailsController(request.getJSON())
}

/** Where there is no answer it calls nobody back: its error has to be looked for. */
const official = (controller: Controller): Effect.Effect<{ readonly answer: unknown; readonly calledBack: boolean }> =>
  Effect.async((resume) => {
    const poll = setInterval(() => {
      if (controller.getError() === null) return
      clearInterval(poll)
      resume(Effect.succeed({ answer: null, calledBack: false }))
    }, 5)
    controller.execute(() => {
      clearInterval(poll)
      resume(Effect.succeed({ answer: controller.getResponse(), calledBack: true }))
    })
  })

const ours = Layer.unwrapEffect(Effect.map(Server, ({ origin }) =>
  AuthorizeNet.layer({
    apiLoginId,
    transactionKey: Redacted.make(transactionKey),
    baseUrl: `${origin}${path}`,
    policy: { statusReads: 1, backoff: { initial: "5 millis", maximum: "5 millis" } }
  }).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.orDie)))

/** Gives both the same answers, and says what each made of them and what it sent. */
const both = (...answers: ReadonlyArray<Prepared>) =>
  Effect.gen(function*() {
    const server = yield* Server
    server.prepare(...answers)
    const controller = voidRequest(paymentId)
    controller.setEnvironment(`${server.origin}${path}`)
    const theirs = yield* official(controller)
    const theirRequests = server.recorded()
    server.prepare(...answers)
    const mine = yield* Effect.either(Effect.provide(AuthorizeNet.cancel({ paymentId }), ours))
    return { theirs, theirRequests, mine, myRequests: server.recorded() }
  })

/** The library says of itself who it is, in a field of the body. */
const withoutClientId = (body: string): string =>
  JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body) as { readonly [name: string]: object }).map(([name, asked]) => [
    name,
    { ...asked, clientId: undefined }
  ])))

const essence = ({ body, headers, method, path }: Recorded) => ({
  method,
  path,
  contentType: headers["content-type"],
  body: withoutClientId(body)
})

const answer = (body: object): Answer => ({
  status: 200,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: `\uFEFF${JSON.stringify(body)}`
})

const ok = { resultCode: "Ok", message: [{ code: "I00001", text: "Successful." }] }

const approved = (more: object = {}, messages: object = ok) =>
  answer({
    transactionResponse: {
      responseCode: "1",
      authCode: "GYEB3",
      transId: paymentId,
      refTransID: paymentId,
      testRequest: "0",
      messages: [{ code: "1", description: "This transaction has been approved." }],
      ...more
    },
    refId: paymentId,
    messages
  })

const error = (code: string) =>
  /^\d+$/.test(code)
    ? approved({ responseCode: "3", transId: "0", messages: undefined, errors: [{ errorCode: code, errorText: "No." }] }, {
      resultCode: "Error",
      message: [{ code: "E00027", text: "The transaction was unsuccessful." }]
    })
    : answer({ messages: { resultCode: "Error", message: [{ code, text: "No." }] } })

const transaction = (transactionStatus: string) => answer({ transaction: { transId: paymentId, transactionStatus }, refId: paymentId, messages: ok })

const includes = (actual: unknown, expected: object) => {
  assert(typeof actual === "object" && actual !== null)
  return assert.deepInclude(actual, expected)
}

const left = <A, E>(result: Either.Either<A, E>): E => Option.getOrThrow(Either.getLeft(result))

/** What the library's answer says, whose types it does not state. */
const stated = (theirs: { readonly answer: unknown }, ...names: ReadonlyArray<string>): unknown =>
  names.reduce<unknown>((value, name) => typeof value === "object" && value !== null ? Reflect.get(value, name) as unknown : undefined, theirs.answer)

const voids = (requests: ReadonlyArray<Recorded>) => requests.filter(({ body }) => body.includes("voidTransaction"))

layer(live, { excludeTestServices: true })("Authorize.net and its npm library", (it) => {
  it.effect("send the same, and read the same approval", () =>
    Effect.gen(function*() {
      const { mine, myRequests, theirRequests, theirs } = yield* both(approved())
      assert.lengthOf(theirRequests, 1)
      assert.deepStrictEqual(myRequests.map(essence), theirRequests.map(essence))
      assert.strictEqual(stated(theirs, "transactionResponse", "responseCode"), "1")
      includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "Response" })
    }))

  it.effect("ask for the status alike, and read the same", () =>
    Effect.gen(function*() {
      const server = yield* Server
      server.prepare(transaction("capturedPendingSettlement"))
      const controller = detailsRequest(paymentId)
      controller.setEnvironment(`${server.origin}${path}`)
      const theirs = yield* official(controller)
      const [theirRequest] = server.recorded()
      server.prepare(transaction("capturedPendingSettlement"))
      const status = yield* Effect.provide(AuthorizeNet.status({ paymentId }), ours)
      const [myRequest] = server.recorded()
      assert.deepStrictEqual(essence(myRequest!), essence(theirRequest!))
      assert.strictEqual(stated(theirs, "transaction", "transactionStatus"), status.status)
    }))

  for (const [className, { code, outcome, states }] of Object.entries(Errors.table(AuthorizeNet))) {
    if (code === null || states !== undefined) continue
    it.effect(`read ${code} alike`, () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both(error(code), transaction("authorizedPendingCapture"))
        const theirCode = /^\d+$/.test(code)
          ? stated(theirs, "transactionResponse", "errors", "0", "errorCode")
          : stated(theirs, "messages", "message", "0", "code")
        assert.strictEqual(theirCode, code)
        includes(left(mine), { _tag: `AuthorizeNet.${className}`, code, outcome, httpStatus: Option.some(200) })
      }))
  }

  it.effect("know the same hosts, but for the production host of the library, which is another name of it", () =>
    Effect.sync(() => {
      assert.strictEqual(AuthorizeNet.hosts.sandbox, Constants.endpoint.sandbox)
      assert.strictEqual(AuthorizeNet.hosts.production.replace("api.", "api2."), Constants.endpoint.production)
    }))

  describe("differ on purpose", () => {
    it.effect("on the client id: the library sends one, which voids were refused for", () =>
      Effect.gen(function*() {
        const { myRequests, theirRequests } = yield* both(approved())
        const names = ([request]: ReadonlyArray<Recorded>) =>
          Object.keys((JSON.parse(request!.body) as { readonly createTransactionRequest: object }).createTransactionRequest)
        assert.deepStrictEqual(names(theirRequests), ["merchantAuthentication", "clientId", "refId", "transactionRequest"])
        assert.deepStrictEqual(names(myRequests), ["merchantAuthentication", "refId", "transactionRequest"])
      }))

    it.effect("on a transaction that was voided before: there it is an approval like any other", () =>
      Effect.gen(function*() {
        const { mine, theirs } = yield* both(approved({ transId: "0", messages: [{ code: "310", description: "…" }] }))
        assert.strictEqual(stated(theirs, "messages", "resultCode"), "Ok")
        assert.strictEqual(stated(theirs, "transactionResponse", "responseCode"), "1")
        includes(Either.getOrThrow(mine), { _tag: "AlreadyCancelled" })
      }))

    it.effect("on an approval beside an error of the request", () =>
      Effect.gen(function*() {
        const contradictory = approved({}, { resultCode: "Error", message: [{ code: "E00013", text: "The field is invalid." }] })
        const { mine, theirs } = yield* both(contradictory, transaction("voided"))
        assert.strictEqual(stated(theirs, "messages", "resultCode"), "Error")
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery" })
      }))

    it.effect("on an approval of another transaction, or in test mode", () =>
      Effect.gen(function*() {
        for (const more of [{ transId: "1", refTransID: "1" }, { testRequest: "1" }]) {
          const { mine, theirs } = yield* both(approved(more), transaction("authorizedPendingCapture"))
          assert.strictEqual(stated(theirs, "transactionResponse", "responseCode"), "1")
          includes(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
        }
      }))

    it.effect("on an answer that is lost: the library never calls back", () =>
      Effect.gen(function*() {
        const { mine, myRequests, theirs } = yield* both("Lost", transaction("voided"))
        assert.isFalse(theirs.calledBack)
        assert.lengthOf(voids(myRequests), 1)
        includes(Either.getOrThrow(mine), { _tag: "Cancelled", evidence: "StatusQuery" })
      }))

    it.effect("on a page of a proxy: there it is an answer", () =>
      Effect.gen(function*() {
        const page: Answer = { status: 200, body: "<html>Log in</html>" }
        const { mine, theirs } = yield* both(page, transaction("authorizedPendingCapture"))
        assert.strictEqual(theirs.answer, "<html>Log in</html>")
        includes(left(mine), { _tag: "CancelError.UnexpectedResponse", outcome: "Unknown" })
      }))
  })

  it.effect("have the same statuses, but for the one that stands for any other", () =>
    Effect.gen(function*() {
      for (const status of Object.values(APIContracts.TransactionStatusEnum)) {
        const server = yield* Server
        server.prepare(transaction(status))
        const { standing } = yield* Effect.provide(AuthorizeNet.status({ paymentId }), ours)
        assert.strictEqual(Option.isSome(standing), status !== "generalError", status)
      }
    }))
})
