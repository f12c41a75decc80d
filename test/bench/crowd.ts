/** What it costs that many cancels are at once, with this library and without. */
import { besideFew, type Scale } from "./bench.js"
import * as Place from "./Place.js"
import { startClient, startProvider } from "./Process.js"
import { clients, digits } from "./results.js"

/** Those that speak over undici, or are undici. */
const compared = ["undici", "byHandUndici", "libraryUndici", "libraryOwn"] as const

/** The CPU time of each with so many at once, as a multiple of its own with 64 at once. */
export const crowdTable = async ({ crowd, rounds, warmUp, wave }: Scale): Promise<string> => {
  const place = await Place.make()
  const stops = [place.remove]
  try {
    const provider = await startProvider(place)
    stops.push(provider.stop)
    const rows: Array<string> = []
    for (const name of compared) {
      const { stop, take } = await startClient(place, provider, name)
      stops.push(stop)
      await take({ scenario: "happy", atOnce: 64, count: warmUp })
      const { baseline, ours, value } = await besideFew(take, { crowd, rounds, wave })
      rows.push(`| ${clients[name]} | ${digits(value.median)} (${digits(value.from)} to ${digits(value.to)}) | ${digits(ours)} µs | ${digits(baseline)} µs |`)
    }
    return [
      `| CPU per cancel, ${crowd.toLocaleString("en")} at once | times 64 at once | ${crowd.toLocaleString("en")} at once | 64 at once |`,
      "| --- | --- | --- | --- |",
      ...rows
    ].join("\n")
  } finally {
    for (const stop of stops.toReversed()) stop()
  }
}
