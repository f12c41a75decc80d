/** Where the CPU time of a client goes: what V8's profiler finds running, by whose code it is. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Place from "./Place.js"
import { startClient, startProvider } from "./Process.js"

interface Profile {
  readonly nodes: ReadonlyArray<{ readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number } }>
  readonly samples: ReadonlyArray<number>
  readonly timeDeltas: ReadonlyArray<number>
}

type Frame = Profile["nodes"][number]["callFrame"]

const parts = [
  ["this library", /\/effect-payment-cancel\/dist\//],
  ["Effect", /\/node_modules\/effect\//],
  ["Effect's platform", /\/node_modules\/@effect\//],
  ["undici", /\/node_modules\/undici\/|internal\/deps\/undici/],
  ["Node", /^node:/],
  ["the client's own program", /^file:/]
] as const

const idle = "(idle)"

const partOf = ({ functionName, url }: Frame): string => {
  if (functionName === "(garbage collector)") return "the garbage collector"
  return parts.find(([, urls]) => urls.test(url))?.[0] ?? "V8, and the system"
}

/** The share of each part in all the time in which something ran, and the largest share of one function of the library's. */
export interface Shares {
  readonly of: ReadonlyMap<string, number>
  readonly largest: { readonly name: string; readonly share: number }
}

/** What a profile says. */
export const sharesOf = ({ nodes, samples, timeDeltas }: Profile): Shares => {
  const frames = new Map(nodes.map(({ callFrame, id }) => [id, callFrame]))
  const took = new Map<string, number>()
  const own = new Map<string, number>()
  let all = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    const time = timeDeltas[index] ?? 0
    if (frame === undefined || frame.functionName === idle) continue
    const part = partOf(frame)
    all += time
    took.set(part, (took.get(part) ?? 0) + time)
    if (part !== "this library") continue
    const name = `${frame.functionName || "one without a name"}, in line ${frame.lineNumber + 1} of ${Path.basename(frame.url)}`
    own.set(name, (own.get(name) ?? 0) + time)
  }
  const [name, time] = [...own].reduce((most, each) => each[1] > most[1] ? each : most, ["", 0])
  return { of: new Map([...took].map(([part, time]) => [part, time / all])), largest: { name, share: time / all } }
}

/** Profiles a client from its start on, while it makes so many cancels, 64 at once. */
export const profileOf = async (place: Place.Place, client: string, count: number): Promise<Shares> => {
  const folder = Path.join(place.folder, `profile-${client}`)
  const provider = await startProvider(place)
  const { end, take } = await startClient(place, provider, client, ["--cpu-prof", "--cpu-prof-interval=500", `--cpu-prof-dir=${folder}`])
  await take({ scenario: "happy", atOnce: 64, count })
  await end()
  provider.stop()
  const [file] = Fs.readdirSync(folder)
  if (file === undefined) throw new Error(`${client} left no profile`)
  return sharesOf(JSON.parse(Fs.readFileSync(Path.join(folder, file), "utf8")))
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`

/** The library over undici, beside the exchange by hand: so many cancels of each. */
export const profileTable = async (count: number): Promise<string> => {
  const place = await Place.make()
  try {
    const ours = await profileOf(place, "libraryUndici", count)
    const byHand = await profileOf(place, "byHandUndici", count)
    const rows = [...ours.of].sort(([, one], [, another]) => another - one)
      .map(([part, share]) => `| ${part} | ${percent(share)} | ${percent(byHand.of.get(part) ?? 0)} |`)
    return [
      "| share of the CPU time, 64 at once | this library over undici | by hand over undici |",
      "| --- | --- | --- |",
      ...rows,
      "",
      `The largest share of one function of the library's is ${percent(ours.largest.share)}: ${ours.largest.name}.`
    ].join("\n")
  } finally {
    place.remove()
  }
}
