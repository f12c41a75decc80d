/**
 * How Square is reached, and with which credentials.
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
 * The hosts that Square documents. A production token does not work at the sandbox, nor the
 * other way round.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  production: "https://connect.squareup.com",
  sandbox: "https://connect.squareupsandbox.com"
} as const

const fields = {
  accessToken: Input.SecretHeaderValue,
  baseUrl: Schema.optionalWith(Input.BaseUrl, { default: () => hosts.production }),
  version: Schema.optionalWith(Input.HeaderValue, { default: () => "2025-08-20" })
}

/** @internal */
export interface Connection {
  readonly accessToken: Redacted.Redacted<string>
  readonly baseUrl: string
  readonly version: string
}

/**
 * What a Square layer is built from.
 *
 * - `accessToken`: a personal or OAuth token with `PAYMENTS_WRITE`, and `PAYMENTS_READ` for
 *   the status. It is never shown in an output.
 * - `baseUrl`: https, or http on loopback; `hosts.production` unless given.
 * - `version`: sent as `Square-Version`; `2025-08-20` unless given, the version that this
 *   module was written against.
 * - `policy`: the bounds of every cancel through this layer.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly accessToken: Redacted.Redacted<string>
  readonly baseUrl?: string | undefined
  readonly version?: string | undefined
  readonly policy?: CancelPolicy.Options | undefined
}

/** @internal */
export const connect: (options: Options) => Either.Either<Connection, ConfigError.ConfigError> = Connecting.check(
  Schema.Struct(fields)
)

/**
 * Reads what `overrides` leave out from `SQUARE_ACCESS_TOKEN`, `SQUARE_BASE_URL` and
 * `SQUARE_VERSION`.
 *
 * @internal
 */
export const fromConfig = (overrides: Partial<Options>): Config.Config<Options> =>
  Config.map(
    Config.all([
      Config.all({
        accessToken: Connecting.given(overrides.accessToken, Connecting.secret("SQUARE_ACCESS_TOKEN"))
      }),
      Connecting.givenOptional("baseUrl", overrides.baseUrl, Connecting.text("SQUARE_BASE_URL", Input.BaseUrl)),
      Connecting.givenOptional("version", overrides.version, Connecting.text("SQUARE_VERSION", Input.HeaderValue))
    ]),
    ([credentials, baseUrl, version]) => ({ ...overrides, ...credentials, ...baseUrl, ...version })
  )
