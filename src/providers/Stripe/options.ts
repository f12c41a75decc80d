/**
 * How to reach Stripe, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The host that Stripe documents. Live and test mode use the same one: only the key's prefix
 * differs.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = { api: "https://api.stripe.com" } as const

/**
 * Options of a Stripe layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `STRIPE_API_KEY`. */
  readonly apiKey?: Redacted.Redacted<string>
  /**
   * The connected account to act for, sent as `Stripe-Account`; the default is the key's own
   * account. A request may name another. It is an identifier, not a
   * credential, and still appears in no output.
   */
  readonly account?: string | undefined
  /** https, or http on loopback; the default is `hosts.api`. */
  readonly baseUrl?: string | undefined
  /**
   * Sent as `Stripe-Version`; the default is `2026-10-28.endive`, regardless of the account's own
   * version.
   */
  readonly apiVersion?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a Stripe layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /**
   * A secret or restricted key, `sk_…` or `rk_…`; it decides between live and test mode. It never
   * appears in any output.
   */
  readonly apiKey: Redacted.Redacted<string>
}

const settings = {
  apiKey: Setting.secret("STRIPE_API_KEY"),
  account: Setting.optional(Setting.text("STRIPE_ACCOUNT")),
  baseUrl: Setting.baseUrl("STRIPE_BASE_URL", hosts.api),
  apiVersion: Setting.withDefault(Setting.text("STRIPE_API_VERSION"), "2026-10-28.endive")
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
