/** Airwallex, from its documentation: a login comes first, the key is a member of the body, and a key that was used is refused. */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import { parseObject } from "../../../src/sandbox/Emulator.js"
import { Airwallex } from "../../../src/sandbox/emulators/Airwallex.js"
import { codes, configuration, type Interpreter, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

/** As if the key stood in a header, and not in the body. */
const interpreter: Interpreter = {
  request: (sent) => {
    const { request_id: key, ...rest } = parseObject(sent.body) ?? {}
    return typeof key === "string" ? { ...sent, headers: { ...sent.headers, request_id: key }, body: JSON.stringify(rest) } : sent
  },
  answers: null
}

const intent = (id: string, status: string) => ({
  id,
  request_id: "request-1042",
  amount: 10.5,
  currency: "USD",
  merchant_order_id: "order-1042",
  status,
  // With less than the amount it would leave open what became of the rest.
  captured_amount: status === "SUCCEEDED" ? 10.5 : 0,
  created_at: "2026-01-14T10:30:00+0000",
  updated_at: "2026-01-14T10:31:00+0000",
  ...(status === "CANCELLED" ? { cancelled_at: "2026-01-14T10:31:00+0000", cancellation_reason: "in words" } : {}),
  client_secret: "eyJhbGciOiJIUzI1NiJ9.simulated"
})

const accessToken = "eyJhbGciOiJIUzI1NiJ9.CANARYtoken5c80d3"

/** A login is good for half an hour. */
const lifetime = 1_800

/** The same time so many seconds later. */
const later = (time: string, seconds: number): string =>
  `${new Date(Date.parse(time) + seconds * 1000).toISOString().slice(0, 19)}+0000`

export const facts: ProviderFacts = {
  ...usual,
  name: "Airwallex",
  // To one endpoint of the sandbox; in production twice as many.
  takes: { requests: 10, seconds: 1 },
  takesAtOnce: 10,
  emulator: Airwallex,
  basePath: "",
  interpreter,
  standings: {
    REQUIRES_PAYMENT_METHOD: "Cancellable",
    REQUIRES_CUSTOMER_ACTION: "Cancellable",
    REQUIRES_MERCHANT_ACTION: "Cancellable",
    // Not as such, but the payer's bank or a review may still decline.
    PENDING: "Cancellable",
    PENDING_REVIEW: "Cancellable",
    REQUIRES_CAPTURE: "Cancellable",
    SUCCEEDED: "Closed",
    CANCELLED: "Cancelled"
  },
  cancelled: "CANCELLED",
  cancellable: "REQUIRES_CAPTURE",
  acts: { Pays: "PENDING", PaymentSucceeds: "SUCCEEDED", Expires: "CANCELLED", CancelsElsewhere: "CANCELLED" },
  codes: codes([
    "InvalidStatusForOperation   invalid_status_for_operation   NotCancellable  NotCancelled Payment -     400     Documented",
    "OperationNotSupported       operation_not_supported        NotCancellable  NotCancelled Payment -     400     Documented",
    "ProviderDeclined            provider_declined              NotCancellable  NotCancelled Payment -     400     Documented",
    "DuplicateRequest            duplicate_request              Conflict        Unknown      Payment -     400     Documented",
    "ResourceNotFound            resource_not_found             NotFound        NotCancelled Request -     400,404 Documented",
    "NotFound                    not_found                      NotFound        NotCancelled Request -     404     Observed",
    "ValidationError             validation_error               InvalidRequest  NotCancelled Request -     400     Documented",
    "InvalidArgument             invalid_argument               InvalidRequest  NotCancelled Request -     400     Documented",
    "Unauthorized                unauthorized                   Unauthenticated NotCancelled Request -     401     Documented",
    "ConfigurationError          configuration_error            Forbidden       NotCancelled Request -     400     Documented",
    "SuspendedFromOnlinePayments suspended_from_online_payments Forbidden       NotCancelled Request -     400     Documented",
    "FrequencyAboveLimit         frequency_above_limit          RateLimited     NotCancelled Request -     400     Documented",
    "TooManyRequests             too_many_requests              RateLimited     NotCancelled Request again 429     Documented",
    "ProviderUnavailable         provider_unavailable           ProviderFault   Unknown      Request -     400     Documented",
    "IssuerUnavailable           issuer_unavailable             ProviderFault   Unknown      Request -     400     Documented",
    "ServiceUnavailable          service_unavailable            ProviderFault   Unknown      Request -     400,503 Documented",
    "InternalError               internal_error                 ProviderFault   Unknown      Request -     500,400 Documented"
  ]),
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    // 1, 2, 4 seconds, and so on up to 16, as it advises after a 429.
    backoff: { initial: 1_000, factor: 2, maximum: 16_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  longestIdempotencyKey: 64,
  requestIdHeader: null,
  requestIdIn: ({ trace_id }) => text(trace_id),
  error: (code, message, payment = {}) => ({ ...payment, ...(code === null ? {} : { code }), message, details: {} }),
  readCode: ({ code }) => text(code),
  takesReason: true,
  configuration: configuration({
    needed: [{ clientId: "AIRWALLEX_CLIENT_ID", apiKey: "AIRWALLEX_API_KEY" }],
    settings: [
      { option: "loginAs", variable: "AIRWALLEX_LOGIN_AS", value: "acct_1" },
      { option: "onBehalfOf", variable: "AIRWALLEX_ON_BEHALF_OF", value: "acct_2" },
      { option: "apiVersion", variable: "AIRWALLEX_API_VERSION", value: "2026-08-21" }
    ],
    baseUrl: "AIRWALLEX_BASE_URL",
    otherwise: "https://api.airwallex.com",
    hosts: { live: "https://api.airwallex.com", sandbox: "https://api.sandbox.airwallex.com", demo: "https://api-demo.airwallex.com" }
  }),
  webhooks: {
    provider: signed(Airwallex),
    tolerance: 300_000,
    isCancellation: ({ payload }) => payload["name"] === "payment_intent.cancelled",
    forge: (body) => body.replaceAll("payment_intent.succeeded", "payment_intent.cancelled").concat(" "),
    otherSecret: "whsec_another",
    encoding: "hex",
    several: false,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        id: "evt_1",
        name: "payment_intent.cancelled",
        data: { object: { id: paymentId, status: "CANCELLED" } }
      }))
      const timestamp = String(at * 1000)
      return {
        secret: key,
        signature: createHmac("sha256", key).update(`${timestamp}${body}`).digest("hex"),
        sent: (signature = "") => ({ body, headers: { "x-timestamp": timestamp, "x-signature": signature } })
      }
    }
  },
  ways: [
    way({
      operation: "cancel",
      credentials: { clientId: "CANARYclient-8f02d1b6a7", apiKey: "CANARYkey-71e5c0449d2b" },
      options: ({ apiKey, clientId }) => ({ clientId, apiKey: Redacted.make(apiKey) }),
      token: {
        target: "/api/v1/authentication/login",
        headers: ({ apiKey, clientId }) => ({ "x-client-id": clientId, "x-api-key": apiKey }),
        body: "{}",
        value: accessToken,
        granted: { token: accessToken, expires_at: "2126-01-14T11:00:00+0000" },
        valueIn: ({ token }) => String(token),
        lifetimeIn: () => lifetime,
        lasting: (granted, seconds) => ({ ...granted, expires_at: later(String(granted["expires_at"]), seconds - lifetime) })
      },
      request: ({ idempotencyKey, identifier, reason }) => ({ paymentId: identifier, idempotencyKey, reason }),
      emulator: () => Airwallex.make(),
      cancelTarget: (segment) => `/api/v1/pa/payment_intents/${segment}/cancel`,
      statusTarget: (segment) => `/api/v1/pa/payment_intents/${segment}`,
      headers: () => ({
        "authorization": `Bearer ${accessToken}`,
        "x-api-version": "2025-06-30",
        "content-type": "application/json"
      }),
      body: ({ reason }) => JSON.stringify({ cancellation_reason: reason }),
      keyHeader: "request_id",
      licence: { after: ["NoAnswer", "ServerError"], key: "Honoured", replays: "Nothing", stillRunning: [409] },
      payment: intent,
      statusBody: intent,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, id) => text(body["code"]) === null && body["id"] === id ? text(body["status"]) : null,
      needed: ["id", "status"],
      byAmounts: true,
      refused: { reason: ["", null, 7, {}] }
    })
  ]
}
