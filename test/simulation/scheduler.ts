/**
 * Effect's fibers take turns in the order in which they asked for them, and nothing else
 * decides who runs: no promise, no timer of the platform.
 */
import type { RuntimeFiber } from "effect/Fiber"
import type { Scheduler, Task } from "effect/Scheduler"

export interface TurnScheduler extends Scheduler {
  /** Runs every task there is, and those which they bring about; false when there is no end of them. */
  drain(turnsAtMost?: number): boolean
  /** How many tasks were run so far. */
  turns(): number
}

/** Far more than any simulation needs: what takes longer goes round in circles. */
const mostTurns = 20_000

/**
 * - `operationsPerTurn`: how long a fiber may go on before it has to yield. The fewer, the
 *   more ways there are for fibers to get between each other. Yielding itself takes about
 *   a dozen operations, so with fewer nothing would ever be done.
 * - `onTurn`: is called before each task with its number.
 */
export const make = (operationsPerTurn: number, onTurn: (turn: number) => void): TurnScheduler => {
  const queue: Array<Task> = []
  let turn = 0
  return {
    shouldYield: (fiber: RuntimeFiber<unknown, unknown>) => fiber.currentOpCount > operationsPerTurn ? 0 : false,
    scheduleTask: (task) => {
      queue.push(task)
    },
    drain: (turnsAtMost = mostTurns) => {
      for (let next = 0; next < queue.length; next += 1) {
        turn += 1
        if (turn > turnsAtMost) return false
        onTurn(turn)
        queue[next]?.()
      }
      queue.length = 0
      return true
    },
    turns: () => turn
  }
}
