/**
 * The end of the time that is given to something.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** Effect's own clock. Whoever sleeps by it waits for a timer of the platform's. */
const live = Context.get(DefaultServices.liveServices, Clock.Clock)

/** The platform's timers take no longer wait than this, in milliseconds: it would be none at all. Effect's clock never ends one. */
const longest = 0x7fff_ffff

/** Turns an alarm off: it does not ring any more. */
export type TurnOff = () => void

/**
 * Rings after so many milliseconds of the caller's clock. By Effect's own it is the timer itself, and no fiber that sleeps,
 * which was a fifth of what a cancel cost. By any other clock `start` starts one.
 *
 * A process that was held up runs timers that are due before it reads what came meanwhile: where that may end the wait, it rings
 * a turn later.
 */
export const setAlarm = (
  { currentDefaultServices }: Pick<Fiber.RuntimeFiber<unknown, unknown>, "currentDefaultServices">,
  millis: number,
  start: (sleep: Effect.Effect<void>) => Fiber.RuntimeFiber<void>,
  ring: () => void,
  mayBeHere: () => boolean
): TurnOff => {
  const clock = Context.get(currentDefaultServices, Clock.Clock)
  if (clock !== live) {
    const sleeping = start(clock.sleep(Duration.millis(millis)))
    sleeping.addObserver(ring)
    return () => {
      sleeping.removeObserver(ring)
      sleeping.unsafeInterruptAsFork(sleeping.id())
    }
  }
  if (millis > longest) return () => {}
  // @effect-diagnostics-next-line globalTimers:off
  let timer = setTimeout(() => {
    if (!mayBeHere()) return ring()
    // @effect-diagnostics-next-line globalTimers:off
    timer = setTimeout(ring, 0)
  }, millis)
  return () => clearTimeout(timer)
}
