/**
 * Where the sandbox's providers answer a cancel with the payment itself, and have a status to
 * read: what the others do their own tests show.
 */
import { Sandbox } from "../../src/sandbox/index.js"
import type { ProviderFacts, Way } from "./ProviderFacts.js"
import { providers } from "./providers.js"

export interface Synchronous {
  readonly provider: Sandbox.Provider
  readonly facts: ProviderFacts
  readonly way: Way
  /** A status from which the payment can no longer be cancelled. */
  readonly closed: string
}

/** An answer that states nothing, and is documented as a success. */
const isSilent = ({ codes }: ProviderFacts): boolean =>
  codes.some(({ code, outcome, statuses: [status] }) => code === null && outcome === "Unknown" && status < 300)

export const synchronous: ReadonlyArray<Synchronous> = providers.flatMap((facts) => {
  const { name, standings, ways: [way] } = facts
  const closed = Object.keys(standings).find((status) => standings[status] === "Closed")
  return Sandbox.isProvider(name) && way.receipts === null && way.statusBody !== null && !isSilent(facts) && closed !== undefined
    ? [{ provider: name, facts, way, closed }]
    : []
})
