/**
 * The sandbox at the end of a network that takes its time, and notes what it carried.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { Effect, Random } from "effect"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { type Provider, providers, type Switches } from "./Switches.js"
import { begin } from "./time.js"

/** One request, as the network saw it. */
export interface Sent {
  readonly provider: Provider
  /** When it left, in milliseconds since everything began. */
  readonly at: number
  /** What came back; null as long as nothing has. */
  fate: "Answered" | "Refused" | "Lost" | "ServerError" | "TooMany" | null
  /** The payment that it cancelled although its answer does not say so; null if that is not so. */
  hides: string | null
}

/** How long one way takes at least and at most, in milliseconds. */
const oneWay = { from: 60, to: 200 }

const travel = Effect.flatMap(Random.nextIntBetween(oneWay.from, oneWay.to), (millis) => Effect.sleep(millis))

const fateOf = (status: number): Sent["fate"] => status === 429 ? "TooMany" : status >= 500 ? "ServerError" : "Answered"

/** The client through which everything goes; each request is added to `sent`. */
export const network = (sandbox: Sandbox.Service, switches: Switches, sent: Array<Sent>): HttpClient.HttpClient =>
  HttpClient.transform(Sandbox.httpClient(sandbox), (deliver, { url }) =>
    Effect.gen(function*() {
      const { hostname, pathname } = new URL(url)
      const provider = providers.find((name) => hostname.includes(name.toLowerCase()))
      if (provider === undefined) return yield* Effect.dieMessage(`Nobody is reached at ${hostname}`)
      const clock = yield* Effect.clock
      const one: Sent = { provider, at: clock.unsafeCurrentTimeMillis() - begin, fate: null, hides: null }
      sent.push(one)
      yield* travel
      yield* switches.apply
      const arrived = clock.unsafeCurrentTimeMillis()
      const answered = yield* Effect.exit(deliver)
      const fate = answered._tag === "Success" ? fateOf(answered.value.status) : null
      // What was answered hides nothing; where a connection was refused, nothing was received.
      const record = fate === "Answered" ? undefined : (yield* sandbox.requests).findLast(({ at, path }) => at >= arrived && path === pathname)
      yield* travel
      one.fate = fate ?? (record === undefined ? "Refused" : "Lost")
      if (record?.applied === true) one.hides = record.paymentId
      return yield* answered
    }))
