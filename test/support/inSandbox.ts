/** What the tests of a provider do in the sandbox, in virtual time. */
import { assert } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { type Emulator, type Fault, Sandbox } from "effect-payment-cancel/sandbox"

/** Lets the test's clock run until an effect has ended. */
export const within = (time: Duration.DurationInput) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust(time)
    return yield* Fiber.join(fiber)
  })

/** Longer than any cancel takes. */
export const ample = within("10 minutes")

/** The requests of a kind that reached the sandbox. */
export const sent = (operation: Emulator.Operation) =>
  Effect.flatMap(Sandbox.Sandbox, ({ requests }) =>
    Effect.map(requests, (all) => all.filter((request) => request.operation === operation)))

/** Creates payments at a provider. */
export const creating = <P extends Sandbox.Provider>(provider: P) => (options?: Sandbox.CreateOptions<P>) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.create(provider, options))

/** Has something go wrong with the next cancel, unless another request is named. */
export const inject = (fault: Fault.Fault, target?: Sandbox.Target) =>
  Effect.flatMap(Sandbox.Sandbox, (sandbox) => sandbox.inject(fault, { operation: "Cancel", ...target }))

/** As `assert.deepInclude`, whatever union the actual value is of. */
export const includes = (actual: object, expected: object) => assert.deepInclude(actual, expected)
