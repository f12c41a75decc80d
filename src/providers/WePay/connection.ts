/**
 * How WePay is reached, and with which credentials.
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
 * The hosts that WePay documents. A third party reported them as decommissioned in 2026:
 * check with WePay where your account lives.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = { live: "https://api.wepay.com", stage: "https://stage-api.wepay.com" } as const

const fields = {
  appId: Input.HeaderValue,
  appToken: Input.SecretHeaderValue,
  baseUrl: Schema.optionalWith(Input.BaseUrl, { default: () => hosts.live }),
  apiVersion: Schema.optionalWith(Input.HeaderValue, { default: () => "3.0" })
}

/** @internal */
export interface Connection {
  readonly appId: string
  readonly appToken: Redacted.Redacted<string>
  readonly baseUrl: string
  readonly apiVersion: string
}

/**
 * What a WePay layer is built from.
 *
 * - `appId`, `appToken`: the app's credentials. Neither is ever shown in an output.
 * - `baseUrl`: https, or http on loopback; `hosts.live` unless given.
 * - `apiVersion`: `3.0` unless given.
 * - `policy`: the bounds of every cancel through this layer.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly appId: string
  readonly appToken: Redacted.Redacted<string>
  readonly baseUrl?: string | undefined
  readonly apiVersion?: string | undefined
  readonly policy?: CancelPolicy.Options | undefined
}

/** @internal */
export const connect: (options: Options) => Either.Either<Connection, ConfigError.ConfigError> = Connecting.check(
  Schema.Struct(fields)
)

/**
 * Reads what `overrides` leave out from `WEPAY_APP_ID`, `WEPAY_APP_TOKEN`,
 * `WEPAY_BASE_URL` and `WEPAY_API_VERSION`.
 *
 * @internal
 */
export const fromConfig = (overrides: Partial<Options>): Config.Config<Options> =>
  Config.map(
    Config.all([
      Config.all({
        appId: Connecting.given(overrides.appId, Connecting.text("WEPAY_APP_ID", Input.HeaderValue)),
        appToken: Connecting.given(overrides.appToken, Connecting.secret("WEPAY_APP_TOKEN"))
      }),
      Connecting.givenOptional("baseUrl", overrides.baseUrl, Connecting.text("WEPAY_BASE_URL", Input.BaseUrl)),
      Connecting.givenOptional(
        "apiVersion",
        overrides.apiVersion,
        Connecting.text("WEPAY_API_VERSION", Input.HeaderValue)
      )
    ]),
    ([credentials, baseUrl, apiVersion]) => ({ ...overrides, ...credentials, ...baseUrl, ...apiVersion })
  )
