/** Where configuration comes from, and what is missing there in words. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Util from "node:util"
import type * as Sandbox from "../../sandbox/Sandbox.js"
import * as Command from "../Command.js"
import * as Files from "./files.js"
import * as Providers from "./providers.js"

/** The environment, and where it says nothing the file. */
export const withFile = (path: string): Effect.Effect<ConfigProvider.ConfigProvider, Command.Misused> =>
  Effect.map(
    Effect.mapError(Files.readUtf8(path), ({ message }) => new Command.Misused({ message: `--env-file: ${message}` })),
    (text) =>
      ConfigProvider.orElse(ConfigProvider.fromEnv(), () =>
        ConfigProvider.fromMap(new Map(Object.entries(Util.parseEnv(text)).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const]))))
  )

/** Nothing but the sandbox: no variable of the environment, which may be of a real account. */
export const ofSandbox: ConfigProvider.ConfigProvider = ConfigProvider.fromMap(
  new Map(Providers.names.flatMap((name) => Providers.provider(name).sandbox))
)

/** Whether one of some providers is reached at an address on this machine. No other may have `http` as its scheme. */
export const isLocal = (config: ConfigProvider.ConfigProvider, providers: Iterable<Sandbox.Provider>): Effect.Effect<boolean> =>
  Effect.exists(providers, (name) =>
    Effect.exists(Providers.provider(name).sandbox, ([variable]) =>
      variable.endsWith("_BASE_URL")
        ? Effect.match(config.load(Config.string(variable)), { onFailure: () => false, onSuccess: (url) => /^\s*http:/i.test(url) })
        : Effect.succeed(false)))

/** Whether a proxy is named. */
export const namesProxy: Effect.Effect<boolean> = Effect.exists(["https_proxy", "HTTPS_PROXY"], (name) =>
  Effect.match(Config.nonEmptyString(name), { onFailure: () => false, onSuccess: () => true }))

const nameOf = (path: ReadonlyArray<string>) => path.join("_")

/** What is wrong, by the names of the variables. Values are never repeated. */
export const describe: (error: ConfigError.ConfigError) => string = ConfigError.reduceWithContext(undefined, {
  andCase: (_, left, right) => `${left} and ${right}`,
  orCase: (_, left, right) => left === right ? left : `${left}, or ${right}`,
  invalidDataCase: (_, path, message) => `${nameOf(path)}: ${message}`,
  missingDataCase: (_, path) => `${nameOf(path)} is not set`,
  sourceUnavailableCase: (_, path, message) => `${nameOf(path)}: ${message}`,
  unsupportedCase: (_, path, message) => `${nameOf(path)}: ${message}`
})
