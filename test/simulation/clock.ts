/**
 * Virtual time. It stands still while anything runs, and leaps to whatever is due next.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Nanoseconds since the simulation began. Whole numbers up to a hundred days are exact. */
export type Instant = number

const nanosPerMilli = 1_000_000

/** When a simulation begins, on the provider's clock, in milliseconds since the epoch. */
export const epoch = Date.UTC(2026, 0, 1)

export const fromMillis = (millis: number): Instant => Math.round(millis * nanosPerMilli)

export const toMillis = (instant: Instant): number => instant / nanosPerMilli

/**
 * Who something happens to. The world never stops; a client can be frozen (a suspended
 * machine, a long collection of garbage), and then notices everything afterwards.
 */
export type Owner = "World" | "Client"

/** What is due, and when. */
export interface Timeline {
  now(): Instant
  /** Schedules a task, and returns how to call it off. */
  after(owner: Owner, millis: number, task: () => void): () => void
  /** Nothing happens to the client for so many milliseconds. */
  freeze(millis: number): void
  /** Leaps to the next task and runs it; false when nothing is due any more. */
  advance(): boolean
  /** Whether the simulation is over: what happens from then on is only tidying up. */
  isOver(): boolean
  /** Has something done when the simulation is over. */
  finally(task: () => void): void
  /** Ends the simulation. */
  end(): void
}

interface Due {
  readonly at: Instant
  readonly task: () => void
  calledOff: boolean
}

const never = (): void => {}

export const makeTimeline = (): Timeline => {
  // Sorted, the latest first, so that the next one is taken from the end; of those due at
  // the same instant the one that was scheduled first comes first.
  const queues: { readonly [O in Owner]: Array<Due> } = { World: [], Client: [] }
  let now: Instant = 0
  let frozenUntil: Instant = 0
  let over = false
  const atTheEnd: Array<() => void> = []

  const insert = (queue: Array<Due>, due: Due) => {
    let index = queue.length
    while (index > 0 && (queue[index - 1]?.at ?? Infinity) <= due.at) index -= 1
    queue.splice(index, 0, due)
  }

  const next = (queue: Array<Due>): Due | undefined => {
    while (queue.at(-1)?.calledOff === true) queue.pop()
    return queue.at(-1)
  }

  return {
    now: () => now,
    after: (owner, millis, task) => {
      if (!Number.isFinite(millis)) return never
      const due = { at: now + Math.max(0, fromMillis(millis)), task, calledOff: false }
      insert(queues[owner], due)
      return () => {
        due.calledOff = true
      }
    },
    freeze: (millis) => {
      frozenUntil = Math.max(frozenUntil, now + fromMillis(millis))
    },
    advance: () => {
      const world = next(queues.World)
      const client = next(queues.Client)
      const clientAt = client === undefined ? Infinity : Math.max(client.at, frozenUntil)
      const first = world !== undefined && world.at <= clientAt ? world : client
      if (first === undefined) return false
      queues[first === world ? "World" : "Client"].pop()
      now = Math.max(now, first === world ? first.at : clientAt)
      first.task()
      return true
    },
    isOver: () => over,
    finally: (task) => {
      atTheEnd.push(task)
    },
    end: () => {
      over = true
      for (const task of atTheEnd) task()
    }
  }
}

/**
 * The client's clock on a timeline. `wallOffset` is how far, in milliseconds, its wall time
 * is off just now; its monotonic time is never off.
 */
export const makeClock = (timeline: Timeline, wallOffset: () => number): Clock.Clock => {
  const millis = () => epoch + Math.floor(toMillis(timeline.now())) + wallOffset()
  const nanos = () => BigInt(epoch) * BigInt(nanosPerMilli) + BigInt(timeline.now())
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const callOff = timeline.after("Client", Duration.toMillis(duration), () => resume(Effect.void))
        return Effect.sync(callOff)
      })
  }
}

/** A clock that stands still. */
export const standingAt = (millis: number): Clock.Clock =>
  makeClock({ ...makeTimeline(), now: () => fromMillis(millis - epoch) }, () => 0)

/**
 * Lasts until the simulation is over. `Effect.never` would leave a timer of the platform
 * behind, and a fiber that nothing ever frees.
 */
export const forever = (timeline: Timeline): Effect.Effect<never> =>
  Effect.async<never>((resume) => timeline.finally(() => resume(Effect.interrupt)))
