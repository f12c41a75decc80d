/**
 * Checkout.com: `POST /payments/{id}/voids`, `GET /payments/{id}`, and the webhooks that tell what
 * became of a void.
 *
 * A void is accepted at once and decided later, by the status that the payment is in by then:
 * `decidesIn` says how much later.
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
 * The statuses of a Checkout.com payment. Note that `Voided` and `Canceled` are two.
 *
 * @since 0.1.0
 * @category models
 */
export type Status =
  | "Active"
  | "Requested"
  | "Authentication Requested"
  | "Pending"
  | "Retry Scheduled"
  | "Authorized"
  | "Partially Captured"
  | "Captured"
  | "Paid"
  | "Partially Refunded"
  | "Refunded"
  | "Voided"
  | "Canceled"
  | "Declined"
  | "Expired"
  | "Card Verified"

/**
 * What can be chosen for a new Checkout.com payment.
 *
 * - `status`: `Authorized` unless given; it and `Partially Captured` can be voided;
 * - `amount`: in minor units, 1000 unless given; in US dollars;
 * - `capturedAmount`: how much of that captures have taken already, 0 unless given. It stays
 *   captured when the rest is voided;
 * - `captureIn`, `expiresIn`: is captured, or lapses, by itself after this time, if it still can;
 * - `decidesIn`: how long after it was accepted a void of this payment is decided, 1 second unless
 *   given;
 * - `declinesVoids`: whether the issuer declines every void of it, false unless given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly amount?: number
  readonly capturedAmount?: number
  readonly captureIn?: Duration.DurationInput
  readonly expiresIn?: Duration.DurationInput
  readonly decidesIn?: Duration.DurationInput
  readonly declinesVoids?: boolean
}

/**
 * A key that works here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = { secretKey: "sk_sbox_sandbox-not-a-secret" }

interface Attributes {
  readonly amount: number
  readonly capturedAmount: number
  readonly decidesIn: number
  readonly declinesVoids: boolean
}

type Payment = Payments.Payment<Status, Attributes>

const machine: Payments.StateMachine<Status> = {
  Active: ["Requested", "Pending", "Authorized", "Declined", "Canceled", "Expired"],
  Requested: ["Authentication Requested", "Pending", "Authorized", "Declined", "Canceled", "Expired"],
  "Authentication Requested": ["Pending", "Authorized", "Declined", "Canceled", "Expired"],
  Pending: ["Authorized", "Captured", "Paid", "Declined", "Canceled", "Expired", "Card Verified", "Retry Scheduled"],
  "Retry Scheduled": ["Pending", "Authorized", "Declined", "Canceled", "Expired"],
  Authorized: ["Partially Captured", "Captured", "Voided", "Expired"],
  "Partially Captured": ["Captured", "Voided", "Partially Refunded", "Refunded"],
  Captured: ["Partially Refunded", "Refunded"],
  Paid: ["Partially Refunded", "Refunded"],
  "Partially Refunded": ["Refunded"],
  Refunded: [],
  Voided: [],
  Canceled: [],
  Declined: [],
  Expired: [],
  "Card Verified": []
}

/** A void that was accepted. `outcome` is null until it is decided. */
interface Action {
  readonly id: string
  readonly paymentId: string
  readonly reference: unknown
  readonly due: number
  readonly requestIndex: number | null
  outcome: { readonly approved: boolean; readonly payment: Payment } | null
}

const defaultDecidesIn = Duration.toMillis("1 second")

/** Documented for 401, 403 and 404: no body. Inferred: none with any other status without a code. */
const empty = (status: number): Emulator.Reply => ({ status, headers: {}, body: "" })

/** An empty code stands for none, and then there is no body. */
const error = (code: string, status: number): Emulator.Reply =>
  code === ""
    ? empty(status)
    : Emulator.json(status, {
      request_id: "0HL80RJLS76I7",
      error_type: status === 422 && code.endsWith("_invalid") ? "request_invalid" : "processing_error",
      error_codes: [code]
    })

const route = (request: Emulator.Request): Emulator.Route | null => {
  const [, resource, segment, action, ...rest] = request.path.split("/")
  if (resource !== "payments" || segment === undefined || segment === "" || rest.length > 0) {
    return null
  }
  const operation = request.method === "POST" && action === "voids"
    ? "Cancel"
    : request.method === "GET" && action === undefined
    ? "Status"
    : null
  const paymentId = Emulator.decodeSegment(segment)
  return operation === null || paymentId === undefined ? null : { operation, paymentId }
}

const longestReference = 50

/** Inferred: the order of these checks, and the codes. A body that is a list was seen to be refused. */
const refuse = (request: Emulator.Request, { operation }: Emulator.Route): Emulator.Reply | null => {
  if (request.headers["authorization"] !== `Bearer ${credentials.secretKey}`) {
    return empty(401)
  }
  if (operation === "Status" || request.body === "") {
    return null
  }
  const contentType = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()
  const body = Emulator.parseObject(request.body)
  if (contentType !== "application/json" || body === undefined) {
    return error("request_json_invalid", 422)
  }
  // A part of a payment cannot be voided here.
  if (body["amount"] !== undefined) {
    return error("void_amount_invalid", 422)
  }
  const { reference } = body
  return reference === undefined || (typeof reference === "string" && reference.length <= longestReference)
    ? null
    : error("parameter_invalid", 422)
}

const idempotency: Emulator.Idempotency<Emulator.Route> = {
  key: ({ headers }, { operation }) => (operation === "Cancel" && headers["cko-idempotency-key"]) || null,
  // Observed in the tests of Checkout.com's own clients: another request under a known key gets the first answer.
  fingerprint: () => "",
  // Documented: 2xx, and nothing else.
  stores: ({ status }) => status >= 200 && status < 300,
  mismatch: () => empty(409),
  // Documented: the status.
  inFlight: () => empty(409)
}

const time = (at: number): string => new Date(at).toISOString()

/** With seven digits of a second, as events have it. */
const eventTime = (at: number): string => time(at).replace("Z", "0000Z")

const isVoidable = ({ status }: Payment): boolean => status === "Authorized" || status === "Partially Captured"

const isCapturedWhole: ReadonlyArray<Status> = ["Captured", "Paid", "Partially Refunded", "Refunded"]

const balances = (payment: Payment) => {
  const { attributes: { amount, capturedAmount }, status } = payment
  const captured = isCapturedWhole.includes(status) ? amount : capturedAmount
  const refunded = status === "Refunded" ? amount : status === "Partially Refunded" ? Math.ceil(amount / 2) : 0
  const left = isVoidable(payment) ? amount - captured : 0
  return {
    total_authorized: amount,
    // Inferred: that what was captured before stays captured when the rest is voided.
    total_voided: status === "Voided" ? amount - captured : 0,
    available_to_void: left,
    total_captured: captured,
    available_to_capture: left,
    total_refunded: refunded,
    available_to_refund: captured - refunded
  }
}

const linkTo = (paymentId: string) => ({
  href: `https://sandbox.api.sandbox.checkout.com/payments/${encodeURIComponent(paymentId)}`
})

const body = (payment: Payment): Emulator.JsonObject => ({
  id: payment.id,
  requested_on: time(payment.createdAt),
  source: { id: "src_sandbox", type: "card", expiry_month: 11, expiry_year: 2030, scheme: "Visa", last4: "4242", bin: "424242" },
  amount: payment.attributes.amount,
  currency: "USD",
  payment_type: "Regular",
  reference: `order-${payment.id}`,
  status: payment.status,
  approved: payment.status !== "Declined",
  balances: balances(payment),
  risk: { flagged: false },
  processing_channel_id: "pc_sandbox",
  _links: {
    self: linkTo(payment.id),
    ...isVoidable(payment) ? { void: { href: `${linkTo(payment.id).href}/voids` } } : {}
  }
})

/** 26 letters and digits, the same ones in the same place of the same program. */
const numbered = (prefix: string, count: number): string => `${prefix}_sandbox${count.toString(36).padStart(19, "0")}`

const eventOf = (
  id: string,
  at: number,
  type: string,
  payment: Payment,
  more: Emulator.JsonObject
): Webhook.Event => ({
  id,
  at,
  paymentId: payment.id,
  payload: {
    id,
    type,
    version: "1.0.29",
    created_on: eventTime(at),
    data: {
      id: payment.id,
      ...more,
      amount: payment.attributes.amount,
      currency: "USD",
      processed_on: eventTime(at),
      balances: balances(payment),
      trigger: "manual"
    },
    _links: { payment: linkTo(payment.id) }
  }
})

const approval = { response_code: "10000", response_summary: "Approved" }

/** Inferred: what a void is declined with. */
const decline = { response_code: "20006", response_summary: "Error" }

const actionEvent = ({ due, id, outcome, reference }: Action): ReadonlyArray<Webhook.Event> =>
  outcome === null ? [] : [
    eventOf(
      `evt_${id.slice(4)}`,
      due,
      outcome.approved ? "payment_voided" : "payment_void_declined",
      outcome.payment,
      { action_id: id, ...reference === undefined ? {} : { reference }, ...outcome.approved ? approval : decline }
    )
  ]

/** The events of what happens to a payment by itself, or by others. */
const eventTypes: { readonly [S in Status]?: string } = {
  Captured: "payment_captured",
  Voided: "payment_voided",
  Canceled: "payment_canceled",
  Declined: "payment_declined",
  Expired: "payment_expired",
  Refunded: "payment_refunded"
}

const changeEvents = (payment: Payment): ReadonlyArray<Webhook.Event> =>
  payment.history.flatMap(({ at, by, from, to: status }, index) => {
    // What a cancel did is told by its action.
    if (from === null || by === "Cancel" || !Payments.isStatus(machine, status)) {
      return []
    }
    const type = eventTypes[status]
    return type === undefined ? [] : [
      eventOf(`evt_${payment.id}_${index}`, at, type, { ...payment, status }, { action_id: `act_${payment.id}_${index}`, ...approval })
    ]
  })

const utf8 = new TextEncoder()

const webhook: Webhook.Webhook = {
  secret: "sandbox-signature-key-not-a-secret",
  sign(event, _now, secret) {
    const body = JSON.stringify(event.payload)
    return Effect.map(Webhook.hmacSha256(utf8.encode(secret), body), (signature) => ({
      body,
      headers: { "content-type": "application/json; charset=utf-8", "cko-signature": Encoding.encodeHex(signature) }
    }))
  }
}

const voidRequest = (secretKey: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/payments/${encodeURIComponent(paymentId)}/voids`,
  query: "",
  headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
  body: "{}"
})

/**
 * Checkout.com as the sandbox knows it. For a fault that is an error without a code, and so
 * without a body, give an empty code: `Fault.errorCode("", 403)`.
 *
 * @since 0.1.0
 * @category emulators
 */
export const CheckoutCom: Emulator.Definition<Create, typeof credentials> = {
  provider: "CheckoutCom",
  slug: "checkout-com",
  basePath: "",
  hosts: [/^(?:(?:pl-)?[a-z0-9]+\.)?api\.(?:sandbox\.)?checkout\.com$/],
  credentials,
  environment: (baseUrl) => ({
    CHECKOUT_COM_SECRET_KEY: credentials.secretKey,
    CHECKOUT_COM_BASE_URL: baseUrl
  }),
  secretHeaders: ["authorization"],
  statuses: Object.keys(machine),
  requests: {
    cancel: voidRequest(credentials.secretKey),
    status: (paymentId) => ({
      method: "GET",
      path: `/payments/${encodeURIComponent(paymentId)}`,
      query: "",
      headers: { authorization: `Bearer ${credentials.secretKey}` },
      body: ""
    }),
    wrongCredential: voidRequest("sk_sbox_wrong")
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
    paymentId: (body) => ({
      ...body,
      ..."id" in body ? { id: "pay_sandbox_another_payment" } : {},
      ..."action_id" in body ? { _links: { payment: linkTo("pay_sandbox_another_payment") } } : {}
    }),
    // An acceptance states none.
    status: (body) => "status" in body ? { ...body, status: "sandbox_status_nobody_has_listed" } : body
  },
  make() {
    let actions: Array<Action> = []

    const decide = (action: Action, payments: Payments.Payments<Status, Attributes>) => {
      const payment = payments.find(action.paymentId, action.due)
      if (payment === undefined) {
        return
      }
      const approved = isVoidable(payment) && !payment.attributes.declinesVoids
      if (approved) {
        payments.change(payment.id, "Voided", action.due, "Cancel", action.requestIndex)
      }
      action.outcome = { approved, payment: { ...payment } }
    }

    return Emulator.make<Status, Attributes, Create, Emulator.Route>({
      provider: "CheckoutCom",
      machine,
      route,
      paymentId: (count) => numbered("pay", count),
      birth: (
        {
          amount = 1000,
          capturedAmount = 0,
          captureIn,
          decidesIn,
          declinesVoids = false,
          expiresIn,
          status = "Authorized"
        },
        at
      ) => ({
        status,
        attributes: {
          amount,
          capturedAmount,
          declinesVoids,
          decidesIn: decidesIn === undefined ? defaultDecidesIn : Duration.toMillis(decidesIn)
        },
        due: captureIn !== undefined
          ? { at: at + Duration.toMillis(captureIn), to: "Captured", by: "Capture" }
          : expiresIn !== undefined
          ? { at: at + Duration.toMillis(expiresIn), to: "Expired", by: "Expiry" }
          : null
      }),
      error,
      serverError: () => empty(500),
      refuse,
      idempotency,
      perform(request, { operation, paymentId }, payments, at, requestIndex) {
        const payment = payments.find(paymentId ?? "", at)
        if (payment === undefined) {
          return { reply: empty(404), applied: false }
        }
        if (operation === "Status") {
          return { reply: Emulator.json(200, body(payment)), applied: false }
        }
        // Inferred: that this is all which is refused at once, and that a void beside one which is
        // not decided yet is accepted.
        if (!isVoidable(payment)) {
          return { reply: empty(403), applied: false }
        }
        const reference = Emulator.parseObject(request.body)?.["reference"]
        const action: Action = {
          id: numbered("act", actions.length + 1),
          paymentId: payment.id,
          reference,
          due: at + payment.attributes.decidesIn,
          requestIndex,
          outcome: null
        }
        actions.push(action)
        return {
          reply: Emulator.json(202, {
            action_id: action.id,
            ...reference === undefined ? {} : { reference },
            _links: { payment: linkTo(payment.id) }
          }),
          applied: true
        }
      },
      stamp: (count) => ({ "cko-request-id": numbered("req", count).slice(4), "cko-version": "1.0.0" }),
      catchUp(payments, at) {
        actions
          .filter(({ due, outcome }) => outcome === null && due <= at)
          .sort((a, b) => a.due - b.due)
          .forEach((action) => decide(action, payments))
      },
      events: (payments, at) =>
        [
          ...actions.flatMap(actionEvent),
          ...payments.all(at).flatMap(changeEvents)
        ].sort((a, b) => a.at - b.at),
      reset() {
        actions = []
      }
    })
  }
}
