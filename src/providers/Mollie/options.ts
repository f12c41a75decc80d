/**
 * How Mollie is reached, and with which credentials.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Setting from "../../authoring/Setting.js"
import type * as CancelPolicy from "../../CancelPolicy.js"

/**
 * Mollie's one host, for live and for test payments: the key decides.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = { production: "https://api.mollie.com" } as const

/**
 * What a Mollie layer is given in code, where the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `MOLLIE_API_KEY`. */
  readonly apiKey?: Redacted.Redacted<string>
  /**
   * Whether an access token is to act on test payments; false unless given. An API key belongs to
   * one of the two modes by itself, so with `true` beside one the layer is refused.
   */
  readonly testmode?: boolean | undefined
  /**
   * The profile, `pfl_…`, that a release is sent with: an access token needs it, and an API key
   * belongs to a profile by itself, so beside one the layer is refused.
   */
  readonly profileId?: string | undefined
  /** https, or http on loopback; `hosts.production` unless given. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a Mollie layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /**
   * An API key, `live_…` or `test_…`, or an access token, `access_…`, with `payments.read` and
   * `payments.write`. It is never shown in an output.
   */
  readonly apiKey: Redacted.Redacted<string>
}

const settings = {
  apiKey: Setting.secret("MOLLIE_API_KEY"),
  testmode: Setting.withDefault(Setting.from(Schema.Boolean, Config.boolean("MOLLIE_TESTMODE")), false),
  profileId: Setting.optional(Setting.text("MOLLIE_PROFILE_ID")),
  baseUrl: Setting.baseUrl("MOLLIE_BASE_URL", hosts.production)
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

const { connect: settle, fromConfig } = Setting.all<Options>()(settings)

export { fromConfig }

const isApiKey = (key: Redacted.Redacted<string>): boolean => /^(?:live|test)_/.test(Redacted.value(key))

const onlyForTokens = (name: string): ConfigError.ConfigError =>
  ConfigError.InvalidData([name], "is for access tokens: an API key belongs to one mode and one profile by itself")

/** @internal */
export const connect = (options: Options): Either.Either<Connection, ConfigError.ConfigError> =>
  Either.flatMap(settle(options), (connection) => {
    if (isApiKey(connection.apiKey)) {
      if (connection.testmode) return Either.left(onlyForTokens("testmode"))
      if (connection.profileId !== undefined) return Either.left(onlyForTokens("profileId"))
    }
    return Either.right(connection)
  })
