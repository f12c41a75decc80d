/**
 * Adyen Checkout v72: `POST /payments/{pspReference}/cancels`, `POST /cancels` and `POST
 * /payments/{pspReference}/reversals`, and the webhooks that report their results. There is no
 * status query.
 *
 * A request is accepted at once and decided later, by the payment's state at that time: `decidesIn`
 * says how much later.
 *
 * Written from the provider's public documentation. What is marked *inferred*
 * is not documented; the emulator has to do something there, and a client must
 * not rely on it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Emulator from "../Emulator.js"
import type * as Payments from "../Payments.js"
import * as Webhook from "../Webhook.js"

/**
 * The states of a payment in this emulator: Adyen shows none.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = "authorised" | "captured" | "cancelled" | "refunded" | "expired"

/**
 * What can be chosen for a new Adyen payment.
 *
 * - `status`: `authorised` by default, the only one that can be cancelled;
 * - `merchantAccount`: the account that it belongs to; the default is that of the credentials;
 * - `merchantReference`: `order-<id>` by default;
 * - `amount`: in minor units, 1000 by default; in euros;
 * - `captureIn`: it is captured automatically after this time, if it still can be;
 * - `decidesIn`: how long after it was accepted a modification of this payment is decided; 1 second
 *   by default.
 *
 * @since 0.1.0
 * @category models
 */
export interface Create extends Emulator.CreateOptions<Status> {
  readonly merchantAccount?: string
  readonly merchantReference?: string
  readonly amount?: number
  readonly captureIn?: Duration.DurationInput
  readonly decidesIn?: Duration.DurationInput
}

/**
 * Credentials that work here and nowhere else.
 *
 * @since 0.1.0
 * @category credentials
 */
export const credentials = {
  apiKey: "AQEsandbox-adyen-api-key-not-a-secret",
  merchantAccount: "SandboxMerchantECOM"
}

/** The other merchant account that the key has access to. */
const otherMerchantAccount = "SandboxMerchantPOS"

const isServed = (merchantAccount: unknown): merchantAccount is string =>
  merchantAccount === credentials.merchantAccount || merchantAccount === otherMerchantAccount

interface Attributes {
  readonly merchantAccount: string
  readonly merchantReference: string | null
  readonly amount: number
  readonly decidesIn: number
}

type Payment = Payments.Payment<Status, Attributes>

const machine: Payments.StateMachine<Status> = {
  authorised: ["captured", "cancelled", "expired"],
  captured: ["refunded"],
  cancelled: [],
  refunded: [],
  expired: []
}

type EventCode = "CANCELLATION" | "TECHNICAL_CANCEL" | "CANCEL_OR_REFUND"

/**
 * An accepted request. `outcome` is null until it is decided, and remains null if there is nothing
 * to decide.
 */
interface Modification {
  readonly merchantAccount: string
  readonly pspReference: string
  readonly eventCode: EventCode
  readonly named: string
  readonly due: number
  readonly requestIndex: number | null
  decided: boolean
  outcome: {
    readonly paymentId: string
    readonly success: boolean
    readonly action: "cancel" | "refund" | null
    readonly reason: string
  } | null
}

const defaultDecidesIn = Duration.toMillis("1 second")

const messages: { readonly [code: string]: { readonly message: string; readonly errorType: string } } = {
  "000": { message: "HTTP Status Response - Unauthorized", errorType: "security" },
  "010": { message: "Not allowed", errorType: "security" },
  "167": { message: "Original pspReference required for this operation", errorType: "validation" },
  "702": { message: "Unexpected input", errorType: "validation" },
  "703": { message: "Required resource temporarily unavailable", errorType: "internal" },
  "704": { message: "Request already processed or in progress", errorType: "validation" },
  "901": { message: "Invalid Merchant Account", errorType: "security" },
  "905": { message: "Payment details are not supported", errorType: "configuration" }
}

/** The meaning of the header is documented; that these two codes have it is inferred. */
const transient = new Set(["703", "704"])

const error = (errorCode: string, status: number): Emulator.Reply => {
  const { errorType, message } = messages[errorCode] ?? { message: errorCode, errorType: "validation" }
  const { headers, ...reply } = Emulator.json(status, { status, errorCode, message, errorType })
  return { ...reply, headers: transient.has(errorCode) ? { ...headers, "transient-error": "true" } : headers }
}

interface Route extends Emulator.Route {
  readonly eventCode: EventCode
}

/** The version, followed by the resources; on live hosts `/checkout` precedes it. */
const versions = [["v72"], ["checkout", "v72"]]

const resourceOf = ({ path }: Emulator.Request): ReadonlyArray<string> | undefined => {
  const segments = path.split("/").slice(1)
  const version = versions.find((version) => version.every((segment, index) => segments[index] === segment))
  return version && segments.slice(version.length)
}

const route = (request: Emulator.Request): Route | null => {
  const [resource, segment = "", action, ...rest] = resourceOf(request) ?? []
  if (request.method !== "POST" || rest.length > 0) {
    return null
  }
  if (resource === "cancels" && segment === "" && action === undefined) {
    return { operation: "Cancel", paymentId: null, eventCode: "TECHNICAL_CANCEL" }
  }
  const paymentId = Emulator.decodeSegment(segment)
  const eventCode = action === "cancels" ? "CANCELLATION" : action === "reversals" ? "CANCEL_OR_REFUND" : null
  return resource !== "payments" || paymentId === undefined || paymentId === "" || eventCode === null
    ? null
    : { operation: "Cancel", paymentId, eventCode }
}

const longestKey = 64
const longestReference = 80

const isShort = (value: unknown): boolean =>
  value === undefined || (typeof value === "string" && value.length <= longestReference)

/**
 * Inferred: the order of these checks, and `702` for anything that does not match the schema of the
 * body or of the key.
 */
const refuse = (request: Emulator.Request, { eventCode }: Route): Emulator.Reply | null => {
  const { headers } = request
  if (headers["x-api-key"] !== credentials.apiKey) {
    return error("000", 401)
  }
  const body = Emulator.parseObject(request.body)
  const isJson = (headers["content-type"] ?? "").split(";")[0]?.trim() === "application/json"
  if (!isJson || body === undefined || (headers["idempotency-key"] ?? "").length > longestKey) {
    return error("702", 400)
  }
  const { applicationInfo: _, merchantAccount, paymentReference, reference, ...unknown } = body
  if (!isServed(merchantAccount)) {
    return error("901", 403)
  }
  const namesPayment = eventCode === "TECHNICAL_CANCEL"
    ? typeof paymentReference === "string" && paymentReference !== ""
    : paymentReference === undefined
  return namesPayment && isShort(reference) && Object.keys(unknown).length === 0 ? null : error("702", 400)
}

const idempotency: Emulator.Idempotency<Route> = {
  key: ({ headers }) => headers["idempotency-key"] || null,
  fingerprint: ({ body, path }) => JSON.stringify([path, body]),
  // Inferred: a request with a 5xx answer was not processed, and a second try is.
  stores: (reply) => reply.status < 500,
  // Inferred: the code and the status for another request under a known key.
  mismatch: () => error("704", 409),
  inFlight: () => error("704", 422)
}

const reference = ({ attributes, id }: Payment): string => attributes.merchantReference ?? `order-${id}`

/**
 * The payment that a request names: of those with the same reference, one that can be cancelled.
 * Inferred: that a payment exists only for its own merchant account.
 */
const paymentNamed = (
  { eventCode, merchantAccount, named }: Pick<Modification, "eventCode" | "merchantAccount" | "named">,
  payments: Payments.Payments<Status, Attributes>,
  at: number
): Payment | undefined => {
  const candidates = (eventCode === "TECHNICAL_CANCEL" ? payments.ids() : [named])
    .flatMap((id) => payments.find(id, at) ?? [])
    .filter((payment) => payment.attributes.merchantAccount === merchantAccount)
    .filter((payment) => eventCode !== "TECHNICAL_CANCEL" || reference(payment) === named)
  return candidates.find(({ status }) => status === "authorised") ?? candidates[0]
}

/** 16 characters, deterministic. */
const pspReference = (kind: "P" | "M", count: number): string => kind + count.toString(36).toUpperCase().padStart(15, "0")

/** `2021-01-01T01:00:00+01:00`, without milliseconds; here in UTC. */
const eventDate = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, "+00:00")

const eventOf = (
  { due, eventCode, outcome, pspReference }: Modification,
  payments: Payments.Payments<Status, Attributes>
): ReadonlyArray<Webhook.Event> => {
  const payment = outcome === null ? undefined : payments.find(outcome.paymentId, due)
  return outcome === null || payment === undefined ? [] : [{
    id: `${eventCode}:${pspReference}`,
    at: due,
    paymentId: payment.id,
    payload: {
      additionalData: outcome.action === null ? {} : { "modification.action": outcome.action },
      amount: { currency: "EUR", value: payment.attributes.amount },
      eventCode,
      eventDate: eventDate(due),
      merchantAccountCode: payment.attributes.merchantAccount,
      merchantReference: reference(payment),
      originalReference: payment.id,
      paymentMethod: "visa",
      pspReference,
      reason: outcome.reason,
      success: String(outcome.success)
    }
  }]
}

const hexToBytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16))

/** What is signed, in this order. */
const signedFields = [
  "pspReference",
  "originalReference",
  "merchantAccountCode",
  "merchantReference",
  "amount.value",
  "amount.currency",
  "eventCode",
  "success"
]

const valueAt = (item: Emulator.JsonObject, path: string): string =>
  String(path.split(".").reduce<unknown>((value, name) => Emulator.isObject(value) ? value[name] : undefined, item))

const webhook: Webhook.Webhook = {
  secret: "5AFEC0DE".repeat(8),
  sign: ({ payload }, _now, secret) =>
    Effect.map(
      Webhook.hmacSha256(hexToBytes(secret), signedFields.map((path) => valueAt(payload, path)).join(":")),
      (hmac) => {
        const hmacSignature = btoa(String.fromCharCode(...hmac))
        const additionalData = Emulator.isObject(payload["additionalData"]) ? payload["additionalData"] : {}
        return {
          headers: { "content-type": "application/json; charset=utf-8" },
          body: JSON.stringify({
            live: "false",
            notificationItems: [{
              NotificationRequestItem: { ...payload, additionalData: { ...additionalData, hmacSignature } }
            }]
          })
        }
      }
    )
}

const post = (apiKey: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/v72/payments/${encodeURIComponent(paymentId)}/cancels`,
  query: "",
  headers: { "x-api-key": apiKey, "content-type": "application/json" },
  body: JSON.stringify({ merchantAccount: credentials.merchantAccount })
})

/**
 * Adyen as the sandbox knows it.
 *
 * @since 0.1.0
 * @category emulators
 */
export const Adyen: Emulator.Definition<Create, typeof credentials> = {
  provider: "Adyen",
  slug: "adyen",
  basePath: "/v72",
  hosts: ["checkout-test.adyen.com", /^[a-z0-9-]+-checkout-live\.adyenpayments\.com$/],
  credentials,
  environment: (baseUrl) => ({
    ADYEN_API_KEY: credentials.apiKey,
    ADYEN_MERCHANT_ACCOUNT: credentials.merchantAccount,
    ADYEN_BASE_URL: baseUrl
  }),
  secretHeaders: ["x-api-key"],
  statuses: Object.keys(machine),
  names: { merchantReference: longestReference },
  requests: { cancel: post(credentials.apiKey), status: null, wrongCredential: post("wrong") },
  route,
  faultCodes: {
    // Inferred: that there is such an answer, and its code.
    rateLimited: { code: "429", status: 429 },
    serverError: { code: "905", status: 500 },
    unknown: { code: "SANDBOX_CODE_NOBODY_HAS_LISTED", status: 422 }
  },
  webhook,
  distort: {
    paymentId: (body) => ({
      ...body,
      ..."paymentReference" in body
        ? { paymentReference: "sandbox-another-payment" }
        : { paymentPspReference: "SANDBOXANOTHER01" }
    }),
    status: (body) => ({ ...body, status: "sandbox_status_nobody_has_listed" })
  },
  make() {
    let modifications: Array<Modification> = []

    const decide = (modification: Modification, payments: Payments.Payments<Status, Attributes>) => {
      modification.decided = true
      const payment = paymentNamed(modification, payments, modification.due)
      if (payment === undefined) {
        return
      }
      const reverses = modification.eventCode === "CANCEL_OR_REFUND"
      const to = payment.status === "authorised"
        ? "cancelled"
        : reverses && payment.status === "captured"
        ? "refunded"
        : null
      modification.outcome = {
        paymentId: payment.id,
        success: to !== null,
        action: reverses && to !== null ? (to === "cancelled" ? "cancel" : "refund") : null,
        // Inferred: the words.
        reason: to === null ? `Payment is ${payment.status}` : ""
      }
      if (to !== null) {
        payments.change(payment.id, to, modification.due, "Cancel", modification.requestIndex)
      }
    }

    return Emulator.make<Status, Attributes, Create, Route>({
      provider: "Adyen",
      machine,
      route,
      paymentId: (count) => pspReference("P", count),
      birth: (
        {
          amount = 1000,
          captureIn,
          decidesIn,
          merchantAccount = credentials.merchantAccount,
          merchantReference = null,
          status = "authorised"
        },
        at
      ) => ({
        status,
        attributes: {
          merchantAccount,
          merchantReference,
          amount,
          decidesIn: decidesIn === undefined ? defaultDecidesIn : Duration.toMillis(decidesIn)
        },
        due: captureIn === undefined
          ? null
          : { at: at + Duration.toMillis(captureIn), to: "captured", by: "Capture" }
      }),
      error,
      serverError: () => error("905", 500),
      refuse,
      idempotency,
      perform(request, { eventCode, paymentId }, payments, at, requestIndex) {
        const body = Emulator.parseObject(request.body) ?? {}
        const { paymentReference, reference: own } = body
        const merchantAccount = String(body["merchantAccount"])
        const named = paymentId ?? String(paymentReference)
        const payment = paymentNamed({ eventCode, merchantAccount, named }, payments, at)
        if (paymentId !== null && payment === undefined) {
          // Inferred: that an unknown reference gets this code.
          return { reply: error("167", 422), applied: false }
        }
        const modification: Modification = {
          merchantAccount,
          pspReference: pspReference("M", modifications.length + 1),
          eventCode,
          named,
          // Inferred: a reference without a payment is accepted, and no webhook is ever sent for
          // it.
          due: at + (payment?.attributes.decidesIn ?? defaultDecidesIn),
          requestIndex,
          decided: false,
          outcome: null
        }
        modifications.push(modification)
        const key = request.headers["idempotency-key"]
        const { headers, ...reply } = Emulator.json(201, {
          merchantAccount,
          ...paymentId === null ? { paymentReference } : { paymentPspReference: paymentId },
          pspReference: modification.pspReference,
          ...own === undefined ? {} : { reference: own },
          status: "received"
        })
        return {
          reply: { ...reply, headers: key === undefined ? headers : { ...headers, "idempotency-key": key } },
          applied: true
        }
      },
      stamp: (count) => ({ pspreference: pspReference("P", 1_000_000 + count) }),
      catchUp(payments, at) {
        modifications
          .filter(({ decided, due }) => !decided && due <= at)
          .sort((a, b) => a.due - b.due)
          .forEach((modification) => decide(modification, payments))
      },
      events: (payments) =>
        modifications
          .flatMap((modification) => eventOf(modification, payments))
          .sort((a, b) => a.at - b.at),
      reset() {
        modifications = []
      }
    })
  }
}
