/**
 * One trial: payments are cancelled durably at a sandbox that misbehaves, the processes that work on them are killed,
 * and others go on. Then what is said of each payment is compared with what the sandbox says.
 */
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import type { Order } from "./checkout.js"
import * as Shop from "./shop.js"

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

/** Each way in which a checkout can end, at each of the providers: in an order in which a few neighbours are different. */
const endings: ReadonlyArray<readonly [Order["ending"], Order["payWith"]]> = [
  ["AnswerLost", "Square"],
  ["NotShipped", "Adyen"],
  ["Ships", "Square"],
  ["Withdrawn", "Adyen"],
  ["Fickle", "Square"],
  ["AnswerLost", "Adyen"],
  ["NotShipped", "Square"],
  ["Ships", "Adyen"],
  ["Withdrawn", "Square"],
  ["Fickle", "Adyen"],
  // At Adyen nobody ever says what became of a reference that no payment has.
  ["NeverCreated", "Square"],
  ["Dies", "Adyen"],
  ["NoStock", "Square"],
  ["Dies", "Square"],
  ["NoStock", "Adyen"]
]

/** Checkouts, for the trial with this number: those of the next one begin where these end. */
export const place = (count: number, trial: number, next: () => number) =>
  Effect.gen(function*() {
    const shop = yield* Shop.Shop
    return Array.from({ length: count }, (_, nth): Order => {
      const [ending, payWith] = endings[(trial * count + nth) % endings.length]!
      const order = { orderId: `order-${trial}-${nth}-of-the-shop`, payWith, ending }
      const fault = faults[Math.floor(next() * faults.length)] ?? null
      shop.place({ ...order, late: next() < 0.5 ? 0 : 300, fault: fault === null ? null : [fault, 1 + Math.floor(next() * 3)] })
      return order
    })
  })

/** What a trial is against. */
export const servers = Layer.provideMerge(Shop.layer, SandboxServer.layer())

/** The environment of a runner. */
const environment = Effect.gen(function*() {
  const { baseUrl, url } = yield* SandboxServer.SandboxServer
  const shop = yield* Shop.Shop
  return {
    ...process.env,
    SANDBOX_URL: url,
    SHOP_URL: shop.url,
    STRIPE_API_KEY: Sandbox.credentials.Stripe.apiKey,
    STRIPE_BASE_URL: baseUrl("Stripe"),
    ADYEN_API_KEY: Sandbox.credentials.Adyen.apiKey,
    ADYEN_MERCHANT_ACCOUNT: Sandbox.credentials.Adyen.merchantAccount,
    ADYEN_BASE_URL: baseUrl("Adyen"),
    ADYEN_HMAC_KEY: Sandbox.webhookSecret("Adyen"),
    WEPAY_APP_ID: Sandbox.credentials.WePay.appId,
    WEPAY_APP_TOKEN: Sandbox.credentials.WePay.appToken,
    WEPAY_BASE_URL: baseUrl("WePay"),
    SQUARE_ACCESS_TOKEN: Sandbox.credentials.Square.accessToken,
    SQUARE_BASE_URL: baseUrl("Square")
  }
})

/** What a runner is to do. */
export interface Work {
  readonly tasks: ReadonlyArray<Task>
  readonly orders: ReadonlyArray<Order>
}

/** What came of a runner. */
export interface Ran {
  /** When it ended, in milliseconds since the epoch. */
  readonly at: number
  readonly signal: string | null
  readonly code: number | null
  readonly output: string
}

/** What does not end in this time, in milliseconds, never does: it is told to stop, and judged as what it is. */
const patience = 120_000

/** Starts a runner. It is killed after so many milliseconds, or at its so manieth piece of work (of a name), or never. */
export const run = (
  runner: string,
  job: Work & { readonly storage: Storage; readonly kill: { readonly at: number; readonly of?: string } | null; readonly sweep?: boolean },
  killAfter?: number
) =>
  Effect.flatMap(environment, (env) =>
    Effect.async<Ran>((resume) => {
      const child = ChildProcess.spawn(process.execPath, [runner, JSON.stringify({ sweep: false, ...job })], { env, stdio: ["ignore", "pipe", "pipe"] })
      let output = ""
      child.stdout.on("data", (text: Buffer) => output += text.toString())
      child.stderr.on("data", (text: Buffer) => output += text.toString())
      const timer = setTimeout(() => child.kill(killAfter === undefined ? "SIGTERM" : "SIGKILL"), killAfter ?? patience)
      child.on("close", (code, signal) => {
        clearTimeout(timer)
        resume(Effect.succeed({ at: Date.now(), code, signal, output }))
      })
      return Effect.sync(() => child.kill("SIGKILL"))
    }))

const Line = Schema.parseJson(Schema.Union(
  Schema.Struct({
    results: Schema.Array(Schema.Struct({ provider: Schema.String, paymentId: Schema.String, result: Schema.String })),
    checkouts: Schema.Array(Schema.Struct({ orderId: Schema.String, result: Schema.String, cancels: Schema.Array(Schema.String) })),
    at: Schema.Number
  }),
  Schema.Struct({ left: Schema.Array(Schema.String) })
))

/** When a runner knew how everything had ended; none if it never did. */
export const knewAt = (ran: Ran): number | undefined => {
  const line = linesOf(ran).find((line) => "results" in line)
  return line !== undefined && "at" in line ? line.at : undefined
}

const linesOf = ({ output }: Ran) => output.split("\n").flatMap((line) => Option.toArray(Schema.decodeUnknownOption(Line)(line)))

const cancelled: ReadonlySet<string> = new Set(["Cancelled", "AlreadyCancelled"])

/** The status with which each provider calls a payment cancelled. */
const cancelledStatus: { readonly [provider: string]: string } = { Stripe: "canceled", Adyen: "cancelled", WePay: "canceled", Square: "CANCELED" }

/** What a checkout may end with. */
const results: { readonly [ending in Order["ending"]]: ReadonlyArray<string> } = {
  Ships: ["Shipped"],
  NoStock: ["OutOfStock"],
  AnswerLost: ["NoAnswer"],
  NeverCreated: ["NoAnswer"],
  NotShipped: ["NotShipped"],
  Dies: ["Died"],
  Withdrawn: ["Interrupted"],
  // If it died before anybody knew of its failure, it may succeed when it is run again.
  Fickle: ["NotShipped", "Shipped"]
}

/** The cancel requests of the server's that name one of these, as one text for each logical cancel. */
const logicalCancels = (requests: ReadonlyArray<Sandbox.ReceivedRequest<string>>, names: ReadonlyArray<string>) => {
  const sent = requests.filter(({ body, operation, path }) => operation === "Cancel" && names.some((name) => `${path}${body}`.includes(name)))
  return new Set(sent.map(({ body, headers, path }) => `${path} ${headers["idempotency-key"]} ${body}`))
}

/** How the cancel of a checkout ended: `Settled Cancelled by PaymentId`. */
const settledAs = (cancel: string, ...results: ReadonlyArray<string>) => results.some((result) => cancel.startsWith(`Settled ${result} by `))

/** Whether a person was told of a checkout's cancel. */
const isHandedOver = (cancel: string) => cancel.startsWith("HandedOver ")

const judgeCheckout = ({ ending, orderId, payWith }: Order, said: { readonly result: string; readonly cancels: ReadonlyArray<string> } | undefined) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const { paymentId, released, reserved } = (yield* Shop.Shop).account(orderId)
    if (said === undefined) return [`checkout ${orderId}: nothing is said of it`]
    const { cancels, result } = said
    const payment = paymentId === null ? null : Option.getOrThrow(yield* sandbox.payment(payWith, paymentId))
    const isCancelled = payment?.status === cancelledStatus[payWith]
    const logical = logicalCancels(yield* sandbox.requests, paymentId === null ? [orderId] : [orderId, paymentId])
    const problems = []
    if (!results[ending].includes(result)) problems.push(`ended as ${result}`)
    if (logical.size > 1) problems.push(`was cancelled ${logical.size} times: ${[...logical].join(" | ")}`)
    if (reserved && released !== (result !== "Shipped")) problems.push(`ended as ${result}, and its stock is ${released ? "released" : "reserved"}`)
    if (result === "Shipped" || ending === "NoStock") {
      if (isCancelled || logical.size > 0 || cancels.length > 0) problems.push(`ended as ${result}, and its payment is ${payment?.status}: ${cancels.join(", ")}`)
    } else {
      const [cancel = "none"] = cancels
      const isDoubtful = payWith === "Square" && isHandedOver(cancel)
      if (cancels.length !== 1) problems.push(`has ${cancels.length} cancels: ${cancels.join(", ")}`)
      else if (!isDoubtful && !settledAs(cancel, ...cancelled, "CancellationAcknowledged")) problems.push(`has a cancel that ended as ${cancel}`)
      if (payment !== null && !isCancelled && !isDoubtful) problems.push(`failed, and its payment is still ${payment.status}`)
    }
    return problems.map((problem) => `${payWith} checkout ${orderId}, which ${ending}, ${problem}`)
  })

/** How many payments were handed to a person, as far as this runner says. */
export const handedOver = (ran: Ran): number => {
  const line = linesOf(ran).find((line) => "results" in line)
  return line !== undefined && "results" in line ? line.checkouts.flatMap(({ cancels }) => cancels).filter(isHandedOver).length : 0
}

/** What is wrong with how it ended; nothing, if all is well. */
export const judge = ({ orders, tasks }: Work, ran: Ran) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const line = linesOf(ran).find((line) => "results" in line)
    if (line === undefined || !("results" in line)) return [`it did not end: ${ran.signal ?? ran.code} ${ran.output.slice(0, 2000)}`]
    const requests = yield* sandbox.requests
    const ofCheckouts = yield* Effect.forEach(orders, (order) => judgeCheckout(order, line.checkouts.find(({ orderId }) => orderId === order.orderId)))
    const ofTasks = yield* Effect.forEach(tasks, ({ paymentId, provider }) =>
      Effect.gen(function*() {
        const payment = Option.getOrThrow(yield* sandbox.payment(provider, paymentId))
        const said = line.results.find((result) => result.paymentId === paymentId)?.result ?? "nothing"
        const logical = logicalCancels(requests, [paymentId])
        const problems = []
        if (cancelled.has(said) !== (payment.status === cancelledStatus[provider])) problems.push(`said ${said}, and the payment is ${payment.status}`)
        if (said.includes("Unsettled")) problems.push(`was not settled: ${said}`)
        if (logical.size > 1) problems.push(`was cancelled ${logical.size} times: ${[...logical].join(" | ")}`)
        return problems.map((problem) => `${provider} ${paymentId} ${problem}`)
      }))
    return [...ofTasks, ...ofCheckouts].flat()
  })

/** What is left in the database after all that has ended was removed. */
export const sweep = (runner: string, storage: Storage) =>
  Effect.map(run(runner, { storage, tasks: [], orders: [], kill: null, sweep: true }), (ran) => {
    const line = linesOf(ran).find((line) => "left" in line)
    if (line === undefined || !("left" in line)) return [`it was not swept: ${ran.output.slice(0, 2000)}`]
    return line.left.length === 0 ? [] : [`rows are left in the database: ${line.left.join(", ")}`]
  })
