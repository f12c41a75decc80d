/** Square: no key, no licence; and a cancel by the creation's key, which is answered with `{}` whatever it did. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Connection from "../../../src/providers/Square/options.js"
import * as Declaration from "../../../src/providers/Square/declaration.js"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import * as Emulators from "../../../src/sandbox/emulators/index.js"
import { type Facts, library, text, usual } from "../facts.js"

const { accessToken } = Emulators.Square.credentials

const connection = Either.getOrThrow(Connection.connect({ accessToken: Redacted.make(accessToken) }))

const byPaymentId = library(
  Declaration.declaration,
  Declaration.cancelOperation,
  ({ identifier, idempotencyKey }) => ({ paymentId: identifier, idempotencyKey }),
  connection
)

const byCreationKey = library(
  Declaration.declaration,
  Declaration.cancelByCreationKeyOperation,
  ({ identifier, idempotencyKey }) => ({ creationKey: identifier, idempotencyKey }),
  connection
)

/** What is chosen for a payment besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly creationKey?: string
}

const creationKey = "creation-of-order-1042"

const errorsIn = ({ errors }: JsonObject): ReadonlyArray<unknown> => Array.isArray(errors) ? errors : []

export const cancelPayment: Facts = {
  ...usual,
  emulator: () => Emulators.Square.make(),
  provider: "Square",
  secrets: [accessToken],
  standings: { APPROVED: "Cancellable", PENDING: "Cancellable", COMPLETED: "Closed", FAILED: "Closed", CANCELED: "Cancelled" },
  cancelled: "CANCELED",
  cancellable: "APPROVED",
  acts: { PaymentSucceeds: "COMPLETED", PaymentFails: "FAILED", Expires: "CANCELED", CancelsElsewhere: "CANCELED" },
  keyHeader: null,
  licence: [],
  refusals: [
    { code: "BAD_REQUEST", status: 400, about: "Payment", tryAgain: false },
    { code: "DELAYED_TRANSACTION_CANCELED", status: 400, about: "Payment", tryAgain: false },
    { code: "DELAYED_TRANSACTION_FAILED", status: 400, about: "Payment", tryAgain: false },
    { code: "CONFLICT", status: 409, about: "Payment", tryAgain: false },
    { code: "NOT_FOUND", status: 404, about: "Request", tryAgain: false },
    { code: "UNAUTHORIZED", status: 401, about: "Request", tryAgain: false },
    { code: "RATE_LIMITED", status: 429, about: "Request", tryAgain: true }
  ],
  doubtful: [
    { code: "INTERNAL_SERVER_ERROR", status: 500, doubt: "Unproven" },
    { code: "GATEWAY_TIMEOUT", status: 504, doubt: "Unproven" }
  ],
  namesPayment: { Cancel: true, Status: true },
  payment: (id, status) => ({ payment: { id, status, amount_money: { amount: 1000, currency: "USD" } } }),
  error: (code, detail, payment) => ({
    ...payment,
    errors: [{ category: "INVALID_REQUEST_ERROR", ...(code === null ? {} : { code }), detail, field: "f" }]
  }),
  readCode: (body) => errorsIn(body).filter(isObject).map(({ code }) => text(code)).find((code) => code !== null) ?? null,
  readStatus: (_, body, id) => {
    const { payment } = body
    return errorsIn(body).length === 0 && isObject(payment) && payment["id"] === id ? text(payment["status"]) : null
  },
  requestIdHeader: "x-request-id",
  policy: byPaymentId.policy,
  cancel: byPaymentId.cancel(() => cancelPayment)
}

export const cancelByCreationKey: Facts = {
  ...cancelPayment,
  emulator: () => {
    const emulator: Emulator.Emulator<Particulars> = Emulators.Square.make()
    return { ...emulator, create: (options, at) => emulator.create({ ...options, creationKey }, at) }
  },
  identifiedBy: "CreationKey",
  identifier: () => creationKey,
  canBeNamedBefore: true,
  hasStatusQuery: false,
  namesPayment: { Cancel: false, Status: false },
  readStatus: () => null,
  receipts: {
    success: "CancellationAcknowledged",
    make: () => ({}),
    isOne: (body) => Object.keys(body).every((member) => member === "errors") && errorsIn(body).length === 0,
    referenceIn: () => null
  },
  cancel: byCreationKey.cancel(() => cancelByCreationKey)
}
