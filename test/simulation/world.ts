/**
 * The provider, the network between it and its clients, and everybody else who has to do
 * with the payment. It knows the truth, and keeps a record of it.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import { isObject, parseObject } from "../../src/sandbox/Emulator.js"
import * as InMemoryHttpClient from "../../src/sandbox/InMemoryHttpClient.js"
import { epoch, forever, type Instant, type Timeline, toMillis } from "./clock.js"
import type { Journal, Order } from "./journal.js"
import type { Facts, Operation } from "./providers.js"
import { type AnswerPlan, calm, type ExchangePlan, type Fault, type Moment, type Scenario, type When } from "./scenario.js"

/** What a client got to see of an exchange in the end. */
export type Seen =
  /** Nothing yet, or never. */
  | { readonly _tag: "Nothing" }
  /** A failure that proves that no byte of the request left. */
  | { readonly _tag: "Unsent" }
  /** A failure that proves nothing. */
  | { readonly _tag: "Failed" }
  /** A defect of the client. */
  | { readonly _tag: "Died" }
  /** The client gave up. */
  | { readonly _tag: "Aborted" }
  /** A whole answer. */
  | { readonly _tag: "Whole"; readonly answer: Emulator.Reply; readonly size: number }

/** One exchange, from the outside. */
export interface Exchange {
  readonly index: number
  readonly caller: number
  readonly operation: Operation
  readonly plan: ExchangePlan
  /** Method, address, headers and body, as they were sent. */
  readonly bytes: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly begunAt: Instant
  readonly begun: Order
  /** Whether the connection stood, so that a byte of the request may have left. */
  sent: boolean
  /** The HTTP status, once the head of an answer is here. */
  head: number | null
  bodyTouched: boolean
  seen: Seen
  seenAt: Instant | null
  seenOrder: Order | null
  /** What the client's wall clock said then. */
  seenWall: number
  /** When the client let go of the connection, whatever it had seen by then. */
  closedAt: Instant | null
  bytesTaken: number
  /** How often the provider dealt with it. */
  arrivals: number
}

/** One change of the payment at the provider. */
export interface Change {
  readonly order: Order
  readonly at: Instant
  readonly to: string
  /** The exchange whose request brought it about; null when somebody else did. */
  readonly exchange: number | null
}

export interface World {
  readonly paymentId: string
  readonly exchanges: ReadonlyArray<Exchange>
  readonly truth: ReadonlyArray<Change>
  /** The HTTP client of a caller. */
  client(caller: number): HttpClient.HttpClient
  /** Has something done at a moment of an exchange, or at a time. */
  on(when: When, task: (exchange: Exchange | null) => void): void
  /** Lets the other actors begin. */
  begin(): void
}

const encoder = new TextEncoder()

/** What the transports raise: an error with a code, and with a system call where one failed. */
const failure = (code: string, syscall?: string): Error =>
  Object.assign(new Error(syscall === undefined ? code : `${syscall} ${code}`), { code, ...(syscall && { syscall }) })

const connectFailures = {
  Refused: () => failure("ECONNREFUSED", "connect"),
  NotFound: () => failure("ENOTFOUND", "getaddrinfo"),
  ConnectTimeout: () => failure("UND_ERR_CONNECT_TIMEOUT"),
  Certificate: () => failure("CERT_HAS_EXPIRED"),
  NotTls: () => failure("ERR_SSL_WRONG_VERSION_NUMBER"),
  HandshakeReset: () => failure("ECONNRESET", "read")
}

const losses = {
  Close: () => failure("UND_ERR_SOCKET"),
  Reset: () => failure("ECONNRESET", "read")
}

const half = (bytes: Uint8Array): number => Math.floor(bytes.length / 2)

const json = (status: number, body: object | string, headers: Emulator.Reply["headers"] = {}): Emulator.Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body)
})

/** A body that is more than most policies allow. */
const oversized = 1_100_000

export const make = (options: {
  readonly scenario: Scenario
  readonly facts: Facts
  readonly timeline: Timeline
  readonly journal: Journal
  /** The client's wall clock. */
  readonly clientWall: () => number
}): World => {
  const { clientWall, facts, journal, scenario, timeline } = options
  const provider = facts.emulator()
  const replica = scenario.lag > 0 ? facts.emulator() : null
  const wallTime = () => epoch + Math.floor(toMillis(timeline.now()))
  const paymentId = provider.create({ status: scenario.status }, epoch)
  replica?.create({ id: paymentId, status: scenario.status }, epoch)

  const exchanges: Array<Exchange> = []
  const truth: Array<Change> = []
  const hooks: Array<{ readonly exchange: number; readonly moment: Moment; readonly task: (exchange: Exchange) => void }> = []

  const happens = (exchange: Exchange, moment: Moment): void => {
    for (const hook of hooks) if (hook.exchange === exchange.index && hook.moment === moment) hook.task(exchange)
  }

  const on: World["on"] = (when, task) => {
    if (when._tag === "During") hooks.push({ ...when, task })
    else timeline.after("World", when.time, () => task(null))
  }

  const trueStatus = (): string => provider.payment(paymentId, wallTime())?.status ?? ""

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

  /** The answer that somebody on the way, or a provider out of its mind, gives. */
  const compose = (plan: AnswerPlan, operation: Operation): Emulator.Reply => {
    const echo = plan.echoes ? ` ${facts.secrets.join(" ")}` : ""
    const payment = (status: string, id = paymentId) => ({ ...facts.payment(id, status), note: `payment${echo}` })
    const { body } = plan
    const headers = {
      ...(plan.retryAfter === null ? {} : {
        "retry-after": typeof plan.retryAfter === "string"
          ? plan.retryAfter
          : new Date(wallTime() + plan.retryAfter).toUTCString()
      }),
      ...(plan.echoes ? { [facts.requestIdHeader]: `request${echo}` } : {})
    }
    switch (body._tag) {
      case "Code":
        return json(plan.status, facts.error(body.code, `words${echo}`), headers)
      case "CodeAndTruth":
        return json(plan.status, { ...payment(trueStatus()), ...facts.error(body.code, `words${echo}`) }, headers)
      case "Truth":
        return json(plan.status, payment(trueStatus()), headers)
      case "StillCancellable":
        return json(plan.status, payment(facts.cancellable), headers)
      case "UnlistedStatus":
        return json(plan.status, payment("a_status_nobody_has_listed"), headers)
      case "OtherPayment":
        return facts.namesPayment[operation]
          ? json(plan.status, payment(facts.cancelled, "another-payment"), headers)
          : json(plan.status, payment("a_status_nobody_has_listed"), headers)
      case "Lie":
        return json(plan.status, payment(body.status), headers)
      case "Html":
        return { ...json(plan.status, `<html>${echo}</html>`, headers) }
      case "Empty":
        return json(plan.status, "", headers)
    }
  }

  const transportError = (request: HttpClientRequest.HttpClientRequest, cause: Error) => {
    const error = (inner: unknown) => new HttpClientError.RequestError({ request, reason: "Transport", cause: inner })
    switch (scenario.client.dialect) {
      case "undici":
        return Effect.fail(error(cause))
      case "fetch":
        return Effect.fail(error(new TypeError("fetch failed", { cause })))
      case "node":
        return Effect.failCause(Cause.parallel(Cause.fail(error(cause)), Cause.fail(error(cause))))
    }
  }

  const emulated = (request: HttpClientRequest.HttpClientRequest, body: string): Emulator.Request => {
    const url = new URL(request.url)
    return { method: request.method, path: url.pathname, query: url.search.slice(1), headers: request.headers, body }
  }

  type Answered = HttpClientResponse.HttpClientResponse
  type Outcome = Effect.Effect<Answered, HttpClientError.RequestError>

  const execute = (caller: number, request: HttpClientRequest.HttpClientRequest, body: string): Outcome =>
    Effect.async<Answered, HttpClientError.RequestError>((resume) => {
      timeline.finally(() => resume(Effect.interrupt))
      const index = exchanges.length
      const plan = scenario.exchanges[index] ?? calm
      const operation: Operation = request.method === "POST" ? "Cancel" : "Status"
      const name = `${operation === "Cancel" ? "cancel" : "status query"} #${index}`
      const incoming = emulated(request, body)
      const exchange: Exchange = {
        index,
        caller,
        operation,
        plan,
        bytes: JSON.stringify([request.method, request.url, request.urlParams, Object.entries(request.headers).sort(), body]),
        headers: request.headers,
        begunAt: timeline.now(),
        begun: journal.note(`caller ${caller}`, () => `begins ${name}${describe(plan.fault)}`),
        sent: false,
        head: null,
        bodyTouched: false,
        seen: { _tag: "Nothing" },
        seenAt: null,
        seenOrder: null,
        seenWall: 0,
        closedAt: null,
        bytesTaken: 0,
        arrivals: 0
      }
      exchanges.push(exchange)
      const { fault, latency } = plan
      const isOpen = () => exchange.seen._tag === "Nothing" && exchange.closedAt === null
      let delivered = false

      const see = (seen: Seen, words: () => string): void => {
        exchange.seen = seen
        exchange.seenAt = timeline.now()
        exchange.seenWall = clientWall()
        exchange.seenOrder = journal.note(`caller ${caller}`, words)
        happens(exchange, "Ended")
      }
      const fail = (cause: Error, seen: Seen): void => {
        if (!isOpen() || delivered) return
        delivered = true
        see(seen, () => `${name} fails: ${cause.message}`)
        resume(transportError(request, cause))
      }
      const die = (): void => {
        if (!isOpen() || delivered) return
        delivered = true
        see({ _tag: "Died" }, () => `${name}: the HTTP client dies`)
        resume(Effect.dieMessage("the HTTP client is broken"))
      }
      const answer = (reply: Emulator.Reply): void => {
        if (!isOpen() || delivered) return
        delivered = true
        exchange.head = reply.status
        journal.note(`caller ${caller}`, () => `${name} is answered: ${reply.status} ${reply.body.slice(0, 120)}`)
        resume(respond(request, reply))
        happens(exchange, "Head")
      }
      const later = (millis: number, task: () => void) => timeline.after("Client", millis, task)

      /** The response whose body comes in two pieces, or breaks, or never ends. */
      const respond = (request: HttpClientRequest.HttpClientRequest, reply: Emulator.Reply): Outcome => {
        const bytes = encoder.encode(reply.body)
        const middle = half(bytes)
        let piece = 0

        const take = (chunk: Uint8Array): Effect.Effect<Chunk.Chunk<Uint8Array>> =>
          Effect.sync(() => {
            exchange.bytesTaken += chunk.length
            return Chunk.of(chunk)
          })
        const wait = (millis: number): Effect.Effect<void> =>
          Effect.async<void>((resume) => {
            const callOff = later(millis, () => resume(Effect.void))
            return Effect.sync(callOff)
          })
        const broken = (response: Answered) =>
          Effect.suspend(() => {
            see({ _tag: "Failed" }, () => `${name}: the connection breaks`)
            const cause = losses.Close()
            return Effect.fail(
              Option.some(new HttpClientError.ResponseError({ request, response, reason: "Decode", cause }))
            )
          })
        const end = Effect.suspend(() => {
          see(
            { _tag: "Whole", answer: ended(reply), size: exchange.bytesTaken },
            () => `${name}: the answer is complete`
          )
          return Effect.fail(Option.none<HttpClientError.ResponseError>())
        })
        const ended = (whole: Emulator.Reply): Emulator.Reply =>
          fault?.point === "Body" && fault.what === "EndsEarly" ? { ...whole, body: whole.body.slice(0, middle) } : whole

        const next = (
          response: Answered
        ): Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<HttpClientError.ResponseError>> => {
          piece += 1
          exchange.bodyTouched = true
          if (piece === 1) {
            return Effect.zipRight(wait(latency.body / 2), Effect.suspend(() => {
              happens(exchange, "HalfBody")
              return take(bytes.subarray(0, middle))
            }))
          }
          if (fault?.point === "Body") {
            switch (fault.what) {
              case "Cut":
                return broken(response)
              case "Stall":
                return forever(timeline)
              case "EndsEarly":
                return end
              case "Oversized":
                return piece === 2
                  ? take(bytes.subarray(middle))
                  : exchange.bytesTaken < oversized
                  ? take(blanks)
                  : end
            }
          }
          if (piece === 2) {
            return Effect.zipRight(wait(latency.body / 2), Effect.suspend(() => take(bytes.subarray(middle))))
          }
          if (fault?.point === "AfterBody") return fault.what === "Close" ? broken(response) : forever(timeline)
          return end
        }

        const letGo = Effect.sync(() => {
          if (timeline.isOver()) return
          exchange.closedAt ??= timeline.now()
          if (exchange.seen._tag === "Nothing") see({ _tag: "Aborted" }, () => `lets go of ${name} in mid-answer`)
        })
        const stream = (response: Answered) =>
          Stream.fromPull(
            Effect.as(
              Effect.addFinalizer(() => letGo),
              deafening(scenario.client.deaf, Effect.suspend(() => next(response)))
            )
          )
        return Effect.map(
          InMemoryHttpClient.render(request, { _tag: "Answered", reply, body: { _tag: "Whole" } }),
          (rendered) => {
            const response: Answered = Object.create(rendered, { stream: { get: () => stream(response) } })
            return response
          }
        )
      }

      /** The request reaches the provider, unless it is lost on its way, and is dealt with. */
      const arrive = (
        from: number,
        isLost: () => boolean,
        onHandled: (reply: Emulator.Reply) => void,
        crash?: Emulator.Context["crash"]
      ): void => {
        timeline.after("World", from, () => {
          if (isLost()) {
            journal.note("network", () => `${name} is lost with its connection`)
            return
          }
          const who = operation === "Status" && plan.stale && replica !== null ? replica : provider
          happens(exchange, "Arrived")
          journal.note("provider", () => `receives ${name}`)
          exchange.arrivals += 1
          const context = { at: wallTime(), requestIndex: index }
          const finish = who.receive(incoming, crash === undefined ? context : { ...context, crash })
          timeline.after("World", latency.process, () => {
            const { reply } = finish(wallTime())
            observe()
            happens(exchange, "Applied")
            onHandled(reply)
          })
        })
      }
      const nobody = (): void => {}
      const back = (reply: Emulator.Reply) => later(latency.answer, () => answer(reply))
      const safely = () => false
      const unlessGivenUp = () => plan.lostOnAbort && exchange.seen._tag === "Aborted"

      const send = (): void => {
        exchange.sent = true
        happens(exchange, "Sent")
        if (fault?.point === "Sent") {
          if (fault.what === "Twice") {
            const { answers, lateBy } = fault
            arrive(latency.request, safely, answers === "First" ? back : nobody)
            arrive(latency.request + lateBy, safely, answers === "Second" ? back : nobody)
            return
          }
          if (fault.lateBy !== null) arrive(latency.request + fault.lateBy, safely, nobody)
          later(latency.request, () => {
            switch (fault.what) {
              case "Close":
              case "Reset":
                return fail(losses[fault.what](), { _tag: "Failed" })
              case "Defect":
                return die()
              case "Answer":
                return back(compose(fault.answer, operation))
              case "Stall":
                return
            }
          })
          return
        }
        const crash = fault?.point !== "Provider" ? undefined : fault.what === "CrashBefore" ? "BeforeApplying" : "AfterApplying"
        arrive(
          latency.request,
          unlessGivenUp,
          (reply) => {
            if (fault?.point !== "Applied") return back(reply)
            switch (fault.what) {
              case "Close":
                return later(latency.answer, () => fail(losses.Close(), { _tag: "Failed" }))
              case "Reset":
                return later(latency.answer, () => fail(losses.Reset(), { _tag: "Failed" }))
              case "Answer":
                return back(compose(fault.answer, operation))
              case "Stall":
                return
            }
          },
          crash
        )
      }

      happens(exchange, "Connecting")
      later(latency.connect, () => {
        // Given up before the connection stood: nothing leaves any more.
        if (!isOpen()) return
        if (fault?.point !== "Connecting") return send()
        switch (fault.what) {
          case "Stall":
            return
          case "Defect":
            return die()
          default:
            return fail(
              connectFailures[fault.what](),
              fault.what === "HandshakeReset" ? { _tag: "Failed" } : { _tag: "Unsent" }
            )
        }
      })

      return Effect.sync(() => {
        if (timeline.isOver()) return
        exchange.closedAt = timeline.now()
        see({ _tag: "Aborted" }, () => `gives up on ${name}`)
      })
    })

  return {
    paymentId,
    exchanges,
    truth,
    on,
    begin,
    client: (caller) => {
      // `HttpClient.make` would add an `AbortController` to each request, which nobody needs here and all wait for.
      const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
        (requested) =>
          Effect.flatMap(requested, (request) =>
            Effect.flatMap(InMemoryHttpClient.bodyText(request), (body) =>
              deafening(scenario.client.deaf, execute(caller, request, body)))),
        Effect.succeed
      )
      return scenario.client.filtersStatus ? HttpClient.filterStatusOk(client) : client
    }
  }
}

const blanks = encoder.encode(" ".repeat(65_536))

const deafening = <A, E, R>(deaf: boolean, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  deaf ? Effect.uninterruptible(effect) : effect

const describe = (fault: Fault | null): string => {
  if (fault === null) return ""
  const details = "answer" in fault ? ` ${fault.answer.status} ${JSON.stringify(fault.answer.body)}` : ""
  const late = "lateBy" in fault && fault.lateBy !== null ? `, arrives ${fault.lateBy.toFixed(3)} ms late` : ""
  return ` (${fault.point}: ${fault.what}${details}${late})`
}

/** A body as decoded JSON; null where it is no JSON object. */
export const objectIn = (reply: Emulator.Reply): Emulator.JsonObject | null => {
  const body = parseObject(reply.body)
  return isObject(body) ? body : null
}
