/**
 * Who waits for a database that is away.
 *
 * @since 0.1.0
 */
import type { WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"

/** The workflow that is at it, where that is not to be seen in the context. */
export const caller: FiberRef.FiberRef<Option.Option<WorkflowInstance["Type"]>> = FiberRef.unsafeMake(Option.none())
