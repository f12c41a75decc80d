/**
 * How to reach Adyen, and with which credentials.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "../../authoring/Input.js"
import * as Place from "../../authoring/Place.js"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * The hosts of Adyen's Checkout API v72. There is one test host for all accounts, and one live host
 * for each company account, named by the prefix from Adyen's Customer Area.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  test: "https://checkout-test.adyen.com/v72",
  live: (prefix: string) => `https://${prefix}-checkout-live.adyenpayments.com/checkout/v72`
} as const

/** The prefix and its suffix form one label of a host name, which has at most 63 characters. */
const LivePrefix = Input.text(
  (value) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,47}[A-Za-z0-9])?$/.test(value),
  "must be 1 to 49 letters, digits and inner hyphens, such as 1797a841fbb37ca7-AdyenDemo"
)

const EnvironmentSchema = Schema.Union(
  Schema.TaggedStruct("Test", {}),
  Schema.TaggedStruct("Live", { prefix: LivePrefix })
)

interface Platform<Tag extends string> {
  /** `Test`: no money moves. `Live`: real money. */
  readonly _tag: Tag
}

interface Live {
  /** The account's own live endpoint prefix, from Adyen's Customer Area. */
  readonly prefix: string
}

/**
 * Which of Adyen's platforms to use. They share no keys, accounts or payments.
 *
 * @since 0.1.0
 * @category options
 */
export type Environment = Platform<"Test"> | (Platform<"Live"> & Live)

/**
 * The two environments.
 *
 * @since 0.1.0
 * @category options
 */
export const Environment: {
  /** The test platform, where no money moves. */
  readonly Test: Environment
  /** The live platform of a company account. */
  readonly Live: (options: Live) => Environment
} = {
  Test: { _tag: "Test" },
  Live: ({ prefix }) => ({ _tag: "Live", prefix })
}

/** @internal */
export interface Connection {
  readonly apiKey: Redacted.Redacted<string>
  readonly merchantAccount: string
  readonly baseUrl: string
}

/**
 * Options of an Adyen layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `ADYEN_API_KEY`. */
  readonly apiKey?: Redacted.Redacted<string>
  /** Instead of `ADYEN_MERCHANT_ACCOUNT`. */
  readonly merchantAccount?: string
  /** The default is `Environment.Test`, so that no money moves by accident. */
  readonly environment?: Environment | undefined
  /**
   * A base URL other than the environment's own, including the version in its path; https, or http
   * on loopback. It cannot be combined with `environment`.
   */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What an Adyen layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** The key of a web service user that may cancel. It never appears in any output. */
  readonly apiKey: Redacted.Redacted<string>
  /**
   * The account that processed the payments. A request may name another, if one key serves several.
   * It never appears in any output either.
   */
  readonly merchantAccount: string
}

const settings = Setting.all<Options>()({
  apiKey: Setting.secret("ADYEN_API_KEY"),
  merchantAccount: Setting.text("ADYEN_MERCHANT_ACCOUNT"),
  environment: Setting.optional(Setting.inCode<Environment>(EnvironmentSchema)),
  baseUrl: Setting.optional(Setting.inCode(Input.BaseUrl))
})

const baseUrlOf = (environment: Environment): string => {
  switch (environment._tag) {
    case "Test":
      return hosts.test
    case "Live":
      return hosts.live(environment.prefix)
  }
}

/** @internal */
export const { connect, fromConfig }: Setting.Settings<Options, Connection> = Place.resolving(settings, {
  urlOf: baseUrlOf,
  otherwise: Environment.Test,
  environments: {
    ADYEN_LIVE_PREFIX: (variable) =>
      Config.map(Setting.text(variable, LivePrefix).config, (prefix) => Environment.Live({ prefix }))
  },
  baseUrl: "ADYEN_BASE_URL"
})
