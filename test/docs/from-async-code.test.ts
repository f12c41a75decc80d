import { afterAll, afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import * as Shared from "../../docs/examples/from-async-code.js"
import * as Route from "../../docs/examples/from-async-code-route.js"
import { Cause, Effect, Layer, ManagedRuntime, Option, Runtime } from "effect"
import { WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { inspect } from "node:util"
import { collect, root, run, start as startProgram } from "./program.js"

type Module = typeof Shared

/** Real time passes here, for `fetch` knows no other. */
const patience = 30_000

const server = ManagedRuntime.make(SandboxServer.layer())
const inSandbox = <A>(use: (sandbox: Sandbox.Service) => Effect.Effect<A>) =>
  server.runPromise(Effect.flatMap(Sandbox.Sandbox, use))

const create = (options?: Sandbox.CreateOptions<"WePay">) => inSandbox((sandbox) => sandbox.create("WePay", options))

const statusOf = (paymentId: string) =>
  inSandbox((sandbox) => Effect.map(sandbox.payment("WePay", paymentId), (payment) => Option.getOrThrow(payment).status))

const reason = "the order was placed twice"

let example: Module
let programs = 0

/** A program of its own, whose runtime is made anew: no module is loaded a second time under the same address. */
const start = async (): Promise<Module> => {
  const address = `../../docs/examples/from-async-code.ts?${programs++}`
  return await import(address) as Module
}

beforeEach(async () => {
  const { baseUrl } = await server.runPromise(SandboxServer.SandboxServer)
  vi.stubEnv("WEPAY_APP_ID", Sandbox.credentials.WePay.appId)
  vi.stubEnv("WEPAY_APP_TOKEN", Sandbox.credentials.WePay.appToken)
  vi.stubEnv("WEPAY_BASE_URL", baseUrl("WePay"))
  example = await start()
})

afterEach(async () => {
  await example.close()
  await inSandbox((sandbox) => sandbox.reset)
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

afterAll(async () => {
  await Shared.close()
  await server.dispose()
})

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => assert.fail("fulfilled"), (error: unknown) => error)

describe("settlePayment", () => {
  it("says of a second call that was refused nothing about the first one, which had cancelled", async () => {
    const paymentId = await create()
    // Applied, and never answered.
    await inSandbox(({ inject }) => inject(Fault.dropAfterApplying, { provider: "WePay", operation: "Cancel", forever: true }))
    await inSandbox(({ inject }) => inject(Fault.statusQueryDown, { provider: "WePay", operation: "Status", times: 100 }))
    const first = await example.cancelPayment({ paymentId, reason })
    assert(!first.ok && first.error.outcome === "Unknown")
    await inSandbox(({ clearFaults }) => clearFaults)
    const request = { paymentId, reason, idempotencyKey: first.error.idempotencyKey }
    vi.stubEnv("WEPAY_APP_TOKEN", "revoked")
    const elsewhere = await start()
    const stored = [JSON.stringify(first.error)]
    const second = await elsewhere.settlePayment(request, stored)
    assert(!second.ok && second.error.outcome === "Unknown")
    await elsewhere.close()
    const settled = await example.settlePayment(request, [...stored, JSON.stringify(second.error), "Crash"])
    assert(settled.ok)
    assert.strictEqual(settled.cancellation._tag, "Cancelled")
  }, patience)
})

describe("cancelPayment", () => {
  it("is fulfilled with a cancellation", async () => {
    const paymentId = await create()
    const result = await example.cancelPayment({ paymentId, reason })
    assert(result.ok)
    assert.strictEqual(result.cancellation._tag, "Cancelled")
    assert.strictEqual(await statusOf(paymentId), "canceled")
  })

  it("is fulfilled with the typed error too, which the compiler knows", async () => {
    const result = await example.cancelPayment({ paymentId: await create({ status: "completed" }), reason })
    assert(!result.ok)
    // Narrowed by its tag, without a cast.
    if (result.error._tag !== "WePay.PaymentCannotBeCanceled") return assert.fail(result.error._tag)
    assert.strictEqual<"NotCancelled">(result.error.outcome, "NotCancelled")
    assert.deepStrictEqual(result.error.paymentStatus, Option.some("completed"))
  }, patience)

  it("is rejected where settings are missing, and names them", async () => {
    vi.stubEnv("WEPAY_APP_ID", "")
    const rejection = await rejectionOf(example.cancelPayment({ paymentId: "p-1", reason }))
    assert.include(String(rejection), "WEPAY_APP_ID")
  })

  it("is cut short by a signal: the promise is rejected, and what is unknown goes to the handler", async () => {
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.stallHeaders({ applied: true })))
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined)
    const controller = new AbortController()
    const cancelling = rejectionOf(example.cancelPayment({ paymentId, reason, idempotencyKey: "key-1" }, { signal: controller.signal }))
    await vi.waitUntil(async () => await statusOf(paymentId) === "canceled")
    controller.abort()
    const rejection = await cancelling
    assert(Runtime.isFiberFailure(rejection))
    assert.isTrue(Cause.isInterruptedOnly(rejection[Runtime.FiberFailureCauseId]))
    assert.deepStrictEqual(told.mock.calls.map(([said, key]) => [said, key]), [["unsettled", "key-1"]])
    const settled = await example.settlePayment({ paymentId, reason, idempotencyKey: "key-1" }, told.mock.calls.map(([, , stored]) => String(stored)))
    assert(settled.ok)
    assert.strictEqual(settled.cancellation._tag, "Cancelled")
  })

  it("sends nothing where the signal was aborted before", async () => {
    const paymentId = await create()
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined)
    await rejectionOf(example.cancelPayment({ paymentId, reason }, { signal: AbortSignal.abort() }))
    assert.strictEqual(await statusOf(paymentId), "pending")
    assert.deepStrictEqual(told.mock.calls, [])
  })
})

describe("cancelToTheExit", () => {
  it("tells a success, an error, and an abort apart, and is never rejected", async () => {
    const paymentId = await create()
    assert.strictEqual(await example.cancelToTheExit({ paymentId, reason }), "Cancelled")
    assert.strictEqual(await example.cancelToTheExit({ paymentId: "..", reason }), "CancelError.InvalidCancelRequest")
    assert.strictEqual(await example.cancelToTheExit({ paymentId, reason }, { signal: AbortSignal.abort() }), "aborted")
  })

  it("and settings that are missing", async () => {
    vi.stubEnv("WEPAY_APP_TOKEN", "")
    assert.strictEqual(await example.cancelToTheExit({ paymentId: "p-1", reason }), "ConfigError")
  })
})

describe("ready", () => {
  it("is fulfilled where the settings are there, and builds what calls then use", async () => {
    await example.ready()
    vi.stubEnv("WEPAY_APP_ID", "")
    assert.isTrue((await example.cancelPayment({ paymentId: await create(), reason })).ok)
  })

  it("is rejected where settings are missing, with an error that names them, and so is every call after that", async () => {
    vi.stubEnv("WEPAY_APP_ID", "")
    vi.stubEnv("WEPAY_APP_TOKEN", "")
    for (const call of [example.ready, example.ready, () => example.cancelPayment({ paymentId: "p-1", reason })]) {
      const rejection = await rejectionOf(call())
      assert.propertyVal(example.failureOf(rejection), "_op", "And")
      assert.match(String(rejection), /WEPAY_APP_ID[^]*WEPAY_APP_TOKEN/)
    }
  })

  it("ends the server before it listens", async () => {
    const { code, output } = await Effect.runPromise(run("docs/examples/from-async-code-server.ts", { bundled: true, env: { PORT: "0", WEPAY_APP_ID: "a" } }))
    assert.strictEqual(code, 1, output)
    assert.include(output, "WEPAY_APP_TOKEN")
    assert.notInclude(output, "listens on")
  }, patience)
})

describe("stop", () => {
  const never = new Promise(() => undefined)
  const told = () => vi.spyOn(console, "error").mockImplementation(() => undefined)

  /** A cancel that hangs, although the provider has carried it out. */
  const hanging = async (idempotencyKey: string) => {
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.stallHeaders({ applied: true }), { paymentId, forever: true }))
    const cancelling = rejectionOf(example.cancelUntilStop({ paymentId, reason, idempotencyKey }))
    await vi.waitUntil(async () => await statusOf(paymentId) === "canceled")
    return { paymentId, cancelling }
  }

  it("has the key of every cancel in doubt written down when it is fulfilled", async () => {
    const lines = told()
    const all = [await hanging("key-1"), await hanging("key-2")]
    const began = Date.now()
    await example.stop(never, 300)
    assert.isAtLeast(Date.now() - began, 290)
    assert.isBelow(Date.now() - began, 3_000)
    assert.sameDeepMembers(
      lines.mock.calls.map(([said, key, stored]) => [said, key, JSON.parse(String(stored)).paymentId]),
      all.map(({ paymentId }, index) => ["unsettled", `key-${index + 1}`, paymentId])
    )
    for (const { cancelling } of all) assert.isTrue(Runtime.isFiberFailure(await cancelling))
  })

  it("waits for what ends in time, and no longer", async () => {
    const lines = told()
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.delay("300 millis")))
    const cancelling = example.cancelUntilStop({ paymentId, reason })
    const began = Date.now()
    await example.stop(cancelling, 20_000)
    assert.isBelow(Date.now() - began, 10_000)
    assert.isTrue((await cancelling).ok)
    assert.deepStrictEqual(lines.mock.calls, [])
  })

  it("waits for cancels whose clients are gone, too, though the server has nobody left to answer", async () => {
    const lines = told()
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.delay("300 millis")))
    const cancelling = example.cancelUntilStop({ paymentId, reason })
    await example.stop(Promise.resolve(), 20_000)
    assert.isTrue((await cancelling).ok)
    assert.deepStrictEqual(lines.mock.calls, [])
  })

  it("begins nothing after that", async () => {
    const lines = told()
    const paymentId = await create()
    await example.stop(Promise.resolve(), 20_000)
    assert.propertyVal(await rejectionOf(example.cancelUntilStop({ paymentId, reason })), "name", "AbortError")
    assert.strictEqual(await statusOf(paymentId), "pending")
    assert.deepStrictEqual(lines.mock.calls, [])
  })

  const startServer = (env: { readonly [name: string]: string }, baseUrl: string) =>
    startProgram("docs/examples/from-async-code-server.ts", {
      bundled: true,
      env: {
        PORT: "0",
        WEPAY_APP_ID: Sandbox.credentials.WePay.appId,
        WEPAY_APP_TOKEN: Sandbox.credentials.WePay.appToken,
        WEPAY_BASE_URL: baseUrl,
        ...env
      }
    })

  it("lets a server end with its last answer, though the client keeps its connection", async () => {
    const { baseUrl } = await server.runPromise(SandboxServer.SandboxServer)
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.delay("1 second"), { provider: "WePay", operation: "Cancel" }))
    const child = startServer({ STOP_AFTER_MS: "20000" }, baseUrl("WePay"))
    try {
      const output = collect(child)
      const ended = once(child, "close")
      const port = await vi.waitUntil(() => /port: (\d+)/.exec(output())?.[1], patience)
      const client = connect(Number(port), "127.0.0.1")
      client.write(`POST /payments/${paymentId}/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`)
      let answer = ""
      client.on("data", (bytes) => {
        answer += bytes
      })
      await vi.waitUntil(async () => (await inSandbox(({ requests }) => requests)).length === 1, patience)
      child.kill("SIGTERM")
      await vi.waitUntil(() => answer.includes("Cancelled"), patience)
      assert.match(answer, /^HTTP\/1\.1 200 [^]*\r\nConnection: keep-alive\r\n/)
      const answered = Date.now()
      assert.deepStrictEqual(await ended, [0, null])
      // Node keeps a connection for five seconds.
      assert.isBelow(Date.now() - answered, 4_000)
    } finally {
      child.kill("SIGKILL")
    }
  }, 2 * patience)

  it("lets a server that is told to stop end in time, with the key of the cancel that hung on its last lines", async () => {
    const { baseUrl } = await server.runPromise(SandboxServer.SandboxServer)
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.stallHeaders({ applied: true }), { forever: true }))
    const child = startServer({ STOP_AFTER_MS: "500" }, baseUrl("WePay"))
    try {
      const output = collect(child)
      const ended = once(child, "close")
      const port = await vi.waitUntil(() => /port: (\d+)/.exec(output())?.[1], patience)
      const url = `http://127.0.0.1:${port}/payments/${paymentId}/cancel`
      assert.strictEqual((await fetch(url)).status, 404)
      assert.strictEqual(await statusOf(paymentId), "pending")
      const answering = fetch(url, { method: "POST" }).then(({ status }) => status, () => 503)
      await vi.waitUntil(async () => await statusOf(paymentId) === "canceled", patience)
      const began = Date.now()
      child.kill("SIGTERM")
      assert.deepStrictEqual(await ended, [0, null])
      assert.isBelow(Date.now() - began, 5_000)
      assert.match(output(), new RegExp(`unsettled [\\w-]{36} \\{.*"paymentId":"${paymentId}".*\\}\\n$`))
      assert.strictEqual(await answering, 503)
    } finally {
      child.kill("SIGKILL")
    }
  }, 2 * patience)
})

describe("a rejection of runPromise", () => {
  it("is a FiberFailure: an Error of another class, with the typed error inside", async () => {
    const rejection = await rejectionOf(example.cancelOrReject({ paymentId: "..", reason }))
    assert.instanceOf(rejection, Error)
    assert.isFalse(rejection instanceof WePay.Unrecognized)
    assert.notProperty(rejection, "_tag")
    assert.propertyVal(rejection, "name", "(FiberFailure) CancelError.InvalidCancelRequest")
    assert.include(String(rejection), "paymentId must be 1 to 255 characters")
    const failure = example.failureOf(rejection)
    assert.propertyVal(failure, "_tag", "CancelError.InvalidCancelRequest")
    assert.propertyVal(failure, "outcome", "NotCancelled")
  })

  it("holds an instance of the provider's class, and no credential", async () => {
    const rejection = await rejectionOf(example.cancelOrReject({ paymentId: await create({ status: "completed" }), reason }))
    // The module was loaded anew, and its classes with it: known by tag, as across any boundary.
    assert.propertyVal(example.failureOf(rejection), "_tag", "WePay.PaymentCannotBeCanceled")
    assert.include(JSON.stringify(rejection), "\"code\":\"PAYMENT_CANNOT_BE_CANCELED\"")
    for (const shown of [inspect(rejection, { depth: 20, showHidden: true }), JSON.stringify(rejection), String(rejection)]) {
      assert.notInclude(shown, Sandbox.credentials.WePay.appToken)
    }
  }, patience)

  it("anything else is left as it is", () => {
    const other = new Error("not ours")
    assert.strictEqual(example.failureOf(other), other)
    assert.strictEqual(example.failureOf(undefined), undefined)
  })
})

describe("the runtime", () => {
  it("is one for all calls, and takes none after it is closed", async () => {
    const [first, second] = await Promise.all([create(), create()])
    const results = await Promise.all([first, second].map((paymentId) => example.cancelPayment({ paymentId, reason })))
    assert.deepStrictEqual(results.map(({ ok }) => ok), [true, true])
    await example.close()
    await rejectionOf(example.cancelPayment({ paymentId: first, reason }))
  })

  it("does not wait for what still runs when it is closed", async () => {
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.delay("500 millis")))
    const cancelling = example.cancelPayment({ paymentId, reason })
    await new Promise((resolve) => setTimeout(resolve, 100))
    let done = false
    void cancelling.then(() => done = true)
    await example.close()
    assert.isFalse(done)
    assert.isTrue((await cancelling).ok)
  })

  it("builds its layers once, and a runtime for each request builds them for each", async () => {
    let built = 0
    const counted = Layer.effectDiscard(Effect.sync(() => built++))
    const one = ManagedRuntime.make(counted)
    await Promise.all([one.runPromise(Effect.void), one.runPromise(Effect.void)])
    assert.strictEqual(built, 1)
    for (let request = 0; request < 3; request++) await ManagedRuntime.make(counted).runPromise(Effect.void)
    assert.strictEqual(built, 4)
  })
})

describe("the route", () => {
  const post = (body: unknown, signal?: AbortSignal) =>
    Route.POST(new Request("http://shop.test/cancel", {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal })
    }))

  it("does not know Effect", () => {
    const source = readFileSync(`${root}docs/examples/from-async-code-route.ts`, "utf8")
    assert.deepStrictEqual([...source.matchAll(/from "([^"]+)"/g)].map(([, from]) => from), ["./from-async-code.js"])
  })

  it("answers what became of it", async () => {
    const paymentId = await create()
    const first = await post({ paymentId })
    assert.deepStrictEqual([first.status, await first.json()], [200, { cancelled: true, how: "Cancelled" }])
    const again = await post({ paymentId })
    assert.deepStrictEqual([again.status, await again.json()], [200, { cancelled: true, how: "AlreadyCancelled" }])
    const captured = await post({ paymentId: await create({ status: "completed" }) })
    assert.deepStrictEqual([captured.status, await captured.json()], [409, { cancelled: false, reason: "not cancellable" }])
    const unnamed = await post({ paymentId: ".." })
    assert.strictEqual(unnamed.status, 400)
    for (const body of ["", "no JSON", "null", "7", {}, { paymentId: 7 }]) assert.strictEqual((await post(body)).status, 400)
    await inSandbox((sandbox) => sandbox.inject(Fault.errorCode("NOT_AUTHORIZED", 403)))
    assert.strictEqual((await post({ paymentId: await create() })).status, 502)
  }, patience)

  it("says of an unknown outcome that it is unknown", async () => {
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.dropBeforeApplying, { forever: true }))
    const answer = await post({ paymentId })
    assert.strictEqual(answer.status, 202)
    assert.deepInclude(await answer.json(), { cancelled: null, paymentId })
  }, patience)

  it("goes on although the client went away", async () => {
    const paymentId = await create()
    await inSandbox((sandbox) => sandbox.inject(Fault.delay("300 millis")))
    const controller = new AbortController()
    const answering = post({ paymentId }, controller.signal)
    await new Promise((resolve) => setTimeout(resolve, 100))
    controller.abort()
    assert.strictEqual((await answering).status, 200)
    assert.strictEqual(await statusOf(paymentId), "canceled")
  })
})

