/** A run that is stopped while it looks what became of a payment. */
import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import { command } from "../../src/command/cancelMany.js"
import * as Command from "../../src/command/Command.js"

const intent = (id: string, status: string) => ({ id, object: "payment_intent", status, amount: 100, amount_received: 0, currency: "eur" })

/** Answers cancels with a 500 and no query at all, until it works. */
const makeProvider = Effect.acquireRelease(
  Effect.promise(() =>
    new Promise<{ readonly server: Http.Server; readonly seen: { works: boolean; posts: number; gets: number }; readonly url: string }>((resolve) => {
      const seen = { works: false, posts: 0, gets: 0 }
      const server = Http.createServer((request, response) => {
        const id = /payment_intents\/([^/?]+)/.exec(request.url ?? "")?.[1] ?? ""
        request.resume().on("end", () => {
          const isPost = request.method === "POST"
          if (isPost) seen.posts += 1
          else seen.gets += 1
          if (!isPost && !seen.works) return
          const [status, body] = isPost && !seen.works
            ? [500, { error: { type: "api_error", message: "an error" } }] as const
            : [200, intent(id, isPost ? "canceled" : "requires_capture")] as const
          response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(body))
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resolve({ server, seen, url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` })
      })
    })
  ),
  ({ server }) =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
)

const makeFolder = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "stopped-"))),
  (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
)

describe("cancel-many", () => {
  it.scopedLive("sends nothing again after a 5xx, though the run that received it was stopped", () =>
    Effect.gen(function*() {
      const { seen, url } = yield* makeProvider
      const folder = yield* makeFolder
      const at = (name: string) => Path.join(folder, name)
      Fs.writeFileSync(at(".env"), `STRIPE_API_KEY=sk_test_1\nSTRIPE_BASE_URL=${url}\n`)
      Fs.writeFileSync(at("in.csv"), "provider,paymentId\nStripe,pi_1\n")
      let code: number | undefined
      const silent = yield* Console.consoleWith(Effect.succeed)
      const run = Command.run([command], ["cancel-many", at("in.csv"), "--out", at("out.csv"), "--env-file", at(".env")], (reported) =>
        Effect.sync(() => {
          code = reported
        })).pipe(Effect.withConsole({ ...silent, log: () => Effect.void, error: () => Effect.void }))
      const first = yield* Effect.fork(run)
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => seen.gets > 0 })
      yield* Fiber.interrupt(first)
      assert.deepStrictEqual([code, seen.posts], [130, 1])
      seen.works = true
      yield* run
      // Stripe stores a 5xx under the key: it is licensed to be asked for, and not to be sent again.
      assert.strictEqual(seen.posts, 1)
    }), 60_000)
})
