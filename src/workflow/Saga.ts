/**
 * What becomes of a payment when the workflow that authorized it ends: it is cancelled unless the workflow succeeds.
 *
 * The same workflow may be carried through twice: again, because its process died before its end was written down, or at
 * once in two processes, because one stood still for longer than its locks hold. What its steps outside of any activity
 * are told need not be the same then. So an end counts when it is kept in `CancelRecords`, which keeps the first one.
 *
 * @since 0.1.0
 */
import * as Workflow from "@effect/workflow/Workflow"
import { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import type * as FiberId from "effect/FiberId"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as CancelError from "../CancelError.js"
import { CancelRecords } from "./CancelRecords.js"
import { known, Other, Version, version } from "./Journal.js"

interface Succeeded {
  readonly _tag: "Succeeded"
  readonly version: 1
}

interface Failed {
  readonly _tag: "Failed"
  readonly version: 1
  readonly request: { readonly [field: string]: unknown }
  readonly exit: Exit.Exit<void, unknown>
}

/** How a workflow ended, for one of its authorizations. */
type Ending = Succeeded | Failed

const succeeded: Succeeded = { _tag: "Succeeded", version }

/** That it failed, was interrupted or died; and how it failed, which its own schema says how to write down. */
const withoutDefects = (cause: Cause.Cause<unknown>): Exit.Exit<never, unknown> =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => Cause.isInterruptedOnly(cause) ? Exit.failCause(cause) : died,
    onSome: Exit.fail
  })

const died = Exit.die("the workflow died of a defect, and its payment is being cancelled")

/** How an ending is written down, with the errors of its workflow. */
const endingSchema = (errorSchema: Schema.Schema<unknown, unknown>) =>
  Schema.parseJson(Schema.Union(
    Schema.TaggedStruct("Succeeded", { version: Version }),
    Schema.TaggedStruct("Failed", {
      version: Version,
      request: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
      exit: Schema.Exit({ success: Schema.Void, failure: errorSchema, defect: Schema.Defect })
    }),
    Other
  ))

const decodeAny = Schema.decode(endingSchema(Schema.Unknown))

/** How often, and how many times, it is looked up whether another process has written that the workflow succeeded. */
const looks = { schedule: Schedule.spaced("100 millis"), times: 100 }

/** An interruption that nobody asked of the workflow is its process being stopped: it goes on in another one. */
const goesOnElsewhere = (cause: Cause.Cause<unknown>, { interrupted }: WorkflowInstance["Type"]) =>
  Cause.isInterruptedOnly(cause) && !interrupted

/** An interruption by nobody but the workflow's own fiber. */
const interruptsItself = (cause: Cause.Cause<unknown>, self: FiberId.FiberId) =>
  Cause.isInterruptedOnly(cause) && HashSet.every(Cause.interruptors(cause), (by) => Equal.equals(by, self))

/** What is kept of how a workflow has ended, for one of its authorizations. */
const endingsOf = ({ executionId, workflow }: WorkflowInstance["Type"], step: string) =>
  Effect.map(CancelRecords, (records) => {
    // A workflow's errors need nothing to be written down: its own type does not let it be seen here.
    const schema = endingSchema(workflow.errorSchema as Schema.Schema<unknown, unknown>)
    const of = { executionId, step }
    const read = (written: string) =>
      Schema.decode(schema)(written).pipe(
        // The workflow may have had other errors when that was written down.
        Effect.orElse(() => Effect.map(decodeAny(written), (ending) => "exit" in ending ? { ...ending, exit: died } : ending)),
        Effect.orDie,
        known
      )
    const write = (ending: Ending) =>
      Schema.encode(schema)(ending).pipe(
        // The engine will not be able to write down how it failed either.
        Effect.orElse(() => Schema.encode(schema)(ending._tag === "Failed" ? { ...ending, exit: died } : ending)),
        Effect.orDie
      )
    return {
      kept: Effect.flatMap(records.ended(of), Effect.transposeMapOption(read)),
      /** Keeps an ending, if none is kept or only `insteadOf`, and gives what is kept then. */
      keep: (ending: Ending, insteadOf?: Ending) =>
        Effect.all([write(ending), Effect.transposeMapOption(Option.fromNullable(insteadOf), write)]).pipe(
          Effect.flatMap(([written, replaced]) => records.end(of, written, replaced)),
          Effect.flatMap(read)
        )
    }
  })

/** How the payment is named, the workflow's own name for its authorization, and after which failures of it there is none. */
interface Options<A, E> {
  readonly name: string
  readonly payment: object
  readonly authorized?: (authorized: A) => object
  readonly isDeclined?: (failure: E) => boolean
}

/** What has been authorized in each run of a workflow, by its name there. */
const names = new WeakMap<WorkflowInstance["Type"], Map<string, string>>()

/** Two payments of one name would be one cancel: the second one would stay. */
const register = (instance: WorkflowInstance["Type"], name: string, payment: object) =>
  Effect.suspend(() => {
    const registered = names.get(instance) ?? new Map<string, string>()
    names.set(instance, registered)
    const written = JSON.stringify(payment)
    if ((registered.get(name) ?? written) !== written) {
      return Effect.dieMessage(`cancelOnFailure: two authorizations of ${instance.workflow.name} have the name ${name}: give each of them its own`)
    }
    registered.set(name, written)
    return Effect.void
  })

/** What a provider's durable cancels do with a request that names its payment in any of their ways. */
interface Cancels {
  readonly provider: string
  /** Whether a cancel could be started. */
  readonly check: (request: object) => Effect.Effect<unknown, CancelError.InvalidCancelRequest>
  /** Starts a cancel that nobody waits for. It is no part of the workflow, whose interruption would be its own. */
  readonly start: (request: object) => Effect.Effect<unknown, CancelError.InvalidCancelRequest, WorkflowEngine>
}

/** Carries out what authorizes a payment, in a workflow, and has the payment cancelled if the workflow does not succeed. */
export const cancelOnFailure = ({ check, provider, start }: Cancels) =>
<A, E, R>(
  authorize: Effect.Effect<A, E, R>,
  { authorized, isDeclined = () => false, name, payment }: Options<A, E>
): Effect.Effect<A, E, R | WorkflowEngine | WorkflowInstance | CancelRecords | Scope.Scope> =>
  Effect.gen(function*() {
    const engine = yield* WorkflowEngine
    const instance = yield* WorkflowInstance
    const self = yield* Effect.fiberId
    const { executionId, workflow } = instance
    const step = `${provider}/${name}`
    const { keep, kept } = yield* endingsOf(instance, step)
    const named = (request: object) => ({ ...request, requestId: `${executionId}/${name}` })

    // What could not be cancelled is not authorized.
    yield* Effect.orDie(check(named(payment)))
    yield* register(instance, step, payment)
    // None once it is certain that there is no payment.
    let request: object | undefined = payment

    /** As it failed before: whoever was interrupted is so again, for otherwise it would be taken for a process that is being stopped. */
    const failAgain = (exit: Exit.Exit<void, unknown>) =>
      Effect.suspend(() => {
        if (Exit.isInterrupted(exit)) instance.interrupted = true
        // The failure is one of the workflow's own: that is not known of it here.
        // @effect-diagnostics-next-line unsafeEffectTypeAssertion:off
        return exit as Exit.Exit<void>
      })

    /** As the engine writes an end down. */
    const writeEnd = Schema.encode(Schema.parseJson(Schema.Exit({
      // Nor do its results need anything to be written down.
      success: workflow.successSchema as Schema.Schema<unknown, unknown>,
      failure: workflow.errorSchema as Schema.Schema<unknown, unknown>,
      defect: Schema.Defect
    })))

    let hasSucceeded = false
    // An instance's workflow is the one that it is an instance of, which is polled by its name.
    const poll = engine.poll(workflow as Workflow.Workflow<string, Workflow.AnyStructSchema, Schema.Schema<unknown>, Schema.Schema<unknown>>, executionId)
    const succeededElsewhere = poll.pipe(
      // What nobody could say is asked again when the database answers; that it cannot be read is no success either.
      Effect.catchAllDefect(() => Effect.zipRight(kept, poll)),
      Effect.sandbox,
      Effect.filterOrFail((result) => result?._tag === "Complete" && Exit.isSuccess(result.exit)),
      Effect.retry(looks),
      Effect.isSuccess
    )

    yield* Workflow.addFinalizer((exit) =>
      Effect.gen(function*() {
        const isWritten = yield* Effect.isSuccess(Effect.sandbox(writeEnd(exit)))
        if (request === undefined || (Exit.isSuccess(exit) ? isWritten : goesOnElsewhere(exit.cause, instance))) return
        const failed: Failed = { _tag: "Failed", version, request: { ...request }, exit: Exit.isSuccess(exit) ? died : withoutDefects(exit.cause) }
        const first = yield* keep(failed)
        // Of a success that was kept, the result may have been written down, or whoever was about to do so is dead.
        const ending = first._tag === "Failed" || (!hasSucceeded && (yield* succeededElsewhere)) ? first : yield* keep(failed, first)
        if (ending._tag === "Succeeded") return
        yield* Effect.orDie(start(named(ending.request)))
        // The engine would never end it. Run again, it ends as it is kept.
        if (!isWritten) return yield* Effect.dieMessage("what the workflow ended with cannot be written down, and its payment is being cancelled")
      })
    )
    let before = Option.none<Ending>()
    yield* Effect.addFinalizer((exit) => {
      if (Option.isSome(before) && before.value._tag === "Failed") return failAgain(before.value.exit)
      // The engine would take it for a process that is being stopped, and run it again without end.
      if (Exit.isFailure(exit) && !instance.suspended && interruptsItself(exit.cause, self)) instance.interrupted = true
      return Exit.isFailure(exit) ? Effect.void : Effect.flatMap(keep(succeeded), (ending) => {
        hasSucceeded = ending._tag === "Succeeded"
        return ending._tag === "Failed" ? failAgain(ending.exit) : Effect.void
      })
    })

    // A workflow that has failed must not succeed when it is run again, for its payment is being cancelled; nor may the
    // cancel be started under another name of the payment. It does nothing more: as it failed at its end, and not here, no
    // handler of its own is to go on from here.
    before = yield* kept
    if (Option.isSome(before) && before.value._tag === "Failed") return yield* Effect.interrupt

    const made = yield* Effect.tapError(authorize, (failure) =>
      Effect.sync(() => {
        if (isDeclined(failure)) request = undefined
      }))
    const byAuthorized = authorized === undefined ? payment : authorized(made)
    request = Either.isRight(yield* Effect.either(check(named(byAuthorized)))) ? byAuthorized : payment
    return made
  })
