/**
 * Gantry's wire format: one address, requests and answers in XML.
 */
// #region wire
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Option, Redacted, Schema } from "effect"
import * as Answer from "effect-payment-cancel/authoring/Answer"
import * as Input from "effect-payment-cancel/authoring/Input"
import type { Connection } from "./options.js"
import * as Xml from "./xml.js"

export const CancelRequest = Schema.Struct({
  paymentId: Input.text((value) => /^\d{10}$/.test(value), "must be 10 digits"),
  idempotencyKey: Schema.optional(Input.idempotencyKey(36))
})
export type CancelRequest = typeof CancelRequest.Type

export const Transaction = Schema.Struct({
  number: Schema.String,
  state: Schema.String,
  note: Answer.lenient(Schema.String)
})
export type Transaction = typeof Transaction.Type

// Two transactions in one answer are a list, which is not what this decodes: they prove nothing.
const decodeTransaction = Answer.decoder(
  Schema.Struct({ answer: Schema.Struct({ transaction: Transaction }) })
)

const decodeErrors = Answer.decoder(
  Schema.Struct({
    answer: Schema.Struct({
      error: Schema.NonEmptyArray(Schema.Struct({ "@code": Schema.String, "#text": Answer.lenient(Schema.String) }))
    })
  })
)

const decodeReference = Answer.decoder(
  Schema.Struct({ answer: Schema.Struct({ "@reference": Schema.String }) })
)

const send = ({ baseUrl, merchant, password }: Connection, name: string, transaction: string, request: string) => {
  const attributes = Object.entries({ merchant, password: Redacted.value(password), request })
    .map(([attribute, value]) => ` ${attribute}="${Xml.escape(value)}"`)
    .join("")
  return HttpClientRequest.post(baseUrl, { headers: { "accept": "application/xml", "accept-encoding": "identity" } }).pipe(
    HttpClientRequest.bodyText(
      `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attributes}><number>${Xml.escape(transaction)}</number></${name}>`,
      "application/xml; charset=utf-8"
    )
  )
}

/** Gantry writes the key into its journal, and does nothing else with it. */
export const cancel = (connection: Connection, { paymentId }: CancelRequest, idempotencyKey: string) =>
  send(connection, "reversal", paymentId, idempotencyKey)

export const status = (connection: Connection, paymentId: string) => send(connection, "inquiry", paymentId, "status")

/** All the errors of an answer: the engine picks the one that counts. */
const refusalIn = (body: unknown): Option.Option<Answer.Refusal> =>
  Option.map(decodeErrors(body), ({ answer: { error } }) => ({
    code: null,
    codes: error.map((each) => each["@code"]),
    message: Option.getOrNull(error[0]["#text"]),
    details: null
  }))

export const read = (answer: Answer.Answer, paymentId: string): Answer.Reading<Answer.StatesPayment<Transaction>> => ({
  ...Answer.nothing,
  payment: answer.body.pipe(
    Option.flatMap(decodeTransaction),
    Option.map(({ answer: { transaction } }) => transaction),
    Option.filter(({ number }) => number === paymentId),
    Option.map((transaction) => ({
      status: transaction.state,
      cancelledAt: Option.none(),
      reason: transaction.note,
      payload: Option.some(transaction)
    }))
  ),
  refusal: Option.flatMap(answer.body, refusalIn),
  requestId: answer.body.pipe(
    Option.flatMap(decodeReference),
    Option.map(({ answer }) => answer["@reference"])
  )
})
// #endregion
