/** A database as text, one statement a line: what is kept of an older version's journals. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

/** Everything that is in the database now. */
export const dump = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const schema = yield* sql<{ readonly type: string; readonly name: string; readonly sql: string }>`
    SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index', name`
  const tables = schema.filter(({ type }) => type === "table")
  const rows = yield* Effect.forEach(tables, ({ name }) =>
    Effect.gen(function*() {
      const columns = yield* sql<{ readonly name: string }>`SELECT name FROM pragma_table_info(${name}) ORDER BY cid`
      const values = columns.map((column) => `quote("${column.name}")`).join(` || ', ' || `)
      const inserts = yield* sql.unsafe<{ readonly line: string }>(`SELECT ${values} AS line FROM "${name}" ORDER BY rowid`)
      return inserts.map(({ line }) => `INSERT INTO "${name}" VALUES (${line});`)
    }))
  return [...schema.map(({ sql }) => `${sql.replace(/\s+/g, " ")};`), ...rows.flat(), ""].join("\n")
})

/** Puts it into an empty database. */
export const load = (text: string) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    for (const line of text.split("\n")) if (line !== "") yield* sql.unsafe(line)
  })
