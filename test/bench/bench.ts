/** Measures everything that a target is set for. */
import * as Os from "node:os"
import * as Place from "./Place.js"
import { type Client, startClient, startProvider } from "./Process.js"
import type { Scenario, Taken } from "./protocol.js"
import { clients, type Results, type Row, type Spread, spreadOf } from "./results.js"
import * as Size from "./size.js"
import * as Startup from "./startup.js"

/** How much is measured. */
export interface Scale {
  readonly rounds: number
  /** For each client in each round, in milliseconds. */
  readonly slice: number
  /** So many cancels for each client before the first round, for what is compiled only when it has run often. */
  readonly warmUp: number
  readonly startups: number
  /** So many cancels for each round in which what is allocated is counted: V8 has room for all of it. */
  readonly allocations: number
  /** In MiB: V8 collects nothing before so much is full of young objects, and the process takes as long as it has to make room. */
  readonly room: number
  /** After how many cancels the memory is read, and in how many processes. */
  readonly memory: readonly [few: number, many: number, processes: number]
  /** How many are at once in the row about many at once, and how many cancels that is measured by. */
  readonly crowd: number
  readonly wave: number
}

export const full: Scale = { rounds: 11, slice: 1_500, warmUp: 20_000, startups: 21, allocations: 1_000, room: 512, memory: [20_000, 200_000, 3], crowd: 1_000, wave: 10_000 }

export const quick: Scale = { rounds: 5, slice: 250, warmUp: 4_000, startups: 5, allocations: 500, room: 512, memory: [2_000, 6_000, 1], crowd: 1_000, wave: 1_000 }

/** The library as it is observed, beside the same that nobody observes. */
const observed = {
  libraryTraced: "with a tracer that exports",
  libraryCounted: "with metrics that are exported"
} as const

type Name = keyof typeof clients | keyof typeof observed

const isClient = (name: string): name is keyof typeof clients => Object.hasOwn(clients, name)

const isObserved = (name: string): name is keyof typeof observed => Object.hasOwn(observed, name)

const names = Object.keys(clients).filter(isClient)

const observedNames = Object.keys(observed).filter(isObserved)

/** What a round found for each that took part. */
type Round<K> = ReadonlyMap<K, Taken>

/** A measure of what was taken, of which one value per round is compared. */
type Measure = (taken: Taken) => number

const cpu: Measure = ({ count, cpu }) => cpu / count

const allocated: Measure = ({ allocated, count }) => allocated / count

const rate: Measure = ({ count, wall }) => count / wall * 1000

const valuesOf = <K>(rounds: ReadonlyArray<Round<K>>, key: K, measure: Measure): ReadonlyArray<number> =>
  rounds.map((round) => {
    const taken = round.get(key)
    if (taken === undefined) throw new Error(`${String(key)} took no part`)
    return measure(taken)
  })

/** One beside another: the middle of the ratios, and not the ratio of the middles, for what disturbs a round disturbs both. */
const beside = <K>(rounds: ReadonlyArray<Round<K>>, ours: K, theirs: K, measure: Measure) => {
  const our = valuesOf(rounds, ours, measure)
  const their = valuesOf(rounds, theirs, measure)
  return {
    ours: spreadOf(our).median,
    baseline: spreadOf(their).median,
    compared: "times",
    value: spreadOf(our.map((value, round) => value / their[round]!))
  } as const
}

/** Everyone once in every round, each time in another order. */
const inRounds = async <K>(rounds: number, keys: ReadonlyArray<K>, take: (key: K) => Promise<Taken>): Promise<ReadonlyArray<Round<K>>> => {
  const found: Array<Round<K>> = []
  for (let round = 0; round < rounds; round++) {
    const first = round % keys.length
    const turned = [...keys.slice(first), ...keys.slice(0, first)]
    const taken = new Map<K, Taken>()
    for (const key of round % 2 === 0 ? turned : turned.toReversed()) taken.set(key, await take(key))
    found.push(taken)
  }
  return found
}

/** So many at once, beside 64 at once. */
export const besideFew = async (take: Client["take"], { crowd, rounds, wave }: Pick<Scale, "crowd" | "rounds" | "wave">) => {
  const waveOf = (atOnce: number) => take({ scenario: "happy", atOnce, count: wave })
  await waveOf(crowd)
  const found = await inRounds(rounds, ["crowd", "few"], (size) => waveOf(size === "crowd" ? crowd : 64))
  return beside(found, "crowd", "few", cpu)
}

const inPlace = async (
  place: Place.Place,
  start: (name: Name, flags?: ReadonlyArray<string>) => Promise<Client>,
  { allocations, crowd, memory, room, rounds, slice, startups, warmUp, wave }: Scale,
  say: (text: string) => void
): Promise<Results> => {
  const running = new Map(await Promise.all([...names, ...observedNames].map(async (name) => [name, await start(name)] as const)))
  const take = (name: Name, order: Parameters<Client["take"]>[0]) => running.get(name)!.take(order)

  const compare = async (scenario: Scenario, atOnce: number, taking: ReadonlyArray<Name> = names) => {
    say(`${scenario}, ${atOnce} at once`)
    for (const name of taking) await take(name, { scenario, atOnce: 64, count: warmUp })
    return await inRounds(rounds, taking, (name) => take(name, { scenario, atOnce, milliseconds: slice }))
  }

  const alone = await compare("happy", 1)
  const atOnce = await compare("happy", 64)

  const happy = (ours: keyof typeof clients, theirs: keyof typeof clients, target: Row["target"]): ReadonlyArray<Row> =>
    ([["one at a time", alone], ["64 at once", atOnce]] as const).map(([how, rounds]) => ({
      measure: `CPU per cancel, ${clients[ours]}, ${how}`,
      against: clients[theirs],
      unit: "µs",
      target,
      ...beside(rounds, ours, theirs, cpu)
    }))

  const lost = async (scenario: Scenario, how: string): Promise<ReadonlyArray<Row>> => {
    const taking = ["byHandUndici", "libraryUndici"] as const
    const row = async (at: number, text: string): Promise<Row> => ({
      measure: `CPU per cancel whose answer is lost, settled by ${how}, ${text}`,
      against: "the two bare exchanges by hand",
      unit: "µs",
      target: { is: "at most", value: 1.5 },
      ...beside(await compare(scenario, at, taking), "libraryUndici", "byHandUndici", cpu)
    })
    return [await row(1, "one at a time"), await row(64, "64 at once")]
  }

  const observing = async (): Promise<ReadonlyArray<Row>> => {
    const rounds = await compare("happy", 64, ["libraryUndici", ...observedNames])
    return observedNames.map((name) => ({
      measure: `CPU per cancel, ${clients.libraryUndici}, ${observed[name]}, 64 at once`,
      against: "without",
      unit: "µs",
      target: { is: "at most", value: name === "libraryTraced" ? 1.5 : 1.05 },
      ...beside(rounds, name, "libraryUndici", cpu)
    }))
  }

  const crowded = async (name: keyof typeof clients): Promise<Row> => {
    say(`happy, ${crowd} at once`)
    return {
      measure: `CPU per cancel, ${clients[name]}, ${crowd.toLocaleString("en")} at once`,
      against: "64 at once",
      unit: "µs",
      target: { is: "at most", value: 1.1 },
      ...await besideFew((order) => take(name, order), { crowd, rounds, wave })
    }
  }

  const resident = async (name: keyof typeof clients): Promise<Row> => {
    const [few, many, processes] = memory
    say(`memory, ${many} cancels`)
    const found: Array<{ readonly few: number; readonly many: number }> = []
    while (found.length < processes) {
      // A process that has done nothing else: with the moments at which V8 collects, each finds something else.
      const client = await start(name)
      const after = async (count: number) => (await client.take({ scenario: "happy", atOnce: 64, count })).resident / 2 ** 20
      found.push({ few: await after(few), many: await after(many - few) })
      client.stop()
    }
    return {
      measure: `resident memory after ${many.toLocaleString("en")} cancels, ${clients[name]}`,
      against: `after ${few.toLocaleString("en")}`,
      unit: "MiB",
      ours: spreadOf(found.map(({ many }) => many)).median,
      baseline: spreadOf(found.map(({ few }) => few)).median,
      compared: "times",
      value: spreadOf(found.map(({ few, many }) => many / few)),
      target: { is: "at most", value: 1.05 }
    }
  }

  const allocating = async (): Promise<ReadonlyMap<Name, Spread>> => {
    say(`memory allocated, ${allocations} cancels`)
    const found = new Map<Name, Spread>()
    for (const name of names) {
      const client = await start(name, [`--min-semi-space-size=${room}`, `--max-semi-space-size=${room}`])
      const take = (count: number) => client.take({ scenario: "happy", atOnce: 64, count })
      // What is compiled by then allocates less.
      await take(5 * allocations)
      const values: Array<number> = []
      for (let round = 0; round < rounds; round++) values.push(allocated(await take(allocations)))
      client.stop()
      found.set(name, spreadOf(values))
    }
    return found
  }

  const startup = (): Row => {
    say("start-up")
    const found = Startup.measure(place, startups)
    return {
      measure: "start-up: importing one provider",
      against: "the same modules of `effect` and `@effect/platform` alone",
      unit: "ms",
      ours: spreadOf(found.map(({ ours }) => ours)).median,
      baseline: spreadOf(found.map(({ peers }) => peers)).median,
      compared: "more",
      value: spreadOf(found.map(({ ours, peers }) => ours - peers)),
      target: { is: "at most", value: 40 }
    }
  }

  const size = ({ byHand, ours }: Pick<ReturnType<typeof Size.measure>, "byHand" | "ours">): Row => ({
    measure: "bundle with one provider, minified and gzipped",
    against: "the same program by hand",
    unit: "KiB",
    ours: ours / 1024,
    baseline: byHand / 1024,
    compared: "more",
    value: spreadOf([(ours - byHand) / 1024]),
    target: { is: "at most", value: 15 }
  })

  const sizes = Size.measure(place)
  const allocatedBy = await allocating()

  return {
    machine: `${Os.cpus()[0]?.model ?? "unknown"}, ${Os.availableParallelism()} cores, Node ${process.versions.node}`,
    figures: names.map((name) => ({
      client: clients[name],
      alone: spreadOf(valuesOf(alone, name, cpu)),
      atOnce: spreadOf(valuesOf(atOnce, name, cpu)),
      rate: spreadOf(valuesOf(atOnce, name, rate)),
      allocated: allocatedBy.get(name)!
    })),
    rows: [
      ...happy("libraryUndici", "byHandUndici", { is: "at most", value: 1.5, aim: 1.15 }),
      ...happy("libraryOwn", "stripe", { is: "below", value: 1 }),
      ...happy("libraryFetch", "byHandFetch", { is: "at most", value: 1.5 }),
      {
        measure: `cancels a second, ${clients.libraryOwn}, 64 at once`,
        against: clients.stripe,
        unit: "per second",
        target: { is: "at least", value: 1 },
        ...beside(atOnce, "libraryOwn", "stripe", rate)
      },
      ...await lost("resend", "sending it again"),
      ...await lost("status", "reading the status"),
      ...await observing(),
      await crowded("libraryUndici"),
      await crowded("libraryOwn"),
      await resident("libraryUndici"),
      await resident("libraryOwn"),
      startup(),
      size(sizes)
    ],
    bundle: sizes.more
  }
}

/** Starts everything that is needed, measures, and stops it. The package is built, if not given as it is built. */
export const run = async (scale: Scale, say: (text: string) => void, built?: string): Promise<Results> => {
  const place = await Place.make(built)
  const stops = [place.remove]
  try {
    const provider = await startProvider(place)
    stops.push(provider.stop)
    const start = async (name: Name, flags?: ReadonlyArray<string>): Promise<Client> => {
      const client = await startClient(place, provider, name, flags)
      stops.push(client.stop)
      return client
    }
    return await inPlace(place, start, scale, say)
  } finally {
    for (const stop of stops.toReversed()) stop()
  }
}
