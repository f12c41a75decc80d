/**
 * A play as lines of text: for screen readers, for bug reports, and to compare one with another.
 */
import { Predicate } from "effect"
import type { Canceller } from "effect-payment-cancel"
import type { Played, Told } from "./play.js"
import { seconds } from "./reading.js"

/** The tag of an error. A cancel at a provider that is only known when it runs does not promise one in its type. */
export const tagOf = (error: Canceller.CancelError): string => 
  Predicate.hasProperty(error, "_tag") ? String(error._tag) : error.category

/** What the caller is told, in a word or two. */
export const headline = (told: Told): string => {
  switch (told._tag) {
    case "Success":
      return told.value._tag
    case "Failure":
      return `${tagOf(told.error)}, ${told.error.outcome}`
    case "Interrupted":
      return `Interrupted, ${told.event?.outcome ?? "nothing in doubt"}`
  }
}

export const transcript = ({ history, told }: Played): ReadonlyArray<string> => [
  ...history.steps.map(({ at, says, who }) => `+${seconds(at).padEnd(9)}${who === "Caller" ? "caller  " : "provider"}  ${says}`),
  `true at the provider: ${history.truths.map(({ status }) => status).join(" -> ")}`,
  `the caller may claim: ${history.claims.map(({ is }) => is).join(" -> ")}`,
  `the caller is told:   ${headline(told)}`
]
