/** Adyen, from its API reference: a request is taken in and decided later; there is no status to read, and the outcome comes by webhook. */
import type * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { Adyen } from "../../../src/sandbox/emulators/Adyen.js"
import { type Asked, codes, configuration, type ProviderFacts, signed, text, usual, way, type Way } from "../../support/ProviderFacts.js"

/** What is chosen for every payment besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly decidesIn?: Duration.DurationInput
  readonly merchantReference?: string
}

const merchantReference = "order-1042"

/** The account of the emulator's key, which its answers name. */
const { merchantAccount } = Adyen.credentials

/** All three operations are alike, but for the field that names the payment in the answer. */
const operation = (
  named: "paymentPspReference" | "paymentReference",
  particulars:
    & Pick<Way, "operation" | "cancelTarget" | "request">
    & Partial<Pick<Way, "label" | "identifiedBy" | "identifier" | "canBeNamedBefore">>
    & { readonly inBody?: (asked: Asked) => object }
): Way => {
  const { inBody, ...rest } = particulars
  return way({
    ...rest,
    credentials: { apiKey: "AQEmCANARYkey68a1c7f09d35", merchantAccount },
    options: ({ apiKey, merchantAccount }) => ({ apiKey: Redacted.make(apiKey), merchantAccount }),
    emulator: ({ decidesIn }) => {
      const emulator: Emulator.Emulator<Particulars> = Adyen.make()
      return { ...emulator, create: (options, at) => emulator.create({ ...options, decidesIn, merchantReference }, at) }
    },
    statusTarget: null,
    headers: ({ apiKey }) => ({ "x-api-key": apiKey, "content-type": "application/json" }),
    body: (asked, { merchantAccount }) => JSON.stringify({ merchantAccount, ...inBody?.(asked) }),
    keyHeader: "idempotency-key",
    // The key holds, and an answer says itself whether to send again: one that does not is not to be repeated.
    licence: { after: ["NoAnswer"], key: "Honoured", replays: "FinalAnswers", stillRunning: [409] },
    payment: (identifier, status) => ({ merchantAccount, [named]: identifier, status }),
    statusBody: null,
    namesPayment: { Cancel: true, Status: false },
    readStatus: () => null,
    receipts: {
      success: "CancellationAccepted",
      make: (identifier) => ({ merchantAccount, [named]: identifier, pspReference: "NOBODYSREFERENCE", status: "received" }),
      isOne: (body, identifier) =>
        body["status"] === "received" && body[named] === identifier && body["merchantAccount"] === merchantAccount,
      referenceIn: ({ pspReference }) => text(pspReference)
    },
    needed: ["merchantAccount", named, "pspReference", "status"],
    refused: { reference: ["", "x".repeat(81), "\ud800"] }
  })
}

export const facts: ProviderFacts = {
  ...usual,
  name: "Adyen",
  emulator: Adyen,
  basePath: "/v72",
  standings: { authorised: "Cancellable", captured: "Closed", cancelled: "Cancelled", refunded: "Closed", expired: "Closed" },
  statesStatus: false,
  cancelled: "cancelled",
  cancellable: "authorised",
  acts: { PaymentSucceeds: "captured", Expires: "expired", CancelsElsewhere: "cancelled" },
  codes: codes([
    "Unauthorized                000 Unauthenticated NotCancelled Request -       401     Documented",
    "NotAllowed                  010 Forbidden       NotCancelled Request -       403     Inferred",
    "OriginalReferenceRequired   167 InvalidRequest  NotCancelled Payment -       422     Observed",
    "UnexpectedInput             702 InvalidRequest  NotCancelled Request -       400     Documented",
    "IdempotencyStoreUnavailable 703 ProviderFault   Unknown      Request -       503     Documented",
    "IdempotencyKeyInUse         704 Conflict        Unknown      Request running 422,409 Documented",
    "InvalidMerchantAccount      901 Forbidden       NotCancelled Request -       403     Documented",
    "PaymentDetailsNotSupported  905 ProviderFault   Unknown      Request -       500     Documented"
  ]),
  policy: {
    attempts: 4,
    attemptTimeout: 30_000,
    statusReads: 1,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  longestIdempotencyKey: 64,
  requestIdHeader: "pspreference",
  requestIdIn: ({ pspReference }) => text(pspReference),
  sendAgainHeader: "transient-error",
  error: (errorCode, message, payment = {}) => ({
    ...payment,
    status: 422,
    ...(errorCode === null ? {} : { errorCode }),
    message,
    errorType: "validation"
  }),
  readCode: ({ errorCode }) => text(errorCode),
  tooLate: null,
  configuration: configuration({
    needed: [{ apiKey: "ADYEN_API_KEY", merchantAccount: "ADYEN_MERCHANT_ACCOUNT" }],
    baseUrl: "ADYEN_BASE_URL",
    otherwise: "https://checkout-test.adyen.com/v72",
    environments: [{
      variable: "ADYEN_LIVE_PREFIX",
      value: "1797a841fbb37ca7-AdyenDemo",
      given: { _tag: "Live", prefix: "1797a841fbb37ca7-AdyenDemo" },
      url: "https://1797a841fbb37ca7-adyendemo-checkout-live.adyenpayments.com/checkout/v72"
    }],
    hosts: { test: "https://checkout-test.adyen.com/v72" },
    refused: { ADYEN_LIVE_PREFIX: ["evil.example/canary"] }
  }),
  webhooks: {
    provider: signed(Adyen),
    tolerance: 31 * 86_400_000,
    isCancellation: () => true,
    forge: (body) =>
      body.includes('"success":"true"')
        ? body.replace('"success":"true"', '"success":"false"')
        : body.replace('"success":"false"', '"success":"true"'),
    otherSecret: "00".repeat(32),
    encoding: "base64",
    several: false,
    genuine: (paymentId, key, at, written) => ({
      secret: Buffer.from(key).toString("hex"),
      signature: createHmac("sha256", key).update(`M-1:${paymentId}:shop:order-1:1000:EUR:CANCELLATION:true`).digest("base64"),
      sent: (signature = "") => ({
        headers: {},
        body: written(JSON.stringify({
          notificationItems: [{
            NotificationRequestItem: {
              pspReference: "M-1",
              originalReference: paymentId,
              merchantAccountCode: "shop",
              merchantReference: "order-1",
              amount: { value: 1000, currency: "EUR" },
              eventCode: "CANCELLATION",
              eventDate: new Date(at * 1000).toISOString().replace(".000", ""),
              success: "true",
              additionalData: { hmacSignature: signature }
            }
          }]
        }))
      })
    })
  },
  ways: [
    operation("paymentPspReference", {
      operation: "cancel",
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      cancelTarget: (segment) => `/payments/${segment}/cancels`
    }),
    operation("paymentReference", {
      label: "by merchant reference",
      operation: "cancelByMerchantReference",
      request: ({ idempotencyKey, identifier }) => ({ merchantReference: identifier, idempotencyKey }),
      identifiedBy: "MerchantReference",
      identifier: () => merchantReference,
      canBeNamedBefore: true,
      cancelTarget: () => "/cancels",
      inBody: ({ identifier }) => ({ paymentReference: identifier })
    }),
    operation("paymentPspReference", {
      label: "cancel or refund",
      operation: "cancelOrRefund",
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      cancelTarget: (segment) => `/payments/${segment}/reversals`
    })
  ]
}
