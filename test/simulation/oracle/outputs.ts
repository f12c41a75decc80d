/**
 * Whether results, events, logs and spans say what happened, and show no secret.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { inspect } from "node:util"
import type * as CancelError from "../../../src/CancelError.js"
import { objectIn } from "../answers.js"
import type { Proof } from "../evidence.js"
import { isAboutPayment, type Run } from "../simulate.js"
import { type Case, eventsOf, resolution, sameCode } from "./case.js"

const outcomes: { readonly [tag: string]: CancelError.Outcome } = {
  "CancelError.InvalidCancelRequest": "NotCancelled",
  "CancelError.NotSent": "NotCancelled",
  "CancelError.NoResponse": "Unknown",
  "CancelError.UnexpectedResponse": "Unknown",
  "CancelError.NoLongerCancellable": "NotCancelled"
}

const evidenceOf = (proof: Proof): CancelError.Exchange["evidence"] => {
  switch (proof._tag) {
    case "Unsent":
      return "NotSent"
    case "Doubtful":
      return "MaybeApplied"
    case "Read":
      return "StatusRead"
    case "Unread":
      return "StatusUnread"
    case "Refused":
    case "Acknowledged":
    case "Accepted":
      return proof._tag
  }
}

/** What is said of each request for an access token is what became of one, and then the request goes out that needs it. */
const checkAuthorizations = ({ report, run }: Case, history: ReadonlyArray<CancelError.Exchange>): void => {
  for (const [nth, { code, evidence, httpStatus, operation }] of history.entries()) {
    if (operation !== "Authorization") continue
    const wrong = (words: string) => report("UnfaithfulHistory", `entry ${nth}: ${words}`)
    const isFaithful = run.askings.some((asking) =>
      (asking.until !== null) === (evidence === "Authorized") && asking.status === Option.getOrNull(httpStatus) &&
      asking.code === Option.getOrNull(code))
    if (!isFaithful) wrong(`${evidence}, which is what became of no request for a token`)
    if (history[nth + 1]?.operation === "Authorization") wrong("a token was asked for twice")
  }
}

const checkHistory = (c: Case, whole: ReadonlyArray<CancelError.Exchange>): void => {
  checkAuthorizations(c, whole)
  const history = whole.filter(isAboutPayment)
  const { knowledge: { proofs }, report } = c
  const wrong = (nth: number, words: string) => report("UnfaithfulHistory", `entry ${nth}: ${words}`)
  if (history.length > proofs.length) wrong(history.length - 1, "never happened")
  for (const [nth, entry] of history.entries()) {
    const proof = proofs[nth]
    if (proof === undefined) continue
    const { exchange, stated } = proof
    if (entry.operation !== exchange.operation) wrong(nth, `it was a ${exchange.operation}`)
    if (entry.evidence !== evidenceOf(proof)) wrong(nth, `${entry.evidence}, but the exchange proves ${evidenceOf(proof)}`)
    if (!sameCode(c, Option.getOrNull(entry.code), proof.code)) wrong(nth, `the code was ${proof.code}`)
    const status = Option.getOrNull(entry.httpStatus)
    if (proof.status === null ? status !== null && status !== exchange.head : status !== proof.status) wrong(nth, `HTTP ${proof.status}`)
    const paymentStatus = Option.getOrNull(entry.paymentStatus)
    if (paymentStatus !== null && paymentStatus !== stated?.status) wrong(nth, `the payment was ${stated?.status ?? "not stated"}`)
    if (stated !== null && paymentStatus === null) wrong(nth, `the answer stated ${stated.status}, and the entry states nothing`)
    if (proof.status !== null && entry.at.epochMillis !== exchange.seenWall) wrong(nth, "it ended at another time")
  }
}

export const checkOutputs = (c: Case): void => {
  const { call, failure, knowledge: { cancels, proofs }, report, run, success } = c
  const told = failure ?? success
  const settled = eventsOf(call, "Settled")[0]?.event
  const interrupted = eventsOf(call, "Interrupted")[0]?.event

  if (told !== null) {
    if (told.attempts !== cancels.length) report("Inconsistent", `${told.attempts} attempts, not ${cancels.length}`)
    if (told.paymentId !== run.identifier) report("Inconsistent", `about ${told.paymentId}`)
    if (settled?.result !== told._tag || settled.outcome !== (failure?.outcome ?? null)) {
      report("Inconsistent", `the Settled event says ${settled?.result}, ${settled?.outcome}`)
    }
  }
  if (failure !== null) {
    const outcome = outcomes[failure._tag] ?? run.facts.outcomes[failure._tag] ?? "NotCancelled"
    if (failure.outcome !== outcome) report("Inconsistent", `${failure._tag} is ${failure.outcome}`)
    const length = failure.history.filter(isAboutPayment).length
    if (length !== proofs.length) report("UnfaithfulHistory", `${length} of ${proofs.length} exchanges`)
    checkHistory(c, failure.history)
  }
  if (settled !== undefined) checkHistory(c, settled.history)
  if (interrupted !== undefined) {
    checkHistory(c, interrupted.history)
    const { attempts, inFlight } = interrupted
    const history = interrupted.history.filter(isAboutPayment)
    if (proofs.length > history.length + (inFlight === null ? 0 : 1)) {
      report("UnfaithfulHistory", `${history.length} of ${proofs.length} exchanges`)
    }
    // Interrupted between being taken in hand and being begun, a request counts and does not show.
    if (attempts < cancels.length || attempts > cancels.length + (inFlight === "Cancel" ? 1 : 0)) {
      report("Inconsistent", `${attempts} attempts, not ${cancels.length}`)
    }
  }
}

/** The exchange that a result rests on. */
const restsOn = ({ failure, knowledge: { accepted, cancels, lastDoubt, settling } }: Case): Proof | null => {
  if (failure === null) return settling ?? accepted
  if (failure.outcome === "Unknown") return lastDoubt
  if (failure._tag === "CancelError.NoLongerCancellable") return settling
  const last = cancels.at(-1) ?? null
  return failure._tag === "CancelError.NotSent" ? last : cancels.findLast(({ _tag }) => _tag === "Refused") ?? last
}

/** Everything in a result that repeats an exchange, against that exchange. */
export const checkResult = (c: Case): void => {
  const { call, failure, knowledge: { cancels, proofs, settling }, report, run: { facts, identifier }, success } = c
  const told = failure ?? success
  const wrong = (words: string) => report("UnfaithfulResult", `${told?._tag}: ${words}`)
  for (const { event } of call.heard) {
    if (event.provider !== facts.provider || event.paymentId !== identifier || event.identifiedBy !== facts.identifiedBy) {
      wrong(`${event._tag} is about ${event.provider} ${event.paymentId}`)
    }
  }
  if (told === null) return
  if (told.provider !== facts.provider || told.identifiedBy !== facts.identifiedBy) wrong(`${told.provider}, by ${told.identifiedBy}`)
  const proof = restsOn(c)
  const answer = proof?.exchange.seen._tag === "Whole" && proof.status !== null ? proof.exchange.seen.answer : null
  const requestId = answer === null ? null : facts.requestIdIn(objectIn(facts, answer) ?? {}) ?? answer.headers[facts.requestIdHeader ?? ""] ?? null
  if (!sameCode(c, Option.getOrNull(told.requestId), requestId)) {
    wrong(`request ${Option.getOrNull(told.requestId)}, not ${requestId}`)
  }
  if (success !== null && "capturedAmount" in success) {
    const captured = Option.getOrNull(Option.map(success.capturedAmount, ({ amount }) => amount))
    const stated = answer === null ? null : facts.capturedIn(objectIn(facts, answer) ?? {})
    if (captured !== stated) wrong(`${captured} captured before, not ${stated}`)
  }
  if (success?._tag === "Cancelled" && Option.isSome(success.payload)) {
    const payload = JSON.stringify(success.payload.value) ?? ""
    // An approval states no status: it names the payment.
    const stated = facts.approves ? told.paymentId : settling?.stated?.status
    if (!payload.includes(JSON.stringify(stated))) wrong(`the payload is ${payload}`)
  }
  if (failure === null || failure._tag === "CancelError.InvalidCancelRequest") return

  const httpStatus = Option.getOrNull(failure.httpStatus)
  const head = proof?.status ?? (proof?._tag === "Doubtful" ? proof.exchange.head : null)
  if (httpStatus !== head && !(proof?._tag === "Doubtful" && proof.doubt === "NoAnswer" && httpStatus === null)) {
    wrong(`HTTP ${httpStatus}, not ${head}`)
  }
  const retryAfter = Option.getOrNull(Option.map(failure.retryAfter, Duration.toMillis))
  const asked = proofs.at(-1)?.asked ?? proof?.asked ?? null
  if (retryAfter !== null && Math.abs(retryAfter - (asked ?? -1)) > resolution) wrong(`to wait ${retryAfter} ms, not ${asked}`)
  if (retryAfter === null && asked !== null) wrong(`to wait, not ${asked} ms`)
  const paymentStatus = Option.getOrNull(failure.paymentStatus)
  const stated = failure._tag === "CancelError.NotSent" ? null : proofs.findLast((each) => each.stated !== null)?.stated?.status ?? null
  if (paymentStatus !== stated) wrong(`the payment was ${stated}, not ${paymentStatus}`)
  if (!failure.message.startsWith(`${facts.provider}: `)) wrong(failure.message)
  const last = cancels.at(-1)
  if (settling?.stated?.standing === "Closed") {
    const isRefusal = last?._tag === "Refused" && last.about === "Payment"
    if (isRefusal === (failure._tag === "CancelError.NoLongerCancellable")) wrong(`the payment is ${settling.stated.status}`)
    if (isRefusal && !sameCode(c, failure.code, last.code)) wrong(`the code was ${last.code}`)
  }
}

const isInspected = ({ scenario }: Run): boolean =>
  scenario.inspected || scenario.exchanges.some(({ fault }) => fault !== null && "answer" in fault && fault.answer.echoes)

export const checkSecrets = ({ call, report, run }: Case): void => {
  if (!isInspected(run)) return
  const outputs = [call.exit, ...call.heard.map(({ event }) => event), call.logs, call.spans]
  const shown = outputs.map((output) => `${inspect(output, { depth: 12 })} ${JSON.stringify(output)} ${String(output)}`).join("\n")
  const issued = run.askings.flatMap(({ token }) => token ?? [])
  const secret = [...run.facts.secrets, ...issued].find((each) => shown.includes(each))
  if (secret !== undefined) {
    const at = shown.indexOf(secret)
    report("SecretShown", shown.slice(Math.max(0, at - 120), at + secret.length))
  }
}
