/**
 * Durable cancels in several processes, in a PostgreSQL database: `effect-payment-cancel/workflow/Postgres`.
 *
 * @since 0.1.0
 */
import { Socket } from "node:net"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import type * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import type * as SocketServer from "@effect/platform/SocketServer"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as PgClient from "@effect/sql-pg/PgClient"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { CancelRecords } from "./CancelRecords.js"
import * as Sql from "./Sql.js"

/**
 * Where the other runners reach this one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Runner {
  /** The host name or address that the other runners can reach. */
  readonly host: string
  /** Its port. Choose one below the range from which the system takes its own: on Linux below 32768. */
  readonly port: number
}

/**
 * Which database, and what this process is in the cluster.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Sql.Retention {
  /** `postgres://user:password@host:port/database`. */
  readonly url: Redacted.Redacted
  /** Where this runner is reached; `"ClientOnly"` for a process that only starts cancels and asks for them. */
  readonly runner: Runner | "ClientOnly"
  /**
   * Settings of Effect's cluster, over those of this layer: `shardLockExpiration` 9 seconds and
   * `runnerHealthCheckInterval` 3 seconds, on which it depends how soon another runner takes over from one that died, and
   * `entityMessagePollInterval` 2 seconds, by which a wait may be late.
   */
  readonly shardingConfig?: Partial<ShardingConfig.ShardingConfig["Type"]>
}

const defaults = {
  ...Sql.shardingConfig,
  shardLockExpiration: Duration.seconds(9),
  shardLockRefreshInterval: Duration.seconds(3),
  runnerHealthCheckInterval: Duration.seconds(3),
  entityMessagePollInterval: Duration.seconds(2)
}

/** Any number that nobody else has. */
const lock = 7_236_492_113

/** Of processes that start at once on an empty database, one makes the tables, and the others find them. */
const oneAtATime = <A, E, R>(tables: Layer.Layer<A, E, R>): Layer.Layer<A, E | SqlError, R | SqlClient.SqlClient> =>
  Layer.scopedContext(
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const scope = yield* Effect.scope
      return yield* Effect.scoped(Effect.gen(function*() {
        const connection = yield* sql.reserve
        const locked = connection.executeUnprepared("SELECT pg_advisory_lock($1)", [lock], undefined)
        const unlocked = Effect.ignore(connection.executeUnprepared("SELECT pg_advisory_unlock($1)", [lock], undefined))
        return yield* Effect.acquireUseRelease(locked, () => Layer.buildWithScope(tables, scope), () => unlocked)
      }))
    })
  )

/** How long nothing is heard of the other machine before it is asked whether it is there. */
const unheard = Duration.toMillis("10 seconds")

/**
 * The driver waits for an answer for ever, also that of a machine that is gone without a word, or that another one has
 * replaced. The operating system notices if it is told to look: then the driver has an error, and another connection.
 */
const connection = () => {
  const socket = new Socket()
  return socket.once("connect", () => socket.setKeepAlive(true, unheard))
}

/**
 * Durable execution in several processes, in a PostgreSQL database. Each is a runner, or only starts cancels. What a
 * runner that died has left is gone on with by another.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  { runner, shardingConfig, url, ...retention }: Options
): Layer.Layer<
  WorkflowEngine | CancelRecords | SqlClient.SqlClient | Sharding.Sharding,
  ConfigError.ConfigError | SqlError | SocketServer.SocketServerError
> => {
  const isClient = runner === "ClientOnly"
  const config = {
    ...defaults,
    ...shardingConfig,
    runnerAddress: isClient ? Option.none() : Option.some(RunnerAddress.make(runner.host, runner.port))
  }
  const cluster = isClient
    ? NodeClusterSocket.layer({ storage: "byo", clientOnly: true, shardingConfig: config })
    : NodeClusterSocket.layer({ storage: "byo", shardingConfig: config })
  return Sql.layer(retention).pipe(
    Layer.provideMerge(cluster),
    Layer.provideMerge(oneAtATime(Layer.mergeAll(SqlMessageStorage.layer, SqlRunnerStorage.layer).pipe(
      Layer.provide(ShardingConfig.layer(config))
    ))),
    Layer.provideMerge(PgClient.layer({ url, stream: connection }))
  )
}

/** An IPv6 address may be in brackets, as in a URL. */
const address = /^\[?([^[\]]+)\]?:(\d{1,5})$/

const runnerOf = (text: string): Either.Either<Runner, ConfigError.ConfigError> => {
  const [, host = "", port = "0"] = address.exec(text) ?? []
  // With 0 it would listen somewhere else than where the others are told that it is.
  return host === "" || Number(port) === 0 || Number(port) > 65_535
    ? Either.left(ConfigError.InvalidData([], "must be host:port"))
    : Either.right({ host, port: Number(port) })
}

/**
 * The same, with the database from `PAYMENT_CANCEL_DATABASE_URL`, this runner's address from
 * `PAYMENT_CANCEL_RUNNER` (`host:port`; a process without it only starts cancels and asks for them), and how long what
 * has ended is kept from `PAYMENT_CANCEL_KEEP_FOR` (a duration such as `30 days`).
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Omit<Options, "url" | "runner" | "keepFor"> = {}
): Layer.Layer<
  WorkflowEngine | CancelRecords | SqlClient.SqlClient | Sharding.Sharding,
  ConfigError.ConfigError | SqlError | SocketServer.SocketServerError
> =>
  Layer.unwrapEffect(
    Effect.map(
      Config.all({
        url: Config.redacted("PAYMENT_CANCEL_DATABASE_URL"),
        runner: Config.withDefault(
          Config.mapOrFail(Config.string("PAYMENT_CANCEL_RUNNER"), runnerOf),
          "ClientOnly" as const
        ),
        keepFor: Sql.keepForConfig
      }),
      (configured) => layer({ ...options, ...configured })
    )
  )
