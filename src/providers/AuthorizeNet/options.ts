/**
 * How to reach Authorize.net, and with which credentials.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "../../authoring/Input.js"
import * as Place from "../../authoring/Place.js"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * Where Authorize.net's API is: one address for all requests, in each of the two environments.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  sandbox: "https://apitest.authorize.net/xml/v1/request.api",
  production: "https://api.authorize.net/xml/v1/request.api"
} as const

const Environment = Schema.Literal("sandbox", "production")

/**
 * Which of Authorize.net's environments is meant. They share no accounts and no transactions.
 *
 * @since 0.1.0
 * @category options
 */
export type Environment = "sandbox" | "production"

/** @internal */
export interface Connection {
  readonly apiLoginId: string
  readonly transactionKey: Redacted.Redacted<string>
  readonly baseUrl: string
}

/**
 * Options of an Authorize.net layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `AUTHORIZE_NET_API_LOGIN_ID`. */
  readonly apiLoginId?: string
  /** Instead of `AUTHORIZE_NET_TRANSACTION_KEY`. */
  readonly transactionKey?: Redacted.Redacted<string>
  /**
   * `sandbox`: no money moves. `production`: real money. Either this or `baseUrl` is needed, and
   * not both: no host is taken by omission.
   */
  readonly environment?: Environment | undefined
  /** Another address than an environment's own, with its path; https, or http on loopback. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What an Authorize.net layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** The API Login ID of the payment gateway account. It never appears in any output. */
  readonly apiLoginId: string
  /**
   * The Transaction Key of the same account, which stands in the body of every request. It
   * never appears in any output.
   */
  readonly transactionKey: Redacted.Redacted<string>
}

const settings = Setting.all<Options>()({
  apiLoginId: Setting.text("AUTHORIZE_NET_API_LOGIN_ID"),
  transactionKey: Setting.secret("AUTHORIZE_NET_TRANSACTION_KEY"),
  environment: Setting.optional(Setting.inCode(Environment)),
  baseUrl: Setting.optional(Setting.inCode(Input.BaseUrl))
})

/** @internal */
export const { connect, fromConfig }: Setting.Settings<Options, Connection> = Place.resolving(settings, {
  urlOf: (environment) => hosts[environment],
  environments: { AUTHORIZE_NET_ENVIRONMENT: Place.named(Environment) },
  baseUrl: "AUTHORIZE_NET_BASE_URL"
})
