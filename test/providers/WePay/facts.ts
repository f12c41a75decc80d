/**
 * WePay, from its API reference: a status for every payment, a key that is honoured, and two
 * reason codes that count as codes.
 */
import * as Redacted from "effect/Redacted"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import { WePay } from "../../../src/sandbox/emulators/WePay.js"
import { codes, configuration, type ProviderFacts, text, usual, way } from "../../support/ProviderFacts.js"

/** The reason codes that mean something of their own. */
const reasons: ReadonlySet<string> = new Set([
  "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING",
  "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED"
])

const reasonIn = ({ details }: JsonObject): string | null =>
  (Array.isArray(details) ? details : []).filter(isObject).map(({ reason_code }) => text(reason_code)).find((code) =>
    code !== null && reasons.has(code)) ?? null

/** The sample of the reference, for any payment. */
const payment = (id: string, status: string) => ({
  amount: 1000,
  amount_refunded: 0,
  amount_disputed: 0,
  auto_capture: false,
  capture_at: null,
  create_time: 1510080179,
  currency: "USD",
  custom_data: { order: 7 },
  failure_reason: null,
  fee_amount: 0,
  id,
  order: null,
  owner: {
    id: "be2b42e5-b808-40ae-9bbe-3291ab493f57",
    path: "/accounts/be2b42e5-b808-40ae-9bbe-3291ab493f57",
    resource: "accounts"
  },
  path: `/payments/${id}`,
  payment_method: null,
  pending_reasons: [{ details: [], reason_code: "PENDING_CAPTURE", reason_message: "Payment pending capture." }],
  resource: "payments",
  status,
  authorization_code: "0224241",
  txnr_app_fee: null,
  txnr_merchant: null,
  initiated_by: "none",
  api_version: "3.0",
  reference_id: "d6a60610-3a7e-4b9d-b56f-9005b9cd18ac"
})

export const facts: ProviderFacts = {
  ...usual,
  name: "WePay",
  takes: { requests: 30, seconds: 10 },
  emulator: WePay,
  basePath: "",
  standings: { pending: "Cancellable", canceled: "Cancelled", completed: "Closed", failed: "Closed" },
  cancelled: "canceled",
  cancellable: "pending",
  acts: { PaymentSucceeds: "completed", PaymentFails: "failed", CancelsElsewhere: "canceled" },
  codes: codes([
    "InvalidParams                          INVALID_PARAMS                              InvalidRequest NotCancelled Payment -       400 Documented",
    "PaymentCannotBeCanceled                PAYMENT_CANNOT_BE_CANCELED                  NotCancellable NotCancelled Payment -       400 Documented",
    "ConcurrentUniqueKeyRequestIsProcessing CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING Conflict       Unknown      Request running 400 Documented",
    "PointOfSaleTransactionNotYetProcessed  POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED Conflict       NotCancelled Payment again   400 Documented",
    "NotAuthorized                          NOT_AUTHORIZED                              Forbidden      NotCancelled Request -       403 Documented",
    "ThrottleExceeded                       THROTTLE_EXCEEDED                           RateLimited    NotCancelled Request again   429 Documented",
    "ResourceConflict                       RESOURCE_CONFLICT                           Conflict       NotCancelled Payment again   409 Documented",
    "UnexpectedError                        UNEXPECTED_ERROR                            ProviderFault  Unknown      Request -       500 Documented"
  ]),
  // Longer than its own 30 seconds.
  policy: {
    attempts: 4,
    attemptTimeout: 35_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: "x-correlation-id",
  error: (code, error_message, payment = {}) => {
    const isReason = code !== null && reasons.has(code)
    return {
      ...payment,
      ...(code === null ? {} : { error_code: isReason ? "INVALID_PARAMS" : code }),
      error_message,
      details: [{ message: error_message, target: ["id"], target_type: "HTTP_REQUEST_PATH", ...(isReason ? { reason_code: code } : {}) }]
    }
  },
  readCode: (body) => body["error_code"] === "INVALID_PARAMS" ? reasonIn(body) ?? "INVALID_PARAMS" : text(body["error_code"]),
  takesReason: true,
  configuration: configuration({
    needed: [{ appId: "WEPAY_APP_ID", appToken: "WEPAY_APP_TOKEN" }],
    settings: [{ option: "apiVersion", variable: "WEPAY_API_VERSION", value: "3.2" }],
    baseUrl: "WEPAY_BASE_URL",
    otherwise: "https://api.wepay.com",
    hosts: { live: "https://api.wepay.com", stage: "https://stage-api.wepay.com" }
  }),
  ways: [
    way({
      operation: "cancel",
      credentials: { appId: "CANARYweapp-5512aa97e3", appToken: "stage_CANARYtoken8e04b6c71d" },
      options: ({ appId, appToken }) => ({ appId, appToken: Redacted.make(appToken) }),
      request: ({ idempotencyKey, identifier, reason }) => ({ paymentId: identifier, idempotencyKey, reason }),
      emulator: () => WePay.make(),
      cancelTarget: (segment) => `/payments/${segment}/cancel`,
      statusTarget: (segment) => `/payments/${segment}`,
      headers: ({ appId, appToken }) => ({
        "app-id": appId,
        "app-token": appToken,
        "api-version": "3.0",
        "content-type": "application/json"
      }),
      body: ({ reason }) => JSON.stringify({ cancel_reason: reason }),
      keyHeader: "unique-key",
      // That a request still runs it says with a reason code and a 400.
      licence: { after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"], key: "Inferred", replays: "FinalAnswers", stillRunning: [] },
      payment,
      statusBody: payment,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, id) => body["id"] === id ? text(body["status"]) : null,
      needed: ["status"],
      naming: ["id"],
      refused: {
        reason: ["", " ", "\ud800", undefined, null, 7, {}],
        rbits: ["text", 7, {}, [1], [null], ["x"]]
      }
    })
  ]
}
