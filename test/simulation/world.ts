/**
 * The provider, its lagging replica, and everybody else who has to do with the payment. It
 * knows the truth, and keeps a record of it.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import * as InMemoryHttpClient from "../../src/sandbox/InMemoryHttpClient.js"
import { askedIn, compose, objectIn } from "./answers.js"
import { epoch, type Instant, type Timeline, toMillis } from "./clock.js"
import * as Exchanging from "./exchange.js"
import type { Exchange } from "./exchange.js"
import type { Journal, Order } from "./journal.js"
import type { Facts } from "./facts.js"
import type * as Webhook from "../../src/sandbox/Webhook.js"
import { calm, type Moment, type Scenario, type When } from "./scenario.js"

/** One change of the payment at the provider. */
export interface Change {
  readonly order: Order
  readonly at: Instant
  readonly to: string
  /** The exchange whose request brought it about; null when somebody else did. */
  readonly exchange: number | null
}

export interface World {
  /** What the callers name the payment by. */
  readonly identifier: string
  readonly exchanges: ReadonlyArray<Exchange>
  readonly truth: ReadonlyArray<Change>
  /** The HTTP client of a caller. */
  client(caller: number): HttpClient.HttpClient
  /** Has something done at a moment of an exchange, or at a time. */
  on(when: When, task: () => void): void
  /** Lets the other actors begin. */
  begin(): void
  /** Everything of which the provider has had to notify until now, oldest first. */
  events(): ReadonlyArray<Webhook.Event>
}

/** The id of a payment that is there only later. */
const latecomer = "LATECOMER0000001"

/** How long the provider takes to decide about a payment that was not there when it was asked, in milliseconds. */
const decidesAboutNobodyIn = 1_000

interface Hook {
  readonly exchange: number
  readonly moment: Moment
  readonly task: () => void
}

export const make = (options: {
  readonly scenario: Scenario
  readonly facts: Facts
  readonly timeline: Timeline
  readonly journal: Journal
  /** The client's wall clock. */
  readonly clientWall: () => number
}): World => {
  const { clientWall, facts, journal, scenario, timeline } = options
  const provider = facts.emulator(scenario)
  const replica = scenario.lag > 0 ? facts.emulator(scenario) : null
  const wallTime = () => epoch + Math.floor(toMillis(timeline.now()))
  const paymentId = scenario.createdAt === null ? provider.create({ status: scenario.status }, epoch) : latecomer
  const identifier = facts.identifier(paymentId)
  replica?.create({ id: paymentId, status: scenario.status }, epoch)

  const exchanges: Array<Exchange> = []
  /** What was sent, as the provider receives it. */
  const incoming = new Map<Exchange, Emulator.Request>()
  const truth: Array<Change> = []
  const hooks: Array<Hook> = []

  const on: World["on"] = (when, task) => {
    if (when._tag === "During") hooks.push({ ...when, task })
    else timeline.after("World", when.time, task)
  }

  /** Records what has changed at the provider, and tells the replica after its lag. */
  const observe = (): void => {
    const history = provider.payment(paymentId, wallTime())?.history ?? []
    for (const { requestIndex, to } of history.slice(truth.length)) {
      const by = requestIndex === null ? "" : `, by exchange #${requestIndex}`
      const order = journal.note("provider", () => `the payment is ${to}${by}`)
      truth.push({ order, at: timeline.now(), to, exchange: requestIndex })
      timeline.after("World", scenario.lag, () => replica?.move(paymentId, to, wallTime(), { force: true }))
    }
  }
  observe()
  if (scenario.createdAt !== null) {
    timeline.after("World", scenario.createdAt, () => {
      provider.create({ id: paymentId, status: scenario.status }, wallTime())
      observe()
    })
  }

  const surroundings: Exchanging.Surroundings = {
    timeline,
    journal,
    client: scenario.client,
    clientWall,
    happens: (exchange, moment) => {
      for (const hook of hooks) if (hook.exchange === exchange.index && hook.moment === moment) hook.task()
    },
    receive: (exchange, crash) => {
      const { index, operation, plan } = exchange
      const emulator = operation === "Status" && plan.stale && replica !== null ? replica : provider
      const request = incoming.get(exchange)
      if (request === undefined) throw new Error(`exchange #${index} was never sent`)
      const context = { at: wallTime(), requestIndex: index }
      const finish = emulator.receive(request, crash === undefined ? context : { ...context, crash })
      return () => {
        const { applied, reply } = finish(wallTime())
        observe()
        // What is only taken in is decided by the provider itself, and it is noticed a little later.
        if (applied) {
          timeline.after("World", scenario.decidesIn + 1, observe)
          if (scenario.createdAt !== null) timeline.after("World", decidesAboutNobodyIn + 1, observe)
        }
        if (operation === "Cancel" && reply.status < 300) {
          exchange.granted ??= journal.note("provider", () => `grants cancel #${index}`)
          exchange.reference ??= facts.receipts?.referenceIn(objectIn(reply) ?? {}) ?? null
        }
        return reply
      }
    },
    compose: (plan, operation) =>
      compose(plan, operation, {
        facts,
        identifier,
        trueStatus: provider.payment(paymentId, wallTime())?.status ?? "",
        wallTime: wallTime()
      }),
    asked: (reply) => askedIn(facts, reply)
  }

  const begin = (): void => {
    for (const { does, when } of scenario.actors) {
      const status = facts.acts[does]
      if (status === undefined) continue
      on(when, () => {
        // What the state machine does not allow does not happen.
        provider.move(paymentId, status, wallTime())
        observe()
      })
    }
  }

  const open = (caller: number, request: HttpClientRequest.HttpClientRequest, body: string): Exchange => {
    const index = exchanges.length
    const plan = scenario.exchanges[index] ?? calm
    const { headers, method, url, urlParams } = request
    const { pathname, search } = new URL(url)
    const operation = method === "POST" ? "Cancel" : "Status"
    const exchange: Exchange = {
      index,
      caller,
      operation,
      plan,
      bytes: JSON.stringify([method, url, urlParams, Object.entries(headers).sort(), body]),
      headers,
      begunAt: timeline.now(),
      begun: journal.note(`caller ${caller}`, () => `begins ${operation} #${index}${Exchanging.describe(plan.fault)}`),
      sent: false,
      arrivals: 0,
      granted: null,
      reference: null,
      head: null,
      headOrder: null,
      headAsked: null,
      bodyTouched: false,
      bytesTaken: 0,
      seen: { _tag: "Nothing" },
      seenAt: null,
      seenOrder: null,
      seenWall: 0,
      closedAt: null
    }
    exchanges.push(exchange)
    incoming.set(exchange, { method, path: pathname, query: search.slice(1), headers, body })
    return exchange
  }

  const asksForToken = ({ url }: HttpClientRequest.HttpClientRequest): boolean =>
    facts.token !== null && new URL(url).pathname === facts.token.target

  /** A request for an access token always gets through, and at once: what is played is what comes after it. */
  const grant = (caller: number, request: HttpClientRequest.HttpClientRequest, body: string) =>
    Effect.suspend(() => {
      const { headers, method, url } = request
      const { pathname } = new URL(url)
      const { reply } = provider.handle({ method, path: pathname, query: "", headers, body }, { at: wallTime() })
      journal.note(`caller ${caller}`, () => `asks for an access token: ${reply.status}`)
      return InMemoryHttpClient.render(request, { _tag: "Answered", reply, body: { _tag: "Whole" } })
    })

  const client: World["client"] = (caller) => {
    // `HttpClient.make` would add an `AbortController` to each request, which nobody needs here and all wait for.
    const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
      (requested) =>
        Effect.flatMap(requested, (request) =>
          Effect.flatMap(InMemoryHttpClient.bodyText(request), (body) =>
            asksForToken(request)
              ? grant(caller, request, body)
              : Exchanging.perform(surroundings, () => open(caller, request, body), request))),
      Effect.succeed
    )
    return scenario.client.filtersStatus ? HttpClient.filterStatusOk(client) : client
  }

  return { identifier, exchanges, truth, on, begin, client, events: () => provider.events(wallTime()) }
}
