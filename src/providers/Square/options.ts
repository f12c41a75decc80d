/**
 * How to reach Square, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The hosts that Square documents. A production token does not work in the sandbox, or the other
 * way round.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  production: "https://connect.squareup.com",
  sandbox: "https://connect.squareupsandbox.com"
} as const

/**
 * Options of a Square layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `SQUARE_ACCESS_TOKEN`. */
  readonly accessToken?: Redacted.Redacted<string>
  /** https, or http on loopback; the default is `hosts.production`. */
  readonly baseUrl?: string | undefined
  /**
   * Sent as `Square-Version`; the default is `2025-08-20`, the version that this module was written
   * against.
   */
  readonly version?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a Square layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /**
   * A personal or OAuth token with `PAYMENTS_WRITE`, and `PAYMENTS_READ` for the status. It never
   * appears in any output.
   */
  readonly accessToken: Redacted.Redacted<string>
}

const settings = {
  accessToken: Setting.secret("SQUARE_ACCESS_TOKEN"),
  baseUrl: Setting.baseUrl("SQUARE_BASE_URL", hosts.production),
  version: Setting.withDefault(Setting.text("SQUARE_VERSION"), "2025-08-20")
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
