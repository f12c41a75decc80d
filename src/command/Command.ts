/**
 * Commands of `npx effect-payment-cancel`, and how they are found and run.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Util from "node:util"

/** The command line is invalid: exit code 2. */
export class Misused extends Data.TaggedError("Misused")<{ readonly message: string }> {}

/** The command was understood but failed: exit code 1. */
export class Failed extends Data.TaggedError("Failed")<{ readonly message: string }> {}

/** The values of the options that were given, by name: text, or `true` for one that takes none. */
export interface Given {
  readonly [option: string]: unknown
}

export interface Command {
  readonly name: string
  /** A few words for the list of all commands. */
  readonly summary: string
  /** What `--help` shows. */
  readonly usage: string
  readonly options: { readonly [name: string]: { readonly type: "string" | "boolean" } }
  /** Ends when the command has ended. Ctrl-C interrupts it. */
  readonly run: (given: Given) => Effect.Effect<void, Misused | Failed>
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
    try: () =>
      Util.parseArgs({
        args: [...args],
        options: { ...command.options, help: { type: "boolean", short: "h" } },
        allowPositionals: false
      }).values,
    catch: (cause) => new Misused({ message: cause instanceof Error ? cause.message : String(cause) })
  })

const asksForHelp = (argument: string) => argument === "--help" || argument === "-h" || argument === "help"

const carryOut = (command: Command, args: ReadonlyArray<string>): Effect.Effect<void, Misused | Failed> =>
  Effect.flatMap(parse(command, args), ({ help, ...given }) =>
    help === true ? Console.log(command.usage) : command.run(given))

/**
 * Runs what the command line says, prints what went wrong to standard error, and returns the exit
 * code: 0, 1 if the command failed, 2 if the command line is invalid.
 */
export const run = (commands: ReadonlyArray<Command>, args: ReadonlyArray<string>): Effect.Effect<number> => {
  const [name, ...rest] = args
  if (name !== undefined && asksForHelp(name)) {
    return Effect.as(Console.log(listOf(commands)), 0)
  }
  const command = commands.find((command) => command.name === name)
  if (command === undefined) {
    const problem = name === undefined ? [] : [`There is no command ${JSON.stringify(name)}.`, ""]
    return Effect.as(Console.error([...problem, listOf(commands)].join("\n")), 2)
  }
  return carryOut(command, rest).pipe(
    Effect.as(0),
    Effect.catchTags({
      Misused: ({ message }) => Effect.as(Console.error(`${message}\n\n${command.usage}`), 2),
      Failed: ({ message }) => Effect.as(Console.error(message), 1)
    })
  )
}
