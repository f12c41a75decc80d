/**
 * One run at a time for the same results. Two at once would send for the same payments, and would
 * not see what the other one recorded.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as FsPromises from "node:fs/promises"
import * as Os from "node:os"
import * as Process from "node:process"
import * as Files from "./files.js"

/** Another process holds it, as far as can be told. */
export interface Held {
  readonly _tag: "Held"
  /** Its number, or nothing if that is not known. */
  readonly pid: string
  /** The machine, if it is another one. */
  readonly host: string | undefined
}

const heldBy = (holder: string): Held => {
  const [, pid = "", host] = /^(\d+)(?: (.*))?$/.exec(holder) ?? []
  return { _tag: "Held", pid, host: host === Os.hostname() ? undefined : host }
}

const codeOf = (cause: unknown): unknown => cause instanceof Error && "code" in cause ? cause.code : undefined

/** So often a lock is looked at that nobody holds any more, or that is being written. */
const attempts = 5

/** So long a lock is given to be written by whoever made it, in milliseconds. */
const settling = 100

/** A number says which process only on the same machine, or in the same container. */
const own = `${Process.pid} ${Os.hostname()}`

/**
 * Whether a process is there, as far as can be told: of another machine's it cannot. One with this process's own number
 * is an earlier one: this one holds nothing yet.
 */
const isRunning = (holder: string): Effect.Effect<boolean> => {
  const [, pid, host] = /^(\d+)(?: (.*))?$/.exec(holder) ?? []
  if (pid === undefined || holder === own) return Effect.succeed(false)
  if (host !== undefined && host !== Os.hostname()) return Effect.succeed(true)
  return Number(pid) === Process.pid ? Effect.succeed(false) : Effect.sync(() => Process.kill(Number(pid), 0)).pipe(
    // Only a process that belongs to somebody else may not be asked.
    Effect.catchAllDefect((cause) => Effect.succeed(codeOf(cause) === "EPERM"))
  )
}

/** Makes the file that says which process this is; false if there is one. */
const create = (path: string): Effect.Effect<boolean, Files.FileFailed> =>
  Effect.tryPromise({
    try: () =>
      FsPromises.writeFile(path, own, { flag: "wx", mode: 0o600 }).then(
        () => true,
        (cause: unknown) => codeOf(cause) === "EEXIST" ? false : Promise.reject(cause)
      ),
    catch: Files.failed(path)
  })

const holderOf = (path: string): Effect.Effect<Option.Option<string>> => Effect.option(Files.read(path))

/** Puts away the lock of a process that is gone; if it was somebody's by then, it is put back. */
const putAway = (path: string, stale: string): Effect.Effect<void, Files.FileFailed> =>
  Effect.gen(function*() {
    const away = `${path}.${Process.pid}`
    yield* Files.rename(path, away)
    const taken = yield* holderOf(away)
    if (!Option.contains(taken, stale)) yield* Effect.ignore(Effect.tryPromise(() => FsPromises.link(away, path)))
    yield* Effect.ignore(Effect.tryPromise(() => FsPromises.unlink(away)))
  })

const take = (path: string, left: number): Effect.Effect<Option.Option<Held>, Files.FileFailed> =>
  Effect.gen(function*() {
    if (yield* create(path)) return Option.none()
    const holder = Option.getOrElse(yield* holderOf(path), () => "")
    if (left === 0 || (yield* isRunning(holder))) return Option.some(heldBy(holder))
    yield* Effect.sleep(settling)
    // Whoever made it may only now have written who it is; or it is gone.
    if (Option.contains(yield* holderOf(path), holder)) yield* Effect.ignore(putAway(path, holder))
    return yield* take(path, left - 1)
  })

/** Holds a lock until the scope ends; some, if another process holds it. What a crash left behind holds nobody up. */
export const hold = (path: string): Effect.Effect<Option.Option<Held>, Files.FileFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const held = yield* take(path, attempts)
    if (Option.isSome(held)) return held
    // Somebody else's stays.
    yield* Effect.addFinalizer(() => Effect.flatMap(holderOf(path), (holder) =>
      Option.contains(holder, own) ? Effect.ignore(Effect.tryPromise(() => FsPromises.unlink(path))) : Effect.void))
    // Whoever thought it was a crashed one's would have put it away by now.
    yield* Effect.sleep(settling)
    const holder = Option.getOrElse(yield* holderOf(path), () => "")
    return holder === own ? Option.none() : Option.some(heldBy(holder))
  })
