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

/** Nothing was asked. */
const notAsked = { _tag: "StatusUnread", trace: Evidence.silent("there was no room for the status query in time"), neverAsked: true } as const

/** What came of one query; `again` where another may fare better. */
interface Asked<V extends Vocabulary> {
  readonly evidence: Evidence.StatusEvidence<V>
  readonly trace: Evidence.Trace
  readonly again: boolean
}

/** What an exchange came to. */
interface Judged {
  readonly _tag: Telemetry.Seen["evidence"]
  readonly trace: Evidence.Trace
  readonly neverAsked?: true
}

/** A status query, ready to be carried out. */
interface Plan<E, V extends Vocabulary> {
  readonly provider: string
  readonly limits?: DeclaredLimits | undefined
  readonly client: HttpClient.HttpClient
  readonly policy: CancelPolicy
  readonly decode: Exchange.Decode
  readonly authorizer: Authorizer<E> | null
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
    const session = authorizer?.session(surroundings.clock)
    const bounds = { maximumBytes: policy.maximumBodyBytes, judgeTransport }

    /** Performs one exchange, and notes what came of it. */
    const exchange = <A extends Judged>(
      upcoming: Telemetry.Upcoming,
      perform: Effect.Effect<A>
    ): Effect.Effect<A> => {
      const seen = ({ _tag, trace }: A): Telemetry.Seen => ({ operation: upcoming.exchange, evidence: _tag, ...trace })
      const noted = Effect.map(perform, (performed) => {
        Telemetry.exchanged(watch, seen(performed), performed.neverAsked === undefined)
        return performed
      })
      return Telemetry.exchanging(watch, upcoming, () => noted, seen)
    }

    /** Performs one exchange, once there is room for it, in the time that is left; or none, where there is none. */
    const exchangeInTime = <A extends Judged>(
      upcoming: Telemetry.Upcoming,
      timeout: number,
      perform: (left: number) => Effect.Effect<A>,
      tooLate: A
    ): Effect.Effect<A> =>
      Effect.suspend(() => {
        const since = elapsed()
        const operation = upcoming.exchange
        return Effect.flatMap(askForRoom({ operation, attempt: 0, repeats: false }, timeout), (mayLeave) => {
          const left = Math.ceil(timeout - (elapsed() - since))
          if (!mayLeave || left < 1) return Effect.succeed(tooLate)
          const performed = exchange(upcoming, perform(left))
          return admission === null ? performed : Effect.tap(performed, (judged) =>
            admission.ended(outcomeOf(operation, judged, now(surroundings).epochMillis)))
        })
      })

    const send = (request: HttpClientRequest.HttpClientRequest, timeout: number, mayRenew: boolean) =>
      Effect.map(
        exchangeInTime<Evidence.StatusEvidence<V>>({ exchange: "Status", request }, timeout, (left) =>
          Effect.map(
            Exchange.exchange({ client, request, timeout: left, decode, ...bounds }),
            (transmission) => Evidence.judgeStatus(query.judge, transmission, now(surroundings).epochMillis)
          ), notAsked),
        (evidence): Asked<V> => {
          const { trace } = evidence
          return { evidence, trace, again: isWorthAnother(trace) || (mayRenew && Option.contains(trace.standsFor, 401)) }
        }
      )

    const queryOnce = (timeout: number) =>
      session === undefined ? send(query.request, timeout, false) : session.exchange<Asked<V>>({
        request: query.request,
        bounds: { timeout, ...bounds },
        fetching: (fetch, request) =>
          exchangeInTime(
            { exchange: "Authorization", request },
            timeout,
            fetch,
            Evidence.notAuthorized("there was no room for the request for a token in time", true)
          ),
        send,
        unsent: ({ trace, transient }) =>
          Effect.map(
            exchange({ exchange: "Status", request: query.request }, Effect.succeed({ _tag: "StatusUnread", trace, neverAsked: true } as const)),
            (evidence) => ({ evidence, trace, again: transient })
          )
      })

    let result: Queried<V> | undefined
    for (let tries = 1; ; tries++) {
      const time = Math.min(policy.statusTimeout, Math.ceil(policy.deadline - elapsed()))
      const { again, evidence } = time < 1 ? { again: true, evidence: notAsked } : yield* queryOnce(time)
      // Where nothing was asked, what was answered before is what is known.
      if (result !== undefined && evidence === notAsked) return result
      result = { evidence, attempts: watch.queries, at: now(surroundings) }
      if (tries >= policy.statusReads || !again) return result
      const jitter = yield* Random.next
      const left = Math.floor(policy.deadline - elapsed())
      const delay = Decision.waitBeforeStatus({ policy, jitter, left }, tries - 1, evidence.trace)
      if (Option.isNone(delay)) return result
      Telemetry.decided(watch, "Status")
      Telemetry.waiting(watch, "Status", delay.value, isAskedFor(delay.value)(evidence.trace))
      yield* Effect.sleep(Duration.millis(delay.value))
    }
  }
)
