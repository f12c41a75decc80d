/**
 * What a router of durable cancels takes and gives.
 *
 * @since 0.1.0
 */
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as CancelError from "../CancelError.js"
import type { CancelRecords } from "./CancelRecords.js"

/**
 * The durable cancels of any provider, as a router takes them: what `make` gives.
 *
 * @since 0.1.0
 * @category models
 */
export interface Routable {
  /** Carries cancels out. */
  readonly layer: Layer.Layer<never, never, unknown>
  // Parameters are contravariant: `never` accepts every request.
  /** Starts a cancel, and waits for its end. */
  readonly cancel: (request: never) => Effect.Effect<unknown, CancelError.Any, WorkflowEngine>
  /** Starts a cancel. */
  readonly start: (request: never) => Effect.Effect<string, CancelError.InvalidCancelRequest, WorkflowEngine | CancelRecords>
  /** Starts a cancel, and waits for its end, but only so long. */
  readonly within: (request: never, duration: Duration.DurationInput) => Effect.Effect<unknown, CancelError.Any, WorkflowEngine | CancelRecords>
  /** How a cancel ended. */
  readonly outcome: (executionId: string) => Effect.Effect<Option.Option<unknown>, CancelError.Any, WorkflowEngine | CancelRecords>
}

/**
 * The durable cancels that a router picks from, by name.
 *
 * @since 0.1.0
 * @category models
 */
export interface Routables {
  readonly [name: string]: Routable
}

type NameIn<Workflows extends Routables> = keyof Workflows & string

/**
 * The request of a router: a provider's name, and that provider's own request.
 *
 * @since 0.1.0
 * @category models
 */
export type RouterRequest<Workflows extends Routables> = {
  readonly [Name in NameIn<Workflows>]:
    & {
      /** Which of the router's providers, by its name there. */
      readonly provider: Name
    }
    & Parameters<Workflows[Name]["cancel"]>[0]
}[NameIn<Workflows>]

/** What an option may be of. */
type Found<Outcome> = Outcome extends Option.Option<infer A> ? A : never

/** In a box each: the request of one provider may be a union itself. */
type Boxes<Workflows extends Routables, Name extends NameIn<Workflows>> = Name extends unknown
  ? (box: { readonly request: Parameters<Workflows[Name]["cancel"]>[0] }) => void
  : never

/** A request that every one of these providers takes. */
type TakenByAll<Workflows extends Routables, Name extends NameIn<Workflows>> = [Boxes<Workflows, Name>] extends
  [(box: infer Box extends { readonly request: unknown }) => void] ? Box["request"] : never

/** What a router takes: the request of the provider that it names, or where that may be one of several, one that they all take. */
type Request<Workflows extends Routables, Name extends NameIn<Workflows>> =
  & { readonly provider: Name }
  & (RouterRequest<Workflows> | TakenByAll<Workflows, Name>)

/**
 * The durable cancels of several providers as one. Each request is carried out by the provider that it names, and has
 * that provider's exact types. Where the name is known only at run time, the request is one that all of them take, and the
 * types are those of all of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Router<Workflows extends Routables> {
  /** Carries the cancels of all of them out: part of every process that is to work on them. */
  readonly layer: Layer.Layer<never, never, Layer.Layer.Context<Workflows[NameIn<Workflows>]["layer"]>>
  /** Starts a cancel, unless it was started before, and waits for its end. That may be days: see `within`. */
  readonly cancel: <Name extends NameIn<Workflows>>(
    request: Request<Workflows, Name>
  ) => Effect.Effect<
    Effect.Effect.Success<ReturnType<Workflows[Name]["cancel"]>>,
    Effect.Effect.Error<ReturnType<Workflows[Name]["cancel"]>>,
    WorkflowEngine
  >
  /** Starts a cancel, unless it was started before, and gives what to ask for it under. */
  readonly start: <Name extends NameIn<Workflows>>(
    request: Request<Workflows, Name>
  ) => Effect.Effect<string, CancelError.InvalidCancelRequest, WorkflowEngine | CancelRecords>
  /** Starts a cancel, unless it was started before, and waits for its end, but only so long: for a web handler. */
  readonly within: <Name extends NameIn<Workflows>>(
    request: Request<Workflows, Name>,
    duration: Duration.DurationInput
  ) => Effect.Effect<
    Effect.Effect.Success<ReturnType<Workflows[Name]["within"]>>,
    Effect.Effect.Error<ReturnType<Workflows[Name]["within"]>>,
    WorkflowEngine | CancelRecords
  >
  /** How a cancel at a provider ended, or that it is being worked on; none if there is none under this id. */
  readonly outcome: <Name extends NameIn<Workflows>>(
    provider: Name,
    executionId: string
  ) => Effect.Effect<
    Option.Option<Found<Effect.Effect.Success<ReturnType<Workflows[Name]["outcome"]>>>>,
    Effect.Effect.Error<ReturnType<Workflows[Name]["outcome"]>>,
    WorkflowEngine | CancelRecords
  >
}
