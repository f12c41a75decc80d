/**
 * How options and the environment become a connection: the checks and small combinators
 * that all providers' configurations share.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as Input from "./Input.js"

/**
 * Checks options against a schema. What does not fit is a `ConfigError` whose path is the
 * field; the value is not repeated.
 *
 * @since 0.1.0
 * @category checks
 */
export const check = <A, I>(schema: Schema.Schema<A, I>) => {
  const checked = Input.check(schema)
  return (options: unknown): Either.Either<A, ConfigError.ConfigError> =>
    Either.mapLeft(checked(options), ({ field, problem }) => ConfigError.InvalidData(field.split("."), problem))
}

/** A variable that must fit a schema, if it is there. */
const fitting = <A, I>(config: Config.Config<A>, schema: Schema.Schema<A, I>): Config.Config<A> => {
  const checked = Input.check(schema)
  return Config.mapOrFail(config, (value) =>
    Either.mapLeft(checked(value), ({ problem }) => ConfigError.InvalidData([], problem)))
}

/**
 * A variable with plain text; empty counts as missing.
 *
 * @since 0.1.0
 * @category configs
 */
export const text = (name: string, schema: Schema.Schema<string>): Config.Config<string> =>
  fitting(Config.nonEmptyString(name), schema)

/**
 * A variable with a secret; empty counts as missing.
 *
 * @since 0.1.0
 * @category configs
 */
export const secret = (name: string): Config.Config<Redacted.Redacted<string>> =>
  // The name goes outside: what is wrong with a redacted value is reported without its path.
  Config.nested(fitting(Config.redacted(Config.nonEmptyString()), Input.SecretHeaderValue), name)

/**
 * What was given in code, or else the variable: what is given is not read.
 *
 * @since 0.1.0
 * @category configs
 */
export const given = <A>(value: A | undefined, otherwise: Config.Config<A>): Config.Config<A> =>
  value === undefined ? otherwise : Config.succeed(value)

/**
 * Like `given`, for a field that may be missing: absent fields stay absent.
 *
 * @since 0.1.0
 * @category configs
 */
export const givenOptional = <const Field extends string, A>(
  field: Field,
  value: A | undefined,
  otherwise: Config.Config<A>
): Config.Config<{ readonly [F in Field]?: A }> =>
  Config.map(
    Config.option(given(value, otherwise)),
    // A computed key widens to an index signature, which loses the literal name of the field.
    Option.match({
      onNone: () => ({}),
      onSome: (present) => ({ [field]: present }) as { readonly [F in Field]?: A }
    })
  )
