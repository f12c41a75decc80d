/**
 * Whether what was sent is one logical cancel: the same bytes, one key, and nothing without a licence.
 */
import type { Proof } from "../evidence.js"
import { isAboutPayment } from "../simulate.js"
import type { Case } from "./case.js"

const keyOf = ({ call, failure }: Case): string | null => failure?.idempotencyKey ?? call.heard[0]?.event.idempotencyKey ?? null

const isUnauthenticated = ({ status, withheld }: Proof): boolean => withheld === null && status === 401

/** The request for an access token that brought one before an exchange, if it is one of this call's. */
const askedFor = ({ call, run }: Case, { exchange }: Proof) => {
  const last = run.exchanges.findLast(({ begun, caller }) => caller === call.index && begun < exchange.begun)
  return run.askings.findLast(({ caller, order, until }) =>
    until !== null && caller === call.index && order < exchange.begun && order > (last?.begun ?? -1)) ?? null
}

/** Whether an exchange bore an access token that was there before. */
const isReused = (c: Case, proof: Proof): boolean => c.run.facts.token !== null && askedFor(c, proof) === null

/** Whether access tokens are used as long as they are good for something, and no longer. */
export const checkTokens = (c: Case): void => {
  const { frozen, knowledge: { proofs }, report, run } = c
  if (run.facts.token === null) return
  const sent = proofs.filter(({ withheld }) => withheld === null)
  for (const [nth, proof] of sent.entries()) {
    const { exchange } = proof
    const asking = run.askings.findLast(({ order, until }) => order < exchange.begun && until !== null)
    if (asking === undefined || asking.until === null) return report("TokenMisused", `exchange #${exchange.index} has none`)
    if (exchange.begunAt > asking.until && frozen === 0) report("TokenMisused", `that of exchange #${exchange.index} had expired`)
    const before = sent[nth - 1]
    if (before === undefined) continue
    if (isUnauthenticated(before) && asking.order < before.exchange.begun) {
      report("TokenMisused", `that of exchange #${exchange.index} had been refused before`)
    }
  }
  // One that is still good, of which nobody has said otherwise, is not replaced: two fifths of its time are enough to tell.
  for (const [nth, asking] of run.askings.entries()) {
    const before = run.askings[nth - 1]
    if (before === undefined || before.until === null) continue
    const isGood = asking.at < before.at + (before.until - before.at) * 0.6
    const isRefused = run.exchanges.some(({ begun, head }) => head === 401 && begun < asking.order)
    // One whose answer nobody waited for was never there.
    const isHeld = run.calls[before.caller]?.heard.some(({ event, order }) =>
      event._tag === "ExchangeEnded" && !isAboutPayment(event.exchange) && order > before.order && order < asking.order) === true
    if (isGood && isHeld && !isRefused && frozen === 0) report("TokenMisused", "one is asked for while another one is good")
  }
}

export const checkRequests = (c: Case): void => {
  const { call, knowledge, report, run } = c
  const { proofs } = knowledge
  const cancels = knowledge.cancels.filter(({ withheld }) => withheld === null)
  const { keyHeader, licence } = run.facts
  const key = keyOf(c)
  for (const [nth, proof] of cancels.entries()) {
    const { exchange } = proof
    if (exchange.bytes !== cancels[0]?.exchange.bytes) report("OtherBytes", `exchange #${exchange.index}`)
    const sent = keyHeader === null ? null : exchange.headers[keyHeader] ?? null
    if (keyHeader !== null && sent !== (call.plan.key ?? key)) report("OtherKey", `exchange #${exchange.index} has ${sent}, not ${key}`)
    if (keyHeader === null && key !== null && exchange.bytes.includes(key)) report("OtherKey", "the key is in the request")

    const before = cancels.slice(0, nth)
    const last = before.at(-1)
    if (last === undefined) continue
    const doubts = before.flatMap((proof) => proof._tag === "Doubtful" ? [proof] : [])
    const unlicensed = doubts.find(({ doubt, sendAgain }) => !(sendAgain ?? licence.includes(doubt)))
    if (unlicensed !== undefined) {
      report("UnlicensedResend", `exchange #${exchange.index}, after ${unlicensed.doubt} in #${unlicensed.exchange.index}`)
    }
    // A doubtful request may have come between: the refusal of a payment that is still
    // cancellable, or of which nobody knows, is then worth another try, unless it says no.
    const isReadSince = proofs[proofs.indexOf(proof) - 1] !== last
    // An access token that is no longer accepted is replaced, once; but not one that was only just granted.
    const isRenewed = isReused(c, last) && proofs.slice(0, proofs.indexOf(proof)).filter(isUnauthenticated).length === 1
    const isWorthAnother = (refused: Extract<Proof, { _tag: "Refused" }>): boolean =>
      refused.tryAgain || (isRenewed && refused.status === 401) || (doubts.length > 0 && refused.about === "Payment" && refused.sendAgain !== false && isReadSince)
    if (last._tag === "Accepted") report("WentOnAfterProof", `exchange #${exchange.index}, after #${last.exchange.index} was accepted`)
    if (last._tag === "Refused" && !isWorthAnother(last)) {
      report("RefusalResent", `exchange #${exchange.index}, after ${last.code}`)
    }
  }
  if (call.plan.key !== null && key !== null && key !== call.plan.key) report("OtherKey", `${key} instead of ${call.plan.key}`)
  if (call.heard.some(({ event }) => event.idempotencyKey !== key)) report("OtherKey", "in an event")
}
