/**
 * `npm run many`: what cannot be shown in a moment about many cancels at once.
 *
 *   npm run many                        all of it, about twenty-five minutes
 *   npm run many -- memory              a million cancels beside ten thousand
 *   npm run many -- memory --bare       the same without what a cancel itself does
 *   npm run many -- throughput          beside the same cancels by hand
 *   npm run many -- durable             ten thousand cancels in a database, beside the same as they are
 *   npm run many -- proof               forty thousand at the sandbox's server, with faults
 *   npm run many -- proof --seed four   other faults
 *   npm run many -- proof --cancels 4000
 *   npm run many -- command             the same by the command, killed ten times
 *   npm run many -- command --kills 50
 */
import { Effect } from "effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import * as Command from "./command.js"
import * as Durable from "./durable.js"
import * as Memory from "./memory.js"
import * as Proof from "./proof.js"
import * as Throughput from "./throughput.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { as: { type: "string" }, bare: { type: "boolean", default: false }, cancels: { type: "string" }, kills: { type: "string", default: "10" }, seed: { type: "string", default: "many" } }
})

/** This program once more, in a process of its own. */
const start = (as: string, cancels: number) =>
  fork(fileURLToPath(import.meta.url), ["--as", as, "--cancels", String(cancels), "--seed", values.seed, ...values.bare ? ["--bare"] : []], {
    execArgv: ["--expose-gc", "--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href]
  })

const heard = async <A>(child: ReturnType<typeof start>): Promise<A> => {
  const [message] = await once(child, "message")
  return message
}

const trial = (cancels: number): Proof.Trial => ({
  cancels,
  rate: 150,
  seed: values.seed,
  faulty: 0.2,
  downFrom: cancels / 4,
  downFor: cancels / 2
})

let failed = false
const judge = (text: string, isGood: boolean) => {
  failed ||= !isGood
  console.log(`${isGood ? "met   " : "MISSED"}  ${text}`)
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

const parts: { readonly [part: string]: () => Promise<void> } = {
  throughput: async () => {
    const { byHand, many } = await Effect.runPromise(Throughput.measure(5000, 9))
    judge(`throughput: ${many.toFixed(0)} cancels per second, ${(many / byHand).toFixed(2)} of Effect.forEach by hand; at least 0.8`, many >= 0.8 * byHand)
  },
  durable: async () => {
    const cancels = Number(values.cancels ?? 10_000)
    const { bytes, durable, plain } = await Effect.runPromise(Durable.measure(cancels))
    console.log(`        durable: ${durable.toFixed(0)} cancels per second for ${cancels}, ${(durable / plain).toFixed(3)} of the plain form, without a network`)
    console.log(`        durable: ${(bytes / 1024).toFixed(1)} KiB of the database for each, ${megabytes(bytes * cancels)} in all`)
  },
  memory: async () => {
    const [few, much] = [10_000, Number(values.cancels ?? 1_000_000)]
    const one = await heard<Memory.Memory>(start("memory", few))
    const other = await heard<Memory.Memory>(start("memory", much))
    for (const kind of ["live", "resident"] as const) {
      const ratio = other[kind] / one[kind]
      const text = `memory, ${kind}: ${megabytes(other[kind])} for ${much} cancels, ${ratio.toFixed(2)} of that for ${few}`
      // How much a process takes of what is free is for the runtime to decide.
      if (kind === "live") judge(`${text}; at most 1.2`, ratio <= 1.2)
      else console.log(`        ${text}`)
    }
  },
  proof: async () => {
    const cancels = Number(values.cancels ?? 40_000)
    const server = start("server", cancels)
    const ready = await heard<Proof.Ready>(server)
    server.send("disturb")
    const outcome = await Effect.runPromise(Proof.attempt(trial(cancels), ready))
    server.kill()
    const { all, most, received, results, seconds, whileDown } = outcome
    console.log(`        ${cancels} cancels in ${seconds.toFixed(0)} s, ${received} requests, seed ${values.seed}: ${JSON.stringify(results)}`)
    console.log(`        the most requests in any second, of ${trial(cancels).rate}: ${JSON.stringify(most)}; ${whileDown} at the provider that was down`)
    for (const each of all.slice(0, 20)) console.log(`        ${each}`)
    judge(`proof: ${all.length} results that are not true, or limits that were exceeded`, all.length === 0)
  },
  command: async () => {
    const cancels = Number(values.cancels ?? 40_000)
    const folder = mkdtempSync(join(tmpdir(), "cancel-many-"))
    const server = start("server", cancels)
    const ready = await heard<Proof.Ready>(server)
    server.send("disturb")
    const { all, kills, most, received, results, runs, seconds } =
      await Effect.runPromise(Command.attempt(trial(cancels), ready, Number(values.kills), folder))
    server.kill()
    rmSync(folder, { recursive: true })
    console.log(`        ${cancels} payments in a file, ${runs} runs of which ${kills} were killed, ${seconds.toFixed(0)} s, ${received} requests, seed ${values.seed}: ${JSON.stringify(results)}`)
    console.log(`        the most requests in any second, of ${trial(cancels).rate}: ${JSON.stringify(most)}`)
    for (const each of all.slice(0, 20)) console.log(`        ${each}`)
    judge(`command: ${all.length} rows that are not true, or limits that were exceeded`, all.length === 0)
  }
}

const tell = (message: unknown) => process.send?.(message)

// Such a process is gone with whoever started it.
if (values.as !== undefined) process.once("disconnect", () => process.exit())

if (values.as === "memory") {
  tell(await Effect.runPromise(Memory.measure(Number(values.cancels), values.bare)))
  process.disconnect()
} else if (values.as === "server") {
  await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    const { disturb, ready } = yield* Proof.serve(trial(Number(values.cancels)))
    const told = once(process, "message")
    tell(ready)
    yield* Effect.promise(() => told)
    return yield* disturb
  })))
} else {
  for (const [part, run] of Object.entries(parts)) {
    if (positionals.length === 0 || positionals.includes(part)) await run()
  }
  process.exitCode = failed ? 1 : 0
}
