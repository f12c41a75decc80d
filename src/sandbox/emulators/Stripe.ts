/**
 * Stripe: `POST /v1/payment_intents/{id}/cancel`, `GET /v1/payment_intents/{id}`,
 * `POST /v1/checkout/sessions/{id}/expire`, `GET /v1/checkout/sessions/{id}`, and their webhooks.
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
 * The statuses of a PaymentIntent, and of a Checkout Session: `open`, `complete` and `expired`. Note
 * the spelling of `canceled`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | "requires_payment_method"
  | "requires_confirmation"
  | "requires_action"
  | "processing"
  | "requires_capture"
  | "canceled"
  | "succeeded"
  | "open"
  | "complete"
  | "expired"

/**
 * What can be chosen for a new PaymentIntent, or Checkout Session.
 *
 * - `status`: `requires_capture` by default; with `open`, `complete` or `expired` it is a Checkout
 *   Session, of which only `account`, `amount` and `expiresIn` can be chosen;
 * - `account`: the connected account that it belongs to; the default is the key's own;
 * - `cancellableWhileProcessing`: a few payment methods allow it; false by default;
 * - `checkoutSession`: it belongs to a Checkout Session, and can be cancelled only in
 *   `requires_capture`;
 * - `captureIn`, `expiresIn`: succeeds, or is canceled by Stripe itself, after this time;
 * - `amount`: in the smallest unit of the currency, 1000 by default;
 * - `capturedAmount`: how much of that partial captures have already taken, 0 by default. A
 *   PaymentIntent in `requires_capture` may have some if captures were not final (multicapture),
 *   and keeps it when it is canceled.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly account?: string
  readonly cancellableWhileProcessing?: boolean
  readonly checkoutSession?: boolean
  readonly captureIn?: Duration.DurationInput
  readonly expiresIn?: Duration.DurationInput
  readonly amount?: number
  readonly capturedAmount?: number
}

/**
 * A key that works here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = { apiKey: "sk_test_sandbox-not-a-secret" }

/** The connected account that the key has access to. */
const connectedAccount = "acct_sandbox_connected"

/** Known keys that get their own error. */
const expiredKey = "sk_test_sandbox-expired"
const expiredPlatformKey = "sk_test_sandbox-platform-expired"

interface Attributes {
  readonly account: string | null
  readonly cancellableWhileProcessing: boolean
  readonly checkoutSession: boolean
  readonly amount: number
  readonly capturedAmount: number
  /** Set by the cancel that is carried out. */
  cancellationReason: string | null
}

const machine: Payments.StateMachine<Status> = {
  requires_payment_method: ["requires_confirmation", "requires_action", "processing", "requires_capture", "succeeded", "canceled"],
  requires_confirmation: ["requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"],
  requires_action: ["requires_payment_method", "processing", "requires_capture", "succeeded", "canceled"],
  processing: ["requires_payment_method", "requires_capture", "succeeded", "canceled"],
  requires_capture: ["processing", "succeeded", "canceled"],
  canceled: [],
  succeeded: [],
  open: ["complete", "expired"],
  complete: [],
  expired: []
}

const sessionStatuses: ReadonlyArray<string> = ["open", "complete", "expired"]

const isSession = ({ status }: { readonly status: string }): boolean => sessionStatuses.includes(status)

type ErrorType = "api_error" | "card_error" | "idempotency_error" | "invalid_request_error"

const isErrorType = (word: string): word is ErrorType =>
  ["api_error", "card_error", "idempotency_error", "invalid_request_error"].includes(word)

const refusal = (
  status: number,
  type: ErrorType,
  message: string,
  more: { readonly code?: string; readonly param?: string; readonly payment_intent?: Emulator.JsonObject } = {}
): Emulator.Reply =>
  Emulator.json(status, {
    error: {
      ...(more.code === undefined
        ? {}
        : { code: more.code, doc_url: `https://stripe.com/docs/error-codes/${more.code.replaceAll("_", "-")}` }),
      message,
      ...(more.param === undefined ? {} : { param: more.param }),
      ...(more.payment_intent === undefined ? {} : { payment_intent: more.payment_intent }),
      request_log_url: "https://dashboard.stripe.com/test/logs/req_sandbox",
      type
    }
  })

const messages: { readonly [code: string]: string } = {
  rate_limit: "Request rate limit exceeded.",
  lock_timeout: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.",
  idempotency_error: "Keys for idempotent requests can only be used with the same parameters they were first used with."
}

const withHeaders = (reply: Emulator.Reply, headers: Emulator.Reply["headers"]): Emulator.Reply => ({
  ...reply,
  headers: { ...reply.headers, ...headers }
})

/**
 * A code, or a type of error, which then has no code. A lock timeout may be retried, and Stripe
 * says so in a header.
 */
const error = (code: string, status: number): Emulator.Reply => {
  const message = messages[code] ?? code.replaceAll("_", " ")
  const reply = isErrorType(code)
    ? refusal(status, code, message)
    : refusal(status, "invalid_request_error", message, { code })
  return code === "lock_timeout" ? withHeaders(reply, { "stripe-should-retry": "true" }) : reply
}

/** It is stored under the key, so Stripe says that a retry is useless. */
const serverError = (): Emulator.Reply =>
  withHeaders(refusal(500, "api_error", "An unknown error occurred"), { "stripe-should-retry": "false" })

interface Route extends Emulator.Route {
  readonly of: "PaymentIntent" | "CheckoutSession"
}

const resources = [
  { of: "PaymentIntent", path: "/v1/payment_intents/", action: "cancel" },
  { of: "CheckoutSession", path: "/v1/checkout/sessions/", action: "expire" }
] as const

const route = (request: Emulator.Request): Route | null => {
  const resource = resources.find(({ path }) => request.path.startsWith(path))
  if (resource === undefined) {
    return null
  }
  const [segment = "", action, ...rest] = request.path.slice(resource.path.length).split("/")
  const operation = request.method === "POST" && action === resource.action
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined || segment === "" || rest.length > 0
    ? null
    : { operation, paymentId, of: resource.of }
}

/** `Bearer <key>`, or Basic with the key as the name of the user. */
const keyOf = (authorization: string | undefined): string | undefined => {
  const [scheme, value = ""] = (authorization ?? "").split(" ")
  return scheme === "Bearer"
    ? value
    : scheme === "Basic"
    ? Either.getOrUndefined(Encoding.decodeBase64String(value))?.split(":", 1)[0]
    : undefined
}

/** That neither a missing nor a wrong key has a code is observed; the statuses are documented. */
const refuseKey = (key: string | undefined): Emulator.Reply | null =>
  key === undefined || key === ""
    ? refusal(401, "invalid_request_error", "You did not provide an API key.")
    : key.startsWith("pk_")
    // Inferred: the status.
    ? refusal(403, "invalid_request_error", "This API call cannot be made with a publishable API key.", {
      code: "secret_key_required"
    })
    : key === expiredKey
    ? refusal(401, "invalid_request_error", "Expired API Key provided", { code: "api_key_expired" })
    : key === expiredPlatformKey
    ? refusal(401, "invalid_request_error", "The platform's API key has expired", { code: "platform_api_key_expired" })
    : key !== credentials.apiKey
    ? refusal(401, "invalid_request_error", `Invalid API Key provided: ${"*".repeat(8)}${key.slice(-4)}`)
    : null

const versionPattern = /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/

const cancelReasons = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"]

const refuse = (request: Emulator.Request, route: Route): Emulator.Reply | null => {
  const { headers } = request
  const account = headers["stripe-account"]
  const version = headers["stripe-version"]
  const refused = refuseKey(keyOf(headers["authorization"]))
  if (refused !== null) {
    return refused
  }
  if (account !== undefined && account !== connectedAccount) {
    return refusal(403, "invalid_request_error", "The provided key does not have access to the account.", {
      code: "account_invalid"
    })
  }
  // Inferred: that this has no code. Without the header the account's own version applies.
  if (version !== undefined && !versionPattern.test(version)) {
    return refusal(400, "invalid_request_error", `Invalid Stripe API version: ${version}`)
  }
  if (route.operation === "Status") {
    return refuseParameters(new URLSearchParams(request.query), [])
  }
  const key = headers["idempotency-key"]
  // The limit is documented; what happens beyond it is inferred.
  if (key !== undefined && key.length > 255) {
    return refusal(400, "idempotency_error", "Idempotency keys can be at most 255 characters.")
  }
  const contentType = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()
  return request.body !== "" && contentType !== "application/x-www-form-urlencoded"
    ? refusal(400, "invalid_request_error", "The body must be application/x-www-form-urlencoded.")
    : refuseParameters(new URLSearchParams(request.body), route.of === "PaymentIntent" ? ["cancellation_reason"] : [])
}

const refuseParameters = (parameters: URLSearchParams, known: ReadonlyArray<string>): Emulator.Reply | null => {
  for (const [param, value] of parameters) {
    if (!known.includes(param) && !/^expand\[\d*\]$/.test(param)) {
      return refusal(400, "invalid_request_error", `Received unknown parameter: ${param}`, { code: "parameter_unknown", param })
    }
    if (value === "") {
      return refusal(400, "invalid_request_error", `You passed an empty string for '${param}'.`, {
        code: "parameter_invalid_empty",
        param
      })
    }
    if (param === "cancellation_reason" && !cancelReasons.includes(value)) {
      return refusal(400, "invalid_request_error", `Invalid cancellation_reason: must be one of ${cancelReasons.join(", ")}`, { param })
    }
  }
  return null
}

const idempotency: Emulator.Idempotency<Route> = {
  // Inferred: each account has its own keys.
  key: ({ headers }, { operation }) => {
    const key = operation === "Cancel" ? headers["idempotency-key"] : undefined
    return key === undefined || key === "" ? null : JSON.stringify([headers["stripe-account"] ?? null, key])
  },
  // Documented: endpoint and parameters.
  fingerprint: ({ body, path }) => JSON.stringify([path, [...new URLSearchParams(body)]]),
  // Every answer after the endpoint has begun, even a 500. Earlier refusals and conflicts are never
  // stored. That a cancel of an unknown PaymentIntent counts as begun is inferred.
  stores: () => true,
  replayed: (reply) => withHeaders(reply, { "idempotent-replayed": "true" }),
  mismatch: () => error("idempotency_error", 400),
  inFlight: () =>
    refusal(409, "idempotency_error", "There is currently another in-progress request using this Idempotent Key.", {
      code: "idempotency_key_in_use"
    })
}

const seconds = (at: number): number => Math.floor(at / 1000)

/** A cancel without a request has a reason that only Stripe gives. */
const cancellationOf = ({ attributes, history }: Payments.Payment<Status, Attributes>) => {
  const last = history.at(-1)
  return last === undefined || last.to !== "canceled"
    ? { canceled_at: null, cancellation_reason: null }
    : {
      canceled_at: seconds(last.at),
      cancellation_reason: last.by === "Expiry" ? "automatic" : last.by === "Cancel" ? attributes.cancellationReason : null
    }
}

const sessionBody = (session: Payments.Payment<Status, Attributes>): Emulator.JsonObject => ({
  id: session.id,
  object: "checkout.session",
  amount_subtotal: session.attributes.amount,
  amount_total: session.attributes.amount,
  client_reference_id: null,
  created: seconds(session.createdAt),
  currency: "usd",
  customer: null,
  customer_details: null,
  expires_at: seconds(session.createdAt) + 86_400,
  livemode: false,
  metadata: {},
  mode: "payment",
  payment_intent: null,
  payment_method_types: ["card"],
  payment_status: session.status === "complete" ? "paid" : "unpaid",
  status: session.status,
  url: session.status === "open" ? `https://checkout.stripe.com/c/pay/${session.id}` : null
})

const body = (payment: Payments.Payment<Status, Attributes>): Emulator.JsonObject => isSession(payment) ? sessionBody(payment) : intentBody(payment)

const intentBody = (payment: Payments.Payment<Status, Attributes>): Emulator.JsonObject => ({
  id: payment.id,
  object: "payment_intent",
  amount: payment.attributes.amount,
  amount_capturable: payment.status === "requires_capture"
    ? payment.attributes.amount - payment.attributes.capturedAmount
    : 0,
  // Inferred: that what was captured before stays received when the rest is canceled.
  amount_received: payment.status === "succeeded" ? payment.attributes.amount : payment.attributes.capturedAmount,
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: null,
  ...cancellationOf(payment),
  capture_method: "manual",
  client_secret: `${payment.id}_secret_sandbox`,
  confirmation_method: "automatic",
  created: seconds(payment.createdAt),
  currency: "usd",
  customer: null,
  description: null,
  last_payment_error: null,
  latest_charge: null,
  livemode: false,
  metadata: {},
  next_action: null,
  on_behalf_of: null,
  payment_method: "pm_sandbox_visa",
  payment_method_options: {},
  payment_method_types: ["card"],
  processing: null,
  receipt_email: null,
  setup_future_usage: null,
  shipping: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: payment.status,
  transfer_data: null,
  transfer_group: null
})

const cancellable = ({ attributes, status }: Payments.Payment<Status, Attributes>): boolean => {
  switch (status) {
    case "requires_capture":
      return true
    case "requires_payment_method":
    case "requires_confirmation":
    case "requires_action":
      return !attributes.checkoutSession
    case "processing":
      return attributes.cancellableWhileProcessing && !attributes.checkoutSession
    case "canceled":
    case "succeeded":
    case "open":
    case "complete":
    case "expired":
      return false
  }
}

/** The statuses that have an event. */
const eventTypes: { readonly [S in Status]?: string } = {
  requires_action: "payment_intent.requires_action",
  processing: "payment_intent.processing",
  canceled: "payment_intent.canceled",
  succeeded: "payment_intent.succeeded",
  complete: "checkout.session.completed",
  expired: "checkout.session.expired"
}

/** One event for every change that has one, with the PaymentIntent as it was then. */
const eventsOf = (payment: Payments.Payment<Status, Attributes>): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to: status }, index) => {
    if (from === null || !Payments.isStatus(machine, status)) {
      return []
    }
    const type = eventTypes[status]
    const id = `evt_${payment.id}_${index}`
    return type === undefined ? [] : [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        id,
        object: "event",
        ...(payment.attributes.account === null ? {} : { account: payment.attributes.account }),
        api_version: "2026-10-28.endive",
        created: seconds(at),
        data: { object: body({ ...payment, status, history: payment.history.slice(0, index + 1) }) },
        livemode: false,
        pending_webhooks: 1,
        request: { id: null, idempotency_key: null },
        type
      }
    }]
  })

const utf8 = new TextEncoder()

const webhook: Webhook.Webhook = {
  secret: "whsec_sandbox-not-a-secret",
  sign(event, now, secret) {
    const body = JSON.stringify(event.payload)
    const time = seconds(now)
    return Effect.map(Webhook.hmacSha256(utf8.encode(secret), `${time}.${body}`), (signature) => ({
      body,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": `t=${time},v1=${Encoding.encodeHex(signature)},v0=${"0".repeat(64)}`
      }
    }))
  }
}

const headersWith = (apiKey: string) => ({ authorization: `Bearer ${apiKey}`, "stripe-version": "2026-10-28.endive" })

const cancelRequest = (apiKey: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/v1/payment_intents/${encodeURIComponent(paymentId)}/cancel`,
  query: "",
  headers: { ...headersWith(apiKey), "content-type": "application/x-www-form-urlencoded" },
  body: "cancellation_reason=requested_by_customer"
})

/**
 * Stripe as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Stripe: Emulator.Definition<Create, typeof credentials> = {
  provider: "Stripe",
  slug: "stripe",
  basePath: "",
  hosts: ["api.stripe.com"],
  credentials,
  environment: (baseUrl) => ({
    STRIPE_API_KEY: credentials.apiKey,
    STRIPE_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: cancelRequest(credentials.apiKey),
    status: (paymentId) => ({
      method: "GET",
      path: `/v1/payment_intents/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: headersWith(credentials.apiKey),
      body: ""
    }),
    wrongCredential: cancelRequest("sk_test_wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "rate_limit", status: 429 },
    // A server error has a type and no code.
    serverError: { code: "api_error", status: 500 },
    unknown: { code: "sandbox_code_nobody_has_listed", status: 400 }
  },
  webhook,
  distort: {
    paymentId: (body) =>
      body["object"] === "checkout.session"
        ? { ...body, id: "cs_test_sandbox_another_session" }
        : { ...body, id: "pi_sandbox_another_payment", client_secret: "pi_sandbox_another_payment_secret_sandbox" },
    status: (body) => ({ ...body, status: "sandbox_status_nobody_has_listed" })
  },
  make: () =>
    Emulator.make<Status, Attributes, Create, Route>({
      provider: "Stripe",
      machine,
      route,
      paymentId: (count, { status = "requires_capture" }) =>
        `${isSession({ status }) ? "cs_test_Sandbox" : "pi_3Sandbox"}${count.toString(36).padStart(17, "0")}`,
      birth: (
        { account, amount, cancellableWhileProcessing, capturedAmount, captureIn, checkoutSession, expiresIn, status },
        at
      ) => ({
        status: status ?? "requires_capture",
        attributes: {
          account: account ?? null,
          cancellableWhileProcessing: cancellableWhileProcessing ?? false,
          checkoutSession: checkoutSession ?? false,
          amount: amount ?? 1000,
          capturedAmount: capturedAmount ?? 0,
          cancellationReason: null
        },
        due: captureIn !== undefined
          ? { at: at + Duration.toMillis(captureIn), to: "succeeded", by: "Capture" }
          : expiresIn !== undefined
          ? { at: at + Duration.toMillis(expiresIn), to: status === "open" ? "expired" : "canceled", by: "Expiry" }
          : null
      }),
      error,
      serverError,
      refuse,
      idempotency,
      perform(request, { of, operation, paymentId }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const key = operation === "Cancel" ? request.headers["idempotency-key"] : undefined
        const reply = (answer: Emulator.Reply, applied = false) => ({
          reply: key === undefined ? answer : withHeaders(answer, { "idempotency-key": key }),
          applied
        })
        const payment = payments.find(id, at)
        // A PaymentIntent exists only for its own account.
        const isThere = payment !== undefined && isSession(payment) === (of === "CheckoutSession")
        if (!isThere || payment.attributes.account !== (request.headers["stripe-account"] ?? null)) {
          const [name, param] = of === "CheckoutSession" ? ["checkout.session", "session"] : ["payment_intent", "intent"]
          return reply(refusal(404, "invalid_request_error", `No such ${name}: '${id}'`, { code: "resource_missing", param }))
        }
        if (operation === "Status") {
          return reply(Emulator.json(200, body(payment)))
        }
        if (of === "CheckoutSession") {
          if (payment.status !== "open") {
            // Inferred: that this has no code.
            return reply(
              refusal(400, "invalid_request_error", `Only open Checkout Sessions can be expired. This one is ${payment.status}.`)
            )
          }
          payments.change(id, "expired", at, "Cancel", requestIndex)
          return reply(Emulator.json(200, body(payment)), true)
        }
        if (!cancellable(payment)) {
          // Observed: the code, and the whole PaymentIntent with its real status.
          // Inferred: that one of a Checkout Session gets the same.
          return reply(
            refusal(
              400,
              "invalid_request_error",
              `You cannot cancel this PaymentIntent because it has a status of ${payment.status}.`,
              { code: "payment_intent_unexpected_state", payment_intent: body(payment) }
            )
          )
        }
        payments.change(id, "canceled", at, "Cancel", requestIndex)
        payment.attributes.cancellationReason = new URLSearchParams(request.body).get("cancellation_reason")
        return reply(Emulator.json(200, body(payment)), true)
      },
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at),
      stamp: (count) => ({ "request-id": `req_sandbox${count.toString().padStart(6, "0")}` })
    })
}
