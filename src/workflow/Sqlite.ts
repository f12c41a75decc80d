/**
 * Durable cancels in one process, in an SQLite file: `effect-payment-cancel/workflow/Sqlite`.
 *
 * @since 0.1.0
 */
import * as SingleRunner from "@effect/cluster/SingleRunner"
import type * as Sharding from "@effect/cluster/Sharding"
import type * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import { type Client, createClient, type InStatement, type ResultSet } from "@libsql/client"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type { CancelRecords } from "./CancelRecords.js"
import * as Sql from "./Sql.js"

/**
 * Where the file is, and what is kept in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Sql.Retention {
  /**
   * The path of the file, or its `file:` URL without parameters. It is made if it is missing. Beside it, where it really
   * is, there are others that begin with its name.
   */
  readonly filename: string
  /** Settings of Effect's cluster, such as how often it looks for messages. */
  readonly shardingConfig?: Partial<ShardingConfig.ShardingConfig["Type"]>
}

/**
 * The file is in use by another process, which carries out what is in it, or writes to it at this moment. A file is for
 * one process: for several there is PostgreSQL.
 *
 * @since 0.1.0
 * @category errors
 */
export class InUse extends Data.TaggedError("CancelWorkflow.InUse")<{
  /** The path of the file, as it was given. */
  readonly filename: string
  /** What is wrong, as text for a person. */
  readonly message: string
}> {}

/**
 * The file cannot be opened, or made: its folder is missing, it is not allowed, or it is no SQLite database. Or what was
 * given is no file: what is in memory would not outlive the process.
 *
 * @since 0.1.0
 * @category errors
 */
export class Inaccessible extends Data.TaggedError("CancelWorkflow.Inaccessible")<{
  /** The path of the file, as it was given. */
  readonly filename: string
  /** What is wrong, as text for a person. */
  readonly message: string
  /** What the driver said; undefined where it was not asked, or did not object. */
  readonly cause: unknown
}> {}

const inaccessible = (filename: string, cause: unknown, hint = "", path = filename) =>
  new Inaccessible({ filename, cause, message: `${path} cannot be opened as an SQLite database${hint}` })

const reasons: { readonly [code: string]: string } = { SQLITE_READONLY: ": it may only be read", SQLITE_FULL: ": the disk is full" }

/** Another process is in the file, or in the one beside it, or something else is wrong with that. */
const unusable = (filename: string, path: string) => ({ cause }: SqlError) => {
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
  return code === "SQLITE_BUSY"
    ? new InUse({ filename, message: `${filename} is in use by another process` })
    : inaccessible(filename, cause, reasons[code], path)
}

/** The driver has only a number for what is wrong most often. */
const missingFolder = (filename: string): string =>
  `: is there the folder ${/^(?:.+(?=[\\/])|[\\/])/.exec(filename)?.[0] ?? "."}, and may it be written to?`

/** What the driver or SQLite would take for something else than a file, or would not survive. */
const unfit = /[\0\p{Surrogate}]|^(?:libsql|https?|wss?):|^file:.*[?#]/isu

/** How many statements there are before all else has its turn. */
const mostInOneGo = 16

/** What cannot be done while another program writes. */
const changes = /^\s*(?:ALTER|CREATE|DELETE|DROP|INSERT|REPLACE|UPDATE|WITH)\b/i

/**
 * A client with one connection. Its own `transaction` leaves the connection to the garbage collector and opens another:
 * under load, more files than a process may have. Effect's client lets nobody else in while a transaction is open, so
 * that it can be on the same one.
 */
const oneConnection = (filename: string) => {
  // Its numbers are larger than JavaScript's can be.
  const client = createClient({ url: `file:${encodeURIComponent(filename)}`, intMode: "bigint" })
  const run: (statement: InStatement) => Promise<ResultSet> = client.execute.bind(client)
  // A statement that finds the file locked is not put away by the driver, and until that is, nothing can be committed. These are.
  const whenFree = () => client.executeMultiple("BEGIN IMMEDIATE; ROLLBACK")
  // The driver answers at once: hundreds of cancels that wake up would keep sockets and timers waiting.
  let inOneGo = 0
  let others: Promise<void> | undefined
  const inTurn = <A>(statement: () => Promise<A>): Promise<A> => {
    if (others === undefined && inOneGo++ < mostInOneGo) return statement()
    others ??= Effect.runPromise(Effect.sleep(0)).finally(() => {
      others = undefined
      inOneGo = 0
    })
    return others.then(() => inTurn(statement))
  }
  let isOpen = false
  const over = Effect.unsafeMakeLatch()
  const end = () => {
    isOpen = false
    over.unsafeOpen()
  }
  // What SQLite itself has taken back is rolled back already.
  const rollback = () => run("ROLLBACK").catch(() => {}).finally(end)
  const transaction = () => {
    isOpen = true
    over.unsafeClose()
    return inTurn(whenFree).then(() => run("BEGIN IMMEDIATE")).then(
      () => ({
        execute: run,
        // Where that fails it is open still, and all that comes after would be in it.
        commit: () => run("COMMIT").catch((cause: unknown) => rollback().then(() => Promise.reject(cause))).finally(end),
        rollback
      }),
      // Where none is begun, Effect's client would let nobody else in for ever: it gets one that fails at its first statement.
      (cause: unknown) => {
        end()
        const fail = () => Promise.reject(cause)
        return { execute: fail, commit: fail, rollback: () => Promise.resolve() }
      }
    )
  }
  // Effect's client lets a statement in before it hands it over: where its fiber yields in between, a transaction may begin.
  const execute = (statement: InStatement): Promise<ResultSet> => inTurn(() => {
    if (isOpen) return Effect.runPromise(over.await).then(() => execute(statement))
    return changes.test(typeof statement === "string" ? statement : statement.sql) ? whenFree().then(() => run(statement)) : run(statement)
  })
  // What Effect's client asks of a transaction is in it; the rest nobody calls.
  return Object.assign(client, { execute, transaction: transaction as unknown as Client["transaction"] })
}

/** A client for a file. Its driver throws if that cannot be opened. */
const client = (filename: string, path: string) =>
  Layer.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(
        Effect.try({ try: () => oneConnection(path), catch: (cause) => inaccessible(filename, cause, missingFolder(path)) }),
        (client) => Effect.sync(() => client.close())
      ),
      (liveClient) => LibsqlClient.layer({ liveClient })
    )
  )

/** Where the file really is, by whatever name it was given: SQLite knows. */
const realPath = (filename: string) =>
  unfit.test(filename)
    ? inaccessible(filename, undefined, ": expected the path of a file, or its file: URL without parameters")
    : Effect.flatMap(Layer.build(client(filename, filename)), (context) =>
      Effect.mapError(
        Context.get(context, SqlClient.SqlClient)<{ readonly file: string }>`PRAGMA database_list`,
        ({ cause }) => inaccessible(filename, cause)
      )).pipe(
        Effect.scoped,
        Effect.map(([main]) => main?.file ?? ""),
        Effect.filterOrFail((path) => path !== "", () =>
          inaccessible(filename, undefined, ": it is no file, and nothing in it would outlive the process"))
      )

/**
 * The operating system lets go of it when the process ends, however it ends. It is beside the file, where that really is:
 * whoever names it otherwise finds the same one.
 */
const onlyUser = (filename: string, path: string) =>
  Layer.scopedDiscard(
    Effect.gen(function*() {
      const lock = yield* SqlClient.SqlClient
      yield* Effect.acquireRelease(
        Effect.mapError(lock`BEGIN EXCLUSIVE`, unusable(filename, `${path}.lock`)),
        // To close a client is not enough for this process to let go of it.
        () => Effect.ignore(lock`ROLLBACK`)
      )
      // One that may only be read is locked for nobody.
      yield* Effect.mapError(lock`PRAGMA user_version = 1`, unusable(filename, `${path}.lock`))
    })
  ).pipe(Layer.provide(client(filename, `${path}.lock`)))

/** Only what is written shows whether it may be. */
const writeAnything = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(Effect.flatMap(
    sql<{ readonly user_version: unknown }>`PRAGMA user_version`,
    ([row]) => sql`PRAGMA user_version = ${sql.literal(String(row?.user_version))}`
  ))

const settings = (filename: string) =>
  Layer.effectDiscard(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      // A place to write is asked for at once, and not in the middle of the first cancel.
      Effect.mapError(Effect.zipRight(sql`PRAGMA journal_mode = WAL`, writeAnything(sql)), unusable(filename, filename)))
  )

/**
 * Durable execution in one process, in an SQLite file. What an earlier process has left is gone on with as soon as the
 * layer is built.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  { filename, shardingConfig, ...retention }: Options
): Layer.Layer<
  WorkflowEngine | CancelRecords | SqlClient.SqlClient | Sharding.Sharding,
  ConfigError.ConfigError | InUse | Inaccessible
> =>
  Layer.unwrapEffect(Effect.map(realPath(filename), (path) =>
    Sql.layer(retention).pipe(
      Layer.provideMerge(SingleRunner.layer({ runnerStorage: "memory", shardingConfig: { ...Sql.shardingConfig, ...shardingConfig } })),
      Layer.provideMerge(settings(filename)),
      Layer.provideMerge(client(filename, path)),
      Layer.provide(onlyUser(filename, path))
    )))

/**
 * The same, with the path of the file from `PAYMENT_CANCEL_DATABASE`, and how long what has ended is kept from
 * `PAYMENT_CANCEL_KEEP_FOR` (a duration such as `30 days`).
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Omit<Options, "filename" | "keepFor"> = {}
): Layer.Layer<
  WorkflowEngine | CancelRecords | SqlClient.SqlClient | Sharding.Sharding,
  ConfigError.ConfigError | InUse | Inaccessible
> =>
  Layer.unwrapEffect(
    Effect.map(
      Config.all({
        filename: Config.nonEmptyString("PAYMENT_CANCEL_DATABASE"),
        keepFor: Sql.keepForConfig
      }),
      (configured) => layer({ ...options, ...configured })
    )
  )
