#!/usr/bin/env node
/**
 * The program of the package: `npx effect-payment-cancel <command>`. It needs Node and the
 * package's peers, of which a command may do without the optional ones, and no other package.
 *
 * @since 0.1.0
 */
import * as Runtime from "@effect/platform/Runtime"
import * as Effect from "effect/Effect"
import Process from "node:process"
import * as Command from "./Command.js"
import * as CancelMany from "./cancelMany.js"
import * as Sandbox from "./sandbox.js"

/** To add a command, write its module and list it here. */
const commands = [CancelMany.command, Sandbox.command]

/**
 * Like `NodeRuntime.runMain`, without depending on its package. The first Ctrl-C (or SIGTERM)
 * interrupts, so that resources are closed; a second one ends the process at once.
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
    // Not `exit()`, which would cut off pending output: nothing else keeps Node alive.
    teardown(exit, (code) => {
      Process.exitCode ??= code
    })
  })
})

// Whoever reads along may leave (`| head`). What is done does not depend on it, and must not end in the middle.
for (const stream of [Process.stdout, Process.stderr]) stream.on("error", () => {})

runMain(Command.run(commands, Process.argv.slice(2), (code) =>
  Effect.sync(() => {
    Process.exitCode = code
  })))
