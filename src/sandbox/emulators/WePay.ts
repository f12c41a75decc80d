/**
 * WePay v3: `POST /payments/{id}/cancel` and `GET /payments/{id}`.
 *
 * Written from the provider's public documentation. What is marked *inferred*
 * is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Emulator from "../Emulator.js"
import type * as Payments from "../Payments.js"

/**
 * The statuses of a WePay payment. Note the spelling of `canceled`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "pending" | "completed" | "failed" | "canceled"

/**
 * What can be chosen for a new WePay payment.
 *
 * - `status`: `pending` by default;
 * - `autoCapture`: an automatically captured payment cannot be cancelled; false by default, which
 *   makes it a delayed-capture payment;
 * - `cardPresent`: can be cancelled only within 90 minutes of its creation;
 * - `captureIn`: it completes automatically after this time;
 * - `amount`: in minor units, 1000 by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly autoCapture?: boolean
  readonly cardPresent?: boolean
  readonly captureIn?: Duration.DurationInput
  readonly amount?: number
}

/**
 * Credentials that work here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  appId: "sandbox-wepay-app-id",
  appToken: "sandbox-wepay-app-token-not-a-secret"
}

interface Attributes {
  readonly autoCapture: boolean
  readonly cardPresent: boolean
  readonly captureAt: number | null
  readonly amount: number
}

const machine: Payments.StateMachine<Status> = {
  pending: ["completed", "failed", "canceled"],
  completed: [],
  failed: [],
  canceled: []
}

const cardPresentWindow = Duration.toMillis("90 minutes")

interface Detail {
  readonly message: string
  readonly reason_code: string
  readonly target: ReadonlyArray<string>
  readonly target_type: "HTTP_REQUEST_BODY" | "HTTP_REQUEST_PATH" | "HTTP_REQUEST_HEADER"
}

const messages: { readonly [code: string]: string } = {
  INVALID_PARAMS: "Invalid parameter(s).",
  PAYMENT_CANNOT_BE_CANCELED: "This payment cannot be canceled.",
  NOT_AUTHORIZED: "Not authorized to perform this call.",
  UNEXPECTED_ERROR: "There was an unexpected error.",
  THROTTLE_EXCEEDED: "Too many requests.",
  RESOURCE_CONFLICT: "The resource is being changed by another request."
}

/** The documented reason codes, each under the error code it comes with. */
const reasons: { readonly [reason: string]: { readonly code: string; readonly message: string; readonly target: string } } = {
  CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING: {
    code: "INVALID_PARAMS",
    message: "A request with this Unique-Key is still being processed.",
    target: "Unique-Key"
  },
  POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED: {
    code: "INVALID_PARAMS",
    message: "The point of sale transaction is not yet processed.",
    target: "id"
  },
  APPLICATION_REQUEST_THROTTLE_EXCEEDED: {
    code: "THROTTLE_EXCEEDED",
    message: "The application has sent too many requests.",
    target: "App-Id"
  }
}

const errorBody = (code: string, status: number, details?: ReadonlyArray<Detail>): Emulator.Reply =>
  Emulator.json(status, {
    error_code: code,
    error_message: messages[code] ?? code,
    ...(details === undefined ? {} : { details })
  })

/** A code, or one of the reason codes, which is then put inside the error code it belongs to. */
const error = (code: string, status: number): Emulator.Reply => {
  const reason = reasons[code]
  return reason === undefined
    ? errorBody(code, status)
    : errorBody(reason.code, status, [{
      message: reason.message,
      reason_code: code,
      target: [reason.target],
      target_type: reason.target === "id" ? "HTTP_REQUEST_PATH" : "HTTP_REQUEST_HEADER"
    }])
}

/** The reason codes `PARAMETER_…` are inferred: only the shape of `details` is documented. */
const invalid = (
  target_type: Detail["target_type"],
  target: string,
  reason_code: "PARAMETER_REQUIRED" | "PARAMETER_INVALID",
  message: string
): Emulator.Reply => errorBody("INVALID_PARAMS", 400, [{ message, reason_code, target: [target], target_type }])

const route = (request: Emulator.Request): Emulator.Route | null => {
  const [, resource, segment, action, ...rest] = request.path.split("/")
  if (resource !== "payments" || segment === undefined || segment === "" || rest.length > 0) {
    return null
  }
  const operation = request.method === "POST" && action === "cancel"
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId }
}

const refuse = (request: Emulator.Request, route: Emulator.Route): Emulator.Reply | null => {
  const { headers } = request
  if (headers["app-id"] !== credentials.appId || headers["app-token"] !== credentials.appToken) {
    return errorBody("NOT_AUTHORIZED", 403)
  }
  const version = headers["api-version"]
  if (version === undefined || version === "") {
    return invalid("HTTP_REQUEST_HEADER", "Api-Version", "PARAMETER_REQUIRED", "Api-Version is required.")
  }
  // Inferred: 3.0 is the only version that is documented.
  if (version !== "3.0") {
    return invalid("HTTP_REQUEST_HEADER", "Api-Version", "PARAMETER_INVALID", "Api-Version is not known.")
  }
  // Documented as required on every call, so also on the one without a body.
  const contentType = headers["content-type"]
  if (contentType === undefined) {
    return invalid("HTTP_REQUEST_HEADER", "Content-Type", "PARAMETER_REQUIRED", "Content-Type is required.")
  }
  if (contentType.split(";", 1)[0]?.trim().toLowerCase() !== "application/json") {
    return invalid("HTTP_REQUEST_HEADER", "Content-Type", "PARAMETER_INVALID", "Content-Type must be application/json.")
  }
  if (route.paymentId !== null && route.paymentId.length > 255) {
    return invalid("HTTP_REQUEST_PATH", "id", "PARAMETER_INVALID", "id must have 1 to 255 characters.")
  }
  return route.operation === "Cancel" ? refuseBody(request.body) : null
}

const refuseBody = (text: string): Emulator.Reply | null => {
  const body = Emulator.parseObject(text)
  if (body === undefined) {
    return invalid("HTTP_REQUEST_BODY", "body", "PARAMETER_INVALID", "The body must be a JSON object.")
  }
  if (body["cancel_reason"] === undefined) {
    return invalid("HTTP_REQUEST_BODY", "cancel_reason", "PARAMETER_REQUIRED", "cancel_reason is required.")
  }
  // No shortest length is documented, so an empty string passes.
  if (typeof body["cancel_reason"] !== "string") {
    return invalid("HTTP_REQUEST_BODY", "cancel_reason", "PARAMETER_INVALID", "cancel_reason must be a string.")
  }
  // Inferred: the name `rbits`. What an unknown field does is not documented; it is ignored here.
  const rbits = body["rbits"]
  if (rbits !== undefined && rbits !== null && !(Array.isArray(rbits) && rbits.every(Emulator.isObject))) {
    return invalid("HTTP_REQUEST_BODY", "rbits", "PARAMETER_INVALID", "rbits must be an array of objects or null.")
  }
  return null
}

const idempotency: Emulator.Idempotency<Emulator.Route> = {
  // Inferred: that cancel honours the key, as other calls are documented to do.
  key: (request, route) => (route.operation === "Cancel" ? request.headers["unique-key"] : undefined) || null,
  // "Exactly identical": body, parameters and headers. Of the headers, those
  // the operation documents; what HTTP clients and proxies add does not count.
  fingerprint: ({ body, headers, path, query }) =>
    JSON.stringify([path, query, headers["app-id"], headers["api-version"], headers["content-type"], body]),
  // A 5xx is to be retried, so it is not kept. A refusal is a final answer.
  stores: (reply) => reply.status < 500,
  // Decision: what a different body with a known key gets is not documented.
  // INVALID_PARAMS that points at the header is the least surprising, and it
  // never passes off the first payment's answer as the second's.
  mismatch: () =>
    invalid("HTTP_REQUEST_HEADER", "Unique-Key", "PARAMETER_INVALID", "This Unique-Key was used with another request."),
  inFlight: () => error("CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING", 400)
}

/** The whole Payment, field by field as in the specification's sample. */
const body = (payment: Payments.Payment<Status, Attributes>): Emulator.JsonObject => ({
  amount: payment.attributes.amount,
  // The sample of a canceled payment shows its whole amount as refunded.
  amount_refunded: payment.status === "canceled" ? payment.attributes.amount : 0,
  amount_disputed: 0,
  auto_capture: payment.attributes.autoCapture,
  capture_at: payment.attributes.captureAt,
  create_time: Math.floor(payment.createdAt / 1000),
  currency: "USD",
  custom_data: null,
  failure_reason: null,
  fee_amount: 0,
  id: payment.id,
  order: null,
  owner: {
    id: "be2b42e5-b808-40ae-9bbe-3291ab493f57",
    path: "/accounts/be2b42e5-b808-40ae-9bbe-3291ab493f57",
    resource: "accounts"
  },
  path: `/payments/${encodeURIComponent(payment.id)}`,
  payment_method: {
    id: "00000000-6363-0000-0000-000008b93a6e",
    path: "/payment_methods/00000000-6363-0000-0000-000008b93a6e",
    resource: "payment_methods"
  },
  // As in the specification's sample, a canceled payment still shows why it
  // was pending: only `status` can be trusted.
  pending_reasons: payment.status === "pending" || payment.status === "canceled"
    ? [{ details: [], reason_code: "PENDING_CAPTURE", reason_message: "Payment pending capture." }]
    : null,
  resource: "payments",
  status: payment.status,
  authorization_code: "0224241",
  txnr_app_fee: null,
  txnr_merchant: null,
  initiated_by: "none",
  api_version: "3.0",
  reference_id: null
})

const cancellable = (payment: Payments.Payment<Status, Attributes>, at: number): boolean =>
  payment.status === "pending" &&
  !payment.attributes.autoCapture &&
  !(payment.attributes.cardPresent && at - payment.createdAt > cardPresentWindow)

const headersWith = (appToken: string) => ({
  "app-id": credentials.appId,
  "app-token": appToken,
  "api-version": "3.0",
  "content-type": "application/json"
})

const cancelRequest = (appToken: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/payments/${encodeURIComponent(paymentId)}/cancel`,
  query: "",
  headers: headersWith(appToken),
  body: JSON.stringify({ cancel_reason: "item(s) delayed - cannot fulfill order" })
})

/**
 * WePay as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const WePay: Emulator.Definition<Create, typeof credentials> = {
  provider: "WePay",
  slug: "wepay",
  basePath: "",
  hosts: ["api.wepay.com", "stage-api.wepay.com"],
  credentials,
  environment: (baseUrl) => ({
    WEPAY_APP_ID: credentials.appId,
    WEPAY_APP_TOKEN: credentials.appToken,
    WEPAY_BASE_URL: baseUrl
  }),
  secretHeaders: ["app-id", "app-token"],
  statuses: Object.keys(machine),
  requests: {
    cancel: cancelRequest(credentials.appToken),
    status: (paymentId) => ({
      method: "GET",
      path: `/payments/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: headersWith(credentials.appToken),
      body: ""
    }),
    wrongCredential: cancelRequest("wrong")
  },
  route,
  faultCodes: {
    // Inferred: the HTTP status 429.
    rateLimited: { code: "APPLICATION_REQUEST_THROTTLE_EXCEEDED", status: 429 },
    serverError: { code: "UNEXPECTED_ERROR", status: 500 },
    unknown: { code: "SANDBOX_CODE_NOBODY_HAS_LISTED", status: 400 }
  },
  distort: {
    paymentId: (body) => ({ ...body, id: "sandbox-another-payment", path: "/payments/sandbox-another-payment" }),
    status: (body) => ({ ...body, status: "sandbox_status_nobody_has_listed" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Emulator.Route>({
      provider: "WePay",
      machine,
      route,
      paymentId: (count) => `00000000-0000-0000-0000-${count.toString(16).padStart(12, "0")}`,
      birth(options, at) {
        const captureAt = options.captureIn === undefined ? null : at + Duration.toMillis(options.captureIn)
        return {
          status: options.status ?? "pending",
          attributes: {
            autoCapture: options.autoCapture ?? false,
            cardPresent: options.cardPresent ?? false,
            captureAt: captureAt === null ? null : Math.floor(captureAt / 1000),
            amount: options.amount ?? 1000
          },
          due: captureAt === null ? null : { at: captureAt, to: "completed", by: "Capture" }
        }
      },
      error,
      serverError: () => errorBody("UNEXPECTED_ERROR", 500),
      refuse,
      idempotency,
      perform(_request, { operation, paymentId }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const payment = payments.find(id, at)
        if (payment === undefined) {
          // Inferred: what an unknown payment gets is not documented. Of the
          // documented codes, NOT_AUTHORIZED would blame the credentials;
          // INVALID_PARAMS that points at the path says what is wrong.
          return {
            reply: invalid("HTTP_REQUEST_PATH", "id", "PARAMETER_INVALID", "There is no such payment."),
            applied: false
          }
        }
        if (operation === "Status") {
          return { reply: Emulator.json(200, body(payment)), applied: false }
        }
        // Inferred: an already canceled payment gets this code as well. The
        // HTTP status of a card-present payment after its window is
        // documented, its code is inferred.
        if (!cancellable(payment, at)) {
          return { reply: errorBody("PAYMENT_CANNOT_BE_CANCELED", 400), applied: false }
        }
        payments.change(id, "canceled", at, "Cancel", requestIndex)
        return { reply: Emulator.json(200, body(payment)), applied: true }
      },
      stamp: (count) => ({ "x-correlation-id": `sandbox-wepay-${count.toString().padStart(6, "0")}` })
    })
}
