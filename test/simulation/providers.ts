/**
 * Everything that differs between providers, in one table. The facts are taken from their
 * documentation, not from the library: what the library declares is what is on trial.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type * as CancelError from "../../src/CancelError.js"
import type * as Cancellation from "../../src/Cancellation.js"
import * as WalletConnectPayConnection from "../../src/providers/WalletConnectPay/connection.js"
import * as WalletConnectPayDeclaration from "../../src/providers/WalletConnectPay/declaration.js"
import * as WePayConnection from "../../src/providers/WePay/connection.js"
import * as WePayDeclaration from "../../src/providers/WePay/declaration.js"
import type { CancelPolicy } from "../../src/CancelPolicy.js"
import * as Provider from "../../src/Provider.js"
import type * as Reading from "../../src/Reading.js"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import * as Emulators from "../../src/sandbox/emulators/index.js"
import { isObject, type JsonObject } from "../../src/sandbox/Emulator.js"

export type Operation = "Cancel" | "Status"

/** Where a payment stands towards being cancelled. */
export type Standing = "Cancelled" | "Cancellable" | "Closed"

/** Why a cancel request that was sent may have been applied. */
export type Doubt = "NoAnswer" | "ServerError" | "StillRunning" | "Unproven"

/** What other actors do to a payment. */
export type Act = "Pays" | "PaymentSucceeds" | "PaymentFails" | "Expires" | "CancelsElsewhere"

/** A code with which a provider refuses, in a 4xx. */
export interface RefusalCode {
  readonly code: string
  readonly status: number
  /** What is refused: the request as such, or because of the state of the payment. */
  readonly about: "Request" | "Payment"
  /** The provider documents that the same request may be sent again. */
  readonly tryAgain: boolean
}

/** A code that leaves open whether the payment is or will be cancelled, whatever status it comes with. */
export interface DoubtfulCode {
  readonly code: string
  readonly status: number
  readonly doubt: "StillRunning" | "Unproven"
}

/** What a caller asks for. */
export interface CancelRequest {
  readonly paymentId: string
  readonly reason: string
  readonly idempotencyKey?: string
}

export type Failure = CancelError.Any & { readonly _tag: string }

export type Cancel = (request: CancelRequest) => Effect.Effect<Cancellation.Cancellation, Failure>

/** The HTTP client of one caller in one simulation. */
export class Network extends Context.Reference<Network>()("test/simulation/Network", {
  defaultValue: (): HttpClient.HttpClient =>
    HttpClient.make(() => Effect.dieMessage("nobody has given this caller a network"))
}) {}

/** A provider is connected once, as a program does it; which network its requests go out to is the caller's. */
const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
  Effect.flatMap((request) => Effect.flatMap(Network, (network) => network.execute(request))),
  Effect.succeed
)

/** Facts and rules of a provider, changed on purpose, to see whether that is noticed. */
export interface Alteration {
  readonly declaration?: <Name extends string, Connection, E>(
    declaration: Provider.Declaration<Name, Connection, E>
  ) => Provider.Declaration<Name, Connection, E>
  readonly operation?: <Connection, Request extends Provider.OperationRequest, V extends Reading.Vocabulary, A>(
    operation: Provider.Operation<Connection, Request, V, A>,
    facts: Facts
  ) => Provider.Operation<Connection, Request, V, A>
}

/** What the simulation knows about a provider. */
export interface Facts {
  readonly emulator: () => Emulator.Emulator
  readonly secrets: ReadonlyArray<string>
  /** The standing of every status there is. */
  readonly standings: { readonly [status: string]: Standing }
  readonly cancelled: string
  readonly cancellable: string
  readonly acts: { readonly [A in Act]?: string }
  /** The header that carries the idempotency key of a cancel; null where there is none. */
  readonly keyHeader: string | null
  /** The doubts after which a provider's documents let one send the same request again. */
  readonly licence: ReadonlyArray<Doubt>
  readonly refusals: readonly [RefusalCode, ...ReadonlyArray<RefusalCode>]
  readonly doubtful: readonly [DoubtfulCode, ...ReadonlyArray<DoubtfulCode>]
  /** Whether the answers to an operation name the payment they are about. */
  readonly namesPayment: { readonly [O in Operation]: boolean }
  readonly payment: (paymentId: string, status: string) => JsonObject
  readonly error: (code: string | null, words: string) => JsonObject
  readonly readCode: (body: JsonObject) => string | null
  /** The status that an answer states of a payment, null where it states none of this one. */
  readonly readStatus: (operation: Operation, body: JsonObject, paymentId: string) => string | null
  readonly requestIdHeader: string
  readonly policy: CancelPolicy
  /** The library's cancel at this provider. */
  readonly cancel: (alteration: Alteration) => Cancel
}

const text = (value: unknown): string | null => typeof value === "string" ? value : null

/** Joins what the library declares of a provider. */
const library = <
  Name extends string,
  Connection,
  Request extends Provider.OperationRequest,
  E extends Failure,
  V extends Reading.Vocabulary,
  A extends Cancellation.Cancellation
>(
  declaration: Provider.Declaration<Name, Connection, E>,
  operation: Provider.Operation<Connection, Request, V, A>,
  request: (asked: CancelRequest) => Request,
  connection: Connection
) => ({
  policy: declaration.policy,
  cancel: (facts: () => Facts) => (alteration: Alteration): Cancel => {
    const declared = alteration.declaration?.(declaration) ?? declaration
    const offered = alteration.operation?.(operation, facts()) ?? operation
    const connected = Effect.runSync(Effect.provideService(Provider.make(declared, connection), HttpClient.HttpClient, client))
    const perform = connected.cancel(offered)
    return (asked) => perform(request(asked))
  }
})

const walletConnectPay = (
  credentials: WalletConnectPayConnection.Credentials,
  particulars: Pick<Facts, "secrets" | "keyHeader" | "licence">
): Facts => {
  const { cancel, policy } = library(
    WalletConnectPayDeclaration.declaration,
    WalletConnectPayDeclaration.cancelOperation,
    ({ idempotencyKey, paymentId }) => ({ paymentId, idempotencyKey }),
    Either.getOrThrow(WalletConnectPayConnection.connect({ credentials }))
  )
  const facts: Facts = {
    ...particulars,
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
    payment: (paymentId, status) => ({ paymentId, status, isFinal: false, cancelledReason: "r", cancelledAt: "2026-01-01T00:00:00Z" }),
    error: (code, message) => ({ ...(code === null ? {} : { code }), message, issues: [{ field: "f", message }] }),
    readCode: ({ code }) => text(code),
    readStatus: (operation, body, paymentId) =>
      operation === "Status" || body["paymentId"] === paymentId ? text(body["status"]) : null,
    requestIdHeader: "x-request-id",
    policy,
    cancel: cancel(() => facts)
  }
  return facts
}

const wePay = (): Facts => {
  const { appId, appToken } = Emulators.WePay.credentials
  const { cancel, policy } = library(
    WePayDeclaration.declaration,
    WePayDeclaration.cancelOperation,
    (asked) => asked,
    Either.getOrThrow(WePayConnection.connect({ appId, appToken: Redacted.make(appToken) }))
  )
  const reason = (body: JsonObject): string | null => {
    const details = body["details"]
    const own = Array.isArray(details)
      ? details.filter(isObject).map(({ reason_code }) => text(reason_code)).find((code) =>
        code !== null && reasons.has(code))
      : undefined
    return own ?? null
  }
  const facts: Facts = {
    emulator: () => Emulators.WePay.make(),
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
    error: (code, error_message) => {
      const isReason = code !== null && reasons.has(code)
      return {
        ...(code === null ? {} : { error_code: isReason ? "INVALID_PARAMS" : code }),
        error_message,
        details: [{ message: error_message, target: ["id"], ...(isReason ? { reason_code: code } : {}) }]
      }
    },
    readCode: (body) => body["error_code"] === "INVALID_PARAMS" ? reason(body) ?? "INVALID_PARAMS" : text(body["error_code"]),
    readStatus: (_, body, paymentId) => body["id"] === paymentId ? text(body["status"]) : null,
    requestIdHeader: "x-correlation-id",
    policy,
    cancel: cancel(() => facts)
  }
  return facts
}

/** WePay's reason codes that mean something of their own. */
const reasons: ReadonlySet<string> = new Set([
  "CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING",
  "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED"
])

const { apiKey, appId, clientId, merchantId } = Emulators.WalletConnectPay.credentials

/** Documented advice for the gateway's cancel, which knows no key: retry 5xx and network failures. */
const gateway = { keyHeader: null, licence: ["NoAnswer", "ServerError"] } as const

/** The providers, and the kinds of credentials where they decide which call is made. */
export const providers = {
  "WePay": wePay(),
  "WalletConnectPay, API key": walletConnectPay(
    WalletConnectPayConnection.Credentials.ApiKey({ apiKey: Redacted.make(apiKey) }),
    { ...gateway, secrets: [apiKey] }
  ),
  "WalletConnectPay, app": walletConnectPay(
    WalletConnectPayConnection.Credentials.AppId({ appId, clientId }),
    { ...gateway, secrets: [appId, clientId] }
  ),
  "WalletConnectPay, merchant": walletConnectPay(
    WalletConnectPayConnection.Credentials.Merchant({ apiKey: Redacted.make(apiKey), merchantId }),
    {
      secrets: [apiKey, merchantId],
      keyHeader: "idempotency-key",
      licence: ["NoAnswer", "ServerError", "StillRunning", "Unproven"]
    }
  )
} as const satisfies { readonly [name: string]: Facts }

export type ProviderName = keyof typeof providers

export const factsOf = (name: ProviderName): Facts => providers[name]
