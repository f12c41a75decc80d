/**
 * The version of what durable cancels write down.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What an older version wrote is read as long as it is listed here. */
export const Version = Schema.Literal(1)

export const version = 1

/** What another version wrote. */
export const Other = Schema.Struct({ version: Schema.Number.pipe(Schema.filter((number) => number !== version)) })

const isKnown = <A extends { readonly version: number }>(journaled: A): journaled is Extract<A, { readonly version: 1 }> =>
  journaled.version === version

/**
 * Whoever cannot read a journal neither sends anything, nor ends the execution, nor says anything about the payment: it
 * is left to a process that can.
 */
export const known = <A extends { readonly version: number }, E, R>(
  journaled: Effect.Effect<A, E, R>
): Effect.Effect<Extract<A, { readonly version: 1 }>, E, R> =>
  Effect.filterOrElse(journaled, isKnown, ({ version }) => leftToAnother(version))

export const leftToAnother = (other: number) =>
  Effect.zipRight(
    Effect.logError(`effect-payment-cancel: an execution is of version ${other} of the journal, and this process reads ${version}: it is left alone`),
    // Also at the end of a workflow, where nothing else can be interrupted: its process can still be stopped.
    Effect.interruptible(Effect.never)
  )
