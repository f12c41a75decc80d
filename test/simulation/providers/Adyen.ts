/** Adyen: a request is taken in and decided later; there is no status to read, and the outcome comes by webhook. */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Notification from "../../../src/Notification.js"
import * as Connection from "../../../src/providers/Adyen/options.js"
import * as Declaration from "../../../src/providers/Adyen/declaration.js"
import * as Adyen from "../../../src/providers/Adyen/notification.js"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import * as Emulators from "../../../src/sandbox/emulators/index.js"
import { type Facts, library, text, usual } from "../facts.js"
import { signed } from "../webhooks.js"

const { apiKey, merchantAccount } = Emulators.Adyen.credentials

const connection = Either.getOrThrow(Connection.connect({ apiKey: Redacted.make(apiKey), merchantAccount }))

const byPspReference = library(
  Declaration.declaration,
  Declaration.cancelOperation,
  ({ identifier, idempotencyKey }) => ({ paymentId: identifier, idempotencyKey }),
  connection
)

const byMerchantReference = library(
  Declaration.declaration,
  Declaration.cancelByMerchantReferenceOperation,
  ({ identifier, idempotencyKey }) => ({ merchantReference: identifier, idempotencyKey }),
  connection
)

const reversal = library(
  Declaration.declaration,
  Declaration.cancelOrRefundOperation,
  ({ identifier, idempotencyKey }) => ({ paymentId: identifier, idempotencyKey }),
  connection
)

/** What is chosen for every payment besides its status. */
interface Particulars extends Emulator.CreateOptions {
  readonly decidesIn?: Duration.DurationInput
  readonly merchantReference?: string
}

const merchantReference = "order-1042"

/** What is alike in all three operations but for the field that names the payment. */
const answering = (named: "paymentPspReference" | "paymentReference"): Omit<Facts, "policy" | "cancel"> => ({
  ...usual,
  emulator: ({ decidesIn }) => {
    const emulator: Emulator.Emulator<Particulars> = Emulators.Adyen.make()
    return { ...emulator, create: (options, at) => emulator.create({ ...options, decidesIn, merchantReference }, at) }
  },
  provider: "Adyen",
  secrets: [apiKey, merchantAccount],
  standings: { authorised: "Cancellable", captured: "Closed", cancelled: "Cancelled", refunded: "Closed", expired: "Closed" },
  cancelled: "cancelled",
  cancellable: "authorised",
  acts: { PaymentSucceeds: "captured", Expires: "expired", CancelsElsewhere: "cancelled" },
  keyHeader: "idempotency-key",
  licence: ["NoAnswer", "StillRunning"],
  stillRunning: [409],
  sendAgainHeader: "transient-error",
  refusals: [
    { code: "167", status: 422, about: "Payment", tryAgain: false },
    { code: "702", status: 400, about: "Request", tryAgain: false },
    { code: "000", status: 401, about: "Request", tryAgain: false },
    { code: "901", status: 403, about: "Request", tryAgain: false }
  ],
  doubtful: [
    { code: "704", status: 422, doubt: "StillRunning" },
    { code: "703", status: 503, doubt: "Unproven" },
    { code: "905", status: 500, doubt: "Unproven" }
  ],
  hasStatusQuery: false,
  namesPayment: { Cancel: true, Status: false },
  payment: (identifier, status) => ({ merchantAccount, [named]: identifier, status }),
  error: (errorCode, message, payment) => ({
    ...payment,
    status: 422,
    ...(errorCode === null ? {} : { errorCode }),
    message,
    errorType: "validation"
  }),
  readCode: ({ errorCode }) => text(errorCode),
  readStatus: () => null,
  receipts: {
    success: "CancellationAccepted",
    make: (identifier) => ({ merchantAccount, [named]: identifier, pspReference: "NOBODYSREFERENCE", status: "received" }),
    isOne: (body, identifier) =>
      body["status"] === "received" && body[named] === identifier && body["merchantAccount"] === merchantAccount,
    referenceIn: ({ pspReference }) => text(pspReference)
  },
  webhooks: {
    provider: signed(Emulators.Adyen),
    tolerance: 31 * 86_400_000,
    isCancellation: () => true,
    forge: (body) =>
      body.includes('"success":"true"')
        ? body.replace('"success":"true"', '"success":"false"')
        : body.replace('"success":"false"', '"success":"true"'),
    read: Adyen.notification,
    confirm: Notification.confirm
  },
  requestIdHeader: "pspreference",
  requestIdIn: ({ pspReference }) => text(pspReference)
})

export const cancelPayment: Facts = {
  ...answering("paymentPspReference"),
  policy: byPspReference.policy,
  cancel: byPspReference.cancel(() => cancelPayment)
}

export const cancelByMerchantReference: Facts = {
  ...answering("paymentReference"),
  identifiedBy: "MerchantReference",
  identifier: () => merchantReference,
  canBeNamedBefore: true,
  policy: byMerchantReference.policy,
  cancel: byMerchantReference.cancel(() => cancelByMerchantReference)
}

export const cancelOrRefund: Facts = {
  ...answering("paymentPspReference"),
  policy: reversal.policy,
  cancel: reversal.cancel(() => cancelOrRefund)
}
