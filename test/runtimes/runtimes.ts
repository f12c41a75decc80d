/** The runtimes, each from a package of npm, in a version that is pinned. */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Path from "node:path"
import type { Job, Report } from "./driver.js"

export interface Runtime {
  readonly package: string
  readonly version: string
  /** Started with the bundled program; `process` asks for its jobs, `worker` is asked. */
  readonly kind: "process" | "worker"
  /** The program and its first arguments, in the folder that the package is installed in. */
  readonly command: (folder: string) => readonly [string, ...ReadonlyArray<string>]
}

const inModules = (...path: ReadonlyArray<string>) => (folder: string) =>
  [Path.join(folder, "node_modules", ...path)] as const

const node = (version: string): Runtime => ({
  package: "node",
  version,
  kind: "process",
  command: inModules("node", "bin", "node")
})

/** workerd itself and not the script around it, which would outlive its end. */
const workerd = (folder: string): readonly [string] => {
  const scope = Path.join(folder, "node_modules/@cloudflare")
  const platform = Fs.readdirSync(scope).find((name) => name.startsWith("workerd-")) ?? "workerd"
  return [Path.join(scope, platform, "bin/workerd")]
}

export const runtimes = {
  "Node 20": node("20.20.2"),
  "Node 22": node("22.23.3"),
  "Node 24": node("24.21.0"),
  Bun: { package: "bun", version: "1.4.5", kind: "process", command: inModules(".bin", "bun") },
  Deno: {
    package: "deno",
    version: "2.9.6",
    kind: "process",
    command: (folder) => [Path.join(folder, "node_modules/.bin/deno"), "run", "--allow-all", "--quiet"]
  },
  workerd: { package: "workerd", version: "1.20261117.1", kind: "worker", command: workerd }
} as const satisfies { readonly [name: string]: Runtime }

export type RuntimeName = keyof typeof runtimes

export const names = Object.keys(runtimes).filter((name): name is RuntimeName => Object.hasOwn(runtimes, name))

/** A driver that was started inside of a runtime. */
export interface Driver {
  readonly perform: (job: Job) => Promise<Report>
  readonly stop: () => Promise<void>
}

/** What a job waits for at most: a runtime that says nothing must not hold up the others. */
const patience = 60_000

const late = (output: () => string): { readonly promise: Promise<never>; readonly done: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no report within ${patience} ms\n${output()}`)), patience)
  })
  return { promise, done: () => clearTimeout(timer) }
}

const inTime = async <A>(promise: Promise<A>, output: () => string): Promise<A> => {
  const { done, promise: tooLate } = late(output)
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    done()
  }
}

const start = (command: string, args: ReadonlyArray<string>) => {
  let output = ""
  const child = ChildProcess.spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: environment })
  child.stdout.on("data", (text) => {
    output += String(text)
  })
  child.stderr.on("data", (text) => {
    output += String(text)
  })
  child.once("error", (error) => {
    output += error.message
  })
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve())
  })
  return { child, ended, output: () => output }
}

/** A proxy would be what is tested. */
const environment = Object.fromEntries(
  Object.entries({ ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" }).filter(([name]) => !/proxy$/i.test(name))
)

const listening = (server: Http.Server | Net.Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  })

/** A program that asks for its jobs, one after the other. */
const startProcess = async (command: string, args: ReadonlyArray<string>, program: string): Promise<Driver> => {
  type Waiting = { readonly job: Job; readonly resolve: (report: Report) => void }
  const waiting: Array<Waiting> = []
  let current: Waiting | undefined
  let asking: Http.ServerResponse | undefined
  const hand = () => {
    if (asking === undefined || waiting.length === 0) return
    current = waiting.shift()
    asking.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(current?.job))
    asking = undefined
  }
  const control = Http.createServer((request, response) => {
    if (request.url === "/job") {
      asking = response
      return hand()
    }
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text
    }).on("end", () => {
      response.writeHead(200).end("thanks")
      current?.resolve(JSON.parse(body))
    })
  })
  control.keepAliveTimeout = 120_000
  const port = await listening(control)
  const { child, ended, output } = start(command, [...args, program, `http://127.0.0.1:${port}`])
  return {
    perform: (job) =>
      inTime(
        new Promise<Report>((resolve, reject) => {
          void ended.then(() => reject(new Error(`the program has ended\n${output()}`)))
          waiting.push({ job, resolve })
          hand()
        }),
        output
      ),
    stop: async () => {
      asking?.writeHead(204).end()
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000)
      await ended
      clearTimeout(timer)
      control.closeAllConnections()
      control.close()
    }
  }
}

/** A Worker, which is asked. Its configuration is that of workerd. */
const startWorker = async (command: string, folder: string, program: string): Promise<Driver> => {
  const probe = Net.createServer()
  const port = await listening(probe)
  probe.close()
  const configuration = Path.join(folder, "workerd.capnp")
  Fs.copyFileSync(program, Path.join(folder, "worker.js"))
  Fs.writeFileSync(
    configuration,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-04-01",
      globalOutbound = "outside"
    )),
    (name = "outside", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true)))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`
  )
  const { child, ended, output } = start(command, ["serve", configuration])
  const ask = async (job: Job): Promise<Report> => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify(job) })
    return await response.json() as Report
  }
  const ready = async (left = 100): Promise<void> => {
    const open = await new Promise<boolean>((resolve) => {
      const socket = Net.connect(port, "127.0.0.1", () => {
        socket.destroy()
        resolve(true)
      }).once("error", () => resolve(false))
    })
    if (open) return
    if (left === 0) throw new Error(`workerd does not listen\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
    return ready(left - 1)
  }
  await ready()
  return {
    perform: (job) => inTime(ask(job), output),
    stop: () => {
      child.kill("SIGKILL")
      return ended
    }
  }
}

/** Starts the driver inside of a runtime that is installed in a folder. */
export const startDriver = (
  { command, kind }: Pick<Runtime, "command" | "kind">,
  folder: string,
  programs: Programs
): Promise<Driver> => {
  const [program, ...args] = command(folder)
  return kind === "process" ? startProcess(program, args, programs.process) : startWorker(program, folder, programs.worker)
}

/** The bundled driver, by how it is started. */
export interface Programs {
  readonly process: string
  readonly worker: string
}
