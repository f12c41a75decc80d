/**
 * Authorize.net: `createTransactionRequest` with a `voidTransaction`, `getTransactionDetailsRequest`,
 * both at one address, and the webhooks about a transaction.
 *
 * Answers are JSON behind a byte order mark, and their HTTP status is always 200.
 *
 * Written from the provider's public documentation. What is marked *inferred*
 * is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Emulator from "../Emulator.js"
import * as Payments from "../Payments.js"
import * as Webhook from "../Webhook.js"

/**
 * The statuses of an Authorize.net transaction. Its schema has one more, `generalError`, which
 * stands for any that has no name.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | "authorizedPendingCapture"
  | "capturedPendingSettlement"
  | "authorizedPendingRelease"
  | "FDSPendingReview"
  | "FDSAuthorizedPendingReview"
  | "underReview"
  | "approvedReview"
  | "couldNotVoid"
  | "settlementError"
  | "pendingSettlement"
  | "pendingFinalSettlement"
  | "updatingSettlement"
  | "refundPendingSettlement"
  | "voided"
  | "settledSuccessfully"
  | "refundSettledSuccessfully"
  | "declined"
  | "expired"
  | "failedReview"
  | "communicationError"
  | "returnedItem"
  | "chargeback"
  | "chargebackReversal"

/**
 * What can be chosen for a new Authorize.net transaction.
 *
 * - `status`: `authorizedPendingCapture` unless given;
 * - `amount`: in US dollars, 10 unless given;
 * - `captureIn`, `settleIn`, `expiresIn`: is captured, settled, or lapses, by itself after this time,
 *   if it still can.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly amount?: number
  readonly captureIn?: Duration.DurationInput
  readonly settleIn?: Duration.DurationInput
  readonly expiresIn?: Duration.DurationInput
}

/**
 * Credentials that work here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  apiLoginId: "sandbox-login-not-a-secret",
  transactionKey: "sandbox-transaction-key-not-a-secret"
}

interface Attributes {
  readonly amount: number
}

type Payment = Payments.Payment<Status, Attributes>

const machine: Payments.StateMachine<Status> = {
  // Captured and settled in one: whoever looks at it seldom sees nothing between them.
  authorizedPendingCapture: ["capturedPendingSettlement", "settledSuccessfully", "voided", "expired"],
  capturedPendingSettlement: ["settledSuccessfully", "settlementError", "communicationError", "voided"],
  authorizedPendingRelease: ["capturedPendingSettlement", "voided", "expired"],
  FDSPendingReview: ["authorizedPendingCapture", "capturedPendingSettlement", "declined", "voided", "expired"],
  FDSAuthorizedPendingReview: ["authorizedPendingCapture", "capturedPendingSettlement", "voided", "expired"],
  underReview: ["approvedReview", "failedReview", "voided"],
  approvedReview: ["capturedPendingSettlement", "voided"],
  couldNotVoid: ["voided", "settledSuccessfully"],
  settlementError: ["settledSuccessfully", "voided"],
  pendingSettlement: ["settledSuccessfully", "voided"],
  pendingFinalSettlement: ["settledSuccessfully", "voided"],
  updatingSettlement: ["settledSuccessfully", "voided"],
  refundPendingSettlement: ["refundSettledSuccessfully", "voided"],
  voided: [],
  settledSuccessfully: ["chargeback"],
  refundSettledSuccessfully: [],
  declined: [],
  expired: [],
  failedReview: [],
  communicationError: [],
  returnedItem: [],
  chargeback: ["chargebackReversal"],
  chargebackReversal: []
}

const answer = Emulator.written({
  contentType: "application/json; charset=utf-8",
  encode: (value) => `\uFEFF${JSON.stringify(value)}`
})

const messages = (resultCode: "Ok" | "Error", code: string, text: string) => ({ resultCode, message: [{ code, text }] })

const successful = messages("Ok", "I00001", "Successful.")

const unsuccessful = messages("Error", "E00027", "The transaction was unsuccessful.")

const texts: { readonly [code: string]: string } = {
  E00001: "An error occurred during processing. Please try again.",
  E00003: "An error occurred while parsing the XML request.",
  E00007: "User authentication failed due to invalid authentication values.",
  E00013: "The field is invalid.",
  E00040: "The record cannot be found.",
  E00053: "Server too busy",
  1: "This transaction has been approved.",
  16: "The transaction cannot be found.",
  310: "This transaction has already been voided."
}

/** `refId` comes back as it was sent. */
const echo = (refId: string | null) => refId === null ? {} : { refId }

/** Always 200, whichever status a fault asks for: at Authorize.net the code is all there is. */
const error = (code: string, refId: string | null): Emulator.Reply =>
  answer(200, { ...echo(refId), messages: messages("Error", code, texts[code] ?? code) })

/** A void that was not carried out has no id of its own; `refTransID` is the one that was asked for. */
const transactionResponse = (responseCode: "1" | "3", transId: string, refTransID: string, more: Emulator.JsonObject) => ({
  responseCode,
  authCode: responseCode === "1" && transId !== "0" ? "GYEB3" : "",
  avsResultCode: "P",
  cvvResultCode: "",
  cavvResultCode: "",
  transId,
  refTransID,
  transHash: "",
  testRequest: "0",
  accountNumber: transId === "0" ? "" : "XXXX1111",
  accountType: transId === "0" ? "" : "Visa",
  ...more
})

const transactionError = (code: string, refTransID: string, refId: string | null): Emulator.Reply =>
  answer(200, {
    transactionResponse: transactionResponse("3", "0", refTransID, {
      errors: [{ errorCode: code, errorText: texts[code] ?? code }]
    }),
    ...echo(refId),
    messages: unsuccessful
  })

const approval = (code: "1" | "310", transId: string, refTransID: string, refId: string | null): Emulator.Reply =>
  answer(200, {
    transactionResponse: transactionResponse("1", transId, refTransID, {
      messages: [{ code, description: texts[code] }]
    }),
    ...echo(refId),
    messages: successful
  })

// All requests have the same address: what they are stands in their bodies.
const operations = [["createTransactionRequest", "Cancel"], ["getTransactionDetailsRequest", "Status"]] as const

interface Route extends Emulator.Route {
  readonly asked: Emulator.JsonObject
}

const path = "/xml/v1/request.api"

const memberOf = (value: unknown, name: string): unknown => Emulator.isObject(value) ? value[name] : undefined

const textOf = (value: unknown): string | null => typeof value === "string" ? value : null

const route = (request: Emulator.Request): Route | null => {
  if (request.method !== "POST" || request.path !== path) return null
  const body = Emulator.parseObject(request.body)
  for (const [name, operation] of operations) {
    const asked = body?.[name]
    if (!Emulator.isObject(asked)) continue
    const named = operation === "Status" ? asked["transId"] : memberOf(asked["transactionRequest"], "refTransId")
    return { operation, paymentId: textOf(named), asked }
  }
  return null
}

/** What an object has, in the order of the schema, and nothing else. */
const isOrdered = (value: unknown, names: ReadonlyArray<string>): boolean => {
  if (!Emulator.isObject(value)) return false
  const places = Object.keys(value).map((name) => names.indexOf(name))
  return places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1))
}

const isWellFormed = ({ asked, operation }: Route): boolean =>
  isOrdered(asked["merchantAuthentication"], ["name", "transactionKey"]) &&
  isOrdered(asked, ["merchantAuthentication", "clientId", "refId", operation === "Status" ? "transId" : "transactionRequest"]) &&
  (operation === "Status" || isOrdered(asked["transactionRequest"], ["transactionType", "refTransId"]))

const longestReference = 20

/** Inferred: the order of these checks. */
const refuse = (_: Emulator.Request, route: Route): Emulator.Reply | null => {
  const { asked, operation, paymentId } = route
  const refId = textOf(asked["refId"])
  if (!isWellFormed(route)) return error("E00003", null)
  if (refId !== null && refId.length > longestReference) return error("E00015", refId)
  if (
    memberOf(asked["merchantAuthentication"], "name") !== credentials.apiLoginId ||
    memberOf(asked["merchantAuthentication"], "transactionKey") !== credentials.transactionKey
  ) {
    return error("E00007", refId)
  }
  if (operation === "Cancel" && memberOf(asked["transactionRequest"], "transactionType") !== "voidTransaction") {
    return error("E00013", refId)
  }
  return paymentId !== null && /^\d+$/.test(paymentId) ? null : error("E00013", refId)
}

const isVoidable = ({ status }: Payment): boolean => machine[status].includes("voided")

const time = (at: number): string => new Date(at).toISOString()

const details = ({ attributes: { amount }, createdAt, id, status }: Payment): Emulator.JsonObject => ({
  transId: id,
  submitTimeUTC: time(createdAt),
  submitTimeLocal: time(createdAt).slice(0, -1),
  transactionType: "authOnlyTransaction",
  transactionStatus: status,
  responseCode: 1,
  responseReasonCode: 1,
  responseReasonDescription: "Approval",
  AVSResponse: "Y",
  authAmount: amount,
  settleAmount: status === "voided" ? 0 : amount,
  taxExempt: false,
  payment: { creditCard: { cardNumber: "XXXX1111", expirationDate: "XXXX", cardType: "Visa" } },
  recurringBilling: false,
  product: "Card Not Present",
  marketType: "eCommerce"
})

/** The events of what happens to a transaction. */
const eventTypes: { readonly [S in Status]?: string } = {
  capturedPendingSettlement: "net.authorize.payment.priorAuthCapture.created",
  voided: "net.authorize.payment.void.created"
}

/** With seven digits of a second, as events have it. */
const eventDate = (at: number): string => time(at).replace("Z", "0000Z")

const eventsOf = (payment: Payment): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to }, index) => {
    if (from === null || !Payments.isStatus(machine, to)) return []
    const eventType = eventTypes[to]
    if (eventType === undefined) return []
    const notificationId = `sandbox-${payment.id}-${index}`
    return [{
      id: notificationId,
      at,
      paymentId: payment.id,
      payload: {
        notificationId,
        eventType,
        eventDate: eventDate(at),
        webhookId: "63d6fea2-aa13-4b1d-a204-f5fbc15942b7",
        payload: {
          responseCode: 1,
          authCode: "GYEB3",
          avsResponse: "P",
          authAmount: payment.attributes.amount,
          entityName: "transaction",
          id: payment.id
        }
      }
    }]
  })

const utf8 = new TextEncoder()

const webhook: Webhook.Webhook = {
  secret: "5AFEC0DE".repeat(16),
  sign(event, _now, secret) {
    const body = JSON.stringify(event.payload)
    // The text of the key counts, although it consists of hexadecimal digits.
    return Effect.map(Webhook.hmacSha512(utf8.encode(secret), body), (signature) => ({
      body,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-anet-signature": `sha512=${Encoding.encodeHex(signature).toUpperCase()}`
      }
    }))
  }
}

const request = (name: string, fields: (paymentId: string) => object, transactionKey = credentials.transactionKey) =>
  (paymentId: string): Emulator.Request => ({
    method: "POST",
    path,
    query: "",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      [name]: { merchantAuthentication: { name: credentials.apiLoginId, transactionKey }, ...fields(paymentId) }
    })
  })

const voiding = (paymentId: string) => ({
  transactionRequest: { transactionType: "voidTransaction", refTransId: paymentId }
})

/** Changes what an answer says of a transaction. An error says nothing of one, and is left as it is. */
const distorting = (approved: Emulator.JsonObject, read: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject => {
  const { transaction, transactionResponse } = body
  if (Emulator.isObject(transaction)) return { ...body, transaction: { ...transaction, ...read } }
  return Emulator.isObject(transactionResponse) && transactionResponse["transId"] !== "0"
    ? { ...body, transactionResponse: { ...transactionResponse, ...approved } }
    : body
}

const another = "9999999999"

/**
 * Authorize.net as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const AuthorizeNet: Emulator.Definition<Create, typeof credentials> = {
  provider: "AuthorizeNet",
  slug: "authorize-net",
  basePath: path,
  hosts: ["api.authorize.net", "api2.authorize.net", "apitest.authorize.net"],
  credentials,
  environment: (baseUrl) => ({
    AUTHORIZE_NET_API_LOGIN_ID: credentials.apiLoginId,
    AUTHORIZE_NET_TRANSACTION_KEY: credentials.transactionKey,
    AUTHORIZE_NET_BASE_URL: baseUrl
  }),
  secretHeaders: [],
  statuses: Object.keys(machine),
  requests: {
    cancel: request("createTransactionRequest", voiding),
    status: request("getTransactionDetailsRequest", (transId) => ({ transId })),
    wrongCredential: request("createTransactionRequest", voiding, "wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "E00053", status: 200 },
    serverError: { code: "E00001", status: 200 },
    unknown: { code: "E99999", status: 200 }
  },
  webhook,
  distort: {
    paymentId: distorting({ transId: another, refTransID: another }, { transId: another }),
    // An approval states no status: an unlisted response code is the nearest to one.
    status: distorting({ responseCode: "9" }, { transactionStatus: "sandboxStatusNobodyHasListed" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Route>({
      provider: "AuthorizeNet",
      machine,
      route,
      paymentId: (count) => String(60_000_000_000 + count),
      birth: ({ amount = 10, captureIn, expiresIn, settleIn, status = "authorizedPendingCapture" }, at) => ({
        status,
        attributes: { amount },
        due: captureIn !== undefined
          ? { at: at + Duration.toMillis(captureIn), to: "capturedPendingSettlement", by: "Capture" }
          : settleIn !== undefined
          ? { at: at + Duration.toMillis(settleIn), to: "settledSuccessfully", by: "Capture" }
          : expiresIn !== undefined
          ? { at: at + Duration.toMillis(expiresIn), to: "expired", by: "Expiry" }
          : null
      }),
      error: (code) => /^\d+$/.test(code) ? transactionError(code, "", null) : error(code, null),
      serverError: () => error("E00001", null),
      refuse,
      idempotency: {
        // There is none: `refId` is echoed, and nothing else comes of it.
        key: () => null,
        fingerprint: () => "",
        stores: () => false,
        mismatch: () => error("E00001", null),
        inFlight: null
      },
      perform(_, { asked, operation, paymentId }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const refId = textOf(asked["refId"])
        const payment = payments.find(id, at)
        if (operation === "Status") {
          return {
            reply: payment === undefined
              ? error("E00040", refId)
              : answer(200, { transaction: details(payment), ...echo(refId), messages: successful }),
            applied: false
          }
        }
        // Observed: approved, and yet nothing was done.
        if (payment?.status === "voided") return { reply: approval("310", "0", id, refId), applied: false }
        // Inferred: that a transaction which can no longer be voided is answered like one that is not there.
        if (payment === undefined || !isVoidable(payment)) return { reply: transactionError("16", id, refId), applied: false }
        payments.change(payment.id, "voided", at, "Cancel", requestIndex)
        return { reply: approval("1", payment.id, id, refId), applied: true }
      },
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at)
    })
}
