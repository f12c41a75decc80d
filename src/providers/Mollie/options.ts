/**
 * How to reach Mollie, and with which credentials.
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
 * Options of a Mollie layer that are given in code; the rest is read from the environment.
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
  /** https, or http on loopback; the default is `hosts.production`. */
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
   * `payments.write`. It never appears in any output.
   */
  readonly apiKey: Redacted.Redacted<string>
}

const testmodeName = "MOLLIE_TESTMODE"
const profileIdName = "MOLLIE_PROFILE_ID"

/** The words of `Config.boolean`, which would repeat any other: that may be a secret in the wrong variable. */
const truths = new Map([["true", true], ["yes", true], ["on", true], ["1", true], ["false", false], ["no", false], ["off", false], ["0", false]])

/** An empty one is not taken for none: without it, payments are live. The error's path has the name already. */
const testmodeFromConfig = Config.mapOrFail(Config.string(testmodeName), (text) =>
  Either.fromNullable(truths.get(text.toLowerCase()), () => ConfigError.InvalidData([], "must be true or false")))

const settings = {
  apiKey: Setting.secret("MOLLIE_API_KEY"),
  testmode: Setting.withDefault(Setting.from(Schema.Boolean, testmodeFromConfig), false),
  profileId: Setting.optional(Setting.text(profileIdName)),
  baseUrl: Setting.baseUrl("MOLLIE_BASE_URL", hosts.production)
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

const { connect: settle, fromConfig: read } = Setting.all<Options>()(settings)

const isApiKey = (key: Redacted.Redacted<string>): boolean => /^(?:live|test)_/.test(Redacted.value(key))

type ForTokens = "testmode" | "profileId"

/** `nameOf` is what whoever gave it calls it: an option, or a variable. */
const checkTogether = <Given extends Pick<Options, "apiKey" | ForTokens>>(
  given: Given,
  nameOf: (option: ForTokens) => string
): Either.Either<Given, ConfigError.ConfigError> => {
  const { apiKey, profileId, testmode } = given
  const superfluous = testmode === true ? "testmode" as const : profileId === undefined ? null : "profileId" as const
  return superfluous === null || !isApiKey(apiKey) ? Either.right(given) : Either.left(
    ConfigError.InvalidData([nameOf(superfluous)], "is for access tokens: an API key belongs to one mode and one profile by itself")
  )
}

/** @internal */
export const connect = (options: Options): Either.Either<Connection, ConfigError.ConfigError> =>
  Either.flatMap(settle(options), (connection) => checkTogether(connection, (option) => option))

const variables: { readonly [O in ForTokens]: string } = { testmode: testmodeName, profileId: profileIdName }

/** @internal */
export const fromConfig = (overrides: Partial<Options>): Config.Config<Options> =>
  Config.mapOrFail(read(overrides), (options) =>
    // A key given in code may be none despite its type, and is checked with what else was given there.
    Redacted.isRedacted(options.apiKey)
      ? checkTogether(options, (option) => overrides[option] === undefined ? variables[option] : option)
      : Either.right(options))
