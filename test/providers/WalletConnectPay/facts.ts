/** WalletConnect Pay, from its specification: the gateway's cancel knows no key, the merchant's does. */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import { WalletConnectPay } from "../../../src/sandbox/emulators/WalletConnectPay.js"
import { codes, configuration, type Credentials, type ProviderFacts, signed, text, usual, way, type Way } from "../../support/ProviderFacts.js"

const version = "2026-02-18"
const sdk = { name: "wire-test", version: "1.2.3", platform: "node" }

const cancelAs = <C extends Credentials>(
  particulars: Pick<Way, "label" | "keyHeader" | "licence"> & {
    readonly credentials: C
    readonly payments: string
    readonly body: string
    readonly reason: string
    readonly given: (credentials: C) => object
    readonly headers: (credentials: C) => { readonly [name: string]: string }
  }
): Way => {
  const { body, credentials, given, headers, keyHeader, label, licence, payments, reason } = particulars
  return way({
    label,
    operation: "cancel",
    credentials,
    options: (credentials) => ({ credentials: given(credentials), version, sdk }),
    request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
    emulator: () => WalletConnectPay.make(),
    cancelTarget: (segment) => `${payments}/${segment}/cancel`,
    statusTarget: (segment) => `${payments}/${segment}/status`,
    headers: (credentials) => ({
      ...headers(credentials),
      "wcp-version": version,
      "sdk-name": sdk.name,
      "sdk-version": sdk.version,
      "sdk-platform": sdk.platform
    }),
    body: () => body,
    keyHeader,
    licence,
    payment: (paymentId, status) => ({ paymentId, status, cancelledReason: reason, cancelledAt: "2025-01-14T10:30:00Z" }),
    statusBody: (_, status) => ({
      status,
      isFinal: !["requires_action", "processing"].includes(status),
      pollInMs: null,
      info: null,
      failureCode: null
    }),
    namesPayment: { Cancel: true, Status: false },
    readStatus: (operation, body, paymentId) =>
      operation === "Status" || body["paymentId"] === paymentId ? text(body["status"]) : null,
    needed: ["paymentId", "status"]
  })
}

/** Documented advice for the gateway's cancel, which knows no key: retry 5xx and network failures. */
const gateway = {
  payments: "/v1/gateway/payment",
  body: "",
  reason: "cancelled_by_user",
  keyHeader: null,
  licence: { after: ["NoAnswer", "ServerError"], key: "None", replays: "Nothing", stillRunning: [] }
} as const

export const facts: ProviderFacts = {
  ...usual,
  name: "WalletConnectPay",
  emulator: WalletConnectPay,
  basePath: "",
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
  codes: codes([
    "RateLimited            rate_limited             RateLimited     NotCancelled Request again 429     Observed",
    "InvalidParams          invalid_params           InvalidRequest  NotCancelled Payment -     400     Documented",
    "ParamsValidation       params_validation        InvalidRequest  NotCancelled Payment -     400     Documented",
    "PaymentNotFound        payment_not_found        NotFound        NotCancelled Request -     404     Observed",
    "IdempotencyConflict    idempotency_conflict     Conflict        NotCancelled Payment -     409     Documented",
    "InternalError          internal_error           ProviderFault   Unknown      Request -     500     Documented",
    "InvalidApiKey          invalid_api_key          Unauthenticated NotCancelled Request -     401     Documented",
    "Unauthorized           unauthorized             Unauthenticated NotCancelled Request -     401     Inferred",
    "Forbidden              forbidden                Forbidden       NotCancelled Request -     403     Inferred",
    "InvalidState           invalid_state            NotCancellable  NotCancelled Payment -     400     Inferred",
    "PaymentExpired         payment_expired          NotCancellable  NotCancelled Payment -     400,410 Inferred",
    "QuoteExpired           quote_expired            NotCancellable  NotCancelled Payment -     400,410 Inferred",
    "MissingApiKey          missing_api_key          Unauthenticated NotCancelled Request -     401     Documented",
    "MissingMerchantApiKey  missing_merchant_api_key Unauthenticated NotCancelled Request -     401     Inferred",
    "MissingMerchantId      missing_merchant_id      Unauthenticated NotCancelled Request -     401     Documented",
    "HeaderNotAscii         header_not_ascii         InvalidRequest  NotCancelled Request -     400     Documented",
    "NotSandboxApiKey       not_sandbox_api_key      Forbidden       NotCancelled Request -     403     Inferred",
    "MerchantNotFound       merchant_not_found       NotFound        NotCancelled Request -     404     Inferred",
    "MerchantExists         merchant_exists          Conflict        NotCancelled Payment -     409     Inferred",
    "ApiKeyNotFound         api_key_not_found        Unauthenticated NotCancelled Request -     404     Inferred",
    "PartnerNotFound        partner_not_found        NotFound        NotCancelled Request -     404     Inferred",
    "CustomerNotFound       customer_not_found       NotFound        NotCancelled Request -     404     Inferred",
    "WalletNotFound         wallet_not_found         NotFound        NotCancelled Request -     404     Inferred",
    "ExecutorNotFound       executor_not_found       NotFound        NotCancelled Request -     404     Inferred",
    "MissingAppId           missing_app_id           Unauthenticated NotCancelled Request -     401     Inferred",
    "MissingClientId        missing_client_id        Unauthenticated NotCancelled Request -     401     Inferred",
    "InvalidAppId           invalid_app_id           Unauthenticated NotCancelled Request -     401     Inferred",
    "ConflictingAuthHeaders conflicting_auth_headers Unauthenticated NotCancelled Request -     400,401 Inferred",
    "MissingAuthHeaders     missing_auth_headers     Unauthenticated NotCancelled Request -     401     Inferred",
    "InvalidApiVersion      invalid_api_version      InvalidRequest  NotCancelled Request -     400     Documented",
    "UnknownApiVersion      unknown_api_version      InvalidRequest  NotCancelled Request -     400     Documented",
    "ApiVersionDowngrade    api_version_downgrade    InvalidRequest  NotCancelled Request -     400     Documented",
    "SanctionedUser         sanctioned_user          Forbidden       NotCancelled Request -     451     Inferred",
    "PaymentNotSucceeded    payment_not_succeeded    NotCancellable  NotCancelled Payment -     400     Documented",
    "AlreadyRefunded        already_refunded         NotCancellable  NotCancelled Payment -     409     Documented"
  ]),
  // What it advises.
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 100, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 100_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: "x-request-id",
  error: (code, message, payment = {}) => ({
    ...payment,
    ...(code === null ? {} : { code }),
    message,
    issues: [{ field: "f", message }]
  }),
  readCode: ({ code }) => text(code),
  configuration: configuration({
    needed: [
      { apiKey: "WALLETCONNECT_PAY_API_KEY" },
      { appId: "WALLETCONNECT_PAY_APP_ID", clientId: "WALLETCONNECT_PAY_CLIENT_ID" },
      { apiKey: "WALLETCONNECT_PAY_API_KEY", merchantId: "WALLETCONNECT_PAY_MERCHANT_ID" }
    ],
    settings: [{ option: "version", variable: "WALLETCONNECT_PAY_VERSION", value: version }],
    baseUrl: "WALLETCONNECT_PAY_BASE_URL",
    otherwise: "https://api.pay.walletconnect.com",
    hosts: { production: "https://api.pay.walletconnect.com", staging: "https://staging.api.pay.walletconnect.com" }
  }),
  webhooks: {
    provider: signed(WalletConnectPay),
    tolerance: 300_000,
    isCancellation: ({ payload }) => payload["type"] === "payment.cancelled",
    forge: (body) => `${body} `,
    otherSecret: "whsec_YW5vdGhlcg==",
    encoding: "base64",
    several: true,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        id: "evt_1",
        type: "payment.cancelled",
        data: { payment_id: paymentId, status: "cancelled" }
      }))
      return {
        secret: `whsec_${Buffer.from(key).toString("base64")}`,
        signature: createHmac("sha256", key).update(`msg_1.${at}.${body}`).digest("base64"),
        sent: (...signatures) => ({
          body,
          headers: { "svix-id": "msg_1", "svix-timestamp": String(at), "svix-signature": signatures.map((_) => `v1,${_}`).join(" ") }
        })
      }
    }
  },
  ways: [
    cancelAs({
      ...gateway,
      label: "API key",
      credentials: { apiKey: "wcp_live_CANARYkey7f31c0aa52" },
      given: ({ apiKey }) => ({ _tag: "ApiKey", apiKey: Redacted.make(apiKey) }),
      headers: ({ apiKey }) => ({ "api-key": apiKey })
    }),
    cancelAs({
      ...gateway,
      label: "app",
      credentials: { appId: "CANARYapp-91be44d07c6e", clientId: "CANARYclient-30f5aa18d2b9" },
      given: ({ appId, clientId }) => ({ _tag: "AppId", appId, clientId }),
      headers: ({ appId, clientId }) => ({ "app-id": appId, "client-id": clientId })
    }),
    cancelAs({
      label: "merchant",
      payments: "/v1/payments",
      body: "{}",
      reason: "cancelled_by_merchant",
      credentials: { apiKey: "wcp_live_CANARYkey7f31c0aa52", merchantId: "CANARYmerchant-c4d1f7e65a08" },
      given: ({ apiKey, merchantId }) => ({ _tag: "Merchant", apiKey: Redacted.make(apiKey), merchantId }),
      headers: ({ apiKey, merchantId }) => ({ "api-key": apiKey, "merchant-id": merchantId }),
      keyHeader: "idempotency-key",
      licence: { after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"], key: "Honoured", replays: "FinalAnswers", stillRunning: [409] }
    })
  ]
}
