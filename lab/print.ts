/**
 * `npm run lab:print -- 'provider=Stripe&cancel=lost-after'`: the history of a link's scenario as text, without a browser.
 */
import { Option } from "effect"
import { play } from "./src/scenario/play.js"
import { fromQuery } from "./src/scenario/Scenario.js"
import { transcript } from "./src/scenario/transcript.js"

const [link = ""] = process.argv.slice(2)

await Option.match(fromQuery(link.slice(link.indexOf("?") + 1)), {
  onNone: async () => {
    console.error(`This is not the link of a scenario: ${link}`)
    process.exitCode = 2
  },
  onSome: async (scenario) => console.log(transcript(await play(scenario)).join("\n"))
})
