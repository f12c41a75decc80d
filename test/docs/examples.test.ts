import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { collect, compile, type Compiled, type Options, patience, root, run as runProgram, start } from "./program.js"

/** Programs that need nothing but themselves, and what each of them prints. */
const programs: { readonly [path: string]: ReadonlyArray<string | RegExp> } = {
  "add-a-provider.ts": [
    "Cancelled",
    "Acme.TooLate, outcome NotCancelled",
    "Cancel: MaybeApplied, HTTP 500 with code oops",
    "Cancelled, evidence StatusQuery"
  ],
  "deadline.ts": [
    "deadline:  CancelError.NoResponse for 00000000-0000-0000-0000-000000000001",
    "event:     Interrupted while Cancel was in flight, outcome Unknown",
    "timeout:   TimeoutException, and nothing about the payment",
    "interrupt: no result at all",
    "retrying:  the error counts 1 attempt, the provider received 3"
  ],
  "handle-errors.ts": [
    "by tag:         not cancellable: its status is completed",
    "by category:    not cancellable: WePay.PaymentCannotBeCanceled",
    "own errors:     TooLate",
    "by status:      check the credentials: NEW_CODE",
    "exhaustive:     refund what was taken",
    "unlisted code:  look up SANDBOX_CODE_NOBODY_HAS_LISTED",
    "lost requests:  settle later: CancelError.NoResponse",
    "until known:    Cancelled",
    "until answered: Cancelled when asked to",
    "every category: refund what was taken: completed",
    "widened:        refund what was taken: completed",
    "journalled:     Cancelled",
    "of any other:   NotCancellable"
  ],
  "layers.ts": [
    "fetch           Cancelled",
    "undici          Cancelled",
    "its transport   Cancelled",
    "own client      Cancelled",
    "sandbox         Cancelled",
    "time            2026-01-31T12:00:00.000Z",
    "config          Cancelled",
    "config renamed  Cancelled",
    /config missing .*WEPAY_APP_ID.*WEPAY_APP_TOKEN/,
    "Status: StatusRead",
    "keys            Unique-Key: order-1042-cancel",
    "policy          CancelError.NoResponse, outcome Unknown, in time"
  ],
  "settle-later.ts": [
    "shop:   payment-1 CancelError.NoResponse, outcome Unknown",
    "shop:   payment-2 CancelError.NoResponse, outcome Unknown",
    "worker: payment-1 is still open",
    "worker: payment-2 is still open",
    "worker: payment-1 is settled: Cancelled",
    "worker: payment-2 is settled: Closed"
  ],
  "swap-provider.ts": [
    "Canceller over WePay: Cancelled",
    "Canceller over WePay: refund what was taken",
    "Canceller over WalletConnectPay: Cancelled",
    "Router: refund what was taken",
    "Row of a table: AlreadyCancelled"
  ]
}

let compiled: Compiled

const command = "src/command/main.ts"

const run = (path: string, options?: Options) => runProgram(compiled.module(`docs/examples/${path}`), options)

const assertPrints = (output: string, expected: ReadonlyArray<string | RegExp>) => {
  for (const text of expected) {
    if (typeof text === "string") assert.include(output, text)
    else assert.match(output, text)
  }
}

/** `npm run sandbox` on any free port. */
const startSandbox = () =>
  new Promise<{ readonly url: string; readonly stop: () => Promise<unknown> }>((resolve, reject) => {
    const child = start(compiled.module(command), { args: ["sandbox"], env: { PORT: "0" } })
    child.once("exit", () => reject(new Error(`The sandbox ended: ${output()}`)))
    const output = collect(child, (text) => {
      const url = /listens on (http:\S+\d)/.exec(text)?.[1]
      if (url === undefined) return
      const ended = once(child, "close")
      resolve({
        url,
        stop: () => {
          child.kill()
          return ended
        }
      })
    })
  })

const createPayment = (url: string, payment: { readonly provider: string; readonly status?: string }) =>
  Effect.promise(async (): Promise<string> => {
    const response = await fetch(`${url}/sandbox/payments`, { method: "POST", body: JSON.stringify(payment) })
    return (await response.json() as { readonly paymentId: string }).paymentId
  })

const credentials = {
  APP_ID: "sandbox-wepay-app-id",
  APP_TOKEN: "sandbox-wepay-app-token-not-a-secret"
}

describe("the examples", () => {
  let url = ""

  beforeAll(async () => {
    const examples = [...Object.keys(programs), "first-program.ts", "existing-app.ts"]
    compiled = compile([command, ...examples.map((path) => `docs/examples/${path}`)])
    const sandbox = await startSandbox()
    url = sandbox.url
    return async () => {
      await sandbox.stop()
      compiled.remove()
    }
  }, patience)

  for (const [path, expected] of Object.entries(programs)) {
    it.effect(`${path} runs`, () =>
      Effect.gen(function*() {
        const { code, output } = yield* run(path)
        assert.strictEqual(code, 0, output)
        assertPrints(output, expected)
      }), patience)
  }

  it.effect("first-program.ts cancels over real HTTP what the environment names", () =>
    Effect.gen(function*() {
      const environment = (paymentId: string) => ({
        WEPAY_APP_ID: credentials.APP_ID,
        WEPAY_APP_TOKEN: credentials.APP_TOKEN,
        WEPAY_BASE_URL: `${url}/wepay`,
        PAYMENT_ID: paymentId
      })
      const open = yield* createPayment(url, { provider: "WePay" })
      const cancelled = yield* run("first-program.ts", { env: environment(open) })
      assert.strictEqual(cancelled.output.trim(), "Cancelled, evidence Response")
      assert.strictEqual(cancelled.code, 0)
      const again = yield* run("first-program.ts", { env: environment(open) })
      assert.strictEqual(again.output.trim(), "AlreadyCancelled, evidence StatusQuery")

      const captured = yield* createPayment(url, { provider: "WePay", status: "completed" })
      const refused = yield* run("first-program.ts", { env: environment(captured) })
      assert.include(refused.output, "Not cancelled. WePay: the payment is in a state in which it cannot be cancelled")
      assert.strictEqual(refused.code, 0)
    }), patience)

  it.effect("first-program.ts names every variable that is missing", () =>
    Effect.gen(function*() {
      const { code, output } = yield* run("first-program.ts")
      assert.notStrictEqual(code, 0)
      assertPrints(output, ["WEPAY_APP_ID", "WEPAY_APP_TOKEN"])
    }), patience)

  it.effect("existing-app.ts uses the app's own settings, client and logger", () =>
    Effect.gen(function*() {
      const open = yield* createPayment(url, { provider: "WePay" })
      const captured = yield* createPayment(url, { provider: "WePay", status: "completed" })
      const { code, output } = yield* run("existing-app.ts", {
        args: [open, captured],
        env: {
          SHOP__WEPAY_APP_ID: credentials.APP_ID,
          SHOP__WEPAY_APP_TOKEN: credentials.APP_TOKEN,
          SHOP__WEPAY_BASE_URL: `${url}/wepay`
        }
      })
      assert.strictEqual(code, 0, output)
      const lines = output.trim().split("\n").map((line) => JSON.parse(line) as { readonly message: unknown })
      assert.deepStrictEqual(lines.map(({ message }) => message), [
        ["cancelled", { result: "Cancelled", evidence: "Response" }],
        ["not cancelled", { tag: "WePay.PaymentCannotBeCanceled", outcome: "NotCancelled" }]
      ])
      const requests = yield* Effect.promise(async () =>
        await (await fetch(`${url}/sandbox/requests`)).json() as ReadonlyArray<{ readonly paymentId: string | null; readonly headers: Record<string, string> }>)
      const own = requests.filter(({ paymentId }) => paymentId === open || paymentId === captured)
      assert.isAtLeast(own.length, 2)
      for (const { headers } of own) assert.strictEqual(headers["user-agent"], "shop/7.1")
    }), patience)

  it("are all run by a test", () => {
    // One example is a test itself, of the one beside it.
    const tests = readdirSync(`${root}test/docs`).filter((path) => path.endsWith(".ts"))
      .map((path) => readFileSync(`${root}test/docs/${path}`, "utf8")).join("\n")
    const examples = readdirSync(`${root}docs/examples`).filter((path) => path.endsWith(".ts"))
    const without = examples.filter((path) => {
      const name = path.replace(/(\.test)?\.ts$/, "")
      return !tests.includes(`${name}.ts`) && !tests.includes(`examples/${name}.`)
    })
    assert.deepStrictEqual(without, [])
  })
})
