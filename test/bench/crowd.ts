/** What it costs that many cancels are at once, with this library and without. */
import { besideFew, type Scale } from "./bench.js"
import * as Place from "./Place.js"
import { startClient, startProvider } from "./Process.js"
import { clients, digits } from "./results.js"

/** undici, and all that speak over it, and Stripe's own client. */
const compared = ["undici", "stripe", "byHandUndici", "libraryUndici", "libraryOwn"] as const

/** Room for what is young, in MiB: V8's own, which is 16, and more of it, in which less of what waits for its answer is copied. */
const rooms = [16, 64, 128] as const

/** The CPU time of each with so many at once, as a multiple of its own with 64 at once. */
export const crowdTable = async ({ crowd, rounds, warmUp, wave }: Scale): Promise<string> => {
  const place = await Place.make()
  const stops = [place.remove]
  try {
    const provider = await startProvider(place)
    stops.push(provider.stop)
    const rows: Array<string> = []
    for (const name of compared) {
      const cells: Array<string> = []
      for (const room of rooms) {
        const client = await startClient(place, provider, name, [`--max-semi-space-size=${room}`])
        stops.push(client.stop)
        await client.take({ scenario: "happy", atOnce: 64, count: warmUp })
        const { baseline, ours, value } = await besideFew(client.take, { crowd, rounds, wave })
        client.stop()
        cells.push(`${digits(value.median)} (${digits(ours)} and ${digits(baseline)} µs)`)
      }
      rows.push(`| ${clients[name]} | ${cells.join(" | ")} |`)
    }
    return [
      `| CPU per cancel, ${crowd.toLocaleString("en")} at once, as a multiple of 64 at once | ${
        rooms.map((room) => `\`--max-semi-space-size=${room}\``).join(" | ")
      } |`,
      `| --- |${" --- |".repeat(rooms.length)}`,
      ...rows
    ].join("\n")
  } finally {
    for (const stop of stops.toReversed()) stop()
  }
}
