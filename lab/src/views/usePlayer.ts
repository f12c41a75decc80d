/**
 * Where in a history one looks: it plays, stands still, or goes step by step.
 */
import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import { scaleOf } from "../diagram/layout.js"
import type { History } from "../scenario/History.js"

export interface Player {
  /** Up to when the history is shown, in milliseconds. */
  readonly at: number
  readonly isPlaying: boolean
  readonly speed: number
  readonly setSpeed: (speed: number) => void
  readonly toggle: () => void
  readonly step: (direction: 1 | -1) => void
  readonly seek: (at: number) => void
  /** From its beginning. */
  readonly restart: () => void
}

/** Pixels of the picture in a second, at the usual speed. */
const pace = 90

/** `isStill`: nothing moves by itself. It stops once where there is something to be said. */
export const usePlayer = (history: History, isStill: boolean): Player => {
  const scale = useMemo(() => scaleOf(history), [history])
  const stop = history.remarks[0]?.at ?? history.ends
  const [at, setAt] = useState(isStill ? stop : 0)
  const [hasStopped, setStopped] = useState(isStill)
  const [isPlaying, setPlaying] = useState(!isStill)
  const [speed, setSpeed] = useState(1)

  useEffect(() => {
    setAt(isStill ? stop : 0)
    setPlaying(!isStill)
    setStopped(isStill)
  }, [history, isStill, stop])

  useEffect(() => {
    if (!isPlaying) return
    let last = performance.now()
    let frame = requestAnimationFrame(function advance(now) {
      const pixels = ((now - last) / 1000) * pace * speed
      last = now
      // Never back: a frame may come after a step.
      setAt((before) => Math.max(before, Math.min(hasStopped ? history.ends : stop, timeAt(scale, scale.y(before) + pixels))))
      frame = requestAnimationFrame(advance)
    })
    return () => cancelAnimationFrame(frame)
  }, [hasStopped, history, isPlaying, scale, speed])

  useEffect(() => {
    if (at >= history.ends || (!hasStopped && at >= stop)) {
      setPlaying(false)
      setStopped(true)
    }
  }, [at, history])

  const restart = useCallback(() => {
    setAt(0)
    setPlaying(true)
  }, [])
  return {
    at,
    isPlaying,
    speed,
    setSpeed,
    restart,
    seek: (to) => {
      setPlaying(false)
      setStopped(true)
      setAt(Math.min(history.ends, Math.max(0, to)))
    },
    toggle: () => at >= history.ends ? restart() : setPlaying(!isPlaying),
    step: (direction) => {
      setPlaying(false)
      setStopped(true)
      // From where it then is: keys may be faster than pictures.
      setAt((before) => {
        const others = scale.moments.filter((moment) => direction === 1 ? moment > before : moment < before)
        return (direction === 1 ? others[0] : others.at(-1)) ?? before
      })
    }
  }
}

/** The moment at a height: what `y` does, backwards. */
const timeAt = ({ moments, y }: ReturnType<typeof scaleOf>, height: number): number => {
  const next = moments.find((moment) => y(moment) >= height)
  if (next === undefined) return moments.at(-1) ?? 0
  const before = moments.filter((moment) => moment < next).at(-1)
  if (before === undefined) return next
  return before + (next - before) * ((height - y(before)) / (y(next) - y(before)))
}
