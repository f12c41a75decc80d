/** One cancel against one scripted server: what came of it, and what went over the wire. */
import { assert, vi } from "@effect/vitest"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Cancel, type Cancellation, type CancelPolicy } from "effect-payment-cancel"
import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import { inTurns } from "../support/extent.js"
import type { Failure } from "../support/ProviderFacts.js"
import { type Received, type Script, type ScriptedServer, serve } from "./ScriptedServer.js"
import { casesAt, complete, type Request, type Side, sides } from "./Side.js"

/** Other work may share the machine: a slow run is not a failed one. */
vi.setConfig({ testTimeout: 30_000 })

export type Client = readonly [name: string, layer: Layer.Layer<HttpClient.HttpClient>]

/** The clients that every case runs over. */
export const clients: ReadonlyArray<Client> = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici],
  ["its own transport", UndiciTransport.layer]
]

/** Every side and every client, if not every side over every client. */
export const pairs: ReadonlyArray<readonly [side: Side, client: Client]> = sides.flatMap((side, index) =>
  side === complete ? clients.map((client) => [side, client] as const) : clients.filter((_, nth) => nth === index % clients.length).map((client) => [side, client] as const)
)

/** For a few cases also node:http, the third and slowest. */
export const allClients: ReadonlyArray<Client> = [...clients, ["node:http", NodeHttpClient.layer]]

/** The cases of a side where it makes no difference which client they run over: in a short run those of the complete one share them. */
export const casesOver = <A>(side: Side, client: Client, cases: ReadonlyArray<A>): ReadonlyArray<A> =>
  side === complete ? inTurns(cases, clients.indexOf(client), clients.length) : casesAt(side, cases)

export const paymentId = "pay_7fa2ecc101ARZ3NDEKTSV4RRFFQ69G5FAV"

/** Three tries, no waiting to speak of, and time enough for a busy machine. */
export const quick = {
  attempts: 3,
  attemptTimeout: "3 seconds",
  statusReads: 2,
  statusTimeout: "3 seconds",
  backoff: { initial: 1, factor: 1, maximum: 2, jitter: 0 },
  maximumRetryAfter: 40,
  deadline: "20 seconds"
} as const satisfies CancelPolicy.Options

/** For servers that stall: short enough to wait for, long enough to connect on a busy machine. */
export const impatient = {
  ...quick,
  attempts: 2,
  statusReads: 1,
  attemptTimeout: "400 millis",
  statusTimeout: "400 millis"
} as const satisfies CancelPolicy.Options

export type Result = Either.Either<Cancellation.Cancellation, Failure>

export interface Trial {
  readonly result: Result
  readonly verdict: Verdict
  readonly server: ScriptedServer
  readonly cancels: ReadonlyArray<Received>
  readonly reads: ReadonlyArray<Received>
  readonly millis: number
}

/** A result in the few words that tests are about. */
export type Verdict =
  | { readonly success: Cancellation.Cancellation["_tag"]; readonly evidence: Cancellation.Evidence; readonly attempts: number }
  | {
    readonly failure: string
    readonly outcome: Failure["outcome"]
    readonly category: Failure["category"]
    readonly code: string | null
    readonly httpStatus: number | null
    readonly paymentStatus: string | null
    readonly attempts: number
  }

/** The tag of an error; the neutral type has none. */
export const tagOf = (error: object): string =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) ? error._tag : "no _tag"

export const verdictOf: (result: Result) => Verdict = Either.match({
  onRight: ({ _tag, attempts, evidence }): Verdict => ({ success: _tag, evidence, attempts }),
  onLeft: (error): Verdict => ({
    failure: tagOf(error),
    outcome: error.outcome,
    category: error.category,
    code: error.code,
    httpStatus: Option.getOrNull(error.httpStatus),
    paymentStatus: Option.getOrNull(error.paymentStatus),
    attempts: error.attempts
  })
})

/** Part of a verdict. */
export type Expected = { readonly [field: string]: unknown }

export const assertShows = (verdict: Verdict, expected: Expected): void => assert.deepInclude<Expected>(verdict, expected)

export interface Circumstances {
  readonly side: Side
  readonly client: Client
  readonly policy?: CancelPolicy.Options
  readonly request?: Request
}

/** Runs one cancel against a server that is already there. */
export const run = (
  server: ScriptedServer,
  { client: [, client], policy = quick, request = { paymentId }, side }: Circumstances
): Effect.Effect<Trial> =>
  Effect.gen(function*() {
    const start = performance.now()
    const result = yield* side.cancel({ url: server.url }, request).pipe(
      Cancel.withPolicy(policy),
      Effect.either,
      Effect.provide(client)
    )
    return {
      result,
      verdict: verdictOf(result),
      server,
      cancels: server.received.filter(({ method }) => method !== "GET"),
      reads: server.received.filter(({ method }) => method === "GET"),
      millis: performance.now() - start
    }
  })

/** Runs one cancel against a script. */
export const attempt = (script: Script, circumstances: Circumstances): Effect.Effect<Trial, never, Scope.Scope> =>
  Effect.flatMap(serve(script), (server) => run(server, circumstances))

/** Waits until something has happened at the server, for at most two seconds. */
export const until = (happened: () => boolean): Effect.Effect<void> =>
  Effect.sync(happened).pipe(
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("3 millis") }),
    Effect.timeout("2 seconds"),
    Effect.orDie,
    Effect.asVoid
  )
