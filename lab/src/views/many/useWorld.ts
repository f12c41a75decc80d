/**
 * A world, and its time: it passes while cancels run, as fast as was chosen.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import { makeWorld, type Picture, type World } from "../../many/run.js"

const sizes = { Stripe: 110, Square: 110, Adyen: 110, WePay: 70 }

/** A frame that took longer does not make time leap: the page was not seen meanwhile. In milliseconds. */
const longestFrame = 100

/** How often it is drawn, in milliseconds. */
const drawnEvery = { moving: 33, still: 1000 }

export interface Watched {
  readonly picture: Picture
  /** Does something, and shows what came of it. */
  readonly act: (action: (world: World) => void) => void
  /** Other payments, to which nothing has happened. */
  readonly renew: () => void
  readonly speed: number
  readonly setSpeed: (speed: number) => void
  readonly isPaused: boolean
  readonly setPaused: (isPaused: boolean) => void
}

export const useWorld = (): Watched => {
  const [generation, setGeneration] = useState(0)
  const world = useMemo(() => makeWorld({ sizes, seed: `lab ${generation}` }), [generation])
  const [picture, setPicture] = useState(() => world.picture())
  const [speed, setSpeed] = useState(1)
  const [isPaused, setPaused] = useState(false)
  const seen = useRef(world)
  const isMoving = picture.phase === "Running" || picture.phase === "Stopping"

  if (seen.current !== world) {
    seen.current = world
    setPicture(world.picture())
  }

  useEffect(() => {
    if (!isMoving || isPaused) return
    const every = matchMedia("(prefers-reduced-motion: reduce)").matches ? drawnEvery.still : drawnEvery.moving
    let last = performance.now()
    let drawn = 0
    let frame = requestAnimationFrame(function pass(now) {
      world.advance(Math.min(longestFrame, Math.max(0, now - last)) * speed)
      last = now
      if (now - drawn >= every) {
        drawn = now
        setPicture(world.picture())
      }
      frame = requestAnimationFrame(pass)
    })
    return () => cancelAnimationFrame(frame)
  }, [world, isMoving, isPaused, speed])

  return {
    picture,
    speed,
    setSpeed,
    isPaused,
    setPaused,
    act: (action) => {
      action(world)
      setPicture(world.picture())
    },
    renew: () => {
      setPaused(false)
      setGeneration(generation + 1)
    }
  }
}
