/** Square, from its API reference: no key, no licence; and a cancel by the creation's key, which is answered with `{}` whatever it did. */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import { Square } from "../../../src/sandbox/emulators/Square.js"
import { codes, configuration, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

/** What is chosen for a payment besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly creationKey?: string
}

const creationKey = "creation-of-order-1042"

const errorsIn = ({ errors }: JsonObject): ReadonlyArray<unknown> => Array.isArray(errors) ? errors : []

const payment = (id: string, status: string) => ({
  payment: {
    id,
    status,
    created_at: "2026-01-14T10:30:00Z",
    amount_money: { amount: 1000, currency: "USD" },
    card_details: { status: "VOIDED", card_payment_timeline: { voided_at: "2026-01-14T10:31:00Z" } }
  }
})

/** Where the sandbox's webhooks go, which is signed with them. */
const notificationUrl = "https://shop.example/webhooks/square"

/** The payment of an event. */
const paymentIn = ({ data }: JsonObject): JsonObject => {
  const object = isObject(data) ? data["object"] : null
  const payment = isObject(object) ? object["payment"] : null
  return isObject(payment) ? payment : {}
}

const version = "2025-08-20"

const alike = {
  credentials: { accessToken: "EAAACANARYtoken0b7d94f6e21c" },
  options: ({ accessToken }: { readonly accessToken: string }) => ({ accessToken: Redacted.make(accessToken), version }),
  // Neither has a key, and neither may be repeated.
  keyHeader: null,
  licence: { after: [], key: "None", replays: "Nothing", stillRunning: [] },
  payment
} as const

const headers = ({ accessToken }: { readonly accessToken: string }) => ({
  "authorization": `Bearer ${accessToken}`,
  "square-version": version
})

export const facts: ProviderFacts = {
  ...usual,
  name: "Square",
  emulator: Square,
  basePath: "",
  standings: { APPROVED: "Cancellable", PENDING: "Cancellable", COMPLETED: "Closed", FAILED: "Closed", CANCELED: "Cancelled" },
  cancelled: "CANCELED",
  cancellable: "APPROVED",
  acts: { PaymentSucceeds: "COMPLETED", PaymentFails: "FAILED", Expires: "CANCELED", CancelsElsewhere: "CANCELED" },
  codes: codes([
    "DelayedTransactionCaptured DELAYED_TRANSACTION_CAPTURED  NotCancellable  NotCancelled Payment -     400     Documented",
    "DelayedTransactionCanceled DELAYED_TRANSACTION_CANCELED  NotCancellable  NotCancelled Payment -     400     Documented",
    "DelayedTransactionExpired  DELAYED_TRANSACTION_EXPIRED   NotCancellable  NotCancelled Payment -     400     Documented",
    "DelayedTransactionFailed   DELAYED_TRANSACTION_FAILED    NotCancellable  NotCancelled Payment -     400     Documented",
    "BadRequest                 BAD_REQUEST                   NotCancellable  NotCancelled Payment -     400     Inferred",
    "UnprocessableEntity        UNPROCESSABLE_ENTITY          NotCancellable  NotCancelled Payment -     422     Inferred",
    "Conflict                   CONFLICT                      Conflict        NotCancelled Payment -     409     Inferred",
    "IdempotencyKeyReused       IDEMPOTENCY_KEY_REUSED        Conflict        NotCancelled Payment -     400     Inferred",
    "InvalidValue               INVALID_VALUE                 InvalidRequest  NotCancelled Payment -     400     Inferred",
    "UnexpectedValue            UNEXPECTED_VALUE              InvalidRequest  NotCancelled Payment -     400     Inferred",
    "Gone                       GONE                          NotFound        NotCancelled Payment -     410     Documented",
    "NotFound                   NOT_FOUND                     NotFound        NotCancelled Request -     404     Documented",
    "Unauthorized               UNAUTHORIZED                  Unauthenticated NotCancelled Request -     401     Documented",
    "AccessTokenExpired         ACCESS_TOKEN_EXPIRED          Unauthenticated NotCancelled Request -     401     Documented",
    "AccessTokenRevoked         ACCESS_TOKEN_REVOKED          Unauthenticated NotCancelled Request -     401     Documented",
    "ClientDisabled             CLIENT_DISABLED               Forbidden       NotCancelled Request -     403,401 Documented",
    "ApplicationDisabled        APPLICATION_DISABLED          Forbidden       NotCancelled Request -     403     Documented",
    "Forbidden                  FORBIDDEN                     Forbidden       NotCancelled Request -     403     Documented",
    "InsufficientScopes         INSUFFICIENT_SCOPES           Forbidden       NotCancelled Request -     403     Documented",
    "SandboxNotSupported        SANDBOX_NOT_SUPPORTED         InvalidRequest  NotCancelled Request -     400     Documented",
    "MissingRequiredParameter   MISSING_REQUIRED_PARAMETER    InvalidRequest  NotCancelled Request -     400     Documented",
    "ValueEmpty                 VALUE_EMPTY                   InvalidRequest  NotCancelled Request -     400     Documented",
    "ValueTooShort              VALUE_TOO_SHORT               InvalidRequest  NotCancelled Request -     400     Documented",
    "ValueTooLong               VALUE_TOO_LONG                InvalidRequest  NotCancelled Request -     400     Documented",
    "ValueRegexMismatch         VALUE_REGEX_MISMATCH          InvalidRequest  NotCancelled Request -     400     Documented",
    "ExpectedJsonBody           EXPECTED_JSON_BODY            InvalidRequest  NotCancelled Request -     400     Documented",
    "InvalidContentType         INVALID_CONTENT_TYPE          InvalidRequest  NotCancelled Request -     400,415 Documented",
    "UnsupportedMediaType       UNSUPPORTED_MEDIA_TYPE        InvalidRequest  NotCancelled Request -     415     Documented",
    "MethodNotAllowed           METHOD_NOT_ALLOWED            InvalidRequest  NotCancelled Request -     405     Documented",
    "InvalidSquareVersionFormat INVALID_SQUARE_VERSION_FORMAT InvalidRequest  NotCancelled Request -     400     Documented",
    "ApiVersionIncompatible     API_VERSION_INCOMPATIBLE      InvalidRequest  NotCancelled Request -     400     Documented",
    "RateLimited                RATE_LIMITED                  RateLimited     NotCancelled Request again 429     Documented",
    "InternalServerError        INTERNAL_SERVER_ERROR         ProviderFault   Unknown      Request -     500     Documented",
    "NotImplemented             NOT_IMPLEMENTED               ProviderFault   Unknown      Request -     501     Documented",
    "BadGateway                 BAD_GATEWAY                   ProviderFault   Unknown      Request -     502     Documented",
    "ServiceUnavailable         SERVICE_UNAVAILABLE           ProviderFault   Unknown      Request -     503     Documented",
    "GatewayTimeout             GATEWAY_TIMEOUT               ProviderFault   Unknown      Request -     504     Documented",
    "TemporaryError             TEMPORARY_ERROR               ProviderFault   Unknown      Request -     500,503 Documented",
    "RequestTimeout             REQUEST_TIMEOUT               ProviderFault   Unknown      Request -     504     Inferred"
  ]),
  // Observed in its own library: when the limit is over, in UNIX seconds.
  delayHeader: { name: "x-ratelimit-reset", unit: "UnixSeconds" },
  // Those of its own clients.
  policy: {
    attempts: 3,
    attemptTimeout: 60_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: "x-request-id",
  error: (code, detail, payment = {}) => ({
    ...payment,
    errors: [{ category: "INVALID_REQUEST_ERROR", ...(code === null ? {} : { code }), detail, field: "f" }]
  }),
  readCode: (body) => errorsIn(body).filter(isObject).map(({ code }) => text(code)).find((code) => code !== null) ?? null,
  configuration: configuration({
    needed: [{ accessToken: "SQUARE_ACCESS_TOKEN" }],
    settings: [{ option: "version", variable: "SQUARE_VERSION", value: "2026-09-16" }],
    baseUrl: "SQUARE_BASE_URL",
    otherwise: "https://connect.squareup.com",
    hosts: { production: "https://connect.squareup.com", sandbox: "https://connect.squareupsandbox.com" }
  }),
  webhooks: {
    provider: signed(Square),
    verification: { notificationUrl },
    tolerance: 31 * 86_400_000,
    isCancellation: ({ payload }) => paymentIn(payload)["status"] === "CANCELED",
    forge: (body) => body.includes('"CANCELED"') ? body.replace('"CANCELED"', '"APPROVED"') : body.replace(/"status":"\w+"/, '"status":"CANCELED"'),
    otherSecret: "another",
    encoding: "base64",
    several: false,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        merchant_id: "6SSW7HV8K2ST5",
        type: "payment.updated",
        event_id: "evt_1",
        created_at: new Date(at * 1000).toISOString(),
        data: { type: "payment", id: paymentId, object: payment(paymentId, "CANCELED") }
      }))
      return {
        secret: key,
        signature: createHmac("sha256", key).update(`${notificationUrl}${body}`).digest("base64"),
        sent: (signature = "") => ({ body, headers: { "X-Square-HmacSha256-Signature": signature } })
      }
    }
  },
  ways: [
    way({
      ...alike,
      operation: "cancel",
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => Square.make(),
      cancelTarget: (segment) => `/v2/payments/${segment}/cancel`,
      statusTarget: (segment) => `/v2/payments/${segment}`,
      headers,
      body: () => "",
      statusBody: payment,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, id) => {
        const { payment } = body
        return errorsIn(body).length === 0 && isObject(payment) && payment["id"] === id ? text(payment["status"]) : null
      },
      needed: ["payment"]
    }),
    way({
      ...alike,
      label: "by creation key",
      operation: "cancelByCreationKey",
      request: ({ idempotencyKey, identifier }) => ({ creationKey: identifier, idempotencyKey }),
      identifiedBy: "CreationKey",
      identifier: () => creationKey,
      canBeNamedBefore: true,
      successes: "CancellationAcknowledged",
      longestIdentifier: 45,
      emulator: () => {
        const emulator: Emulator.Emulator<Particulars> = Square.make()
        return { ...emulator, create: (options, at) => emulator.create({ ...options, creationKey }, at) }
      },
      cancelTarget: () => "/v2/payments/cancel",
      statusTarget: null,
      headers: (credentials) => ({ ...headers(credentials), "content-type": "application/json" }),
      body: ({ identifier }) => JSON.stringify({ idempotency_key: identifier }),
      statusBody: null,
      namesPayment: { Cancel: false, Status: false },
      readStatus: () => null,
      receipts: {
        success: "CancellationAcknowledged",
        make: () => ({}),
        isOne: (body) => Object.keys(body).every((member) => member === "errors") && errorsIn(body).length === 0,
        referenceIn: () => null
      },
      needed: [],
      isExact: true
    })
  ]
}
