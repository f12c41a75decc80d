/**
 * What happened, step by step: each appears when it happens, and one can go back to it.
 */
import { seconds } from "../scenario/reading.js"
import type { Player } from "./usePlayer.js"

export interface Line {
  readonly at: number
  readonly who: string
  readonly says: string
}

export const Steps = ({ lines, player }: { readonly lines: ReadonlyArray<Line>; readonly player: Player }) => (
  <section class="log" aria-label="What happened, step by step">
    <h2>Step by step</h2>
    <ol data-testid="steps">
      {lines.map(({ at, says, who }, nth) => (
        <li key={nth} class={at <= player.at ? "has-happened" : ""}>
          <button type="button" onClick={() => player.seek(at)}>
            <span class="time">+{seconds(at)}</span>
            <span class="who">{who}</span>
            <span>{says}</span>
          </button>
        </li>
      ))}
    </ol>
    <p class="visually-hidden" aria-live="polite">{lines.filter(({ at }) => at <= player.at).at(-1)?.says}</p>
  </section>
)
