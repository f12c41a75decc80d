/** What is asked of connections to PostgreSQL. `npm run crash-test` has a real one. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Postgres from "effect-payment-cancel/workflow/Postgres"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { AddressInfo, Server } from "node:net"
import { createServer, Socket } from "node:net"

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
