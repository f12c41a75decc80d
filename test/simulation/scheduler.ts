/**
 * Effect's fibers take turns in the order in which they asked for them, and nothing else
 * decides who runs: no promise, no timer of the platform.
 */
import type { RuntimeFiber } from "effect/Fiber"
import type { Scheduler, Task } from "effect/Scheduler"

export interface TurnScheduler extends Scheduler {
  /**
   * Runs every task there is, and those which they bring about; false when there is no end
   * of them.
   */
  drain(): boolean
  /** Drops what is left after a little more, when nobody cares any longer. */
  tidy(): void
  /** How many tasks were run so far. */
  turns(): number
}

/** Far more operations than any simulation needs: what takes longer goes round in circles. */
const mostOperations = 400_000

/** How many operations fibers get to go away when the simulation is over. */
const lastOperations = 100_000

/**
 * - `operationsPerTurn`: how long a fiber may go on before it has to yield. The fewer, the
 *   more ways there are for fibers to get between each other. Yielding itself takes about
 *   a dozen operations, so with fewer nothing would ever be done.
 * - `onTurn`: is called before each task with its number.
 */
export const make = (operationsPerTurn: number, onTurn: (turn: number) => void): TurnScheduler => {
  const queue: Array<Task> = []
  let turn = 0
  let operations = 0

  const run = (operationsAtMost: number): boolean => {
    for (let next = 0; next < queue.length; next += 1) {
      if (operations > operationsAtMost) return false
      turn += 1
      onTurn(turn)
      queue[next]?.()
    }
    queue.length = 0
    return true
  }

  return {
    shouldYield: (fiber: RuntimeFiber<unknown, unknown>) => {
      operations += 1
      return fiber.currentOpCount > operationsPerTurn ? 0 : false
    },
    scheduleTask: (task) => {
      queue.push(task)
    },
    drain: () => run(mostOperations),
    tidy: () => {
      run(operations + lastOperations)
    },
    turns: () => turn
  }
}
