/**
 * How to reach Klarna, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Input from "../../authoring/Input.js"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The hosts that Klarna documents, one for each region, and its playground. Credentials
 * belong to one of the six and work at no other.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  europe: "https://api.klarna.com",
  northAmerica: "https://api-na.klarna.com",
  oceania: "https://api-oc.klarna.com",
  europePlayground: "https://api.playground.klarna.com",
  northAmericaPlayground: "https://api-na.playground.klarna.com",
  oceaniaPlayground: "https://api-oc.playground.klarna.com"
} as const

/**
 * Options of a Klarna layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `KLARNA_USERNAME`. */
  readonly username?: string
  /** Instead of `KLARNA_PASSWORD`. */
  readonly password?: Redacted.Redacted<string>
  /** https, or http on loopback; the default is `hosts.europe`. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a Klarna layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /**
   * The user name of the API credentials, without a colon: a UUID, or for older ones the merchant
   * id and something random. It never appears in any output.
   */
  readonly username: string
  /** The password of the API credentials, or the API key. It never appears in any output. */
  readonly password: Redacted.Redacted<string>
}

/** A colon ends the user name of basic credentials. */
const Username = Input.text(
  (value) => /^[\x21-\x7e]+$/.test(value) && !value.includes(":"),
  "must be visible ASCII characters, at least one, without a colon"
)

const settings = {
  username: Setting.text("KLARNA_USERNAME", Username),
  password: Setting.secret("KLARNA_PASSWORD"),
  baseUrl: Setting.baseUrl("KLARNA_BASE_URL", hosts.europe)
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
