/**
 * How to reach Checkout.com, and with which credentials.
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
 * Where Checkout.com's API is. Each account has hosts of its own, named by its prefix: as a rule
 * the first eight characters of the client id after `cli_`, as the Dashboard shows them.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  sandbox: (prefix: string) => `https://${prefix}.api.sandbox.checkout.com`,
  production: (prefix: string) => `https://${prefix}.api.checkout.com`
} as const

/** A label of a host name has 63 characters at most. */
const Prefix = Input.text(
  (value) => value.length <= 63 && /^(?:pl-)?[a-z0-9]+$/.test(value),
  "must be small letters and digits, after pl- or not, such as vkuhvk4v"
)

const EnvironmentSchema = Schema.Union(
  Schema.TaggedStruct("Sandbox", { prefix: Prefix }),
  Schema.TaggedStruct("Production", { prefix: Prefix })
)

interface Account {
  /** The account's own prefix, from the Dashboard: the sandbox's and that of production may differ. */
  readonly prefix: string
}

interface Platform<Tag extends string> extends Account {
  /** `Sandbox`: no money moves. `Production`: real money. */
  readonly _tag: Tag
}

/**
 * Which of Checkout.com's environments is meant. They share no keys and no payments.
 *
 * @since 0.1.0
 * @category options
 */
export type Environment = Platform<"Sandbox"> | Platform<"Production">

/**
 * The two environments, each for one account.
 *
 * @since 0.1.0
 * @category options
 */
export const Environment: {
  /** The sandbox, where no money moves. */
  readonly Sandbox: (options: Account) => Environment
  /** Production. */
  readonly Production: (options: Account) => Environment
} = {
  Sandbox: ({ prefix }) => ({ _tag: "Sandbox", prefix }),
  Production: ({ prefix }) => ({ _tag: "Production", prefix })
}

/** @internal */
export interface Connection {
  readonly secretKey: Redacted.Redacted<string>
  readonly baseUrl: string
}

/**
 * Options of a Checkout.com layer that are given in code; the rest is read from the environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of `CHECKOUT_COM_SECRET_KEY`. */
  readonly secretKey?: Redacted.Redacted<string>
  /**
   * The environment and the account's prefix in it. Either this or `baseUrl` is needed, and not
   * both: no host is taken by omission.
   */
  readonly environment?: Environment | undefined
  /** Another place than an environment's own; https, or http on loopback. */
  readonly baseUrl?: string | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a Checkout.com layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /**
   * A secret key that may void payments and read them: `sk_…`, or `sk_sbox_…` in the sandbox. It
   * is sent as a Bearer token, which the keys of the previous platform (ABC) are not: those are
   * refused. It never appears in any output.
   */
  readonly secretKey: Redacted.Redacted<string>
}

const settings = Setting.all<Options>()({
  secretKey: Setting.secret("CHECKOUT_COM_SECRET_KEY"),
  environment: Setting.optional(Setting.inCode<Environment>(EnvironmentSchema)),
  baseUrl: Setting.optional(Setting.inCode(Input.BaseUrl))
})

const baseUrlOf = ({ _tag, prefix }: Environment): string => {
  switch (_tag) {
    case "Sandbox":
      return hosts.sandbox(prefix)
    case "Production":
      return hosts.production(prefix)
  }
}

const named = (names: ReadonlyArray<string>): string => `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`

const excludeEachOther = (names: ReadonlyArray<string>): ConfigError.ConfigError =>
  ConfigError.InvalidData([...names], `${named(names)} exclude each other: leave one of them`)

/** @internal */
export const connect = (options: Options): Either.Either<Connection, ConfigError.ConfigError> =>
  Either.flatMap(settings.connect(options), ({ baseUrl, environment, secretKey }) => {
    if (baseUrl !== undefined && environment !== undefined) return Either.left(excludeEachOther(["environment", "baseUrl"]))
    if (baseUrl !== undefined) return Either.right({ secretKey, baseUrl })
    return environment === undefined
      ? Either.left(ConfigError.MissingData(["environment"], "it is needed, or a baseUrl in its place"))
      : Either.right({ secretKey, baseUrl: baseUrlOf(environment) })
  })

const sandboxName = "CHECKOUT_COM_SANDBOX_PREFIX"
const productionName = "CHECKOUT_COM_PRODUCTION_PREFIX"
const baseUrlName = "CHECKOUT_COM_BASE_URL"

const needed = "one of the three is needed, and there is no default"

type Place = Pick<Options, "environment" | "baseUrl">

/** Where the environment says that Checkout.com is: just one of three variables. */
const placeFromConfig: Config.Config<Place> = Config.all({
  sandbox: Config.option(Setting.text(sandboxName, Prefix).config),
  production: Config.option(Setting.text(productionName, Prefix).config),
  baseUrl: Config.option(Setting.text(baseUrlName, Input.BaseUrl).config)
}).pipe(
  Config.mapOrFail(({ baseUrl, production, sandbox }) => {
    const found: ReadonlyArray<readonly [name: string, place: Place]> = [
      ...Option.toArray(Option.map(sandbox, (prefix) => [sandboxName, { environment: Environment.Sandbox({ prefix }) }] as const)),
      ...Option.toArray(Option.map(production, (prefix) => [productionName, { environment: Environment.Production({ prefix }) }] as const)),
      ...Option.toArray(Option.map(baseUrl, (url) => [baseUrlName, { baseUrl: url }] as const))
    ]
    const [first, ...others] = found
    if (first === undefined) {
      return Either.left(
        [productionName, baseUrlName].reduce<ConfigError.ConfigError>(
          (missing, name) => ConfigError.Or(missing, ConfigError.MissingData([name], needed)),
          ConfigError.MissingData([sandboxName], needed)
        )
      )
    }
    return others.length > 0 ? Either.left(excludeEachOther(found.map(([name]) => name))) : Either.right(first[1])
  })
)

/**
 * Reads what `overrides` leave out, and unless they say where Checkout.com is, that from
 * `CHECKOUT_COM_SANDBOX_PREFIX`, `CHECKOUT_COM_PRODUCTION_PREFIX` or `CHECKOUT_COM_BASE_URL`.
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
