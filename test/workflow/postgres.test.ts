/** What is asked of connections to PostgreSQL. `npm run crash-test` has a real one. */
import { assert, describe, it } from "@effect/vitest"
import * as Postgres from "effect-payment-cancel/workflow/Postgres"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { AddressInfo, Server } from "node:net"
import { createServer, Socket } from "node:net"
import { vi } from "vitest"

/** The port of one who takes every connection, and hangs up. */
const rude = Effect.map(
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  ),
  (server) => (server.address() as AddressInfo).port
)

describe("a connection to PostgreSQL", () => {
  it.live("is one of which the operating system notices that the other machine is gone: else whoever waits for an answer does so for ever", () =>
    Effect.gen(function*() {
      const keepAlive = yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(Socket.prototype, "setKeepAlive")),
        (spy) => Effect.sync(() => spy.mockRestore())
      )
      const url = Redacted.make(`postgres://127.0.0.1:${yield* rude}/none`)
      yield* Effect.flip(Layer.build(Postgres.layer({ url, runner: "ClientOnly" })))
      const [first] = keepAlive.mock.calls
      assert.strictEqual(first?.[0], true)
      assert.isAbove(first?.[1] ?? 0, 0)
      assert.isAtMost(first?.[1] ?? Infinity, Duration.toMillis("30 seconds"))
    }).pipe(Effect.scoped))
})

describe("where a runner is reached", () => {
  const configured = (runner: string) =>
    Effect.flatMap(rude, (port) =>
      Effect.flip(Layer.build(Postgres.layerConfig())).pipe(
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([
          ["PAYMENT_CANCEL_DATABASE_URL", `postgres://127.0.0.1:${port}/none`],
          ["PAYMENT_CANCEL_RUNNER", runner]
        ])))
      ))

  it.live.each(["10.0.0.7:3000", "runner-1.cancels:65535", "fd00::1:3000", "[fd00::1]:3000"])(
    "may be a name or an address of any kind: %s",
    (runner) =>
      Effect.gen(function*() {
        // What is wrong then is the database.
        assert.propertyVal(yield* configured(runner), "_tag", "SqlError")
      }).pipe(Effect.scoped)
  )

  it.live.each(["10.0.0.7", "10.0.0.7:", ":3000", "[]:3000", "10.0.0.7:0", "10.0.0.7:65536", "10.0.0.7:http"])(
    "is where the others can reach it, and no port of the system's choice: %s",
    (runner) =>
      Effect.gen(function*() {
        assert.deepInclude(yield* configured(runner), { _op: "InvalidData", path: ["PAYMENT_CANCEL_RUNNER"], message: "must be host:port" })
      }).pipe(Effect.scoped)
  )
})
