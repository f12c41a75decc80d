/**
 * A seed of the simulator: who found it by chance, or in a report, watches its history here.
 */
import { useEffect, useMemo, useState } from "preact/hooks"
import { claimWord, Diagram } from "../diagram/Diagram.js"
import { inForce } from "../scenario/History.js"
import type { Picture, Told } from "../simulator/picture.js"
import { type Asked, play, ways } from "../simulator/play.js"
import { Controls } from "./Controls.js"
import "./seed.css"
import { Steps } from "./Steps.js"
import { usePlayer } from "./usePlayer.js"
import { useWidth } from "./useWidth.js"

interface Props {
  readonly query: string
  readonly go: (query: string) => void
}

/** A cancel is carried out, its answer is lost, and the library finds out; then comes a webhook, and a forged one. */
const first: Asked = { seed: 541, as: null }

const toQuery = ({ as, seed }: Asked): string => new URLSearchParams({ seed: String(seed), ...as === null ? {} : { as } }).toString()

const seedIn = (text: string): number | null =>
  /^\d+$/.test(text.trim()) && Number.isSafeInteger(Number(text)) ? Number(text) : null

/** What a link asks for; null if its seed is none. */
const fromQuery = (query: string): Asked | null => {
  const given = new URLSearchParams(query)
  const seed = seedIn(given.get("seed") ?? String(first.seed))
  return seed === null ? null : { seed, as: given.get("as") }
}

/** A seed as it is pasted: bare, as an option of the command line, or in a link. */
const pasted = (text: string, { as }: Asked): Asked | null => {
  if (text.includes("?")) return fromQuery(text.slice(text.indexOf("?") + 1))
  const seed = seedIn(/--seed[ =](\d+)/.exec(text)?.[1] ?? text.replace(/^\s*seed\s+/i, ""))
  const way = /--as[ =]"([^"]+)"/.exec(text)?.[1]
  return seed === null ? null : { seed, as: way ?? as }
}

type Played = Asked & ({ readonly _tag: "Played"; readonly picture: Picture } | { readonly _tag: "Failed"; readonly why: string })

/** What the simulator says of a seed; null while it plays. */
const useSimulator = ({ as, seed }: Asked): Played | null => {
  const [played, setPlayed] = useState<Played | null>(null)
  useEffect(() => {
    let isCurrent = true
    const show = (result: Played) => isCurrent && setPlayed(result)
    play({ as, seed }).then(
      (picture) => show({ _tag: "Played", as, seed, picture }),
      (error: unknown) => show({ _tag: "Failed", as, seed, why: error instanceof Error ? error.message : String(error) })
    )
    return () => {
      isCurrent = false
    }
  }, [as, seed])
  return played?.seed === seed && played.as === as ? played : null
}

export default function SeedView({ go, query }: Props) {
  const given = fromQuery(query)
  const asked = given ?? first
  const played = useSimulator(asked)
  return (
    <div class="seed-view">
      <Chooser asked={asked} names={ways} choose={(next) => go(toQuery(next))} />
      {given === null && <p role="alert" class="problem">This link holds no seed, which is a whole number. Below is seed {first.seed}.</p>}
      {played === null && <p class="loading" role="status">Playing seed {asked.seed} …</p>}
      {played?._tag === "Failed" && <p role="alert" class="problem">This cannot be played: {played.why}</p>}
      {played?._tag === "Played" && <Playing key={toQuery(played)} picture={played.picture} seed={played.seed} />}
    </div>
  )
}

/** Seeds that are easily read out. */
const random = (): number => Math.floor(Math.random() * 1_000_000)

const Chooser = ({ asked, choose, names }: { readonly asked: Asked; readonly names: ReadonlyArray<string>; readonly choose: (asked: Asked) => void }) => {
  const [text, setText] = useState(String(asked.seed))
  const [isWrong, setWrong] = useState(false)
  useEffect(() => {
    setText(String(asked.seed))
    setWrong(false)
  }, [asked.seed])
  const { as, seed } = asked
  return (
    <section class="chooser" aria-label="Which seed">
      <p class="lesson">
        The library’s simulator makes everything up from one number: the provider, the policy, what gets lost, who else is at it. It has
        played these seeds by the hundred thousand, and holds each against what was true. Here is one.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const next = pasted(text, asked)
          if (next === null) setWrong(true)
          else choose(next)
        }}
      >
        <label>
          Seed
          <input
            type="text"
            name="seed"
            value={text}
            inputMode="numeric"
            autoComplete="off"
            aria-invalid={isWrong}
            aria-describedby={isWrong ? "no-seed" : undefined}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <label class="way">
          Played as
          <select name="as" value={as ?? ""} onChange={({ currentTarget: { value } }) => choose({ seed, as: value === "" ? null : value })}>
            <option value="">whichever the seed says</option>
            {(as === null || names.includes(as) ? names : [as, ...names]).map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <div class="buttons">
          <button type="submit" class="main">Show</button>
          <button type="button" disabled={seed === 0} onClick={() => choose({ seed: seed - 1, as })}>Previous</button>
          <button type="button" disabled={seed === Number.MAX_SAFE_INTEGER} onClick={() => choose({ seed: seed + 1, as })}>Next</button>
          <button type="button" onClick={() => choose({ seed: random(), as })}>Random</button>
        </div>
      </form>
      {isWrong && <p role="alert" id="no-seed" class="problem">A seed is a whole number, such as {first.seed}.</p>}
    </section>
  )
}

const Playing = ({ picture, seed }: { readonly picture: Picture; readonly seed: number }) => {
  const [chosen, setChosen] = useState(0)
  const told = picture.callers[chosen]
  return (
    <>
      <section aria-label="What is wrong">
        <Verdict picture={picture} />
        <details open>
          <summary>Its circumstances</summary>
          <ul class="circumstances" data-testid="circumstances">
            {picture.circumstances.map((words) => <li key={words}>{words}</li>)}
          </ul>
        </details>
        <p class="again">The same in a terminal: <code>npm run simulate -- --seed {seed} --as "{picture.way}"</code></p>
      </section>
      {picture.callers.length > 1 && (
        <div class="tabs" role="group" aria-label="Whose cancel">
          {picture.callers.map((_, nth) => (
            <button key={nth} type="button" aria-pressed={nth === chosen} onClick={() => setChosen(nth)}>Caller {nth}</button>
          ))}
        </div>
      )}
      {told !== undefined && <Watching key={chosen} picture={picture} told={told} nth={chosen} />}
    </>
  )
}

const Verdict = ({ picture: { violations, way } }: { readonly picture: Picture }) => (
  <>
    <p class="headline" data-testid="verdict">{violations.length === 0 ? "Nothing is wrong" : "Promises are broken"}</p>
    {violations.length === 0
      ? <p class="because">{way}: what was told, sent and waited for was held against what was true and what could be known.</p>
      : (
        <ul class="violations">
          {violations.map(({ caller, meaning, rule, words }, nth) => (
            <li key={nth}><strong>{rule}</strong>, caller {caller}: {meaning}. <span>{words}</span></li>
          ))}
        </ul>
      )}
  </>
)

const Watching = ({ nth, picture, told: { history, result } }: { readonly picture: Picture; readonly told: Told; readonly nth: number }) => {
  const isStill = useMemo(() => matchMedia("(prefers-reduced-motion: reduce)").matches, [])
  const player = usePlayer(history, isStill)
  const [box, width] = useWidth()
  const claim = inForce(history.claims, player.at)
  const truth = inForce(history.truths, player.at)
  return (
    <>
      <section class="stage" aria-label="What happens between the caller and the provider">
        <div class="claims">
          <p class={`claim is-${claim?.is}`}>
            <span class="side">Caller {nth} may claim</span>
            <strong data-testid="claim">{claimWord(claim)}</strong>
            <span class="because">{claim?.because}</span>
          </p>
          <p class={`claim is-${truth?.is}`}>
            <span class="side">True at {history.provider}</span>
            <strong data-testid="truth">{truth?.status ?? "not there yet"}</strong>
            <span class="because">{player.at >= history.ends ? `In the end caller ${nth} is told: ${result ?? "nothing"}` : ""}</span>
          </p>
        </div>
        <Controls player={player} ends={history.ends} />
        <div ref={box} class="picture">
          <Diagram history={history} until={player.at} width={width} />
        </div>
      </section>
      {picture.deliveries.length > 0 && (
        <section aria-label="Notifications">
          <h2>Notifications</h2>
          <ul class="deliveries">{picture.deliveries.map((words, index) => <li key={index}>{words}</li>)}</ul>
        </section>
      )}
      <Steps lines={picture.lines.map(({ at, what, who }) => ({ at, who, says: what }))} player={player} />
    </>
  )
}
