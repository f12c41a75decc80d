/** The processes of the provider and of the clients. */
import * as ChildProcess from "node:child_process"
import { once } from "node:events"
import * as Path from "node:path"
import type { Place } from "./Place.js"
import type { Order, Taken } from "./protocol.js"

export interface Provider {
  readonly baseUrl: string
  readonly stop: () => void
}

const fork = (
  place: Place,
  program: string,
  args: ReadonlyArray<string>,
  flags: ReadonlyArray<string> = []
): ChildProcess.ChildProcess =>
  ChildProcess.fork(Path.join(place.folder, program), args, {
    execArgv: ["--expose-gc", ...flags],
    // What a shell sets for its own programs is no business of what is measured.
    env: { PATH: process.env["PATH"], NODE_ENV: "production" }
  })

/** The next message of a process; it fails when the process ends without one. */
const hear = async (child: ChildProcess.ChildProcess): Promise<unknown> => {
  const ended = new AbortController()
  try {
    return await Promise.race([
      once(child, "message", { signal: ended.signal }).then(([message]: ReadonlyArray<unknown>) => message),
      once(child, "exit", { signal: ended.signal }).then(([code]) => {
        throw new Error(`${child.spawnargs.slice(-2).join(" ")} ended with ${code}`)
      })
    ])
  } finally {
    ended.abort()
  }
}

export const startProvider = async (place: Place): Promise<Provider> => {
  const child = fork(place, "provider.js", [])
  const port = await hear(child)
  return { baseUrl: `http://127.0.0.1:${port}`, stop: () => child.kill() }
}

export interface Client {
  readonly take: (order: Order) => Promise<Taken>
  /** Lets it end by itself, and so write down what Node was told to, and waits for that. */
  readonly end: () => Promise<void>
  readonly stop: () => void
}

/** `flags`: what Node is told besides. */
export const startClient = async (
  place: Place,
  { baseUrl }: Provider,
  name: string,
  flags?: ReadonlyArray<string>
): Promise<Client> => {
  const child = fork(place, "client.js", [name, baseUrl], flags)
  await hear(child)
  return {
    take: async (order) => {
      child.send(order)
      // The process answers every order with one of these.
      return await hear(child) as Taken
    },
    end: async () => {
      const ended = once(child, "exit")
      child.disconnect()
      await ended
    },
    stop: () => child.kill()
  }
}
