/** Stripe: every answer is stored under its key, a 500 as well, and a refusal may state the payment. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Notification from "../../../src/Notification.js"
import * as Connection from "../../../src/providers/Stripe/options.js"
import * as Declaration from "../../../src/providers/Stripe/declaration.js"
import * as Stripe from "../../../src/providers/Stripe/notification.js"
import type { Reason } from "../../../src/providers/Stripe/wire.js"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import * as Emulators from "../../../src/sandbox/emulators/index.js"
import { objectIn } from "../answers.js"
import { type Facts, library, text, usual } from "../facts.js"
import { signed } from "../webhooks.js"

const { apiKey } = Emulators.Stripe.credentials

const reason: Reason = "requested_by_customer"

const { cancel, policy } = library(
  Declaration.declaration,
  Declaration.cancelOperation,
  ({ identifier, idempotencyKey }) => ({ paymentId: identifier, idempotencyKey, reason }),
  Either.getOrThrow(Connection.connect({ apiKey: Redacted.make(apiKey) }))
)

/** What is chosen for every PaymentIntent besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly capturedAmount?: number
}

/** The type that comes without a code. */
const misusedKey = "idempotency_error"

/** What partial captures have taken of every PaymentIntent: it stays so when the rest is canceled. */
const capturedAmount = 400

/** Every PaymentIntent is captured in part. And that a request still runs, Stripe says with a code or without: in turns. */
const partlyCaptured = (emulator: Emulator.Emulator<Particulars>): Emulator.Emulator => {
  let conflicts = 0
  return {
    ...emulator,
    create: (options, at) => emulator.create({ ...options, capturedAmount }, at),
    receive: (request, context) => {
      const finish = emulator.receive(request, context)
      return (at) => {
        const handled = finish(at)
        const body = objectIn(handled.reply)
        const error = body === null ? null : errorIn(body)
        if (handled.reply.status !== 409 || error === null) return handled
        conflicts += 1
        const { code: _, ...rest } = error
        return conflicts % 2 === 0
          ? handled
          : { ...handled, reply: { ...handled.reply, body: JSON.stringify({ error: rest }) } }
      }
    }
  }
}

const errorIn = ({ error }: JsonObject): JsonObject | null => isObject(error) ? error : null

/** The PaymentIntent of an answer, or of the error in it. */
const paymentIn = (body: JsonObject): unknown => {
  const error = errorIn(body)
  return error === null ? body : error["payment_intent"]
}

export const cancelPaymentIntent: Facts = {
  ...usual,
  emulator: () => partlyCaptured(Emulators.Stripe.make()),
  provider: "Stripe",
  secrets: [apiKey],
  standings: {
    requires_payment_method: "Cancellable",
    requires_confirmation: "Cancellable",
    requires_action: "Cancellable",
    requires_capture: "Cancellable",
    // Rarely, but then it is.
    processing: "Cancellable",
    canceled: "Cancelled",
    succeeded: "Closed"
  },
  cancelled: "canceled",
  cancellable: "requires_capture",
  acts: { Pays: "processing", PaymentSucceeds: "succeeded", Expires: "canceled", CancelsElsewhere: "canceled" },
  keyHeader: "idempotency-key",
  licence: ["NoAnswer", "StillRunning"],
  stillRunning: [409],
  sendAgainHeader: "stripe-should-retry",
  refusals: [
    { code: "payment_intent_unexpected_state", status: 400, about: "Payment", tryAgain: false },
    { code: "resource_missing", status: 404, about: "Request", tryAgain: false },
    { code: "lock_timeout", status: 429, about: "Payment", tryAgain: true },
    { code: "rate_limit", status: 429, about: "Request", tryAgain: true },
    { code: misusedKey, status: 400, about: "Payment", tryAgain: false },
    { code: "api_key_expired", status: 401, about: "Request", tryAgain: false }
  ],
  doubtful: [{ code: "idempotency_key_in_use", status: 409, doubt: "StillRunning" }],
  namesPayment: { Cancel: true, Status: true },
  payment: (id, status) => ({
    id,
    object: "payment_intent",
    status,
    amount: 1000,
    amount_received: capturedAmount,
    canceled_at: 1_767_225_600,
    client_secret: `${id}_secret_simulated`
  }),
  error: (code, message, payment) => ({
    error: {
      type: code === misusedKey ? misusedKey : "invalid_request_error",
      ...(code === null || code === misusedKey ? {} : { code }),
      message,
      ...(Object.keys(payment).length === 0 ? {} : { payment_intent: payment })
    }
  }),
  readCode: (body) => {
    const { code = null, type = null } = errorIn(body) ?? {}
    return text(code) ?? (type === misusedKey ? misusedKey : null)
  },
  readStatus: (_, body, id) => {
    const payment = paymentIn(body)
    return isObject(payment) && payment["id"] === id ? text(payment["status"]) : null
  },
  capturedIn: (body) => {
    const payment = paymentIn(body)
    const received = isObject(payment) ? payment["amount_received"] : null
    return typeof received === "number" ? received : null
  },
  webhooks: {
    provider: signed(Emulators.Stripe),
    tolerance: 300_000,
    isCancellation: ({ payload }) => payload["type"] === "payment_intent.canceled",
    forge: (body) => body.replaceAll("payment_intent.succeeded", "payment_intent.canceled").concat(" "),
    read: Stripe.notification,
    confirm: Notification.confirm
  },
  requestIdHeader: "request-id",
  policy,
  cancel: cancel(() => cancelPaymentIntent)
}
