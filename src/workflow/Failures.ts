/**
 * How workflows have failed whose payments are cancelled for it. The engine tells an execution nothing while it runs, so
 * what has to be readable when it is run again, however soon its process dies, is told to another one: of this workflow,
 * which does nothing, under the same id. So it is at the same runner, too.
 *
 * @since 0.1.0
 */
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

/** What they are told to. The name is part of the journal. */
export const failures = Workflow.make({ name: "effect-payment-cancel/failures", payload: {}, idempotencyKey: () => "" })

/** One for all providers: it is built once. */
export const layerFailures: Layer.Layer<never, never, WorkflowEngine> = failures.toLayer(() => Effect.void)
