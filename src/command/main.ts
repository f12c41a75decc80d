#!/usr/bin/env node
/**
 * The program of the package: `npx effect-payment-cancel <command>`. It needs Node and the
 * package's peers, and no other package.
 *
 * @since 0.1.0
 */
import * as Runtime from "@effect/platform/Runtime"
import * as Effect from "effect/Effect"
import Process from "node:process"
import * as Command from "./Command.js"
import * as Sandbox from "./sandbox.js"

/** A new command is its own module, and its name here. */
const commands = [Sandbox.command]

/**
 * As `NodeRuntime.runMain`, without the package that it is in: the first Ctrl-C (or SIGTERM)
 * interrupts, so that what is open is closed; a second one ends the process at once.
 */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  const stop = () => {
    Process.off("SIGINT", stop)
    Process.off("SIGTERM", stop)
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  Process.on("SIGINT", stop)
  Process.on("SIGTERM", stop)
  fiber.addObserver((exit) => {
    Process.off("SIGINT", stop)
    Process.off("SIGTERM", stop)
    // Not `exit()`, which would cut off what is still being printed: nothing else keeps Node alive.
    teardown(exit, (code) => {
      Process.exitCode ??= code
    })
  })
})

runMain(Effect.map(Command.run(commands, Process.argv.slice(2)), (code) => {
  Process.exitCode = code
}))
