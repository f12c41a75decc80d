/**
 * The command over a file of many payments at the sandbox's server: killed again and again, and run again until all is
 * settled. Every row of its results is compared with what really happened.
 */
import { parse } from "csv-parse/sync"
import { Clock, Duration, Effect, Random, Schema } from "effect"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { mostInASecond, overTheRate, type Ready, timesCancelled, type Trial, type Truth, truthAt, underSeveralKeys } from "./proof.js"

/** What came of a file. */
export interface Outcome {
  /** How often the command was killed while it still had something to do. */
  readonly kills: number
  /** How often it was started. */
  readonly runs: number
  readonly seconds: number
  /** How the last run ended. */
  readonly code: number | null
  readonly results: { readonly [outcome: string]: number }
  readonly received: number
  /** The most requests that arrived within any second, at each provider. */
  readonly most: { readonly [provider: string]: number }
  /** What is not as it was reported, or more than was allowed. */
  readonly all: ReadonlyArray<string>
}

const main = fileURLToPath(new URL("../../src/command/main.ts", import.meta.url))

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href

const { credentials } = Sandbox

const environment = ({ homes }: Ready): { readonly [name: string]: string } => ({
  PATH: process.env["PATH"] ?? "",
  ADYEN_API_KEY: credentials.Adyen.apiKey,
  ADYEN_MERCHANT_ACCOUNT: credentials.Adyen.merchantAccount,
  ADYEN_BASE_URL: homes.Adyen ?? "",
  SQUARE_ACCESS_TOKEN: credentials.Square.accessToken,
  SQUARE_BASE_URL: homes.Square ?? "",
  STRIPE_API_KEY: credentials.Stripe.apiKey,
  STRIPE_BASE_URL: homes.Stripe ?? "",
  WEPAY_APP_ID: credentials.WePay.appId,
  WEPAY_APP_TOKEN: credentials.WePay.appToken,
  WEPAY_BASE_URL: homes.WePay ?? ""
})

const decodeRows = Schema.decodeUnknownSync(Schema.Array(Schema.Struct({
  provider: Schema.String,
  paymentId: Schema.String,
  outcome: Schema.Literal("Cancelled", "Accepted", "NotCancelled", "Unknown"),
  result: Schema.String
})))

/** What the rows claim, and is not so. */
function* untrue({ requests }: Ready, rows: ReturnType<typeof decodeRows>, truth: Truth): Generator<string> {
  const expected = requests.map(({ paymentId, provider }) => `${provider} ${paymentId}`)
  const listed = rows.map(({ paymentId, provider }) => `${provider} ${paymentId}`)
  if (expected.length !== listed.length || expected.some((each, index) => each !== listed[index])) {
    yield "the results are not about the payments of the file, in its order"
  }
  yield* underSeveralKeys(truth)
  for (const { outcome, paymentId, result } of rows) {
    const cancelled = timesCancelled(truth, paymentId)
    if (cancelled > 1) yield `${paymentId} was cancelled ${cancelled} times`
    const isTrue = outcome === "Unknown" || (outcome === "NotCancelled" ? cancelled === 0 : cancelled === 1)
    if (!isTrue) yield `${paymentId} is reported as ${outcome} (${result}), and was cancelled ${cancelled} times`
  }
}

/**
 * Nobody can say more of a payment than that it is in doubt where something went wrong and the provider gives no licence
 * to send it again, or repeats the server error that it stored under the key. Of the others only Square's may stay so,
 * whose cancel has no key at all: what was under way when the command was killed, and no more than that.
 */
function* leftInDoubt(rows: ReturnType<typeof decodeRows>, ready: Ready, { received }: Truth, kills: number): Generator<string> {
  // While a provider is down, every request there is disturbed.
  const disturbed = new Set([...ready.disturbed, ...received.flatMap(({ fault, paymentId }) => fault === null ? [] : [paymentId])])
  const undisturbed = rows.filter(({ outcome, paymentId }) => outcome === "Unknown" && !disturbed.has(paymentId))
  for (const { paymentId, provider } of undisturbed) {
    if (provider !== "Square") yield `${paymentId} at ${provider} stayed in doubt`
  }
  if (undisturbed.length > kills * concurrency) yield `${undisturbed.length} stayed in doubt after ${kills} kills`
}

const concurrency = 16

/** How a file that is done with ends: see the command's page. */
const isSettled = (code: number | null): boolean => code === 0 || code === 3

/** So many runs that nobody killed: what they leave open is for a person. */
const mostToTheirEnd = 3

/** Cancels everything by the command, which is killed so many times at random moments. */
export const attempt = (trial: Trial, ready: Ready, kills: number, folder: string): Effect.Effect<Outcome> =>
  Effect.gen(function*() {
    const lines = ["provider,paymentId,reason", ...ready.requests.map(({ paymentId, provider }) => `${provider},${paymentId},duplicate`)]
    Fs.writeFileSync(Path.join(folder, "payments.csv"), lines.map((line) => `${line}\n`).join(""))
    const limits = ["Adyen", "Square", "Stripe", "WePay"].flatMap((name) => ["--limit", `${name}=concurrency:${concurrency},rate:${trial.rate}/s`])
    const began = yield* Clock.currentTimeMillis
    let [killed, runs] = [0, 0]
    let code: number | null = null
    while (!isSettled(code) && code !== 1 && code !== 2 && runs < killed + mostToTheirEnd) {
      runs += 1
      const child = spawn(process.execPath, ["--import", tsx, main, "cancel-many", "payments.csv", "--out", "results.csv", ...limits], {
        cwd: folder,
        env: environment(ready),
        stdio: ["ignore", "ignore", "inherit"]
      })
      const ended = Effect.promise(() => once(child, "close"))
      if (killed < kills) {
        // Its start alone takes a second or two: some are killed by then.
        yield* Effect.race(ended, Effect.sleep(Duration.seconds(yield* Random.nextRange(1, 1 + trial.cancels / 1600))))
        if (child.exitCode === null && child.kill("SIGKILL")) killed += 1
      }
      if (child.exitCode === null && child.signalCode === null) yield* ended
      code = child.exitCode
    }
    const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
    if (code === 1 || code === 2) return yield* Effect.dieMessage(`the command ended with ${code}`)
    const rows = decodeRows(parse(Fs.readFileSync(Path.join(folder, "results.csv"), "utf8"), { columns: true }))
    const truth = yield* truthAt(ready.url)
    const most = mostInASecond(truth)
    const results: Record<string, number> = {}
    for (const { outcome, provider } of rows) {
      const what = outcome === "Unknown" ? `Unknown at ${provider}` : outcome
      results[what] = (results[what] ?? 0) + 1
    }
    return {
      kills: killed,
      runs,
      seconds,
      code,
      results,
      received: truth.received.length,
      most,
      all: [...untrue(ready, rows, truth), ...overTheRate(trial, most), ...leftInDoubt(rows, ready, truth, killed)]
    }
  }).pipe(Effect.withRandom(Random.make(trial.seed)))
