/**
 * What a command of `npx effect-payment-cancel` is, and how one is found and run.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Util from "node:util"

/** What stands on the command line cannot be used: exit code 2. */
export class Misused extends Data.TaggedError("Misused")<{ readonly message: string }> {}

/** The command was understood, and could not be carried out: exit code 1. */
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
  /** It ends when the command has ended, and is interrupted by Ctrl-C. */
  readonly run: (given: Given) => Effect.Effect<void, Misused | Failed>
}

/** The name of the package, which is the name of its program. */
const program = "effect-payment-cancel"

const listOf = (commands: ReadonlyArray<Command>): string => {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    `Usage: npx ${program} <command> [options]`,
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    `npx ${program} <command> --help shows the options of one.`
  ].join("\n")
}

/** Node's own parser: it knows `--port 1`, `--port=1` and `--`, and throws for what it does not know. */
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
 * Runs what the command line says, prints what went wrong to standard error, and gives the
 * exit code: 0, 1 where a command failed, 2 where the command line cannot be used.
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
