/**
 * Authorize.net's wire format: one address for all requests, JSON in the order of an XML schema, and
 * answers whose HTTP status is always 200.
 *
 * @since 0.1.0
 */
import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "../../authoring/Answer.js"
import * as Input from "../../authoring/Input.js"
import * as Request from "../../authoring/Request.js"
import type { Connection } from "./options.js"

// Made once for all fields of their kind, for every schema that is made takes time on import.
const LenientString = Answer.lenient(Schema.String)
const LenientUnknown = Answer.lenient(Schema.Unknown)

/** What an approval needs is a text; what speaks against one does so as a number, too. */
const LenientText = Answer.lenient(Schema.Union(
  Schema.String,
  Schema.transform(Schema.Number, Schema.String, { strict: true, decode: String, encode: Number })
))

/** A number, for `0` is what a void that was not carried out has in place of an id; 20 digits are the limit of `refId`. */
const TransactionId = Input.text(
  (value) => /^[1-9]\d{0,19}$/.test(value),
  "must be a transaction id of Authorize.net: 1 to 20 digits, the first of which is not 0"
)

/**
 * The schema of a `CancelRequest`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRequest = Schema.Struct({
  paymentId: TransactionId,
  idempotencyKey: Schema.optional(Input.idempotencyKey())
})

/**
 * A cancel at Authorize.net: the void of a transaction that is not settled yet, captured or not.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRequest {
  /** Authorize.net's `transId` of the transaction: 1 to 20 digits, the first of which is not 0. */
  readonly paymentId: string
  /**
   * It names this cancel in errors, events and journals, and is not sent: Authorize.net has no
   * idempotency key. One is made if none is given.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The schema of a `VoidedTransaction`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const VoidedTransaction = Schema.Struct({
  transId: Schema.String,
  responseCode: Schema.Literal("1"),
  refTransID: LenientString,
  authCode: LenientString,
  networkTransId: LenientString
})

/**
 * What Authorize.net answers to a void that it has approved, under its own names. Only `transId`
 * and `responseCode` are relied upon: every other field is none when it is absent, null or
 * malformed. Of the card nothing is kept: no cancel needs it, and journals should not hold it.
 *
 * @since 0.1.0
 * @category models
 */
export interface VoidedTransaction {
  /** The id of the transaction that was voided. */
  readonly transId: string
  /** That the void was approved. */
  readonly responseCode: "1"
  /** The id of the transaction that the request named: the same. */
  readonly refTransID: Option.Option<string>
  /** The authorization code of the transaction. */
  readonly authCode: Option.Option<string>
  /** The card network's own id of the transaction. */
  readonly networkTransId: Option.Option<string>
}

const Envelope = Schema.Struct({
  refId: LenientUnknown,
  messages: Answer.lenient(Schema.Struct({ resultCode: LenientString, message: LenientUnknown })),
  transactionResponse: Answer.lenient(Schema.Struct({
    responseCode: LenientText,
    transId: LenientUnknown,
    refTransID: LenientUnknown,
    testRequest: LenientUnknown,
    messages: LenientUnknown,
    errors: LenientUnknown
  })),
  transaction: Answer.lenient(Schema.Struct({ transId: Schema.String, transactionStatus: Schema.String }))
})

interface Envelope extends Schema.Schema.Type<typeof Envelope> {}

const decodeEnvelope = Answer.decoder(Envelope)
const decodeVoided = Answer.decoder(Schema.Struct({ transactionResponse: VoidedTransaction }))

// The order of the fields is that of the XML schema: in any other they are not understood.
const post = ({ apiLoginId, baseUrl, transactionKey }: Connection, name: string, paymentId: string, fields: object) =>
  Request.make(
    "POST",
    Input.resource(baseUrl),
    { "accept": "application/json", "accept-encoding": "identity" },
    HttpBody.unsafeJson({
      [name]: {
        merchantAuthentication: { name: apiLoginId, transactionKey: Redacted.value(transactionKey) },
        // It is echoed, so an answer shows which transaction it is about, even if it says nothing else.
        refId: paymentId,
        ...fields
      }
    })
  )

/** `createTransactionRequest` of a `voidTransaction`. */
export const cancel = (connection: Connection, { paymentId }: CancelRequest): HttpClientRequest.HttpClientRequest =>
  post(connection, "createTransactionRequest", paymentId, {
    transactionRequest: { transactionType: "voidTransaction", refTransId: paymentId }
  })

/** `getTransactionDetailsRequest` */
export const status = (connection: Connection, paymentId: string): HttpClientRequest.HttpClientRequest =>
  post(connection, "getTransactionDetailsRequest", paymentId, { transId: paymentId })

/** Of one that is alone the list may be left out. */
const listed = (list: Option.Option<unknown>): ReadonlyArray<unknown> => Option.toArray(list).flat()

const textOf = (item: unknown, name: string): ReadonlyArray<string> => {
  const text = Predicate.hasProperty(item, name) ? item[name] : undefined
  return Predicate.isString(text) || Predicate.isNumber(text) ? [String(text)] : []
}

const textsIn = (list: Option.Option<unknown>, name: string): ReadonlyArray<string> =>
  listed(list).flatMap((item) => textOf(item, name))

const resultCode = ({ messages }: Envelope) => Option.flatMap(messages, ({ resultCode }) => resultCode)

const isOk = (envelope: Envelope): boolean => Option.contains(resultCode(envelope), "Ok")

const isApproved = ({ transactionResponse }: Envelope): boolean =>
  Option.exists(transactionResponse, ({ responseCode }) => Option.contains(responseCode, "1"))

const messagesOfRequest = ({ messages }: Envelope): Option.Option<unknown> => Option.flatMap(messages, ({ message }) => message)

const messagesOfTransaction = ({ transactionResponse }: Envelope): Option.Option<unknown> =>
  Option.flatMap(transactionResponse, ({ messages }) => messages)

const errorsOfTransaction = ({ transactionResponse }: Envelope): Option.Option<unknown> =>
  Option.flatMap(transactionResponse, ({ errors }) => errors)

/** The message of every transaction that was approved. */
const approved = "1"

/** Whether everything that is said of the transaction is that it was approved. What cannot be read may say anything. */
const isOnlyApproved = (envelope: Envelope): boolean =>
  listed(messagesOfTransaction(envelope)).every((message) => textOf(message, "code").includes(approved))

/** Says only that there is an error, which is then named in `errors`. */
const unsuccessful = "E00027"

/** The codes about the transaction: also those that come with an approval, such as "already voided". */
const codesOfTransaction = (envelope: Envelope): ReadonlyArray<string> => [
  ...textsIn(errorsOfTransaction(envelope), "errorCode"),
  ...textsIn(messagesOfTransaction(envelope), "code").filter((code) => code !== approved)
]

/** The code of what is no error, such as I00001 of a request that was understood. */
const isInformation = (code: string): boolean => code.startsWith("I")

/** The codes about the request: beside "Ok" only those of errors. */
const codesOfRequest = (envelope: Envelope): ReadonlyArray<string> =>
  textsIn(messagesOfRequest(envelope), "code").filter((code) => !isOk(envelope) || !isInformation(code))

/** The codes of an answer, the most telling first. */
const codesIn = (envelope: Envelope): ReadonlyArray<string> => {
  const ofTransaction = codesOfTransaction(envelope)
  const ofRequest = codesOfRequest(envelope)
  return [...ofTransaction, ...ofRequest.filter((code) => code !== unsuccessful || ofTransaction.length === 0)]
}

const wordsIn = (envelope: Envelope): ReadonlyArray<string> => [
  ...textsIn(errorsOfTransaction(envelope), "errorText"),
  ...textsIn(messagesOfTransaction(envelope), "description"),
  ...textsIn(messagesOfRequest(envelope), "text")
]

/** What an answer names as its transaction. */
const namedIn = ({ refId, transactionResponse }: Envelope): ReadonlyArray<unknown> =>
  [
    ...Option.toArray(refId),
    ...Option.toArray(Option.flatMap(transactionResponse, ({ refTransID }) => refTransID)),
    // Of a void that was not carried out it is 0.
    ...Option.toArray(Option.flatMap(transactionResponse, ({ transId }) => transId)).filter((id) => id !== "0" && id !== 0)
  ].filter((named) => named !== "")

/** An answer may name its transaction several times, and each of them has to be the one that was asked for. */
const isAbout = (paymentId: string) => (envelope: Envelope): boolean =>
  namedIn(envelope).every((named) => named === paymentId || (Predicate.isNumber(named) && String(named) === paymentId))

const envelopeIn = ({ body }: Answer.Answer): Option.Option<Envelope> => Option.flatMap(body, decodeEnvelope)

const refusalIn = (envelope: Envelope): Option.Option<Answer.Refusal> => {
  const codes = codesIn(envelope)
  if (codes.length === 0 && !Option.contains(resultCode(envelope), "Error")) return Option.none()
  return Option.some({ code: null, codes, message: wordsIn(envelope)[0] ?? null, details: { codes } })
}

/** What is among the errors is one, whatever it is; and a message about the request that is not known to be none. */
const hasErrors = (envelope: Envelope): boolean =>
  !isOk(envelope) ||
  !listed(messagesOfRequest(envelope)).every((message) => textOf(message, "code").some(isInformation)) ||
  listed(errorsOfTransaction(envelope)).length > 0

const live: ReadonlyArray<unknown> = ["0", 0, "false", false, ""]

/** In test mode a void is approved, and nothing happens. */
const isReal = ({ transactionResponse }: Envelope): boolean =>
  !Option.exists(transactionResponse, ({ testRequest }) => Option.exists(testRequest, (flag) => !live.includes(flag)))

/** "Already voided": the one code that is a proof, so it counts only where an approval would. */
const alreadyVoided = "310"

/** Whether every message about the transaction has a code that can be read. */
const isLegible = (envelope: Envelope): boolean =>
  listed(messagesOfTransaction(envelope)).every((message) => textOf(message, "code").length > 0)

const provesNothing = (envelope: Envelope): boolean =>
  codesIn(envelope).includes(alreadyVoided) &&
  !(isApproved(envelope) && isReal(envelope) && isLegible(envelope))

/**
 * Whether an answer refuses at all. One about another transaction does not. Nor does one that says
 * both that there is an error and that the void was approved: so it was seen to be answered where
 * the void was carried out. Nor one that says "already voided" in test mode, or without an approval.
 */
export const isRefusing = (answer: Answer.Answer, paymentId: string): boolean =>
  Option.exists(envelopeIn(answer), (envelope) =>
    isAbout(paymentId)(envelope) && !(isApproved(envelope) && hasErrors(envelope)) && !provesNothing(envelope))

/** What every answer may bear. */
const common = (answer: Answer.Answer) => ({
  ...Answer.nothing,
  refusal: Option.flatMap(envelopeIn(answer), refusalIn)
})

/** A void is answered with its approval, which has no status beside it, or with an error. */
export const readVoid = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<VoidedTransaction>> => ({
  ...common(answer),
  payment: envelopeIn(answer).pipe(
    Option.filter((envelope) =>
      !hasErrors(envelope) && isReal(envelope) && isAbout(paymentId)(envelope) && isOnlyApproved(envelope)),
    Option.flatMap(() => Option.flatMap(answer.body, decodeVoided)),
    Option.filter(({ transactionResponse }) => transactionResponse.transId === paymentId),
    Option.map(({ transactionResponse }) => ({
      ...Answer.stated("voided"),
      payload: Option.some(transactionResponse)
    }))
  )
})

/** A status query is answered with the transaction, or with an error. */
export const readTransaction = (
  answer: Answer.Answer,
  paymentId: string
): Answer.Reading<Answer.StatesPayment<VoidedTransaction>> => ({
  ...common(answer),
  payment: envelopeIn(answer).pipe(
    Option.filter((envelope) => !hasErrors(envelope) && isAbout(paymentId)(envelope)),
    Option.flatMap(({ transaction }) => transaction),
    Option.filter(({ transId }) => transId === paymentId),
    Option.map(({ transactionStatus }) => Answer.stated(transactionStatus))
  )
})
