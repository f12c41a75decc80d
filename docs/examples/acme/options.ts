/**
 * How to reach Acme Pay, and with which credentials.
 */
// #region options
import type { Redacted } from "effect"
import * as Setting from "effect-payment-cancel/authoring/Setting"
import type * as CancelPolicy from "effect-payment-cancel/CancelPolicy"

export interface Options {
  /** Acme's API key. It never appears in any output. */
  readonly apiKey: Redacted.Redacted<string>
  /** https, or http on loopback; the default is Acme's own host. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

const settings = {
  apiKey: Setting.secret("ACME_API_KEY"),
  baseUrl: Setting.baseUrl("ACME_BASE_URL", "https://api.acme.example")
}

export type Connection = Setting.Settled<typeof settings>

export const { connect, fromConfig } = Setting.all<Options>()(settings)
// #endregion
