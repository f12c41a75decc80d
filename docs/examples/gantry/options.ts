/**
 * How to reach Gantry, and with which credentials.
 */
import type { Redacted } from "effect"
import * as Setting from "effect-payment-cancel/authoring/Setting"
import type * as CancelPolicy from "effect-payment-cancel/CancelPolicy"

export interface Options {
  /** The number of the merchant at Gantry. */
  readonly merchant: string
  /** The password of the merchant. It never appears in any output. */
  readonly password: Redacted.Redacted<string>
  /** https, or http on loopback; the default is Gantry's own host. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

const settings = {
  merchant: Setting.text("GANTRY_MERCHANT"),
  password: Setting.secret("GANTRY_PASSWORD"),
  baseUrl: Setting.baseUrl("GANTRY_BASE_URL", "https://xml.gantry.example")
}

export type Connection = Setting.Settled<typeof settings>

export const { connect, fromConfig } = Setting.all<Options>()(settings)
