/**
 * How to reach Airwallex, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The hosts that Airwallex documents. The API keys of one do not work at the other. `demo` is the
 * sandbox's earlier name.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  live: "https://api.airwallex.com",
  sandbox: "https://api.sandbox.airwallex.com",
  demo: "https://api-demo.airwallex.com"
} as const

/**
 * Options of an Airwallex layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `AIRWALLEX_CLIENT_ID`. */
  readonly clientId?: string
  /** Instead of `AIRWALLEX_API_KEY`. */
  readonly apiKey?: Redacted.Redacted<string>
  /**
   * The account that the access token is requested for, sent as `x-login-as`. Only an API key for
   * several accounts needs it. It is an identifier, not a credential.
   */
  readonly loginAs?: string | undefined
  /**
   * The connected account to act for, `acct_…`, sent as `x-on-behalf-of`; the default is the account
   * of the API key. It is an identifier, not a credential.
   */
  readonly onBehalfOf?: string | undefined
  /** https, or http on loopback; the default is `hosts.live`. The access token is requested from the same host. */
  readonly baseUrl?: string | undefined
  /**
   * Sent as `x-api-version`; the default is `2025-06-30`, regardless of the account's own version.
   */
  readonly apiVersion?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What an Airwallex layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** The client id of the API key. It never appears in any output. */
  readonly clientId: string
  /**
   * An API key that may write and read payments, which is used to request access tokens. Neither the
   * key nor a token ever appears in any output.
   */
  readonly apiKey: Redacted.Redacted<string>
}

const settings = {
  clientId: Setting.text("AIRWALLEX_CLIENT_ID"),
  apiKey: Setting.secret("AIRWALLEX_API_KEY"),
  loginAs: Setting.optional(Setting.text("AIRWALLEX_LOGIN_AS")),
  onBehalfOf: Setting.optional(Setting.text("AIRWALLEX_ON_BEHALF_OF")),
  baseUrl: Setting.baseUrl("AIRWALLEX_BASE_URL", hosts.live),
  apiVersion: Setting.withDefault(Setting.text("AIRWALLEX_API_VERSION"), "2025-06-30")
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
