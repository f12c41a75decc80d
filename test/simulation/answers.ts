/**
 * Answers that do not come from the provider's own state: from somebody on the way, or from
 * a provider that is out of its mind.
 */
import type { DelayUnit } from "../../src/authoring/Answer.js"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import { bodyIn, extended, formatOf, write } from "../support/interpreting.js"
import type { Facts, Operation } from "./facts.js"
import type { AnswerPlan } from "./scenario.js"

/** The payment that an answer is about, as it truly is. */
export interface Subject {
  readonly facts: Facts
  readonly identifier: string
  readonly trueStatus: string
  /** The provider's clock, in milliseconds since the epoch. */
  readonly wallTime: number
}

const unlisted = "a_status_nobody_has_listed"

/** What the body of an answer holds: JSON, or text that is none. */
const bodyOf = (plan: AnswerPlan, operation: Operation, subject: Subject): Emulator.JsonObject | string => {
  const { facts, identifier, trueStatus } = subject
  const echo = plan.echoes ? ` ${facts.secrets.join(" ")}` : ""
  const payment = (status: string, id = identifier) =>
    extended(facts)((operation === "Status" ? facts.statusBody ?? facts.payment : facts.payment)(id, status), { note: `payment${echo}` })
  const { body } = plan
  switch (body._tag) {
    case "Code":
      return facts.error(body.code, `words${echo}`, {})
    case "CodeAndTruth":
      return facts.error(body.code, `words${echo}`, payment(trueStatus))
    case "Truth":
      return payment(trueStatus)
    case "StillCancellable":
      return payment(facts.cancellable)
    case "UnlistedStatus":
      return payment(unlisted)
    case "OtherPayment":
      // Where the answers name no payment, this one would be taken for the one that was asked for, and rightly so.
      if (!facts.namesPayment[operation]) return payment(unlisted)
      return facts.receipts?.make(facts.paymentId("another-payment")) ?? payment(facts.cancelled, facts.paymentId("another-payment"))
    case "Lie":
      return facts.receipts?.make(identifier) ?? payment(body.status)
    case "Html":
      return `<html>${echo}</html>`
    case "Empty":
      return ""
  }
}

/** In these a provider's own header asks for a wait; elsewhere it only stands there. */
const isLimiting = (status: number): boolean => status === 429 || status === 503

/** Whole seconds, or what only looks like a wait, go into the provider's own header where it counts. */
/** How a provider's own header says so many whole seconds from now. */
const inUnit = (seconds: string, unit: DelayUnit, wallTime: number): string => {
  if (!/^\d+$/.test(seconds)) return seconds
  switch (unit) {
    case "Seconds":
      return seconds
    case "Milliseconds":
      return String(Number(seconds) * 1_000)
    case "UnixSeconds":
      return String(Math.ceil(wallTime / 1_000) + Number(seconds))
  }
}

const delayHeaders = ({ retryAfter, status }: AnswerPlan, { facts: { delayHeader }, wallTime }: Subject): Emulator.Reply["headers"] => {
  if (delayHeader !== null && typeof retryAfter === "string" && isLimiting(status)) {
    return { [delayHeader.name]: inUnit(retryAfter, delayHeader.unit, wallTime) }
  }
  return {
    ...(delayHeader === null || isLimiting(status) ? {} : { [delayHeader.name]: inUnit("86400", delayHeader.unit, wallTime) }),
    ...(retryAfter === null ? {} : {
      "retry-after": typeof retryAfter === "string" ? retryAfter : new Date(wallTime + retryAfter).toUTCString()
    })
  }
}

/** The same as `Retry-After` would say it. */
const asRetryAfter = (value: string, unit: DelayUnit): string => {
  if (!/^\d+$/.test(value)) return value
  switch (unit) {
    case "Seconds":
      return value
    case "Milliseconds":
      return String(Number(value) / 1_000)
    case "UnixSeconds":
      return new Date(Number(value) * 1_000).toUTCString()
  }
}

/** What an answer asks to wait, in the words of `Retry-After`. */
export const askedIn = ({ delayHeader }: Facts, { headers, status }: Emulator.Reply): string | null => {
  const own = delayHeader !== null && isLimiting(status) ? headers[delayHeader.name] : undefined
  return headers["retry-after"] ?? (delayHeader === null || own === undefined ? null : asRetryAfter(own, delayHeader.unit))
}

const headersOf = (plan: AnswerPlan, subject: Subject): Emulator.Reply["headers"] => {
  const { echoes, sendAgain } = plan
  const { facts } = subject
  return {
    "content-type": formatOf(facts)?.contentType ?? "application/json",
    ...delayHeaders(plan, subject),
    ...(sendAgain === null || facts.sendAgainHeader === null ? {} : { [facts.sendAgainHeader]: String(sendAgain) }),
    ...(echoes && facts.requestIdHeader !== null ? { [facts.requestIdHeader]: `request ${facts.secrets.join(" ")}` } : {})
  }
}

/** An answer as it was planned. */
export const compose = (plan: AnswerPlan, operation: Operation, subject: Subject): Emulator.Reply => {
  const body = bodyOf(plan, operation, subject)
  return {
    status: plan.status,
    headers: headersOf(plan, subject),
    body: typeof body === "string" ? body : write(subject.facts, body)
  }
}

/** What a body says; null where it is no object. */
export const objectIn = (facts: Facts, { body }: Emulator.Reply): Emulator.JsonObject | null => bodyIn(facts, body)
