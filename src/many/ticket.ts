/**
 * One cancel that has begun: when each of its requests may go, and whether it goes on at all.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Admission from "../Admission.js"
import { logging } from "../engine/logging.js"
import { currentMillis } from "./changes.js"
import * as Health from "./health.js"
import { perSecond } from "./settings.js"
import { earn, freed, type Hindrance, hindranceAt, isUnhindered, learn, mayRepeat, type State, untilHopeless } from "./state.js"

/** A cancel that may begin: what its requests pass, and what is to be done once it has ended. */
export interface Ticket {
  readonly _tag: "Ticket"
  readonly admission: Admission.Service
  /** Why it does not begin after all, none of its requests having left: it was interrupted when it asked for room. */
  readonly withdrawn: () => Hindrance | null
  readonly close: () => void
}

/** How far a cancel is. */
interface Progress {
  /** Its next request shows whether the provider is there again. */
  probing: boolean
  /** Its first request has asked for room. */
  prepared: boolean
  withdrawn: Hindrance | null
  /** A request of it was let through. */
  begun: boolean
  /** Cancel requests that were let through, less those that have provably not been sent. */
  out: number
  /** What was let through last, tokens apart, and has not ended: where it needs a token, it has not left. */
  going: Admission.Request["operation"] | null
  /** A request of it may have left, tokens apart. */
  exchanged: boolean
}

const isToken = ({ operation }: Admission.Request): boolean => operation === "Authorization"

/** Whether a request asks for the first time for a cancel of which nothing is out, or once more for the same. */
const isUnbegun = ({ begun, exchanged, going, out }: Progress, request: Admission.Request): boolean =>
  isToken(request)
    ? !exchanged && out <= (going === "Cancel" ? 1 : 0)
    : out === 0 && (!begun || request.repeats)

const admitted = Effect.succeed(true)
const refused = Effect.succeed(false)

const tell = ({ name, provider, settings }: State, told: Health.Told): Effect.Effect<void> => {
  const who = name === "" ? provider : name
  const next = `gets the next request in ${Duration.format(Duration.millis(Math.ceil(told.millis)))}.`
  switch (told._tag) {
    case "LeftAlone":
      return Effect.logWarning(`${who} is down: ${settings.outage?.failures} cancel requests in a row had no answer, or a server error. It ${next}`)
    case "StillDown":
      return Effect.logInfo(`${who} is still down. It ${next}`)
    case "AskedForPatience":
      return Effect.logInfo(`${who} asks for patience. It ${next}`)
    case "Answering":
      return Effect.logInfo(`${who} answers again.`)
  }
}

export const makeTicket = (lane: State, isProbe: boolean): Ticket => {
  const { changes } = lane
  const cancel: Progress = { probing: isProbe, prepared: false, withdrawn: null, begun: false, out: 0, going: null, exchanged: false }
  lane.preparing += 1

  const asks = () => {
    if (cancel.prepared) return
    cancel.prepared = true
    lane.preparing -= 1
    freed(lane)
  }

  const probes = (yes: boolean) => {
    cancel.probing = yes
    lane.health = Health.probing(lane.health, yes)
  }

  const goes = (request: Admission.Request): boolean => {
    if (isToken(request)) return true
    cancel.begun = true
    cancel.going = request.operation
    if (request.operation === "Cancel") cancel.out += 1
    return true
  }

  /** Why a request need not go any more; null where the cancel has something to clear up, or nothing is in its way. */
  const hindranceOf = (request: Admission.Request, now: number): Hindrance | null => {
    if (!isUnbegun(cancel, request)) return null
    const hindrance = hindranceAt(lane, now)
    return cancel.probing && hindrance?._tag === "Outage" ? null : hindrance
  }

  /** Waits until a request may go, or until it is certain that it does not. */
  const room = (request: Admission.Request): Effect.Effect<boolean> =>
    Effect.gen(function*() {
      const { operation } = request
      while (true) {
        const seen = changes.signals()
        const now = yield* currentMillis
        lane.health = Health.recovered(lane.health, now)
        const hindrance = hindranceOf(request, now)
        if (hindrance !== null) {
          if (cancel.begun && !isToken(request)) return false
          cancel.withdrawn = hindrance
          return yield* Effect.interrupt
        }
        const gate = Health.gate(lane.health, now, operation)
        if (gate._tag === "Wait" && (!cancel.probing || now < lane.health.pausedUntil)) {
          const mayGiveUp = isUnbegun(cancel, request) && !cancel.probing
          yield* changes.afterOrAt(seen, mayGiveUp ? untilHopeless(lane, gate.until) : gate.until, now)
          continue
        }
        if (gate._tag === "Probe") {
          // A token shows nothing.
          if (isToken(request)) {
            yield* changes.after(seen)
            continue
          }
          probes(true)
        }
        // What needs it has had its turn, and cannot leave without it: behind those that wait, it would come too late.
        if (isToken(request)) return goes(request)
        const turn = Health.turn(lane.health)
        if (now < turn) {
          yield* changes.afterOrAt(seen, turn, now)
          continue
        }
        lane.health = Health.taken(lane.health, now)
        if (lane.room === null) return goes(request)
        yield* lane.room
        // Meanwhile the provider may have asked for patience, or everything stops.
        const then = yield* currentMillis
        const isFree = cancel.probing || Health.gate(lane.health, then, operation)._tag === "Free"
        if (isFree && hindranceOf(request, then) === null) return goes(request)
      }
    })

  /** As long as it waits for room, others do not begin. */
  const inLine = <A>(waiting: Effect.Effect<A>): Effect.Effect<A> =>
    Effect.suspend(() => {
      lane.asking += 1
      return Effect.ensuring(waiting, Effect.sync(() => {
        lane.asking -= 1
        freed(lane)
      }))
    })

  const asked = (request: Admission.Request): Effect.Effect<boolean> =>
    inLine(Effect.suspend(() => {
      asks()
      return room(request)
    }))

  const admit = (request: Admission.Request): Effect.Effect<boolean> => {
    if (!lane.learned) return Effect.zipRight(learn(lane, request), Effect.suspend(() => admit(request)))
    if (request.repeats && !mayRepeat(lane)) return refused
    if (!request.repeats && request.operation === "Cancel") earn(lane)
    if (!isUnhindered(lane) || (lane.room !== null && !isToken(request))) return asked(request)
    asks()
    goes(request)
    return admitted
  }

  const ended = (outcome: Admission.Outcome): Effect.Effect<void> => {
    const { evidence, operation } = outcome
    if (operation === "Cancel" && evidence === "NotSent") cancel.out -= 1
    if (operation !== "Authorization") {
      cancel.going = null
      cancel.exchanged ||= evidence !== "NotSent"
    }
    const { health, settings } = lane
    lane.health = Health.after(health, outcome, { ofProbe: cancel.probing, outage: settings.outage, ceiling: perSecond(settings) })
    if (operation !== "Authorization") cancel.probing = false
    if (operation === "Cancel") lane.forbidden = outcome.forbidden ? lane.forbidden + 1 : 0
    if (lane.health.circuit !== health.circuit) changes.signal()
    const told = Health.toldOf(health, lane.health, outcome.at)
    const telling = told === null ? Effect.void : logging(tell(lane, told))
    // Nobody waited for its room, so it takes what comes next.
    return operation === "Authorization" && evidence !== "NotSent" && lane.room !== null
      ? Effect.zipRight(Effect.forkIn(inLine(Effect.interruptible(lane.room)), lane.run.scope), telling)
      : telling
  }

  return {
    _tag: "Ticket",
    admission: { admit, ended: (outcome) => Effect.flatMap(currentMillis, (at) => ended({ ...outcome, at })) },
    withdrawn: () => cancel.withdrawn,
    close: () => {
      asks()
      if (!cancel.probing) return
      probes(false)
      changes.signal()
    }
  }
}
