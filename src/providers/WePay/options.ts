/**
 * How to reach WePay, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import type * as CancelPolicy from "../../CancelPolicy.js"
import * as Setting from "../../authoring/Setting.js"

/**
 * The hosts that WePay documents: `live`, and `stage` for tests.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = { live: "https://api.wepay.com", stage: "https://stage-api.wepay.com" } as const

/**
 * Options of a WePay layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `WEPAY_APP_ID`. */
  readonly appId?: string
  /** Instead of `WEPAY_APP_TOKEN`. */
  readonly appToken?: Redacted.Redacted<string>
  /** https, or http on loopback; the default is `hosts.live`. */
  readonly baseUrl?: string | undefined
  /** Sent as `Api-Version`; the default is `3.0`. */
  readonly apiVersion?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a WePay layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** The app's id. It never appears in any output. */
  readonly appId: string
  /** The app's token. It never appears in any output. */
  readonly appToken: Redacted.Redacted<string>
}

const settings = {
  appId: Setting.text("WEPAY_APP_ID"),
  appToken: Setting.secret("WEPAY_APP_TOKEN"),
  baseUrl: Setting.baseUrl("WEPAY_BASE_URL", hosts.live),
  apiVersion: Setting.withDefault(Setting.text("WEPAY_API_VERSION"), "3.0")
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
