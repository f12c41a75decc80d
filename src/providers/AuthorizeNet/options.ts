/**
 * How to reach Authorize.net, and with which credentials.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "../../authoring/Input.js"
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

const excludeEachOther = (names: readonly [string, string]): ConfigError.ConfigError =>
  ConfigError.InvalidData([...names], `${names.join(" and ")} exclude each other: leave one of them`)

/** @internal */
export const connect = (options: Options): Either.Either<Connection, ConfigError.ConfigError> =>
  Either.flatMap(settings.connect(options), ({ apiLoginId, baseUrl, environment, transactionKey }) => {
    if (baseUrl !== undefined && environment !== undefined) return Either.left(excludeEachOther(["environment", "baseUrl"]))
    if (baseUrl !== undefined) return Either.right({ apiLoginId, transactionKey, baseUrl })
    return environment === undefined
      ? Either.left(ConfigError.MissingData(["environment"], "it is needed, or a baseUrl in its place"))
      : Either.right({ apiLoginId, transactionKey, baseUrl: hosts[environment] })
  })

const environmentName = "AUTHORIZE_NET_ENVIRONMENT"
const baseUrlName = "AUTHORIZE_NET_BASE_URL"

type Place = Pick<Options, "environment" | "baseUrl">

const environmentFromConfig: Config.Config<Environment> = Config.mapOrFail(Config.nonEmptyString(environmentName), (text) =>
  Schema.is(Environment)(text)
    ? Either.right(text)
    : Either.left(ConfigError.InvalidData([], "must be sandbox or production")))

/** Where the environment says that Authorize.net is: just one of two variables. */
const placeFromConfig: Config.Config<Place> = Config.all({
  environment: Config.option(environmentFromConfig),
  baseUrl: Config.option(Setting.text(baseUrlName, Input.BaseUrl).config)
}).pipe(
  Config.mapOrFail(({ baseUrl, environment }): Either.Either<Place, ConfigError.ConfigError> => {
    if (Option.isSome(environment) && Option.isSome(baseUrl)) return Either.left(excludeEachOther([environmentName, baseUrlName]))
    if (Option.isSome(environment)) return Either.right({ environment: environment.value })
    return Option.isSome(baseUrl)
      ? Either.right({ baseUrl: baseUrl.value })
      : Either.left(ConfigError.Or(
        ConfigError.MissingData([environmentName], "sandbox or production: there is no default"),
        ConfigError.MissingData([baseUrlName], "another address in its place")
      ))
  })
)

/**
 * Reads what `overrides` leave out, and unless they say where Authorize.net is, that from
 * `AUTHORIZE_NET_ENVIRONMENT` or `AUTHORIZE_NET_BASE_URL`.
 *
 * @internal
 */
export const fromConfig = (overrides: Partial<Options>): Config.Config<Options> =>
  Config.map(
    Config.all([
      settings.fromConfig(overrides),
      overrides.environment === undefined && overrides.baseUrl === undefined
        ? placeFromConfig
        : Config.succeed<Place>({})
    ]),
    ([options, place]) => ({ ...options, ...place })
  )
