/** Authorize.net, from its API reference and XML schema: one address, always 200, and no key. */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import { isObject, type JsonObject, parseObject } from "../../../src/sandbox/Emulator.js"
import { AuthorizeNet } from "../../../src/sandbox/emulators/AuthorizeNet.js"
import { codes, configuration, type Interpreter, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

const inside = (value: unknown, ...names: ReadonlyArray<string>): unknown =>
  names.reduce((each, name) => isObject(each) ? each[name] : undefined, value)

const textIn = (value: unknown, ...names: ReadonlyArray<string>): string => text(inside(value, ...names)) ?? ""

/** As if there were a target for each operation, and the credentials stood in headers. */
const interpreter: Interpreter = {
  request: (sent) => {
    const body = parseObject(sent.body)
    const [[name, asked] = ["", {}], ...others] = Object.entries(body ?? {})
    if (!isObject(asked) || others.length > 0) return sent
    const address = `${sent.target}/transactions`
    const headers = {
      ...sent.headers,
      "api-login-id": textIn(asked, "merchantAuthentication", "name"),
      "transaction-key": textIn(asked, "merchantAuthentication", "transactionKey")
    }
    switch (name) {
      case "createTransactionRequest": {
        const { merchantAuthentication: _, refId, transactionRequest, ...more } = asked
        const id = textIn(transactionRequest, "refTransId")
        // The fields are in the order of the schema, and there are no others.
        const isVoid = Object.keys(asked).join() === "merchantAuthentication,refId,transactionRequest" &&
          JSON.stringify(transactionRequest) === JSON.stringify({ transactionType: "voidTransaction", refTransId: id }) &&
          Object.keys(more).length === 0
        return { method: "POST", target: `${address}/${id}/void`, headers, body: isVoid ? textIn({ refId }, "refId") : "wrong" }
      }
      case "getTransactionDetailsRequest":
        return { method: "GET", target: `${address}/${textIn(asked, "transId")}`, headers, body: "" }
      default:
        return sent
    }
  },
  answers: {
    contentType: "application/json; charset=utf-8",
    write: (body) => JSON.stringify(body),
    read: (written) => parseObject(written.replace(/^\uFEFF/, "")) ?? null
  }
}

const successful = { resultCode: "Ok", message: [{ code: "I00001", text: "Successful." }] }

/** An approval states no status, so nothing but "voided" can be said by it. */
const approval = (id: string, status: string): JsonObject => ({
  transactionResponse: {
    responseCode: status === "voided" ? "1" : "4",
    authCode: "GYEB3",
    avsResultCode: "P",
    transId: id,
    refTransID: id,
    testRequest: "0",
    messages: [{ code: "1", description: "This transaction has been approved." }]
  },
  messages: successful
})

const transaction = (id: string, status: string): JsonObject => ({
  transaction: { transId: id, transactionStatus: status, transactionType: "authOnlyTransaction", authAmount: 10 },
  messages: successful
})

const isNumber = (code: string): boolean => /^\d+$/.test(code)

const codesIn = (list: unknown, name: string): ReadonlyArray<string> =>
  Array.isArray(list) ? list.flatMap((each: unknown) => text(inside(each, name)) ?? []) : []

const sandbox = "https://apitest.authorize.net/xml/v1/request.api"
const production = "https://api.authorize.net/xml/v1/request.api"

export const facts: ProviderFacts = {
  ...usual,
  name: "AuthorizeNet",
  emulator: AuthorizeNet,
  basePath: "/xml/v1/request.api",
  interpreter,
  onlyStatus: 200,
  paymentId: (name) =>
    /^[1-9]\d{0,19}$/.test(name)
      ? name
      : String(60_000_000_000 + Array.from(name).reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1e9, 7)),
  standings: {
    authorizedPendingCapture: "Cancellable",
    capturedPendingSettlement: "Cancellable",
    authorizedPendingRelease: "Cancellable",
    FDSPendingReview: "Cancellable",
    FDSAuthorizedPendingReview: "Cancellable",
    underReview: "Cancellable",
    approvedReview: "Cancellable",
    couldNotVoid: "Cancellable",
    settlementError: "Cancellable",
    pendingSettlement: "Cancellable",
    pendingFinalSettlement: "Cancellable",
    updatingSettlement: "Cancellable",
    refundPendingSettlement: "Cancellable",
    voided: "Cancelled",
    settledSuccessfully: "Closed",
    refundSettledSuccessfully: "Closed",
    declined: "Closed",
    expired: "Closed",
    failedReview: "Closed",
    communicationError: "Closed",
    returnedItem: "Closed",
    chargeback: "Closed",
    chargebackReversal: "Closed"
  },
  cancelled: "voided",
  cancellable: "authorizedPendingCapture",
  acts: {
    Pays: "capturedPendingSettlement",
    PaymentSucceeds: "settledSuccessfully",
    PaymentFails: "communicationError",
    Expires: "expired",
    CancelsElsewhere: "voided"
  },
  codes: codes([
    "SystemError              E00001 ProviderFault   Unknown      Request -             500 Documented",
    "ContentTypeNotSupported  E00002 InvalidRequest  NotCancelled Request -             415 Documented",
    "ParsingFailed            E00003 InvalidRequest  NotCancelled Request -             400 Documented",
    "MethodInvalid            E00004 InvalidRequest  NotCancelled Request -             400 Documented",
    "TransactionKeyInvalid    E00005 Unauthenticated NotCancelled Request -             401 Documented",
    "LoginInvalid             E00006 Unauthenticated NotCancelled Request -             401 Documented",
    "AuthenticationFailed     E00007 Unauthenticated NotCancelled Request -             401 Documented",
    "AccountInactive          E00008 Forbidden       NotCancelled Request -             403 Documented",
    "AccountInTestMode        E00009 Forbidden       NotCancelled Request -             403 Documented",
    "UserNotPermitted         E00010 Forbidden       NotCancelled Request -             403 Documented",
    "AccessDenied             E00011 Forbidden       NotCancelled Request -             403 Documented",
    "FieldInvalid             E00013 InvalidRequest  NotCancelled Payment -             400 Documented",
    "FieldMissing             E00014 InvalidRequest  NotCancelled Payment -             400 Documented",
    "FieldLengthInvalid       E00015 InvalidRequest  NotCancelled Payment -             400 Documented",
    "FieldTypeInvalid         E00016 InvalidRequest  NotCancelled Payment -             400 Documented",
    "TransactionUnsuccessful  E00027 ProviderFault   Unknown      Payment -             502 Documented",
    "RecordNotFound           E00040 NotFound        NotCancelled Payment -             404 Documented",
    "OperationTimedOut        E00049 ProviderFault   Unknown      Request -             504 Documented",
    "ServerTooBusy            E00053 RateLimited     Unknown      Request -             429 Documented",
    "ServerInMaintenance      E00104 ProviderFault   Unknown      Request -             503 Observed",
    "MerchantLoginInvalid     13     Unauthenticated NotCancelled Request -             401 Documented",
    "TransactionIdInvalid     15     InvalidRequest  NotCancelled Request -             400 Documented",
    "TransactionNotFound      16     NotFound        NotCancelled Payment -             404 Documented",
    "ProcessorNotResponding   19     ProviderFault   Unknown      Request -             502 Documented",
    "ProcessingError20        20     ProviderFault   Unknown      Request -             502 Documented",
    "ProcessingError21        21     ProviderFault   Unknown      Request -             502 Documented",
    "ProcessingError22        22     ProviderFault   Unknown      Request -             502 Documented",
    "ProcessingError23        23     ProviderFault   Unknown      Request -             502 Documented",
    "PermissionMissing        123    Forbidden       NotCancelled Request -             403 Documented",
    "MerchantAccountClosed    130    Forbidden       NotCancelled Request -             403 Documented",
    "MerchantAccountSuspended 131    Forbidden       NotCancelled Request -             403 Documented",
    "MerchantAccountBlocked   132    Forbidden       NotCancelled Request -             403 Documented",
    "RefundCannotBeVoided     175    NotCancellable  NotCancelled Payment -             409 Documented",
    "ReversalNotSupported     260    NotCancellable  NotCancelled Payment -             409 Documented",
    "BatchClosed              304    NotCancellable  NotCancelled Payment -             409 Documented",
    "AlreadyVoided            310    NotCancellable  NotCancelled Payment states:voided 409 Observed"
  ]),
  // Its codes are numbers, also where they begin with a letter.
  namedOtherwise: [
    "SystemError", "ContentTypeNotSupported", "ParsingFailed", "MethodInvalid", "TransactionKeyInvalid",
    "LoginInvalid", "AuthenticationFailed", "AccountInactive", "AccountInTestMode", "UserNotPermitted",
    "AccessDenied", "FieldInvalid", "FieldMissing", "FieldLengthInvalid", "FieldTypeInvalid",
    "TransactionUnsuccessful", "RecordNotFound", "OperationTimedOut", "ServerTooBusy", "ServerInMaintenance"
  ],
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: null,
  // An error cannot state the transaction beside it.
  error: (code, words) => {
    if (code === "310") {
      return {
        transactionResponse: { responseCode: "1", transId: "0", messages: [{ code, description: words }] },
        messages: successful
      }
    }
    return code !== null && isNumber(code)
      ? {
        transactionResponse: { responseCode: "3", transId: "0", errors: [{ errorCode: code, errorText: words }] },
        messages: { resultCode: "Error", message: [{ code: "E00027", text: "The transaction was unsuccessful." }] }
      }
      : { messages: { resultCode: "Error", message: [{ ...code === null ? {} : { code }, text: words }] } }
  },
  readCode: ({ messages, transactionResponse }) => {
    const [code = null] = [
      ...codesIn(inside(transactionResponse, "errors"), "errorCode"),
      ...codesIn(inside(transactionResponse, "messages"), "code").filter((code) => code !== "1"),
      ...inside(messages, "resultCode") === "Ok" ? [] : codesIn(inside(messages, "message"), "code")
    ]
    return code
  },
  // Its own code for that is the one of an id that nobody has.
  tooLate: "NotFound",
  configuration: configuration({
    needed: [{ apiLoginId: "AUTHORIZE_NET_API_LOGIN_ID", transactionKey: "AUTHORIZE_NET_TRANSACTION_KEY" }],
    baseUrl: "AUTHORIZE_NET_BASE_URL",
    otherwise: null,
    environments: [
      { variable: "AUTHORIZE_NET_ENVIRONMENT", value: "sandbox", given: "sandbox", url: sandbox },
      { variable: "AUTHORIZE_NET_ENVIRONMENT", value: "production", given: "production", url: production }
    ],
    hosts: { sandbox, production },
    refused: { AUTHORIZE_NET_ENVIRONMENT: ["live"] }
  }),
  webhooks: {
    provider: signed(AuthorizeNet),
    tolerance: 31 * 86_400_000,
    isCancellation: ({ payload }) => payload["eventType"] === "net.authorize.payment.void.created",
    forge: (body) =>
      body.includes('"net.authorize.payment.void.created"')
        ? body.replace('"net.authorize.payment.void.created"', '"net.authorize.payment.refund.created"')
        : body.replace(/"eventType":"[\w.]+"/, '"eventType":"net.authorize.payment.void.created"'),
    otherSecret: "another",
    encoding: "hex",
    several: true,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        notificationId: "notification-1",
        eventType: "net.authorize.payment.void.created",
        eventDate: new Date(at * 1000).toISOString().replace("Z", "0000Z"),
        payload: { responseCode: 1, entityName: "transaction", id: paymentId }
      }))
      return {
        secret: key,
        signature: createHmac("sha512", key).update(body).digest("hex").toUpperCase(),
        sent: (...signatures) => ({ body, headers: { "X-ANET-Signature": signatures.map((_) => `sha512=${_}`).join(",") } })
      }
    }
  },
  ways: [
    way({
      operation: "cancel",
      credentials: { apiLoginId: "CANARY-login-5d20ae77", transactionKey: "CANARY-transaction-key-b1c94f" },
      options: ({ apiLoginId, transactionKey }) => ({
        apiLoginId,
        transactionKey: Redacted.make(transactionKey),
        baseUrl: sandbox
      }),
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => AuthorizeNet.make(),
      cancelTarget: (segment) => `/transactions/${segment}/void`,
      statusTarget: (segment) => `/transactions/${segment}`,
      headers: ({ apiLoginId, transactionKey }) => ({
        "content-type": "application/json",
        "api-login-id": apiLoginId,
        "transaction-key": transactionKey
      }),
      body: ({ identifier }) => identifier,
      keyHeader: null,
      licence: { after: [], key: "None", replays: "Nothing", stillRunning: [] },
      payment: approval,
      approves: true,
      statusBody: transaction,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (operation, body, id) => {
        if (inside(body, "messages", "resultCode") !== "Ok") return null
        if (operation === "Status") {
          return inside(body, "transaction", "transId") === id ? text(inside(body, "transaction", "transactionStatus")) : null
        }
        const { responseCode, transId } = isObject(body["transactionResponse"]) ? body["transactionResponse"] : {}
        return responseCode === "1" && transId === id ? "voided" : null
      },
      needed: ["transactionResponse", "messages"]
    })
  ]
}
