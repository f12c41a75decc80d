/**
 * What each provider declares, written down a second time: bounds, statuses and licences are
 * facts, and a fact that is changed by mistake does not go unnoticed.
 */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { WalletConnectPay } from "effect-payment-cancel"
import type { CancelPolicy } from "../../src/CancelPolicy.js"
import * as Adyen from "../../src/providers/Adyen/declaration.js"
import * as Square from "../../src/providers/Square/declaration.js"
import * as Stripe from "../../src/providers/Stripe/declaration.js"
import * as WalletConnect from "../../src/providers/WalletConnectPay/declaration.js"
import * as WePay from "../../src/providers/WePay/declaration.js"
import type { ResendLicence } from "../../src/authoring/ResendLicence.js"
import { deepStrictEqual } from "../engine/partly.js"

/** A policy in one line; seconds, but for the backoff's milliseconds. */
const bounds = ({ attemptTimeout, attempts, backoff, deadline, maximumBodyBytes, maximumRetryAfter, statusReads, statusTimeout }: CancelPolicy) =>
  `${attempts} × ${attemptTimeout / 1000} s, ${statusReads} × ${statusTimeout / 1000} s, ` +
  `wait ${backoff.initial} × ${backoff.factor} to ${backoff.maximum} - ${backoff.jitter}, ` +
  `retry-after ${maximumRetryAfter / 1000} s, deadline ${deadline / 1000} s, ${maximumBodyBytes} bytes`

/** What a licence allows; its source is prose. */
const allows = ({ after, key, replays, stillRunning = [] }: ResendLicence) =>
  `${after.join(" ") || "nothing"}; key ${key}; replays ${replays}; running ${stillRunning.join(" ") || "by code"}`

const secret = Redacted.make("secret-1")

/** A proof, and the payment that it is about: what a success is made of. */
const facts = { attempts: 1, observedAt: DateTime.unsafeMake(0), requestId: Option.none() }
const subject = { paymentId: "p", identifiedBy: "PaymentId" } as const
const stated = { status: "s", cancelledAt: Option.none(), reason: Option.none(), payload: Option.none() }

/** Where a status is asked for. */
const asked = ({ method, url }: HttpClientRequest.HttpClientRequest) => `${method} ${url}`

const everything = "NoAnswer ServerError StillRunning Unproven"

describe("WePay declares", () => {
  const connection = { appId: "app-1", appToken: secret, baseUrl: "https://a.test", apiVersion: "3.0" }
  it("its bounds: longer than its own 30 seconds", () => {
    deepStrictEqual(
      bounds(WePay.declaration.policy),
      "4 × 35 s, 3 × 10 s, wait 500 × 2 to 10000 - 0.25, retry-after 30 s, deadline 120 s, 1048576 bytes"
    )
  })
  it("its statuses", () => {
    deepStrictEqual(WePay.declaration.standings, { pending: "Cancellable", canceled: "Cancelled", completed: "Closed", failed: "Closed" })
  })
  it("its credentials, and how long a key may be", () => {
    deepStrictEqual(WePay.declaration.secrets(connection), ["app-1", "secret-1"])
    deepStrictEqual([WePay.declaration.provider, WePay.declaration.longestIdempotencyKey], ["WePay", 255])
  })
  it("its cancel", () => {
    deepStrictEqual(allows(WePay.cancelOperation.licence(connection)), `${everything}; key Inferred; replays FinalAnswers; running by code`)
    deepStrictEqual(
      [WePay.cancelOperation.identifiedBy, WePay.cancelOperation.identifier({ paymentId: "p", reason: "r" }), Option.isSome(WePay.cancelOperation.statusQuery)],
      ["PaymentId", "p", true]
    )
  })
  it("its status query, and whose its successes are", () => {
    deepStrictEqual(asked(WePay.statusQuery.request(connection, "p")), "GET https://a.test/payments/p")
    deepStrictEqual(WePay.cancelOperation.successes(subject).acknowledged(facts, stated).provider, "WePay")
  })
})

describe("WalletConnect Pay declares", () => {
  const { Credentials } = WalletConnectPay
  const gateway = { credentials: Credentials.ApiKey({ apiKey: secret }), baseUrl: "https://a.test" }
  const app = { credentials: Credentials.AppId({ appId: "app-1", clientId: "client-1" }), baseUrl: "https://a.test" }
  const merchant = { credentials: Credentials.Merchant({ apiKey: secret, merchantId: "merchant-1" }), baseUrl: "https://a.test" }
  it("its bounds: what it advises", () => {
    deepStrictEqual(
      bounds(WalletConnect.declaration.policy),
      "3 × 30 s, 3 × 10 s, wait 100 × 2 to 5000 - 0.25, retry-after 30 s, deadline 100 s, 1048576 bytes"
    )
  })
  it("its statuses: only one can be cancelled", () => {
    deepStrictEqual(WalletConnect.declaration.standings, {
      requires_action: "Cancellable",
      processing: "Closed",
      succeeded: "Closed",
      failed: "Closed",
      expired: "Closed",
      cancelled: "Cancelled"
    })
  })
  it("its credentials, and how long a key may be", () => {
    const { longestIdempotencyKey, provider, secrets } = WalletConnect.declaration
    deepStrictEqual([gateway, app, merchant].map(secrets), [["secret-1"], ["app-1", "client-1"], ["secret-1", "merchant-1"]])
    deepStrictEqual([provider, longestIdempotencyKey], ["WalletConnectPay", 255])
  })
  it("its cancels: only the merchant's has a key", () => {
    const { identifiedBy, identifier, licence, statusQuery } = WalletConnect.cancelOperation
    const atTheGateway = "NoAnswer ServerError; key None; replays Nothing; running by code"
    deepStrictEqual([gateway, app, merchant].map((_) => allows(licence(_))), [
      atTheGateway,
      atTheGateway,
      `${everything}; key Honoured; replays FinalAnswers; running 409`
    ])
    deepStrictEqual([identifiedBy, identifier({ paymentId: "p" }), Option.isSome(statusQuery)], ["PaymentId", "p", true])
  })
  it("its status query, and whose its successes are", () => {
    const { request } = WalletConnect.statusQuery
    deepStrictEqual([gateway, app, merchant].map((_) => asked(request(_, "p"))), [
      "GET https://a.test/v1/gateway/payment/p/status",
      "GET https://a.test/v1/gateway/payment/p/status",
      "GET https://a.test/v1/payments/p/status"
    ])
    deepStrictEqual(WalletConnect.cancelOperation.successes(subject).acknowledged(facts, stated).provider, "WalletConnectPay")
  })
})

describe("Stripe declares", () => {
  const connection = { apiKey: secret, baseUrl: "https://a.test", apiVersion: "v" }
  it("its bounds: those of its own client", () => {
    deepStrictEqual(
      bounds(Stripe.declaration.policy),
      "3 × 80 s, 3 × 10 s, wait 500 × 2 to 5000 - 0.25, retry-after 30 s, deadline 180 s, 1048576 bytes"
    )
  })
  it("its statuses", () => {
    deepStrictEqual(Stripe.declaration.standings, {
      requires_payment_method: "Cancellable",
      requires_confirmation: "Cancellable",
      requires_action: "Cancellable",
      requires_capture: "Cancellable",
      processing: "Cancellable",
      canceled: "Cancelled",
      succeeded: "Closed"
    })
  })
  it("its credentials, and how long a key may be", () => {
    deepStrictEqual(Stripe.declaration.secrets(connection), ["secret-1"])
    deepStrictEqual([Stripe.declaration.provider, Stripe.declaration.longestIdempotencyKey], ["Stripe", 255])
  })
  it("its cancel: a 5xx is stored, and a resend would only repeat it", () => {
    const { identifiedBy, identifier, licence, statusQuery } = Stripe.cancelOperation
    deepStrictEqual(allows(licence(connection)), "NoAnswer StillRunning; key Honoured; replays EveryAnswer; running 409")
    deepStrictEqual([identifiedBy, identifier({ paymentId: "p" }), Option.isSome(statusQuery)], ["PaymentId", "p", true])
  })
  it("its status query, and whose its successes are", () => {
    deepStrictEqual(asked(Stripe.statusQuery.request(connection, "p")), "GET https://a.test/v1/payment_intents/p")
    deepStrictEqual(Stripe.cancelOperation.successes(subject).acknowledged(facts, stated).provider, "Stripe")
  })
})

describe("Square declares", () => {
  const connection = { accessToken: secret, baseUrl: "https://a.test", version: "v" }
  it("its bounds: those of its own clients", () => {
    deepStrictEqual(
      bounds(Square.declaration.policy),
      "3 × 60 s, 3 × 10 s, wait 1000 × 2 to 10000 - 0.25, retry-after 30 s, deadline 120 s, 1048576 bytes"
    )
  })
  it("its statuses", () => {
    deepStrictEqual(Square.declaration.standings, {
      APPROVED: "Cancellable",
      PENDING: "Cancellable",
      COMPLETED: "Closed",
      FAILED: "Closed",
      CANCELED: "Cancelled"
    })
  })
  it("its credentials, and how long a key may be", () => {
    deepStrictEqual(Square.declaration.secrets(connection), ["secret-1"])
    deepStrictEqual([Square.declaration.provider, Square.declaration.longestIdempotencyKey], ["Square", 255])
  })
  it("its cancels: none has a key, and none may be repeated", () => {
    const { cancelByCreationKeyOperation: byKey, cancelOperation: byId } = Square
    deepStrictEqual([allows(byId.licence(connection)), allows(byKey.licence(connection))], [
      "nothing; key None; replays Nothing; running by code",
      "nothing; key None; replays Nothing; running by code"
    ])
    deepStrictEqual([byId.identifiedBy, byId.identifier({ paymentId: "p" }), Option.isSome(byId.statusQuery)], ["PaymentId", "p", true])
    deepStrictEqual([byKey.identifiedBy, byKey.identifier({ creationKey: "k" }), Option.isSome(byKey.statusQuery)], ["CreationKey", "k", false])
  })
  it("its status query, and whose its successes are", () => {
    deepStrictEqual(asked(Square.statusQuery.request(connection, "p")), "GET https://a.test/v2/payments/p")
    deepStrictEqual(Square.cancelOperation.successes(subject).acknowledged(facts, stated).provider, "Square")
    deepStrictEqual(Square.cancelByCreationKeyOperation.successes(subject).accepted(facts, null, false).provider, "Square")
  })
})

describe("Adyen declares", () => {
  const connection = { apiKey: secret, merchantAccount: "merchant-1", baseUrl: "https://a.test" }
  it("its bounds", () => {
    deepStrictEqual(
      bounds(Adyen.declaration.policy),
      "4 × 30 s, 1 × 10 s, wait 500 × 2 to 10000 - 0.25, retry-after 30 s, deadline 120 s, 1048576 bytes"
    )
  })
  it("no statuses: it states none", () => {
    deepStrictEqual(Adyen.declaration.standings, {})
  })
  it("its credentials, and how long a key may be", () => {
    deepStrictEqual(Adyen.declaration.secrets(connection), ["secret-1", "merchant-1"])
    deepStrictEqual([Adyen.declaration.provider, Adyen.declaration.longestIdempotencyKey], ["Adyen", 64])
  })
  it("its cancels: the key holds, an answer says itself whether to send again", () => {
    const { cancelByMerchantReferenceOperation: byReference, cancelOperation: byId, cancelOrRefundOperation: either } = Adyen
    for (const { licence, statusQuery } of [byId, byReference, either]) {
      deepStrictEqual(allows(licence(connection)), "NoAnswer StillRunning; key Honoured; replays FinalAnswers; running 409")
      deepStrictEqual(Option.isSome(statusQuery), false)
    }
    deepStrictEqual(
      [byId.identifiedBy, byId.identifier({ paymentId: "p" }), either.identifiedBy, either.identifier({ paymentId: "p" })],
      ["PaymentId", "p", "PaymentId", "p"]
    )
    deepStrictEqual([byReference.identifiedBy, byReference.identifier({ merchantReference: "m" })], ["MerchantReference", "m"])
  })
  it("whose its successes are", () => {
    const receipt = { reference: "r", confirmedBy: "CANCELLATION" } as const
    for (const { successes } of [Adyen.cancelOperation, Adyen.cancelByMerchantReferenceOperation, Adyen.cancelOrRefundOperation]) {
      deepStrictEqual(successes(subject).accepted(facts, receipt, false).provider, "Adyen")
    }
  })
})
