/**
 * One exchange between a client and the provider, with whatever goes wrong with it: the
 * request on its way, and the answer's head and body on their way back.
 */
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import * as InMemoryHttpClient from "../../src/sandbox/InMemoryHttpClient.js"
import { forever, type Instant, type Timeline } from "./clock.js"
import type { Journal, Order } from "./journal.js"
import type { Operation } from "./facts.js"
import type { AnswerPlan, ClientPlan, ExchangePlan, Fault, Moment } from "./scenario.js"
import { connectFailures, losses, raise } from "./transport.js"

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
  sentAt: Instant | null
  /** How often the provider dealt with it. */
  arrivals: number
  /** When each of them arrived there. */
  readonly arrivedAt: Array<Instant>
  /** When the provider first answered it with a success, whether or not that answer was seen. */
  granted: Order | null
  /** What the provider then called it, where it gives such requests a name. */
  reference: string | null
  /** The HTTP status, once the head of an answer is here. */
  head: number | null
  headAt: Instant | null
  headOrder: Order | null
  /** What the head asked to wait, as it said it. */
  headAsked: string | null
  bodyTouched: boolean
  bytesTaken: number
  seen: Seen
  seenAt: Instant | null
  seenOrder: Order | null
  /** What the client's wall clock said then. */
  seenWall: number
  /** When the client let go of the connection, if it did. */
  closedAt: Instant | null
}

/** What an exchange takes place in. */
export interface Surroundings {
  readonly timeline: Timeline
  readonly journal: Journal
  readonly client: ClientPlan
  /** The client's wall clock. */
  readonly clientWall: () => number
  /** Says that a moment of an exchange has come. */
  readonly happens: (exchange: Exchange, moment: Moment) => void
  /** Has the provider take a request in; what is returned finishes it. */
  readonly receive: (exchange: Exchange, crash?: Emulator.Context["crash"]) => () => Emulator.Reply
  readonly compose: (plan: AnswerPlan, operation: Operation) => Emulator.Reply
  /** What an answer asks to wait, as it says it. */
  readonly asked: (reply: Emulator.Reply) => string | null
}

type Request = HttpClientRequest.HttpClientRequest
type Response = HttpClientResponse.HttpClientResponse
type Outcome = Effect.Effect<Response, HttpClientError.RequestError>

const encoder = new TextEncoder()

const blanks = encoder.encode(" ".repeat(65_536))

/** A body that is more than any policy here allows. */
const oversized = 1_100_000

const deafening = <A, E, R>({ deaf }: ClientPlan, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  deaf ? Effect.uninterruptible(effect) : effect

/** How an exchange is spoken of. */
const nameOf = ({ index, operation }: Exchange): string => `${operation === "Cancel" ? "cancel" : "status query"} #${index}`

/** Notes what the client has seen in the end, once. */
const see = ({ clientWall, happens, journal, timeline }: Surroundings, exchange: Exchange, seen: Seen, words: string): void => {
  exchange.seen = seen
  exchange.seenAt = timeline.now()
  exchange.seenWall = clientWall()
  exchange.seenOrder = journal.note(`caller ${exchange.caller}`, () => `${nameOf(exchange)}: ${words}`)
  happens(exchange, "Ended")
}

const isOpen = ({ closedAt, seen }: Exchange): boolean => seen._tag === "Nothing" && closedAt === null

// ------------------------------------------------------------------- body

type Piece = Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<HttpClientError.ResponseError>>

/**
 * Gives the pieces of a body, one after the other: its first half, its second half, its end,
 * unless something goes wrong before.
 */
const pieces = (surroundings: Surroundings, exchange: Exchange, reply: Emulator.Reply, breakOff: Piece): () => Piece => {
  const { happens, timeline } = surroundings
  const { fault, latency } = exchange.plan
  const bytes = encoder.encode(reply.body)
  const middle = Math.floor(bytes.length / 2)
  const endsEarly = fault?.point === "Body" && fault.what === "EndsEarly"

  const take = (chunk: Uint8Array): Piece =>
    Effect.sync(() => {
      exchange.bytesTaken += chunk.length
      return Chunk.of(chunk)
    })
  const afterAWhile = (piece: () => Piece): Piece =>
    Effect.zipRight(
      Effect.async<void>((resume) => {
        const callOff = timeline.after("Client", latency.body / 2, () => resume(Effect.void))
        return Effect.sync(callOff)
      }),
      Effect.suspend(piece)
    )
  const end: Piece = Effect.suspend(() => {
    const answer = endsEarly ? { ...reply, body: reply.body.slice(0, middle) } : reply
    see(surroundings, exchange, { _tag: "Whole", answer, size: exchange.bytesTaken }, "the answer is complete")
    return Effect.fail(Option.none())
  })

  let nth = 0
  return () => {
    nth += 1
    exchange.bodyTouched = true
    if (nth === 1) {
      return afterAWhile(() => {
        happens(exchange, "HalfBody")
        return take(bytes.subarray(0, middle))
      })
    }
    if (fault?.point === "Body" && fault.what === "Cut") return breakOff
    if (fault?.point === "Body" && fault.what === "Stall") return forever(timeline)
    if (endsEarly) return end
    if (nth === 2) return afterAWhile(() => take(bytes.subarray(middle)))
    if (fault?.point === "Body" && exchange.bytesTaken < oversized) return take(blanks)
    if (fault?.point === "AfterBody") return fault.what === "Close" ? breakOff : forever(timeline)
    return end
  }
}

/** An answer whose head is here, and whose body comes when it is asked for. */
const respond = (surroundings: Surroundings, exchange: Exchange, request: Request, reply: Emulator.Reply): Outcome => {
  const { client, timeline } = surroundings
  const breakOff = (response: Response): Piece =>
    Effect.suspend(() => {
      see(surroundings, exchange, { _tag: "Failed" }, "the connection breaks")
      const cause = losses.Close()
      return Effect.fail(Option.some(new HttpClientError.ResponseError({ request, response, reason: "Decode", cause })))
    })
  const letGo = Effect.sync(() => {
    if (timeline.isOver()) return
    exchange.closedAt ??= timeline.now()
    if (exchange.seen._tag === "Nothing") see(surroundings, exchange, { _tag: "Aborted" }, "is given up in the middle of the answer")
  })
  const stream = (response: Response) =>
    Stream.fromPull(
      Effect.as(
        Effect.addFinalizer(() => letGo),
        deafening(client, Effect.suspend(pieces(surroundings, exchange, reply, breakOff(response))))
      )
    )
  return Effect.map(
    InMemoryHttpClient.render(request, { _tag: "Answered", reply, body: { _tag: "Whole" } }),
    (rendered) => {
      const response: Response = Object.create(rendered, { stream: { get: () => stream(response) } })
      return response
    }
  )
}

// ------------------------------------------------------------- there and back

/** Sends the request on its way, and whatever comes back to the client. */
const travel = (
  surroundings: Surroundings,
  exchange: Exchange,
  client: {
    readonly answer: (reply: Emulator.Reply) => void
    readonly fail: (cause: Error, seen: Seen) => void
    readonly die: () => void
  }
): void => {
  const { compose, happens, journal, receive, timeline } = surroundings
  const { fault, latency, lostOnAbort } = exchange.plan
  const { answer, die, fail } = client
  const back = (reply: Emulator.Reply) => timeline.after("Client", latency.answer, () => answer(reply))
  const lose = (by: keyof typeof losses) => timeline.after("Client", latency.answer, () => fail(losses[by](), { _tag: "Failed" }))
  const nobody = (): void => {}

  /** The request reaches the provider, unless it is lost on its way, and is dealt with. */
  const arrive = (how: {
    readonly lateBy?: number
    readonly canBeLost?: boolean
    readonly crash?: Emulator.Context["crash"]
    readonly handled: (reply: Emulator.Reply) => void
  }): void => {
    const { canBeLost = false, crash, handled, lateBy = 0 } = how
    timeline.after("World", latency.request + lateBy, () => {
      if (canBeLost && lostOnAbort && exchange.seen._tag === "Aborted") {
        journal.note("network", () => `${nameOf(exchange)} is lost with its connection`)
        return
      }
      happens(exchange, "Arrived")
      journal.note("provider", () => `receives ${nameOf(exchange)}`)
      exchange.arrivals += 1
      exchange.arrivedAt.push(timeline.now())
      const finish = receive(exchange, crash)
      timeline.after("World", latency.process, () => {
        const reply = finish()
        happens(exchange, "Applied")
        handled(reply)
      })
    })
  }

  exchange.sent = true
  exchange.sentAt = timeline.now()
  happens(exchange, "Sent")
  if (fault?.point === "Sent" && fault.what === "Twice") {
    arrive({ handled: fault.answers === "First" ? back : nobody })
    arrive({ lateBy: fault.lateBy, handled: fault.answers === "Second" ? back : nobody })
    return
  }
  if (fault?.point === "Sent") {
    if (fault.lateBy !== null) arrive({ lateBy: fault.lateBy, handled: nobody })
    timeline.after("Client", latency.request, () => {
      if (fault.what === "Defect") die()
      else if (fault.what === "Answer") back(compose(fault.answer, exchange.operation))
      else if (fault.what !== "Stall") fail(losses[fault.what](), { _tag: "Failed" })
    })
    return
  }
  arrive({
    canBeLost: true,
    ...(fault?.point === "Provider" ? { crash: fault.what === "CrashBefore" ? "BeforeApplying" : "AfterApplying" } : {}),
    handled: (reply) => {
      if (fault?.point === "Provider" && !fault.isHeard) lose("Close")
      else if (fault?.point !== "Applied") back(reply)
      else if (fault.what === "Answer") back(compose(fault.answer, exchange.operation))
      else if (fault.what !== "Stall") lose(fault.what)
    }
  })
}

/** Gives up a request whose time is over, if the connection does not stand yet: nothing leaves any more. Says whether. */
export const giveUpUnsent = (surroundings: Surroundings, exchange: Exchange): boolean => {
  if (exchange.sent || !isOpen(exchange)) return false
  exchange.closedAt = surroundings.timeline.now()
  see(surroundings, exchange, { _tag: "Unsent" }, "is given up before it has a connection")
  return true
}

/**
 * Carries out one exchange, from connecting to the last byte. Interrupted, it is given up:
 * what is on its way already goes on.
 */
export const perform = (surroundings: Surroundings, open: () => Exchange, request: Request): Outcome =>
  deafening(surroundings.client, Effect.suspend(() => {
    // What `async` is given to call it off would not be called where the fiber yields before it waits.
    let giveUp = (): void => {}
    return Effect.onInterrupt(begin(surroundings, open, request, (how) => giveUp = how), () => Effect.sync(() => giveUp()))
  }))

const begin = (surroundings: Surroundings, open: () => Exchange, request: Request, givenUp: (how: () => void) => void): Outcome =>
  Effect.async<Response, HttpClientError.RequestError>((resume) => {
    // Only here, so that nothing can come between the beginning of an exchange and its end.
    const exchange = open()
    givenUp(() => {
      if (timeline.isOver() || !isOpen(exchange)) return
      exchange.closedAt = timeline.now()
      see(surroundings, exchange, { _tag: "Aborted" }, "is given up")
    })
    const { client, happens, journal, timeline } = surroundings
    const { fault, latency } = exchange.plan
    timeline.finally(() => resume(Effect.interrupt))

    /** Only the first thing that comes back reaches the client, and only while it listens. */
    let isAnswered = false
    const ifExpected = (task: () => void): void => {
      if (isAnswered || !isOpen(exchange)) return
      isAnswered = true
      task()
    }
    const fail = (cause: Error, seen: Seen) =>
      ifExpected(() => {
        see(surroundings, exchange, seen, `fails with ${cause.message}`)
        resume(raise(client.dialect, request, cause))
      })
    const die = () =>
      ifExpected(() => {
        see(surroundings, exchange, { _tag: "Died" }, "the HTTP client dies")
        resume(Effect.dieMessage("the HTTP client is broken"))
      })
    const answer = (reply: Emulator.Reply) =>
      ifExpected(() => {
        exchange.head = reply.status
        exchange.headAt = timeline.now()
        exchange.headAsked = surroundings.asked(reply)
        exchange.headOrder = journal.note(`caller ${exchange.caller}`, () => `${nameOf(exchange)} is answered: ${reply.status} ${reply.body.slice(0, 120)}`)
        resume(respond(surroundings, exchange, request, reply))
        happens(exchange, "Head")
      })

    happens(exchange, "Connecting")
    timeline.after("Client", latency.connect, () => {
      // Given up before the connection stands, nothing leaves any more.
      if (!isOpen(exchange)) return
      if (fault?.point !== "Connecting") travel(surroundings, exchange, { answer, fail, die })
      else if (fault.what === "Defect") die()
      else if (fault.what !== "Stall") {
        fail(connectFailures[fault.what](), { _tag: fault.what === "HandshakeReset" ? "Failed" : "Unsent" })
      }
    })
  })

/** What goes wrong with an exchange, in words. */
export const describe = (fault: Fault | null): string => {
  if (fault === null) return ""
  const details = "answer" in fault ? ` ${fault.answer.status} ${JSON.stringify(fault.answer.body)}` : ""
  const late = "lateBy" in fault && fault.lateBy !== null ? `, arrives ${fault.lateBy.toFixed(3)} ms late` : ""
  return ` (${fault.point}: ${fault.what}${details}${late})`
}
