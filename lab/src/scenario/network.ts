/**
 * The sandbox at the end of a network that takes its time, and notes what it carried.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { Effect } from "effect"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { elapsed } from "./VirtualTime.js"

/** How long the network takes for each way, in milliseconds. */
export const oneWay = 150

/** One exchange, as the network saw it. */
export interface Carried {
  readonly line: string
  readonly leaves: number
  record: Sandbox.ReceivedRequest | null
  reaches: number | null
  answer: { readonly leaves: number; readonly status: number } | null
  ends: number | null
  failed: boolean
}

/** The client through which everything goes; each exchange is added to `carried`. */
export const network = (sandbox: Sandbox.Service, carried: Array<Carried>): HttpClient.HttpClient =>
  HttpClient.transform(Sandbox.httpClient(sandbox), (deliver, request) =>
    Effect.gen(function*() {
      const exchange: Carried = {
        line: `${request.method} ${new URL(request.url).pathname}`,
        leaves: yield* elapsed,
        record: null,
        reaches: null,
        answer: null,
        ends: null,
        failed: false
      }
      carried.push(exchange)
      return yield* Effect.gen(function*() {
        yield* Effect.sleep(oneWay)
        exchange.reaches = yield* elapsed
        const before = (yield* sandbox.requests).length
        const noted = Effect.map(sandbox.requests, (requests) => {
          exchange.record = requests[before] ?? null
        })
        const answered = yield* Effect.exit(Effect.ensuring(deliver, noted))
        const leaves = yield* elapsed
        if (answered._tag === "Success") exchange.answer = { leaves, status: answered.value.status }
        else exchange.failed = true
        yield* Effect.sleep(oneWay)
        return yield* answered
      }).pipe(Effect.ensuring(Effect.map(elapsed, (at) => {
        exchange.ends = at
      })))
    }))

