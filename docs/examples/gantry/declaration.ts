/**
 * What Gantry declares: its facts, and its operations.
 */
import { Option, Redacted } from "effect"
import type * as Answer from "effect-payment-cancel/authoring/Answer"
import * as Errors from "effect-payment-cancel/authoring/Errors"
import * as Input from "effect-payment-cancel/authoring/Input"
import type * as Provider from "effect-payment-cancel/authoring/Provider"
import * as Successes from "effect-payment-cancel/authoring/Successes"
import * as errors from "./errors.js"
import type { Connection } from "./options.js"
import * as Wire from "./wire.js"
import * as Xml from "./xml.js"

// #region declaration
const catalogue = Errors.catalogue(errors)

/** The row of each of an answer's codes says what it stands for. What nobody has listed stands for nothing. */
const standsFor = (answer: Answer.Answer): number => {
  const { refusal } = Wire.read(answer, "")
  const code = Option.flatMapNullable(refusal, (_) => Errors.withTellingCode(catalogue, _).code)
  const entry = Option.flatMapNullable(code, (_) => catalogue.byCode.get(_))
  return Option.match(entry, { onNone: () => answer.status, onSome: ({ row }) => row.httpStatus[0] })
}

export const declaration: Provider.Declaration<"Gantry", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "Gantry",
  errors: catalogue,
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 100, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 100_000,
    maximumBodyBytes: 1_048_576
  },
  standings: { AUTHORISED: "Cancellable", SETTLED: "Closed", REVERSED: "Cancelled" },
  longestIdempotencyKey: 36,
  secrets: ({ merchant, password }) => [merchant, Redacted.value(password)],
  decode: Xml.decode,
  standsFor
}
// #endregion

export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<Wire.Transaction>> = {
  request: Wire.status,
  read: Wire.read
}

export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.Transaction>,
  Successes.Synchronous<"Gantry", Wire.Transaction>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  // No key is honoured, and nothing is said about reversing twice: the status is read instead.
  licence: () => ({ after: [], key: "None", replays: "Nothing", source: "Gantry's XML guide says nothing about it" }),
  request: Wire.cancel,
  read: Wire.read,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("Gantry")
}
