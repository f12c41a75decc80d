/** Who holds a lock, and whether that can still be at work. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Os from "node:os"
import * as Process from "node:process"
import * as IdempotencyKey from "../../IdempotencyKey.js"
import * as Files from "./files.js"

/** A process. Its number says which one only among those that see one another: of one start of a machine, and in one namespace. */
export interface Holder {
  readonly pid: number
  readonly host: string | undefined
  /** Linux's id of this start of the machine, which all its containers share. */
  readonly boot: string | undefined
  /** Linux's namespace of processes: of a container mostly its own. It is another's once that is gone. */
  readonly namespace: string | undefined
  /** Random: no two runs share it, whatever else they do. */
  readonly run: string | undefined
}

/** This process, for one run. */
export interface Own extends Holder {
  readonly run: string
}

/** One line. What is not known is left out. */
export const format = ({ boot, host, namespace, pid, run }: Holder): string =>
  [
    pid,
    ...(host === undefined ? [] : [host]),
    ...(boot === undefined ? [] : [`boot:${boot}`]),
    ...(namespace === undefined ? [] : [`namespace:${namespace}`]),
    ...(run === undefined ? [] : [`run:${run}`])
  ].join(" ")

/** Earlier versions wrote the number and the host only. */
const line = /^(\d+)(?: (.*?))??(?: boot:(\S+))?(?: namespace:(\S+))?(?: run:(\S+))?$/

export const parse = (text: string): Option.Option<Holder> =>
  Option.map(Option.fromNullable(line.exec(text)), ([, pid, host, boot, namespace, run]) => ({ pid: Number(pid), host, boot, namespace, run }))

/**
 * - `Gone`: certainly over;
 * - `Running`: a process with its number is there;
 * - `Elsewhere`: it cannot be asked for. It is of another machine or container, or from before a restart: nothing tells
 *   a machine that was restarted from another one that looks like it.
 */
export type Standing = "Gone" | "Running" | "Elsewhere"

/** As the process sees it that asks, and holds nothing yet. */
export const standingOf = (holder: Holder, own: Own, isThere: (pid: number) => boolean): Standing => {
  const isKnown = own.host !== undefined && own.boot !== undefined && own.namespace !== undefined
  if (!isKnown || holder.host !== own.host || holder.boot !== own.boot || holder.namespace !== own.namespace) return "Elsewhere"
  // Of two with the same number, one came before the other.
  if (holder.pid === own.pid) return holder.run === own.run ? "Running" : "Gone"
  return isThere(holder.pid) ? "Running" : "Gone"
}

const hasCode = (cause: unknown, code: string): boolean => cause instanceof Error && "code" in cause && cause.code === code

/** Whether there is a process with this number: one that may not be asked is there as well. */
export const isThere = (pid: number): boolean =>
  Either.match(Either.try(() => Process.kill(pid, 0)), {
    onLeft: (cause) => !hasCode(cause, "ESRCH"),
    onRight: () => true
  })

const known = (text: Effect.Effect<string, Files.FileFailed>): Effect.Effect<string | undefined> =>
  Effect.map(Effect.option(text), (found) =>
    found.pipe(Option.map((text) => text.trim()), Option.filter((text) => /^\S+$/.test(text)), Option.getOrUndefined))

export const current: Effect.Effect<Own> = Effect.all({
  pid: Effect.sync(() => Process.pid),
  host: Effect.sync(() => Os.hostname()),
  boot: known(Files.read("/proc/sys/kernel/random/boot_id")),
  namespace: known(Files.readLink("/proc/self/ns/pid")),
  run: IdempotencyKey.random
})
