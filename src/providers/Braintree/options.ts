/**
 * How to reach Braintree, and with which credentials.
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
 * The hosts of Braintree's server API, one for each environment.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  production: "https://api.braintreegateway.com",
  sandbox: "https://api.sandbox.braintreegateway.com"
} as const

/**
 * Which of Braintree's environments is meant: `sandbox`, where no money moves, or `production`. They
 * share no keys, merchants or transactions.
 *
 * @since 0.1.0
 * @category options
 */
export type Environment = keyof typeof hosts

/** @internal */
export interface Connection {
  readonly merchantId: string
  readonly publicKey: string
  readonly privateKey: Redacted.Redacted<string>
  readonly baseUrl: string
}

/**
 * Options of a Braintree layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `BRAINTREE_MERCHANT_ID`. */
  readonly merchantId?: string
  /** Instead of `BRAINTREE_PUBLIC_KEY`. */
  readonly publicKey?: string
  /** Instead of `BRAINTREE_PRIVATE_KEY`. */
  readonly privateKey?: Redacted.Redacted<string>
  /** `production` unless given. */
  readonly environment?: Environment | undefined
  /** Another place than an environment's own; https, or http on loopback. It excludes `environment`. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a Braintree layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** The merchant id, which is not the id of a merchant account. It is a part of every URL, and so no secret. */
  readonly merchantId: string
  /** The public key, without a colon. It never appears in any output. */
  readonly publicKey: string
  /** The private key. It never appears in any output. */
  readonly privateKey: Redacted.Redacted<string>
}

const EnvironmentSchema = Schema.Literal("production", "sandbox")

/** It is a segment of every path. */
const MerchantId = Input.text((value) => /^(?!\.{1,2}$)[\x21-\x7e]{1,255}$/.test(value), "must be 1 to 255 visible ASCII characters, not \".\" or \"..\"")

/** A colon ends the user name of basic credentials. */
const PublicKey = Input.text(
  (value) => /^[\x21-\x7e]+$/.test(value) && !value.includes(":"),
  "must be visible ASCII characters, at least one, without a colon"
)

const settings = Setting.all<Options>()({
  merchantId: Setting.text("BRAINTREE_MERCHANT_ID", MerchantId),
  publicKey: Setting.text("BRAINTREE_PUBLIC_KEY", PublicKey),
  privateKey: Setting.secret("BRAINTREE_PRIVATE_KEY"),
  environment: Setting.optional(Setting.inCode(EnvironmentSchema)),
  baseUrl: Setting.optional(Setting.inCode(Input.BaseUrl))
})

/** @internal */
export const { connect, fromConfig }: Setting.Settings<Options, Connection> = Place.resolving(settings, {
  urlOf: (environment) => hosts[environment],
  otherwise: "production",
  environments: { BRAINTREE_ENVIRONMENT: Place.named(EnvironmentSchema) },
  baseUrl: "BRAINTREE_BASE_URL"
})
