/** Many trials, one after the other: where each kills, and what came of it. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Trial from "./trial.js"

/** How a runner is killed: at its so manieth piece of work (of a name), or after so many milliseconds. */
export type Kill = { readonly at: number; readonly of?: string } | { readonly after: number }

export interface Outcome {
  readonly kills: number
  readonly payments: number
  /** How many of them are payments of checkouts. */
  readonly checkouts: number
  /** How many of those were handed to a person in the end. */
  readonly handedOver: number
  readonly problems: ReadonlyArray<string>
  /**
   * How long it took from the last kill, or where nobody was killed from the start, until everything was settled, in
   * milliseconds.
   */
  readonly millis: number
}

/** How long a runner takes until it is of use, in milliseconds: before it there is nothing to kill. */
const startup = 250

/** Where a cancel is started: those of checkouts, when they have failed. */
const starts = ["effect-payment-cancel/Adyen.execute", "effect-payment-cancel/Square.execute"] as const

/** Where a run of several processes is killed, one after the other. */
export const killsOf = (next: () => number, most: number): ReadonlyArray<Kill> =>
  Array.from({ length: 1 + Math.floor(next() * 2) }, () => {
    const kind = next()
    if (kind < 0.4) return { after: startup + Math.floor(next() * 1500) }
    if (kind < 0.7) return { at: 1 + Math.floor(next() * most) }
    return { at: 1 + Math.floor(next() * 8), of: starts[Math.floor(next() * starts.length)]! }
  })

/** How many payments a trial has: to cancel, and of checkouts. */
export interface Size {
  readonly cancels: number
  readonly checkouts: number
}

const prepare = ({ cancels, checkouts }: Size, seed: number) =>
  Effect.all({
    tasks: Trial.prepare(cancels, Trial.random(seed)),
    orders: Trial.place(checkouts, seed, Trial.random(~seed))
  })

const atOf = (kill: Kill) => "at" in kill ? kill : null

/** One file, one process: killed, and started again, until it is done. */
export const onSqlite = (runner: string, kills: ReadonlyArray<Kill>, seed: number, size: Size) =>
  Effect.scoped(Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-crash-"))),
      (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
    )
    const storage = { _tag: "Sqlite", filename: Path.join(folder, "journal.db") } as const
    const work = yield* prepare(size, seed)
    let killed = 0
    for (const kill of kills) {
      const { signal } = yield* Trial.run(runner, { storage, ...work, kill: atOf(kill) }, "after" in kill ? kill.after : undefined)
      if (signal === "SIGKILL") killed += 1
    }
    const start = performance.now()
    const last = yield* Trial.run(runner, { storage, ...work, kill: null })
    const millis = performance.now() - start
    const problems = [...yield* Trial.judge(work, last), ...yield* Trial.sweep(runner, storage)]
    return {
      kills: killed,
      payments: size.cancels + size.checkouts,
      checkouts: size.checkouts,
      handedOver: Trial.handedOver(last),
      problems: problems.map((problem) => `seed ${seed}, ${JSON.stringify(kills)}: ${problem}`),
      millis
    }
  })).pipe(Effect.provide(Trial.servers))

/** The first of the ports that the runners have. */
const firstPort = 21_700

/** When the last one of several runners starts, in milliseconds after the first. */
const latestStart = 2_000

/** One database, three runners: some are killed, and another takes over. */
export const onPostgres = (
  runner: string,
  { expiration, url }: { readonly url: string; readonly expiration: number },
  kills: ReadonlyArray<Kill>,
  seed: number,
  size: Size
) =>
  Effect.gen(function*() {
    const work = yield* prepare(size, seed)
    const storage = (nth: number) => ({ _tag: "Postgres", url, port: firstPort + nth, expiration } as const)
    const next = Trial.random(~seed)
    // The first one starts the cancels. Whoever comes later takes work over that is being done, and so it changes hands
    // without anybody being killed, too.
    const starts = [0, next() < 0.5 ? 0 : next() * latestStart, next() * latestStart]
    const runners = yield* Effect.forEach(starts, (start, nth) => {
      const kill = kills[nth]
      const job = { storage: storage(nth), ...work, kill: kill === undefined ? null : atOf(kill) }
      return Effect.fork(Effect.delay(Trial.run(runner, job, kill !== undefined && "after" in kill ? kill.after : undefined), start))
    })
    const start = Date.now()
    const ends = yield* Effect.forEach(runners, (fiber) => fiber.await.pipe(Effect.flatten), { concurrency: "unbounded" })
    const survivors = ends.filter(({ signal }) => signal !== "SIGKILL")
    const killed = ends.length - survivors.length
    const died = ends.flatMap(({ at, signal }) => signal === "SIGKILL" ? [at] : [])
    const millis = Math.max(0, ...survivors.map((ran) => Trial.knewAt(ran) ?? 0)) - Math.max(start, ...died)
    const problems = (yield* Effect.forEach(survivors, (ran) => Trial.judge(work, ran))).flat()
    return {
      kills: killed,
      payments: size.cancels + size.checkouts,
      checkouts: size.checkouts,
      handedOver: Math.max(0, ...survivors.map(Trial.handedOver)),
      problems: [...problems, ...yield* Trial.sweep(runner, storage(3))].map((problem) => `seed ${seed}, ${JSON.stringify(kills)}: ${problem}`),
      millis
    }
  }).pipe(Effect.provide(Trial.servers))
