/** The providers that a file can name. */
import * as Option from "effect/Option"
import * as Sandbox from "../../sandbox/Sandbox.js"
import type { Provider } from "./definition.js"
import { definitions } from "./definitions.js"

export const names: ReadonlyArray<Sandbox.Provider> = Sandbox.providers

export const isProvider = Sandbox.isProvider

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, "")

/** The provider that is meant by a name in another spelling, as `stripe` or `checkout.com`. */
const meantBy = (name: string): Option.Option<Sandbox.Provider> =>
  Option.fromNullable(names.find((known) => plain(known) === plain(name)))

/** What is wrong with a name that is no provider's. */
export const misspelt = (name: string): string =>
  Option.match(meantBy(name), { onNone: () => `must be one of ${names.join(", ")}`, onSome: (meant) => `must be spelt ${meant}` })

export const provider = (name: Sandbox.Provider): Provider => definitions[name]

/** Every field that some provider's cancel request has. */
export const everyField: ReadonlySet<string> = new Set(
  names.flatMap((name) => Object.keys(definitions[name].fields))
)
