/**
 * How to reach Checkout.com, and with which credentials.
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

const environmentFrom = (environmentOf: (account: Account) => Environment) => (variable: string): Config.Config<Environment> =>
  Config.map(Setting.text(variable, Prefix).config, (prefix) => environmentOf({ prefix }))

/** @internal */
export const { connect, fromConfig }: Setting.Settings<Options, Connection> = Place.resolving(settings, {
  urlOf: baseUrlOf,
  environments: {
    CHECKOUT_COM_SANDBOX_PREFIX: environmentFrom(Environment.Sandbox),
    CHECKOUT_COM_PRODUCTION_PREFIX: environmentFrom(Environment.Production)
  },
  baseUrl: "CHECKOUT_COM_BASE_URL"
})
