/**
 * Whether what a caller was told is what the answers at hand prove, whatever happens to be true.
 */
import { type Proof, span } from "../evidence.js"
import type { Failure } from "../facts.js"
import { type Case, isTooMuch, isUndisturbed, longestWait, resolution, sameCode, usefulTime } from "./case.js"

/** What a caller has to be told, by the evidence. */
const due = ({ run: { facts }, knowledge: { accepted, lastDoubt, settling } }: Case): string => {
  if (settling?._tag === "Accepted" || (settling === null && accepted !== null)) return `${facts.receipts?.success} by Response`
  if (settling?._tag === "Acknowledged") return "Cancelled by Response"
  if (settling?.stated?.standing === "Cancelled") return lastDoubt === null && accepted === null ? "AlreadyCancelled by StatusQuery" : "Cancelled by StatusQuery"
  return settling === null && lastDoubt !== null ? "Unknown" : "NotCancelled"
}

const isDefinite = (told: string): boolean => told !== "Unknown"

export const checkEvidence = (c: Case): void => {
  const { call, failure, knowledge, report, run, success } = c
  const { proofs, settling } = knowledge
  if (settling !== null && settling !== proofs.at(-1)) {
    report("WentOnAfterProof", `exchange #${settling.exchange.index} had settled it`)
  }
  if (failure === null && success === null) return
  const told = success === null ? failure?.outcome ?? "" : `${success._tag} by ${success.evidence}`
  const expected = due(c)
  if (told !== expected) {
    report(
      isDefinite(expected) && (told === "Unknown" || settling !== null) ? "ProofIgnored" : "ClaimWithoutProof",
      `told ${told}, the evidence says ${expected}`
    )
  }
  if (failure !== null && told === expected) checkFailure(c, failure)
  const canRead = run.facts.hasStatusQuery
  const last = proofs.at(-1)
  if (
    canRead && call.exit !== null && failure?.outcome === "Unknown" && isUndisturbed(c) &&
    last?.exchange.operation === "Cancel" && !isForbidden(c, last.asked)
  ) {
    report("GaveUpUnread", "the last exchange was a cancel request")
  }
}

/** Whether the provider asked for more than the policy, or the time that is left, allows. */
const isForbidden = ({ call }: Case, asked: number | null): boolean => {
  const left = call.policy.deadline - span(call.begunAt, call.exitAt)
  return isTooMuch(call, asked) || (asked !== null && left <= asked + usefulTime(call, asked, call.policy.statusTimeout) + resolution)
}

const checkFailure = (c: Case, failure: Failure): void => {
  const { knowledge, report, run } = c
  const { cancels, lastDoubt, settling } = knowledge
  const wrong = (words: string) => report("WrongClass", `${failure._tag}: ${words}`)
  if (failure.outcome === "Unknown") {
    if (lastDoubt === null) return
    if ((lastDoubt.doubt === "NoAnswer") !== (failure._tag === "CancelError.NoResponse")) {
      wrong(`the last doubt was ${lastDoubt.doubt}`)
    }
    if (!sameCode(c, failure.code, lastDoubt.code)) wrong(`the code of the last doubt was ${lastDoubt.code}`)
    return
  }
  if (settling !== null) return
  const last = cancels.at(-1)
  if (last?._tag === "Unsent" && cancels.every(({ _tag }) => _tag === "Unsent")) return checkUnsent(c, failure, last)
  const refused = cancels.findLast((proof) => proof._tag === "Refused")
  if (failure._tag === "CancelError.NotSent") {
    if (refused !== undefined) wrong(`exchange #${refused.exchange.index} was sent, and refused`)
    return
  }
  if (refused === undefined) return wrong("nothing was refused")
  if (!sameCode(c, failure.code, refused.code)) wrong(`the code of the refusal was ${refused.code}`)
  if (refused.listed === failure._tag.endsWith(".Unrecognized")) wrong(`the code is ${refused.listed ? "" : "not "}listed`)
  if (last !== refused || refused.about === "Request" || !run.facts.hasStatusQuery || !isUndisturbed(c)) return
  checkReadBack(c, refused)
}

/** Where nothing was ever sent, it is the refusal of an access token that tells why, if its code is listed, and says nothing of the payment. */
const checkUnsent = ({ report, run: { facts } }: Case, failure: Failure, { code, status, withheld }: Proof): void => {
  const wrong = (words: string) => report("WrongClass", `${failure._tag}: ${words}`)
  const listed = withheld === null || status === null || code === null ? null : facts.codeOf(status, code)
  const tells = listed?.outcome === "NotCancelled" && listed.about === "Request"
  if (tells === (failure._tag === "CancelError.NotSent")) wrong(`no token was granted, with ${code}`)
  if (tells && failure._tag !== `${facts.provider}.${listed.name}`) wrong(`${code} is ${listed.name}`)
}

/** A refusal about the payment has to be read back; a contradictory one twice, where there is time. */
const checkReadBack = (c: Case, refused: Proof): void => {
  const { call, knowledge, report } = c
  const reads = knowledge.proofs.slice(knowledge.proofs.indexOf(refused) + 1)
  const statements = [refused, ...reads].filter(({ stated }) => stated !== null)
  const asked = knowledge.proofs.at(-1)?.asked ?? null
  if (isForbidden(c, asked)) return
  if (reads.length === 0 && statements.length === 0) {
    report("RefusalNotReadBack", `exchange #${refused.exchange.index} was refused with ${refused.code}`)
    return
  }
  const contradiction = statements.length === 1 && statements[0]?.stated?.standing === "Cancellable"
  const wait = longestWait(call, Math.max(0, reads.length - 1), asked)
  const left = call.policy.deadline - span(call.begunAt, call.exitAt)
  if (contradiction && reads.length < call.policy.statusReads && left > wait + usefulTime(call, asked, call.policy.statusTimeout) + resolution) {
    report("ContradictionNotReadAgain", `exchange #${refused.exchange.index} was refused, the payment is cancellable`)
  }
}
