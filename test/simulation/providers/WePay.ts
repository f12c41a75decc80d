/** WePay: a status for every payment, a key that is honoured, and two reason codes that count as codes. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Connection from "../../../src/providers/WePay/options.js"
import * as Declaration from "../../../src/providers/WePay/declaration.js"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import * as Emulators from "../../../src/sandbox/emulators/index.js"
import { type Facts, library, text, usual } from "../facts.js"

const { appId, appToken } = Emulators.WePay.credentials

const { cancel, policy } = library(
  Declaration.declaration,
  Declaration.cancelOperation,
  ({ identifier, idempotencyKey, reason }) => ({ paymentId: identifier, idempotencyKey, reason }),
  Either.getOrThrow(Connection.connect({ appId, appToken: Redacted.make(appToken) }))
)

/** The reason codes that mean something of their own. */
const reasons: ReadonlySet<string> = new Set([
  "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING",
  "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED"
])

const reasonIn = ({ details }: JsonObject): string | null =>
  (Array.isArray(details) ? details : []).filter(isObject).map(({ reason_code }) => text(reason_code)).find((code) =>
    code !== null && reasons.has(code)) ?? null

export const cancelPayment: Facts = {
  ...usual,
  emulator: () => Emulators.WePay.make(),
  provider: "WePay",
  secrets: [appId, appToken],
  standings: { pending: "Cancellable", completed: "Closed", failed: "Closed", canceled: "Cancelled" },
  cancelled: "canceled",
  cancellable: "pending",
  acts: { PaymentSucceeds: "completed", PaymentFails: "failed", CancelsElsewhere: "canceled" },
  keyHeader: "unique-key",
  licence: ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
  refusals: [
    { code: "PAYMENT_CANNOT_BE_CANCELED", status: 400, about: "Payment", tryAgain: false },
    { code: "INVALID_PARAMS", status: 400, about: "Request", tryAgain: false },
    { code: "NOT_AUTHORIZED", status: 403, about: "Request", tryAgain: false },
    { code: "RESOURCE_CONFLICT", status: 409, about: "Payment", tryAgain: true },
    { code: "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED", status: 400, about: "Payment", tryAgain: true },
    { code: "THROTTLE_EXCEEDED", status: 429, about: "Request", tryAgain: true }
  ],
  doubtful: [
    { code: "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING", status: 400, doubt: "StillRunning" },
    { code: "UNEXPECTED_ERROR", status: 500, doubt: "Unproven" }
  ],
  namesPayment: { Cancel: true, Status: true },
  payment: (id, status) => ({ id, status, path: `/payments/${id}`, amount: 1000, currency: "USD" }),
  error: (code, error_message, payment) => {
    const isReason = code !== null && reasons.has(code)
    return {
      ...payment,
      ...(code === null ? {} : { error_code: isReason ? "INVALID_PARAMS" : code }),
      error_message,
      details: [{ message: error_message, target: ["id"], ...(isReason ? { reason_code: code } : {}) }]
    }
  },
  readCode: (body) => body["error_code"] === "INVALID_PARAMS" ? reasonIn(body) ?? "INVALID_PARAMS" : text(body["error_code"]),
  readStatus: (_, body, id) => body["id"] === id ? text(body["status"]) : null,
  requestIdHeader: "x-correlation-id",
  policy,
  cancel: cancel(() => cancelPayment)
}
