/**
 * How Stripe is reached, and with which credentials.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import type * as Either from "effect/Either"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as CancelPolicy from "../../CancelPolicy.js"
import * as Connecting from "../../Connecting.js"
import * as Input from "../../Input.js"

/**
 * The host that Stripe documents. Live and test mode are on the same one: only the key's
 * prefix differs.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = { api: "https://api.stripe.com" } as const

const fields = {
  apiKey: Input.SecretHeaderValue,
  account: Schema.optional(Input.HeaderValue),
  baseUrl: Schema.optionalWith(Input.BaseUrl, { default: () => hosts.api }),
  apiVersion: Schema.optionalWith(Input.HeaderValue, { default: () => "2026-10-28.endive" })
}

/** @internal */
export interface Connection {
  readonly apiKey: Redacted.Redacted<string>
  readonly account?: string | undefined
  readonly baseUrl: string
  readonly apiVersion: string
}

/**
 * What a Stripe layer is built from.
 *
 * - `apiKey`: a secret or restricted key, `sk_…` or `rk_…`; it decides between live and test
 *   mode. It is never shown in an output.
 * - `account`: the connected account to act for, sent as `Stripe-Account`; left out, the
 *   key's own account. A request may name another. It is an identifier, no credential.
 * - `baseUrl`: https, or http on loopback; `hosts.api` unless given.
 * - `apiVersion`: sent as `Stripe-Version`; `2026-10-28.endive` unless given, whatever the
 *   account's own version is.
 * - `policy`: the bounds of every cancel through this layer.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly apiKey: Redacted.Redacted<string>
  readonly account?: string | undefined
  readonly baseUrl?: string | undefined
  readonly apiVersion?: string | undefined
  readonly policy?: CancelPolicy.Options | undefined
}

/** @internal */
export const connect: (options: Options) => Either.Either<Connection, ConfigError.ConfigError> = Connecting.check(
  Schema.Struct(fields)
)

/**
 * Reads what `overrides` leave out from `STRIPE_API_KEY`, `STRIPE_ACCOUNT`,
 * `STRIPE_BASE_URL` and `STRIPE_API_VERSION`.
 *
 * @internal
 */
export const fromConfig = (overrides: Partial<Options>): Config.Config<Options> =>
  Config.map(
    Config.all([
      Config.all({ apiKey: Connecting.given(overrides.apiKey, Connecting.secret("STRIPE_API_KEY")) }),
      Connecting.givenOptional("account", overrides.account, Connecting.text("STRIPE_ACCOUNT", Input.HeaderValue)),
      Connecting.givenOptional("baseUrl", overrides.baseUrl, Connecting.text("STRIPE_BASE_URL", Input.BaseUrl)),
      Connecting.givenOptional(
        "apiVersion",
        overrides.apiVersion,
        Connecting.text("STRIPE_API_VERSION", Input.HeaderValue)
      )
    ]),
    ([credentials, account, baseUrl, apiVersion]) => ({
      ...overrides,
      ...credentials,
      ...account,
      ...baseUrl,
      ...apiVersion
    })
  )
