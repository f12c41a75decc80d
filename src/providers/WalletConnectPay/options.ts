/**
 * How to reach WalletConnect Pay, and with which credentials.
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
 * The hosts that WalletConnect Pay documents. Test mode is on the same host as live mode:
 * only the key's prefix differs.
 *
 * @since 0.1.0
 * @category options
 */
export const hosts = {
  production: "https://api.pay.walletconnect.com",
  staging: "https://staging.api.pay.walletconnect.com"
} as const

const CredentialsSchema = Schema.Union(
  Schema.TaggedStruct("ApiKey", { apiKey: Input.SecretHeaderValue }),
  Schema.TaggedStruct("AppId", { appId: Input.HeaderValue, clientId: Input.HeaderValue }),
  Schema.TaggedStruct("Merchant", { apiKey: Input.SecretHeaderValue, merchantId: Input.HeaderValue })
)

interface Kind<Tag extends string> {
  /** The kind of credentials, which also decides which call is made. */
  readonly _tag: Tag
}

interface ApiKey {
  /** The wallet's API key. */
  readonly apiKey: Redacted.Redacted<string>
}

interface AppId {
  /** The public id of the app, sent as `App-Id`. */
  readonly appId: string
  /** The id of the client, sent as `Client-Id`. */
  readonly clientId: string
}

interface Merchant {
  /** The merchant's API key. */
  readonly apiKey: Redacted.Redacted<string>
  /** The id of the merchant, sent as `Merchant-Id`. */
  readonly merchantId: string
}

/**
 * Who cancels. The kinds exclude each other, and each decides which call is made.
 *
 * - `ApiKey`: the wallet's side, the gateway call, with an API key.
 * - `AppId`: the wallet's side, the gateway call, with the public app id.
 * - `Merchant`: the merchant's side, the merchant call, with an `Idempotency-Key`.
 *
 * @since 0.1.0
 * @category options
 */
export type Credentials = (Kind<"ApiKey"> & ApiKey) | (Kind<"AppId"> & AppId) | (Kind<"Merchant"> & Merchant)

/**
 * The three kinds of credentials.
 *
 * @since 0.1.0
 * @category options
 */
export const Credentials: {
  /** The wallet's side, with an API key. */
  readonly ApiKey: (credentials: ApiKey) => Credentials
  /** The wallet's side, with the public app id. */
  readonly AppId: (credentials: AppId) => Credentials
  /** The merchant's side. */
  readonly Merchant: (credentials: Merchant) => Credentials
} = {
  ApiKey: (credentials) => ({ _tag: "ApiKey", ...credentials }),
  AppId: (credentials) => ({ _tag: "AppId", ...credentials }),
  Merchant: (credentials) => ({ _tag: "Merchant", ...credentials })
}

const Sdk = Schema.Struct({
  name: Input.HeaderValue,
  version: Input.HeaderValue,
  platform: Schema.optional(Input.HeaderValue)
})

/**
 * The calling software.
 *
 * @since 0.1.0
 * @category options
 */
export interface Sdk {
  /** Sent as `Sdk-Name`. */
  readonly name: string
  /** Sent as `Sdk-Version`. */
  readonly version: string
  /** Sent as `Sdk-Platform`, if it is given. */
  readonly platform?: string | undefined
}

/**
 * Options of a WalletConnect Pay layer that are given in code; the rest is read from the
 * environment.
 *
 * @since 0.1.0
 * @category options
 */
export interface Overrides {
  /** Instead of the credentials in the environment. */
  readonly credentials?: Credentials
  /** https, or http on loopback; the default is `hosts.production`. */
  readonly baseUrl?: string | undefined
  /**
   * Sent as `WCP-Version`, e.g. `2026-02-18`; the default is the account's own version. It may only
   * be newer than that.
   */
  readonly version?: string | undefined
  /** Sent as the `Sdk-*` headers; none are sent by default. */
  readonly sdk?: Sdk | undefined
  /** The bounds of every cancel through this layer. */
  readonly policy?: CancelPolicy.Options | undefined
}

/**
 * What a WalletConnect Pay layer is built from.
 *
 * @since 0.1.0
 * @category options
 */
export interface Options extends Overrides {
  /** Who cancels. No credential ever appears in any output. */
  readonly credentials: Credentials
}

const apiKeyName = "WALLETCONNECT_PAY_API_KEY"
const appIdName = "WALLETCONNECT_PAY_APP_ID"
const clientIdName = "WALLETCONNECT_PAY_CLIENT_ID"
const merchantIdName = "WALLETCONNECT_PAY_MERCHANT_ID"

const missing = (name: string): ConfigError.ConfigError => ConfigError.MissingData([name], `Expected ${name} to exist`)

const missingAlternatives = ConfigError.Or(
  missing(apiKeyName),
  ConfigError.Or(
    ConfigError.And(missing(appIdName), missing(clientIdName)),
    ConfigError.And(missing(apiKeyName), missing(merchantIdName))
  )
)

const conflicting = (names: ReadonlyArray<string>): ConfigError.ConfigError =>
  ConfigError.InvalidData([...names], `${names.join(", ")} exclude each other: set only one kind of credentials`)

/** Which kind of credentials the environment contains: exactly one, or an error that says what is wrong. */
const credentialsFromConfig: Config.Config<Credentials> = Config.all({
  apiKey: Config.option(Setting.secret(apiKeyName).config),
  appId: Config.option(Setting.text(appIdName).config),
  clientId: Config.option(Setting.text(clientIdName).config),
  merchantId: Config.option(Setting.text(merchantIdName).config)
}).pipe(
  Config.mapOrFail(({ apiKey, appId, clientId, merchantId }): Either.Either<Credentials, ConfigError.ConfigError> => {
    const forMerchant = Option.isSome(apiKey) || Option.isSome(merchantId)
    const forApp = Option.isSome(appId) || Option.isSome(clientId)
    if (forMerchant && forApp) {
      return Either.left(conflicting([
        ...(Option.isSome(apiKey) ? [apiKeyName] : []),
        ...(Option.isSome(merchantId) ? [merchantIdName] : []),
        ...(Option.isSome(appId) ? [appIdName] : []),
        ...(Option.isSome(clientId) ? [clientIdName] : [])
      ]))
    }
    if (forApp) {
      return Option.all({ appId, clientId }).pipe(
        Option.map(Credentials.AppId),
        Either.fromOption(() => missing(Option.isSome(appId) ? clientIdName : appIdName))
      )
    }
    return Either.map(
      Either.fromOption(apiKey, () => Option.isSome(merchantId) ? missing(apiKeyName) : missingAlternatives),
      (apiKey) =>
        Option.match(merchantId, {
          onNone: () => Credentials.ApiKey({ apiKey }),
          onSome: (merchantId) => Credentials.Merchant({ apiKey, merchantId })
        })
    )
  })
)

const settings = {
  credentials: Setting.from(CredentialsSchema, credentialsFromConfig),
  baseUrl: Setting.baseUrl("WALLETCONNECT_PAY_BASE_URL", hosts.production),
  version: Setting.optional(Setting.text("WALLETCONNECT_PAY_VERSION")),
  sdk: Setting.optional(Setting.inCode<Sdk>(Sdk))
}

/** @internal */
export interface Connection extends Setting.Settled<typeof settings> {}

/** @internal */
export const { connect, fromConfig } = Setting.all<Options>()(settings)
