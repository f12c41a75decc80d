/**
 * How Acme Pay is reached, and with which credentials.
 */
// #region connection
import type { ConfigError, Either, Redacted } from "effect"
import { Config, Schema } from "effect"
import type * as CancelPolicy from "effect-payment-cancel/CancelPolicy"
import * as Connecting from "effect-payment-cancel/Connecting"
import * as Input from "effect-payment-cancel/Input"

export interface Connection {
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string
}

export interface Options {
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl?: string | undefined
  readonly policy?: CancelPolicy.Options | undefined
}

/** Checks options; what does not fit is a `ConfigError` that names the field. */
export const connect: (options: Options) => Either.Either<Connection, ConfigError.ConfigError> = Connecting.check(
  Schema.Struct({
    apiKey: Input.SecretHeaderValue,
    baseUrl: Schema.optionalWith(Input.BaseUrl, { default: () => "https://api.acme.example" })
  })
)

/** Reads what `overrides` leave out from `ACME_API_KEY` and `ACME_BASE_URL`. */
export const fromConfig = (overrides: Partial<Options>): Config.Config<Options> =>
  Config.map(
    Config.all([
      Config.all({ apiKey: Connecting.given(overrides.apiKey, Connecting.secret("ACME_API_KEY")) }),
      Connecting.givenOptional("baseUrl", overrides.baseUrl, Connecting.text("ACME_BASE_URL", Input.BaseUrl))
    ]),
    ([credentials, baseUrl]) => ({ ...overrides, ...credentials, ...baseUrl })
  )
// #endregion
