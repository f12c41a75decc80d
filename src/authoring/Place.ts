/**
 * Where a provider is, if it has environments: in one of them, or at a base URL in its place. Of the
 * options `environment` and `baseUrl`, and of the variables in their place, only one may be given.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as Input from "./Input.js"
import * as Setting from "./Setting.js"

/**
 * The options that say where a provider is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Place<Environment> {
  /** One of the provider's environments. It excludes `baseUrl`. */
  readonly environment?: Environment | undefined
  /** Another place than an environment's own. It excludes `environment`. */
  readonly baseUrl?: string | undefined
}

/**
 * The environments of a provider, and the variables that say in which it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Places<Environment> {
  /** The base URL of an environment. */
  readonly urlOf: (environment: Environment) => string
  /** The environment that is meant where no place is given; without it, one has to be given. */
  readonly otherwise?: Environment
  /** How each of the variables that name an environment is read. Of these and `baseUrl` only one may be set. */
  readonly environments: { readonly [variable: string]: (variable: string) => Config.Config<Environment> }
  /** The variable of a base URL in an environment's place. */
  readonly baseUrl: string
}

/**
 * Reads an environment from a variable that holds its name; empty counts as missing. Another text is a `ConfigError` that
 * lists the names and does not repeat it.
 *
 * @since 0.1.0
 * @category settings
 */
export const named = <const Names extends readonly [string, ...ReadonlyArray<string>]>(
  environment: Schema.Literal<[...Names]>
) => {
  const isNamed = Schema.is(environment)
  return (variable: string): Config.Config<Names[number]> =>
    Config.mapOrFail(Config.nonEmptyString(variable), (text) =>
      isNamed(text)
        ? Either.right(text)
        : Either.left(ConfigError.InvalidData([], `must be ${environment.literals.join(" or ")}`)))
}

const excludeEachOther = (names: ReadonlyArray<string>): ConfigError.ConfigError =>
  ConfigError.InvalidData(
    [...names],
    `${names.slice(0, -1).join(", ")} and ${names.slice(-1).join()} exclude each other: set only one of them`
  )

/** Where the variables say that a provider is: none of them does, or just one. */
const readPlace = <Environment>({ baseUrl, environments, otherwise }: Places<Environment>): Config.Config<Place<Environment>> => {
  const places: { readonly [variable: string]: Config.Config<Place<Environment>> } = {
    ...Record.map(environments, (readFrom, variable) => Config.map(readFrom(variable), (environment) => ({ environment }))),
    [baseUrl]: Config.map(Setting.text(baseUrl, Input.BaseUrl).config, (url) => ({ baseUrl: url }))
  }
  return Config.mapOrFail(Config.all(Record.map(places, (config) => Config.option(config))), (read) => {
    const found = Object.entries(Record.getSomes(read))
    if (found.length > 1) return Either.left(excludeEachOther(found.map(([variable]) => variable)))
    if (found[0] !== undefined) return Either.right(found[0][1])
    return otherwise !== undefined ? Either.right({}) : Either.left(
      Object.keys(places)
        .map((variable) => ConfigError.MissingData([variable], "one of these is needed, and there is no default"))
        .reduce((missing, another) => ConfigError.Or(missing, another))
    )
  })
}

/**
 * The settings of a provider that has environments: its place becomes the base URL that it works
 * with. What was given in code is not read.
 *
 * Fails, as a provider's layer does, with a `ConfigError` that names both where both are given, and what is needed where
 * neither is and `otherwise` is left out.
 *
 * @example
 * ```ts
 * import * as Place from "effect-payment-cancel/authoring/Place"
 * import * as Setting from "effect-payment-cancel/authoring/Setting"
 * import { Schema } from "effect"
 *
 * const Environment = Schema.Literal("production", "sandbox")
 *
 * interface Options {
 *   readonly token: string
 *   readonly environment?: typeof Environment.Type
 *   readonly baseUrl?: string
 * }
 *
 * const settings = Setting.all<Options>()({
 *   token: Setting.text("ACME_TOKEN"),
 *   environment: Setting.optional(Setting.inCode(Environment)),
 *   baseUrl: Setting.optional(Setting.inCode(Schema.String))
 * })
 *
 * // Acme's connection has a token and a base URL.
 * export const { connect, fromConfig } = Place.resolving(settings, {
 *   urlOf: (environment) => environment === "production" ? "https://api.acme.example" : "https://sandbox.acme.example",
 *   otherwise: "production",
 *   environments: { ACME_ENVIRONMENT: Place.named(Environment) },
 *   baseUrl: "ACME_BASE_URL"
 * })
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const resolving = <
  Options extends Place<unknown>,
  Connection extends Place<NonNullable<Options["environment"]>>
>(
  settings: Setting.Settings<Options, Connection>,
  places: Places<NonNullable<Options["environment"]>>
): Setting.Settings<Options, Omit<Connection, keyof Place<unknown>> & { readonly baseUrl: string }> => {
  const read = readPlace(places)
  return {
    connect: (options) =>
      Either.flatMap(settings.connect(options), ({ baseUrl, environment, ...others }) => {
        if (baseUrl !== undefined) {
          return environment === undefined
            ? Either.right({ ...others, baseUrl })
            : Either.left(excludeEachOther(["environment", "baseUrl"]))
        }
        const meant = environment ?? places.otherwise
        return meant === undefined
          ? Either.left(ConfigError.MissingData(["environment"], "it is needed, or a baseUrl in its place"))
          : Either.right({ ...others, baseUrl: places.urlOf(meant) })
      }),
    fromConfig: (overrides) =>
      overrides.environment !== undefined || overrides.baseUrl !== undefined
        ? settings.fromConfig(overrides)
        : Config.zipWith(settings.fromConfig(overrides), read, (options, place) => ({ ...options, ...place }))
  }
}
