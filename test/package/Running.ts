/**
 * Programs that run until they are stopped, and what they print.
 */
import * as ChildProcess from "node:child_process"
import { once } from "node:events"
import * as Workspace from "./Workspace.js"

export interface Running {
  /** What was printed so far, on both streams. */
  readonly output: () => string
  /** What was printed so far on standard error. */
  readonly errors: () => string
  /** Resolves as soon as something is printed that matches. */
  readonly prints: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Sends a signal to the program and to all that it has started, as a terminal does on Ctrl-C. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

export const start = (
  cwd: string,
  command: string,
  args: ReadonlyArray<string>,
  env: { readonly [name: string]: string } = {}
): Running => {
  const child = ChildProcess.spawn(command, args, {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...Workspace.environment, ...env }
  })
  let output = ""
  const waiting = new Set<() => void>()
  let errors = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
      if (stream === child.stderr) errors += text
      for (const look of waiting) look()
    })
  }
  const ended = once(child, "close").then(([code, signal]: Array<unknown>) => ({
    code: typeof code === "number" ? code : null,
    signal: typeof signal === "string" ? signal as NodeJS.Signals : null
  }))
  return {
    output: () => output,
    errors: () => errors,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output)
          if (match === null) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
        ended.then(() => reject(new Error(`It ended, and never printed ${pattern}:\n${output}`)), reject)
      }),
    signal: (signal) => {
      // After its end there is nothing to stop.
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, signal)
    },
    ended
  }
}

/** Whether something still listens. */
export const answers = (url: string): Promise<boolean> => fetch(url).then(() => true, () => false)
