/**
 * Whether notifications are believed if they are genuine, and confirm what became of the payment.
 */
import * as Option from "effect/Option"
import { inspect } from "node:util"
import { knowledge } from "../evidence.js"
import type { Run } from "../simulate.js"
import type { Delivered, Paired } from "../webhooks.js"
import { isCancelledAt } from "./case.js"
import type { Rule, Violation } from "./rules.js"

/** Whether a notification is about the request that a receipt was given for. */
const isAbout = ({ accepted }: Paired, { event }: Delivered): boolean =>
  JSON.stringify(event.payload).includes(JSON.stringify(accepted.receipt.reference))

/** What is said to be confirmed, against what requests of the call have done, to the very end. */
const checkPaired = (run: Run, delivered: Delivered, paired: Paired, report: (rule: Rule, words: string) => void): void => {
  const { accepted, call, confirmation, confirmedBy } = paired
  const { reference } = accepted.receipt
  if (confirmation._tag === "Unrelated") {
    if (isAbout(paired, delivered)) report("ConfirmationMissed", `${reference} is Unrelated`)
    return
  }
  if (!isAbout(paired, delivered)) report("FalseConfirmation", `${confirmation._tag} by another request's notification`)
  if (confirmedBy !== null && delivered.event.payload["eventCode"] !== confirmedBy) {
    report("UnfaithfulResult", `to be confirmed by ${confirmedBy}, not ${String(delivered.event.payload["eventCode"])}`)
  }
  const isBy = (index: number | null, named: string | null): boolean => {
    const exchange = index === null ? undefined : run.exchanges[index]
    return exchange !== undefined && (named === null ? exchange.caller === call.index : exchange.reference === named)
  }
  const done = run.truth.find(({ exchange }) => isBy(exchange, reference))
  const stands = done === undefined ? null : run.facts.standings[done.to]
  if (confirmation._tag === "CancellationDeclined") {
    const own = run.truth.find(({ exchange }) => isBy(exchange, null))
    if (done !== undefined) report("FalseConfirmation", `declined, but by exchange #${done.exchange} the payment is ${done.to}`)
    else if (confirmation.outcome === "NotCancelled" && own !== undefined) {
      report("FalseConfirmation", `declined, but by exchange #${own.exchange} the payment is ${own.to}`)
    }
    const { lastDoubt } = knowledge(run, call)
    if (confirmation.outcome === "Unknown" && lastDoubt === null) report("ProofIgnored", "declined, and nothing else was sent")
    return
  }
  if (done === undefined || (confirmation._tag === "Cancelled") !== (stands === "Cancelled")) {
    report("FalseConfirmation", `${confirmation._tag}, but the payment is ${done?.to ?? "as it was"}`)
  }
}

export const checkDelivered = (run: Run, delivered: Delivered, others: ReadonlyArray<Delivered>, violations: Array<Violation>): void => {
  const { at, event, paired, plan, read } = delivered
  const report = (caller: number) => (rule: Rule, words: string) => {
    violations.push({ rule, caller, words })
  }
  const secret = run.facts.webhooks?.provider.secret
  if (secret !== undefined && `${inspect(read, { depth: 12 })} ${JSON.stringify(read)}`.includes(secret)) {
    report(0)("SecretShown", "the secret of the webhooks")
  }
  if (plan.how !== "Genuine") {
    if (read._tag === "Right") report(0)("ForgeryBelieved", `${plan.how}: ${read.right.decision}`)
    // What is played back has a signature that fits: what is due is each provider's own, and its tests say what.
    else if (plan.how !== "Replayed" && read.left.answer !== "Refuse") report(0)("ForgeryAcknowledged", `${plan.how}: ${read.left._tag}`)
    return
  }
  if (read._tag === "Left") {
    const { _tag, answer, message } = read.left
    if (run.facts.webhooks?.isCancellation(event) === true || _tag !== "Notification.NotACancellation" || answer !== "Acknowledge") {
      report(0)("ConfirmationMissed", `${_tag}: ${message}`)
    }
    return
  }
  const { notificationId, occurredAt, paymentId, provider, receivedAt } = read.right
  const wrong = (words: string) => report(0)("UnfaithfulNotification", words)
  if (provider !== run.facts.provider || paymentId !== event.paymentId) wrong(`about ${provider} ${paymentId}, not ${event.paymentId}`)
  if (receivedAt.epochMillis !== at) wrong(`received at ${receivedAt.epochMillis}, not ${at}`)
  // Providers write their times in whole seconds.
  if (Option.exists(occurredAt, ({ epochMillis }) => Math.abs(epochMillis - event.at) >= 1_000)) wrong(`not from ${event.at}`)
  const sameEvent = others.filter((other) => other.event === event)
  if (sameEvent.some((other) => other.read._tag === "Right" && other.read.right.notificationId !== notificationId)) {
    wrong(`the same event is called ${notificationId} and something else`)
  }
  if (read.right.decision === "Cancelled" && !isCancelledAt(run, Infinity)) report(0)("FalseConfirmation", "it was never cancelled")
  for (const each of paired) checkPaired(run, delivered, each, report(each.call.index))
}
