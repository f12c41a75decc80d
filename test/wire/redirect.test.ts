/** Redirects are never followed: nothing arrives where they point, least of all a credential. */
import { assert, describe, it } from "@effect/vitest"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { answer, reset, serve } from "./ScriptedServer.js"
import { casesAt, complete, sides } from "./Side.js"
import { allClients, assertShows, attempt, type Client, paymentId, quick } from "./Trial.js"

const eager: Client = [
  "fetch told to follow redirects",
  Layer.merge(FetchHttpClient.layer, Layer.succeed(FetchHttpClient.RequestInit, { redirect: "follow" }))
]

for (const side of sides) {
  // Whether a client follows a redirect is no matter of the provider.
  for (const client of side === complete ? [...allClients, eager] : [eager]) {
    describe.concurrent(`${side.name} over ${client[0]}`, () => {
      for (const status of casesAt(side, [301, 302, 303, 307, 308])) {
        it.scopedLive(`${status}`, () =>
          Effect.gen(function*() {
            const elsewhere = yield* serve({
              cancel: [answer(200, side.proof(paymentId))],
              status: [answer(200, { ...side.payment(paymentId, side.statuses.cancelled), isFinal: true })]
            })
            const redirect = answer(status, "", { Location: `${elsewhere.url}${side.cancelTarget(paymentId)}` })

            const cancel = yield* attempt(
              { cancel: [redirect], status: [answer(200, side.statusBody(paymentId, side.statuses.cancellable))] },
              { side, client }
            )
            assertShows(cancel.verdict, { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", httpStatus: status })

            const read = yield* attempt({ cancel: [reset], status: [redirect] }, { side, client, policy: { ...quick, attempts: 1 } })
            assertShows(read.verdict, { failure: "CancelError.NoResponse", outcome: "Unknown" })

            assert.deepEqual(elsewhere.received, [])
            assert.strictEqual(elsewhere.connections(), 0)
          }))
      }

      it.scopedLive("to itself: not even there", () =>
        Effect.gen(function*() {
          const redirect = answer(307, "", { Location: side.cancelTarget("another") })
          const { cancels, reads, verdict } = yield* attempt({ cancel: [redirect], status: [redirect] }, { side, client })
          assertShows(verdict, { failure: "CancelError.UnexpectedResponse", outcome: "Unknown" })
          for (const { target } of cancels) assert.strictEqual(target, side.cancelTarget(paymentId))
          for (const { target } of reads) assert.strictEqual(target.replace(/\?.*$/, ""), side.statusTarget(paymentId))
        }))
    })
  }
}
