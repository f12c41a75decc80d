/**
 * Many cancels at once: a grid of payments that fills with what is known of each, while faults are
 * switched on and off.
 */
import { useCallback, useEffect, useRef, useState } from "preact/hooks"
import { type Cell, countsOf, kindOf, leftOf, type Picture } from "../many/run.js"
import { faultNames, faults, providers } from "../many/Switches.js"
import { seconds } from "../scenario/reading.js"
import { Counts, Progress } from "./many/Counts.js"
import { ProviderPanel } from "./many/ProviderPanel.js"
import { useWorld, type Watched } from "./many/useWorld.js"
import { classOf, kindNames, kinds, openTitle, wordsOf } from "./many/words.js"

const speeds = [1, 4, 16] as const

export default function ManyView() {
  const watched = useWorld()
  const { act, picture } = watched
  const { cells, lanes, now, on, phase } = picture
  const [selected, setSelected] = useState<number | null>(null)
  const select = useCallback((index: number) => setSelected(index), [])
  const cell = cells.find(({ index }) => index === selected)
  return (
    <div class="many-view">
      <section class="stage" aria-label="Many cancels at once">
        <p class="lesson">
          {cells.length} payments at four providers are cancelled by one stream. Break the providers while it runs: what is claimed of a
          payment stays true, and what cannot be known is said to be in doubt.
        </p>
        <Run watched={watched} />
        <Progress cells={cells} />
        <Truth picture={picture} />
      </section>
      <div class="everywhere">
        <span class="soft" id="everywhere">Everywhere</span>
        <div class="switches" role="group" aria-labelledby="everywhere">
          {faultNames.map((name) => {
            const count = providers.filter((provider) => on.has(`${name} ${provider}`)).length
            const isOn = count === providers.length
            return (
              <button
                key={name}
                type="button"
                aria-pressed={isOn ? true : count > 0 ? "mixed" : false}
                title={faults[name].says}
                onClick={() => act((world) => world.set(name, providers, !isOn))}
              >
                {faults[name].title}
              </button>
            )
          })}
        </div>
      </div>
      <div class="providers">
        {lanes.map((lane) => (
          <ProviderPanel
            key={lane.provider}
            lane={lane}
            cells={cells.filter(({ provider }) => provider === lane.provider)}
            now={now}
            phase={phase}
            on={on}
            selected={selected}
            select={select}
            set={(fault, isOn) => act((world) => world.set(fault, [lane.provider], isOn))}
          />
        ))}
      </div>
      <p class="legend">
        {kindNames.map((kind) => (
          <span key={kind}><span class={`cell is-${kind}`} aria-hidden="true">{kinds[kind].sign}</span> {kinds[kind].title}</span>
        ))}
        <span><span class="cell is-NotCancelled is-open" aria-hidden="true">{kinds.NotCancelled.sign}</span> {openTitle}</span>
      </p>
      <div class="below">
        <Counts cells={cells} />
        <Payment cell={cell} />
      </div>
      <details class="notes">
        <summary>What the switches do, and what the lines show</summary>
        <dl>
          {faultNames.map((name) => (
            <div key={name}>
              <dt>{faults[name].title}</dt>
              <dd>{faults[name].says}</dd>
            </div>
          ))}
        </dl>
        <p>
          The line above each grid is the last 20 seconds on the network: upwards a request that was answered, downwards one that was refused,
          lost, or answered with a 5xx, and shorter downwards a 429. After six such failures in a row a provider is left alone and probed after 1 second, then 2, 4 and
          8; after 20 seconds what waits for it is not begun. Each account takes 6 requests a second here, and WePay its documented 30 in 10 seconds.
        </p>
        <p>
          A few payments are captured already, and a few are cancelled already. Adyen only accepts a cancel: a webhook says later what became
          of it.
        </p>
      </details>
      <Summary picture={picture} />
    </div>
  )
}

const Run = ({ watched: { act, isPaused, picture, renew, setPaused, setSpeed, speed } }: { readonly watched: Watched }) => {
  const { cells, now, phase, rate } = picture
  const [isRehearsed, setRehearsed] = useState(true)
  const left = leftOf(cells)
  const isRunning = phase === "Running" || phase === "Stopping"
  const isNew = phase === "New"
  const stop = () => {
    // What is under way is to come to its end.
    setPaused(false)
    act((world) => world.stop())
  }
  return (
    <div class="controls" role="group" aria-label="Run">
      {isRunning
        ? (
          <button type="button" class="main" aria-disabled={phase === "Stopping"} onClick={stop}>
            {phase === "Stopping" ? "Stopping" : "Stop"}
          </button>
        )
        : left === 0
        ? <button type="button" class="main" onClick={renew}>New payments</button>
        : (
          <button type="button" class="main" onClick={() => act((world) => world.start({ rehearsed: isNew && isRehearsed }))}>
            {isNew ? `Cancel ${left} payments` : `Cancel the ${left} that are left`}
          </button>
        )}
      {isRunning && <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>Pause</button>}
      {!isRunning && !isNew && left > 0 && <button type="button" onClick={renew}>New payments</button>}
      {isNew && (
        <label class="check">
          <input type="checkbox" checked={isRehearsed} onChange={({ currentTarget: { checked } }) => setRehearsed(checked)} />
          with an incident that is rehearsed
        </label>
      )}
      <span class="clock" aria-label="Time on the library's clock">{seconds(now)}</span>
      <span class="clock" data-testid="rate">{rate.toFixed(1)} a second</span>
      <fieldset class="speeds">
        <legend class="visually-hidden">Speed</legend>
        {speeds.map((each) => (
          <label key={each}>
            <input type="radio" name="pace" checked={speed === each} onChange={() => setSpeed(each)} />
            ×{each}
          </label>
        ))}
      </fieldset>
    </div>
  )
}

const Truth = ({ picture: { audit, hidden } }: { readonly picture: Picture }) => {
  const { claims, doubled, doubts, untrue } = audit
  const doubtful = doubts.cancelled + doubts.not
  const wrong = untrue.length + doubled.length
  return (
    <div class="claims truth">
      <p class={`claim ${wrong === 0 ? "is-Cancelled" : "is-NotCancelled"}`}>
        <span class="side">Compared with what is true</span>
        <strong data-testid="untrue">{untrue.length} untrue</strong>
        <span class="because">
          of {claims} claims; {doubled.length} cancelled twice or under two keys
          {wrong > 0 && `: ${[...untrue, ...doubled].slice(0, 3).join("; ")}`}
        </span>
      </p>
      <p class="claim is-Unknown">
        <span class="side">Said to be unknown</span>
        <strong>{doubtful} in doubt</strong>
        <span class="because">
          {doubtful === 0 ? "of which nothing is claimed" : `in truth ${doubts.cancelled} of them are cancelled, and ${doubts.not} are not`}
        </span>
      </p>
      <p class="claim is-Accepted">
        <span class="side">Carried out, though it looked like a failure</span>
        <strong>{hidden} {hidden === 1 ? "cancel" : "cancels"}</strong>
        <span class="because">wrong about all of them: a client that takes a lost answer or a 500 for “failed”</span>
      </p>
    </div>
  )
}

const Payment = ({ cell }: { readonly cell: Cell | undefined }) => (
  <section class="payment" aria-labelledby="payment">
    <h2 id="payment">One payment</h2>
    {cell === undefined
      ? <p class="soft">Choose a cell, by pointer or by arrow keys, to see what happened to it.</p>
      : (
        <>
          <p class="headline">
            <span class={classOf(cell)} aria-hidden="true">{kinds[kindOf(cell)].sign}</span> {wordsOf(cell)}
          </p>
          <p class="soft ids">{cell.provider} {cell.paymentId}, under the key {cell.key}</p>
          <ol>
            {cell.steps.map(({ at, says }, nth) => (
              <li key={nth}><span class="time">+{seconds(at)}</span> <span>{says}</span></li>
            ))}
          </ol>
          {cell.steps.length === 0 && <p class="soft">Nothing was sent.</p>}
          {cell.message !== "" && <p class="soft">{cell.message}</p>}
        </>
      )}
  </section>
)

/** Says so often how far it is, for who does not see it: at each quarter, and when it begins or ends. */
const Summary = ({ picture: { audit, cells, phase } }: { readonly picture: Picture }) => {
  const counts = countsOf(cells)
  const over = cells.length - counts.Waiting - counts.UnderWay
  const quarter = Math.floor((4 * over) / cells.length)
  const [says, setSays] = useState("")
  const words = useRef("")
  words.current = `${phase === "Running" ? "" : `${phase}. `}${over} of ${cells.length} have a result: ${counts.Cancelled} cancelled, ` +
    `${counts.Accepted} accepted, ${counts.NotCancelled} not cancelled, ${counts.InDoubt} in doubt, ${counts.NotBegun} not begun. ` +
    `${audit.untrue.length} claims are untrue.`
  useEffect(() => {
    if (phase !== "New") setSays(words.current)
  }, [phase, quarter])
  return <p class="visually-hidden" aria-live="polite">{says}</p>
}
