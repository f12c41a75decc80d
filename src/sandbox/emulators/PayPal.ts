/**
 * PayPal: `POST /v1/oauth2/token`, `POST /v2/payments/authorizations/{id}/void` and
 * `GET /v2/payments/authorizations/{id}`, and the webhooks about an authorization.
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
import type * as Payments from "../Payments.js"
import type * as Webhook from "../Webhook.js"

/**
 * The statuses of an authorization.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "CREATED" | "PENDING" | "PARTIALLY_CAPTURED" | "CAPTURED" | "VOIDED" | "DENIED"

/**
 * What can be chosen for a new authorization.
 *
 * - `status`: `CREATED` unless given;
 * - `reauthorization`: it renews another authorization, and cannot be voided itself; false
 *   unless given;
 * - `captureIn`, `expiresIn`: captured, or voided by PayPal itself, after this time. That what has
 *   lapsed is `VOIDED` is *inferred*: the notification of it is that of a void;
 * - `amount`: in hundredths of the currency, 1000 unless given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly reauthorization?: boolean
  readonly captureIn?: Duration.DurationInput
  readonly expiresIn?: Duration.DurationInput
  readonly amount?: number
}

/**
 * Credentials that work here and nowhere else. The `accessToken` is for requests by hand, and never
 * expires; those that are given for the client's id and secret do.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  clientId: "sandbox-paypal-client-id",
  clientSecret: "sandbox-paypal-client-secret-not-a-secret",
  accessToken: "A21AAsandbox-paypal-access-token-not-a-secret"
}

interface Attributes {
  readonly reauthorization: boolean
  readonly amount: number
  readonly expiresAt: number
}

const machine: Payments.StateMachine<Status> = {
  CREATED: ["PENDING", "PARTIALLY_CAPTURED", "CAPTURED", "VOIDED", "DENIED"],
  // Inferred: that a void is possible.
  PENDING: ["CREATED", "CAPTURED", "VOIDED", "DENIED"],
  PARTIALLY_CAPTURED: ["CAPTURED", "VOIDED"],
  CAPTURED: [],
  VOIDED: [],
  DENIED: []
}

/** The name that the issues of an HTTP status come under. */
const names: { readonly [status: number]: string } = {
  400: "INVALID_REQUEST",
  401: "AUTHENTICATION_FAILURE",
  403: "NOT_AUTHORIZED",
  404: "RESOURCE_NOT_FOUND",
  405: "METHOD_NOT_SUPPORTED",
  406: "MEDIA_TYPE_NOT_ACCEPTABLE",
  409: "RESOURCE_CONFLICT",
  415: "UNSUPPORTED_MEDIA_TYPE",
  422: "UNPROCESSABLE_ENTITY",
  429: "RATE_LIMIT_REACHED",
  500: "INTERNAL_SERVER_ERROR",
  503: "SERVICE_UNAVAILABLE"
}

const allNames: ReadonlyArray<string> = Object.values(names)

const oauthErrors: ReadonlyArray<string> = [
  "invalid_token",
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope"
]

const messages: { readonly [code: string]: string } = {
  INVALID_REQUEST: "Request is not well-formed, syntactically incorrect, or violates schema.",
  AUTHENTICATION_FAILURE: "Authentication failed due to missing authorization header, or invalid authentication credentials.",
  NOT_AUTHORIZED: "Authorization failed due to insufficient permissions.",
  RESOURCE_NOT_FOUND: "The specified resource does not exist.",
  RESOURCE_CONFLICT: "The server has detected a conflict while processing this request.",
  UNPROCESSABLE_ENTITY: "The requested action could not be performed, semantically incorrect, or failed business validation.",
  RATE_LIMIT_REACHED: "Too many requests. Blocked due to rate limiting.",
  INTERNAL_SERVER_ERROR: "An internal server error has occurred.",
  SERVICE_UNAVAILABLE: "Service Unavailable.",
  PREVIOUSLY_CAPTURED: "Authorization has been previously captured and hence cannot be voided.",
  PREVIOUSLY_VOIDED: "Authorization has been previously voided and hence cannot be voided again.",
  CANNOT_BE_VOIDED: "A reauthorization cannot be voided. Please void the original parent authorization.",
  PREVIOUS_REQUEST_IN_PROGRESS: "A previous request on this resource is currently in progress.",
  INVALID_RESOURCE_ID: "Specified resource ID does not exist. Please check the resource ID and try again.",
  invalid_token: "Access Token not found in cache",
  invalid_client: "Client Authentication failed",
  unsupported_grant_type: "Grant Type is NULL or not supported"
}

const wordsFor = (code: string): string => messages[code] ?? code

const oauthError = (error: string, status: number): Emulator.Reply =>
  Emulator.json(status, { error, error_description: wordsFor(error) })

interface Issue {
  readonly issue: string
  readonly description: string
  readonly field?: string
  readonly location?: "body" | "path" | "header"
}

const errorBody = (status: number, name: string, issue?: Issue): Emulator.Reply =>
  Emulator.json(status, {
    name,
    message: wordsFor(name),
    debug_id: "sandbox-debug-id",
    ...(issue === undefined ? {} : { details: [issue] }),
    links: []
  })

const refusal = (status: number, issue: string, more: Partial<Issue> = {}): Emulator.Reply =>
  errorBody(status, names[status] ?? "UNPROCESSABLE_ENTITY", { issue, description: wordsFor(issue), ...more })

/** A name comes alone, OAuth's errors have a shape of their own, and everything else is an issue. */
const error = (code: string, status: number): Emulator.Reply =>
  oauthErrors.includes(code)
    ? oauthError(code, status)
    : allNames.includes(code)
    ? errorBody(status, code)
    : refusal(status, code)

const route = (request: Emulator.Request): Emulator.Route | null => {
  const { method, path } = request
  if (path === "/v1/oauth2/token") {
    return method === "POST" ? { operation: "Authorization", paymentId: null } : null
  }
  const [, version, api, resource, segment, action, ...rest] = path.split("/")
  if (
    version !== "v2" || api !== "payments" || resource !== "authorizations" || segment === undefined ||
    segment === "" || rest.length > 0
  ) {
    return null
  }
  const operation = method === "POST" && action === "void"
    ? "Cancel"
    : method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId }
}

const mediaType = ({ headers }: Emulator.Request): string | undefined =>
  headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()

const parameters = ({ body }: Emulator.Request): URLSearchParams => new URLSearchParams(body)

const basic = `${credentials.clientId}:${credentials.clientSecret}`

/** Of a request for an access token. */
const refuseClient = (request: Emulator.Request): Emulator.Reply | null => {
  const [scheme, value = ""] = (request.headers["authorization"] ?? "").split(" ")
  if (scheme !== "Basic" || Either.getOrUndefined(Encoding.decodeBase64String(value)) !== basic) {
    return oauthError("invalid_client", 401)
  }
  return mediaType(request) !== "application/x-www-form-urlencoded" ||
      parameters(request).get("grant_type") !== "client_credentials"
    ? oauthError("unsupported_grant_type", 400)
    : null
}

const keyHeader = "paypal-request-id"

/** The longest key, by the reference of the void; that a longer one gets this is inferred. */
const longestKey = 10_000

const refuseVoid = (request: Emulator.Request): Emulator.Reply | null => {
  const { body, headers } = request
  // The media type of no body at all does not matter: PayPal's own client sends another.
  if (body !== "" && mediaType(request) !== "application/json") {
    return errorBody(415, "UNSUPPORTED_MEDIA_TYPE")
  }
  if (body !== "" && Emulator.parseObject(body) === undefined) {
    return refusal(400, "MALFORMED_REQUEST_JSON", { description: "The request JSON is not well formed.", location: "body" })
  }
  return (headers[keyHeader] ?? "").length > longestKey
    ? refusal(400, "INVALID_STRING_LENGTH", {
      description: "The value of a field is either too short or too long.",
      field: "PayPal-Request-Id",
      location: "header"
    })
    : null
}

const idempotency: Emulator.Idempotency<Emulator.Route> = {
  // Inferred: that each authorization has keys of its own.
  key: ({ headers, path }, { operation }) => {
    const key = operation === "Cancel" ? headers[keyHeader] : undefined
    return key === undefined || key === "" ? null : JSON.stringify([path, key])
  },
  // The path is a part of the key, and a void has no parameters that could differ.
  fingerprint: () => "",
  // Reported: the same key gets the first result again. Inferred: that no refusal is kept.
  stores: ({ status }) => status < 300,
  mismatch: () => refusal(422, "DUPLICATE_REQUEST_ID"),
  inFlight: () => refusal(409, "PREVIOUS_REQUEST_IN_PROGRESS")
}

/** PayPal's times have no milliseconds. */
const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

const body = (payment: Payments.Payment<Status, Attributes>): Emulator.JsonObject => {
  const { attributes, createdAt, history, id, status } = payment
  return {
    id,
    status,
    ...(status === "PENDING" ? { status_details: { reason: "PENDING_REVIEW" } } : {}),
    amount: { currency_code: "USD", value: (attributes.amount / 100).toFixed(2) },
    invoice_id: "sandbox-invoice",
    seller_protection: {
      status: "ELIGIBLE",
      dispute_categories: ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]
    },
    expiration_time: time(attributes.expiresAt),
    create_time: time(createdAt),
    update_time: time(history.at(-1)?.at ?? createdAt),
    links: []
  }
}

/** What PayPal tells of a void, and of a capture, whose id is not that of the authorization. */
const eventsOf = (payment: Payments.Payment<Status, Attributes>): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to: status }, index) => {
    if (from === null || (status !== "VOIDED" && status !== "CAPTURED")) {
      return []
    }
    const then = body({ ...payment, status, history: payment.history.slice(0, index + 1) })
    const isVoid = status === "VOIDED"
    const id = `WH-SANDBOX-${payment.id}-${index}`
    return [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        id,
        event_version: "1.0",
        resource_version: "2.0",
        create_time: new Date(at).toISOString(),
        resource_type: isVoid ? "authorization" : "capture",
        event_type: isVoid ? "PAYMENT.AUTHORIZATION.VOIDED" : "PAYMENT.CAPTURE.COMPLETED",
        summary: isVoid ? "A payment authorization was voided" : "A payment was captured",
        resource: isVoid ? then : { id: `${payment.id}CAPTURE`, status: "COMPLETED", amount: then["amount"] },
        links: []
      }
    }]
  })

/** PayPal's signature needs its certificate, and covers a CRC-32 only: there is none here, for nobody is to rely on it. */
const webhook: Webhook.Webhook = {
  secret: "",
  sign: (event) =>
    Effect.succeed({ body: JSON.stringify(event.payload), headers: { "content-type": "application/json" } })
}

/** Null where the authorization can be voided. */
const refuseState = ({ attributes, status }: Payments.Payment<Status, Attributes>): Emulator.Reply | null => {
  switch (status) {
    case "VOIDED":
      return refusal(422, "PREVIOUSLY_VOIDED")
    case "CAPTURED":
      return refusal(422, "PREVIOUSLY_CAPTURED")
    case "DENIED":
      // Inferred: no code is documented for it.
      return refusal(422, "AUTHORIZATION_DENIED", { description: "The authorization was denied." })
    case "CREATED":
    case "PENDING":
    case "PARTIALLY_CAPTURED":
      return attributes.reauthorization ? refusal(422, "CANNOT_BE_VOIDED") : null
  }
}

/** A preference that PayPal does not know, and none, mean the minimum. */
const wantsRepresentation = ({ headers }: Emulator.Request): boolean =>
  (headers["prefer"] ?? "").split(",").some((preference) => preference.trim() === "return=representation")

const noContent: Emulator.Reply = { status: 204, headers: {}, body: "" }

/** How long an access token is valid. */
const tokenLifetime = Duration.toMillis("9 hours")

interface Token {
  readonly value: string
  readonly expiresAt: number
}

const voidRequest = (accessToken: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/v2/payments/authorizations/${encodeURIComponent(paymentId)}/void`,
  query: "",
  headers: {
    authorization: `Bearer ${accessToken}`,
    "content-type": "application/json",
    prefer: "return=representation"
  },
  body: "{}"
})

/** What is changed in an authorization; an access token is left as it is. */
const distorting = (change: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject =>
  typeof body["status"] === "string" ? { ...body, ...change } : body

/**
 * PayPal as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const PayPal: Emulator.Definition<Create, typeof credentials> = {
  provider: "PayPal",
  slug: "paypal",
  basePath: "",
  hosts: ["api-m.paypal.com", "api-m.sandbox.paypal.com"],
  credentials,
  environment: (baseUrl) => ({
    PAYPAL_CLIENT_ID: credentials.clientId,
    PAYPAL_CLIENT_SECRET: credentials.clientSecret,
    PAYPAL_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: voidRequest(credentials.accessToken),
    status: (paymentId) => ({
      method: "GET",
      path: `/v2/payments/authorizations/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: { authorization: `Bearer ${credentials.accessToken}` },
      body: ""
    }),
    wrongCredential: voidRequest("wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "RATE_LIMIT_REACHED", status: 429 },
    serverError: { code: "INTERNAL_SERVER_ERROR", status: 500 },
    unknown: { code: "SANDBOX_CODE_NOBODY_HAS_LISTED", status: 422 }
  },
  webhook,
  distort: {
    paymentId: distorting({ id: "sandbox-another-payment" }),
    status: distorting({ status: "sandbox_status_nobody_has_listed" })
  },
  make() {
    let issued = 0
    let current: Token | null = null

    /** The token that is valid, which is handed out again, with what is left of its lifetime. */
    const tokenAt = (at: number): Token => {
      if (current !== null && current.expiresAt > at) {
        return current
      }
      issued += 1
      current = { value: `A21AAsandbox-token-${issued}`, expiresAt: at + tokenLifetime }
      return current
    }

    const isValid = (value: string, at: number): boolean =>
      value === credentials.accessToken || (value === current?.value && current.expiresAt > at)

    const refuseToken = ({ headers }: Emulator.Request, at: number): Emulator.Reply | null => {
      const [scheme, value = ""] = (headers["authorization"] ?? "").split(" ")
      return scheme !== "Bearer"
        ? errorBody(401, "AUTHENTICATION_FAILURE")
        : isValid(value, at)
        ? null
        : oauthError("invalid_token", 401)
    }

    return Emulator.make<Status, Attributes, Create, Emulator.Route>({
      provider: "PayPal",
      machine,
      route,
      paymentId: (count) => `SANDBOX${count.toString().padStart(10, "0")}`,
      birth({ amount = 1000, captureIn, expiresIn, reauthorization = false, status = "CREATED" }, at) {
        const expiresAt = at + Duration.toMillis(expiresIn ?? "29 days")
        return {
          status,
          attributes: { amount, reauthorization, expiresAt },
          due: captureIn !== undefined
            ? { at: at + Duration.toMillis(captureIn), to: "CAPTURED", by: "Capture" }
            : expiresIn !== undefined
            ? { at: expiresAt, to: "VOIDED", by: "Expiry" }
            : null
        }
      },
      error,
      serverError: () => error("INTERNAL_SERVER_ERROR", 500),
      refuse(request, { operation }, at) {
        if (operation === "Authorization") {
          return refuseClient(request)
        }
        const refused = refuseToken(request, at)
        return refused === null && operation === "Cancel" ? refuseVoid(request) : refused
      },
      idempotency,
      perform(request, { operation, paymentId }, payments, at, requestIndex) {
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (operation === "Authorization") {
          const { expiresAt, value } = tokenAt(at)
          return unchanged(Emulator.json(200, {
            scope: "https://uri.paypal.com/services/payments/payment/authcapture",
            access_token: value,
            token_type: "Bearer",
            app_id: "APP-80W284485P519543T",
            expires_in: Math.floor((expiresAt - at) / 1000),
            nonce: "sandbox-nonce"
          }))
        }
        const payment = payments.find(paymentId ?? "", at)
        if (payment === undefined) {
          return unchanged(refusal(404, "INVALID_RESOURCE_ID", { field: "authorization_id", location: "path" }))
        }
        if (operation === "Status") {
          return unchanged(Emulator.json(200, body(payment)))
        }
        const refused = refuseState(payment)
        if (refused !== null) {
          return unchanged(refused)
        }
        payments.change(payment.id, "VOIDED", at, "Cancel", requestIndex)
        return { reply: wantsRepresentation(request) ? Emulator.json(200, body(payment)) : noContent, applied: true }
      },
      stamp: (count) => ({ "paypal-debug-id": `sandbox${count.toString().padStart(6, "0")}` }),
      events: (payments, at) => payments.all(at).flatMap(eventsOf).sort((a, b) => a.at - b.at),
      reset() {
        issued = 0
        current = null
      }
    })
  }
}
