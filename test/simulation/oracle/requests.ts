/**
 * Whether what was sent is one logical cancel: the same bytes, one key, and nothing without a licence.
 */
import type { Proof } from "../evidence.js"
import type { Case } from "./case.js"

const keyOf = ({ call, failure }: Case): string | null => failure?.idempotencyKey ?? call.heard[0]?.event.idempotencyKey ?? null

export const checkRequests = (c: Case): void => {
  const { call, knowledge, report, run } = c
  const { cancels, proofs } = knowledge
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
    // An access token that is no longer accepted is replaced, once.
    const isRenewed = run.facts.token !== null && before.filter(({ status }) => status === 401).length === 1
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
