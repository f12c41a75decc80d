/**
 * Plays a seed with the project's own simulator. It is loaded by whoever opens its view: with it come the
 * tests' facts of every provider.
 */
import "./Buffer.js"
import { judge } from "../../../test/simulation/campaign.js"
import { everything, named } from "../../../test/simulation/facts.js"
import * as Scenario from "../../../test/simulation/scenario.js"
import { unbroken } from "../../../test/simulation/simulate.js"
import { type Picture, picture } from "./picture.js"

/** A seed, and as whichever way of cancelling it is to be played; null: as it has it. */
export interface Asked {
  readonly seed: number
  readonly as: string | null
}

/** Every way of cancelling that a seed can be played as. */
export const ways: ReadonlyArray<string> = everything.map(({ name }) => name)

export const play = async ({ as, seed }: Asked): Promise<Picture> =>
  picture(await judge(Scenario.make(seed, as === null ? undefined : named(as)), unbroken, true))
