/**
 * Commands of `npx effect-payment-cancel`, and how they are found and run.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Util from "node:util"

/** The command line is invalid: exit code 2. */
export class Misused extends Data.TaggedError("Misused")<{ readonly message: string }> {}

/** The command line is understood, but what it names is not fit for use: exit code 2. */
export class Unfit extends Data.TaggedError("Unfit")<{ readonly message: string }> {}

/** The command was understood but failed: exit code 1. */
export class Failed extends Data.TaggedError("Failed")<{ readonly message: string }> {}

/** The values of the options that were given, by name: text, or `true` for one that takes none. */
export interface Given {
  readonly [option: string]: unknown
  /** What was given without the name of an option, in order. Empty for a command that takes none. */
  readonly arguments: ReadonlyArray<string>
}

export interface Command {
  readonly name: string
  /** A few words for the list of all commands. */
  readonly summary: string
  /** What `--help` shows. */
  readonly usage: string
  /** With `multiple`, the value is a list of all that were given. */
  readonly options: { readonly [name: string]: { readonly type: "string" | "boolean"; readonly multiple?: boolean } }
  /** Whether it takes arguments that are no options. */
  readonly takesArguments?: boolean
  /** The exit code after Ctrl-C or SIGTERM; 0 for a command that runs until then. */
  readonly whenStopped?: number
  /** Ends when the command has ended, with its exit code. Ctrl-C interrupts it. */
  readonly run: (given: Given) => Effect.Effect<number, Misused | Unfit | Failed>
}

/** The name of the package and of its program. */
const program = "effect-payment-cancel"

const listOf = (commands: ReadonlyArray<Command>): string => {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    `Usage: npx ${program} <command> [options]`,
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    `npx ${program} <command> --help shows the options of a command.`
  ].join("\n")
}

/** Node's own parser: it accepts `--port 1`, `--port=1` and `--`, and throws for unknown options. */
const parse = (command: Command, args: ReadonlyArray<string>): Either.Either<Given, Misused> =>
  Either.try({
    try: () => {
      const { positionals, values } = Util.parseArgs({
        args: [...args],
        options: { ...command.options, help: { type: "boolean", short: "h" } },
        allowPositionals: command.takesArguments === true
      })
      return { ...values, arguments: positionals }
    },
    catch: (cause) => new Misused({ message: cause instanceof Error ? cause.message : String(cause) })
  })

const asksForHelp = (argument: string) => argument === "--help" || argument === "-h" || argument === "help"

const carryOut = (command: Command, args: ReadonlyArray<string>): Effect.Effect<number, Misused | Unfit | Failed> =>
  Effect.flatMap(parse(command, args), (given) =>
    Predicate.hasProperty(given, "help") ? Effect.as(Console.log(command.usage), 0) : command.run(given))

/**
 * Runs what the command line says, prints what went wrong to standard error, and reports the exit
 * code: the command's own, 1 if it failed, 2 if the command line or what it names is invalid. It is reported too if
 * the command is interrupted.
 */
export const run = (
  commands: ReadonlyArray<Command>,
  args: ReadonlyArray<string>,
  report: (exitCode: number) => Effect.Effect<void>
): Effect.Effect<void> => {
  const [name, ...rest] = args
  if (name !== undefined && asksForHelp(name)) {
    return Effect.zipRight(Console.log(listOf(commands)), report(0))
  }
  const command = commands.find((command) => command.name === name)
  if (command === undefined) {
    const said = name === undefined
      ? listOf(commands)
      : `There is no command ${JSON.stringify(name)}.\nnpx ${program} --help lists the commands.`
    return Effect.zipRight(Console.error(said), report(2))
  }
  return carryOut(command, rest).pipe(
    Effect.catchTags({
      Misused: ({ message }) => Effect.as(Console.error(`${message}\nnpx ${program} ${command.name} --help shows how it is used.`), 2),
      Unfit: ({ message }) => Effect.as(Console.error(message), 2),
      Failed: ({ message }) => Effect.as(Console.error(message), 1)
    }),
    Effect.onInterrupt(() => report(command.whenStopped ?? 0)),
    Effect.flatMap(report)
  )
}
