/**
 * Acme Pay's wire format: what is sent, and what an answer says.
 */
// #region wire
import { Option, Redacted, Schema } from "effect"
import * as Input from "effect-payment-cancel/authoring/Input"
import * as Answer from "effect-payment-cancel/authoring/Answer"
import * as Request from "effect-payment-cancel/authoring/Request"
import type { Connection } from "./options.js"

export const CancelRequest = Schema.Struct({
  paymentId: Input.PathSegment,
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})
export type CancelRequest = typeof CancelRequest.Type

/** Only what a proof needs is required. Everything else is lenient. */
export const Payment = Schema.Struct({
  id: Schema.String,
  state: Schema.String,
  note: Answer.lenient(Schema.String)
})
export type Payment = typeof Payment.Type

const decodePayment = Answer.decoder(Payment)
const decodeError = Answer.decoder(Schema.Struct({ error: Schema.String }))

const headers = ({ apiKey }: Connection) => ({
  "acme-key": Redacted.value(apiKey),
  "accept": "application/json",
  "accept-encoding": "identity"
})

export const cancel = (connection: Connection, { paymentId }: CancelRequest, idempotencyKey: string) =>
  Request.make("POST", Input.resource(connection.baseUrl, "payments", paymentId, "cancel"), {
    "acme-idempotency": idempotencyKey,
    ...headers(connection)
  })

export const status = (connection: Connection, paymentId: string) =>
  Request.make("GET", Input.resource(connection.baseUrl, "payments", paymentId), headers(connection))

/** What an answer says about *this* payment: one that names another payment, or reports an error, says nothing. */
export const read = (answer: Answer.Answer, paymentId: string): Answer.Reading<Answer.StatesPayment<Payment>> => ({
  ...Answer.nothing,
  payment: answer.body.pipe(
    Option.filter((json) => !Answer.holds(json, "error")),
    Option.flatMap(decodePayment),
    Option.filter(({ id }) => id === paymentId),
    Option.map((payment) => ({
      status: payment.state,
      cancelledAt: Option.none(),
      reason: payment.note,
      payload: Option.some(payment)
    }))
  ),
  refusal: Option.map(Option.flatMap(answer.body, decodeError), ({ error }) => ({
    code: error,
    message: null,
    details: null
  })),
  requestId: Option.fromNullable(answer.headers["acme-request-id"])
})
// #endregion
