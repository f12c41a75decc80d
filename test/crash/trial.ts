/**
 * One trial: payments are cancelled durably at a sandbox that misbehaves, the processes that work on them are killed,
 * and others go on. Then what is said of each payment is compared with what the sandbox says.
 */
import { Sandbox, Fault } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"

/** Where the journal is. */
export type Storage =
  | { readonly _tag: "Sqlite"; readonly filename: string }
  | { readonly _tag: "Postgres"; readonly url: string; readonly port: number; readonly expiration: number }

export const providers = ["Stripe", "Adyen", "WePay"] as const

/** A payment to cancel. */
export interface Task {
  readonly provider: typeof providers[number]
  readonly paymentId: string
}

/** A small generator of numbers (mulberry32): a trial can be run again. */
export const random = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Every one of them is settled by a resend or by the status, under the licences of these providers. */
const faults: ReadonlyArray<Fault.Fault | null> = [
  null,
  null,
  Fault.dropAfterApplying,
  Fault.dropBeforeApplying,
  Fault.stallHeaders({ applied: true }),
  Fault.late("600 millis"),
  Fault.rateLimited({ retryAfter: 1 })
]

/** Payments in a sandbox that loses answers, is late, or asks to wait; a few are captured, and cannot be cancelled any more. */
export const prepare = (count: number, next: () => number) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    return yield* Effect.forEach(Array.from({ length: count }), (_, nth) =>
      Effect.gen(function*() {
        const provider = providers[nth % providers.length]!
        const paymentId = yield* sandbox.create(provider)
        if (provider === "Stripe" && next() < 0.15) yield* sandbox.move("Stripe", paymentId, "succeeded", { force: true })
        const fault = faults[Math.floor(next() * faults.length)] ?? null
        if (fault !== null) yield* sandbox.inject(fault, { provider, paymentId, operation: "Cancel", times: 1 + Math.floor(next() * 3) })
        return { provider, paymentId }
      }))
  })

/** The environment of a runner. */
const environment = Effect.gen(function*() {
  const { baseUrl, url } = yield* SandboxServer.SandboxServer
  return {
    ...process.env,
    SANDBOX_URL: url,
    STRIPE_API_KEY: Sandbox.credentials.Stripe.apiKey,
    STRIPE_BASE_URL: baseUrl("Stripe"),
    ADYEN_API_KEY: Sandbox.credentials.Adyen.apiKey,
    ADYEN_MERCHANT_ACCOUNT: Sandbox.credentials.Adyen.merchantAccount,
    ADYEN_BASE_URL: baseUrl("Adyen"),
    ADYEN_HMAC_KEY: Sandbox.webhookSecret("Adyen"),
    WEPAY_APP_ID: Sandbox.credentials.WePay.appId,
    WEPAY_APP_TOKEN: Sandbox.credentials.WePay.appToken,
    WEPAY_BASE_URL: baseUrl("WePay")
  }
})

/** What came of a runner. */
export interface Ran {
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number
  readonly signal: string | null
  readonly code: number | null
  readonly output: string
}

/** Starts a runner. It is killed after so many milliseconds, or at its so manieth piece of work, or never. */
export const run = (
  runner: string,
  job: { readonly storage: Storage; readonly tasks: ReadonlyArray<Task>; readonly killAt: number | null; readonly sweep?: boolean },
  killAfter?: number
) =>
  Effect.flatMap(environment, (env) =>
    Effect.async<Ran>((resume) => {
      const child = ChildProcess.spawn(process.execPath, [runner, JSON.stringify({ sweep: false, ...job })], { env, stdio: ["ignore", "pipe", "pipe"] })
      let output = ""
      child.stdout.on("data", (text: Buffer) => output += text.toString())
      child.stderr.on("data", (text: Buffer) => output += text.toString())
      const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter)
      child.on("close", (code, signal) => {
        clearTimeout(timer)
        resume(Effect.succeed({ at: Date.now(), code, signal, output }))
      })
      return Effect.sync(() => child.kill("SIGKILL"))
    }))

const Line = Schema.parseJson(Schema.Union(
  Schema.Struct({ results: Schema.Array(Schema.Struct({ provider: Schema.String, paymentId: Schema.String, result: Schema.String })), at: Schema.Number }),
  Schema.Struct({ left: Schema.Int })
))

/** When a runner knew how everything had ended; none if it never did. */
export const knewAt = (ran: Ran): number | undefined => {
  const line = linesOf(ran).find((line) => "results" in line)
  return line !== undefined && "at" in line ? line.at : undefined
}

const linesOf = ({ output }: Ran) => output.split("\n").flatMap((line) => Option.toArray(Schema.decodeUnknownOption(Line)(line)))

const cancelled: ReadonlySet<string> = new Set(["Cancelled", "AlreadyCancelled"])

/** The status with which each provider calls a payment cancelled. */
const cancelledStatus: { readonly [provider: string]: string } = { Stripe: "canceled", Adyen: "cancelled", WePay: "canceled" }

/** What is wrong with how it ended; nothing, if all is well. */
export const judge = (tasks: ReadonlyArray<Task>, ran: Ran) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const line = linesOf(ran).find((line) => "results" in line)
    if (line === undefined || !("results" in line)) return [`it did not end: ${ran.signal ?? ran.code} ${ran.output.slice(0, 2000)}`]
    const requests = yield* sandbox.requests
    return (yield* Effect.forEach(tasks, ({ paymentId, provider }) =>
      Effect.gen(function*() {
        const payment = Option.getOrThrow(yield* sandbox.payment(provider, paymentId))
        const said = line.results.find((result) => result.paymentId === paymentId)?.result ?? "nothing"
        const sent = requests.filter((request) => request.operation === "Cancel" && `${request.path}${request.body}`.includes(paymentId))
        const logical = new Set(sent.map(({ body, headers }) => `${headers["idempotency-key"]} ${body}`))
        const problems = []
        if (cancelled.has(said) !== (payment.status === cancelledStatus[provider])) problems.push(`said ${said}, and the payment is ${payment.status}`)
        if (said.includes("Unsettled")) problems.push(`was not settled: ${said}`)
        if (logical.size > 1) problems.push(`was cancelled ${logical.size} times: ${[...logical].join(" | ")}`)
        return problems.map((problem) => `${provider} ${paymentId} ${problem}`)
      }))).flat()
  })

/** What is left in the database after all that has ended was removed. */
export const sweep = (runner: string, storage: Storage) =>
  Effect.map(run(runner, { storage, tasks: [], killAt: null, sweep: true }), (ran) => {
    const line = linesOf(ran).find((line) => "left" in line)
    if (line === undefined || !("left" in line)) return [`it was not swept: ${ran.output.slice(0, 2000)}`]
    return line.left === 0 ? [] : [`${line.left} rows are left in the database`]
  })
