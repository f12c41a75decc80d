/**
 * Reads a payment's status outside of a cancel. A query changes nothing, so it is repeated
 * within the policy whenever another try may fare better.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { CancelPolicy } from "../CancelPolicy.js"
import type { Vocabulary } from "../authoring/Answer.js"
import * as Decision from "./decision.js"
import * as Evidence from "./evidence.js"
import * as Exchange from "./exchange.js"
import { EngineParts, type Query } from "./run.js"
import { startStopwatch } from "./stopwatch.js"

/** What the last query proved, and how many there were. */
export interface Queried<V extends Vocabulary> {
  readonly evidence: Evidence.StatusEvidence<V>
  readonly attempts: number
  readonly at: DateTime.Utc
}

/** A whole answer is final, unless it only asks for patience. */
const isWorthAnother = ({ httpStatus }: Evidence.Trace): boolean =>
  Option.match(httpStatus, {
    onNone: () => true,
    onSome: (status) => status >= 500 || status === 408 || status === 429
  })

/**
 * Queries the status until it is read, refused, or the policy's bounds are reached.
 */
export const queryStatus = <V extends Vocabulary>(options: {
  readonly client: HttpClient.HttpClient
  readonly policy: CancelPolicy
  readonly query: Pick<Query<unknown, V>, "request" | "judge">
}): Effect.Effect<Queried<V>> =>
  Effect.gen(function*() {
    const { client, policy, query } = options
    const { judgeTransport } = yield* EngineParts
    const elapsed = yield* startStopwatch
    let attempts = 0
    while (true) {
      const transmission = yield* Exchange.exchange({
        client,
        request: query.request,
        timeout: Math.min(policy.statusTimeout, Math.ceil(policy.deadline - (yield* elapsed))),
        maximumBytes: policy.maximumBodyBytes,
        judgeTransport
      })
      attempts += 1
      const at = yield* DateTime.now
      const evidence = Evidence.judgeStatus(query.judge, transmission, at.epochMillis)
      const result = { evidence, attempts, at }
      if (attempts >= policy.statusReads || !isWorthAnother(evidence.trace)) return result
      const jitter = yield* Random.next
      const left = Math.floor(policy.deadline - (yield* elapsed))
      const delay = Decision.waitBeforeStatus({ policy, jitter, left }, attempts - 1, evidence.trace)
      if (Option.isNone(delay)) return result
      yield* Effect.sleep(Duration.millis(delay.value))
    }
  })
