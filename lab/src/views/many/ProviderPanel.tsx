/**
 * One provider: its switches, its latest requests, and a cell for each of its payments.
 */
import { memo } from "preact/compat"
import { useRef } from "preact/hooks"
import { type Cell, countsOf, kindOf, type Lane, type Phase, recent } from "../../many/run.js"
import { type FaultName, faultNames, faults, type On } from "../../many/Switches.js"
import { seconds } from "../../scenario/reading.js"
import { classOf, kinds, titleOf } from "./words.js"

interface Props {
  readonly lane: Lane
  readonly cells: ReadonlyArray<Cell>
  readonly now: number
  readonly phase: Phase
  readonly on: On
  readonly selected: number | null
  readonly select: (index: number) => void
  readonly set: (fault: FaultName, isOn: boolean) => void
}

export const ProviderPanel = ({ cells, lane, now, on, phase, select, selected, set }: Props) => {
  const { provider } = lane
  const counts = countsOf(cells)
  const over = cells.length - counts.Waiting - counts.UnderWay
  return (
    <section class={`provider ${lane.pause === null ? "" : `is-${lane.pause.why}`}`} aria-labelledby={`of-${provider}`}>
      <h2 id={`of-${provider}`}>
        {provider} <span class="soft">{over} of {cells.length}</span>
      </h2>
      <div class="switches" role="group" aria-label={`What goes wrong at ${provider}`}>
        {faultNames.map((name) => {
          const isOn = on.has(`${name} ${provider}`)
          return (
            <button key={name} type="button" aria-pressed={isOn} title={faults[name].says} onClick={() => set(name, !isOn)}>
              {faults[name].title}
            </button>
          )
        })}
      </div>
      <Requests lane={lane} now={now} />
      <p class="state">{stateOf(lane, phase, counts)}</p>
      <Cells provider={provider} cells={cells} selected={selected} select={select} />
    </section>
  )
}

const stateOf = ({ pause }: Lane, phase: Phase, counts: ReturnType<typeof countsOf>): string => {
  if (pause?.why === "Asked") return `Asked to wait: nothing sent for ${seconds(pause.millis)}`
  if (pause?.why === "Down") {
    const probes = pause.probes === 0 ? "" : `, ${pause.probes} ${pause.probes === 1 ? "probe" : "probes"} without success`
    return `Down, so it is left alone: nothing sent for ${seconds(pause.millis)}${probes}`
  }
  if (phase === "New") return "Nothing has been sent"
  const parts = [[counts.UnderWay, "under way"], [counts.Waiting, "waiting"], [counts.InDoubt, "in doubt"], [counts.NotBegun, "not begun"]] as const
  const some = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return some.length === 0 ? "Everything has its result" : some.join(", ")
}

const height = 30

/** The requests of the last seconds: upwards what was answered, downwards what failed. */
const Requests = ({ lane: { sent }, now }: { readonly lane: Lane; readonly now: number }) => {
  const ticks = (fates: ReadonlyArray<string | null>, to: number) =>
    sent.filter(({ fate }) => fates.includes(fate)).map(({ at }) => `M${(1000 - (now - at) * (1000 / recent.requests)).toFixed(1)} ${height / 2}V${to}`).join("")
  return (
    <svg class="requests" viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="axis" d={`M0 ${height / 2}H1000`} />
      <path class="on-its-way" d={ticks([null], height / 2 - 5)} />
      <path class="good" d={ticks(["Answered"], 2)} />
      <path class="bad" d={ticks(["Refused", "Lost", "ServerError"], height - 2)} />
      <path class="busy" d={ticks(["TooMany"], height - 7)} />
    </svg>
  )
}

const Cells = ({ cells, provider, select, selected }: Pick<Props, "cells" | "select" | "selected"> & { readonly provider: string }) => {
  const box = useRef<HTMLDivElement>(null)
  const active = cells.find(({ index }) => index === selected)
  const move = (event: KeyboardEvent) => {
    const at = active === undefined ? -1 : cells.indexOf(active)
    const to = next(event.key, at, cells.length, columnsOf(box.current))
    if (to === null) return
    event.preventDefault()
    const cell = cells[to]
    if (cell !== undefined) select(cell.index)
  }
  return (
    <div
      ref={box}
      class="cells"
      role="listbox"
      tabIndex={0}
      aria-label={`Payments at ${provider}`}
      aria-activedescendant={active === undefined ? undefined : `cell-${active.index}`}
      onKeyDown={move}
    >
      {cells.map((cell) => <One key={cell.index} cell={cell} isSelected={cell.index === selected} select={select} />)}
    </div>
  )
}

const One = memo(({ cell, isSelected, select }: { readonly cell: Cell; readonly isSelected: boolean; readonly select: (index: number) => void }) => (
  <div
    id={`cell-${cell.index}`}
    class={classOf(cell)}
    role="option"
    aria-selected={isSelected}
    aria-label={titleOf(cell)}
    title={titleOf(cell)}
    onClick={() => select(cell.index)}
  >
    {kinds[kindOf(cell)].sign}
  </div>
))

/** How many cells stand in the first row. */
const columnsOf = (box: HTMLDivElement | null): number => {
  const cells = box === null ? [] : [...box.children].filter((child) => child instanceof HTMLElement)
  const top = cells[0]?.offsetTop
  return Math.max(1, cells.filter(({ offsetTop }) => offsetTop === top).length)
}

/** Where a key leads to; null if it leads nowhere. */
const next = (key: string, at: number, count: number, columns: number): number | null => {
  const steps: { readonly [key: string]: number } = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }
  if (key === "Home") return 0
  if (key === "End") return count - 1
  const step = steps[key]
  if (step === undefined) return null
  if (at === -1) return 0
  const to = at + step
  return to < 0 || to >= count ? at : to
}
