/** Checkout.com, from its API reference: a void is accepted and decided later, the status shows it, and refusals mostly have no code. */
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import { CheckoutCom } from "../../../src/sandbox/emulators/CheckoutCom.js"
import { codes, configuration, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

/** What is chosen for every payment besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly capturedAmount?: number
  readonly decidesIn?: Duration.DurationInput
}

/** What captures have taken of every payment: it stays so when the rest is voided. */
const capturedAmount = 400

/** An account has hosts of its own. */
const baseUrl = "https://vkuhvk4v.api.sandbox.checkout.com"

const linkTo = (id: string) => ({ href: `${baseUrl}/payments/${encodeURIComponent(id)}` })

/** The payment that an answer links to, by its id. */
const linkedIn = ({ _links }: JsonObject): string | null => {
  const payment = isObject(_links) ? _links["payment"] : null
  const href = isObject(payment) ? text(payment["href"]) : null
  return href === null ? null : decodeURIComponent(href.split("/").at(-1) ?? "")
}

const hasError = ({ error_codes, error_type }: JsonObject): boolean =>
  (error_codes ?? null) !== null || (error_type ?? null) !== null

const payment = (id: string, status: string): JsonObject => ({
  id,
  status,
  requested_on: "2026-01-14T10:30:00Z",
  amount: 1000,
  currency: "USD",
  payment_type: "Regular",
  reference: "order-1",
  approved: true,
  // With something voided the other statuses of a captured payment would prove nothing.
  balances: {
    total_authorized: 1000,
    total_voided: status === "Voided" ? 600 : 0,
    available_to_void: 0,
    total_captured: capturedAmount,
    total_refunded: 0
  },
  _links: { self: linkTo(id) }
})

export const facts: ProviderFacts = {
  ...usual,
  name: "CheckoutCom",
  emulator: CheckoutCom,
  basePath: "",
  standings: {
    Active: "Cancellable",
    Requested: "Cancellable",
    "Authentication Requested": "Cancellable",
    Pending: "Cancellable",
    "Retry Scheduled": "Cancellable",
    Authorized: "Cancellable",
    // The rest of it can be voided.
    "Partially Captured": "Cancellable",
    Voided: "Cancelled",
    // That is not voided, whatever the word says.
    Canceled: "Closed",
    Captured: "Closed",
    Paid: "Closed",
    "Partially Refunded": "Closed",
    Refunded: "Closed",
    Declined: "Closed",
    Expired: "Closed",
    "Card Verified": "Closed"
  },
  cancelled: "Voided",
  cancellable: "Authorized",
  acts: { Pays: "Partially Captured", PaymentSucceeds: "Captured", Expires: "Expired", CancelsElsewhere: "Voided" },
  codes: codes([
    "Unauthorized               null                          Unauthenticated NotCancelled Request -       401 Documented",
    "VoidNotAllowed             null                          NotCancellable  NotCancelled Payment -       403 Documented",
    "PaymentNotFound            null                          NotFound        NotCancelled Request -       404 Documented",
    "RequestInProgress          null                          Conflict        Unknown      Request running 409 Documented",
    "TooManyRequests            null                          RateLimited     Unknown      Request running 429 Documented",
    "BadGateway                 null                          ProviderFault   Unknown      Request -       502 Documented",
    "AmountExceedsBalance       amount_exceeds_balance        NotCancellable  NotCancelled Payment -       422 Observed",
    "PaymentExpired             payment_expired               NotCancellable  NotCancelled Payment -       422 Inferred",
    "PaymentInvalid             payment_invalid               NotCancellable  NotCancelled Payment -       422 Inferred",
    "ActionFailureLimitExceeded action_failure_limit_exceeded NotCancellable  NotCancelled Payment -       422 Inferred",
    "VoidAmountInvalid          void_amount_invalid           InvalidRequest  NotCancelled Payment -       422 Inferred",
    "RequestInvalid             request_invalid               InvalidRequest  NotCancelled Request -       422 Inferred",
    "RequestJsonInvalid         request_json_invalid          InvalidRequest  NotCancelled Request -       422 Inferred",
    "ParameterInvalid           parameter_invalid             InvalidRequest  NotCancelled Request -       422 Inferred",
    "ServerApiNotAllowed        server_api_not_allowed        Forbidden       NotCancelled Request -       422 Inferred",
    "BusinessInvalid            business_invalid              Forbidden       NotCancelled Request -       422 Inferred",
    "BusinessSettingsMissing    business_settings_missing     Forbidden       NotCancelled Request -       422 Inferred",
    "ApiCallsQuotaExceeded      api_calls_quota_exceeded      RateLimited     NotCancelled Request again   429 Inferred",
    "ProcessingError            processing_error              ProviderFault   Unknown      Request -       422 Inferred",
    "ServiceUnavailable         service_unavailable           ProviderFault   Unknown      Request -       422 Inferred",
    "IssuerNetworkUnavailable   issuer_network_unavailable    ProviderFault   Unknown      Request -       422 Inferred"
  ]),
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 4,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  // A hundred that read and a hundred that write in production; how many fewer in the sandbox nobody says.
  takes: { requests: 20, seconds: 1 },
  requestIdHeader: "cko-request-id",
  requestIdIn: (body) => hasError(body) ? text(body["request_id"]) : null,
  // It words nothing, so what is given in words stands in the type.
  error: (code, words, payment = {}) => ({
    ...payment,
    request_id: "0HL80RJLS76I7",
    error_type: words,
    ...(code === null ? {} : { error_codes: [code] })
  }),
  readCode: ({ error_codes }) => Array.isArray(error_codes) ? text(error_codes[0]) : null,
  configuration: configuration({
    needed: [{ secretKey: "CHECKOUT_COM_SECRET_KEY" }],
    baseUrl: "CHECKOUT_COM_BASE_URL",
    otherwise: null,
    environments: [
      {
        variable: "CHECKOUT_COM_SANDBOX_PREFIX",
        value: "vkuhvk4v",
        given: { _tag: "Sandbox", prefix: "vkuhvk4v" },
        url: "https://vkuhvk4v.api.sandbox.checkout.com"
      },
      {
        variable: "CHECKOUT_COM_PRODUCTION_PREFIX",
        value: "pl-vkuhvk4v",
        given: { _tag: "Production", prefix: "pl-vkuhvk4v" },
        url: "https://pl-vkuhvk4v.api.checkout.com"
      }
    ],
    hosts: {},
    refused: { CHECKOUT_COM_SANDBOX_PREFIX: ["evil.example/canary"], CHECKOUT_COM_PRODUCTION_PREFIX: ["evil.example/canary"] }
  }),
  webhooks: {
    provider: signed(CheckoutCom),
    tolerance: 31 * 86_400_000,
    isCancellation: ({ payload }) => payload["type"] === "payment_voided" || payload["type"] === "payment_void_declined",
    forge: (body) =>
      body.includes('"payment_voided"')
        ? body.replace('"payment_voided"', '"payment_void_declined"')
        : body.replace(/"type":"\w+"/, '"type":"payment_voided"'),
    otherSecret: "another",
    encoding: "hex",
    several: true,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        id: "evt_1",
        type: "payment_voided",
        created_on: new Date(at * 1000).toISOString().replace("Z", "0000Z"),
        data: { id: paymentId, action_id: "act_1", balances: { available_to_void: 0 } }
      }))
      return {
        secret: key,
        signature: createHmac("sha256", key).update(body).digest("hex"),
        sent: (...signatures) => ({ body, headers: { "Cko-Signature": signatures.join(",") } })
      }
    }
  },
  ways: [
    way({
      operation: "cancel",
      credentials: { secretKey: "sk_sbox_CANARYkey2b84e6f1a07d" },
      options: ({ secretKey }) => ({ secretKey: Redacted.make(secretKey), baseUrl }),
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: ({ decidesIn }) => {
        const emulator: Emulator.Emulator<Particulars> = CheckoutCom.make()
        return { ...emulator, create: (options, at) => emulator.create({ ...options, capturedAmount, decidesIn }, at) }
      },
      cancelTarget: (segment) => `/payments/${segment}/voids`,
      statusTarget: (segment) => `/payments/${segment}`,
      headers: ({ secretKey }) => ({ "authorization": `Bearer ${secretKey}`, "content-type": "application/json" }),
      body: () => "{}",
      keyHeader: "cko-idempotency-key",
      // A 2xx is stored under the key; anything else runs again. That an earlier request runs still was a 429 once.
      licence: { after: ["NoAnswer", "ServerError", "StillRunning"], key: "Honoured", replays: "FinalAnswers", stillRunning: [409, 429] },
      payment,
      statusBody: payment,
      // An acceptance links to its payment.
      namesPayment: { Cancel: true, Status: true },
      // An answer to a void states no payment.
      readStatus: (operation, body, id) =>
        operation === "Status" && body["id"] === id && !hasError(body) ? text(body["status"]) : null,
      capturedIn: ({ balances }) => {
        const captured = isObject(balances) ? balances["total_captured"] : null
        return typeof captured === "number" ? captured : null
      },
      captured: { amount: capturedAmount, currency: Option.some("USD") },
      receipts: {
        success: "CancellationAccepted",
        make: (id) => ({ action_id: "act_of_nobody", reference: "my-void", _links: { payment: linkTo(id) } }),
        isOne: (body, id) => !hasError(body) && text(body["action_id"]) !== null && (linkedIn(body) ?? id) === id,
        referenceIn: ({ action_id }) => text(action_id)
      },
      needed: ["action_id"],
      naming: ["_links"],
      refused: { reference: ["", "x".repeat(51)] }
    })
  ]
}
