/**
 * Braintree's server API in XML: `PUT /merchants/{merchantId}/transactions/{id}/void` and
 * `GET /merchants/{merchantId}/transactions/{id}`.
 *
 * Written from the provider's public documentation, its SDKs and answers that others recorded. What
 * is marked *inferred* is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Encoding from "effect/Encoding"
import * as Emulator from "../Emulator.js"
import type * as Payments from "../Payments.js"

/**
 * The statuses of a Braintree transaction.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | "authorizing"
  | "authorized"
  | "submitted_for_settlement"
  | "settlement_pending"
  | "voided"
  | "authorization_expired"
  | "processor_declined"
  | "gateway_rejected"
  | "failed"
  | "settling"
  | "settled"
  | "settlement_declined"

/**
 * What can be chosen for a new Braintree transaction.
 *
 * - `status`: `authorized` unless given;
 * - `amount`: in the currency's own unit, `10.00` unless given;
 * - `instrument`: `credit_card` unless given; only a transaction with PayPal can be voided while it
 *   is `settlement_pending`;
 * - `expiresIn`: after which time an authorization lapses; 7 days unless given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly amount?: string
  readonly instrument?: "credit_card" | "paypal_account"
  readonly expiresIn?: Duration.DurationInput
}

/**
 * Credentials that work here and nowhere else. The `merchantId` may be any other: there is one
 * merchant.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  merchantId: "sandbox_merchant",
  publicKey: "sandbox-braintree-public-key",
  privateKey: "sandbox-braintree-private-key-not-a-secret"
}

interface Attributes {
  readonly amount: string
  readonly instrument: "credit_card" | "paypal_account"
}

type Payment = Payments.Payment<Status, Attributes>

const machine: Payments.StateMachine<Status> = {
  authorizing: ["authorized", "processor_declined", "gateway_rejected", "failed"],
  authorized: ["submitted_for_settlement", "settling", "voided", "authorization_expired"],
  submitted_for_settlement: ["settling", "settlement_pending", "voided"],
  settlement_pending: ["settled", "settlement_declined", "voided"],
  voided: [],
  authorization_expired: [],
  processor_declined: [],
  gateway_rejected: [],
  failed: [],
  settling: ["settled", "settlement_declined"],
  settled: ["settlement_declined"],
  settlement_declined: []
}

const characters: { readonly [character: string]: string } = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;", "\r": "&#13;"
}

const escape = (text: string): string => text.replace(/[&<>"'\r]/g, (character) => characters[character] ?? "")

/** The elements of a list have the name of the list, without its plural: `errors` has `error`. */
const itemNames: { readonly [list: string]: string } = { errors: "error", "status-history": "status-event" }

/** Lists and what is not there are marked by attributes, as the framework does that Braintree writes its answers with. */
const element = (name: string, value: unknown): string => {
  if (value === null || value === undefined) return `<${name} nil="true"/>`
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => element(itemNames[name] ?? "item", item)).join("")
    return items === "" ? `<${name} type="array"/>` : `<${name} type="array">${items}</${name}>`
  }
  if (Emulator.isObject(value)) {
    return `<${name}>${Object.entries(value).map(([member, inner]) => element(member, inner)).join("")}</${name}>`
  }
  const type = name.endsWith("-at") || name === "timestamp" ? " type=\"datetime\"" : name === "attribute" ? " type=\"symbol\"" : ""
  return `<${name}${type}>${escape(String(value))}</${name}>`
}

const xml = Emulator.written({
  contentType: "application/xml; charset=utf-8",
  encode: (value) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n${Object.entries(value).map(([root, inner]) => element(root, inner)).join("")}\n`
})

const messages: { readonly [code: string]: string } = {
  "91504": "Transaction can only be voided if status is authorized, submitted_for_settlement, or - for PayPal - settlement_pending."
}

/** Inferred: the SDKs do not look at the body of what is neither a success nor a 422. */
const empty = (status: number): Emulator.Reply => ({ status, headers: {}, body: "" })

/** An empty code stands for none, and then there is no body. */
const error = (code: string, status: number): Emulator.Reply => {
  if (code === "") return empty(status)
  const message = messages[code] ?? code
  return xml(status, {
    "api-error-response": {
      errors: { errors: [], transaction: { errors: [{ code, attribute: "base", message }] } },
      params: { action: "void", controller: "transactions" },
      message
    }
  })
}

const route = (request: Emulator.Request): Emulator.Route | null => {
  const [, merchants, merchant = "", transactions, segment, action, ...rest] = request.path.split("/")
  if (
    merchants !== "merchants" || merchant === "" || transactions !== "transactions" ||
    segment === undefined || segment === "" || rest.length > 0
  ) {
    return null
  }
  const operation = request.method === "PUT" && action === "void"
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId }
}

const basic = (privateKey: string): string => `Basic ${Encoding.encodeBase64(`${credentials.publicKey}:${privateKey}`)}`

/** The versions of the API that it takes. */
const versions: ReadonlyArray<string> = ["3", "4", "5", "6"]

const refuse = ({ headers }: Emulator.Request): Emulator.Reply | null => {
  if (headers["authorization"] !== basic(credentials.privateKey)) return empty(401)
  return versions.includes(headers["x-apiversion"] ?? "") ? null : empty(426)
}

const time = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z")

/** A transaction, with fields by which no person can be recognised. */
const body = ({ attributes, createdAt, history, id, status }: Payment): Emulator.JsonObject => ({
  transaction: {
    id,
    status,
    type: "sale",
    "currency-iso-code": "USD",
    amount: attributes.amount,
    "merchant-account-id": "sandbox_account",
    "order-id": null,
    "created-at": time(createdAt),
    "updated-at": time(history.at(-1)?.at ?? createdAt),
    customer: { id: null, "first-name": null, "last-name": null, email: null },
    "custom-fields": "",
    "processor-response-code": "1000",
    "payment-instrument-type": attributes.instrument,
    "status-history": history.map(({ at, to }) => ({
      timestamp: time(at),
      status: to,
      amount: attributes.amount,
      user: null,
      "transaction-source": "api"
    })),
    "refund-ids": []
  }
})

const isVoidable = ({ attributes, status }: Payment): boolean =>
  status === "authorized" || status === "submitted_for_settlement" ||
  (status === "settlement_pending" && attributes.instrument === "paypal_account")

const request = (method: string, privateKey: string, action = "") => (paymentId: string): Emulator.Request => ({
  method,
  path: `/merchants/${credentials.merchantId}/transactions/${encodeURIComponent(paymentId)}${action}`,
  query: "",
  headers: { "authorization": basic(privateKey), "x-apiversion": "6", "accept": "application/xml" },
  body: ""
})

const distorting = (change: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject =>
  Emulator.isObject(body["transaction"]) ? { transaction: { ...body["transaction"], ...change } } : body

/**
 * Braintree as the sandbox knows it. For its refusals without a body, give an empty code:
 * `Fault.errorCode("", 403)`.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Braintree: Emulator.Definition<Create, typeof credentials> = {
  provider: "Braintree",
  slug: "braintree",
  basePath: "",
  hosts: ["api.braintreegateway.com", "api.sandbox.braintreegateway.com"],
  credentials,
  environment: (baseUrl) => ({
    BRAINTREE_MERCHANT_ID: credentials.merchantId,
    BRAINTREE_PUBLIC_KEY: credentials.publicKey,
    BRAINTREE_PRIVATE_KEY: credentials.privateKey,
    BRAINTREE_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: request("PUT", credentials.privateKey, "/void"),
    status: request("GET", credentials.privateKey),
    wrongCredential: request("PUT", "wrong", "/void")
  },
  route,
  faultCodes: {
    // Neither has a code.
    rateLimited: { code: "", status: 429 },
    serverError: { code: "", status: 500 },
    unknown: { code: "99999", status: 422 }
  },
  distort: {
    paymentId: distorting({ id: "sandbox_another_payment" }),
    status: distorting({ status: "sandbox_status_nobody_has_listed" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Emulator.Route>({
      provider: "Braintree",
      machine,
      route,
      paymentId: (count) => `bt${count.toString(36).padStart(6, "0")}`,
      birth({ amount = "10.00", expiresIn = "7 days", instrument = "credit_card", status = "authorized" }, at) {
        return {
          status,
          attributes: { amount, instrument },
          due: status === "authorized"
            ? { at: at + Duration.toMillis(expiresIn), to: "authorization_expired", by: "Expiry" }
            : null
        }
      },
      error,
      serverError: () => empty(500),
      refuse,
      // No void has a key here: whether the XML API takes one depends on the merchant.
      idempotency: {
        key: () => null,
        fingerprint: () => "",
        stores: () => false,
        mismatch: () => empty(422),
        inFlight: null
      },
      perform(_request, { operation, paymentId }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const payment = payments.find(id, at)
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (payment === undefined) return unchanged(empty(404))
        if (operation === "Status") return unchanged(xml(200, body(payment)))
        // Observed: also of a transaction that is voided already.
        if (!isVoidable(payment)) return unchanged(error("91504", 422))
        payments.change(id, "voided", at, "Cancel", requestIndex)
        return { reply: xml(200, body(payments.find(id, at) ?? payment)), applied: true }
      }
    })
}
