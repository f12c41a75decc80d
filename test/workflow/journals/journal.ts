/** What is in a database of durable cancels, as JSON: so that a later version can be shown what an earlier one wrote. */
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const tables = ["cluster_messages", "cluster_replies", "effect_payment_cancels", "effect_payment_notifications"] as const

/** A whole number that is too large for JSON is written as text, and with a mark. */
const Cell = Schema.Union(Schema.String, Schema.Number, Schema.Null, Schema.Struct({ whole: Schema.String }))

const Row = Schema.Record({ key: Schema.String, value: Cell })

/** The rows of every table. */
export const Journal = Schema.Struct({
  cluster_messages: Schema.Array(Row),
  cluster_replies: Schema.Array(Row),
  effect_payment_cancels: Schema.Array(Row),
  effect_payment_notifications: Schema.Array(Row)
})

export type Journal = typeof Journal.Type

const over = (filename: string) => LibsqlClient.layer({ url: `file:${filename}`, intMode: "bigint" })

const cellOf = (value: unknown): typeof Cell.Type =>
  typeof value === "bigint" ? { whole: String(value) } : Schema.decodeUnknownSync(Cell)(value)

/** Reads all rows, also while a process works on them. */
export const read = (filename: string): Effect.Effect<Journal> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* Effect.forEach(tables, (table) =>
      Effect.map(sql`SELECT * FROM ${sql(table)}`, (rows) => [
        table,
        rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)])))
      ] as const))
    return Schema.decodeUnknownSync(Journal)(Object.fromEntries(rows))
  }).pipe(Effect.orDie, Effect.provide(over(filename)))

/** What was waited for is over: that was long ago. */
const elapsed = (row: typeof Row.Type): typeof Row.Type =>
  row["deliver_at"] === null || row["deliver_at"] === undefined || typeof row["payload"] !== "string"
    ? row
    : { ...row, deliver_at: 1, payload: row["payload"].replace(/"wakeUp":\d+/, "\"wakeUp\":1") }

/** Writes all rows into tables that are there and empty. */
export const write = (filename: string, journal: Journal): Effect.Effect<void> =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    for (const table of tables) {
      for (const row of journal[table]) {
        const values = Object.entries(elapsed(row)).map(([name, cell]) =>
          [name, typeof cell === "object" && cell !== null ? BigInt(cell.whole) : cell] as const)
        yield* sql`INSERT INTO ${sql(table)} ${sql.insert(Object.fromEntries(values))}`
      }
    }
  }).pipe(Effect.orDie, Effect.provide(over(filename)))
