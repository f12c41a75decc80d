/**
 * Airwallex: `POST /api/v1/authentication/login`, `POST /api/v1/pa/payment_intents/{id}/cancel`,
 * `GET /api/v1/pa/payment_intents/{id}`, and the webhooks about a PaymentIntent.
 *
 * Written from the provider's public documentation. What is marked *inferred*
 * is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Emulator from "../Emulator.js"
import * as Payments from "../Payments.js"
import * as Webhook from "../Webhook.js"

/**
 * The statuses of a PaymentIntent.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | "REQUIRES_PAYMENT_METHOD"
  | "REQUIRES_CUSTOMER_ACTION"
  | "REQUIRES_MERCHANT_ACTION"
  | "PENDING"
  | "PENDING_REVIEW"
  | "REQUIRES_CAPTURE"
  | "SUCCEEDED"
  | "CANCELLED"

/**
 * What can be chosen for a new PaymentIntent.
 *
 * - `status`: `REQUIRES_CAPTURE` unless given;
 * - `unsupported`: its payment method cannot be cancelled; false unless given;
 * - `captureIn`, `expiresIn`: captured, or cancelled by Airwallex itself, after this time. That what
 *   has lapsed is `CANCELLED` is *inferred*;
 * - `amount`: in hundredths of the currency, 1000 unless given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly unsupported?: boolean
  readonly captureIn?: Duration.DurationInput
  readonly expiresIn?: Duration.DurationInput
  readonly amount?: number
}

/**
 * Credentials that work here and nowhere else. The `accessToken` is for requests by hand, and never
 * expires; those that are given for the client id and the API key do.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  clientId: "sandbox-airwallex-client-id",
  apiKey: "sandbox-airwallex-api-key-not-a-secret",
  accessToken: "sandbox-airwallex-access-token-not-a-secret"
}

interface Attributes {
  readonly unsupported: boolean
  readonly amount: number
  reason: string | null
}

const machine: Payments.StateMachine<Status> = {
  REQUIRES_PAYMENT_METHOD: ["REQUIRES_CUSTOMER_ACTION", "PENDING", "PENDING_REVIEW", "REQUIRES_CAPTURE", "SUCCEEDED", "CANCELLED"],
  REQUIRES_CUSTOMER_ACTION: ["REQUIRES_PAYMENT_METHOD", "PENDING", "PENDING_REVIEW", "REQUIRES_CAPTURE", "SUCCEEDED", "CANCELLED"],
  // Inferred: what these lead to.
  REQUIRES_MERCHANT_ACTION: ["REQUIRES_PAYMENT_METHOD", "REQUIRES_CAPTURE", "SUCCEEDED", "CANCELLED"],
  PENDING: ["REQUIRES_PAYMENT_METHOD", "REQUIRES_CAPTURE", "SUCCEEDED", "CANCELLED"],
  PENDING_REVIEW: ["REQUIRES_PAYMENT_METHOD", "REQUIRES_CAPTURE", "SUCCEEDED", "CANCELLED"],
  REQUIRES_CAPTURE: ["SUCCEEDED", "CANCELLED"],
  SUCCEEDED: [],
  CANCELLED: []
}

/** From which a cancel is possible. */
const cancellable: ReadonlyArray<Status> = ["REQUIRES_PAYMENT_METHOD", "REQUIRES_CUSTOMER_ACTION", "REQUIRES_CAPTURE"]

const messages: { readonly [code: string]: string } = {
  unauthorized: "Access denied",
  validation_error: "request_id must be provided",
  duplicate_request: "The request ID has been used previously.",
  resource_not_found: "The PaymentIntent with the given ID cannot be found.",
  operation_not_supported: "The operation cancel is not supported.",
  too_many_requests: "Rate Limit Exceeded.",
  internal_error: "An internal error was encountered. Please try again later."
}

const error = (code: string, status: number, more: Emulator.JsonObject = {}): Emulator.Reply =>
  Emulator.json(status, { code, message: messages[code] ?? code, trace_id: "sandbox-trace-id", ...more })

const duplicate = (): Emulator.Reply => error("duplicate_request", 400)

const route = ({ method, path }: Emulator.Request): Emulator.Route | null => {
  if (path === "/api/v1/authentication/login") {
    return method === "POST" ? { operation: "Authorization", paymentId: null } : null
  }
  const [, api, version, product, resource, segment, action, ...rest] = path.split("/")
  if (
    api !== "api" || version !== "v1" || product !== "pa" || resource !== "payment_intents" || segment === undefined ||
    segment === "" || rest.length > 0
  ) {
    return null
  }
  const operation = method === "POST" && action === "cancel"
    ? "Cancel"
    : method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId }
}

const refuseClient = ({ headers }: Emulator.Request): Emulator.Reply | null =>
  headers["x-client-id"] === credentials.clientId && headers["x-api-key"] === credentials.apiKey
    ? null
    : error("unauthorized", 401)

const mediaType = ({ headers }: Emulator.Request): string | undefined =>
  headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()

/** A member of the body of a cancel. */
const member = ({ body }: Emulator.Request, name: string): unknown => Emulator.parseObject(body)?.[name]

const isText = (value: unknown): value is string => typeof value === "string" && value !== ""

const refuseCancel = (request: Emulator.Request): Emulator.Reply | null => {
  if (mediaType(request) !== "application/json" || Emulator.parseObject(request.body) === undefined) {
    return error("validation_error", 400, { message: "the body is not a JSON object" })
  }
  if (!isText(member(request, "request_id"))) {
    return error("validation_error", 400, { source: "request_id" })
  }
  const reason = member(request, "cancellation_reason")
  return reason === undefined || typeof reason === "string"
    ? null
    : error("validation_error", 400, { source: "cancellation_reason", message: "cancellation_reason must be a string" })
}

/** Airwallex's times have no milliseconds, and no colon in the offset. */
const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}+0000`

const body = ({ attributes, createdAt, history, id, status }: Payments.Payment<Status, Attributes>): Emulator.JsonObject => {
  const { amount, reason } = attributes
  const changed = history.at(-1)?.at ?? createdAt
  return {
    id,
    request_id: "sandbox-create",
    amount: amount / 100,
    currency: "USD",
    merchant_order_id: "sandbox-order",
    status,
    captured_amount: status === "SUCCEEDED" ? amount / 100 : 0,
    created_at: time(createdAt),
    updated_at: time(changed),
    ...(status === "CANCELLED"
      ? { cancelled_at: time(changed), ...(reason === null ? {} : { cancellation_reason: reason }) }
      : {})
  }
}

/** Null where the PaymentIntent can be cancelled. */
const refuseState = ({ attributes, status }: Payments.Payment<Status, Attributes>): Emulator.Reply | null =>
  !cancellable.includes(status)
    ? error("invalid_status_for_operation", 400, {
      message: `The PaymentIntent status ${status} is invalid for operation cancel.`
    })
    : attributes.unsupported
    ? error("operation_not_supported", 400)
    : null

/** How long an access token is valid. */
const tokenLifetime = Duration.toMillis("30 minutes")

/** What every login gives. A later one only makes it valid for longer. */
const issuedToken = "sandbox-airwallex-issued-token"

/** One event for every change, with the PaymentIntent as it was then. */
const eventsOf = (payment: Payments.Payment<Status, Attributes>): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to: status }, index) => {
    if (from === null || !Payments.isStatus(machine, status)) {
      return []
    }
    const id = `evt_${payment.id}_${index}`
    return [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        id,
        name: `payment_intent.${status.toLowerCase()}`,
        account_id: "acct_sandbox",
        data: { object: body({ ...payment, status, history: payment.history.slice(0, index + 1) }) },
        created_at: time(at),
        version: "2025-06-30"
      }
    }]
  })

const utf8 = new TextEncoder()

const webhook: Webhook.Webhook = {
  secret: "whsec_sandbox-airwallex-not-a-secret",
  sign(event, now, secret) {
    const body = JSON.stringify(event.payload)
    const timestamp = String(Math.floor(now))
    return Effect.map(Webhook.hmacSha256(utf8.encode(secret), `${timestamp}${body}`), (signature) => ({
      body,
      headers: {
        "content-type": "application/json",
        "x-timestamp": timestamp,
        "x-signature": Encoding.encodeHex(signature)
      }
    }))
  }
}

const cancelRequest = (accessToken: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/api/v1/pa/payment_intents/${encodeURIComponent(paymentId)}/cancel`,
  query: "",
  headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json", "x-api-version": "2025-06-30" },
  body: JSON.stringify({ request_id: `sandbox-cancel-of-${paymentId}` })
})

/** What is changed in a PaymentIntent; an access token is left as it is. */
const distorting = (change: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject =>
  typeof body["status"] === "string" ? { ...body, ...change } : body

/**
 * Airwallex as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Airwallex: Emulator.Definition<Create, typeof credentials> = {
  provider: "Airwallex",
  slug: "airwallex",
  basePath: "",
  hosts: ["api.airwallex.com", "api.sandbox.airwallex.com", "api-demo.airwallex.com"],
  credentials,
  environment: (baseUrl) => ({
    AIRWALLEX_CLIENT_ID: credentials.clientId,
    AIRWALLEX_API_KEY: credentials.apiKey,
    AIRWALLEX_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization", "x-api-key", "x-client-id"],
  statuses: Object.keys(machine),
  requests: {
    cancel: cancelRequest(credentials.accessToken),
    status: (paymentId) => ({
      method: "GET",
      path: `/api/v1/pa/payment_intents/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: { authorization: `Bearer ${credentials.accessToken}`, "x-api-version": "2025-06-30" },
      body: ""
    }),
    wrongCredential: cancelRequest("wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "too_many_requests", status: 429 },
    serverError: { code: "internal_error", status: 500 },
    unknown: { code: "sandbox_code_nobody_has_listed", status: 400 }
  },
  webhook,
  distort: {
    paymentId: distorting({ id: "int_sandbox_another_payment" }),
    status: distorting({ status: "sandbox_status_nobody_has_listed" })
  },
  make() {
    let asked = 0
    let expiresAt = -Infinity

    const isValid = (value: string, at: number): boolean =>
      value === credentials.accessToken || (value === issuedToken && expiresAt > at)

    const refuseToken = ({ headers }: Emulator.Request, at: number): Emulator.Reply | null => {
      const [scheme, value = ""] = (headers["authorization"] ?? "").split(" ")
      return scheme === "Bearer" && isValid(value, at) ? null : error("unauthorized", 401)
    }

    return Emulator.make<Status, Attributes, Create, Emulator.Route>({
      provider: "Airwallex",
      machine,
      route,
      paymentId: (count) => `int_sandbox${count.toString(36).padStart(10, "0")}`,
      birth({ amount = 1000, captureIn, expiresIn, status = "REQUIRES_CAPTURE", unsupported = false }, at) {
        return {
          status,
          attributes: { amount, unsupported, reason: null },
          due: captureIn !== undefined
            ? { at: at + Duration.toMillis(captureIn), to: "SUCCEEDED", by: "Capture" }
            : expiresIn !== undefined
            ? { at: at + Duration.toMillis(expiresIn), to: "CANCELLED", by: "Expiry" }
            : null
        }
      },
      error,
      serverError: () => error("internal_error", 500),
      refuse(request, { operation }, at) {
        if (operation === "Authorization") {
          return refuseClient(request)
        }
        const refused = refuseToken(request, at)
        return refused === null && operation === "Cancel" ? refuseCancel(request) : refused
      },
      idempotency: {
        // Inferred: that a request id is used up for the account, and not for one PaymentIntent only.
        key: (request, { operation }) => {
          const id = operation === "Cancel" ? member(request, "request_id") : undefined
          return isText(id) ? id : null
        },
        // No request is another one's repetition: a request id that was used is refused.
        fingerprint: () => String(++asked),
        // Inferred: that a refusal leaves the request id unused, and a failure uses it up.
        stores: ({ status }) => status < 300 || status >= 500,
        mismatch: duplicate,
        inFlight: duplicate
      },
      perform(request, { operation, paymentId }, payments, at, requestIndex) {
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (operation === "Authorization") {
          expiresAt = at + tokenLifetime
          const granted = Emulator.json(201, { token: issuedToken, expires_at: time(expiresAt) })
          return unchanged({ ...granted, headers: { ...granted.headers, date: new Date(at).toUTCString() } })
        }
        const payment = payments.find(paymentId ?? "", at)
        if (payment === undefined) {
          return unchanged(error("resource_not_found", 404))
        }
        if (operation === "Status") {
          return unchanged(Emulator.json(200, body(payment)))
        }
        const refused = refuseState(payment)
        if (refused !== null) {
          return unchanged(refused)
        }
        payments.change(payment.id, "CANCELLED", at, "Cancel", requestIndex)
        const reason = member(request, "cancellation_reason")
        payment.attributes.reason = isText(reason) ? reason : null
        return { reply: Emulator.json(200, body(payment)), applied: true }
      },
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at),
      reset() {
        asked = 0
        expiresAt = -Infinity
      }
    })
  }
}
