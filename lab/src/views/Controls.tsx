/**
 * Plays, stops, steps, slows down; and the same by the keyboard.
 */
import { useEffect } from "preact/hooks"
import { seconds } from "../scenario/reading.js"
import type { Player } from "./usePlayer.js"

const speeds = [[0.25, "slow"], [1, "usual"], [4, "fast"]] as const

const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("input, select, textarea, button, summary, a, [tabindex]") !== null

export const Controls = ({ ends, player }: { readonly player: Player; readonly ends: number }) => {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isField(event.target) || event.metaKey || event.ctrlKey || event.altKey) return
      if (event.key === " ") player.toggle()
      else if (event.key === "ArrowRight" || event.key === "ArrowDown") player.step(1)
      else if (event.key === "ArrowLeft" || event.key === "ArrowUp") player.step(-1)
      else return
      event.preventDefault()
    }
    addEventListener("keydown", press)
    return () => removeEventListener("keydown", press)
  })
  const { at, isPlaying } = player
  return (
    <div class="controls" role="group" aria-label="Playback">
      <button type="button" aria-label="One step back" onClick={() => player.step(-1)}>◀</button>
      <button type="button" class="main" onClick={player.toggle}>{isPlaying ? "Pause" : at >= ends ? "Play again" : at === 0 ? "Cancel" : "Go on"}</button>
      <button type="button" aria-label="One step on" onClick={() => player.step(1)}>▶</button>
      <button type="button" onClick={() => player.seek(ends)}>To the end</button>
      <span class="clock" aria-label="Time on the library's clock">{seconds(at)}</span>
      <fieldset class="speeds">
        <legend class="visually-hidden">Speed</legend>
        {speeds.map(([speed, name]) => (
          <label key={name}>
            <input type="radio" name="speed" checked={player.speed === speed} onChange={() => player.setSpeed(speed)} />
            {name}
          </label>
        ))}
      </fieldset>
    </div>
  )
}
