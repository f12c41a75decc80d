/**
 * How to reach PayPal, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The hosts that PayPal documents. An app's live credentials do not work at the sandbox, nor the
 * other way round.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  live: "https://api-m.paypal.com",
  sandbox: "https://api-m.sandbox.paypal.com"
} as const

/**
 * Options of a PayPal layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `PAYPAL_CLIENT_ID`. */
  readonly clientId?: string
  /** Instead of `PAYPAL_CLIENT_SECRET`. */
  readonly clientSecret?: Redacted.Redacted<string>
  /** https, or http on loopback; the default is `hosts.live`. The access token is requested from the same host. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a PayPal layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** The client id of your REST app. It never appears in any output. */
  readonly clientId: string
  /**
   * The secret of your REST app, which is used to request access tokens. Neither the secret nor a
   * token ever appears in any output.
   */
  readonly clientSecret: Redacted.Redacted<string>
}

const settings = {
  clientId: Setting.text("PAYPAL_CLIENT_ID"),
  clientSecret: Setting.secret("PAYPAL_CLIENT_SECRET"),
  baseUrl: Setting.baseUrl("PAYPAL_BASE_URL", hosts.live)
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
