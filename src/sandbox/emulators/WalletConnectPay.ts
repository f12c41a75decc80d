/**
 * WalletConnect Pay: cancel and status, on the gateway (wallet) side and on the
 * merchant side, and the merchant's webhooks.
 *
 * Written from the provider's public documentation. What is marked *inferred*
 * is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Emulator from "../Emulator.js"
import * as Payments from "../Payments.js"
import * as Webhook from "../Webhook.js"

/**
 * The statuses of a WalletConnect Pay payment. Note the spelling of `cancelled`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "requires_action" | "processing" | "succeeded" | "failed" | "expired" | "cancelled"

/**
 * What can be chosen for a new WalletConnect Pay payment.
 *
 * - `status`: `requires_action` by default;
 * - `expiresIn`: it expires automatically after this time, if it still can;
 * - `referenceId`: the merchant's own reference; none by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly expiresIn?: Duration.DurationInput
  readonly referenceId?: string
}

/**
 * Credentials that work here and nowhere else. `apiKey` serves both sides.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  apiKey: "wcp_test_sandbox-not-a-secret",
  appId: "sandbox-wcp-app-id",
  clientId: "sandbox-wcp-client-id",
  merchantId: "sandbox-wcp-merchant-id"
}

interface Attributes {
  readonly referenceId: string | null
  /** Set by the cancel that is carried out. */
  cancelledReason: string | null
}

const machine: Payments.StateMachine<Status> = {
  requires_action: ["processing", "expired", "cancelled"],
  processing: ["succeeded", "failed", "expired"],
  succeeded: [],
  failed: [],
  expired: [],
  cancelled: []
}

/** The version an account is pinned to, and the ones an override may name. */
const pinnedVersion = "2026-02-18"
const knownVersions = new Set(["2026-02-18", "2026-02-19.preview"])
const versionPattern = /^\d{4}-\d{2}-\d{2}(\.preview)?$/

interface Route extends Emulator.Route {
  readonly side: "Gateway" | "Merchant"
  readonly paymentId: string
}

const error = (code: string, status: number, message = code.replaceAll("_", " ")): Emulator.Reply =>
  Emulator.json(status, { code, message })

const route = (request: Emulator.Request): Route | null => {
  const segments = request.path.split("/")
  const side = segments[1] !== "v1"
    ? null
    : segments[2] === "gateway" && segments[3] === "payment" && segments.length === 6
    ? "Gateway"
    : segments[2] === "payments" && segments.length === 5
    ? "Merchant"
    : null
  const action = segments.at(-1)
  const operation = request.method === "POST" && action === "cancel"
    ? "Cancel"
    : request.method === "GET" && action === "status"
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segments.at(-2) ?? "")
  return side === null || operation === null || paymentId === undefined || paymentId === ""
    ? null
    : { side, operation, paymentId }
}

const documentedHeaders = [
  "api-key",
  "app-id",
  "client-id",
  "merchant-id",
  "wcp-version",
  "sdk-name",
  "sdk-version",
  "sdk-platform",
  "idempotency-key"
]

/** Every header is optional by specification, and an empty one counts as absent (inferred). */
const header = (request: Emulator.Request, name: string): string | undefined => request.headers[name] || undefined

// Inferred: the HTTP status 401 for those codes about credentials which are
// documented without one. It is the only one the operation has for them.
const refuseGatewayCredentials = (request: Emulator.Request): Emulator.Reply | null => {
  const apiKey = header(request, "api-key")
  const appId = header(request, "app-id")
  const clientId = header(request, "client-id")
  if (apiKey !== undefined) {
    return appId !== undefined || clientId !== undefined
      ? error("conflicting_auth_headers", 401, "Send either Api-Key or App-Id with Client-Id")
      : apiKey !== credentials.apiKey
      ? error("invalid_api_key", 401, "Invalid API key")
      : null
  }
  if (appId === undefined) {
    return clientId === undefined
      ? error("missing_auth_headers", 401, "Send either Api-Key or App-Id with Client-Id")
      : error("missing_app_id", 401, "App-Id is required with Client-Id")
  }
  if (clientId === undefined) {
    return error("missing_client_id", 401, "Client-Id is required with App-Id")
  }
  // Inferred: any Client-Id passes, since no code exists for a wrong one.
  return appId === credentials.appId ? null : error("invalid_app_id", 401, "Invalid App ID")
}

const refuseMerchantCredentials = (request: Emulator.Request): Emulator.Reply | null => {
  const apiKey = header(request, "api-key")
  const merchantId = header(request, "merchant-id")
  return apiKey === undefined
    ? error("missing_api_key", 401, "Api-Key is required")
    : header(request, "app-id") !== undefined
    ? error("conflicting_auth_headers", 401, "App-Id cannot be sent with Api-Key")
    : apiKey !== credentials.apiKey
    ? error("invalid_api_key", 401, "Invalid API key")
    : merchantId === undefined
    ? error("missing_merchant_id", 401, "Merchant-Id is required")
    : merchantId !== credentials.merchantId
    // Inferred: the code and its HTTP status.
    ? error("merchant_not_found", 404, "Merchant not found")
    : null
}

const refuseVersion = (version: string | undefined): Emulator.Reply | null =>
  version === undefined || knownVersions.has(version)
    ? null
    : !versionPattern.test(version)
    ? error("invalid_api_version", 400, "WCP-Version must be YYYY-MM-DD or YYYY-MM-DD.preview")
    // Inferred: any version older than the pinned one is a downgrade, even one that never existed.
    : version.slice(0, 10) < pinnedVersion
    ? error("api_version_downgrade", 400, `The account is pinned to ${pinnedVersion}`)
    : error("unknown_api_version", 400, `There is no version ${version}`)

const ascii = /^\p{ASCII}*$/u

const refuse = (request: Emulator.Request, route: Route): Emulator.Reply | null => {
  for (const name of documentedHeaders) {
    const value = request.headers[name]
    if (value !== undefined && !ascii.test(value)) {
      return error("header_not_ascii", 400, `${name} must be ASCII`)
    }
  }
  const refusal = (route.side === "Gateway" ? refuseGatewayCredentials : refuseMerchantCredentials)(request) ??
    refuseVersion(header(request, "wcp-version"))
  if (refusal !== null) {
    return refusal
  }
  if (route.operation === "Status") {
    const wait = new URLSearchParams(request.query).get("maxPollMs")
    // Inferred: the code.
    return wait === null || /^\d+$/.test(wait)
      ? null
      : error("params_validation", 400, "maxPollMs must be an integer of at least 0")
  }
  // Neither side declares a body; an official client sends `{}` to the
  // merchant's. Inferred: anything that is not JSON is refused there.
  return route.side === "Merchant" && request.body !== "" && Emulator.parseObject(request.body) === undefined
    ? error("invalid_params", 400, "The body must be a JSON object")
    : null
}

const idempotency: Emulator.Idempotency<Route> = {
  // The gateway's cancel has no such header.
  key: (request, route) =>
    (route.side === "Merchant" && route.operation === "Cancel" ? header(request, "idempotency-key") : undefined) ?? null,
  // That the body counts is documented; that the payment counts too is inferred.
  fingerprint: ({ body, path }) => JSON.stringify([path, body]),
  // Inferred: final answers are replayed, and a 5xx is not one.
  stores: (reply) => reply.status < 500,
  mismatch: () => error("idempotency_conflict", 409, "same key was used with a different request body"),
  // Inferred: there is no code for a key in flight, so the second request waits for the first and
  // then gets its answer.
  inFlight: null
}

/** ISO-8601 in UTC; the provider writes it with and without milliseconds. */
const timestamp = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z")

const base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** `pay_`, eight hexadecimal digits, 26 of Crockford's base 32. */
const paymentId = (count: number): string => {
  const digit = base32.charAt(count % base32.length)
  return `pay_${count.toString(16).padStart(8, "0")}01ARZ3NDEKTSV4RRFFQ69G5FA${digit}`
}

/**
 * A status answer. Inferred: 1000 for `pollInMs`, and that `info` and
 * `failureCode` are null. `maxPollMs` is accepted, but the answer comes at once:
 * nothing else happens in the sandbox while a request waits.
 */
const statusBody = (status: Status): Emulator.JsonObject => {
  const isFinal = machine[status].length === 0
  return { status, isFinal, pollInMs: isFinal ? null : 1000, info: null, failureCode: null }
}

/** The statuses that have an event. */
const eventTypes: { readonly [S in Status]?: string } = {
  processing: "payment.processing",
  succeeded: "payment.succeeded",
  failed: "payment.failed",
  expired: "payment.expired",
  cancelled: "payment.cancelled"
}

/**
 * One event for every change that has one. `payment.cancelled` is documented; the names and
 * contents of the others are inferred.
 */
const eventsOf = (payment: Payments.Payment<Status, Attributes>): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to }, index) => {
    if (from === null || !Payments.isStatus(machine, to)) {
      return []
    }
    const type = eventTypes[to]
    const id = `evt_${payment.id}_${index}`
    return type === undefined ? [] : [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        id,
        type,
        api_version: "2026-05-18",
        created_at: timestamp(at),
        data: {
          payment_id: payment.id,
          merchant_id: credentials.merchantId,
          live: false,
          payment_state_version: index + 1,
          reference_id: payment.attributes.referenceId,
          status: to,
          amount: { unit: "iso4217/USD", value: "1000" },
          created_at: timestamp(payment.createdAt),
          expires_at: null,
          cancelled: to === "cancelled"
            ? { cancelled_at: timestamp(at), cancellation_reason: payment.attributes.cancelledReason }
            : null,
          processing: null,
          success: null,
          failed: null,
          expired: null,
          settled: null
        }
      }
    }]
  })

const webhook: Webhook.Webhook = {
  secret: "whsec_c2FuZGJveC1ub3QtYS1zZWNyZXQ=",
  sign(event, now, secret) {
    const body = JSON.stringify(event.payload)
    const id = `msg_${event.id}`
    const time = Math.floor(now / 1000)
    const key = Either.getOrThrow(Encoding.decodeBase64(secret.slice("whsec_".length)))
    return Effect.map(Webhook.hmacSha256(key, `${id}.${time}.${body}`), (signature) => ({
      body,
      headers: {
        "content-type": "application/json",
        "svix-id": id,
        "svix-timestamp": String(time),
        "svix-signature": `v1,${Encoding.encodeBase64(signature)}`
      }
    }))
  }
}

const cancelPath = (paymentId: string) => `/v1/gateway/payment/${encodeURIComponent(paymentId)}/cancel`

/**
 * WalletConnect Pay as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const WalletConnectPay: Emulator.Definition<Create, typeof credentials> = {
  provider: "WalletConnectPay",
  slug: "walletconnect-pay",
  basePath: "",
  hosts: ["api.pay.walletconnect.com", "staging.api.pay.walletconnect.com"],
  credentials,
  environment: (baseUrl) => ({
    WALLETCONNECT_PAY_API_KEY: credentials.apiKey,
    WALLETCONNECT_PAY_MERCHANT_ID: credentials.merchantId,
    WALLETCONNECT_PAY_BASE_URL: baseUrl
  }),
  secretHeaders: ["api-key", "app-id", "client-id", "merchant-id"],
  statuses: Object.keys(machine),
  requests: {
    cancel: (paymentId) => ({
      method: "POST",
      path: cancelPath(paymentId),
      query: "",
      headers: { "api-key": credentials.apiKey },
      body: ""
    }),
    status: (paymentId) => ({
      method: "GET",
      path: `/v1/gateway/payment/${encodeURIComponent(paymentId)}/status`,
      query: "",
      headers: { "api-key": credentials.apiKey },
      body: ""
    }),
    wrongCredential: (paymentId) => ({
      method: "POST",
      path: cancelPath(paymentId),
      query: "",
      headers: { "api-key": "wcp_test_wrong" },
      body: ""
    })
  },
  route,
  faultCodes: {
    rateLimited: { code: "rate_limited", status: 429 },
    serverError: { code: "internal_error", status: 500 },
    unknown: { code: "sandbox_code_nobody_has_listed", status: 400 }
  },
  webhook,
  distort: {
    // A status answer names no payment, so there is nothing to distort in it.
    paymentId: (body) => "paymentId" in body ? { ...body, paymentId: "pay_sandbox_another_payment" } : body,
    status: (body) => ({ ...body, status: "sandbox_status_nobody_has_listed" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Route>({
      provider: "WalletConnectPay",
      machine,
      route,
      paymentId,
      birth: (options, at) => ({
        status: options.status ?? "requires_action",
        attributes: { referenceId: options.referenceId ?? null, cancelledReason: null },
        due: options.expiresIn === undefined
          ? null
          : { at: at + Duration.toMillis(options.expiresIn), to: "expired", by: "Expiry" }
      }),
      error: (code, status) => error(code, status),
      serverError: () => error("internal_error", 500, "Internal error"),
      refuse,
      idempotency,
      perform(_request, { operation, paymentId, side }, payments, at, requestIndex) {
        const payment = payments.find(paymentId, at)
        if (payment === undefined) {
          return { reply: error("payment_not_found", 404, "Payment not found"), applied: false }
        }
        if (operation === "Status") {
          return { reply: Emulator.json(200, statusBody(payment.status)), applied: false }
        }
        if (payment.status !== "requires_action") {
          // The 400 is documented; the codes, and that an already cancelled payment gets the same
          // one, are inferred.
          return {
            reply: payment.status === "expired"
              ? error("payment_expired", 400, "Payment has expired")
              : error("invalid_state", 400, `Payment cannot be cancelled in status ${payment.status}`),
            applied: false
          }
        }
        payments.change(paymentId, "cancelled", at, "Cancel", requestIndex)
        const cancelledReason = side === "Gateway" ? "cancelled_by_user" : "cancelled_by_merchant"
        payment.attributes.cancelledReason = cancelledReason
        return {
          reply: Emulator.json(200, {
            cancelledAt: timestamp(at),
            cancelledReason,
            paymentId,
            status: "cancelled"
          }),
          applied: true
        }
      },
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at)
    })
}
