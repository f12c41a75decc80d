/**
 * Mollie's payments: `DELETE /v2/payments/{id}`, `POST /v2/payments/{id}/release-authorization`,
 * `GET /v2/payments/{id}`, and the signed webhooks that tell what became of a payment.
 *
 * A cancel is decided at once. A release is accepted at once and decided later, by the status that
 * the payment is in by then: `decidesIn` says how much later.
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
 * The statuses of a Mollie payment. Note the spelling of `canceled`.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "open" | "pending" | "authorized" | "paid" | "canceled" | "expired" | "failed"

/**
 * What can be chosen for a new Mollie payment.
 *
 * - `status`: `open` unless given; an `authorized` one can be released;
 * - `amount`: in minor units, 1000 unless given; in euros;
 * - `capturedAmount`: how much of that captures have taken already, 0 unless given. It stays
 *   captured when the rest is released. A payment that is `paid` has no more captured, released or
 *   not: both look the same. Without one, all of a `paid` payment is captured;
 * - `isCancelable`: whether a cancel is accepted in this status, true unless given, and false for an
 *   `authorized` payment;
 * - `expiresIn`: after which time it lapses, if it still can;
 * - `decidesIn`: how long after it was accepted a release is decided, 1 second unless given;
 * - `declinesReleases`: whether the issuer lets every release come to nothing, false unless given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly amount?: number
  readonly capturedAmount?: number
  readonly isCancelable?: boolean
  readonly expiresIn?: Duration.DurationInput
  readonly decidesIn?: Duration.DurationInput
  readonly declinesReleases?: boolean
}

/**
 * A key that works here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = { apiKey: "test_sandboxNotASecret000000000000" }

interface Attributes {
  readonly amount: number
  readonly capturedAmount: number
  readonly isCancelable: boolean
  readonly decidesIn: number
  readonly declinesReleases: boolean
}

type Payment = Payments.Payment<Status, Attributes>

const machine: Payments.StateMachine<Status> = {
  open: ["pending", "authorized", "paid", "canceled", "expired", "failed"],
  pending: ["authorized", "paid", "canceled", "expired", "failed"],
  authorized: ["paid", "canceled", "expired", "failed"],
  paid: [],
  canceled: [],
  expired: [],
  failed: []
}

interface Route extends Emulator.Route {
  readonly releases: boolean
}

/** A release that was accepted, until it is decided. */
interface Release {
  readonly paymentId: string
  readonly due: number
  readonly requestIndex: number | null
  decided: boolean
}

const defaultDecidesIn = Duration.toMillis("1 second")

const hal = Emulator.written({ contentType: "application/hal+json", encode: (value) => JSON.stringify(value) })

const titles: { readonly [status: number]: string } = {
  400: "Bad Request",
  401: "Unauthorized Request",
  404: "Not Found",
  409: "Conflict",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error"
}

/** Mollie has no codes: an error is its HTTP status, and words. Only a fault adds one. */
const errorOf = (status: number, detail: string, code = ""): Emulator.Reply =>
  hal(status, {
    status,
    title: titles[status] ?? "Error",
    detail,
    ...code === "" ? {} : { code },
    _links: { documentation: { href: "https://docs.mollie.com/overview/handling-errors", type: "text/html" } }
  })

const failure = (): Emulator.Reply => errorOf(500, "An internal server error occurred while processing your request.")

const route = (request: Emulator.Request): Route | null => {
  const [, version, resource, segment, action, ...rest] = request.path.split("/")
  if (version !== "v2" || resource !== "payments" || segment === undefined || segment === "" || rest.length > 0) {
    return null
  }
  const releases = request.method === "POST" && action === "release-authorization"
  const operation = releases || (request.method === "DELETE" && action === undefined)
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId, releases }
}

/** Inferred: the order of these checks, and that an API key with what is for tokens is a 422. */
const refuse = (request: Emulator.Request, { operation }: Route): Emulator.Reply | null => {
  if (request.headers["authorization"] !== `Bearer ${credentials.apiKey}`) {
    return errorOf(401, "Missing authentication, or failed to authenticate")
  }
  if (operation === "Status") {
    return request.query.includes("testmode") ? errorOf(422, "The parameter testmode is not accepted with an API key") : null
  }
  if (request.body === "") {
    return null
  }
  const body = Emulator.parseObject(request.body)
  if (body === undefined) {
    return errorOf(400, "The request body is not a JSON object")
  }
  const foreign = ["testmode", "profileId"].find((name) => body[name] !== undefined && body[name] !== null)
  return foreign === undefined ? null : errorOf(422, `The parameter ${foreign} is not accepted with an API key`)
}

const idempotency: Emulator.Idempotency<Route> = {
  // Documented: every POST takes a key, and a DELETE ignores it.
  key: ({ headers }, { releases }) => (releases && headers["idempotency-key"]) || null,
  fingerprint: ({ body, method, path }) => `${method} ${path} ${body}`,
  // Documented: the first answer, whatever it was. Inferred: that a 5xx is kept too.
  stores: () => true,
  // Documented: the header.
  replayed: (reply) => ({ ...reply, headers: { ...reply.headers, "idempotent-replayed": "true" } }),
  // Documented: the status.
  mismatch: () => errorOf(400, "The idempotency key was used for another request"),
  // Documented: the status.
  inFlight: () => errorOf(409, "A request with this idempotency key is still being processed")
}

const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "+00:00")

const euros = (amount: number) => ({ currency: "EUR", value: (amount / 100).toFixed(2) })

/** Whether it ever was authorized, and so has captures. */
const hasCaptures = ({ attributes, history }: Payment): boolean =>
  attributes.capturedAmount > 0 || history.some(({ to }) => to === "authorized")

/** How much of it was captured: all of a paid one, unless it was a part. A release of the rest leaves no other trace. */
const capturedOf = ({ attributes, status }: Payment): number =>
  status === "paid" && attributes.capturedAmount === 0 ? attributes.amount : attributes.capturedAmount

const isFinal = ({ status }: Payment): boolean => machine[status].length === 0

/** Mollie's name for the time at which a payment came into a status. */
const times: { readonly [S in Status]?: string } = {
  authorized: "authorizedAt",
  paid: "paidAt",
  canceled: "canceledAt",
  expired: "expiredAt",
  failed: "failedAt"
}

const timesOf = ({ history }: Payment): Emulator.JsonObject =>
  Object.fromEntries(history.flatMap(({ at, to }) => {
    const name = Payments.isStatus(machine, to) ? times[to] : undefined
    return name === undefined ? [] : [[name, time(at)]]
  }))

const linkTo = (id: string) => ({ href: `https://api.mollie.com/v2/payments/${encodeURIComponent(id)}`, type: "application/hal+json" })

const body = (payment: Payment): Emulator.JsonObject => ({
  resource: "payment",
  id: payment.id,
  mode: "test",
  createdAt: time(payment.createdAt),
  amount: euros(payment.attributes.amount),
  description: "Order #1042",
  method: hasCaptures(payment) ? "creditcard" : "ideal",
  metadata: null,
  status: payment.status,
  // Documented: it is left out once the status is final.
  ...isFinal(payment) ? {} : { isCancelable: payment.attributes.isCancelable },
  ...hasCaptures(payment) ? { captureMode: "manual", amountCaptured: euros(capturedOf(payment)) } : {},
  ...timesOf(payment),
  profileId: "pfl_sandbox",
  sequenceType: "oneoff",
  redirectUrl: "https://merchant.example/order/1042",
  _links: { self: linkTo(payment.id) }
})

const eventTypes: { readonly [S in Status]?: string } = {
  pending: "payment.pending",
  authorized: "payment.authorized",
  paid: "payment.paid",
  canceled: "payment.canceled",
  expired: "payment.expired",
  failed: "payment.failed"
}

/** The events of a payment, each with the payment as it was then. */
const changeEvents = (payment: Payment): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, from, to: status }, index) => {
    const type = from === null || !Payments.isStatus(machine, status) ? undefined : eventTypes[status]
    if (type === undefined || !Payments.isStatus(machine, status)) {
      return []
    }
    const id = `event_${payment.id}_${index}`
    const then = { ...payment, status, history: payment.history.slice(0, index + 1) }
    return [{
      id,
      at,
      paymentId: payment.id,
      payload: {
        resource: "event",
        id,
        type,
        entityId: payment.id,
        createdAt: time(at),
        _embedded: { entity: body(then) },
        _links: { self: { href: `https://api.mollie.com/v2/events/${encodeURIComponent(id)}`, type: "application/hal+json" } }
      }
    }]
  })

const utf8 = new TextEncoder()

const webhook: Webhook.Webhook = {
  secret: "sandbox-webhook-secret-not-a-secret",
  sign(event, _now, secret) {
    const body = JSON.stringify(event.payload)
    return Effect.map(Webhook.hmacSha256(utf8.encode(secret), body), (signature) => ({
      body,
      headers: { "content-type": "application/json", "x-mollie-signature": `sha256=${Encoding.encodeHex(signature)}` }
    }))
  }
}

/**
 * The classic webhook of a payment, which Mollie sends to the payment's own `webhookUrl`: nobody
 * signs it, and it only names the payment.
 *
 * @since 0.1.0
 * @category webhooks
 */
export const classicWebhook = (paymentId: string): Pick<Webhook.Notification, "body" | "headers"> => ({
  body: new URLSearchParams({ id: paymentId }).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded", "user-agent": "Mollie HTTP client/1.0" }
})

const request = (method: string, apiKey: string) => (paymentId: string): Emulator.Request => ({
  method,
  path: `/v2/payments/${encodeURIComponent(paymentId)}`,
  query: "",
  headers: { authorization: `Bearer ${apiKey}` },
  body: ""
})

/**
 * Mollie as the sandbox knows it. It has no codes: for a fault that is an error give an empty one,
 * `Fault.errorCode("", 422)`.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Mollie: Emulator.Definition<Create, typeof credentials> = {
  provider: "Mollie",
  slug: "mollie",
  basePath: "",
  hosts: ["api.mollie.com"],
  credentials,
  environment: (baseUrl) => ({
    MOLLIE_API_KEY: credentials.apiKey,
    MOLLIE_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: request("DELETE", credentials.apiKey),
    status: request("GET", credentials.apiKey),
    wrongCredential: request("DELETE", "test_wrong")
  },
  route,
  faultCodes: {
    // Neither has a code.
    rateLimited: { code: "", status: 429 },
    serverError: { code: "", status: 500 },
    unknown: { code: "sandbox_code_nobody_has_listed", status: 422 }
  },
  webhook,
  distort: {
    paymentId: (body) => ({ ...body, id: "tr_sandbox_another", _links: { self: linkTo("tr_sandbox_another") } }),
    status: (body) => ({ ...body, status: "sandbox_status_nobody_has_listed" })
  },
  make() {
    let releases: Array<Release> = []

    const decide = (release: Release, payments: Payments.Payments<Status, Attributes>) => {
      release.decided = true
      const payment = payments.find(release.paymentId, release.due)
      if (payment !== undefined && payment.status === "authorized" && !payment.attributes.declinesReleases) {
        // Documented: `canceled` without captures, and `paid` with some.
        const to = payment.attributes.capturedAmount > 0 ? "paid" : "canceled"
        payments.change(payment.id, to, release.due, "Cancel", release.requestIndex)
      }
    }

    return Emulator.make<Status, Attributes, Create, Route>({
      provider: "Mollie",
      machine,
      route,
      paymentId: (count) => `tr_sandbox${count.toString(36).padStart(6, "0")}`,
      birth: (
        {
          amount = 1000,
          capturedAmount = 0,
          decidesIn,
          declinesReleases = false,
          expiresIn,
          status = "open",
          isCancelable = status !== "authorized"
        },
        at
      ) => ({
        status,
        attributes: {
          amount,
          capturedAmount,
          isCancelable,
          declinesReleases,
          decidesIn: decidesIn === undefined ? defaultDecidesIn : Duration.toMillis(decidesIn)
        },
        due: expiresIn === undefined ? null : { at: at + Duration.toMillis(expiresIn), to: "expired", by: "Expiry" }
      }),
      error: (code, status) => errorOf(status, "The request was refused", code),
      serverError: failure,
      refuse,
      idempotency,
      perform(_request, { operation, paymentId, releases: isRelease }, payments, at, requestIndex) {
        const id = paymentId ?? ""
        const payment = payments.find(id, at)
        const unchanged = (reply: Emulator.Reply): Emulator.Handled => ({ reply, applied: false })
        if (payment === undefined) {
          return unchanged(errorOf(404, `No payment exists with token ${id}.`))
        }
        if (operation === "Status") {
          return unchanged(hal(200, body(payment)))
        }
        if (isRelease) {
          if (payment.status !== "authorized") {
            return unchanged(errorOf(422, "Authorization cannot be released because the payment is not in the authorized state."))
          }
          // Inferred: that a release beside one which is not decided yet is accepted.
          releases.push({ paymentId: id, due: at + payment.attributes.decidesIn, requestIndex, decided: false })
          return { reply: { status: 202, headers: {}, body: "" }, applied: true }
        }
        if (isFinal(payment) || !payment.attributes.isCancelable) {
          return unchanged(errorOf(422, "The payment cannot be cancelled"))
        }
        payments.change(id, "canceled", at, "Cancel", requestIndex)
        const changed = payments.find(id, at) ?? payment
        return { reply: hal(200, body(changed)), applied: true }
      },
      // Inferred: no id of an exchange is documented.
      stamp: (count) => ({ "x-request-id": `sandbox-mollie-${count.toString().padStart(6, "0")}` }),
      catchUp(payments, at) {
        releases
          .filter(({ decided, due }) => !decided && due <= at)
          .sort((a, b) => a.due - b.due)
          .forEach((release) => decide(release, payments))
      },
      events: (payments, at) => payments.all(at).flatMap(changeEvents).sort((a, b) => a.at - b.at),
      reset() {
        releases = []
      }
    })
  }
}
