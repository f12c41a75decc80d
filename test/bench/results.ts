/** What a run of `npm run bench` found, as it is kept and shown. */

/** The modules in `clients`, and what tables call them. */
export const clients = {
  undici: "undici alone",
  stripe: "stripe-node",
  byHandUndici: "by hand, Effect's client over undici",
  byHandFetch: "by hand, Effect's client over fetch",
  libraryUndici: "this library over undici",
  libraryFetch: "this library over fetch",
  libraryOwn: "this library over its own transport"
} as const

/** The middle of several values, and between which two the middle half of them is. */
export interface Spread {
  readonly median: number
  readonly from: number
  readonly to: number
}

const quantile = (sorted: ReadonlyArray<number>, share: number): number => {
  const at = (sorted.length - 1) * share
  const lower = sorted[Math.floor(at)] ?? NaN
  const upper = sorted[Math.ceil(at)] ?? NaN
  return lower + (upper - lower) * (at - Math.floor(at))
}

export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((one, another) => one - another)
  return { median: quantile(sorted, 0.5), from: quantile(sorted, 0.25), to: quantile(sorted, 0.75) }
}

/** What is to be reached, and what would be better still. */
export interface Target {
  readonly is: "at most" | "below" | "at least"
  readonly value: number
  readonly aim?: number
}

/** One measure against its baseline, in the same run. */
export interface Row {
  readonly measure: string
  readonly against: string
  readonly unit: "µs" | "ms" | "MiB" | "KiB" | "per second"
  readonly ours: number
  readonly baseline: number
  /** What the target is about: how many times the baseline, or how much more. */
  readonly compared: "times" | "more"
  readonly value: Spread
  readonly target: Target
}

/** One client, happy path: what a cancel takes, one at a time and many at once. */
export interface Figure {
  readonly client: string
  /** CPU time per cancel, in microseconds. */
  readonly alone: Spread
  readonly atOnce: Spread
  /** Cancels a second, many at once. */
  readonly rate: Spread
  /** Memory that is allocated for a cancel, many at once, in bytes. */
  readonly allocated: Spread
}

/** A part of the bundle with one provider, and how much more of it there is than by hand, in bytes, minified. */
export interface Part {
  readonly part: string
  readonly bytes: number
}

export interface Results {
  readonly machine: string
  readonly rows: ReadonlyArray<Row>
  /** The first is what the others are compared with. */
  readonly figures: ReadonlyArray<Figure>
  readonly bundle: ReadonlyArray<Part>
}

export const isMet = ({ target, value: { median } }: Row): boolean => {
  switch (target.is) {
    case "at most":
      return median <= target.value
    case "below":
      return median < target.value
    case "at least":
      return median >= target.value
  }
}

export const digits = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2)

export const unitOf = ({ compared, unit }: Row): string => compared === "times" ? "" : ` ${unit} more`

const shown = (row: Row): string => {
  const { from, median, to } = row.value
  return `**${digits(median)}**${unitOf(row)} (${digits(from)} to ${digits(to)})`
}

export const wanted = (row: Row): string => `${row.target.is} ${row.target.value}${unitOf(row)}`

const table = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

/** The targets, and whether each is met. */
export const targetTable = ({ rows }: Results): string =>
  table(
    ["measure", "against, in the same run", "target", "measured", "", "ours", "theirs"],
    rows.map((row) => [
      row.measure,
      row.against,
      wanted(row),
      shown(row),
      isMet(row) ? "met" : "**missed**",
      `${digits(row.ours)} ${row.unit}`,
      `${digits(row.baseline)} ${row.unit}`
    ])
  )

/** What a cancel takes that nothing goes wrong with, one at a time, in a sentence or two. */
export const summary = ({ figures }: Results): string => {
  const took = (name: keyof typeof clients): number => figures.find(({ client }) => client === clients[name])?.alone.median ?? NaN
  const milliseconds = (name: keyof typeof clients): string => `${(took(name) / 1000).toFixed(2)} ms`
  return [
    "A cancel that is answered is one request, and takes as long as the provider takes for that.",
    `Of CPU time it takes this process ${milliseconds("libraryOwn")} over the library's own transport, and ${milliseconds("libraryUndici")} over Effect's client over undici.`,
    `On the same machine the same exchange takes ${milliseconds("byHandUndici")} that is written by hand over Effect's client, and ${milliseconds("undici")} with undici alone.`
  ].join(" ")
}

/** Every client beside the first. */
export const clientTable = ({ figures }: Results): string => {
  const [first] = figures
  const cell = ({ median }: Spread, base: Spread | undefined): string =>
    `${(median / (base?.median ?? NaN)).toFixed(1)} (${digits(median)} µs)`
  return table(
    ["client, Stripe's cancel, CPU", "one at a time", "64 at once", "a second, 64 at once", "allocated for each"],
    figures.map(({ allocated, alone, atOnce, client, rate }) =>
      [client, cell(alone, first?.alone), cell(atOnce, first?.atOnce), digits(rate.median), `${digits(allocated.median / 1024)} KiB`])
  )
}

/** What the bundle with one provider has more than the one by hand. */
export const bundleTable = ({ bundle }: Results): string => {
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)
  return table(
    ["of the bundle, minified and not compressed", "more than by hand, in kB"],
    [
      ...bundle.toSorted((one, another) => another.bytes - one.bytes).map(({ bytes, part }) => [part, kilobytes(bytes)]),
      ["together", kilobytes(bundle.reduce((sum, { bytes }) => sum + bytes, 0))]
    ]
  )
}
