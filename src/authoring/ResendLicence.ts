/**
 * When a cancel request that may have been applied may be sent again.
 *
 * @since 0.1.0
 */

/**
 * Why it is in doubt whether a cancel request was applied.
 *
 * - `NoAnswer`: it was sent, and no whole answer came.
 * - `ServerError`: the provider answered with a 5xx.
 * - `StillRunning`: the provider says that a request under our key is still being worked on, or
 *   leaves that open: by a code, or by a status alone (`stillRunning` of the licence).
 * - `Unproven`: an answer came that proves nothing: a redirect, a 408, a 2xx that does not
 *   decode, names another payment, or does not say that the payment is cancelled.
 * - `Unconfirmed`: the answer is the documented success, but states nothing of the payment (a 204),
 *   and the status query has not shown it.
 *
 * @since 0.1.0
 * @category models
 */
export type Doubt = "NoAnswer" | "ServerError" | "StillRunning" | "Unproven" | "Unconfirmed"

/**
 * A provider's licence to send the same bytes under the same key again, as data.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResendLicence {
  /**
   * The doubts it covers. Where a doubt is not covered the status is read, and the request is not
   * sent again.
   */
  readonly after: ReadonlyArray<Doubt>
  /**
   * The 4xx statuses with which it answers while an earlier request under the same key is being
   * worked on, none unless given. With one of them, whatever the body holds, that request may yet
   * cancel the payment: the doubt is `StillRunning`. Only a code that the error table lists as
   * refusing *with this very status* is believed all the same.
   */
  readonly stillRunning?: ReadonlyArray<number>
  /**
   * Whether the provider honours an idempotency key on cancel; `Inferred` when it does on its other
   * calls.
   */
  readonly key: "Honoured" | "Inferred" | "None"
  /**
   * What it answers under a key it has seen: the final answer only, every answer (stored 5xx too,
   * so that a resend after a received 5xx can only repeat it), or nothing.
   */
  readonly replays: "FinalAnswers" | "EveryAnswer" | "Nothing"
  /** Where the provider says so. */
  readonly source: string
}
