/**
 * An incident that is rehearsed: what goes wrong where, one after the other.
 */
import { Effect } from "effect"
import type { FaultName, Provider, Switches } from "./Switches.js"

interface Turn {
  /** When, in milliseconds since it was begun. */
  readonly at: number
  readonly fault: FaultName
  readonly where: ReadonlyArray<Provider>
  readonly isOn: boolean
}

/** Square is back in time, and Adyen is not. */
const turns: ReadonlyArray<Turn> = [
  { at: 2000, fault: "lost", where: ["Stripe", "WePay"], isOn: true },
  { at: 3500, fault: "down", where: ["Square"], isOn: true },
  { at: 6000, fault: "broken", where: ["Adyen"], isOn: true },
  { at: 8000, fault: "lost", where: ["Stripe"], isOn: false },
  { at: 8500, fault: "broken", where: ["Adyen"], isOn: false },
  { at: 9500, fault: "down", where: ["Square"], isOn: false },
  { at: 11_000, fault: "busy", where: ["Stripe"], isOn: true },
  { at: 13_000, fault: "busy", where: ["Stripe"], isOn: false },
  { at: 15_000, fault: "down", where: ["Adyen"], isOn: true },
  { at: 17_000, fault: "unreadable", where: ["WePay"], isOn: true },
  { at: 22_000, fault: "unreadable", where: ["WePay"], isOn: false },
  { at: 22_000, fault: "lost", where: ["WePay"], isOn: false }
]

/** Switches on and off, and then has nothing more to do. Where it is ended, so is everything that it has begun. */
export const incident = ({ set }: Switches): Effect.Effect<never> =>
  Effect.forEach(turns, ({ at, fault, isOn, where }, nth) =>
    Effect.zipRight(Effect.sleep(at - (turns[nth - 1]?.at ?? 0)), Effect.sync(() => set(fault, where, isOn))), { discard: true }).pipe(
    Effect.zipRight(Effect.never),
    Effect.ensuring(Effect.sync(() => {
      for (const { fault, where } of turns) set(fault, where, false)
    }))
  )
