/**
 * One run at a time for the same results. Two at once would send for the same payments, and would
 * not see what the other one recorded.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as FsPromises from "node:fs/promises"
import * as Files from "./files.js"
import * as Holder from "./holder.js"

/** Another process holds it, as far as can be told. */
export interface Held {
  readonly _tag: "Held"
  /** Its number, if that is known. */
  readonly pid: number | undefined
  /** The machine, if it is another one, or may be. */
  readonly host: string | undefined
  /** Whether it may as well be gone: it is of another container by this machine's name, or from before a restart. */
  readonly isUncertain: boolean
}

const heldBy = (text: string, own: Holder.Own): Held => {
  const holder = Option.getOrUndefined(Holder.parse(text))
  if (holder === undefined) return { _tag: "Held", pid: undefined, host: undefined, isUncertain: true }
  const { host, pid } = holder
  if (host !== undefined && host !== own.host) return { _tag: "Held", pid, host, isUncertain: false }
  const isUncertain = Holder.standingOf(holder, own, Holder.isThere) === "Elsewhere"
  return { _tag: "Held", pid, host: isUncertain ? host : undefined, isUncertain }
}

const codeOf = (cause: unknown): unknown => cause instanceof Error && "code" in cause ? cause.code : undefined

/** So often a lock is looked at that nobody holds any more, or that is being written. */
const attempts = 5

/** So long a lock is given to be written by whoever made it, in milliseconds. */
const settling = 100

/** Whether it is nobody's any more. One without a word in it is what a crash left, or about to be written. */
const isLeft = (text: string, own: Holder.Own): boolean =>
  text === "" || Option.exists(Holder.parse(text), (holder) => Holder.standingOf(holder, own, Holder.isThere) === "Gone")

/** Makes the file that says which process this is; false if there is one. */
const create = (path: string, own: Holder.Own): Effect.Effect<boolean, Files.FileFailed> =>
  Effect.tryPromise({
    try: () =>
      FsPromises.writeFile(path, Holder.format(own), { flag: "wx", mode: 0o600 }).then(
        () => true,
        (cause: unknown) => codeOf(cause) === "EEXIST" ? false : Promise.reject(cause)
      ),
    // Whoever runs the command knows the folder, and not this file.
    catch: Files.failed(Files.folderOf(path))
  })

const textOf = (path: string): Effect.Effect<Option.Option<string>> => Effect.option(Files.read(path))

/** Puts away the lock of a process that is gone; if it was somebody's by then, it is put back. */
const putAway = (path: string, stale: string, own: Holder.Own): Effect.Effect<void, Files.FileFailed> =>
  Effect.gen(function*() {
    const away = `${path}.${own.run}`
    yield* Effect.tryPromise({ try: () => FsPromises.rename(path, away), catch: Files.failed(Files.folderOf(path)) })
    const taken = yield* textOf(away)
    if (!Option.contains(taken, stale)) yield* Effect.ignore(Effect.tryPromise(() => FsPromises.link(away, path)))
    yield* Effect.ignore(Effect.tryPromise(() => FsPromises.unlink(away)))
  })

const take = (path: string, own: Holder.Own, left: number): Effect.Effect<Option.Option<Held>, Files.FileFailed> =>
  Effect.gen(function*() {
    if (yield* create(path, own)) return Option.none()
    const text = Option.getOrElse(yield* textOf(path), () => "")
    if (left === 0 || !isLeft(text, own)) return Option.some(heldBy(text, own))
    yield* Effect.sleep(settling)
    // Whoever made it may only now have written who it is; or it is gone.
    const isSame = Effect.map(textOf(path), Option.contains(text))
    if (yield* isSame) {
      // Another run may have been first. If none was, the folder does not let it go.
      yield* Effect.catchAll(putAway(path, text, own), (failed) => Effect.flatMap(isSame, (isThere) => isThere ? failed : Effect.void))
    }
    return yield* take(path, own, left - 1)
  })

/** Holds a lock as this process until the scope ends. */
export const holdAs = (path: string, own: Holder.Own): Effect.Effect<Option.Option<Held>, Files.FileFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const held = yield* take(path, own, attempts)
    if (Option.isSome(held)) return held
    const isOwn = Option.contains(Holder.format(own))
    // Somebody else's stays.
    yield* Effect.addFinalizer(() => Effect.flatMap(textOf(path), (text) =>
      isOwn(text) ? Effect.ignore(Effect.tryPromise(() => FsPromises.unlink(path))) : Effect.void))
    // Whoever thought it was a crashed one's would have put it away by now.
    yield* Effect.sleep(settling)
    const text = yield* textOf(path)
    return isOwn(text) ? Option.none() : Option.some(heldBy(Option.getOrElse(text, () => ""), own))
  })

/** Holds a lock until the scope ends; some, if another process holds it. What a crash left behind holds nobody up where that is certain. */
export const hold = (path: string): Effect.Effect<Option.Option<Held>, Files.FileFailed, Scope.Scope> =>
  Effect.flatMap(Holder.current, (own) => holdAs(path, own))
