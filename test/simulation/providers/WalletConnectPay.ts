/** WalletConnect Pay: the gateway's cancel knows no key, the merchant's does. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Connection from "../../../src/providers/WalletConnectPay/options.js"
import * as Declaration from "../../../src/providers/WalletConnectPay/declaration.js"
import * as WalletConnectPay from "../../../src/providers/WalletConnectPay/notification.js"
import * as Notification from "../../../src/Notification.js"
import * as Emulators from "../../../src/sandbox/emulators/index.js"
import { type Facts, library, text, usual, type Webhooks } from "../facts.js"
import { signed } from "../webhooks.js"

const webhooks: Webhooks = {
  provider: signed(Emulators.WalletConnectPay),
  tolerance: 300_000,
  isCancellation: ({ payload }) => payload["type"] === "payment.cancelled",
  forge: (body) => `${body} `,
  read: WalletConnectPay.notification,
  confirm: Notification.confirm
}

const cancelWith = (
  credentials: Connection.Credentials,
  particulars: Pick<Facts, "secrets" | "keyHeader" | "licence" | "stillRunning">
): Facts => {
  const { cancel, policy } = library(
    Declaration.declaration,
    Declaration.cancelOperation,
    ({ identifier, idempotencyKey }) => ({ paymentId: identifier, idempotencyKey }),
    Either.getOrThrow(Connection.connect({ credentials }))
  )
  const facts: Facts = {
    ...usual,
    ...particulars,
    provider: "WalletConnectPay",
    emulator: () => Emulators.WalletConnectPay.make(),
    standings: {
      requires_action: "Cancellable",
      processing: "Closed",
      succeeded: "Closed",
      failed: "Closed",
      expired: "Closed",
      cancelled: "Cancelled"
    },
    cancelled: "cancelled",
    cancellable: "requires_action",
    acts: {
      Pays: "processing",
      PaymentSucceeds: "succeeded",
      PaymentFails: "failed",
      Expires: "expired",
      CancelsElsewhere: "cancelled"
    },
    refusals: [
      { code: "invalid_state", status: 400, about: "Payment", tryAgain: false },
      { code: "payment_expired", status: 410, about: "Payment", tryAgain: false },
      { code: "params_validation", status: 400, about: "Payment", tryAgain: false },
      { code: "idempotency_conflict", status: 409, about: "Payment", tryAgain: false },
      { code: "payment_not_found", status: 404, about: "Request", tryAgain: false },
      { code: "invalid_api_key", status: 401, about: "Request", tryAgain: false },
      { code: "rate_limited", status: 429, about: "Request", tryAgain: true }
    ],
    doubtful: [{ code: "internal_error", status: 500, doubt: "Unproven" }],
    namesPayment: { Cancel: true, Status: false },
    payment: (paymentId, status) => ({
      paymentId,
      status,
      isFinal: false,
      cancelledReason: "r",
      cancelledAt: "2026-01-01T00:00:00Z"
    }),
    error: (code, message, payment) => ({
      ...payment,
      ...(code === null ? {} : { code }),
      message,
      issues: [{ field: "f", message }]
    }),
    readCode: ({ code }) => text(code),
    readStatus: (operation, body, paymentId) =>
      operation === "Status" || body["paymentId"] === paymentId ? text(body["status"]) : null,
    webhooks,
    requestIdHeader: "x-request-id",
    policy,
    cancel: cancel(() => facts)
  }
  return facts
}

const { apiKey, appId, clientId, merchantId } = Emulators.WalletConnectPay.credentials

/** Documented advice for the gateway's cancel, which knows no key: retry 5xx and network failures. */
const gateway = { keyHeader: null, licence: ["NoAnswer", "ServerError"], stillRunning: [] } as const

export const cancelWithApiKey = cancelWith(
  Connection.Credentials.ApiKey({ apiKey: Redacted.make(apiKey) }),
  { ...gateway, secrets: [apiKey] }
)

export const cancelAsApp = cancelWith(
  Connection.Credentials.AppId({ appId, clientId }),
  { ...gateway, secrets: [appId, clientId] }
)

export const cancelAsMerchant = cancelWith(
  Connection.Credentials.Merchant({ apiKey: Redacted.make(apiKey), merchantId }),
  {
    secrets: [apiKey, merchantId],
    keyHeader: "idempotency-key",
    licence: ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
    stillRunning: [409]
  }
)
