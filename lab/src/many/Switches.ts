/**
 * What goes wrong, and where: each fault can be switched on and off at each provider, while cancels run.
 */
import { Effect, Random } from "effect"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

export const providers = ["Stripe", "Square", "Adyen", "WePay"] as const

export type Provider = typeof providers[number]

interface Kind {
  readonly title: string
  /** What is true meanwhile. */
  readonly says: string
}

/** Of two that are switched on, the one that stands first here wins. */
export const faults = {
  down: { title: "Down", says: "connections are refused" },
  busy: { title: "429", says: "too many requests, Retry-After: 3" },
  broken: { title: "500", says: "server errors, and about half of the cancels are carried out all the same" },
  lost: { title: "Lost", says: "about half of the answers are lost, after the cancel is carried out" },
  unreadable: { title: "No status", says: "status queries fail as well" }
} as const satisfies { readonly [name: string]: Kind }

export type FaultName = keyof typeof faults

// A cast, because `Object.keys` returns strings.
export const faultNames = Object.keys(faults) as ReadonlyArray<FaultName>

/** `isHalf` is true of about half of all requests. */
const injection = (name: FaultName, isHalf: boolean): readonly [fault: Fault.Fault, operation?: "Cancel"] => {
  switch (name) {
    case "down":
      return [Fault.refuseConnection]
    case "busy":
      return [Fault.rateLimited({ retryAfter: 3 })]
    case "broken":
      return [Fault.serverError({ applied: isHalf }), "Cancel"]
    case "lost":
      return [isHalf ? Fault.dropAfterApplying : Fault.oversizedBody(0), "Cancel"]
    case "unreadable":
      return [Fault.statusQueryDown]
  }
}

export type On = ReadonlySet<`${FaultName} ${Provider}`>

export interface Switches {
  /** What is switched on. */
  readonly on: () => On
  readonly set: (fault: FaultName, providers: ReadonlyArray<Provider>, isOn: boolean) => void
  /** Has the sandbox do what is switched on to the request that it receives next. */
  readonly apply: Effect.Effect<void>
}

/** The first one wins, so they stand in the order of the faults. */
const inForce = (on: On) =>
  faultNames.flatMap((name) => providers.flatMap((provider) => on.has(`${name} ${provider}`) ? [[name, provider] as const] : []))

export const makeSwitches = (sandbox: Sandbox.Service): Switches => {
  let on: On = new Set()
  return {
    on: () => on,
    set: (fault, where, isOn) => {
      const next = new Set(on)
      for (const provider of where) {
        if (isOn) next.add(`${fault} ${provider}`)
        else next.delete(`${fault} ${provider}`)
      }
      on = next
    },
    apply: Effect.flatMap(Random.nextBoolean, (isHalf) =>
      Effect.zipRight(
        sandbox.clearFaults,
        Effect.forEach(inForce(on), ([name, provider]) => {
          const [fault, operation] = injection(name, isHalf)
          return sandbox.inject(fault, { provider, forever: true, ...operation === undefined ? {} : { operation } })
        }, { discard: true })
      ))
  }
}
