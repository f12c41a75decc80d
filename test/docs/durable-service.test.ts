/** `docs/examples/durable-service.ts` on a loopback port: a client that hangs up, and webhooks that are early and come twice. */
import * as HttpServer from "@effect/platform/HttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Fault, Sandbox, type Webhook } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Schedule from "effect/Schedule"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asJson, fromJson, service, stripe } from "../../docs/examples/durable-service.js"
import { isLong } from "../support/extent.js"
import { closedPort } from "../wire/ScriptedServer.js"
import { patience, root } from "./program.js"

const { Adyen, Stripe } = Sandbox.credentials

const environment = (directory: string) =>
  new Map([
    ["PORT", "0"],
    ["PAYMENT_CANCEL_DATABASE", join(directory, "cancels.sqlite")],
    ["STRIPE_API_KEY", Stripe.apiKey],
    ["STRIPE_BASE_URL", Sandbox.baseUrl("Stripe")],
    ["STRIPE_WEBHOOK_SECRET", Sandbox.webhookSecret("Stripe")],
    ["ADYEN_API_KEY", Adyen.apiKey],
    ["ADYEN_MERCHANT_ACCOUNT", Adyen.merchantAccount],
    ["ADYEN_BASE_URL", Sandbox.baseUrl("Adyen")],
    ["ADYEN_HMAC_KEY", Sandbox.webhookSecret("Adyen")]
  ])

/** `logged` takes each line of the log. */
const started = (environment: ReadonlyMap<string, string>, logged: (line: string) => void = () => {}) =>
  service.pipe(
    Layer.provideMerge(Sandbox.layer),
    Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(environment)))),
    Layer.provide(Logger.replace(Logger.defaultLogger, Logger.map(Logger.logfmtLogger, logged)))
  )

const running = (directory: string) => Layer.orDie(started(environment(directory)))

/** With a folder of its own. */
const within = <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "service-"))),
    use,
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )

/** A service of its own for each test, with a file of its own. */
const serving = <A, E>(test: Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof running>>>) =>
  within((directory) => Effect.provide(test, running(directory)))

const call = (path: string, init: RequestInit = {}) =>
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const port = address._tag === "TcpAddress" ? address.port : 0
    return yield* Effect.promise(async (signal) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal })
      return { status: response.status, body: await response.text() }
    })
  })

type Asked = { readonly provider: string; readonly paymentId: string; readonly requestId: string }

const ask = (asked: Asked) => Effect.map(call("/cancels", { method: "POST", body: JSON.stringify(asked) }), readable)

const askAgain = (at: string) => Effect.map(call(at), readable)

const readable = ({ body, status }: { readonly status: number; readonly body: string }) => ({
  status,
  ...JSON.parse(body) as { readonly says: string; readonly at?: string; readonly result?: string; readonly why?: string }
})

const deliver = ({ body, headers }: Pick<Webhook.Notification, "body" | "headers">, provider: string) =>
  Effect.map(call(`/webhooks/${provider}`, { method: "POST", headers, body }), ({ status }) => status)

const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, until: (found: A) => boolean) =>
  Effect.repeat(look, { until, schedule: Schedule.spaced("30 millis") }).pipe(
    Effect.zipRight(look),
    Effect.timeoutFail({ duration: "25 seconds", onTimeout: () => new Error("it did not come to that") }),
    Effect.orDie
  )

const cancels = Effect.flatMap(Sandbox.Sandbox, ({ requests }) =>
  Effect.map(requests, (all) => all.filter(({ operation }) => operation === "Cancel")))

const sandbox = Sandbox.Sandbox

/** A cancel that was handed over. */
const handOver = (differing: Partial<CancelRecords.CancelRecord>) =>
  Effect.gen(function*() {
    const { begin } = yield* CancelRecords.CancelRecords
    const at = yield* DateTime.now
    yield* begin({
      executionId: "1",
      workflow: "w",
      provider: "Stripe",
      identifiedBy: "PaymentId",
      paymentId: "pi_1",
      requestId: "r-1",
      idempotencyKey: "key-1",
      state: "HandedOver",
      result: "CancelError.NoResponse",
      found: null,
      begunAt: at,
      changedAt: at,
      ...differing
    })
  })

const page = readFileSync(`${root}docs/durable-cancels.md`, "utf8")

/** The commands of "Try it", in their order. */
const commands = Array.from(
  page.slice(page.indexOf("### Try it"), page.indexOf("\n## Webhooks")).matchAll(/^```sh\n([\s\S]*?)^```$/gm),
  ([, block = ""]) => block
)

describe("the page", () => {
  it.scopedLive.runIf(isLong)("can be tried as it says: a process that is killed in the middle of a cancel loses nothing", () =>
    Effect.gen(function*() {
      const [sandbox, start = "", lose = "", kill = "", again = "", ...others] = commands
      assert.strictEqual(sandbox, "npx effect-payment-cancel sandbox\n")
      assert.isEmpty(others)
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "try-"))),
        (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
      )
      const { url } = yield* SandboxServer.SandboxServer
      const port = yield* closedPort
      const asWritten = (block: string) =>
        block.replaceAll("http://127.0.0.1:4242", url).replaceAll(":3000", `:${port}`)
          .replaceAll("durable-main.ts", `${root}docs/examples/durable-main.ts`)
          .replace("=cancels.db", `=${directory}/cancels.db`)
      const whenItIsUp = `until curl -s -o ${directory}/up http://127.0.0.1:${port}/doubtful; do sleep 0.1; done`
      const script = [
        asWritten(start), "trap 'kill -9 $service' EXIT", whenItIsUp, asWritten(lose), asWritten(kill), whenItIsUp, "echo; echo started again",
        // As a client does: until it has an answer.
        ...Array.from({ length: 5 }, () => asWritten(again))
      ].join("\n")
      const output = yield* Effect.async<string>((resume) => {
        const child = execFile("sh", ["-c", script], {
          cwd: root,
          env: { PATH: process.env["PATH"], TSX_TSCONFIG_PATH: `${root}test/tsconfig.json`, PORT: String(port) }
        }, (_, stdout) => resume(Effect.succeed(stdout)))
        return Effect.sync(() => child.kill())
      })
      const [before, after] = output.split("started again")
      assert.include(before, "It is being worked on", output)
      assert.include(after, `{"says":"It is settled.","result":"Cancelled"}`, output)
      const sent = (yield* cancels).map(({ headers }) => headers["idempotency-key"])
      assert.lengthOf(sent, 2)
      assert.lengthOf([...new Set(sent)], 1)
    }).pipe(Effect.provide(SandboxServer.layer())), patience)
})

describe("the durable service", () => {
  it.live("does not start without the secrets of its webhooks, and names the one that is missing", () =>
    within((directory) =>
      Effect.gen(function*() {
        for (const missing of ["STRIPE_WEBHOOK_SECRET", "ADYEN_HMAC_KEY"]) {
          const others = environment(directory)
          others.delete(missing)
          assert.include(String(yield* Effect.flip(Effect.scoped(Layer.build(started(others))))), missing)
        }
      })
    ), 60_000)

  it.live("says where it listens, and what it answered", () =>
    within((directory) => {
      const lines: Array<string> = []
      return Effect.gen(function*() {
        const { status } = yield* call("/doubtful")
        assert.strictEqual(status, 200)
        assert.isTrue(lines.some((line) => line.includes("Listening on http://127.0.0.1:")), lines.join("\n"))
        yield* eventually(Effect.sync(() => lines), (lines) => lines.some((line) => line.includes("/doubtful") && line.includes("200")))
      }).pipe(Effect.provide(Layer.orDie(started(environment(directory), (line) => lines.push(line)))))
    }), 60_000)

  it.live("counts what waits for a person as soon as it starts", () =>
    within((directory) =>
      Effect.gen(function*() {
        const handedOver = () =>
          Metric.unsafeSnapshot().flatMap(({ metricKey, metricState }) =>
            metricKey.name === "cancels_handed_over" && MetricState.isGaugeState(metricState) ? [Number(metricState.value)] : [])
        yield* Effect.provide(handOver({}), running(directory))
        yield* Effect.provide(eventually(Effect.sync(handedOver), ([value]) => value === 1), running(directory))
      })
    ), 60_000)

  it.live("answers with what came of a cancel, and carries the same out once", () =>
    serving(Effect.gen(function*() {
      const { create } = yield* sandbox
      const paymentId = yield* create("Stripe")
      const asked = { provider: "Stripe", paymentId, requestId: "r-1" }
      assert.deepInclude(yield* ask(asked), { status: 200, result: "Cancelled" })
      assert.deepInclude(yield* ask(asked), { status: 200, result: "Cancelled" })
      assert.lengthOf(yield* cancels, 1)
      const records = yield* CancelRecords.CancelRecords
      const [{ executionId } = { executionId: "" }] = yield* records.inState("Settled")
      const settled = Option.getOrThrow(yield* stripe.outcome(executionId))
      assert(settled._tag !== "Working")
      const json = JSON.stringify(yield* asJson(settled))
      assert.notInclude(json, "_id")
      assert.deepStrictEqual(yield* fromJson(JSON.parse(json)), settled)
      const captured = yield* create("Stripe", { status: "succeeded" })
      assert.deepInclude(yield* ask({ ...asked, paymentId: captured }), { status: 409, why: "NotCancellable" })
      assert.strictEqual((yield* ask({ ...asked, paymentId: ".." })).status, 400)
      assert.deepInclude(yield* ask({ ...asked, paymentId: "pi_none" }), { status: 404, why: "NotFound" })
      assert.strictEqual((yield* ask({ ...asked, requestId: "" })).status, 400)
      assert.strictEqual((yield* call("/cancels", { method: "POST", body: "{" })).status, 400)
      assert.strictEqual((yield* askAgain("/cancels/Stripe/none")).status, 404)
      assert.strictEqual((yield* askAgain("/cancels/Nobody/none")).status, 404)
    })), 60_000)

  it.live("carries on when the client hangs up", () =>
    serving(Effect.gen(function*() {
      const { create, inject, payment } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.delay("1 second"), { paymentId })
      const client = yield* Effect.fork(ask({ provider: "Stripe", paymentId, requestId: "r-1" }))
      yield* eventually(cancels, ({ length }) => length === 1)
      yield* Fiber.interrupt(client)
      assert.deepStrictEqual(Option.map(yield* payment("Stripe", paymentId), ({ status }) => status), Option.some("requires_capture"))

      yield* eventually(payment("Stripe", paymentId), Option.exists(({ status }) => status === "canceled"))
      const records = yield* CancelRecords.CancelRecords
      const [record] = yield* eventually(records.inState("Settled"), ({ length }) => length === 1)
      assert.deepInclude(yield* askAgain(`/cancels/Stripe/${record!.executionId}`), { status: 200, result: "Cancelled" })
      assert.lengthOf(yield* cancels, 1)
    })), 60_000)

  it.live("answers within three seconds while the provider is slow, and later with what came of it", () =>
    serving(Effect.gen(function*() {
      const { create, inject } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* inject(Fault.delay("4 seconds"), { paymentId })
      const { at, status } = yield* Effect.timeout(ask({ provider: "Stripe", paymentId, requestId: "r-1" }), "3500 millis")
      assert.strictEqual(status, 202)
      assert.strictEqual((yield* askAgain(at!)).status, 202)
      assert.deepInclude(yield* eventually(askAgain(at!), (again) => again.status === 200), { result: "Cancelled" })
    })), 60_000)

  it.live("that is told to stop refuses at once what comes then, and keeps nobody waiting for what is under way", () =>
    within((directory) =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(running(directory), scope)
        yield* Effect.provide(
          Effect.gen(function*() {
            const { create, inject } = yield* sandbox
            const paymentId = yield* create("Stripe")
            yield* inject(Fault.delay("2 seconds"), { paymentId })
            yield* Effect.fork(Effect.exit(ask({ provider: "Stripe", paymentId, requestId: "r-1" })))
            yield* eventually(cancels, ({ length }) => length === 1)
            const stopped = yield* Effect.fork(Scope.close(scope, Exit.void))
            yield* Effect.sleep("300 millis")
            const late = yield* Effect.timeoutOption(Effect.exit(call("/doubtful")), "1 second")
            assert.isTrue(Option.exists(late, Exit.isFailure), "it was neither answered nor refused")
            yield* Fiber.join(stopped)
          }),
          context
        )
      })
    ), 60_000)

  it.live("takes a webhook twice, and waits for it if it has to", () =>
    serving(Effect.gen(function*() {
      const { create, notifications } = yield* sandbox
      const paymentId = yield* create("Adyen", { decidesIn: 0 })
      const { at, status } = yield* ask({ provider: "Adyen", paymentId, requestId: "r-1" })
      assert.strictEqual(status, 202)
      const [told] = yield* notifications("Adyen")
      assert.strictEqual(yield* deliver({ ...told!, body: told!.body.replace(`"success":"true"`, `"success":"false"`) }, "adyen"), 401)
      assert.strictEqual((yield* askAgain(at!)).status, 202)
      assert.strictEqual(yield* deliver(told!, "adyen"), 200)
      assert.strictEqual(yield* deliver(told!, "adyen"), 200)
      assert.deepInclude(yield* eventually(askAgain(at!), (again) => again.status === 200), { result: "Cancelled" })
      assert.lengthOf(yield* cancels, 1)
    })), 60_000)

  it.live("knows of a webhook that came before the cancel", () =>
    serving(Effect.gen(function*() {
      const { create, inject, move, notifications } = yield* sandbox
      const paymentId = yield* create("Stripe")
      yield* move("Stripe", paymentId, "canceled")
      const [told] = yield* notifications("Stripe")
      assert.strictEqual(yield* deliver(told!, "stripe"), 200)
      assert.strictEqual(yield* deliver(told!, "stripe"), 200)
      // Stripe is not to be reached any more: without the webhook it would be in doubt.
      yield* inject(Fault.dropBeforeApplying, { paymentId, forever: true })
      const asked = ask({ provider: "Stripe", paymentId, requestId: "r-1" })
      assert.deepInclude(yield* eventually(asked, ({ status }) => status === 200), { result: "Cancelled" })
    })), 60_000)

  it.live("shows what is in doubt until it is closed, and no markup that a request smuggles in", () =>
    serving(Effect.gen(function*() {
      yield* handOver({ requestId: `<script>alert("1")</script>` })
      const { body, status } = yield* call("/doubtful")
      assert.strictEqual(status, 200)
      assert.include(body, "<td>pi_1</td><td>&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;</td><td>HandedOver</td>")
      assert.notInclude(body, "<script>")

      const closing = (id: string, found: string) =>
        Effect.map(call(`/doubtful/${id}`, { method: "POST", body: new URLSearchParams({ found }), redirect: "manual" }), ({ status }) => status)
      assert.strictEqual(yield* closing("1", ""), 400)
      assert.strictEqual(yield* closing("2", "cancelled"), 409)
      assert.strictEqual(yield* closing("1", "cancelled"), 303)
      assert.strictEqual(yield* closing("1", "not cancelled"), 409)
      assert.notInclude((yield* call("/doubtful")).body, "pi_1")
      const [closed] = yield* Effect.flatMap(CancelRecords.CancelRecords, ({ inState }) => inState("Closed"))
      assert.strictEqual(closed?.found, "cancelled")
    })), 60_000)
})
