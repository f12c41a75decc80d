/**
 * The ways a cancel can be asked for, as data: WePay, and WalletConnect Pay with each of its
 * three kinds of credentials. Written from the providers' documents.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type CancelError, type Cancellation, type Canceller, type CancelPolicy, WalletConnectPay, WePay } from "effect-payment-cancel"

export interface Request {
  readonly paymentId: string
  readonly idempotencyKey?: string | undefined
}

export interface Connection {
  readonly baseUrl: string
  readonly policy?: CancelPolicy.Options | undefined
}

export interface Status {
  readonly status: string
}

export interface Side {
  readonly name: string
  readonly provider: "WePay" | "WalletConnectPay"
  readonly cancel: (
    connection: Connection,
    request: Request
  ) => Effect.Effect<Cancellation.Cancellation, Canceller.CancelError, HttpClient.HttpClient>
  readonly status: (
    connection: Connection,
    paymentId: string
  ) => Effect.Effect<Status, CancelError.InvalidCancelRequest | CancelError.StatusUnavailable, HttpClient.HttpClient>
  readonly cancelTarget: (segment: string) => string
  readonly statusTarget: (segment: string) => string
  /** The body of a 200 to a cancel. */
  readonly payment: (paymentId: string, status: string) => { readonly [field: string]: unknown }
  /** The body of a 200 to a status query. */
  readonly statusBody: (paymentId: string, status: string) => { readonly [field: string]: unknown }
  readonly refusal: (code: string, message?: string) => { readonly [field: string]: unknown }
  readonly statuses: {
    readonly cancelled: string
    readonly cancellable: string
    readonly closed: ReadonlyArray<string>
  }
  /** One code of each kind that matters for the way a cancel goes on. */
  readonly codes: {
    readonly unauthenticated: { readonly status: number; readonly code: string; readonly name: string }
    readonly state: { readonly status: number; readonly code: string; readonly name: string }
    readonly throttled: { readonly status: number; readonly code: string; readonly name: string }
    readonly fault: { readonly status: number; readonly code: string; readonly name: string }
  }
  /** The header of the idempotency key, where the call has one. */
  readonly keyHeader: string | null
  /** Exactly these headers carry the credentials and the fixed facts of the call. */
  readonly headers: { readonly [name: string]: string }
  /** Headers of another kind of credentials: never sent with this one. */
  readonly foreignHeaders: ReadonlyArray<string>
  readonly body: string
  readonly secrets: ReadonlyArray<string>
}

/** Credentials that are easy to recognise wherever they turn up. */
export const canary = {
  apiKey: "wcp_live_CANARYkey7f31c0aa52",
  appId: "CANARYapp-91be44d07c6e",
  clientId: "CANARYclient-30f5aa18d2b9",
  merchantId: "CANARYmerchant-c4d1f7e65a08",
  weAppId: "CANARYweapp-5512aa97e3",
  weToken: "stage_CANARYtoken8e04b6c71d"
} as const

export const reason = "item(s) delayed – cannot fulfil order"

export const wePay: Side = {
  name: "WePay",
  provider: "WePay",
  cancel: (connection, request) => WePay.cancel({ ...request, reason }).pipe(Effect.provide(wePayLayer(connection))),
  status: (connection, paymentId) => WePay.status({ paymentId }).pipe(Effect.provide(wePayLayer(connection))),
  cancelTarget: (segment) => `/payments/${segment}/cancel`,
  statusTarget: (segment) => `/payments/${segment}`,
  payment: (paymentId, status) => wePayPayment(paymentId, status),
  statusBody: (paymentId, status) => wePayPayment(paymentId, status),
  refusal: (code, message = "refused") => ({ error_code: code, error_message: message, details: [] }),
  statuses: { cancelled: "canceled", cancellable: "pending", closed: ["completed", "failed"] },
  codes: {
    unauthenticated: { status: 403, code: "NOT_AUTHORIZED", name: "NotAuthorized" },
    state: { status: 400, code: "PAYMENT_CANNOT_BE_CANCELED", name: "PaymentCannotBeCanceled" },
    throttled: { status: 429, code: "THROTTLE_EXCEEDED", name: "ThrottleExceeded" },
    fault: { status: 500, code: "UNEXPECTED_ERROR", name: "UnexpectedError" }
  },
  keyHeader: "unique-key",
  headers: {
    "app-id": canary.weAppId,
    "app-token": canary.weToken,
    "api-version": "3.0",
    "content-type": "application/json"
  },
  foreignHeaders: ["api-key", "client-id", "merchant-id", "idempotency-key", "authorization"],
  body: JSON.stringify({ cancel_reason: reason }),
  secrets: [canary.weAppId, canary.weToken]
}

const wePayLayer = (connection: Connection) =>
  Layer.orDie(WePay.layer({ appId: canary.weAppId, appToken: Redacted.make(canary.weToken), ...connection }))

/** The sample of the specification, for any payment. */
export const wePayPayment = (paymentId: string | null, status: string, path = `/payments/${paymentId}`) => ({
  amount: 1000,
  amount_refunded: 0,
  amount_disputed: 0,
  auto_capture: false,
  capture_at: null,
  create_time: 1510080179,
  currency: "USD",
  custom_data: null,
  failure_reason: null,
  fee_amount: 0,
  id: paymentId,
  order: null,
  owner: {
    id: "be2b42e5-b808-40ae-9bbe-3291ab493f57",
    path: "/accounts/be2b42e5-b808-40ae-9bbe-3291ab493f57",
    resource: "accounts"
  },
  path,
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

interface WalletConnectPaySide {
  readonly credentials: WalletConnectPay.Credentials
  readonly headers: { readonly [name: string]: string }
  readonly foreignHeaders: ReadonlyArray<string>
  readonly secrets: ReadonlyArray<string>
}

const walletConnectPay = ({ credentials, ...side }: WalletConnectPaySide): Side => {
  const merchant = credentials._tag === "Merchant"
  const payments = merchant ? "/v1/payments" : "/v1/gateway/payment"
  const layer = (connection: Connection) =>
    Layer.orDie(WalletConnectPay.layer({
      credentials,
      version: "2026-02-18",
      sdk: { name: "wire-test", version: "1.2.3", platform: "node" },
      ...connection
    }))
  return {
    ...side,
    name: `WalletConnectPay ${credentials._tag}`,
    provider: "WalletConnectPay",
    cancel: (connection, request) => WalletConnectPay.cancel(request).pipe(Effect.provide(layer(connection))),
    status: (connection, paymentId) => WalletConnectPay.status({ paymentId }).pipe(Effect.provide(layer(connection))),
    cancelTarget: (segment) => `${payments}/${segment}/cancel`,
    statusTarget: (segment) => `${payments}/${segment}/status`,
    payment: (paymentId, status) => ({
      paymentId,
      status,
      cancelledReason: merchant ? "cancelled_by_merchant" : "cancelled_by_user",
      cancelledAt: "2025-01-14T10:30:00Z"
    }),
    statusBody: (_, status) => ({
      status,
      isFinal: !["requires_action", "processing"].includes(status),
      pollInMs: null,
      info: null,
      failureCode: null
    }),
    refusal: (code, message = "refused") => ({ code, message }),
    statuses: {
      cancelled: "cancelled",
      cancellable: "requires_action",
      closed: ["processing", "succeeded", "failed", "expired"]
    },
    codes: {
      unauthenticated: { status: 401, code: "invalid_api_key", name: "InvalidApiKey" },
      state: { status: 400, code: "invalid_state", name: "InvalidState" },
      throttled: { status: 429, code: "rate_limited", name: "RateLimited" },
      fault: { status: 500, code: "internal_error", name: "InternalError" }
    },
    keyHeader: merchant ? "idempotency-key" : null,
    headers: {
      ...side.headers,
      "wcp-version": "2026-02-18",
      "sdk-name": "wire-test",
      "sdk-version": "1.2.3",
      "sdk-platform": "node"
    },
    body: merchant ? "{}" : ""
  }
}

export const sides: ReadonlyArray<Side> = [
  wePay,
  walletConnectPay({
    credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(canary.apiKey) }),
    headers: { "api-key": canary.apiKey },
    foreignHeaders: ["app-id", "client-id", "merchant-id", "idempotency-key", "unique-key", "app-token", "authorization"],
    secrets: [canary.apiKey]
  }),
  walletConnectPay({
    credentials: WalletConnectPay.Credentials.AppId({ appId: canary.appId, clientId: canary.clientId }),
    headers: { "app-id": canary.appId, "client-id": canary.clientId },
    foreignHeaders: ["api-key", "merchant-id", "idempotency-key", "unique-key", "app-token", "authorization"],
    secrets: [canary.appId, canary.clientId]
  }),
  walletConnectPay({
    credentials: WalletConnectPay.Credentials.Merchant({
      apiKey: Redacted.make(canary.apiKey),
      merchantId: canary.merchantId
    }),
    headers: { "api-key": canary.apiKey, "merchant-id": canary.merchantId },
    foreignHeaders: ["app-id", "client-id", "unique-key", "app-token", "authorization"],
    secrets: [canary.apiKey, canary.merchantId]
  })
]
