/** Stripe, from its API reference: every answer is stored under its key, a 500 as well, and a refusal may state the payment. */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { isObject, type JsonObject, parseObject } from "../../../src/sandbox/Emulator.js"
import { Stripe } from "../../../src/sandbox/emulators/Stripe.js"
import { codes, configuration, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

/** The type that comes without a code. */
const misusedKey = "idempotency_error"

/** What partial captures have taken of every PaymentIntent: it stays so when the rest is canceled. */
const capturedAmount = 400

const errorIn = ({ error }: JsonObject): JsonObject | null => isObject(error) ? error : null

/** The PaymentIntent of an answer, or of the error in it. */
const paymentIn = (body: JsonObject): unknown => {
  const error = errorIn(body)
  return error === null ? body : error["payment_intent"]
}

/** What is chosen for every PaymentIntent besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly capturedAmount?: number
}

/** Every PaymentIntent is captured in part. And that a request still runs, Stripe says with a code or without: in turns. */
const partlyCaptured = (emulator: Emulator.Emulator<Particulars>): Emulator.Emulator => {
  let conflicts = 0
  return {
    ...emulator,
    create: (options, at) => emulator.create({ ...options, capturedAmount }, at),
    receive: (request, context) => {
      const finish = emulator.receive(request, context)
      return (at) => {
        const handled = finish(at)
        const body = parseObject(handled.reply.body)
        const error = body === undefined ? null : errorIn(body)
        if (handled.reply.status !== 409 || error === null) return handled
        conflicts += 1
        const { code: _, ...rest } = error
        return conflicts % 2 === 0
          ? handled
          : { ...handled, reply: { ...handled.reply, body: JSON.stringify({ error: rest }) } }
      }
    }
  }
}

const intent = (id: string, status: string) => ({
  id,
  object: "payment_intent",
  status,
  amount: 1000,
  // With less than the amount it would leave open what became of the rest.
  amount_received: status === "succeeded" ? 1000 : capturedAmount,
  currency: "usd",
  canceled_at: status === "canceled" ? 1_768_386_600 : null,
  cancellation_reason: status === "canceled" ? "requested_by_customer" : null,
  client_secret: `${id}_secret_simulated`
})

const apiVersion = "2026-10-28.endive"

/** The statuses of a PaymentIntent. */
const intents: ProviderFacts["standings"] = {
  requires_payment_method: "Cancellable",
  requires_confirmation: "Cancellable",
  requires_action: "Cancellable",
  requires_capture: "Cancellable",
  // Rarely, but then it is.
  processing: "Cancellable",
  canceled: "Cancelled",
  succeeded: "Closed"
}

/** The statuses of a Checkout Session. */
const sessions = { open: "Cancellable", complete: "Closed", expired: "Cancelled" } as const

const session = (id: string, status: string) => ({
  id,
  object: "checkout.session",
  status,
  amount_total: 1000,
  currency: "usd",
  mode: "payment",
  payment_intent: "pi_of_the_session",
  payment_status: "unpaid"
})

/** What is alike in both ways. */
const alike = {
  credentials: { apiKey: "rk_live_CANARYkey51d2f08e93b7" },
  options: ({ apiKey }: { readonly apiKey: string }) => ({ apiKey: Redacted.make(apiKey), apiVersion }),
  headers: ({ apiKey }: { readonly apiKey: string }) => ({
    "authorization": `Bearer ${apiKey}`,
    "stripe-version": apiVersion,
    "content-type": "application/x-www-form-urlencoded"
  }),
  keyHeader: "idempotency-key",
  // A 5xx is stored, and a resend would only repeat it.
  licence: { after: ["NoAnswer", "StillRunning"], key: "Honoured", replays: "EveryAnswer", stillRunning: [409] },
  namesPayment: { Cancel: true, Status: true },
  needed: ["id", "status"]
} as const

export const facts: ProviderFacts = {
  ...usual,
  name: "Stripe",
  // To one endpoint, and in test mode to all of them.
  takes: { requests: 25, seconds: 1 },
  emulator: Stripe,
  basePath: "",
  standings: intents,
  cancelled: "canceled",
  cancellable: "requires_capture",
  acts: { Pays: "processing", PaymentSucceeds: "succeeded", Expires: "canceled", CancelsElsewhere: "canceled" },
  codes: codes([
    "PaymentIntentUnexpectedState   payment_intent_unexpected_state    NotCancellable  NotCancelled Payment -       400     Observed",
    "IntentInvalidState             intent_invalid_state               NotCancellable  NotCancelled Payment -       400     Inferred",
    "ResourceMissing                resource_missing                   NotFound        NotCancelled Request -       404     Documented",
    "LockTimeout                    lock_timeout                       Conflict        NotCancelled Payment again   429     Inferred",
    "RateLimit                      rate_limit                         RateLimited     NotCancelled Request again   429,400 Documented",
    "PaymentIntentRateLimitExceeded payment_intent_rate_limit_exceeded RateLimited     NotCancelled Request -       429     Inferred",
    "IdempotencyKeyInUse            idempotency_key_in_use             Conflict        Unknown      Request running 409     Documented",
    "IdempotencyError               idempotency_error                  Conflict        NotCancelled Payment -       400     Documented",
    "ParameterUnknown               parameter_unknown                  InvalidRequest  NotCancelled Request -       400     Documented",
    "ParameterInvalidEmpty          parameter_invalid_empty            InvalidRequest  NotCancelled Request -       400     Documented",
    "LivemodeMismatch               livemode_mismatch                  Forbidden       NotCancelled Request -       400     Inferred",
    "InvalidApiKey                  invalid_request_error              Unauthenticated NotCancelled Request -       401     Observed",
    "ApiKeyExpired                  api_key_expired                    Unauthenticated NotCancelled Request -       401     Documented",
    "PlatformApiKeyExpired          platform_api_key_expired           Unauthenticated NotCancelled Request -       401     Documented",
    "SecretKeyRequired              secret_key_required                Forbidden       NotCancelled Request -       403     Inferred",
    "AccountInvalid                 account_invalid                    Forbidden       NotCancelled Request -       403     Documented",
    "ActionBlocked                  action_blocked                     Forbidden       NotCancelled Payment -       400,403 Inferred"
  ]),
  namedOtherwise: ["InvalidApiKey"],
  // Those of its own client.
  policy: {
    attempts: 3,
    attemptTimeout: 80_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: "request-id",
  sendAgainHeader: "stripe-should-retry",
  error: (code, message, payment = {}) => ({
    error: {
      type: code === misusedKey ? misusedKey : "invalid_request_error",
      ...(code === null || code === misusedKey ? {} : { code }),
      message,
      param: null,
      ...(Object.keys(payment).length === 0 ? {} : { payment_intent: payment })
    }
  }),
  readCode: (body) => {
    const { code = null, type = null } = errorIn(body) ?? {}
    return text(code) ?? (type === misusedKey ? misusedKey : null)
  },
  configuration: configuration({
    needed: [{ apiKey: "STRIPE_API_KEY" }],
    settings: [
      { option: "account", variable: "STRIPE_ACCOUNT", value: "acct_of_a_seller" },
      { option: "apiVersion", variable: "STRIPE_API_VERSION", value: "2025-01-01.any" }
    ],
    baseUrl: "STRIPE_BASE_URL",
    otherwise: "https://api.stripe.com",
    hosts: { api: "https://api.stripe.com" }
  }),
  webhooks: {
    provider: signed(Stripe),
    tolerance: 300_000,
    isCancellation: ({ payload }) => payload["type"] === "payment_intent.canceled",
    forge: (body) => body.replaceAll("payment_intent.succeeded", "payment_intent.canceled").concat(" "),
    otherSecret: "whsec_another",
    encoding: "hex",
    several: true,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        id: "evt_1",
        type: "payment_intent.canceled",
        data: { object: { id: paymentId, status: "canceled" } }
      }))
      return {
        secret: key,
        signature: createHmac("sha256", key).update(`${at}.${body}`).digest("hex"),
        sent: (...signatures) => ({ body, headers: { "Stripe-Signature": [`t=${at}`, ...signatures.map((_) => `v1=${_}`)].join(",") } })
      }
    }
  },
  ways: [
    way({
      ...alike,
      operation: "cancel",
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey, reason: "requested_by_customer" }),
      emulator: () => partlyCaptured(Stripe.make()),
      cancelTarget: (segment) => `/v1/payment_intents/${segment}/cancel`,
      statusTarget: (segment) => `/v1/payment_intents/${segment}`,
      body: () => "cancellation_reason=requested_by_customer",
      payment: intent,
      statusBody: intent,
      readStatus: (_, body, id) => {
        const payment = paymentIn(body)
        return isObject(payment) && payment["id"] === id ? text(payment["status"]) : null
      },
      capturedIn: (body) => {
        const payment = paymentIn(body)
        const received = isObject(payment) ? payment["amount_received"] : null
        return typeof received === "number" ? received : null
      },
      captured: { amount: capturedAmount, currency: Option.some("USD") },
      byAmounts: true,
      refused: { reason: ["out of stock", "", null] }
    }),
    way({
      ...alike,
      label: "Checkout Session",
      operation: "expireCheckoutSession",
      successes: "CheckoutSessionExpiry",
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => Stripe.make(),
      cancelTarget: (segment) => `/v1/checkout/sessions/${segment}/expire`,
      statusTarget: (segment) => `/v1/checkout/sessions/${segment}`,
      headers: ({ apiKey }) => ({ "authorization": `Bearer ${apiKey}`, "stripe-version": apiVersion }),
      body: () => "",
      subject: {
        standings: sessions,
        cancelled: "expired",
        cancellable: "open",
        acts: { PaymentSucceeds: "complete", Expires: "expired", CancelsElsewhere: "expired" },
        status: "checkoutSessionStatus"
      },
      payment: session,
      statusBody: session,
      readStatus: (_, body, id) => errorIn(body) === null && body["id"] === id ? text(body["status"]) : null
    })
  ]
}
