/** Reads metrics as an exporter does: from a snapshot of all there are. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"

export interface Labels {
  readonly [label: string]: string
}

const labelsOf = ({ metricKey }: MetricPair.MetricPair.Untyped): Labels =>
  Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value]))

/** Of a histogram, how many values it has. */
const numberIn = ({ metricState }: MetricPair.MetricPair.Untyped): number =>
  MetricState.isCounterState(metricState) || MetricState.isHistogramState(metricState) ? Number(metricState.count) : NaN

/** The sum of a metric's values whose labels are these, whatever its other labels are. */
export const sumOf = (name: string, labels: Labels = {}): Effect.Effect<number> =>
  Effect.map(Metric.snapshot, (pairs) =>
    pairs.filter((pair) =>
      pair.metricKey.name === name && Object.entries(labels).every(([label, value]) => labelsOf(pair)[label] === value)
    ).reduce((sum, pair) => sum + numberIn(pair), 0))

/** Every value of this library's that has these labels, by its metric's name and its other labels, apart from those that are zero. */
export const valuesWith = (labels: Labels): Effect.Effect<{ readonly [name: string]: number }> =>
  Effect.map(Metric.snapshot, (pairs) =>
    Object.fromEntries(pairs.flatMap((pair) => {
      const all = labelsOf(pair)
      if (!pair.metricKey.name.startsWith("effect_payment_cancel_")) return []
      if (!Object.entries(labels).every(([label, value]) => all[label] === value) || numberIn(pair) === 0) return []
      const rest = Object.entries(all).filter(([label]) => !(label in labels)).map(([label, value]) => `${label}=${value}`)
      return [[`${pair.metricKey.name}{${rest.join(",")}}`, numberIn(pair)]]
    }).sort()))
