/**
 * Every provider of the library, as the conformance suite needs it: one entry each. A
 * provider that is exported and is not here makes the suite fail.
 *
 * The bodies are written from the providers' documentation, and not with their schemas.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import {
  Adyen,
  type CancelError,
  type Cancellation,
  type CancelPolicy,
  Square,
  Stripe,
  WalletConnectPay,
  WePay
} from "effect-payment-cancel"
import { declaration as adyen } from "../../src/providers/Adyen/declaration.js"
import { declaration as square } from "../../src/providers/Square/declaration.js"
import { declaration as stripe } from "../../src/providers/Stripe/declaration.js"
import { declaration as walletConnectPay } from "../../src/providers/WalletConnectPay/declaration.js"
import { declaration as wePay } from "../../src/providers/WePay/declaration.js"
import type { Catalogue } from "../../src/authoring/Errors.js"
import type { Standings } from "../../src/authoring/Answer.js"

export type Json = { readonly [key: string]: unknown }

/** Any error of any provider's channel. */
export type Failure = CancelError.Any & { readonly _tag: string }

/** One way of cancelling at one provider. */
export interface Operation {
  readonly name: string
  /** Connects its provider; the effect then carries one cancel of `paymentId` out. */
  readonly connect: (
    policy: CancelPolicy.Options
  ) => Effect.Effect<Effect.Effect<Cancellation.Cancellation, Failure>, never, HttpClient.HttpClient | Scope.Scope>
  /** The tag of what its proof becomes. */
  readonly success: Cancellation.Cancellation["_tag"]
  /** A body that proves it, about any payment. */
  readonly proof: (paymentId: string) => Json
  /** Names in the proof without which it proves nothing. */
  readonly needed: ReadonlyArray<string>
  /** Other names in it that may say that it is about another payment. */
  readonly naming: ReadonlyArray<string>
  /** The 4xx statuses that leave it open whether a request under the same key still runs. */
  readonly running: ReadonlyArray<number>
  /** What its proof states as captured before; null where it states nothing. */
  readonly captured: Cancellation.Amount | null
  /** Whether its proof is exactly this: anything more would be something else. */
  readonly isExact: boolean
  /** Whether its answers say which payment they are about. */
  readonly namesPayment: boolean
  /** The body of a status query; null where there is none. */
  readonly status: ((status: string, paymentId: string) => Json) | null
}

export interface Entry {
  readonly name: string
  readonly CancelError: Schema.Schema<any, any>
  readonly catalogue: Catalogue<CancelError.Any>
  readonly standings: Standings
  /** How the provider words an error. */
  readonly error: (code: string) => Json
  readonly operations: ReadonlyArray<Operation>
}

/** The payment that is cancelled. */
export const paymentId = "pay_1"

const secret = Redacted.make("conformance-secret")

/** An operation over the layer of its provider, whatever the policy. */
const over =
  <R, E>(layer: (policy: CancelPolicy.Options) => Layer.Layer<R, E, HttpClient.HttpClient>) =>
  <A extends Cancellation.Cancellation, F extends Failure>(cancel: Effect.Effect<A, F, R>) =>
  (policy: CancelPolicy.Options) =>
    Effect.map(Layer.build(Layer.orDie(layer(policy))), (context) => Effect.provide(cancel, context))

const idempotencyKey = "key-1"

const walletConnectPayOperation = (credentials: WalletConnectPay.Credentials, name: string): Operation => ({
  name,
  // The gateway knows no key.
  captured: null,
  running: credentials._tag === "Merchant" ? [409] : [],
  connect: over((policy) => WalletConnectPay.layer({ credentials, policy }))(
    WalletConnectPay.cancel({ paymentId, idempotencyKey })
  ),
  success: "Cancelled",
  isExact: false,
  proof: (paymentId) => ({
    paymentId,
    status: "cancelled",
    cancelledReason: "cancelled_by_user",
    cancelledAt: "2026-01-14T10:30:00Z"
  }),
  needed: ["paymentId", "status"],
  naming: [],
  namesPayment: true,
  status: (status) => ({ status, isFinal: false, pollInMs: null })
})

const adyenOver = over((policy) => Adyen.layer({ apiKey: secret, merchantAccount: "MerchantECOM", policy }))

const adyenProof = (named: "paymentPspReference" | "paymentReference") => (paymentId: string) => ({
  merchantAccount: "MerchantECOM",
  [named]: paymentId,
  pspReference: "993617894906488A",
  reference: "my-cancel",
  status: "received"
})

const adyenOperation = (name: string, named: "paymentPspReference" | "paymentReference", connect: Operation["connect"]): Operation => ({
  name,
  connect,
  captured: null,
  running: [409],
  success: "CancellationAccepted",
  isExact: false,
  proof: adyenProof(named),
  needed: ["merchantAccount", named, "pspReference", "status"],
  naming: [],
  namesPayment: true,
  status: null
})

const squareOver = over((policy) => Square.layer({ accessToken: secret, policy }))

const squarePayment = (status: string, id: string) => ({
  payment: {
    id,
    status,
    created_at: "2026-01-14T10:30:00Z",
    amount_money: { amount: 1000, currency: "USD" },
    card_details: { status: "VOIDED", card_payment_timeline: { voided_at: "2026-01-14T10:31:00Z" } }
  }
})

const stripeIntent = (status: string, id: string) => ({
  id,
  object: "payment_intent",
  status,
  amount: 1000,
  // What a partial capture took before.
  amount_received: 300,
  currency: "usd",
  canceled_at: status === "canceled" ? 1_768_386_600 : null,
  cancellation_reason: status === "canceled" ? "requested_by_customer" : null
})

const wePayPayment = (status: string, id: string) => ({
  id,
  resource: "payments",
  path: `/payments/${id}`,
  owner: { id: "acc-1", resource: "accounts", path: "/accounts/acc-1" },
  create_time: 1_768_386_600,
  status,
  amount: 1000,
  amount_refunded: 0,
  amount_disputed: 0,
  currency: "USD",
  pending_reasons: [{ reason_code: "PENDING_CAPTURE", reason_message: "Awaiting capture", details: null }],
  custom_data: { order: 7 },
  fee_amount: 0
})

const wePayReasons: ReadonlyArray<string> = [
  "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING",
  "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED"
]

export const providers: ReadonlyArray<Entry> = [
  {
    name: "Adyen",
    CancelError: Adyen.CancelError,
    catalogue: adyen.errors,
    standings: adyen.standings,
    error: (errorCode) => ({ status: 422, errorCode, message: "No.", errorType: "validation", pspReference: "8816080397613514" }),
    operations: [
      adyenOperation("cancel", "paymentPspReference", adyenOver(Adyen.cancel({ paymentId, idempotencyKey }))),
      adyenOperation("cancelByMerchantReference", "paymentReference", adyenOver(Adyen.cancelByMerchantReference({ merchantReference: paymentId, idempotencyKey }))),
      adyenOperation("cancelOrRefund", "paymentPspReference", adyenOver(Adyen.cancelOrRefund({ paymentId, idempotencyKey })))
    ]
  },
  {
    name: "Square",
    CancelError: Square.CancelError,
    catalogue: square.errors,
    standings: square.standings,
    error: (code) => ({ errors: [{ category: "INVALID_REQUEST_ERROR", code, detail: "No." }] }),
    operations: [
      {
        name: "cancel",
        captured: null,
        running: [],
        connect: squareOver(Square.cancel({ paymentId, idempotencyKey })),
        success: "Cancelled",
        isExact: false,
        proof: (paymentId) => squarePayment("CANCELED", paymentId),
        needed: ["payment"],
        naming: [],
        namesPayment: true,
        status: squarePayment
      },
      {
        name: "cancelByCreationKey",
        captured: null,
        running: [],
        connect: squareOver(Square.cancelByCreationKey({ creationKey: paymentId, idempotencyKey })),
        success: "CancellationAcknowledged",
        isExact: true,
        proof: () => ({}),
        needed: [],
        naming: [],
        namesPayment: false,
        status: null
      }
    ]
  },
  {
    name: "Stripe",
    CancelError: Stripe.CancelError,
    catalogue: stripe.errors,
    standings: stripe.standings,
    error: (code) => ({
      error: code === "idempotency_error"
        ? { type: code, message: "No." }
        : { type: "invalid_request_error", code, message: "No.", param: null }
    }),
    operations: [
      {
        name: "cancel",
        captured: { amount: 300, currency: Option.some("USD") },
        running: [409],
        connect: over((policy) => Stripe.layer({ apiKey: secret, policy }))(Stripe.cancel({ paymentId, idempotencyKey })),
        success: "Cancelled",
        isExact: false,
        proof: (paymentId) => stripeIntent("canceled", paymentId),
        needed: ["id", "status"],
        naming: [],
        namesPayment: true,
        status: stripeIntent
      }
    ]
  },
  {
    name: "WalletConnectPay",
    CancelError: WalletConnectPay.CancelError,
    catalogue: walletConnectPay.errors,
    standings: walletConnectPay.standings,
    error: (code) => ({ code, message: "No." }),
    operations: [
      walletConnectPayOperation(WalletConnectPay.Credentials.ApiKey({ apiKey: secret }), "cancel with an API key"),
      walletConnectPayOperation(WalletConnectPay.Credentials.AppId({ appId: "conformance-app", clientId: "conformance-client" }), "cancel with an app id"),
      walletConnectPayOperation(WalletConnectPay.Credentials.Merchant({ apiKey: secret, merchantId: "conformance-merchant" }), "cancel as a merchant")
    ]
  },
  {
    name: "WePay",
    CancelError: WePay.CancelError,
    catalogue: wePay.errors,
    standings: wePay.standings,
    error: (code) =>
      wePayReasons.includes(code)
        ? {
          error_code: "INVALID_PARAMS",
          error_message: "No.",
          details: [{ message: "No.", reason_code: code, target: ["Unique-Key"], target_type: "HTTP_REQUEST_HEADER" }]
        }
        : { error_code: code, error_message: "No.", details: [] },
    operations: [
      {
        name: "cancel",
        // It says so with a reason code and a 400.
        captured: null,
        running: [],
        connect: over((policy) => WePay.layer({ appId: "conformance-app", appToken: secret, policy }))(
          WePay.cancel({ paymentId, reason: "out of stock", idempotencyKey })
        ),
        success: "Cancelled",
        isExact: false,
        proof: (paymentId) => wePayPayment("canceled", paymentId),
        needed: ["status"],
        naming: ["id"],
        namesPayment: true,
        status: wePayPayment
      }
    ]
  }
]
