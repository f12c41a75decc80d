/**
 * One cancel: what goes wrong is chosen, then both sides are watched.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { claimWord, Diagram } from "../diagram/Diagram.js"
import { inForce } from "../scenario/History.js"
import { menu } from "../scenario/menu.js"
import { type Played, play } from "../scenario/play.js"
import { providers } from "../scenario/providers.js"
import { seconds } from "../scenario/reading.js"
import { type Disturbance, type Scenario, toQuery, troubles, troubleWords, type Webhooks } from "../scenario/Scenario.js"
import { headline, transcript } from "../scenario/transcript.js"
import { Controls } from "./Controls.js"
import { handlersOf, programOf } from "./result.js"
import { Steps } from "./Steps.js"
import { usePlayer } from "./usePlayer.js"
import { useWidth } from "./useWidth.js"

interface Props {
  readonly scenario: Scenario
  readonly choose: (scenario: Scenario) => void
}

type State = { readonly _tag: "Playing" } | { readonly _tag: "Played"; readonly played: Played } | { readonly _tag: "Failed"; readonly why: string }

export const CancelView = ({ choose, scenario }: Props) => {
  const link = toQuery(scenario)
  const [state, setState] = useState<State>({ _tag: "Playing" })
  useEffect(() => {
    let isCurrent = true
    play(scenario).then(
      (played) => isCurrent && setState({ _tag: "Played", played }),
      (error: unknown) => isCurrent && setState({ _tag: "Failed", why: error instanceof Error ? error.message : String(error) })
    )
    return () => {
      isCurrent = false
    }
  }, [link])
  return (
    <div class="cancel-view">
      <Chooser scenario={scenario} choose={choose} />
      {state._tag === "Failed" && <p role="alert" class="problem">This cannot be played: {state.why}</p>}
      {state._tag === "Played" && <Playing key={toQuery(state.played.scenario)} played={state.played} />}
    </div>
  )
}

const lessonOf = (scenario: Scenario) => menu.find((entry) => toQuery(entry.scenario) === toQuery(scenario))

const Chooser = ({ choose, scenario }: Props) => {
  const entry = lessonOf(scenario)
  const [isOpen, setOpen] = useState(entry === undefined)
  const { statuses } = Sandbox.definition(scenario.provider)
  const [disturbance, ...others] = scenario.cancel ?? []
  const [read] = scenario.reads ?? []
  const change = (changes: Partial<{ readonly [Field in keyof Scenario]: Scenario[Field] | undefined }>) => {
    const next = Object.fromEntries(Object.entries({ ...scenario, ...changes }).filter(([, value]) => value !== undefined))
    // A cast, because `Object.entries` loses which value belongs to which field.
    choose(next as Scenario)
  }
  const words = (value: string | undefined, rest: ReadonlyArray<Disturbance> = []): ReadonlyArray<Disturbance> | undefined => {
    const word = troubleWords.find((known) => known === value)
    return word === undefined ? (rest.length === 0 ? undefined : ["fine", ...rest]) : [word, ...rest]
  }
  return (
    <section class="chooser" aria-label="What happens">
      <label class="wide">
        Scenario
        <select
          value={entry === undefined ? "" : String(menu.indexOf(entry))}
          onChange={({ currentTarget }) => {
            const chosen = menu[Number(currentTarget.value)]
            if (chosen !== undefined && currentTarget.value !== "") choose(chosen.scenario)
          }}
        >
          {entry === undefined && <option value="">your own</option>}
          {menu.map(({ title }, nth) => <option key={title} value={String(nth)}>{title}</option>)}
        </select>
      </label>
      <p class="lesson">{entry?.lesson ?? "Your own scenario: its link holds all of it."}</p>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>Make your own</summary>
        <div class="fields">
          <label>
            Provider
            <select
              name="provider"
              value={scenario.provider}
              onChange={({ currentTarget }) => {
                const provider = Sandbox.providers.find((known) => known === currentTarget.value)
                if (provider === undefined) return
                const { status, webhooks } = scenario
                change({
                  provider,
                  status: status !== undefined && Sandbox.definition(provider).statuses.includes(status) ? status : undefined,
                  webhooks: providers[provider].verify === null ? undefined : webhooks
                })
              }}
            >
              {Sandbox.providers.map((provider) => <option key={provider}>{provider}</option>)}
            </select>
          </label>
          <Choice title="The payment is" name="status" value={scenario.status} none="as payments begin" choices={statuses.map((status) => [status, status])} choose={(status) => change({ status })} />
          <Choice title="The first cancel request" name="cancel" value={disturbanceOf(disturbance)} none="gets through" choices={troubleChoices} choose={(word) => change({ cancel: words(word, others) })} />
          <Choice title="The first status query" name="reads" value={disturbanceOf(read)} none="gets through" choices={troubleChoices} choose={(word) => change({ reads: words(word) })} />
          <Choice title="Cancel requests at most" name="attempts" value={textOf(scenario.attempts)} none="as the provider's policy" choices={counts} choose={(count) => change({ attempts: numberOf(count) })} />
          <Choice title="Status queries at most" name="statusReads" value={textOf(scenario.statusReads)} none="as the provider's policy" choices={counts} choose={(count) => change({ statusReads: numberOf(count) })} />
          <Choice title="The caller waits" name="givesUpAfter" value={textOf(scenario.givesUpAfter)} none="until it is told" choices={patience} choose={(millis) => change({ givesUpAfter: numberOf(millis) })} />
          {providers[scenario.provider].verify !== null && (
            <Choice title="Webhooks" name="webhooks" value={scenario.webhooks === "none" ? undefined : scenario.webhooks} none="none" choices={webhookChoices} choose={(word) => change({ webhooks: webhooksOf(word) })} />
          )}
          <label class="check">
            <input type="checkbox" name="forever" checked={scenario.forever === "yes"} onChange={({ currentTarget: { checked } }) => change({ forever: checked ? "yes" : undefined })} />
            and so it goes on
          </label>
        </div>
      </details>
    </section>
  )
}

/** Something that can be left as it is; what a link asks for is among the choices, too. */
const Choice = ({ choices, choose, name, none, title, value }: {
  readonly title: string
  readonly name: string
  readonly value: string | undefined
  readonly none: string
  readonly choices: ReadonlyArray<readonly [value: string, words: string]>
  readonly choose: (value: string | undefined) => void
}) => (
  <label>
    {title}
    <select name={name} value={value ?? ""} onChange={({ currentTarget }) => choose(currentTarget.value === "" ? undefined : currentTarget.value)}>
      <option value="">{none}</option>
      {(value === undefined || choices.some(([known]) => known === value) ? choices : [...choices, [value, value] as const])
        .map(([known, words]) => <option key={known} value={known}>{words}</option>)}
    </select>
  </label>
)

const troubleChoices = troubleWords.map((word) => [word, troubles[word].title] as const)
const counts = ["1", "2", "3", "4"].map((count) => [count, count] as const)
const patience = [200, 1000, 5000].map((millis) => [String(millis), seconds(millis)] as const)
const webhookChoices = [["once", "once"], ["twice", "twice"], ["forged", "first a forged one"]] as const

const disturbanceOf = (word: Disturbance | undefined): string | undefined => word === "fine" ? undefined : word
const textOf = (value: number | undefined): string | undefined => value === undefined ? undefined : String(value)
const numberOf = (value: string | undefined): number | undefined => value === undefined ? undefined : Number(value)
const webhooksOf = (word: string | undefined): Webhooks | undefined => webhookChoices.find(([known]) => known === word)?.[0]

const Playing = ({ played }: { readonly played: Played }) => {
  const { history } = played
  const isStill = useMemo(() => matchMedia("(prefers-reduced-motion: reduce)").matches, [])
  const player = usePlayer(history, isStill)
  const [box, width] = useWidth()
  const claim = inForce(history.claims, player.at)
  const truth = inForce(history.truths, player.at)
  const done = player.at >= history.ends
  return (
    <>
      <section class="stage" aria-label="What happens between the caller and the provider">
        <div class="claims">
          <p class={`claim is-${claim?.is}`}>
            <span class="side">The caller may claim</span>
            <strong data-testid="claim">{claimWord(claim)}</strong>
            <span class="because">{claim?.because}</span>
          </p>
          <p class={`claim is-${truth?.is}`}>
            <span class="side">True at {history.provider}</span>
            <strong data-testid="truth">{truth?.status}</strong>
            <span class="because">{truth?.is === "Cancelled" ? "no money will be taken" : "it is not cancelled"}</span>
          </p>
        </div>
        <p class="costs">{history.remarks.find(({ at }) => at === player.at)?.costs}</p>
        <Controls player={player} ends={history.ends} />
        <div ref={box} class="picture">
          <Diagram history={history} until={player.at} width={width} />
        </div>
      </section>
      <Result played={played} isShown={done} />
      <Steps lines={history.steps.map(({ at, says, who }) => ({ at, says, who: who === "Caller" ? "caller" : "provider" }))} player={player} />
    </>
  )
}

const Result = ({ isShown, played }: { readonly played: Played; readonly isShown: boolean }) => (
  <section class="result" aria-label="What the caller is told">
    <h2>What the caller is told</h2>
    <p class="headline" data-testid="told">{isShown ? headline(played.told) : "…"}</p>
    <pre tabIndex={0}>
      <code>
        {handlersOf(played).map(({ happened, text }, nth) => (
          <span key={nth} class={isShown && happened !== undefined ? "line happened" : "line"}>
            {text}
            {isShown && happened !== undefined && <em>{`  // ← here: ${happened}`}</em>}
            {"\n"}
          </span>
        ))}
      </code>
    </pre>
    <p class="copies">
      <Copy what="Copy the link" text={() => location.href} />
      <Copy what="Copy as a program" text={() => programOf(played)} />
      <Copy what="Copy the history" text={() => [location.href, ...transcript(played)].join("\n")} />
    </p>
  </section>
)

const Copy = ({ text, what }: { readonly what: string; readonly text: () => string }) => {
  const [isCopied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <button
      type="button"
      onClick={() => {
        navigator.clipboard.writeText(text()).then(() => {
          setCopied(true)
          timer.current = setTimeout(() => setCopied(false), 2000)
        }, () => setCopied(false))
      }}
    >
      {isCopied ? "Copied" : what}
    </button>
  )
}
