/**
 * How to reach GoCardless, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The hosts that GoCardless documents. An access token is valid at one of them only.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  live: "https://api.gocardless.com",
  sandbox: "https://api-sandbox.gocardless.com"
} as const

/**
 * Options of a GoCardless layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `GOCARDLESS_ACCESS_TOKEN`. */
  readonly accessToken?: Redacted.Redacted<string>
  /** https, or http on loopback; the default is `hosts.live`. */
  readonly baseUrl?: string | undefined
  /** Sent as `GoCardless-Version`; the default is `2015-07-06`. GoCardless refuses a request without one. */
  readonly apiVersion?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a GoCardless layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** An access token with write access, or the one that a partner received for a merchant. It never appears in any output. */
  readonly accessToken: Redacted.Redacted<string>
}

const settings = {
  accessToken: Setting.secret("GOCARDLESS_ACCESS_TOKEN"),
  baseUrl: Setting.baseUrl("GOCARDLESS_BASE_URL", hosts.live),
  apiVersion: Setting.withDefault(Setting.text("GOCARDLESS_API_VERSION"), "2015-07-06")
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
