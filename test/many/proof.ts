/**
 * Many cancels over four providers at the sandbox's server, with faults, and one provider down for a while. Every
 * result is compared with what really happened, and the limits are counted where the requests arrive.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Clock, Duration, Effect, Either, Layer, Random, type Scope, Stream } from "effect"
import { CancelMany } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import { type Homes, mostWithin, providers, type Request, requestFor, router, tally } from "./payments.js"

const names = ["Adyen", "Square", "Stripe", "WePay"] as const

type Name = typeof names[number]

/** The provider that is down for a while. */
const down: Name = "Square"

/** What is tried. Times are milliseconds. */
export interface Trial {
  readonly cancels: number
  /** Requests per second at each provider. */
  readonly rate: number
  readonly seed: string
  /** The share of the payments at which something goes wrong once. */
  readonly faulty: number
  readonly downFrom: number
  readonly downFor: number
}

/** What the server tells at its start. */
export interface Ready {
  readonly homes: Homes
  readonly url: string
  readonly requests: ReadonlyArray<Request>
  /** The payments at which something goes wrong: of a refused connection the server itself tells nothing. */
  readonly disturbed: ReadonlyArray<string>
}

const faults: ReadonlyArray<Fault.Fault> = [
  Fault.refuseConnection,
  Fault.dropBeforeApplying,
  Fault.dropAfterApplying,
  Fault.late("1 second"),
  Fault.delay("500 millis"),
  Fault.cutBody,
  Fault.malformedJson,
  Fault.serverError({ applied: false }),
  Fault.serverError({ applied: true }),
  Fault.badGateway({ applied: true }),
  Fault.unknownErrorCode,
  Fault.statusQueryDown
]

/** Too many requests; each of these slows its provider down for a while, so they are few. */
const tooMany: ReadonlyArray<Fault.Fault> = [Fault.rateLimited({ retryAfter: 1 }), Fault.rateLimited()]

/** The share of those among the faults. */
const tooManyShare = 0.01

/** The server with its payments, at some of which something goes wrong; once it is told that cancels begin, one provider goes down. */
export const serve = (trial: Trial): Effect.Effect<
  { readonly ready: Ready; readonly disturb: Effect.Effect<never> },
  HttpServerError.ServeError,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.make
    const server = yield* SandboxServer.makeWith(sandbox)
    const requests = yield* Effect.forEach(Array.from({ length: trial.cancels }), (_, index) => {
      const provider = names[index % names.length] ?? "Stripe"
      return Effect.map(sandbox.create(provider), (paymentId) => requestFor(provider, paymentId))
    })
    const planned = yield* Effect.forEach(requests, ({ paymentId }) =>
      Effect.gen(function*() {
        if ((yield* Random.next) > trial.faulty) return []
        const some = (yield* Random.next) < tooManyShare ? tooMany : faults
        return [{ paymentId, fault: some[yield* Random.nextIntBetween(0, some.length)] ?? Fault.cutBody }]
      })).pipe(Effect.map((all) => all.flat()), Effect.withRandom(Random.make(trial.seed)))
    const mishaps = Effect.forEach(planned, ({ fault, paymentId }) => sandbox.inject(fault, { paymentId }), { discard: true })
    yield* mishaps
    const outage = Effect.sleep(Duration.millis(trial.downFrom)).pipe(
      Effect.zipRight(sandbox.inject(Fault.badGateway({ applied: false }), { provider: down, forever: true })),
      Effect.zipRight(Effect.sleep(Duration.millis(trial.downFor))),
      Effect.zipRight(sandbox.clearFaults),
      Effect.zipRight(mishaps),
      Effect.zipRight(Effect.never)
    )
    return {
      ready: {
        homes: Object.fromEntries(names.map((name) => [name, server.baseUrl(name)])),
        url: server.url,
        requests,
        disturbed: planned.map(({ paymentId }) => paymentId)
      },
      disturb: outage
    }
  })

/** A provider that is left alone is sent no more than this: what was under way, and what probes it. */
const mostWhileDown = 50

/** What came of a trial. */
export interface Outcome {
  readonly results: { readonly [tag: string]: number }
  readonly seconds: number
  /** The most requests that arrived within any second, at each provider. */
  readonly most: { readonly [provider: string]: number }
  /** How many requests arrived at all. */
  readonly received: number
  /** How many arrived at the provider that was down, in the last three quarters of that time. */
  readonly whileDown: number
  /** What is not as it was reported, or more than was allowed. */
  readonly all: ReadonlyArray<string>
}

/** A request as the server received it. */
export interface Received {
  readonly provider: string
  readonly at: number
  readonly paymentId: string | null
  readonly operation: string | null
  readonly fault: string | null
  readonly headers: { readonly [name: string]: string }
}

/** A payment, and what was done to it. */
export interface Held {
  readonly provider: string
  readonly paymentId: string
  readonly history: ReadonlyArray<{ readonly by: string }>
}

const get = async <A>(url: string): Promise<A> => await (await fetch(url)).json() as A

/** What is true, once what is late has arrived. */
export interface Truth {
  readonly payments: ReadonlyMap<string, Held>
  readonly received: ReadonlyArray<Received>
}

/** Asks the server what is true. */
export const truthAt = (url: string): Effect.Effect<Truth> =>
  Effect.promise(async () => ({
    payments: new Map((await get<ReadonlyArray<Held>>(`${url}/sandbox/payments`)).map((each) => [each.paymentId, each])),
    received: await get<ReadonlyArray<Received>>(`${url}/sandbox/requests`)
  })).pipe(Effect.delay("3 seconds"))

/** How often a payment was cancelled. */
export const timesCancelled = ({ payments }: Truth, paymentId: string): number =>
  payments.get(paymentId)?.history.filter(({ by }) => by === "Cancel").length ?? 0

/** What went out under more than one key. */
export function* underSeveralKeys({ received }: Truth): Generator<string> {
  const keys = new Map<string, Set<string>>()
  for (const { headers, operation, paymentId } of received) {
    const key = headers["idempotency-key"] ?? headers["unique-key"]
    if (operation === "Cancel" && paymentId !== null && key !== undefined) keys.set(paymentId, (keys.get(paymentId) ?? new Set()).add(key))
  }
  for (const [paymentId, all] of keys) {
    if (all.size > 1) yield `${paymentId} was cancelled under ${all.size} keys`
  }
}

/** The most requests that arrived within any second, at each provider. */
export const mostInASecond = ({ received }: Truth): { readonly [provider: string]: number } =>
  Object.fromEntries(names.map((name) =>
    [name, mostWithin(1000, received.filter(({ provider }) => provider === name).map(({ at }) => at))] as const))

/** Where more arrived than the trial's rate allows. */
export function* overTheRate({ rate }: Trial, most: { readonly [provider: string]: number }): Generator<string> {
  for (const [name, count] of Object.entries(most)) {
    if (count > rate) yield `${name} received ${count} requests in a second, of ${rate}`
  }
}

/** Cancels everything, and then asks the server what is true. */
export const attempt = (trial: Trial, { homes, requests, url }: Ready): Effect.Effect<Outcome> =>
  Effect.gen(function*() {
    const began = yield* Clock.currentTimeMillis
    const limits: CancelMany.Limits = {
      rate: { requests: trial.rate, interval: "1 second" },
      outage: { failures: 10, probeAfter: "1 second", giveUpAfter: "10 minutes" }
    }
    const ended: Array<CancelMany.Ended<Request, Success, Failure>> = []
    yield* Stream.fromIterable(requests).pipe(
      CancelMany.cancelMany(router.cancel, { limits: Object.fromEntries(names.map((name) => [name, limits])) }),
      Stream.runForEach((each) => Effect.sync(() => void ended.push(each)))
    )
    const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
    const truth = yield* truthAt(url)
    const { received } = truth
    const most = mostInASecond(truth)
    const all = [...untrue(requests, ended, truth), ...overTheRate(trial, most)]
    const whileDown = received.filter(({ at, provider }) =>
      provider === down && at > began + trial.downFrom + trial.downFor / 4 && at < began + trial.downFrom + trial.downFor).length
    if (whileDown > mostWhileDown) all.push(`${down} received ${whileDown} requests while it was down`)
    return { results: tally(ended), seconds, most, received: received.length, whileDown, all }
  }).pipe(
    Effect.provide(Layer.provide(providers(homes), NodeHttpClient.layerUndici)),
    Effect.orDie
  )

type Success = Effect.Effect.Success<ReturnType<typeof router.cancel>>
type Failure = Effect.Effect.Error<ReturnType<typeof router.cancel>> | CancelMany.NotBegun | CancelMany.Died

/** Whatever is not as it was reported. */
function* untrue(
  requests: ReadonlyArray<Request>,
  ended: ReadonlyArray<CancelMany.Ended<Request, Success, Failure>>,
  truth: Truth
): Generator<string> {
  const counts = new Map<Request, number>()
  for (const { request } of ended) counts.set(request, (counts.get(request) ?? 0) + 1)
  for (const request of requests) {
    if (counts.get(request) !== 1) yield `${request.paymentId} has ${counts.get(request) ?? 0} results`
  }
  yield* underSeveralKeys(truth)
  const seen = new Set(truth.received.map(({ paymentId }) => paymentId))
  for (const { request: { paymentId }, result } of ended) {
    const cancelled = timesCancelled(truth, paymentId)
    const reported = Either.merge(result)
    if (cancelled > 1) yield `${paymentId} was cancelled ${cancelled} times`
    if (Either.isRight(result) ? cancelled !== 1 : result.left.outcome === "NotCancelled" && cancelled !== 0) {
      yield `${paymentId} is reported as ${reported._tag}, and was cancelled ${cancelled} times`
    }
    if (reported._tag === "CancelMany.NotBegun" && seen.has(paymentId)) yield `${paymentId} was not begun, and was sent`
  }
}
