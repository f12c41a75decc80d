/**
 * How PayPal is reached, and with which credentials.
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
 * What a PayPal layer is given in code, where the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `PAYPAL_CLIENT_ID`. */
  readonly clientId?: string
  /** Instead of `PAYPAL_CLIENT_SECRET`. */
  readonly clientSecret?: Redacted.Redacted<string>
  /** https, or http on loopback; `hosts.live` unless given. The access token is asked for at the same host. */
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
  /** The client id of your REST app. It is never shown in an output. */
  readonly clientId: string
  /**
   * The secret of your REST app, which an access token is asked for with. It is never shown in an
   * output, and neither is the token.
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
