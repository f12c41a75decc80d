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
import type { TokenRequest } from "../support/ProviderFacts.js"
import { calm, type Moment, type Scenario, type TokenPlan, type When } from "./scenario.js"
import { heard, write } from "../support/interpreting.js"
import { connectFailures, losses, raise } from "./transport.js"

/** One change of the payment at the provider. */
export interface Change {
  readonly order: Order
  readonly at: Instant
  readonly to: string
  /** The exchange whose request brought it about; null when somebody else did. */
  readonly exchange: number | null
}

/** What became of a request for an access token. */
export interface Asking {
  readonly order: Order
  readonly caller: number
  readonly at: Instant
  /** The token, which is a secret; null where there is none. */
  readonly token: string | null
  /** Until when the token was said to be valid; null where there is none. */
  readonly until: Instant | null
  /** The HTTP status and the code of the answer; null where there was none. */
  readonly status: number | null
  readonly code: string | null
}

export interface World {
  /** What the callers name the payment by. */
  readonly identifier: string
  readonly exchanges: ReadonlyArray<Exchange>
  readonly truth: ReadonlyArray<Change>
  /** The requests for access tokens, in their order. */
  readonly askings: ReadonlyArray<Asking>
  /** The HTTP client of a caller. */
  client(caller: number): HttpClient.HttpClient
  /** Gives up a caller's request whose time is over, if it has no connection yet. Says whether. */
  giveUpUnsent(caller: number): boolean
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
  const paymentId = scenario.createdAt === null ? provider.create({ status: scenario.status }, epoch) : facts.paymentId(latecomer)
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
          exchange.reference ??= facts.receipts?.referenceIn(objectIn(facts, reply) ?? {}) ?? null
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
    const says = heard(facts, { method, target: pathname + search, headers, body })
    const operation = says.method === "GET" ? "Status" : "Cancel"
    const exchange: Exchange = {
      index,
      caller,
      operation,
      plan,
      bytes: JSON.stringify([method, url, urlParams, Object.entries(headers).sort(), body]),
      headers: says.headers,
      begunAt: timeline.now(),
      begun: journal.note(`caller ${caller}`, () => `begins ${operation} #${index}${Exchanging.describe(plan.fault)}`),
      sent: false,
      sentAt: null,
      arrivals: 0,
      arrivedAt: [],
      granted: null,
      reference: null,
      head: null,
      headAt: null,
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

  const askings: Array<Asking> = []

  /** What the provider answers to a request for an access token, and for how many seconds it grants one. */
  const issue = (
    plan: Extract<TokenPlan, { readonly _tag: "Granted" | "Answered" }>,
    token: TokenRequest,
    request: Emulator.Request
  ): { readonly reply: Emulator.Reply; readonly lasts: number | null } => {
    if (plan._tag === "Answered") {
      const body = write(facts, facts.error(plan.code, "no token"))
      return { reply: { status: plan.status, headers: { "content-type": "application/json" }, body }, lasts: null }
    }
    const { reply } = provider.handle(request, { at: wallTime() })
    const granted = objectIn(facts, reply) ?? {}
    const lasts = plan.lasts === null ? token.lifetimeIn(granted) : Math.min(plan.lasts, token.lifetimeIn(granted))
    return { reply: { ...reply, body: write(facts, token.lasting(granted, lasts)) }, lasts }
  }

  /** A request for an access token takes no time: what is played is what comes of it, and what comes after it. */
  const ask = (token: TokenRequest, caller: number, request: HttpClientRequest.HttpClientRequest, body: string) =>
    Effect.suspend(() => {
      const plan = scenario.tokens[askings.length] ?? { _tag: "Granted", lasts: null }
      const asking = (words: string, answer: Pick<Asking, "status" | "code" | "token" | "until">) =>
        askings.push({
          order: journal.note(`caller ${caller}`, () => `asks for an access token: ${words}`),
          caller,
          at: timeline.now(),
          ...answer
        })
      if (plan._tag === "Unreachable" || plan._tag === "Lost") {
        asking(plan._tag, { status: null, code: null, token: null, until: null })
        return raise(scenario.client.dialect, request, plan._tag === "Lost" ? losses.Close() : connectFailures.Refused())
      }
      const { headers, method, url } = request
      const { lasts, reply } = issue(plan, token, { method, path: new URL(url).pathname, query: "", headers, body })
      const code = facts.readCode(objectIn(facts, reply) ?? {})
      asking(`${reply.status} ${code ?? ""}`, {
        status: reply.status,
        code,
        token: lasts === null ? null : token.valueIn(objectIn(facts, reply) ?? {}),
        until: lasts === null ? null : timeline.now() + lasts * 1_000_000_000
      })
      return InMemoryHttpClient.render(request, { _tag: "Answered", reply, body: { _tag: "Whole" } })
    })

  const client: World["client"] = (caller) => {
    // `HttpClient.make` would add an `AbortController` to each request, which nobody needs here and all wait for.
    const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
      (requested) =>
        Effect.flatMap(requested, (request) =>
          Effect.flatMap(InMemoryHttpClient.bodyText(request), (body) =>
            facts.token !== null && new URL(request.url).pathname === facts.token.target
              ? ask(facts.token, caller, request, body)
              : Exchanging.perform(surroundings, () => open(caller, request, body), request))),
      Effect.succeed
    )
    return scenario.client.filtersStatus ? HttpClient.filterStatusOk(client) : client
  }

  const giveUpUnsent: World["giveUpUnsent"] = (caller) => {
    const exchange = exchanges.filter((each) => each.caller === caller).at(-1)
    return exchange !== undefined && Exchanging.giveUpUnsent(surroundings, exchange)
  }

  return { identifier, exchanges, truth, askings, on, begin, client, giveUpUnsent, events: () => provider.events(wallTime()) }
}
