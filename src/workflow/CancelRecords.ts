/**
 * What is known of each durable cancel, and of the notifications that may be about one: what an overview of payments in
 * doubt shows, and what pairs a webhook with whoever waits for it.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { IdentifiedBy } from "../CancelError.js"

/**
 * How far a durable cancel is.
 *
 * - `Working`: it was begun, and no call of it has ended in doubt.
 * - `InDoubt`: a call ended with an unknown outcome, which is worked off.
 * - `Accepted`: the provider accepted it, and what became of it is waited for.
 * - `Settled`: it ended, and what is true is known.
 * - `HandedOver`: a person has to see to it, until `close`: it ended in doubt; or for as long as it was tried nothing came
 *   that settles it, but a network that is down, a rate limit, a conflict or refused credentials; or it was refused, and
 *   nobody waited for its result.
 * - `Closed`: it was handed over, and a person has dealt with it.
 *
 * @since 0.1.0
 * @category models
 */
export const State = Schema.Literal("Working", "InDoubt", "Accepted", "Settled", "HandedOver", "Closed")

/**
 * How far a durable cancel is: the type of the schema of the same name, which says what each means.
 *
 * @since 0.1.0
 * @category models
 */
export type State = typeof State.Type

/**
 * The schema of a `CancelRecord`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CancelRecord = Schema.Struct({
  executionId: Schema.String,
  workflow: Schema.String,
  provider: Schema.String,
  identifiedBy: IdentifiedBy,
  paymentId: Schema.String,
  requestId: Schema.String,
  idempotencyKey: Schema.String,
  state: State,
  result: Schema.NullOr(Schema.String),
  found: Schema.NullOr(Schema.String),
  begunAt: Schema.DateTimeUtc,
  changedAt: Schema.DateTimeUtc
})

/**
 * What is known of a durable cancel. No credential and nothing of a payer is in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelRecord {
  /** What to ask for it under. */
  readonly executionId: string
  /** The name of its workflow. */
  readonly workflow: string
  /** The provider. */
  readonly provider: string
  /** What `paymentId` is. */
  readonly identifiedBy: IdentifiedBy
  /** The payment, by what the request names it with. */
  readonly paymentId: string
  /** The caller's own name for the cancel. */
  readonly requestId: string
  /** The key of the logical cancel. */
  readonly idempotencyKey: string
  /** How far it is. */
  readonly state: State
  /** The `_tag` of what the last call ended with; null before one has ended. */
  readonly result: string | null
  /** What the person who closed it found out; null unless it is `Closed`. */
  readonly found: string | null
  /** When it was begun. */
  readonly begunAt: DateTime.Utc
  /** When `state` last changed, or `result`. */
  readonly changedAt: DateTime.Utc
}

/**
 * What names a payment in notifications.
 *
 * @since 0.1.0
 * @category models
 */
export interface Subject {
  /** The provider. */
  readonly provider: string
  /** What `paymentId` is. */
  readonly identifiedBy: IdentifiedBy
  /** The payment. */
  readonly paymentId: string
}

/**
 * A notification about a payment, as it is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Told extends Subject {
  /** The provider's id of the event: the same event is kept once. */
  readonly notificationId: string
  /** The notification, as JSON. */
  readonly notification: string
  /** When it was verified. */
  readonly receivedAt: DateTime.Utc
}

/**
 * One of the authorizations of a workflow of yours.
 *
 * @since 0.1.0
 * @category models
 */
export interface Authorization {
  /** The execution of the workflow. */
  readonly executionId: string
  /** What the authorization is called in it. */
  readonly step: string
}

/**
 * Where the records are kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Begins a record, unless there is one. Gives the one that is there. */
  readonly begin: (record: CancelRecord) => Effect.Effect<CancelRecord>
  /**
   * Notes how far a cancel is. One that has ended is not taken back to `Working`, `InDoubt` or `Accepted` by somebody who stood
   * still meanwhile, and a `Closed` one is not changed at all: see `mayBecome`.
   */
  readonly change: (
    executionId: string,
    change: { readonly state: State; readonly result: string; readonly changedAt: DateTime.Utc }
  ) => Effect.Effect<void>
  /** Closes a record that is `HandedOver`, and gives it; none if there is none that is. */
  readonly close: (
    executionId: string,
    closing: { readonly found: string; readonly changedAt: DateTime.Utc }
  ) => Effect.Effect<Option.Option<CancelRecord>>
  /** The record of one cancel. */
  readonly find: (executionId: string) => Effect.Effect<Option.Option<CancelRecord>>
  /** Every cancel that has not ended about a payment. */
  readonly about: (subject: Subject) => Effect.Effect<ReadonlyArray<CancelRecord>>
  /** Every cancel in one of some states, the oldest first, at most 1,000. */
  readonly inState: (...states: ReadonlyArray<State>) => Effect.Effect<ReadonlyArray<CancelRecord>>
  /** Keeps a notification, unless it is kept already. Gives its place among those about the same payment, from 0. */
  readonly tell: (told: Told) => Effect.Effect<number>
  /** The notifications about a payment, as JSON, in the order of their places. */
  readonly told: (subject: Subject) => Effect.Effect<ReadonlyArray<string>>
  /**
   * Keeps how a workflow has ended for one of its authorizations, as JSON, unless that is kept already. Gives what is kept
   * then. `insteadOf`: that may be kept already, and is replaced.
   */
  readonly end: (authorization: Authorization, ending: string, insteadOf: Option.Option<string>) => Effect.Effect<string>
  /** How a workflow has ended for one of its authorizations, as JSON; none if that is not kept. */
  readonly ended: (authorization: Authorization) => Effect.Effect<Option.Option<string>>
  /**
   * Forgets the cancels that were settled or closed before a time, and the notifications from before it that no other
   * cancel is about. What is handed over stays.
   */
  readonly forget: (before: DateTime.Utc) => Effect.Effect<void>
}

/**
 * What is known of each durable cancel.
 *
 * @since 0.1.0
 * @category services
 */
export class CancelRecords extends Context.Tag("effect-payment-cancel/workflow/CancelRecords")<CancelRecords, Service>() {}

/**
 * The cancels of which it is not known yet whether the payment is cancelled, and those that a person has to see to.
 *
 * @since 0.1.0
 * @category operations
 */
export const doubtful: Effect.Effect<ReadonlyArray<CancelRecord>, never, CancelRecords> = Effect.flatMap(
  CancelRecords,
  (records) => records.inState("InDoubt", "HandedOver")
)

/**
 * There is nothing to close under this id: there is no such record, or it is in another `state`. If that is `Closed`,
 * somebody else was faster, and what they found out stays.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotHandedOver extends Data.TaggedError("CancelRecords.NotHandedOver")<{
  /** What was to be closed. */
  readonly executionId: string
  /** How far it is; none if there is no such record. */
  readonly state: Option.Option<State>
  /** What is wrong, as text for a person. */
  readonly message: string
}> {}

/**
 * Closes a cancel that is `HandedOver`, when a person has found out what is true and has seen to it: it is no longer
 * `doubtful`, and is kept for as long as what is settled. `found` is what they want to be read later: it is kept in clear.
 *
 * It says nothing to the provider, and `outcome` stays what it was. Where the payment is still to be cancelled, start
 * another cancel, under another `requestId`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { CancelRecords } from "effect-payment-cancel/workflow"
 *
 * const closed = CancelRecords.doubtful.pipe(
 *   Effect.map((records) => records.filter(({ state }) => state === "HandedOver")),
 *   Effect.flatMap(Effect.forEach(({ executionId }) => CancelRecords.close(executionId, "is cancelled at the provider")))
 * )
 * ```
 *
 * @since 0.1.0
 * @category operations
 */
export const close = (executionId: string, found: string): Effect.Effect<CancelRecord, NotHandedOver, CancelRecords> =>
  Effect.gen(function*() {
    const records = yield* CancelRecords
    const closed = yield* records.close(executionId, { found, changedAt: yield* DateTime.now })
    if (Option.isSome(closed)) return closed.value
    const state = Option.map(yield* records.find(executionId), (record) => record.state)
    const is = Option.match(state, { onNone: () => "there is no such cancel", onSome: (state) => `it is ${state}` })
    return yield* new NotHandedOver({ executionId, state, message: `nothing is handed over under ${executionId}: ${is}` })
  })

const underWay: ReadonlyArray<State> = ["Working", "InDoubt", "Accepted"]

/**
 * The states in which a record may become one of a state: whoever carries a cancel no longer, and does not know it, takes
 * nothing back of how it ended.
 *
 * @since 0.1.0
 * @category getters
 */
export const mayBecome = (state: State): ReadonlyArray<State> =>
  underWay.includes(state) ? underWay : [...underWay, "Settled", "HandedOver"]

const isDone = ({ state }: CancelRecord) => state === "Settled" || state === "Closed"

const hasEnded = (record: CancelRecord) => isDone(record) || record.state === "HandedOver"

/** Nothing else is in a subject's fields than text, so no two subjects have the same. */
const keyOf = ({ identifiedBy, paymentId, provider }: Subject): string => JSON.stringify([provider, identifiedBy, paymentId])

const keyOfStep = ({ executionId, step }: Authorization): string => JSON.stringify([executionId, step])

interface Memory {
  readonly records: HashMap.HashMap<string, CancelRecord>
  readonly told: HashMap.HashMap<string, ReadonlyArray<Told>>
  readonly endings: HashMap.HashMap<string, string>
}

/**
 * Records that last as long as the layer: for tests, with `WorkflowEngine.layerMemory`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<CancelRecords> = Layer.effect(
  CancelRecords,
  Effect.map(Ref.make<Memory>({ records: HashMap.empty(), told: HashMap.empty(), endings: HashMap.empty() }), (memory): Service => {
    const all = Effect.map(Ref.get(memory), ({ records }) =>
      Arr.sortWith(HashMap.toValues(records), ({ begunAt }) => begunAt.epochMillis, Order.number))
    return {
      begin: (record) =>
        Ref.modify(memory, (state) => {
          const there = HashMap.get(state.records, record.executionId)
          return Option.isSome(there)
            ? [there.value, state]
            : [record, { ...state, records: HashMap.set(state.records, record.executionId, record) }]
        }),
      change: (executionId, change) =>
        Ref.update(memory, (state) => ({
          ...state,
          records: HashMap.modify(state.records, executionId, (record) =>
            mayBecome(change.state).includes(record.state) ? { ...record, ...change } : record)
        })),
      close: (executionId, closing) =>
        Ref.modify(memory, (state) => {
          const closed = Option.map(
            Option.filter(HashMap.get(state.records, executionId), (record) => record.state === "HandedOver"),
            (record): CancelRecord => ({ ...record, ...closing, state: "Closed" })
          )
          return [closed, Option.match(closed, {
            onNone: () => state,
            onSome: (record) => ({ ...state, records: HashMap.set(state.records, executionId, record) })
          })]
        }),
      find: (executionId) => Effect.map(Ref.get(memory), ({ records }) => HashMap.get(records, executionId)),
      about: (subject) => Effect.map(all, Arr.filter((record) => keyOf(record) === keyOf(subject) && !hasEnded(record))),
      inState: (...states) =>
        Effect.map(all, (records) => records.filter(({ state }) => states.includes(state)).slice(0, 1000)),
      tell: (told) =>
        Ref.modify(memory, (state) => {
          const key = keyOf(told)
          const before = Option.getOrElse(HashMap.get(state.told, key), (): ReadonlyArray<Told> => [])
          const place = before.findIndex(({ notificationId }) => notificationId === told.notificationId)
          return place >= 0
            ? [place, state]
            : [before.length, { ...state, told: HashMap.set(state.told, key, [...before, told]) }]
        }),
      told: (subject) =>
        Effect.map(Ref.get(memory), ({ told }) =>
          Option.getOrElse(HashMap.get(told, keyOf(subject)), (): ReadonlyArray<Told> => []).map(({ notification }) => notification)),
      end: (authorization, ending, insteadOf) =>
        Ref.modify(memory, (state) => {
          const key = keyOfStep(authorization)
          const kept = Option.filter(HashMap.get(state.endings, key), (kept) => !Option.contains(insteadOf, kept))
          return [
            Option.getOrElse(kept, () => ending),
            Option.isSome(kept) ? state : { ...state, endings: HashMap.set(state.endings, key, ending) }
          ]
        }),
      ended: (authorization) => Effect.map(Ref.get(memory), ({ endings }) => HashMap.get(endings, keyOfStep(authorization))),
      forget: (before) =>
        Ref.update(memory, (state) => {
          const records = HashMap.filter(state.records, (record) => !(isDone(record) && record.changedAt.epochMillis < before.epochMillis))
          const kept = new Set(Arr.map(HashMap.toValues(records), keyOf))
          const isKept = (told: ReadonlyArray<Told>, key: string) =>
            kept.has(key) || told.some(({ receivedAt }) => receivedAt.epochMillis >= before.epochMillis)
          return { ...state, records, told: HashMap.filter(state.told, isKept) }
        })
    }
  })
)
