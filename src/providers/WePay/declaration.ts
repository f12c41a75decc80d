/**
 * What WePay declares: its facts and its wire format, in one place.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import * as Input from "../../Input.js"
import type * as Provider from "../../Provider.js"
import type { Connection } from "./connection.js"
import { catalogue, type CodedError } from "./errors.js"
import * as Wire from "./wire.js"

/** @internal */
export const declaration: Provider.Declaration<"WePay", Connection, Wire.CancelRequest, Wire.Payment, CodedError> = {
  provider: "WePay",
  errors: catalogue,
  // WePay bounds a request to 30 s, so it must be given longer than that to answer.
  policy: {
    attempts: 4,
    attemptTimeout: 35_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 500, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  standings: { pending: "Cancellable", canceled: "Cancelled", completed: "Closed", failed: "Closed" },
  licence: () => ({
    after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
    key: "Inferred",
    replays: "FinalAnswers",
    source: "WePay's retry guide: 5xx may be retried, and an identical request under a Unique-Key gets the original " +
      "answer; that cancel honours the key as other calls do is inferred"
  }),
  secrets: ({ appId, appToken }) => [appId, Redacted.value(appToken)],
  checkRequest: Input.check(Wire.CancelRequest),
  cancel: Wire.cancel,
  readCancel: Wire.read,
  status: Wire.status,
  readStatus: Wire.read
}
