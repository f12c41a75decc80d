/**
 * What both sides know, read from what was noted while a scenario was played.
 */
import { DateTime, Duration, Option } from "effect"
import type { CancelEvent } from "effect-payment-cancel"
import { epoch } from "../../../test/simulation/clock.js"
import { type Claim, type Fate, type History, inForce, type Message, type Operation, type Side, type Step, type Truth } from "./History.js"
import { type Carried, oneWay } from "./network.js"

const at = (time: DateTime.Utc): number => DateTime.toEpochMillis(time) - epoch

/** What a call may claim while it runs: that is what it would be told, if it were interrupted there. */
export const claimsOf = (events: ReadonlyArray<CancelEvent.CancelEvent>): ReadonlyArray<Claim> => {
  const claims: Array<Claim> = [{ at: 0, is: "Nothing", because: "nothing has been asked for yet" }]
  let inDoubt = false
  const claim = (time: DateTime.Utc, is: Claim["is"], because: string) => {
    const last = claims.at(-1)
    if (last?.is !== is || last.because !== because) claims.push({ at: at(time), is, because })
  }
  for (const event of events) {
    switch (event._tag) {
      case "ExchangeStarted":
        if (event.operation === "Cancel") {
          claim(event.at, "Unknown", inDoubt ? "a request may have been carried out" : "a request is on its way")
        }
        break
      case "ExchangeEnded": {
        const { evidence, explanation, operation } = event.exchange
        if (operation !== "Cancel") break
        inDoubt ||= evidence === "MaybeApplied"
        if (inDoubt) claim(event.at, "Unknown", evidence === "MaybeApplied" ? explanation : "an earlier request may have been carried out")
        else if (evidence === "NotSent" || evidence === "Refused") claim(event.at, "Nothing", explanation)
        break
      }
      case "Settled":
        if (event.outcome !== null) claim(event.at, event.outcome, `it is told ${event.result}`)
        else claim(event.at, event.result.startsWith("Cancellation") ? "Accepted" : "Cancelled", `it is told ${event.result}`)
        break
      case "Interrupted":
        claim(event.at, event.outcome ?? "Cancelled", "the caller did not wait")
        break
      case "Waiting":
        break
    }
  }
  return claims
}

type Exchange = CancelEvent.ExchangeEnded["exchange"]

/** What an answer stated, in its own words. */
const stated = ({ code, httpStatus, paymentStatus }: Exchange): string =>
  [Option.map(httpStatus, String), code, paymentStatus].flatMap(Option.toArray).join(" ")

/**
 * What became of an exchange on the network, as one or two arrows. `lateBy` is how long what was
 * injected takes, and `over` when the play ended.
 */
export const messagesOf = (
  { answer, ends, failed, leaves, line, reaches, record }: Carried,
  exchange: Exchange | null,
  lateBy: number,
  over: number
): ReadonlyArray<Message> => {
  const operation: Operation = record?.operation ?? exchange?.operation ?? "Cancel"
  const end = ends ?? over
  const request = (fate: Fate): Message => ({ from: "Caller", operation, label: line, leaves, fate })
  const reply = (label: string, from: number, fate: Fate): Message => ({ from: "Provider", operation, label, leaves: from, fate })
  if (reaches === null) return [request({ _tag: "Breaks", at: end, where: 0.5, why: "is given up" })]
  if (record === null) return [request({ _tag: "Breaks", at: reaches, where: 0.97, why: "is refused a connection" })]
  const arrived = request({ _tag: "Arrives", at: reaches })
  const lost = (label: string, where: number, why: string) =>
    [arrived, reply(label, reaches, { _tag: "Breaks", at: reaches + oneWay * where, where, why })]
  switch (record.fault) {
    case "DropBeforeApplying":
      return [request({ _tag: "Breaks", at: leaves + oneWay * 0.6, where: 0.6, why: "is lost on its way" })]
    case "Late":
      return [request({ _tag: "Arrives", at: reaches + lateBy })]
    case "DropAfterApplying":
      return lost("", 0.5, "lost on its way")
    case "DropWhileProcessing":
      return lost("", 0.5, "connection lost")
    case "StallHeaders":
      return lost("", 0.12, "none comes")
    case "CutBody":
    case "StallBody":
      return lost("", 0.5, "half of it")
    default: {
      if (answer === null) return failed ? lost("", 0.5, "lost on its way") : lost("", 0.12, "nobody waits for it")
      const label = exchange === null ? "" : stated(exchange)
      return [arrived, reply(label === "" ? String(answer.status) : label, answer.leaves, { _tag: "Arrives", at: answer.leaves + oneWay })]
    }
  }
}

/**
 * What it would be wrong to say, where a request's fate is not known for the first time, and where a
 * cancel is only accepted.
 */
export const remarksOf = (
  events: ReadonlyArray<CancelEvent.CancelEvent>,
  truths: ReadonlyArray<Truth>
): History["remarks"] => {
  const doubtful = events.find((event) =>
    event._tag === "ExchangeEnded" && (event.exchange.evidence === "MaybeApplied" || event.exchange.evidence === "Accepted")
  ) ?? events.find((event) => event._tag === "Interrupted" && event.outcome === "Unknown")
  if (doubtful === undefined) return []
  const then = at(doubtful.at)
  const isCancelled = inForce(truths, then)?.is === "Cancelled"
  const willBe = truths.at(-1)?.is === "Cancelled"
  const isSentAgain = events.some((event) => event._tag === "ExchangeStarted" && event.operation === "Cancel" && event.attempt > 1)
  if (isCancelled || (willBe && !isSentAgain)) {
    return [{
      at: then,
      says: isCancelled ? "“failed” would be a lie here" : "“failed” would become a lie",
      costs: "Whoever says “failed” here takes the payment for open: ships for it, charges once more, or refunds what was never taken."
    }]
  }
  return [{
    at: then,
    says: "“cancelled” would be a lie here",
    costs: "Whoever says “cancelled” here takes the money for released, and it may yet be taken."
  }]
}

export const waitsOf = (events: ReadonlyArray<CancelEvent.CancelEvent>): History["waits"] =>
  events.flatMap((event) => {
    if (event._tag !== "Waiting") return []
    const millis = Duration.toMillis(event.delay)
    return millis < 1 ? [] : [{ from: at(event.at), until: at(event.at) + millis, says: `waits ${seconds(millis)}` }]
  })

export const seconds = (millis: number): string => millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`

const operationNames = { Cancel: "the cancel", Status: "a status query", Authorization: "a request for an access token", Webhook: "a webhook" } as const

export const stepsOf = (history: Omit<History, "steps">, events: ReadonlyArray<CancelEvent.CancelEvent>): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  const step = (at: number, who: Side, says: string) => steps.push({ at, who, says })

  // Of what happens at the same time, what is found here first comes first.
  for (const { fate, from, leaves, operation } of history.messages) {
    const name = operationNames[operation]
    // That nothing comes is no event.
    if (fate._tag === "Breaks" && fate.where < 0.2) continue
    if (fate._tag === "Breaks") step(fate.at, "Provider", from === "Caller" ? `${name} ${fate.why}` : `answer to ${name}: ${fate.why}`)
    else if (from === "Caller" && fate.at - leaves > 2 * oneWay) step(fate.at, "Provider", `receives ${name}`)
  }
  for (const { at, status } of history.truths.slice(1)) step(at, "Provider", `the payment is now ${status}`)
  for (const event of events) {
    const time = at(event.at)
    switch (event._tag) {
      case "ExchangeEnded":
        step(time, "Caller", `${event.exchange.evidence}: ${event.exchange.explanation}`)
        break
      case "Waiting":
        step(time, "Caller", `waits ${seconds(Duration.toMillis(event.delay))} before ${operationNames[event.before]}`)
        break
      case "Settled":
        step(time, "Caller", `is told ${event.result}${event.outcome === null ? "" : `, outcome ${event.outcome}`}`)
        break
      case "Interrupted":
        step(time, "Caller", `does not wait any longer: ${event.outcome === null ? "nothing is in doubt" : `outcome ${event.outcome}`}`)
        break
      case "ExchangeStarted":
        break
    }
  }
  for (const { fate, from, label, leaves, operation } of history.messages) {
    if (from === "Caller") step(leaves, "Caller", `sends ${operationNames[operation]}: ${label}`)
    else if (operation === "Webhook") {
      step(leaves, "Provider", "sends a webhook")
      step(fate.at, "Caller", `receives a webhook, ${label}`)
    }
  }
  return steps.toSorted((one, other) => one.at - other.at)
}
