/**
 * What a provider's layer is built from, one line a setting: its type, its check, and the
 * environment variable that it is read from where it is not given in code.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Input from "./Input.js"

/**
 * One setting: what a value must be, the variable it is read from, and what holds where there
 * is neither.
 *
 * @since 0.1.0
 * @category models
 */
export interface Setting<A, Absent = never> {
  /** What a value that is given in code must be. */
  readonly schema: Schema.Schema<A>
  /** How it is read from the environment. One that is only given in code is never there. */
  readonly config: Config.Config<A>
  /** What holds where it is neither given nor read; none for a setting that is required. */
  readonly absent: Option.Option<Absent>
}

/** A variable that must fit a schema, if it is there. */
const fitting = <A>(config: Config.Config<A>, schema: Schema.Schema<A>): Config.Config<A> => {
  const checked = Input.check(schema)
  return Config.mapOrFail(config, (value) =>
    Either.mapLeft(checked(value), ({ problem }) => ConfigError.InvalidData([], problem)))
}

/**
 * Plain text from a variable; empty counts as missing. It must be fit for a header, unless
 * another schema is given.
 *
 * @since 0.1.0
 * @category settings
 */
export const text = (variable: string, schema: Schema.Schema<string> = Input.HeaderValue): Setting<string> =>
  from(schema, fitting(Config.nonEmptyString(variable), schema))

/**
 * A credential from a variable; empty counts as missing.
 *
 * @since 0.1.0
 * @category settings
 */
export const secret = (variable: string): Setting<Redacted.Redacted<string>> =>
  from(
    Input.SecretHeaderValue,
    // Not `Config.redacted`, which hides what is wrong with it too: a variable that is not set would
    // read as if it were. Neither being missing nor the check repeats a value.
    // The name goes outside, because what is wrong with a value that was changed is told without its path.
    Config.nested(fitting(Config.map(Config.nonEmptyString(), Redacted.make), Input.SecretHeaderValue), variable)
  )

/**
 * Where a provider is reached: https, or http on the loopback interface; `otherwise` unless
 * given.
 *
 * @since 0.1.0
 * @category settings
 */
export const baseUrl = (variable: string, otherwise: string): Setting<string, string> =>
  withDefault(text(variable, Input.BaseUrl), otherwise)

/**
 * A setting that is only given in code.
 *
 * @since 0.1.0
 * @category settings
 */
export const inCode = <A>(schema: Schema.Schema<A>): Setting<A> =>
  from(schema, Config.fail("it is only given in code"))

/**
 * A setting that is read from the environment by a `Config` of the provider's own.
 *
 * @since 0.1.0
 * @category settings
 */
export const from = <A>(schema: Schema.Schema<A>, config: Config.Config<A>): Setting<A> => ({
  schema,
  config,
  absent: Option.none()
})

/**
 * A setting that may be left out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const optional = <A>(setting: Setting<A>): Setting<A, undefined> => ({ ...setting, absent: Option.some(undefined) })

/**
 * A setting that has a value where it is left out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withDefault = <A>(setting: Setting<A>, otherwise: A): Setting<A, A> => ({
  ...setting,
  absent: Option.some(otherwise)
})

/**
 * What a provider works with: every setting, checked, and its default where it was left out.
 *
 * @since 0.1.0
 * @category models
 */
export type Settled<Settings> =
  & {
    readonly [Name in keyof Settings as MayBeMissing<Settings[Name]> extends true ? never : Name]: ValueOf<Settings[Name]>
  }
  & {
    readonly [Name in keyof Settings as MayBeMissing<Settings[Name]> extends true ? Name : never]?:
      | ValueOf<Settings[Name]>
      | undefined
  }

type ValueOf<S> = S extends Setting<infer A, unknown> ? A : never

type MayBeMissing<S> = S extends Setting<infer _A, infer Absent> ? undefined extends Absent ? true : false : false

/**
 * The settings that belong to a provider's `Options`: one for each, of its type. Only one that
 * may be left out has something that holds instead.
 *
 * @since 0.1.0
 * @category models
 */
export type For<Options> = {
  readonly [Name in keyof Omit<Options, "policy">]-?: undefined extends Options[Name]
    ? Setting<NonNullable<Options[Name]>, NonNullable<Options[Name]>> | Setting<NonNullable<Options[Name]>, undefined>
    : Setting<Options[Name]>
}

/**
 * How a provider's options become what it works with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings<Options, Connection> {
  /** Checks options. What does not fit is a `ConfigError` whose path is the option; its value is not repeated. */
  readonly connect: (options: Options) => Either.Either<Connection, ConfigError.ConfigError>
  /** Reads what `overrides` leave out from the environment. Everything that is missing is named at once. */
  readonly fromConfig: (overrides: Partial<Options>) => Config.Config<Options>
}

const fieldOf = ({ absent, schema }: Setting<unknown, unknown>) =>
  Option.match(absent, {
    onNone: () => schema,
    onSome: (otherwise) =>
      otherwise === undefined ? Schema.optional(schema) : Schema.optionalWith(schema, { default: () => otherwise })
  })

/** What was given in code is not read. */
const read = (given: unknown, { absent, config }: Setting<unknown, unknown>): Config.Config<Option.Option<unknown>> => {
  if (given !== undefined) return Config.succeed(Option.some(given))
  return Option.isSome(absent) ? Config.option(config) : Config.map(config, Option.some)
}

/**
 * Joins the settings of a provider. Beside them, its `Options` have the `policy`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const all =
  <Options>() => <S extends For<Options>>(settings: S): Settings<Options, Settled<S>> => {
    const each = settings as unknown as {
      // Each setting is of its option's type, says `For`; a record that is gone through has forgotten which.
      readonly [name: string]: Setting<unknown, unknown>
    }
    const check = Input.check(Schema.Struct(Record.map(each, fieldOf)))
    return {
      connect: (options) =>
        Either.mapBoth(check(options), {
          // The path to the options themselves is empty.
          onLeft: ({ field, problem }) => ConfigError.InvalidData(field === "" ? ["options"] : field.split("."), problem),
          onRight: (checked) => checked as Settled<S>
        }),
      fromConfig: (overrides) => {
        const given: { readonly [name: string]: unknown } = overrides
        return Config.map(
          Config.all(Record.map(each, (setting, name) => read(given[name], setting))),
          (found) => ({ ...overrides, ...Record.getSomes(found) }) as Options
        )
      }
    }
  }
