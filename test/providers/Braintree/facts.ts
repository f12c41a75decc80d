/** Braintree, from its server API in XML: no key, one code, and otherwise nothing but an HTTP status. */
import * as Redacted from "effect/Redacted"
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser"
import { Braintree } from "../../../src/sandbox/emulators/Braintree.js"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import { codes, configuration, type Interpreter, type ProviderFacts, text, usual, way } from "../../support/ProviderFacts.js"

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressBooleanAttributes: false })

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  htmlEntities: true
})

/** Null is an attribute, and so is that something is a list. */
const marked = (value: unknown): unknown => {
  if (value === null) return { "@nil": "true" }
  if (Array.isArray(value)) return { "@type": "array", item: value.map(marked) }
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, marked(inner)])) : value
}

/** A document has one root: an error that also has the transaction has it inside. */
const withOneRoot = ({ transaction, ...body }: JsonObject): JsonObject => {
  if (transaction === undefined) return body
  const error = body["api-error-response"]
  return isObject(error) ? { ...body, "api-error-response": { ...error, transaction } } : { ...body, transaction }
}

const targets = /^(.*)\/merchants\/([^/]+)(\/transactions\/[^/]+(?:\/void)?)$/

/** As if the merchant stood in a header. */
const interpreter: Interpreter = {
  request: (sent) => {
    const [, before = "", merchant = "", target] = targets.exec(sent.target) ?? []
    return target === undefined
      ? sent
      : {
        ...sent,
        method: sent.method === "PUT" && target.endsWith("/void") ? "POST" : sent.method,
        target: before + target,
        headers: { ...sent.headers, merchant }
      }
  },
  answers: {
    contentType: "application/xml; charset=utf-8",
    write: (body) => builder.build(marked(withOneRoot(body))),
    read: (written) => {
      // Half an answer is none.
      if (XMLValidator.validate(written) !== true) return null
      const value: unknown = parser.parse(written)
      return isObject(value) ? value : null
    }
  }
}

const inside = (value: unknown, name: string): JsonObject => isObject(value) && isObject(value[name]) ? value[name] : {}

const transaction = (id: string, status: string) => ({
  transaction: {
    id,
    status,
    type: "sale",
    "currency-iso-code": "USD",
    amount: "10.00",
    "order-id": null,
    "created-at": "2026-01-14T10:30:00Z",
    "refund-ids": []
  }
})

/** The first code in the errors about the transaction, or in those about nothing in particular. */
const codeIn = (body: JsonObject): string | null => {
  const errors = inside(inside(inside(inside(body, "api-error-response"), "errors"), "transaction"), "errors")
  const item = errors["item"] ?? errors["error"]
  return text(inside({ first: Array.isArray(item) ? item[0] : item }, "first")["code"])
}

/** The merchant of the emulator's keys. */
const { merchantId } = Braintree.credentials

const production = "https://api.braintreegateway.com"
const sandbox = "https://api.sandbox.braintreegateway.com"

export const facts: ProviderFacts = {
  ...usual,
  name: "Braintree",
  emulator: Braintree,
  basePath: "",
  interpreter,
  // Letters, digits, hyphens and underscores: the SDKs send no other.
  paymentId: (name) =>
    /^[A-Za-z0-9_-]{1,255}$/.test(name) ? name : `bt_${Buffer.from(name).toString("base64url")}`.slice(0, 255),
  standings: {
    authorizing: "Cancellable",
    authorized: "Cancellable",
    submitted_for_settlement: "Cancellable",
    settlement_pending: "Cancellable",
    voided: "Cancelled",
    authorization_expired: "Closed",
    processor_declined: "Closed",
    gateway_rejected: "Closed",
    failed: "Closed",
    settling: "Closed",
    settled: "Closed",
    settlement_declined: "Closed"
  },
  cancelled: "voided",
  cancellable: "authorized",
  acts: {
    Pays: "submitted_for_settlement",
    PaymentSucceeds: "settling",
    Expires: "authorization_expired",
    CancelsElsewhere: "voided"
  },
  codes: codes([
    "CannotBeVoided     91504 NotCancellable  NotCancelled Payment - 422 Documented",
    "Unauthorized       null  Unauthenticated NotCancelled Request - 401 Documented",
    "Forbidden          null  Forbidden       NotCancelled Payment - 403 Documented",
    "NotFound           null  NotFound        NotCancelled Request - 404 Documented",
    "UpgradeRequired    null  InvalidRequest  NotCancelled Request - 426 Documented",
    "TooManyRequests    null  RateLimited     NotCancelled Request - 429 Documented",
    "ServerError        null  ProviderFault   Unknown      Request - 500 Documented",
    "ServiceUnavailable null  ProviderFault   Unknown      Request - 503 Documented",
    "GatewayTimeout     null  ProviderFault   Unknown      Request - 504 Documented"
  ]),
  namedOtherwise: [],
  // Its SDKs wait for 60 s.
  policy: {
    attempts: 2,
    attemptTimeout: 65_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: null,
  error: (code, message, payment = {}) => ({
    "api-error-response": {
      errors: {
        errors: [],
        transaction: { errors: code === null ? [] : [{ code, attribute: "base", message }] }
      },
      message,
      ...payment
    }
  }),
  readCode: codeIn,
  configuration: configuration({
    needed: [{ merchantId: "BRAINTREE_MERCHANT_ID", publicKey: "BRAINTREE_PUBLIC_KEY", privateKey: "BRAINTREE_PRIVATE_KEY" }],
    baseUrl: "BRAINTREE_BASE_URL",
    otherwise: production,
    environments: [
      { variable: "BRAINTREE_ENVIRONMENT", value: "sandbox", given: "sandbox", url: sandbox },
      { variable: "BRAINTREE_ENVIRONMENT", value: "production", given: "production", url: production }
    ],
    hosts: { production, sandbox },
    refused: {
      BRAINTREE_ENVIRONMENT: ["live"],
      BRAINTREE_PUBLIC_KEY: ["canary:x"],
      BRAINTREE_MERCHANT_ID: [".", "..", "canary\n", "canary x"]
    }
  }),
  ways: [
    way({
      operation: "cancel",
      // The merchant id is no credential: it stands in every URL.
      credentials: {
        publicKey: "CANARYpublic-81e2b4c9",
        privateKey: "CANARYprivate-f06a3d17"
      },
      options: ({ privateKey, publicKey }) => ({ merchantId, publicKey, privateKey: Redacted.make(privateKey) }),
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => Braintree.make(),
      cancelTarget: (segment) => `/transactions/${segment}/void`,
      statusTarget: (segment) => `/transactions/${segment}`,
      headers: ({ privateKey, publicKey }) => ({
        authorization: `Basic ${Buffer.from(`${publicKey}:${privateKey}`).toString("base64")}`,
        merchant: merchantId,
        "x-apiversion": "6"
      }),
      body: () => "",
      keyHeader: null,
      licence: { after: [], key: "None", replays: "Nothing", stillRunning: [] },
      payment: transaction,
      statusBody: transaction,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, id) => {
        const stated = inside(body, "transaction")
        return stated["id"] === id ? text(stated["status"]) : null
      },
      needed: ["transaction"]
    })
  ]
}
