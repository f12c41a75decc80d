/**
 * A provider that speaks XML, against an emulator of its own: what is lost, cut or distorted on the
 * way is never taken for a proof, and what happened is found out.
 */
// #region test
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { credentials, Gantry as GantryEmulator, type State } from "./gantry/emulator.js"
import * as Gantry from "./gantry/index.js"

const makeSandbox = Sandbox.makeWith({ Gantry: GantryEmulator })

interface Situation {
  readonly state?: State
  readonly password?: string
  /** What happens to the reversals, one after the other. */
  readonly faults?: ReadonlyArray<Fault.Fault>
}

/** Cancels a new payment: what the caller is told, and in which state the payment is in truth. */
const cancelIn = ({ faults = [], password = credentials.password, state = "AUTHORISED" }: Situation) =>
  Effect.gen(function*() {
    const sandbox = yield* makeSandbox
    const paymentId = yield* sandbox.create("Gantry", { status: state })
    for (const fault of faults) yield* sandbox.inject(fault, { operation: "Cancel" })
    const gantry = Gantry.layer({ merchant: credentials.merchant, password: Redacted.make(password) }).pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, Sandbox.httpClient(sandbox)))
    )
    const result = yield* Gantry.cancel({ paymentId }).pipe(Effect.merge, Effect.provide(gantry))
    const truth = Option.getOrThrow(yield* sandbox.payment("Gantry", paymentId)).status
    return { result, told: "outcome" in result ? `${result._tag}, ${result.outcome}` : `${result._tag}, ${result.evidence}`, truth }
  })

const cases: ReadonlyArray<readonly [name: string, situation: Situation, told: string, truth: State]> = [
  ["an answer that arrives", {}, "Cancelled, Response", "REVERSED"],
  ["a lost answer", { faults: [Fault.dropAfterApplying] }, "Cancelled, StatusQuery", "REVERSED"],
  ["half an answer", { faults: [Fault.malformedJson] }, "Cancelled, StatusQuery", "REVERSED"],
  ["an answer that is cut off", { faults: [Fault.cutBody] }, "Cancelled, StatusQuery", "REVERSED"],
  ["an empty answer", { faults: [Fault.emptyBody] }, "Cancelled, StatusQuery", "REVERSED"],
  ["an answer about another transaction", { faults: [Fault.wrongPaymentId] }, "Cancelled, StatusQuery", "REVERSED"],
  ["a state that nobody has listed", { faults: [Fault.unknownStatus] }, "Cancelled, StatusQuery", "REVERSED"],
  ["a proxy's page", { faults: [Fault.badGateway({ applied: true })] }, "Cancelled, StatusQuery", "REVERSED"],
  ["a system error after all", { faults: [Fault.serverError({ applied: true })] }, "Cancelled, StatusQuery", "REVERSED"],
  ["a settled transaction", { state: "SETTLED" }, "Gantry.AlreadySettled, NotCancelled", "SETTLED"],
  ["a reversed transaction", { state: "REVERSED" }, "AlreadyCancelled, StatusQuery", "REVERSED"],
  ["a wrong password", { password: "wrong" }, "Gantry.LoginFailed, NotCancelled", "AUTHORISED"],
  // Not reversed, but who knows whether it will be: a code that nobody has listed refuses nothing.
  ["an unlisted code", { faults: [Fault.unknownErrorCode] }, "CancelError.UnexpectedResponse, Unknown", "AUTHORISED"],
  ["a system error", { faults: [Fault.serverError({ applied: false })] }, "Gantry.SystemError, Unknown", "AUTHORISED"],
  ["a lost request", { faults: [Fault.dropBeforeApplying] }, "CancelError.NoResponse, Unknown", "AUTHORISED"],
  ["a busy moment", { faults: [Fault.rateLimited()] }, "Cancelled, Response", "REVERSED"]
]

describe("Gantry", () => {
  for (const [name, situation, told, truth] of cases) {
    it.scopedLive(`with ${name}`, () =>
      Effect.map(cancelIn(situation), (outcome) =>
        assert.deepStrictEqual([outcome.told, outcome.truth], [told, truth])))
  }

  it.scopedLive("keeps the status that was received beside the one that it stands for", () =>
    Effect.gen(function*() {
      const { result } = yield* cancelIn({ state: "SETTLED" })
      if (!("outcome" in result)) return assert.fail(result._tag)
      assert.deepStrictEqual(result.httpStatus, Option.some(200))
      assert.strictEqual(result.category, "NotCancellable")
      assert.include(result.history[0]?.explanation, "HTTP 200 (it stands for 409) with code 0312")
    }))
})
// #endregion
