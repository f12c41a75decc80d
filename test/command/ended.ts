/** The program without a process of its own. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as CancelMany from "../../src/command/cancelMany.js"
import * as Command from "../../src/command/Command.js"
import * as Sandbox from "../../src/command/sandbox.js"

export interface Ended {
  readonly code: number | undefined
  readonly output: string
  readonly errors: string
}

/** A command line, to its end. */
export const run = (args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.gen(function*() {
    const console = yield* Console.consoleWith(Effect.succeed)
    const output: Array<string> = []
    const errors: Array<string> = []
    const printTo = (lines: Array<string>) => (...args: ReadonlyArray<unknown>) =>
      Effect.sync(() => {
        lines.push(args.join(" "))
      })
    let code: number | undefined
    yield* Command.run([CancelMany.command, Sandbox.command], args, (reported) =>
      Effect.sync(() => {
        code = reported
      })).pipe(Effect.withConsole({ ...console, log: printTo(output), error: printTo(errors) }))
    return { code, output: output.join("\n"), errors: errors.join("\n") }
  })
