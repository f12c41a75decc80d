/** GoCardless, from its API reference: a key that nothing is promised of, no licence, and one refusal for cancelled and too late. */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import { GoCardless } from "../../../src/sandbox/emulators/GoCardless.js"
import { codes, configuration, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

const envelope = (id: string, status: string) => ({
  payments: {
    id,
    created_at: "2026-01-14T10:30:00.000Z",
    charge_date: "2026-01-21",
    amount: 1000,
    amount_refunded: 0,
    currency: "GBP",
    description: null,
    reference: "ORDER-1042",
    scheme: "bacs",
    status,
    metadata: {},
    links: { mandate: "MD123", creditor: "CR123" }
  }
})

const errorIn = ({ error }: JsonObject): JsonObject | null => isObject(error) ? error : null

/** An error of this type names fields, and has no reason. */
const withoutReason = "validation_failed"

export const facts: ProviderFacts = {
  ...usual,
  name: "GoCardless",
  emulator: GoCardless,
  basePath: "",
  standings: {
    // It is pending_submission next.
    pending_customer_approval: "Cancellable",
    pending_submission: "Cancellable",
    submitted: "Closed",
    confirmed: "Closed",
    paid_out: "Closed",
    cancelled: "Cancelled",
    customer_approval_denied: "Closed",
    // A retry makes it pending_submission again.
    failed: "Cancellable",
    charged_back: "Closed"
  },
  cancelled: "cancelled",
  cancellable: "pending_submission",
  acts: { Pays: "submitted", PaymentFails: "failed", CancelsElsewhere: "cancelled" },
  codes: codes([
    "CancellationFailed         cancellation_failed          NotCancellable  NotCancelled Payment -     422         Documented",
    "IdempotentCreationConflict idempotent_creation_conflict Conflict        NotCancelled Payment -     409         Inferred",
    "IdempotencyKeyTooLong      idempotency_key_too_long     InvalidRequest  NotCancelled Request -     400,422     Inferred",
    "ValidationFailed           validation_failed            InvalidRequest  NotCancelled Request -     422         Documented",
    "BadRequest                 bad_request                  InvalidRequest  NotCancelled Request -     400         Documented",
    "Unauthorized               unauthorized                 Unauthenticated NotCancelled Request -     401         Documented",
    "AccessTokenNotFound        access_token_not_found       Unauthenticated NotCancelled Request -     401         Inferred",
    "AccessTokenNotActive       access_token_not_active      Unauthenticated NotCancelled Request -     401         Inferred",
    "InsufficientPermissions    insufficient_permissions     Forbidden       NotCancelled Request -     403         Documented",
    "Forbidden                  forbidden                    Forbidden       NotCancelled Request -     403         Documented",
    "FeatureDisabled            feature_disabled             Forbidden       NotCancelled Request -     403         Inferred",
    "NotFound                   not_found                    NotFound        NotCancelled Request -     404         Observed",
    "ResourceNotFound           resource_not_found           NotFound        NotCancelled Request -     404         Inferred",
    "RateLimitExceeded          rate_limit_exceeded          RateLimited     NotCancelled Request again 429         Documented",
    "RequestTimedOut            request_timed_out            ProviderFault   Unknown      Request -     504,503,500 Inferred",
    "InternalServerError        internal_server_error        ProviderFault   Unknown      Request -     500         Documented"
  ]),
  // Its own clients wait 500 ms before they repeat what they may.
  policy: {
    attempts: 3,
    attemptTimeout: 60_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 60_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  // So others report it.
  takes: { requests: 1000, seconds: 60 },
  requestIdHeader: "x-request-id",
  requestIdIn: (body) => text(errorIn(body)?.["request_id"]),
  error: (code, message, payment = {}) => ({
    ...payment,
    error: {
      message,
      ...(code === withoutReason ? { type: code } : {}),
      errors: [code === null || code === withoutReason ? { field: "metadata", message } : { reason: code, message }],
      request_id: "c0ffee00-0000-4000-8000-000000000000"
    }
  }),
  readCode: (body) => {
    const { errors, type } = errorIn(body) ?? {}
    const [first] = Array.isArray(errors) ? errors : []
    return (isObject(first) ? text(first["reason"]) : null) ?? text(type)
  },
  configuration: configuration({
    needed: [{ accessToken: "GOCARDLESS_ACCESS_TOKEN" }],
    settings: [{ option: "apiVersion", variable: "GOCARDLESS_API_VERSION", value: "2014-11-03" }],
    baseUrl: "GOCARDLESS_BASE_URL",
    otherwise: "https://api.gocardless.com",
    hosts: { live: "https://api.gocardless.com", sandbox: "https://api-sandbox.gocardless.com" }
  }),
  webhooks: {
    provider: signed(GoCardless),
    tolerance: 31 * 86_400_000,
    isCancellation: ({ payload }) => payload["resource_type"] === "payments" && payload["action"] === "cancelled",
    forge: (body) =>
      body.includes('"cancelled"')
        ? body.replace('"cancelled"', '"failed"')
        : body.replace(/"action":"\w+"/, '"action":"cancelled"'),
    otherSecret: "another",
    encoding: "hex",
    several: true,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        events: [{
          id: "EV1",
          created_at: new Date(at * 1000).toISOString(),
          resource_type: "payments",
          action: "cancelled",
          links: { payment: paymentId },
          details: { origin: "api", cause: "payment_cancelled", description: "The payment was cancelled." },
          metadata: {}
        }],
        meta: { webhook_id: "WB1" }
      }))
      return {
        secret: key,
        signature: createHmac("sha256", key).update(body).digest("hex"),
        sent: (...signatures) => ({ body, headers: { "Webhook-Signature": signatures.join(",") } })
      }
    }
  },
  ways: [
    way({
      operation: "cancel",
      credentials: { accessToken: "live_CANARYtoken_2f6ad07c41e8" },
      options: ({ accessToken }) => ({ accessToken: Redacted.make(accessToken) }),
      request: ({ idempotencyKey, identifier, reason }) => ({ paymentId: identifier, idempotencyKey, metadata: { reason } }),
      emulator: () => GoCardless.make(),
      cancelTarget: (segment) => `/payments/${segment}/actions/cancel`,
      statusTarget: (segment) => `/payments/${segment}`,
      headers: ({ accessToken }) => ({
        "authorization": `Bearer ${accessToken}`,
        "gocardless-version": "2015-07-06",
        "content-type": "application/json"
      }),
      body: ({ reason }) => JSON.stringify({ data: { metadata: { reason } } }),
      keyHeader: "idempotency-key",
      licence: { after: [], key: "None", replays: "Nothing", stillRunning: [409] },
      payment: envelope,
      statusBody: envelope,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, { error, payments }, id) =>
        isObject(payments) && payments["id"] === id && (error === undefined || error === null) ? text(payments["status"]) : null,
      needed: ["payments"],
      refused: {
        metadata: [
          { a: 1 },
          { a: "1", b: "2", c: "3", d: "4" },
          { ["n".repeat(51)]: "1" },
          { a: "1".repeat(501) }
        ]
      }
    })
  ]
}
