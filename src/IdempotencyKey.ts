/**
 * Where idempotency keys come from.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/**
 * A random UUID (version 4) from the platform's secure source, anew each time: the default key.
 *
 * @since 0.1.0
 * @category constructors
 */
export const random: Effect.Effect<string> = Effect.sync(() => globalThis.crypto.randomUUID())

/**
 * Makes the idempotency key of a logical cancel, once, before the first byte is sent.
 *
 * The default is a random UUID from the platform's secure source, and not from Effect's `Random`, whose
 * seed is too small for keys that must not collide between processes. Replace it to make tests repeatable,
 * or to derive keys from your own records: 1 to 255 visible ASCII characters, or fewer if the provider
 * allows fewer.
 *
 * A source that counts needs a `Ref`, or a table of yours. With a `FiberRef`, cancels that run at the same time, each in
 * a fiber of its own, get the same key.
 *
 * The time it takes counts towards the policy's deadline. If the deadline passes before there is a
 * key, the cancel fails with `CancelError.NotSent`, whose `idempotencyKey` is `""`.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { IdempotencyKey } from "effect-payment-cancel"
 *
 * const fixedKeys = IdempotencyKey.layer(Effect.succeed("order-1042-cancel"))
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class IdempotencyKey extends Context.Reference<IdempotencyKey>()("effect-payment-cancel/IdempotencyKey", {
  defaultValue: (): Effect.Effect<string> => random
}) {}

/**
 * Replaces the source of idempotency keys.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (generate: Effect.Effect<string>): Layer.Layer<never> => Layer.succeed(IdempotencyKey, generate)
