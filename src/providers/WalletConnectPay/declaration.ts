/**
 * What WalletConnect Pay declares: its facts, and its operations.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Answer from "../../authoring/Answer.js"
import * as Errors from "../../authoring/Errors.js"
import * as Input from "../../authoring/Input.js"
import type * as Provider from "../../authoring/Provider.js"
import * as Successes from "../../authoring/Successes.js"
import type { Connection, Credentials } from "./options.js"
import * as errors from "./errors.js"
import * as Wire from "./wire.js"

const secrets = (credentials: Credentials): ReadonlyArray<string> => {
  switch (credentials._tag) {
    case "ApiKey":
      return [Redacted.value(credentials.apiKey)]
    case "AppId":
      return [credentials.appId, credentials.clientId]
    case "Merchant":
      return [Redacted.value(credentials.apiKey), credentials.merchantId]
  }
}

/** @internal */
export const declaration: Provider.Declaration<"WalletConnectPay", Connection, Errors.ErrorsIn<typeof errors>> = {
  provider: "WalletConnectPay",
  errors: Errors.catalogue(errors),
  // The provider's documented advice: 3 tries, 100 ms, doubling, jitter. Its clients wait 30 s.
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
  standings: {
    requires_action: "Cancellable",
    // It can only become succeeded, failed or expired.
    processing: "Closed",
    succeeded: "Closed",
    failed: "Closed",
    expired: "Closed",
    cancelled: "Cancelled"
  },
  longestIdempotencyKey: 255,
  secrets: ({ credentials }) => secrets(credentials)
}

/** @internal */
export const statusQuery: Provider.StatusQuery<Connection, Answer.StatesPayment<never>> = {
  request: Wire.status,
  read: Wire.readStatus
}

/** @internal */
export const cancelOperation: Provider.Operation<
  Connection,
  Wire.CancelRequest,
  Answer.StatesPayment<Wire.CancelledPayment>,
  Successes.Synchronous<"WalletConnectPay", Wire.CancelledPayment>
> = {
  name: "cancel",
  identifiedBy: "PaymentId",
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Wire.CancelRequest),
  licence: ({ credentials }) =>
    credentials._tag === "Merchant"
      ? {
        after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
        // The answer while a request is running is not documented. The draft standard of the header
        // is assumed to apply.
        stillRunning: [409],
        key: "Honoured",
        replays: "FinalAnswers",
        source: "WalletConnect Pay's API reference: Idempotency-Key on the merchant's cancel; that a 409 without one of " +
          "its codes may mean a request that still runs is inferred from the IETF's draft of that header, and from the " +
          "key itself that it may be sent again after an answer that proves nothing"
      }
      : {
        after: ["NoAnswer", "ServerError"],
        key: "None",
        replays: "Nothing",
        source: "WalletConnect Pay's documented advice: retry 5xx and network failures"
      },
  request: Wire.cancel,
  read: Wire.readCancel,
  statusQuery: Option.some(statusQuery),
  successes: Successes.synchronous("WalletConnectPay")
}
