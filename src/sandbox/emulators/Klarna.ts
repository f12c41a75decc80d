/**
 * Klarna's Order Management: `POST /ordermanagement/v1/orders/{order_id}/cancel`,
 * `POST /ordermanagement/v1/orders/{order_id}/release-remaining-authorization` and
 * `GET /ordermanagement/v1/orders/{order_id}`.
 *
 * Written from the provider's public documentation. What is marked *inferred*
 * is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Encoding from "effect/Encoding"
import * as Emulator from "../Emulator.js"
import type * as Payments from "../Payments.js"

/**
 * The statuses of a Klarna order. Note the spelling of `CANCELLED`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "AUTHORIZED" | "PART_CAPTURED" | "CAPTURED" | "CANCELLED" | "EXPIRED" | "CLOSED"

/**
 * What can be chosen for a new Klarna order.
 *
 * - `status`: `AUTHORIZED` unless given;
 * - `amount`: in minor units, 1000 unless given;
 * - `expiresIn`: after which time its authorization lapses; 28 days, as Klarna's
 *   default is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly amount?: number
  readonly expiresIn?: Duration.DurationInput
}

/**
 * Credentials that work here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  username: "sandbox-klarna-username",
  password: "sandbox-klarna-password-not-a-secret"
}

interface Attributes {
  readonly amount: number
  readonly expiresAt: number
  /** What remained after a capture is no longer held. */
  released: boolean
}

const machine: Payments.StateMachine<Status> = {
  AUTHORIZED: ["PART_CAPTURED", "CAPTURED", "CANCELLED", "EXPIRED", "CLOSED"],
  PART_CAPTURED: ["CAPTURED", "CLOSED"],
  CAPTURED: ["CLOSED"],
  CANCELLED: [],
  EXPIRED: ["CLOSED"],
  CLOSED: []
}

const messages: { readonly [code: string]: ReadonlyArray<string> } = {
  CANCEL_NOT_ALLOWED: ["Cancel not allowed: the order has captures or is closed."],
  NO_SUCH_ORDER: ["The order does not exist."],
  INVALID_ORDER_ID: ["The order id is not valid."],
  TOO_MANY_REQUESTS: ["Too many requests."],
  INTERNAL_SERVER_ERROR: ["An internal error has occurred."],
  // Documented: a conflict comes without words.
  CONFLICT: []
}

/** Klarna's identifier of an exchange is in the body as well; here it is always the same. */
const error = (code: string, status: number): Emulator.Reply =>
  Emulator.json(status, {
    error_code: code,
    error_messages: messages[code] ?? [code],
    correlation_id: "a0d1c9a4-0000-4000-8000-000000000000"
  })

/** Observed: credentials that are not accepted are answered by a server in front, and not in Klarna's words. */
const authorizationRequired: Emulator.Reply = {
  status: 401,
  headers: { "content-type": "text/html" },
  body: "<html><head><title>401 Authorization Required</title></head></html>"
}

const noContent: Emulator.Reply = { status: 204, headers: {}, body: "" }

interface Route extends Emulator.Route {
  readonly releases: boolean
}

const route = (request: Emulator.Request): Route | null => {
  const [, api, version, resource, segment, action, ...rest] = request.path.split("/")
  if (
    api !== "ordermanagement" || version !== "v1" || resource !== "orders" ||
    segment === undefined || segment === "" || rest.length > 0
  ) {
    return null
  }
  const releases = action === "release-remaining-authorization"
  const operation = request.method === "POST" && (action === "cancel" || releases)
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId, releases }
}

const basic = (password: string): string => `Basic ${Encoding.encodeBase64(`${credentials.username}:${password}`)}`

const largestBody = 1_000_000

const refuse = ({ body, headers }: Emulator.Request): Emulator.Reply | null => {
  if (headers["authorization"] !== basic(credentials.password)) {
    return authorizationRequired
  }
  return body.length > largestBody ? error("REQUEST_TOO_LARGE", 413) : null
}

const idempotency: Emulator.Idempotency<Route> = {
  key: (request, route) => (route.operation === "Cancel" ? request.headers["klarna-idempotency-key"] : undefined) || null,
  // Documented: only the key counts. Under it another order gets the first one's answer.
  fingerprint: () => "",
  // A 5xx may be sent again under its key, so it is not kept. Inferred: that a refusal is, as a success is.
  stores: (reply) => reply.status < 500,
  // No two requests under one key differ.
  mismatch: () => error("CONFLICT", 409),
  // Inferred: what a request beside one that still runs gets is not documented.
  inFlight: () => error("CONFLICT", 409)
}

const time = (at: number): string => new Date(at).toISOString()

/** How much of an order was captured; of a part, here always half. */
const capturedOf = ({ attributes, status }: Payments.Payment<Status, Attributes>): number => {
  switch (status) {
    case "CAPTURED":
      return attributes.amount
    case "PART_CAPTURED":
      return Math.floor(attributes.amount / 2)
    default:
      return 0
  }
}

/** An order, with the fields of the specification that no person can be recognised by. */
const body = (payment: Payments.Payment<Status, Attributes>): Emulator.JsonObject => {
  const { attributes, createdAt, id, status } = payment
  const captured = capturedOf(payment)
  const isOpen = status === "AUTHORIZED" || status === "PART_CAPTURED"
  return {
    order_id: id,
    status,
    fraud_status: "ACCEPTED",
    order_amount: attributes.amount,
    original_order_amount: attributes.amount,
    captured_amount: captured,
    refunded_amount: 0,
    remaining_authorized_amount: isOpen && !attributes.released ? attributes.amount - captured : 0,
    purchase_currency: "EUR",
    purchase_country: "DE",
    locale: "de-DE",
    order_lines: [],
    klarna_reference: "K4MADNY-1",
    merchant_reference1: "order-1042",
    created_at: time(createdAt),
    expires_at: time(attributes.expiresAt),
    captures: [],
    refunds: []
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const cancelRequest = (password: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/ordermanagement/v1/orders/${encodeURIComponent(paymentId)}/cancel`,
  query: "",
  headers: { "authorization": basic(password) },
  body: ""
})

/**
 * Klarna as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Klarna: Emulator.Definition<Create, typeof credentials> = {
  provider: "Klarna",
  slug: "klarna",
  basePath: "",
  hosts: [
    "api.klarna.com",
    "api-na.klarna.com",
    "api-oc.klarna.com",
    "api.playground.klarna.com",
    "api-na.playground.klarna.com",
    "api-oc.playground.klarna.com"
  ],
  credentials,
  environment: (baseUrl) => ({
    KLARNA_USERNAME: credentials.username,
    KLARNA_PASSWORD: credentials.password,
    KLARNA_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: cancelRequest(credentials.password),
    status: (paymentId) => ({
      method: "GET",
      path: `/ordermanagement/v1/orders/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: { "authorization": basic(credentials.password) },
      body: ""
    }),
    wrongCredential: cancelRequest("wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "TOO_MANY_REQUESTS", status: 429 },
    serverError: { code: "INTERNAL_SERVER_ERROR", status: 500 },
    unknown: { code: "SANDBOX_CODE_NOBODY_HAS_LISTED", status: 400 }
  },
  // The answer to a cancel has no body in which anything could be changed.
  distort: {
    paymentId: (body) => ({ ...body, order_id: "sandbox-another-payment" }),
    status: (body) => ({ ...body, status: "SANDBOX_STATUS_NOBODY_HAS_LISTED" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Route>({
      provider: "Klarna",
      machine,
      route,
      paymentId: (count) => `00000000-0000-4000-8000-${count.toString(16).padStart(12, "0")}`,
      birth({ amount = 1000, expiresIn = "28 days", status = "AUTHORIZED" }, at) {
        const expiresAt = at + Duration.toMillis(expiresIn)
        return { status, attributes: { amount, expiresAt, released: false }, due: { at: expiresAt, to: "EXPIRED", by: "Expiry" } }
      },
      error,
      serverError: () => error("INTERNAL_SERVER_ERROR", 500),
      refuse,
      idempotency,
      perform(_request, { operation, paymentId, releases }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const payment = payments.find(id, at)
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (payment === undefined) {
          // Documented for the order itself; that a cancel answers alike is inferred.
          return unchanged(uuid.test(id) ? error("NO_SUCH_ORDER", 404) : error("INVALID_ORDER_ID", 400))
        }
        if (operation === "Status") {
          return unchanged(Emulator.json(200, body(payment)))
        }
        if (releases) {
          // Documented: not when the order is cancelled or has no captures, and the code of one that is fully captured.
          // Inferred: the code of the others.
          if (payment.status !== "PART_CAPTURED") {
            return unchanged(error("NOT_ALLOWED", 403))
          }
          // Inferred: the status stays, and so does a second release.
          const applied = !payment.attributes.released
          payment.attributes.released = true
          return { reply: noContent, applied }
        }
        // Documented for captures and closed orders; inferred for cancelled and expired ones.
        if (payment.status !== "AUTHORIZED") {
          return unchanged(error("CANCEL_NOT_ALLOWED", 403))
        }
        payments.change(id, "CANCELLED", at, "Cancel", requestIndex)
        return { reply: noContent, applied: true }
      },
      // Documented: the limit comes with every answer.
      stamp: (count) => ({
        "klarna-correlation-id": `sandbox-klarna-${count.toString().padStart(6, "0")}`,
        "x-ratelimit-limit": "200, 200;w=1",
        "x-ratelimit-remaining": "199",
        "x-ratelimit-reset": "1"
      })
    })
}
