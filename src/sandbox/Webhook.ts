/**
 * Webhooks of the emulated providers: what happened to a payment, as an emulator knows it, and the
 * signed request that a provider would send for it.
 *
 * The two are separate because a provider signs when it delivers. `Sandbox.notifications` returns
 * the signed requests; the caller delivers them: at once, late, twice, in another order, or never.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"

/**
 * A notification before it is signed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Event {
  /** The provider's id of it, the same for every delivery. */
  readonly id: string
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number
  /** The provider's id of the payment that it is about. */
  readonly paymentId: string
  /** Its content, in the provider's own format. */
  readonly payload: { readonly [name: string]: unknown }
}

/**
 * A request as the provider sends it to the merchant's endpoint: pass on `body` and `headers` as
 * they are.
 *
 * @since 0.1.0
 * @category models
 */
export interface Notification {
  readonly id: string
  readonly at: number
  readonly paymentId: string
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

/**
 * How a provider notifies.
 *
 * @since 0.1.0
 * @category models
 */
export interface Webhook {
  /** What its endpoint's configuration shows. It is not a secret here; empty if nobody signs. */
  readonly secret: string
  /** The endpoint's address as it is configured, where that is signed with the body. */
  readonly notificationUrl?: string
  /** The request that it delivers at `now`, in milliseconds since the epoch, signed with `secret`. */
  readonly sign: (event: Event, now: number, secret: string) => Effect.Effect<Pick<Notification, "body" | "headers">>
}

const utf8 = new TextEncoder()

const hmac = (hash: "SHA-256" | "SHA-512", key: Uint8Array, message: string): Effect.Effect<Uint8Array> =>
  Effect.promise(() =>
    globalThis.crypto.subtle
      .importKey("raw", key.slice(), { name: "HMAC", hash }, false, ["sign"])
      .then((imported) => globalThis.crypto.subtle.sign("HMAC", imported, utf8.encode(message)))
      .then((signature) => new Uint8Array(signature))
  )

/**
 * The HMAC-SHA256 of a text. Needs no Node: the platform's own Web Crypto.
 *
 * @since 0.1.0
 * @category signing
 */
export const hmacSha256 = (key: Uint8Array, message: string): Effect.Effect<Uint8Array> => hmac("SHA-256", key, message)

/**
 * The HMAC-SHA512 of a text.
 *
 * @since 0.1.0
 * @category signing
 */
export const hmacSha512 = (key: Uint8Array, message: string): Effect.Effect<Uint8Array> => hmac("SHA-512", key, message)
