/**
 * Reads a payment's status outside of a cancel. A query changes nothing, so it is repeated
 * within the policy whenever another try may fare better.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { CancelPolicy } from "../CancelPolicy.js"
import type { Vocabulary } from "../authoring/Answer.js"
import { Admission, type DeclaredLimits } from "../Admission.js"
import { asking, outcomeOf } from "./admission.js"
import type { Authorizer } from "./authorizer.js"
import * as Decision from "./decision.js"
import * as Evidence from "./evidence.js"
import * as Exchange from "./exchange.js"
import { EngineParts, isAskedFor, type Query } from "./run.js"
import { stopwatch } from "./stopwatch.js"
import { now } from "./surroundings.js"
import * as Telemetry from "./telemetry.js"

/** What the last query proved, and how many there were. */
export interface Queried<V extends Vocabulary> {
  readonly evidence: Evidence.StatusEvidence<V>
  readonly attempts: number
  readonly at: DateTime.Utc
}

/** A whole answer is final, unless it only asks for patience. */
const isWorthAnother = ({ standsFor }: Evidence.Trace): boolean =>
  Option.match(standsFor, {
    onNone: () => true,
    onSome: (status) => status >= 500 || status === 408 || status === 429
  })

const tooLateTrace = Evidence.silent("there was no room for the status query in time")

const tooLate = { evidence: { _tag: "StatusUnread", trace: tooLateTrace }, trace: tooLateTrace, again: true } as const

/** What came of one query; `again` where another may fare better. */
interface Asked<V extends Vocabulary> {
  readonly evidence: Evidence.StatusEvidence<V>
  readonly trace: Evidence.Trace
  readonly again: boolean
}

/** A status query, ready to be carried out. */
interface Plan<E, V extends Vocabulary> {
  readonly provider: string
  readonly limits?: DeclaredLimits | undefined
  readonly client: HttpClient.HttpClient
  readonly policy: CancelPolicy
  readonly decode: Exchange.Decode
  readonly authorizer: Authorizer<E>
  readonly query: Pick<Query<unknown, V>, "request" | "judge">
  readonly watch: Telemetry.Watch
}

/**
 * Queries the status until it is read, refused, or the policy's bounds are reached.
 */
export const queryStatus = Effect.fnUntraced(
  function*<E, V extends Vocabulary>(plan: Plan<E, V>): Effect.fn.Return<Queried<V>> {
    const { authorizer, client, decode, policy, query, watch } = plan
    const { judgeTransport } = yield* EngineParts
    const admission = yield* Admission
    const askForRoom = asking(admission, plan)
    const { surroundings } = watch
    const elapsed = stopwatch(surroundings.clock)
    const session = authorizer.session(surroundings.clock)
    const bounds = { maximumBytes: policy.maximumBodyBytes, judgeTransport }

    /** Performs one exchange, and notes what came of it. */
    const exchange = <A extends { readonly _tag: Telemetry.Seen["evidence"]; readonly trace: Evidence.Trace }>(
      upcoming: Telemetry.Upcoming,
      perform: Effect.Effect<A>
    ): Effect.Effect<A> => {
      const seen = ({ _tag, trace }: A): Telemetry.Seen => ({ operation: upcoming.exchange, evidence: _tag, ...trace })
      const noted = Effect.map(perform, (performed) => {
        Telemetry.exchanged(watch, seen(performed))
        return performed
      })
      return Telemetry.exchanging(watch, upcoming, () => noted, seen)
    }

    /** One query. */
    const send = (request: HttpClientRequest.HttpClientRequest, timeout: number, mayRenew: boolean) =>
      Effect.suspend(() => {
        const asked = elapsed()
        return Effect.flatMap(askForRoom({ operation: "Status", attempt: 0, repeats: false }, timeout), (room): Effect.Effect<Asked<V>> => {
          const left = Math.ceil(timeout - (elapsed() - asked))
          if (room !== "Admitted" || left < 1) return Effect.succeed(tooLate)
          const read = exchange(
            { exchange: "Status", request },
            Effect.map(
              Exchange.exchange({ client, request, timeout: left, decode, ...bounds }),
              (transmission) => Evidence.judgeStatus(query.judge, transmission, now(surroundings).epochMillis)
            )
          )
          return Effect.map(
            admission === null ? read : Effect.tap(read, (evidence) =>
              admission.ended(outcomeOf("Status", evidence, now(surroundings).epochMillis))),
            (evidence) => {
              const { trace } = evidence
              return { evidence, trace, again: isWorthAnother(trace) || (mayRenew && Option.contains(trace.standsFor, 401)) }
            }
          )
        })
      })

    const queryOnce = (timeout: number) =>
      session.exchange<Asked<V>>({
        request: query.request,
        bounds: { timeout, ...bounds },
        fetching: (fetch, request) =>
          Effect.zipRight(
            askForRoom({ operation: "Authorization", attempt: 0, repeats: false }, timeout),
            exchange({ exchange: "Authorization", request }, fetch)
          ),
        send,
        unsent: ({ trace, transient }) =>
          Effect.map(
            exchange({ exchange: "Status", request: query.request }, Effect.succeed({ _tag: "StatusUnread", trace } as const)),
            (evidence) => ({ evidence, trace, again: transient })
          )
      })

    let attempts = 0
    while (true) {
      const { again, evidence } = yield* queryOnce(
        Math.min(policy.statusTimeout, Math.ceil(policy.deadline - elapsed()))
      )
      attempts += 1
      const result = { evidence, attempts, at: now(surroundings) }
      if (attempts >= policy.statusReads || !again) return result
      const jitter = yield* Random.next
      const left = Math.floor(policy.deadline - elapsed())
      const delay = Decision.waitBeforeStatus({ policy, jitter, left }, attempts - 1, evidence.trace)
      if (Option.isNone(delay)) return result
      Telemetry.decided(watch, "Status")
      Telemetry.waiting(watch, "Status", delay.value, isAskedFor(delay.value)(evidence.trace))
      yield* Effect.sleep(Duration.millis(delay.value))
    }
  }
)
