/** Files, as effects. What goes wrong with one is said with its path. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as FsPromises from "node:fs/promises"
import * as Path from "node:path"

/** A file cannot be read or written. */
export class FileFailed extends Data.TaggedError("FileFailed")<{ readonly message: string }> {}

/** An error of Node: its code, and what that means where people meet it. */
const reasons: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  ENOSPC: "the disk is full"
}

export const failed = (path: string) => (cause: unknown): FileFailed => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  const message = cause instanceof Error ? cause.message : String(cause)
  return new FileFailed({ message: `${path}: ${reasons[code] ?? message}` })
}

const attempt = <A>(path: string, work: () => Promise<A>): Effect.Effect<A, FileFailed> =>
  Effect.tryPromise({ try: work, catch: failed(path) })

export const read = (path: string): Effect.Effect<string, FileFailed> =>
  attempt(path, () => FsPromises.readFile(path, "utf8"))

/** How a text in UTF-16 begins, in either order of its bytes. */
const isUtf16 = ([first, second]: Uint8Array): boolean =>
  (first === 0xFF && second === 0xFE) || (first === 0xFE && second === 0xFF)

const inUtf16 = (path: string) => new FileFailed({ message: `${path}: it is in UTF-16: save it in UTF-8` })

/** The text of a file in UTF-8, without the mark that it may begin with. */
export const readUtf8 = (path: string): Effect.Effect<string, FileFailed> =>
  Effect.flatMap(attempt(path, () => FsPromises.readFile(path)), (bytes) =>
    isUtf16(bytes) ? inUtf16(path) : Either.try({
      try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
      catch: () => new FileFailed({ message: `${path}: it has bytes that are no UTF-8: save it in UTF-8` })
    }))

/** What a symbolic link says. */
export const readLink = (path: string): Effect.Effect<string, FileFailed> => attempt(path, () => FsPromises.readlink(path))

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR")

/** Whether something is there. What cannot be asked for is: who reads it is told why. */
export const exists = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() => FsPromises.access(path).then(() => true, (cause: unknown) => !isMissing(cause)))

/** Whether it is a symbolic link, wherever that leads. */
export const isLink = (path: string): Effect.Effect<boolean> =>
  Effect.promise(() => FsPromises.lstat(path).then((stats) => stats.isSymbolicLink(), () => false))

/** Whether it can be read as often as wanted: a pipe can be only once. */
export const isRegular = (path: string): Effect.Effect<boolean, FileFailed> =>
  Effect.map(attempt(path, () => FsPromises.stat(path)), (stats) => stats.isFile())

/** How many bytes are in what is there now. */
export const size = (path: string): Effect.Effect<number, FileFailed> =>
  Effect.map(attempt(path, () => FsPromises.stat(path)), ({ size }) => size)

/** The folder that a file is in, or would be. */
export const folderOf = (path: string): string => Path.dirname(path)

/** The same file, by whatever path. */
export const real = (path: string): Effect.Effect<string> =>
  Effect.promise(() => FsPromises.realpath(path).catch(() => Path.resolve(path)))

export const bytes = (path: string): Stream.Stream<Uint8Array, FileFailed> =>
  // Opened only when it is read: what nobody listens to would end the process if it cannot be opened.
  Stream.suspend(() => Stream.fromAsyncIterable<Uint8Array, FileFailed>(Fs.createReadStream(path), failed(path)))

/** Fails if a file says at its start that it is in UTF-16. */
export const refuseUtf16 = (path: string): Effect.Effect<void, FileFailed> =>
  Effect.flatMap(Stream.runHead(bytes(path)), (start) => Option.exists(start, isUtf16) ? inUtf16(path) : Effect.void)

export const open = (path: string, flags: string): Effect.Effect<FsPromises.FileHandle, FileFailed> =>
  attempt(path, () => FsPromises.open(path, flags, 0o600))

/** A handle that is closed with the scope. What has to be kept is waited for before: who reads it finds out what was not. */
export const opened = (path: string, flags: string) =>
  Effect.acquireRelease(open(path, flags), (handle) => Effect.ignore(attempt(path, () => handle.close())))

export const write = (path: string, handle: FsPromises.FileHandle, text: string): Effect.Effect<void, FileFailed> =>
  // Not cut short: half a line may be left only by a crash.
  Effect.uninterruptible(attempt(path, () => handle.appendFile(text)))

/** So many bytes of a file from a place on. */
export const readAt = (
  path: string,
  handle: FsPromises.FileHandle,
  position: number,
  length: number
): Effect.Effect<string, FileFailed> =>
  Effect.map(
    attempt(path, () => handle.read(new Uint8Array(length), 0, length, position)),
    ({ buffer, bytesRead }) => new TextDecoder().decode(buffer.subarray(0, bytesRead))
  )

/** Whether a file that is not empty ends in the middle of a line. */
export const endsTorn = (path: string, handle: FsPromises.FileHandle): Effect.Effect<boolean, FileFailed> =>
  Effect.flatMap(attempt(path, () => handle.stat()), ({ size }) =>
    size === 0 ? Effect.succeed(false) : Effect.map(readAt(path, handle, size - 1, 1), (last) => last !== "\n"))

/** Waits until it would survive a loss of power: the file, and that it is in its folder. */
export const sync = (path: string, handle: FsPromises.FileHandle): Effect.Effect<void, FileFailed> =>
  Effect.zipRight(
    attempt(path, () => handle.sync()),
    // Not every system can sync a folder.
    Effect.ignore(Effect.scoped(Effect.flatMap(opened(folderOf(path), "r"), (folder) =>
      attempt(path, () => folder.sync()))))
  )

/** Waits until what a file holds would survive a loss of power. */
export const syncData = (path: string, handle: FsPromises.FileHandle): Effect.Effect<void, FileFailed> =>
  attempt(path, () => handle.datasync())

/** Removes a file, if it is there. */
export const remove = (path: string): Effect.Effect<void, FileFailed> =>
  attempt(path, () => FsPromises.rm(path, { force: true }))

export const rename = (from: string, to: string): Effect.Effect<void, FileFailed> =>
  attempt(to, () => FsPromises.rename(from, to))
