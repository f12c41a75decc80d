/**
 * GoCardless: `POST /payments/{id}/actions/cancel`, `GET /payments/{id}`, and the webhooks about a
 * payment.
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
 * The statuses of a payment. Note the spelling of `cancelled`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | "pending_customer_approval"
  | "pending_submission"
  | "submitted"
  | "confirmed"
  | "paid_out"
  | "cancelled"
  | "customer_approval_denied"
  | "failed"
  | "charged_back"

/**
 * What can be chosen for a new payment.
 *
 * - `status`: `pending_submission` by default;
 * - `amount`: in the smallest unit of the currency, 1000 by default;
 * - `submitIn`: after this time it is submitted to the banks; never by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly amount?: number
  readonly submitIn?: Duration.DurationInput
}

/**
 * A token that works here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = { accessToken: "sandbox_gocardless-token-not-a-secret" }

interface Attributes {
  readonly amount: number
  /** Set by the cancel that is carried out. */
  cancelMetadata: Emulator.JsonObject
}

const machine: Payments.StateMachine<Status> = {
  pending_customer_approval: ["pending_submission", "customer_approval_denied", "cancelled"],
  pending_submission: ["submitted", "cancelled", "failed"],
  submitted: ["confirmed", "failed"],
  confirmed: ["paid_out", "failed", "charged_back"],
  paid_out: ["failed", "charged_back"],
  cancelled: [],
  customer_approval_denied: [],
  // A payment that is retried.
  failed: ["pending_submission"],
  charged_back: ["paid_out"]
}

type ErrorType = "gocardless" | "invalid_api_usage" | "invalid_state" | "validation_failed"

/** The types of the reasons that are not about how the API is used. */
const types: { readonly [reason: string]: ErrorType } = {
  cancellation_failed: "invalid_state",
  idempotent_creation_conflict: "invalid_state",
  internal_server_error: "gocardless",
  request_timed_out: "gocardless"
}

const messages: { readonly [reason: string]: string } = {
  cancellation_failed: "Payment cannot be cancelled",
  internal_server_error: "Internal server error",
  rate_limit_exceeded: "Rate limit exceeded",
  resource_not_found: "Resource not found",
  unauthorized: "Unauthorized"
}

/** GoCardless's identifier of an exchange is in an error as well; here it is always the same. */
const requestId = "sandbox-gocardless-request"

const refusal = (status: number, type: ErrorType, message: string, errors: ReadonlyArray<Emulator.JsonObject>): Emulator.Reply =>
  Emulator.json(status, {
    error: {
      message,
      documentation_url: `https://developer.gocardless.com/api-reference#${type}`,
      type,
      errors,
      request_id: requestId,
      code: status
    }
  })

const error = (reason: string, status: number): Emulator.Reply => {
  const message = messages[reason] ?? reason.replaceAll("_", " ")
  return refusal(status, types[reason] ?? "invalid_api_usage", message, [{ message, reason }])
}

/** Errors of this type name a field, and have no reason. */
const invalid = (field: string, message: string): Emulator.Reply =>
  refusal(422, "validation_failed", "Validation failed", [{ field, message, request_pointer: `/data/${field}` }])

const route = (request: Emulator.Request): Emulator.Route | null => {
  const [, resource, segment, actions, action, ...rest] = request.path.split("/")
  if (resource !== "payments" || segment === undefined || segment === "" || rest.length > 0) {
    return null
  }
  const operation = request.method === "POST" && actions === "actions" && action === "cancel"
    ? "Cancel"
    : request.method === "GET" && actions === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId }
}

const version = "2015-07-06"

const isMetadata = (metadata: unknown): boolean =>
  Emulator.isObject(metadata) && Object.keys(metadata).length <= 3 &&
  Object.entries(metadata).every(([name, value]) => name.length <= 50 && typeof value === "string" && value.length <= 500)

const refuseBody = ({ body, headers }: Emulator.Request): Emulator.Reply | null => {
  if (body === "") {
    return null
  }
  // Inferred: the codes of these two.
  if (headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() !== "application/json") {
    return error("unsupported_media_type", 415)
  }
  const data = Emulator.parseObject(body)?.["data"]
  if (!Emulator.isObject(data)) {
    return error("bad_request", 400)
  }
  const unknown = Object.keys(data).find((name) => name !== "metadata")
  // Inferred: that what is not known is refused.
  if (unknown !== undefined) {
    return invalid(unknown, "is not allowed")
  }
  return data["metadata"] === undefined || isMetadata(data["metadata"]) ? null : invalid("metadata", "is invalid")
}

const refuse = (request: Emulator.Request, { operation }: Emulator.Route): Emulator.Reply | null => {
  const { headers } = request
  if (headers["authorization"] !== `Bearer ${credentials.accessToken}`) {
    return error("unauthorized", 401)
  }
  // Documented: a request without a version is refused. Inferred: how.
  if (headers["gocardless-version"] !== version) {
    return error("version_not_found", 400)
  }
  return operation === "Cancel" ? refuseBody(request) : null
}

/** Keys are documented for calls that create something. Inferred: that a cancel disregards them. */
const idempotency: Emulator.Idempotency<Emulator.Route> = {
  key: () => null,
  fingerprint: () => "",
  stores: () => false,
  mismatch: () => error("idempotent_creation_conflict", 409),
  inFlight: null
}

const body = ({ attributes, createdAt, id, status }: Payments.Payment<Status, Attributes>): Emulator.JsonObject => ({
  payments: {
    id,
    created_at: new Date(createdAt).toISOString(),
    charge_date: new Date(createdAt + 7 * 86_400_000).toISOString().slice(0, 10),
    amount: attributes.amount,
    amount_refunded: 0,
    currency: "GBP",
    description: null,
    reference: null,
    scheme: "bacs",
    status,
    retry_if_possible: false,
    faster_ach: null,
    fx: { fx_currency: "GBP", fx_amount: null, exchange_rate: null, estimated_exchange_rate: null },
    metadata: {},
    links: { mandate: "MD000SANDBOX", creditor: "CR000SANDBOX" }
  }
})

const changed = (answer: Emulator.JsonObject, change: Emulator.JsonObject): Emulator.JsonObject => {
  const { payments } = answer
  return Emulator.isObject(payments) ? { ...answer, payments: { ...payments, ...change } } : answer
}

/** The actions of the events about a payment, by the status that each leads to. */
const actions: { readonly [S in Status]?: string } = {
  submitted: "submitted",
  confirmed: "confirmed",
  paid_out: "paid_out",
  cancelled: "cancelled",
  customer_approval_denied: "customer_approval_denied",
  failed: "failed",
  charged_back: "charged_back",
  // After a failure.
  pending_submission: "resubmission_requested"
}

const eventsOf = (payment: Payments.Payment<Status, Attributes>): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, by, from, to: status }, index) => {
    const action = Payments.isStatus(machine, status) ? actions[status] : undefined
    if (from === null || action === undefined) {
      return []
    }
    const id = `EV${payment.id}${index.toString().padStart(2, "0")}`
    const isCancel = by === "Cancel"
    return [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        id,
        created_at: new Date(at).toISOString(),
        resource_type: "payments",
        action,
        links: { payment: payment.id },
        details: {
          origin: isCancel ? "api" : "gocardless",
          // Inferred: the causes other than that of a cancel.
          cause: `payment_${action}`,
          description: `The payment is ${status}.`
        },
        metadata: isCancel ? payment.attributes.cancelMetadata : {}
      }
    }]
  })

const utf8 = new TextEncoder()

/** One event to a list; a real webhook may have many. */
const webhook: Webhook.Webhook = {
  secret: "sandbox-endpoint-secret-not-a-secret",
  sign(event, _now, secret) {
    const body = JSON.stringify({ events: [event.payload], meta: { webhook_id: `WB${event.id}` } })
    return Effect.map(Webhook.hmacSha256(utf8.encode(secret), body), (signature) => ({
      body,
      headers: { "content-type": "application/json", "webhook-signature": Encoding.encodeHex(signature) }
    }))
  }
}

const headersWith = (accessToken: string) => ({
  "authorization": `Bearer ${accessToken}`,
  "gocardless-version": version
})

const cancelRequest = (accessToken: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/payments/${encodeURIComponent(paymentId)}/actions/cancel`,
  query: "",
  headers: { ...headersWith(accessToken), "content-type": "application/json" },
  body: "{\"data\":{}}"
})

/**
 * GoCardless as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const GoCardless: Emulator.Definition<Create, typeof credentials> = {
  provider: "GoCardless",
  slug: "gocardless",
  basePath: "",
  hosts: ["api.gocardless.com", "api-sandbox.gocardless.com"],
  credentials,
  environment: (baseUrl) => ({
    GOCARDLESS_ACCESS_TOKEN: credentials.accessToken,
    GOCARDLESS_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: cancelRequest(credentials.accessToken),
    status: (paymentId) => ({
      method: "GET",
      path: `/payments/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: headersWith(credentials.accessToken),
      body: ""
    }),
    wrongCredential: cancelRequest("wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "rate_limit_exceeded", status: 429 },
    serverError: { code: "internal_server_error", status: 500 },
    unknown: { code: "sandbox_code_nobody_has_listed", status: 400 }
  },
  webhook,
  distort: {
    paymentId: (body) => changed(body, { id: "PM_sandbox_another_payment" }),
    status: (body) => changed(body, { status: "sandbox_status_nobody_has_listed" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Emulator.Route>({
      provider: "GoCardless",
      machine,
      route,
      paymentId: (count) => `PM${count.toString(36).toUpperCase().padStart(12, "0")}`,
      birth: ({ amount = 1000, status = "pending_submission", submitIn }, at) => ({
        status,
        attributes: { amount, cancelMetadata: {} },
        due: submitIn === undefined ? null : { at: at + Duration.toMillis(submitIn), to: "submitted", by: "Capture" }
      }),
      error,
      serverError: () => error("internal_server_error", 500),
      refuse,
      idempotency,
      perform(request, { operation, paymentId }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const payment = payments.find(id, at)
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (payment === undefined) {
          // Inferred: the code.
          return unchanged(error("resource_not_found", 404))
        }
        if (operation === "Status") {
          return unchanged(Emulator.json(200, body(payment)))
        }
        // Documented: one code for all of them, cancelled or too late.
        if (payment.status !== "pending_submission") {
          return unchanged(error("cancellation_failed", 422))
        }
        payments.change(id, "cancelled", at, "Cancel", requestIndex)
        const data = Emulator.parseObject(request.body)?.["data"]
        const metadata = Emulator.isObject(data) ? data["metadata"] : undefined
        payment.attributes.cancelMetadata = Emulator.isObject(metadata) ? metadata : {}
        return { reply: Emulator.json(200, body(payment)), applied: true }
      },
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at),
      stamp: (count) => ({ "x-request-id": `sandbox-gocardless-${count.toString().padStart(6, "0")}` })
    })
}
