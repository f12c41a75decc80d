/**
 * Evidence by hand, for the tables of the decision.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { CancelPolicy } from "../../src/CancelPolicy.js"
import type { Round, Situation } from "../../src/engine/decision.js"
import type { CancelEvidence, Stated, StatusEvidence, Trace } from "../../src/engine/evidence.js"
import type { Standing } from "../../src/authoring/Answer.js"
import type { Doubt } from "../../src/authoring/ResendLicence.js"
import type { E, V } from "./arbitrary.js"

type Of<Tag extends CancelEvidence<E, V>["_tag"]> = Extract<CancelEvidence<E, V>, { _tag: Tag }>

export const trace = (retryAfter?: Duration.DurationInput): Trace => ({
  explanation: "why",
  httpStatus: Option.none(),
  standsFor: Option.none(),
  requestId: Option.none(),
  refusal: Option.none(),
  retryAfter: Option.map(Option.fromNullable(retryAfter), Duration.decode),
  replayed: false
})

/** What is stated: a standing, or `"?"` for a status that nobody has listed. */
export type Says = Standing | "?"

export const stated = (says: Says): Stated<V> => ({
  payment: { status: `status ${says}`, cancelledAt: Option.none(), reason: Option.none(), payload: Option.none() },
  standing: says === "?" ? Option.none() : Option.some(says),
  trace: trace()
})

const maybe = (says: Says | undefined) => says === undefined ? Option.none<Stated<V>>() : Option.some(stated(says))

export const notSent = (transient = true): Of<"NotSent"> => ({
  _tag: "NotSent",
  trace: trace(),
  transient,
  entry: Option.none()
})

export const doubtful = (
  doubt: Doubt = "NoAnswer",
  options: { readonly says?: Says; readonly retryAfter?: Duration.DurationInput; readonly sendAgain?: boolean } = {}
): Of<"MaybeApplied"> => ({
  _tag: "MaybeApplied",
  trace: trace(options.retryAfter),
  doubt,
  sendAgain: Option.fromNullable(options.sendAgain),
  entry: Option.none(),
  stated: maybe(options.says)
})

export const refused = (
  about: "Request" | "Payment",
  options: {
    readonly tryAgain?: boolean
    readonly sendAgain?: boolean
    readonly says?: Says
    readonly retryAfter?: Duration.DurationInput
  } = {}
): Of<"Refused"> => ({
  _tag: "Refused",
  trace: trace(options.retryAfter),
  entry: Option.none(),
  about,
  tryAgain: options.tryAgain ?? options.sendAgain ?? false,
  sendAgain: Option.fromNullable(options.sendAgain),
  stated: maybe(options.says)
})

export const acknowledged: Of<"Acknowledged"> = {
  _tag: "Acknowledged",
  trace: trace(),
  payment: stated("Cancelled").payment
}

export const accepted: Of<"Accepted"> = { _tag: "Accepted", trace: trace(), receipt: "receipt" }

export const read = (says: Says): StatusEvidence<V> => ({ _tag: "StatusRead", trace: trace(), stated: stated(says) })

export const unread = (retryAfter?: Duration.DurationInput): StatusEvidence<V> => ({
  _tag: "StatusUnread",
  trace: trace(retryAfter)
})

export const round = (cancel: CancelEvidence<E, V>, ...reads: ReadonlyArray<StatusEvidence<V>>): Round<E, V> => ({
  cancel,
  reads
})

export const policy: CancelPolicy = {
  attempts: 3,
  attemptTimeout: 10_000,
  statusReads: 3,
  statusTimeout: 4_000,
  backoff: { initial: 100, factor: 2, maximum: 1_000, jitter: 0.5 },
  maximumRetryAfter: 20_000,
  deadline: 60_000,
  maximumBodyBytes: 1_000
}

export const situation = (
  rounds: ReadonlyArray<Round<E, V>>,
  options: {
    readonly after?: ReadonlyArray<Doubt>
    readonly canReadStatus?: boolean
    readonly policy?: Partial<CancelPolicy>
    readonly elapsed?: number
    readonly jitter?: number
  } = {}
): Situation<E, V> => ({
  rules: {
    licence: {
      after: options.after ?? ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
      key: "Honoured",
      replays: "FinalAnswers",
      source: "made up"
    },
    canReadStatus: options.canReadStatus ?? true
  },
  policy: { ...policy, ...options.policy },
  rounds,
  elapsed: options.elapsed ?? 1_000,
  jitter: options.jitter ?? 0
})
