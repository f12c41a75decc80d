/**
 * Holds what a caller was told against the truth, and against what could be known.
 *
 * A rule about *truth* asks the provider's own history, to its very end. A rule about
 * *evidence* asks what the answers at hand prove, whatever happens to be true: a claim
 * without proof is wrong even where it turns out right. The list is in `oracle/rules.ts`.
 */
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import { knowledge } from "./evidence.js"
import { checkBounds, checkPatience } from "./oracle/bounds.js"
import { type Case, heldUp } from "./oracle/case.js"
import { checkEvidence } from "./oracle/claims.js"
import { checkInterruption } from "./oracle/interruption.js"
import { checkDelivered } from "./oracle/notifications.js"
import { checkOutputs, checkResult, checkSecrets } from "./oracle/outputs.js"
import { checkRequests, checkTokens } from "./oracle/requests.js"
import type { Violation } from "./oracle/rules.js"
import { checkTruth } from "./oracle/truth.js"
import type { Run } from "./simulate.js"
import type { Delivered } from "./webhooks.js"

/**
 * Everything that is wrong with a run, and with what was delivered after it.
 */
export const check = (run: Run, delivered: ReadonlyArray<Delivered>): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = []
  for (const each of delivered) checkDelivered(run, each, delivered, violations)
  const frozen = run.scenario.freezes.reduce((sum, { lasts }) => sum + lasts, 0)
  for (const call of run.calls) {
    const failed = call.exit?._tag === "Failure" ? Option.getOrNull(Cause.failureOption(call.exit.cause)) : null
    const c: Case = {
      run,
      call,
      knowledge: knowledge(run, call),
      frozen,
      held: heldUp(run),
      failure: failed === null || Cause.isTimeoutException(failed) ? null : failed,
      success: call.exit?._tag === "Success" ? call.exit.value : null,
      report: (rule, words) => {
        violations.push({ rule, caller: call.index, words })
      }
    }
    checkTruth(c)
    checkEvidence(c)
    checkBounds(c)
    checkRequests(c)
    checkTokens(c)
    checkInterruption(c)
    checkPatience(c)
    checkOutputs(c)
    checkResult(c)
    checkSecrets(c)
  }
  return violations
}
