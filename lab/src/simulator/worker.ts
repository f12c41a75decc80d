/**
 * Plays seeds beside the page: with the simulator come the tests' facts of every provider, and a
 * picture may be moving meanwhile.
 */
import "./Buffer.js"
import { judge } from "../../../test/simulation/campaign.js"
import { everything, named } from "../../../test/simulation/facts.js"
import * as Scenario from "../../../test/simulation/scenario.js"
import { unbroken } from "../../../test/simulation/simulate.js"
import type { Asked, Reply } from "./messages.js"
import { picture } from "./picture.js"

const reply = (message: Reply) => postMessage(message)

reply({ _tag: "Ready", names: everything.map(({ name }) => name) })

addEventListener("message", ({ data: { as, seed } }: MessageEvent<Asked>) => {
  // What fails at once fails like what fails later.
  const judged = Promise.resolve().then(() => judge(Scenario.make(seed, as === null ? undefined : named(as)), unbroken, true))
  judged.then(
    (found) => reply({ _tag: "Played", seed, as, picture: picture(found) }),
    (error: unknown) => reply({ _tag: "Failed", seed, as, why: error instanceof Error ? error.message : String(error) })
  )
})
