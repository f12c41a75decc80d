/**
 * Durable cancels in an SQL database, on Effect's cluster: `effect-payment-cancel/workflow/Sql`. For SQLite and PostgreSQL
 * there are layers with everything in `Sqlite` and `Postgres`; this is what they are made of, for a client of your own.
 *
 * @since 0.1.0
 */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import { type MalformedMessage, PersistenceError } from "@effect/cluster/ClusterError"
import * as ClusterSchema from "@effect/cluster/ClusterSchema"
import * as EntityAddress from "@effect/cluster/EntityAddress"
import * as EntityId from "@effect/cluster/EntityId"
import * as EntityType from "@effect/cluster/EntityType"
import * as MachineId from "@effect/cluster/MachineId"
import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as ShardId from "@effect/cluster/ShardId"
import * as Sharding from "@effect/cluster/Sharding"
import type * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as Snowflake from "@effect/cluster/Snowflake"
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as MutableHashSet from "effect/MutableHashSet"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { duration } from "../authoring/Input.js"
import * as CancelError from "../CancelError.js"
import { type CancelRecord, CancelRecords, mayBecome, type Service, State } from "./CancelRecords.js"
import { log } from "./log.js"
import { caller } from "./patience.js"

/**
 * How long what has ended is kept.
 *
 * @since 0.1.0
 * @category models
 */
export interface Retention {
  /**
   * For how long an execution that has ended can still be asked for, and started again without being carried out again;
   * a duration, or milliseconds; 30 days unless given. Then it is removed, and what was told about its payment. What is
   * handed over is kept until a person closes it, and then for so long. With `Infinity` nothing is removed. Anything else
   * that is not longer than zero is a `ConfigError` with the option's name as its path.
   */
  readonly keepFor?: Duration.DurationInput
  /**
   * How often there is a look for what is to be removed; a duration, or milliseconds; 1 hour unless given, and at least
   * every 24 days. With `Infinity` there is one look, when the layer is built. Anything else that is not longer than zero
   * is a `ConfigError` with the option's name as its path.
   */
  readonly sweepEvery?: Duration.DurationInput
}

const tooShort = "must be a duration that is longer than zero, or Infinity"

const longerThanZero = (input: unknown) => Option.filter(duration(input), Duration.greaterThan(Duration.zero))

const optionOf = (name: keyof Retention, input: unknown) =>
  Either.fromOption(longerThanZero(input), () => ConfigError.InvalidData([name], tooShort))

/**
 * How long what has ended is kept, from `PAYMENT_CANCEL_KEEP_FOR`: a duration such as `30 days`, which is the default, or
 * `Infinity`. What is wrong with it never repeats it.
 *
 * @since 0.1.0
 * @category config
 */
export const keepForConfig: Config.Config<Duration.Duration> = Config.nonEmptyString("PAYMENT_CANCEL_KEEP_FOR").pipe(
  Config.mapOrFail((text) =>
    Either.fromOption(longerThanZero(text === "Infinity" ? Infinity : text), () =>
      ConfigError.InvalidData([], `${tooShort}, such as 30 days`))),
  Config.withDefault(Duration.days(30))
)

const cancels = "effect_payment_cancels"
const notifications = "effect_payment_notifications"
const endings = "effect_payment_endings"

const migrations = Migrator.fromRecord({
  "0001_create_tables": Effect.gen(function*() {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    yield* sql`
      CREATE TABLE IF NOT EXISTS ${sql(cancels)} (
        execution_id VARCHAR(64) PRIMARY KEY,
        workflow VARCHAR(150) NOT NULL,
        provider VARCHAR(100) NOT NULL,
        identified_by VARCHAR(20) NOT NULL,
        payment_id TEXT NOT NULL,
        request_id TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        state VARCHAR(20) NOT NULL,
        result VARCHAR(150),
        begun_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL
      )`
    yield* sql`CREATE INDEX IF NOT EXISTS ${sql(`${cancels}_subject`)} ON ${sql(cancels)} (provider, identified_by, payment_id)`
    yield* sql`CREATE INDEX IF NOT EXISTS ${sql(`${cancels}_state`)} ON ${sql(cancels)} (state, begun_at)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS ${sql(notifications)} (
        provider VARCHAR(100) NOT NULL,
        identified_by VARCHAR(20) NOT NULL,
        payment_id TEXT NOT NULL,
        place INTEGER NOT NULL,
        notification_id TEXT NOT NULL,
        notification TEXT NOT NULL,
        received_at BIGINT NOT NULL,
        PRIMARY KEY (provider, identified_by, payment_id, place),
        UNIQUE (provider, identified_by, payment_id, notification_id)
      )`
  }),
  "0002_add_what_a_person_found": Effect.gen(function*() {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    yield* sql`ALTER TABLE ${sql(cancels)} ADD COLUMN found TEXT`
  }),
  "0003_create_endings": Effect.gen(function*() {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    yield* sql`
      CREATE TABLE IF NOT EXISTS ${sql(endings)} (
        execution_id TEXT NOT NULL,
        step TEXT NOT NULL,
        ending TEXT NOT NULL,
        PRIMARY KEY (execution_id, step)
      )`
  })
})

/** Numbers come as the database's driver has them. */
const Whole = Schema.transform(
  Schema.Union(Schema.Number, Schema.BigIntFromSelf, Schema.String),
  Schema.Number,
  { strict: true, decode: Number, encode: (number) => number }
)

const Row = Schema.Struct({
  execution_id: Schema.String,
  workflow: Schema.String,
  provider: Schema.String,
  identified_by: CancelError.IdentifiedBy,
  payment_id: Schema.String,
  request_id: Schema.String,
  idempotency_key: Schema.String,
  state: State,
  result: Schema.NullOr(Schema.String),
  found: Schema.NullOr(Schema.String),
  begun_at: Whole,
  changed_at: Whole
})

const decodeRows = Schema.decodeUnknown(Schema.Array(Row))

const recordOf = (row: typeof Row.Type): CancelRecord => ({
  executionId: row.execution_id,
  workflow: row.workflow,
  provider: row.provider,
  identifiedBy: row.identified_by,
  paymentId: row.payment_id,
  requestId: row.request_id,
  idempotencyKey: row.idempotency_key,
  state: row.state,
  result: row.result,
  found: row.found,
  begunAt: DateTime.unsafeMake(row.begun_at),
  changedAt: DateTime.unsafeMake(row.changed_at)
})

const records = (rows: Effect.Effect<unknown, SqlError>) =>
  Effect.map(Effect.flatMap(rows, (_) => Effect.orDie(decodeRows(_))), (rows) => rows.map(recordOf))

const codeOf = ({ cause }: SqlError): string => Predicate.hasProperty(cause, "code") ? String(cause.code) : ""

/** What the drivers of SQLite and of PostgreSQL say of a client that was closed: it never answers again. */
const isClosed = (error: SqlError): boolean =>
  codeOf(error) === "CLIENT_CLOSED" ||
  (Predicate.hasProperty(error.cause, "message") && error.cause.message === "Cannot use a pool after calling end on the pool")

/** What is no value to the database, as a character that its encoding has not. */
const isUnfit = (error: SqlError): boolean => codeOf(error).startsWith("22")

/** A database that is away for a while ends no cancel. One that this process has closed, or that cannot take it, is not waited for. */
const patiently = <A>(effect: Effect.Effect<A, SqlError>): Effect.Effect<A> =>
  effect.pipe(
    Effect.tapError(warn),
    Effect.retry({ schedule: again, until: (error) => isClosed(error) || isUnfit(error) }),
    Effect.orDie
  )

/** The error's own message is what was tried; why that came to nothing, the driver says. */
const warn = (error: SqlError) => {
  const { cause, message } = error
  const words = Predicate.hasProperty(cause, "message") ? cause.message : ""
  return log(LogLevel.Warning, "the database does not answer", [message, codeOf(error), words].filter((said) => said !== "").join(": "))
}

const again = Schedule.union(Schedule.exponential("50 millis"), Schedule.spaced("5 seconds"))

/** After so long what was read, and has not been answered, is read again: whoever works on it passes over it. */
const secondLook = Duration.toMillis("30 seconds")

/** Who interrupts a step, as the cluster says it, that is given up by the workflow which had begun it, and not by its process. */
const itsWorkflow = -499

/** That a step was given up has to be written down too: only by what comes later is that interrupted. */
const althoughGivenUp = <A, E>(wait: Effect.Effect<A, E>) =>
  Effect.flatMap(FiberRef.get(FiberRef.interruptedCause), (earlier) => {
    const by = HashSet.flatMap(Cause.interruptors(earlier), FiberId.ids)
    if (HashSet.size(by) === 0 || HashSet.some(by, (id) => id !== itsWorkflow)) return wait
    return Effect.zipRight(
      FiberRef.set(FiberRef.interruptedCause, Cause.empty),
      Effect.ensuring(wait, FiberRef.update(FiberRef.interruptedCause, (later) => Cause.sequential(earlier, later)))
    )
  })

/** What no database takes at a further try either. */
const isRefused = (error: SqlError): boolean => /^(?:2[23]|SQLITE_CONSTRAINT)/.test(codeOf(error))

/** There is a row with that key. */
const isTaken = (error: SqlError): boolean => /^(?:23505|SQLITE_CONSTRAINT)/.test(codeOf(error))

/** What an execution that has ended is answered with, in the engine's own words. */
const isEnd = Schema.is(Schema.Union(
  Schema.TaggedStruct("Failure", {}),
  Schema.TaggedStruct("Success", { value: Schema.TaggedStruct("Complete", {}) })
))

/**
 * Effect's cluster tries for less than a second to write down what a step has come to; then nobody would go on with that
 * execution until the process ends. And what is marked as read is not read again for ten minutes, also where nobody heard
 * it: that is asked for anew.
 */
const layerPatience = Layer.effectDiscard(
  Effect.gen(function*() {
    const storage = yield* MessageStorage.MessageStorage
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const { clearReplies, repliesForUnfiltered, requestIdForPrimaryKey, resetShards, saveReply, saveRequest, unprocessedMessages } = storage

    /** As `resetShards`, without what nobody has read yet, as the many waits that are not over. */
    const forgotten = (shards: ReadonlyArray<ShardId.ShardId>) =>
      shards.length === 0 ? Effect.void : PersistenceError.refail(sql`
        UPDATE cluster_messages SET last_read = NULL
        WHERE processed = FALSE AND last_read IS NOT NULL AND ${sql.in("shard_id", shards.map(String))}`)

    const unread = MutableHashSet.empty<ShardId.ShardId>()
    const heard = <A, E>(shards: Iterable<ShardId.ShardId>, told: Effect.Effect<A, E>) =>
      Effect.onError(told, () => Effect.sync(() => Array.from(shards).forEach((shard) => MutableHashSet.add(unread, shard))))
    const reset: typeof resetShards = (shards) => heard(shards, resetShards(shards))
    let lastSecondLook = 0
    const read: typeof unprocessedMessages = (shardIds) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const shards = Array.from(shardIds)
        // A runner that has lost its locks reads on until it notices, also what the next one has taken over.
        // Nor does it wait until a clock that was put back has caught up.
        const isTime = Math.abs(now - lastSecondLook) >= secondLook
        if (isTime) lastSecondLook = now
        const lost = isTime ? shards : shards.filter((shard) => MutableHashSet.has(unread, shard))
        lost.forEach((shard) => MutableHashSet.remove(unread, shard))
        return heard(shards, Effect.zipRight(forgotten(lost), unprocessedMessages(shards)))
      })

    /** Until the database takes it. `further`: what is tried from the second time on. */
    const persist = <A, E extends PersistenceError | MalformedMessage>(first: Effect.Effect<A, E>, further = first): Effect.Effect<A, E> =>
      Effect.flatMap(Schedule.driver(again), (driver) => {
        const attempt = (tried: Effect.Effect<A, E>): Effect.Effect<A, E> =>
          Effect.catchAll(tried, (error) => {
            const { cause } = error
            if (!(cause instanceof SqlError) || isClosed(cause) || isRefused(cause)) return Effect.fail(error)
            // Nothing else can be interrupted here: whoever is told to end would not, until the database is back.
            const wait = Effect.interruptible(Effect.zipRight(warn(cause), driver.next(cause)))
            return Effect.matchCauseEffect(althoughGivenUp(wait), { onFailure: () => Effect.fail(error), onSuccess: () => attempt(further) })
          })
        return attempt(first)
      })

    /** The engine ends a workflow, with a defect, where a statement of it fails. */
    const patient = <A, E extends PersistenceError | MalformedMessage>(asked: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.if(Effect.zipWith(FiberRef.get(caller), Effect.serviceOption(WorkflowInstance), (one, other) => Option.isSome(one) || Option.isSome(other)), {
        onFalse: () => asked,
        onTrue: () =>
          Effect.catchAll(persist(asked), (error) =>
            // That it was told to end is no failure.
            Effect.flatMap(FiberRef.get(FiberRef.interruptedCause), (cut) => Cause.isEmpty(cut) ? Effect.fail(error) : Effect.failCause(cut)))
      })

    const hasEnded = (request: Snowflake.Snowflake) =>
      Effect.map(Effect.catchTag(storage.repliesForUnfiltered([request]), "MalformedMessage", Effect.die), (replies) =>
        replies.some((reply) => reply._tag === "WithExit" && isEnd(reply.exit)))

    // The engine wakes a workflow by this, and takes it for awake where that failed: it would sleep for ever. One that was
    // awake, and has ended meanwhile, stays so.
    const wake: typeof clearReplies = (request) =>
      persist(clearReplies(request), Effect.unlessEffect(clearReplies(request), hasEnded(request)))

    // Where there is one, it was kept, and only that was not heard; or a runner that has lost its locks has said late that it
    // sleeps, or was given up: that is no end.
    const save: typeof saveReply = (reply) => {
      const { requestId } = reply.reply
      const saysEnd = reply.reply._tag === "WithExit" && Exit.match(reply.reply.exit, {
        onFailure: () => true,
        onSuccess: (value: unknown) => Predicate.isTagged(value, "Complete")
      })
      const anew = saysEnd
        ? Effect.unlessEffect(Effect.zipRight(clearReplies(requestId), saveReply(reply)), hasEnded(requestId))
        : Effect.void
      return persist(Effect.asVoid(Effect.catchIf(
        saveReply(reply),
        ({ cause }) => cause instanceof SqlError && isTaken(cause),
        // Whoever waits for it here asks anew, and is given what is kept.
        () => Effect.zipRight(anew, storage.unregisterReplyHandler(requestId))
      )))
    }

    // A request has a key: of one that was kept, and only that was not heard, it is said that it is there.
    const request: typeof saveRequest = (message) => patient(saveRequest(message))
    const idOf: typeof requestIdForPrimaryKey = (options) => patient(requestIdForPrimaryKey(options))
    const replies: typeof repliesForUnfiltered = (ids) => patient(repliesForUnfiltered(ids))

    // What it has read from the database is answered by what it has then.
    Object.assign(storage, {
      clearReplies: wake,
      repliesForUnfiltered: replies,
      requestIdForPrimaryKey: idOf,
      resetShards: reset,
      saveReply: save,
      saveRequest: request,
      unprocessedMessages: read
    })
  })
)

/**
 * `DurableDeferred.raceAll` takes it for its result that a process has cut it off, and the engine writes that down: who goes
 * on is cut off there too, for ever. Where another runner has the execution's shard, it waits for that shard, which it does
 * not get before. So does a workflow that starts a cancel at its end, where nothing can be interrupted.
 */
const layerUncut = Layer.effectDiscard(
  Effect.map(Effect.zip(WorkflowEngine, Sharding.Sharding), ([engine, sharding]) => {
    const { deferredDone, execute } = engine
    const elsewhere = ({ executionId, workflow }: WorkflowInstance["Type"]) => {
      const id = EntityId.make(executionId)
      const shard = sharding.getShardId(id, Context.get(workflow.annotations, ClusterSchema.ShardGroup)(id))
      const isHere = Effect.delay(Effect.sync(() => sharding.hasShardId(shard)), "1 second")
      // Not by itself: that would be an end of its own.
      return Effect.zipRight(Effect.repeat(isHere, { while: (is) => is }), Effect.interruptWith(FiberId.none))
    }
    const started: typeof execute = (workflow, options) =>
      Effect.flatMap(FiberRef.get(caller), Option.match({
        onNone: () => execute(workflow, options),
        onSome: (instance) =>
          Effect.raceFirst(Effect.interruptible(execute(workflow, options)), Effect.interruptible(elsewhere(instance)))
      }))
    const done: typeof deferredDone = (deferred, options) =>
      Effect.flatMap(FiberRef.get(FiberRef.interruptedCause), (interrupted) =>
        !Cause.isEmpty(interrupted) && Exit.isFailure(options.exit) && Cause.isInterruptedOnly(options.exit.cause)
          ? Effect.void
          : deferredDone(deferred, options))
    Object.assign(engine, { deferredDone: done, execute: started })
  })
)

/** PostgreSQL refuses any text that contains it: asked again, it does so for ever. */
const nul = "\u0000"

/** How many notifications about one payment may want the same place at the same time. */
const rivals = 20

const make = Effect.gen(function*() {
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  yield* Migrator.make({})({ loader: migrations, table: "effect_payment_cancel_migrations" }).pipe(
    // Another process may be about the same at this moment.
    Effect.retry(Schedule.intersect(Schedule.spaced("200 millis"), Schedule.recurs(20))),
    Effect.orDie
  )

  const byId = (executionId: string) => records(sql`SELECT * FROM ${sql(cancels)} WHERE execution_id = ${executionId}`)

  const service: Service = {
    begin: (record) =>
      patiently(Effect.gen(function*() {
        yield* sql`
          INSERT INTO ${sql(cancels)} ${
          sql.insert({
            execution_id: record.executionId,
            workflow: record.workflow,
            provider: record.provider,
            identified_by: record.identifiedBy,
            payment_id: record.paymentId,
            request_id: record.requestId,
            idempotency_key: record.idempotencyKey,
            state: record.state,
            result: record.result,
            found: record.found,
            begun_at: record.begunAt.epochMillis,
            changed_at: record.changedAt.epochMillis
          })
        } ON CONFLICT (execution_id) DO NOTHING`
        const [there = record] = yield* byId(record.executionId)
        return there
      })),
    change: (executionId, { changedAt, result, state }) =>
      patiently(Effect.asVoid(
        sql`
          UPDATE ${sql(cancels)} SET ${sql.update({ state, result, changed_at: changedAt.epochMillis })}
          WHERE execution_id = ${executionId} AND ${sql.in("state", mayBecome(state))}`
      )),
    close: (executionId, { changedAt, found }) =>
      executionId.includes(nul) ? Effect.succeedNone : patiently(Effect.map(
        records(sql`
          UPDATE ${sql(cancels)}
          SET ${sql.update({ state: "Closed", found: found.replaceAll(nul, ""), changed_at: changedAt.epochMillis })}
          WHERE execution_id = ${executionId} AND state = 'HandedOver' RETURNING *`),
        ([record]) => Option.fromNullable(record)
      )),
    find: (executionId) =>
      executionId.includes(nul)
        ? Effect.succeedNone
        : patiently(Effect.map(byId(executionId), ([record]) => Option.fromNullable(record))),
    about: ({ identifiedBy, paymentId, provider }) =>
      patiently(records(sql`
        SELECT * FROM ${sql(cancels)}
        WHERE provider = ${provider} AND identified_by = ${identifiedBy} AND payment_id = ${paymentId}
        AND ${sql.in("state", ["Working", "InDoubt", "Accepted"])}`)),
    inState: (...states) =>
      patiently(records(sql`SELECT * FROM ${sql(cancels)} WHERE ${sql.in("state", states)} ORDER BY begun_at LIMIT 1000`)),
    tell: ({ identifiedBy, notification, notificationId, paymentId, provider, receivedAt }) => {
      const about = sql`provider = ${provider} AND identified_by = ${identifiedBy} AND payment_id = ${paymentId}`
      const place = Effect.map(
        sql<{ readonly place: unknown }>`SELECT place FROM ${sql(notifications)} WHERE ${about} AND notification_id = ${notificationId}`,
        ([row]) => Option.map(Option.fromNullable(row), (_) => Number(_.place))
      )
      const take = sql`
        INSERT INTO ${sql(notifications)} (provider, identified_by, payment_id, place, notification_id, notification, received_at)
        SELECT ${provider}, ${identifiedBy}, ${paymentId}, COUNT(*), ${notificationId}, ${notification}, ${receivedAt.epochMillis}
        FROM ${sql(notifications)} WHERE ${about}`
      // Of two that want the same place, one finds it taken, and takes the next.
      const taken = Effect.flatMap(place, Option.match({
        onNone: () => Effect.flatMap(Effect.zipRight(take, place), Effect.orDieWith(() => new Error("a notification was not kept"))),
        onSome: Effect.succeed
      }))
      return patiently(Effect.retry(taken, { times: rivals }))
    },
    told: ({ identifiedBy, paymentId, provider }) =>
      patiently(Effect.map(
        sql<{ readonly notification: string }>`
          SELECT notification FROM ${sql(notifications)}
          WHERE provider = ${provider} AND identified_by = ${identifiedBy} AND payment_id = ${paymentId} ORDER BY place`,
        (rows) => rows.map(({ notification }) => notification)
      )),
    end: ({ executionId, step }, ending, insteadOf) => {
      const replaced = Option.match(insteadOf, { onNone: () => sql`1 = 0`, onSome: (kept) => sql`${sql(endings)}.ending = ${kept}` })
      // What is kept is given in the same statement: of two that end at once, each is told what the other is told.
      return patiently(Effect.flatMap(
        sql<{ readonly ending: string }>`
          INSERT INTO ${sql(endings)} ${sql.insert({ execution_id: executionId, step, ending })}
          ON CONFLICT (execution_id, step) DO UPDATE
          SET ending = CASE WHEN ${replaced} THEN EXCLUDED.ending ELSE ${sql(endings)}.ending END
          RETURNING ending`,
        ([row]) => row === undefined ? Effect.dieMessage("an ending was not kept") : Effect.succeed(row.ending)
      ))
    },
    ended: ({ executionId, step }) =>
      patiently(Effect.map(
        sql<{ readonly ending: string }>`SELECT ending FROM ${sql(endings)} WHERE execution_id = ${executionId} AND step = ${step}`,
        ([row]) => Option.map(Option.fromNullable(row), ({ ending }) => ending)
      )),
    forget: ({ epochMillis }) =>
      patiently(Effect.gen(function*() {
        yield* sql`DELETE FROM ${sql(cancels)} WHERE ${sql.in("state", ["Settled", "Closed"])} AND changed_at < ${epochMillis}`
        const isOfSamePayment = (other: string) => sql`
          ${sql(other)}.provider = ${sql(notifications)}.provider
          AND ${sql(other)}.identified_by = ${sql(notifications)}.identified_by
          AND ${sql(other)}.payment_id = ${sql(notifications)}.payment_id`
        // All of a payment, or none: the places of those that stay are counted from the first.
        yield* sql`
          DELETE FROM ${sql(notifications)}
          WHERE NOT EXISTS (SELECT 1 FROM ${sql(cancels)} WHERE ${isOfSamePayment(cancels)})
          AND NOT EXISTS (
            SELECT 1 FROM ${sql(notifications)} AS younger
            WHERE younger.received_at >= ${epochMillis} AND ${isOfSamePayment("younger")})`
      }))
  }
  return service
})

/**
 * The records in the database of an `SqlClient`. Its three tables are made when they are missing.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRecords: Layer.Layer<CancelRecords, never, SqlClient.SqlClient> = Layer.effect(CancelRecords, make)

/** How many executions are removed in one go. */
const batch = 500

const Address = Schema.Struct({ shard_id: Schema.String, entity_type: Schema.String, entity_id: Schema.String })

const decodeAddresses = Schema.decodeUnknown(Schema.Array(Address))

/** The type under which the engine keeps the clocks of every workflow. */
const clocks = "Workflow/-/DurableClock"

/**
 * Removes every workflow's executions that have ended before a time, but for those of which there is a record: carried out
 * anew, a cancel would take the old one's for its own. The engine itself keeps them for ever.
 */
const sweep = (before: number) =>
  Effect.gen(function*() {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const storage = yield* MessageStorage.MessageStorage
    // A reply's id says when it was made.
    const youngest = Snowflake.make({ timestamp: Math.max(before, Snowflake.constEpochMillis), machineId: MachineId.make(0), sequence: 0 })
    const ended = Effect.flatMap(
      sql`
        SELECT m.shard_id, m.entity_type, m.entity_id FROM cluster_messages m
        JOIN cluster_replies r ON r.request_id = m.id
        WHERE m.tag = 'run' AND m.entity_type LIKE 'Workflow/%' AND m.entity_type <> ${clocks}
        AND (r.payload LIKE '{"_tag":"Success","value":{"_tag":"Complete"%' OR r.payload LIKE '{"_tag":"Failure"%')
        AND r.id < ${youngest}
        AND NOT EXISTS (SELECT 1 FROM ${sql(cancels)} c WHERE c.execution_id = m.entity_id)
        LIMIT ${sql.literal(String(batch))}`,
      decodeAddresses
    )
    let found = batch
    while (found === batch) {
      const addresses = yield* ended
      // What has ended is not run again: nobody asks any more how it ended.
      if (addresses.length > 0) yield* sql`DELETE FROM ${sql(endings)} WHERE ${sql.in("execution_id", addresses.map(({ entity_id }) => entity_id))}`
      yield* Effect.forEach(addresses, ({ entity_id, entity_type, shard_id }) =>
        Effect.forEach([entity_type, clocks], (type) =>
          storage.clearAddress(
            new EntityAddress.EntityAddress({
              shardId: new ShardId.ShardId(ShardId.ShardId.fromStringEncoded(shard_id)),
              entityType: EntityType.EntityType.make(type),
              entityId: EntityId.EntityId.make(entity_id)
            })
          )), { discard: true })
      found = addresses.length
    }
    // What was told to an execution while it was removed is answered all the same.
    yield* sql`
      DELETE FROM cluster_replies WHERE id < ${youngest}
      AND NOT EXISTS (SELECT 1 FROM cluster_messages m WHERE m.request_id = cluster_replies.request_id)`
  })

/** A timer cannot wait much longer. */
const longestWait = Duration.days(24)

/**
 * Removes what has ended, from time to time. The records and the journal are in the same database.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerRetention = (
  { keepFor = "30 days", sweepEvery = "1 hour" }: Retention = {}
): Layer.Layer<never, ConfigError.ConfigError, SqlClient.SqlClient | MessageStorage.MessageStorage | CancelRecords> =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const kept = yield* optionOf("keepFor", keepFor)
      const every = yield* optionOf("sweepEvery", sweepEvery)
      const records = yield* CancelRecords
      const once = Effect.gen(function*() {
        const before = Math.max(0, (yield* Clock.currentTimeMillis) - Duration.toMillis(kept))
        yield* records.forget(DateTime.unsafeMake(before))
        yield* sweep(before)
      })
      yield* once.pipe(
        Effect.catchAllCause((cause) => log(LogLevel.Warning, "what has ended could not be removed", cause)),
        Effect.repeat(Schedule.spaced(Duration.isFinite(every) ? Duration.min(every, longestWait) : every)),
        Effect.forkScoped
      )
    })
  )

/**
 * Settings for a cluster, also one of your own; `Sqlite` and `Postgres` have them. By Effect's own, a process ends executions
 * whose workflow has no layer in it a minute after its start, with a defect, also where another process has that layer.
 *
 * @since 0.1.0
 * @category config
 */
export const shardingConfig: Pick<ShardingConfig.ShardingConfig["Type"], "entityRegistrationTimeout"> = {
  entityRegistrationTimeout: Duration.infinity
}

/**
 * Durable execution over a cluster of Effect's whose messages are in the database of an `SqlClient`: one runner
 * (`SingleRunner`) or several (`NodeClusterSocket`).
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  retention?: Retention
): Layer.Layer<
  WorkflowEngine | CancelRecords,
  ConfigError.ConfigError,
  SqlClient.SqlClient | Sharding.Sharding | MessageStorage.MessageStorage
> => {
  const engine = Layer.provideMerge(layerUncut, ClusterWorkflowEngine.layer)
  return layerRetention(retention).pipe(Layer.provideMerge(Layer.merge(engine, layerRecords)), Layer.provideMerge(layerPatience))
}
