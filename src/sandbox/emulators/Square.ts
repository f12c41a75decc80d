/**
 * Square's Payments API: `POST /v2/payments/{id}/cancel`, `POST /v2/payments/cancel` and
 * `GET /v2/payments/{id}`, and the webhooks about a payment. `CreatePayment` is the sandbox's own `create`, with the
 * idempotency key of the creation.
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
 * The statuses of a Square payment. Note the spelling of `CANCELED`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "APPROVED" | "PENDING" | "COMPLETED" | "CANCELED" | "FAILED"

/**
 * What can be chosen for a new Square payment.
 *
 * - `status`: `APPROVED` by default, which is a delayed-capture payment;
 * - `creationKey`: the `idempotency_key` of the creation. A creation with a known key returns the
 *   existing payment; a cancelled payment frees its key (*inferred*). To emulate a creation that is
 *   still in flight, create the payment later: a cancel by its key before that finds nothing;
 * - `delayAction`, `delayIn`: what happens to an approved payment automatically, and after which
 *   time; the default is `CANCEL`, and never without `delayIn`;
 * - `amount`: in minor units, 1000 by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly creationKey?: string
  readonly delayAction?: "CANCEL" | "COMPLETE"
  readonly delayIn?: Duration.DurationInput
  readonly amount?: number
}

/**
 * Credentials that work here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  accessToken: "sandbox-square-access-token-not-a-secret"
}

interface Attributes {
  readonly amount: number
  readonly delayAction: "CANCEL" | "COMPLETE"
  readonly delayedUntil: number | null
}

/** A cancel by key names no payment in its path, only a key in its body. */
interface Route extends Emulator.Route {
  readonly by: "PaymentId" | "CreationKey"
}

const machine: Payments.StateMachine<Status> = {
  PENDING: ["APPROVED", "COMPLETED", "CANCELED", "FAILED"],
  APPROVED: ["COMPLETED", "CANCELED", "FAILED"],
  COMPLETED: [],
  CANCELED: [],
  FAILED: []
}

/** The documented category of every code that the emulator sends by itself, or a fault by default. */
const categories: { readonly [code: string]: string } = {
  UNAUTHORIZED: "AUTHENTICATION_ERROR",
  ACCESS_TOKEN_EXPIRED: "AUTHENTICATION_ERROR",
  ACCESS_TOKEN_REVOKED: "AUTHENTICATION_ERROR",
  CLIENT_DISABLED: "AUTHENTICATION_ERROR",
  APPLICATION_DISABLED: "AUTHENTICATION_ERROR",
  FORBIDDEN: "AUTHENTICATION_ERROR",
  INSUFFICIENT_SCOPES: "AUTHENTICATION_ERROR",
  RATE_LIMITED: "RATE_LIMIT_ERROR",
  INTERNAL_SERVER_ERROR: "API_ERROR",
  NOT_IMPLEMENTED: "API_ERROR",
  BAD_GATEWAY: "API_ERROR",
  SERVICE_UNAVAILABLE: "API_ERROR",
  GATEWAY_TIMEOUT: "API_ERROR",
  TEMPORARY_ERROR: "API_ERROR",
  REQUEST_TIMEOUT: "API_ERROR"
}

const errorBody = (status: number, code: string, detail: string, field?: string): Emulator.Reply =>
  Emulator.json(status, {
    errors: [{
      category: categories[code] ?? "INVALID_REQUEST_ERROR",
      code,
      detail,
      ...(field === undefined ? {} : { field })
    }]
  })

const details: { readonly [code: string]: string } = {
  INTERNAL_SERVER_ERROR: "An internal error has occurred, and the API was unable to service your request.",
  RATE_LIMITED: "Too many requests."
}

const error = (code: string, status: number): Emulator.Reply => errorBody(status, code, details[code] ?? code)

const route = (request: Emulator.Request): Route | null => {
  const [, version, resource, ...rest] = request.path.split("/")
  if (version !== "v2" || resource !== "payments") {
    return null
  }
  // As on the real server, an empty id makes a cancel by id one by key.
  const [segment, action, ...more] = rest.filter((part) => part !== "")
  if (segment === undefined || more.length > 0) {
    return null
  }
  if (request.method === "POST" && segment === "cancel" && action === undefined) {
    return { operation: "Cancel", paymentId: null, by: "CreationKey" }
  }
  const operation = request.method === "POST" && action === "cancel"
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId, by: "PaymentId" }
}

const versionFormat = /^\d{4}-\d{2}-\d{2}$/

const refuse = (request: Emulator.Request, { by }: Route): Emulator.Reply | null => {
  if (request.headers["authorization"] !== `Bearer ${credentials.accessToken}`) {
    return errorBody(401, "UNAUTHORIZED", "This request could not be authorized.")
  }
  // Without the header the application's version applies.
  const version = request.headers["square-version"]
  if (version !== undefined && !versionFormat.test(version)) {
    return errorBody(400, "INVALID_SQUARE_VERSION_FORMAT", "The Square-Version is not of the form YYYY-MM-DD.")
  }
  return by === "CreationKey" ? refuseBody(request.body) : null
}

const keyField = "idempotency_key"

const longestKey = 45

const refuseBody = (text: string): Emulator.Reply | null => {
  // Reported: a missing body gets the error for an empty key.
  const body = text === "" ? {} : Emulator.parseObject(text)
  if (body === undefined) {
    return errorBody(400, "EXPECTED_JSON_BODY", "The body must be a JSON object.")
  }
  const key = body[keyField]
  if (key === undefined || key === null || key === "") {
    return errorBody(400, "VALUE_EMPTY", "Field must not be blank", keyField)
  }
  if (typeof key !== "string") {
    return errorBody(400, "EXPECTED_STRING", "Expected a string value.", keyField)
  }
  return key.length > longestKey
    ? errorBody(400, "VALUE_TOO_LONG", `Field must not be greater than ${longestKey} in length`, keyField)
    : null
}

/** An empty body without a key was refused before. */
const creationKeyOf = (body: string): string => String(Emulator.parseObject(body)?.[keyField])

const time = (at: number): string => new Date(at).toISOString()

const money = (amount: number) => ({ amount, currency: "USD" })

const cardStatus: { readonly [S in Status]: string } = {
  APPROVED: "AUTHORIZED",
  PENDING: "AUTHORIZED",
  COMPLETED: "CAPTURED",
  CANCELED: "VOIDED",
  FAILED: "FAILED"
}

/** The whole payment, field by field as in the specification's sample. */
const body = (payment: Payments.Payment<Status, Attributes>): Emulator.JsonObject => {
  const { attributes, createdAt, history, status } = payment
  const changedAt = history.at(-1)?.at ?? createdAt
  return {
    payment: {
      id: payment.id,
      created_at: time(createdAt),
      updated_at: time(changedAt),
      amount_money: money(attributes.amount),
      approved_money: money(attributes.amount),
      total_money: money(attributes.amount),
      status,
      source_type: "CARD",
      card_details: {
        status: cardStatus[status],
        card: { card_brand: "VISA", last_4: "1111", exp_month: 11, exp_year: 2030 },
        entry_method: "KEYED",
        cvv_status: "CVV_ACCEPTED",
        avs_status: "AVS_ACCEPTED",
        auth_result_code: "68aLBM",
        card_payment_timeline: {
          authorized_at: time(createdAt),
          ...(status === "COMPLETED" ? { captured_at: time(changedAt) } : {}),
          ...(status === "CANCELED" ? { voided_at: time(changedAt) } : {})
        }
      },
      delay_duration: "PT168H",
      delay_action: attributes.delayAction,
      ...(attributes.delayedUntil === null ? {} : { delayed_until: time(attributes.delayedUntil) }),
      location_id: "L88917AVBK2S5",
      order_id: "nUSN9TdxpiK3SrQg3wzmf6r8LP9YY",
      version_token: `sandbox-version-${history.length}`
    }
  }
}

/**
 * Null where the payment can be cancelled. *Inferred*: the codes. Square
 * documents that only an APPROVED payment can be cancelled, and what some codes
 * mean, but not which one a cancel gets in which status.
 */
const refuseStatus = ({ status }: Payments.Payment<Status, Attributes>): Emulator.Reply | null => {
  switch (status) {
    case "APPROVED":
      return null
    case "CANCELED":
      return errorBody(400, "DELAYED_TRANSACTION_CANCELED", "The payment was already canceled.")
    case "FAILED":
      return errorBody(400, "DELAYED_TRANSACTION_FAILED", "The payment failed.")
    case "PENDING":
    case "COMPLETED":
      return errorBody(400, "BAD_REQUEST", `The payment is ${status} and cannot be canceled.`)
  }
}

/** One event for every change, with the payment as it was then. */
const eventsOf = (payment: Payments.Payment<Status, Attributes>): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to: status }, index) => {
    if (from === null || !Payments.isStatus(machine, status)) {
      return []
    }
    const id = `sandbox-event-${payment.id}-${index}`
    return [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        merchant_id: "6SSW7HV8K2ST5",
        type: "payment.updated",
        event_id: id,
        created_at: time(at),
        data: {
          type: "payment",
          id: payment.id,
          object: body({ ...payment, status, history: payment.history.slice(0, index + 1) })
        }
      }
    }]
  })

const notificationUrl = "https://shop.example/webhooks/square"

const utf8 = new TextEncoder()

const webhook: Webhook.Webhook = {
  secret: "sandbox-signature-key-not-a-secret",
  notificationUrl,
  sign(event, _now, secret) {
    const body = JSON.stringify(event.payload)
    return Effect.map(Webhook.hmacSha256(utf8.encode(secret), `${notificationUrl}${body}`), (signature) => ({
      body,
      headers: {
        "content-type": "application/json",
        "x-square-hmacsha256-signature": Encoding.encodeBase64(signature)
      }
    }))
  }
}

const headersWith = (accessToken: string) => ({
  "authorization": `Bearer ${accessToken}`,
  "square-version": "2025-08-20"
})

const cancelRequest = (accessToken: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/v2/payments/${encodeURIComponent(paymentId)}/cancel`,
  query: "",
  headers: headersWith(accessToken),
  body: ""
})

/** Changes a body's payment, if it has one: the answer to a cancel by key has none. */
const distorting = (change: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject =>
  Emulator.isObject(body["payment"]) ? { ...body, payment: { ...body["payment"], ...change } } : body

/**
 * Square as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Square: Emulator.Definition<Create, typeof credentials> = {
  provider: "Square",
  slug: "square",
  basePath: "",
  hosts: ["connect.squareup.com", "connect.squareupsandbox.com"],
  credentials,
  environment: (baseUrl) => ({
    SQUARE_ACCESS_TOKEN: credentials.accessToken,
    SQUARE_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  names: { creationKey: longestKey },
  requests: {
    cancel: cancelRequest(credentials.accessToken),
    status: (paymentId) => ({
      method: "GET",
      path: `/v2/payments/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: headersWith(credentials.accessToken),
      body: ""
    }),
    wrongCredential: cancelRequest("wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "RATE_LIMITED", status: 429 },
    serverError: { code: "INTERNAL_SERVER_ERROR", status: 500 },
    unknown: { code: "SANDBOX_CODE_NOBODY_HAS_LISTED", status: 400 }
  },
  webhook,
  distort: {
    paymentId: distorting({ id: "sandbox-another-payment" }),
    status: distorting({ status: "sandbox_status_nobody_has_listed" })
  },
  make() {
    /** Which payment was created with which key. */
    const byKey = new Map<string, string>()

    const emulator = Emulator.make<Status, Attributes, Create, Route>({
      provider: "Square",
      machine,
      route,
      paymentId: (count) => `sandbox${count.toString().padStart(22, "0")}`,
      birth({ amount = 1000, delayAction = "CANCEL", delayIn, status = "APPROVED" }, at) {
        const delayedUntil = delayIn === undefined ? null : at + Duration.toMillis(delayIn)
        return {
          status,
          attributes: { amount, delayAction, delayedUntil },
          due: delayedUntil === null
            ? null
            : delayAction === "CANCEL"
            ? { at: delayedUntil, to: "CANCELED", by: "Expiry" }
            : { at: delayedUntil, to: "COMPLETED", by: "Capture" }
        }
      },
      error,
      serverError: () => error("INTERNAL_SERVER_ERROR", 500),
      refuse,
      // Neither cancel has its own key: the one in the body is the creation's.
      idempotency: {
        key: () => null,
        fingerprint: () => "",
        stores: () => false,
        mismatch: () => error("IDEMPOTENCY_KEY_REUSED", 400),
        inFlight: null
      },
      perform(request, { by, operation, paymentId }, payments, at, requestIndex) {
        const byCreationKey = by === "CreationKey"
        const id = byCreationKey ? byKey.get(creationKeyOf(request.body)) : paymentId ?? ""
        const payment = id === undefined ? undefined : payments.find(id, at)
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (payment === undefined) {
          // Documented: by key, no action is taken and the answer is the same.
          return unchanged(
            byCreationKey
              ? Emulator.json(200, {})
              : errorBody(404, "NOT_FOUND", `Could not find payment with id: ${paymentId ?? ""}`)
          )
        }
        if (operation === "Status") {
          return unchanged(Emulator.json(200, body(payment)))
        }
        // Inferred: by key, a payment that is canceled already counts as none.
        if (byCreationKey && payment.status === "CANCELED") {
          return unchanged(Emulator.json(200, {}))
        }
        const refusal = refuseStatus(payment)
        if (refusal !== null) {
          return unchanged(refusal)
        }
        payments.change(payment.id, "CANCELED", at, "Cancel", requestIndex)
        return { reply: Emulator.json(200, byCreationKey ? {} : body(payment)), applied: true }
      },
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at)
    })

    return {
      ...emulator,
      create(options, at) {
        const { creationKey } = options
        const known = creationKey === undefined ? undefined : byKey.get(creationKey)
        if (known !== undefined && emulator.payment(known, at)?.status !== "CANCELED") {
          return known
        }
        const id = emulator.create(options, at)
        if (creationKey !== undefined) {
          byKey.set(creationKey, id)
        }
        return id
      },
      reset() {
        byKey.clear()
        emulator.reset()
      }
    }
  }
}
