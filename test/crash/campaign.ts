/** Many trials, one after the other: where each kills, and what came of it. */
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Trial from "./trial.js"

/** How a runner is killed: at its so manieth piece of work, or after so many milliseconds. */
export type Kill = { readonly at: number } | { readonly after: number }

export interface Outcome {
  readonly kills: number
  readonly payments: number
  readonly problems: ReadonlyArray<string>
  /**
   * How long it took from the last kill, or where nobody was killed from the start, until everything was settled, in
   * milliseconds.
   */
  readonly millis: number
}

/** How long a runner takes until it is of use, in milliseconds: before it there is nothing to kill. */
const startup = 250

/** Where a run of several processes is killed, one after the other. */
export const killsOf = (next: () => number, most: number): ReadonlyArray<Kill> =>
  Array.from({ length: 1 + Math.floor(next() * 2) }, () =>
    next() < 0.5 ? { after: startup + Math.floor(next() * 1500) } : { at: 1 + Math.floor(next() * most) })

const atOf = (kill: Kill) => "at" in kill ? kill.at : null

/** One file, one process: killed, and started again, until it is done. */
export const onSqlite = (runner: string, kills: ReadonlyArray<Kill>, seed: number, payments: number) =>
  Effect.scoped(Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-crash-"))),
      (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
    )
    const storage = { _tag: "Sqlite", filename: Path.join(folder, "journal.db") } as const
    const tasks = yield* Trial.prepare(payments, Trial.random(seed))
    let killed = 0
    for (const kill of kills) {
      const { signal } = yield* Trial.run(runner, { storage, tasks, killAt: atOf(kill) }, "after" in kill ? kill.after : undefined)
      if (signal === "SIGKILL") killed += 1
    }
    const start = performance.now()
    const last = yield* Trial.run(runner, { storage, tasks, killAt: null })
    const millis = performance.now() - start
    const problems = [...yield* Trial.judge(tasks, last), ...yield* Trial.sweep(runner, storage)]
    return { kills: killed, payments, problems: problems.map((problem) => `seed ${seed}, ${JSON.stringify(kills)}: ${problem}`), millis }
  })).pipe(Effect.provide(SandboxServer.layer()))

/** The first of the ports that the runners have. */
const firstPort = 21_700

/** One database, three runners: some are killed, and another takes over. */
export const onPostgres = (
  runner: string,
  { expiration, url }: { readonly url: string; readonly expiration: number },
  kills: ReadonlyArray<Kill>,
  seed: number,
  payments: number
) =>
  Effect.gen(function*() {
    const tasks = yield* Trial.prepare(payments, Trial.random(seed))
    const storage = (nth: number) => ({ _tag: "Postgres", url, port: firstPort + nth, expiration } as const)
    // The first one starts the cancels; the others are there to take over, and know of them only by the database.
    const runners = yield* Effect.forEach([0, 1, 2], (nth) => {
      const kill = kills[nth]
      const job = { storage: storage(nth), tasks, killAt: kill === undefined ? null : atOf(kill) }
      return Effect.fork(Trial.run(runner, job, kill !== undefined && "after" in kill ? kill.after : undefined))
    })
    const start = Date.now()
    const ends = yield* Effect.forEach(runners, (fiber) => fiber.await.pipe(Effect.flatten), { concurrency: "unbounded" })
    const survivors = ends.filter(({ signal }) => signal !== "SIGKILL")
    const killed = ends.length - survivors.length
    const died = ends.flatMap(({ at, signal }) => signal === "SIGKILL" ? [at] : [])
    const millis = Math.max(0, ...survivors.map((ran) => Trial.knewAt(ran) ?? 0)) - Math.max(start, ...died)
    const problems = (yield* Effect.forEach(survivors, (ran) => Trial.judge(tasks, ran))).flat()
    return {
      kills: killed,
      payments,
      problems: [...problems, ...yield* Trial.sweep(runner, storage(3))].map((problem) => `seed ${seed}, ${JSON.stringify(kills)}: ${problem}`),
      millis
    }
  }).pipe(Effect.provide(SandboxServer.layer()))
