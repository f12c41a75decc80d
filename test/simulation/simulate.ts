/**
 * Plays a scenario against the library, and keeps what everybody saw.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { identity } from "effect/Function"
import * as EffectRandom from "effect/Random"
import * as Tracer from "effect/Tracer"
import * as CancelEvent from "../../src/CancelEvent.js"
import type * as Cancellation from "../../src/Cancellation.js"
import * as CancelPolicy from "../../src/CancelPolicy.js"
import { EngineParts } from "../../src/engine/run.js"
import * as IdempotencyKey from "../../src/IdempotencyKey.js"
import { forever, type Instant, makeClock, makeTimeline, type Timeline } from "./clock.js"
import * as Journal from "./journal.js"
import type * as Webhook from "../../src/sandbox/Webhook.js"
import { type Alteration, type Cancel, type Facts, type Failure, named, Network } from "./facts.js"
import * as Random from "./random.js"
import { type CallerPlan, type Scenario, type SinkPlan, usualTurn } from "./scenario.js"
import * as Scheduler from "./scheduler.js"
import type { Exchange } from "./exchange.js"
import { directly } from "./direct.js"
import * as World from "./world.js"

type Parts = typeof EngineParts.Service

/** An engine, a provider's rules or a surrounding that was broken on purpose. */
export interface Engine extends Alteration {
  readonly parts?: (parts: Parts) => Parts
  readonly client?: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  readonly events?: (event: CancelEvent.CancelEvent) => boolean
  readonly altered?: (event: CancelEvent.CancelEvent) => CancelEvent.CancelEvent
}

/** The engine as it is. */
export const unbroken: Engine = {}

/** An event as the handler got it. */
export interface Heard {
  readonly order: Journal.Order
  readonly at: Instant
  readonly event: CancelEvent.CancelEvent
}

/** What is told of the requests for access tokens, which are no exchanges about the payment. */
export const isAboutPayment = ({ operation }: { readonly operation: string }): boolean => operation !== "Authorization"

/** Whether an event is about anything but a request for an access token. */
const isNoAuthorization = ({ event }: Heard): boolean => {
  if (event._tag === "ExchangeStarted") return isAboutPayment(event)
  return event._tag !== "ExchangeEnded" || isAboutPayment(event.exchange)
}

/** What a caller heard of the payment. */
export const heardOfPayment = ({ heard }: Call): ReadonlyArray<Heard> => heard.filter(isNoAuthorization)

/** How a caller's effect ended. */
export type CallExit = Exit.Exit<Cancellation.Cancellation, Failure | Cause.TimeoutException>

/** One cancel, from the caller's side. */
export interface Call {
  readonly index: number
  readonly plan: CallerPlan
  readonly policy: CancelPolicy.CancelPolicy
  begunAt: Instant
  interrupted: Journal.Order | null
  /** Whether the cancel handed a result over, whatever becomes of the fiber after that. */
  handedOver: boolean
  interruptedAt: Instant | null
  readonly heard: Array<Heard>
  /** What was logged: messages, annotations and causes. */
  readonly logs: Array<unknown>
  /** What was traced, if it is inspected: names, attributes, events and ends of spans. */
  readonly spans: Array<unknown>
  exit: CallExit | null
  exitAt: Instant
  exitOrder: Journal.Order
  /** The caller's wall clock at the end. */
  exitWall: number
}

/** All that is known about a simulation once it is over. */
export interface Run {
  readonly scenario: Scenario
  readonly facts: Facts
  /** What the callers named the payment by. */
  readonly identifier: string
  readonly calls: ReadonlyArray<Call>
  readonly exchanges: ReadonlyArray<Exchange>
  readonly truth: ReadonlyArray<World.Change>
  /** The requests for access tokens, in their order. */
  readonly askings: ReadonlyArray<World.Asking>
  /** Of which the provider has had to notify, oldest first. */
  readonly events: ReadonlyArray<Webhook.Event>
  /** Whether everything came to rest. */
  readonly rested: boolean
  readonly lines: ReadonlyArray<Journal.Line>
}

/** The default handler of events, which logs. */
const log = Context.get(Context.empty(), CancelEvent.CancelEvents)

const handling = (timeline: Timeline, sink: SinkPlan, event: CancelEvent.CancelEvent): Effect.Effect<void> => {
  switch (sink._tag) {
    case "Prompt":
      return Effect.void
    case "Default":
      return log(event)
    case "Slow":
      return Effect.sleep(Duration.millis(sink.takes))
    case "Hangs":
      return forever(timeline)
    case "Dies":
      return Effect.dieMessage("the handler of the events is broken")
  }
}

/** A tracer that keeps whatever it is told. */
const recording = (kept: Array<unknown>): Tracer.Tracer =>
  Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      kept.push(name)
      return {
        _tag: "Span",
        name,
        spanId: String(kept.length),
        traceId: "simulation",
        parent,
        context,
        links,
        kind,
        sampled: true,
        status: { _tag: "Started", startTime },
        attributes: new Map(),
        attribute: (key, value) => kept.push(key, value),
        event: (event, _, told) => kept.push(event, told),
        addLinks: (added) => kept.push(added),
        end: (_, exit) => kept.push(exit)
      }
    },
    context: (run) => run()
  })

const resolvePolicy = (facts: Facts, plan: CallerPlan): CancelPolicy.CancelPolicy => {
  const resolved = CancelPolicy.resolve(facts.policy, plan.policy)
  return resolved._tag === "Right" ? resolved.right : facts.policy
}

const connections = new WeakMap<Engine, Map<string, Cancel>>()

/**
 * A provider is connected once for each engine. But where access tokens are needed, each
 * simulation has a connection of its own: what it is granted is worth nothing in another.
 */
const connected = (engine: Engine, provider: string, clock: Clock.Clock): Cancel => {
  if (named(provider).token !== null) return named(provider).cancel(engine, clock)
  const known = connections.get(engine) ?? new Map<string, Cancel>()
  connections.set(engine, known)
  const cancel = known.get(provider) ?? named(provider).cancel(engine, clock)
  known.set(provider, cancel)
  return cancel
}

/** Every so manieth scenario is played over a client that carries exchanges out by itself. It does not die, and is not deaf. */
const isDirect = ({ client, exchanges, seed }: Scenario, { token }: Facts, engine: Engine): boolean =>
  seed % 4 === 1 && token === null && engine.client === undefined && !client.filtersStatus && !client.deaf &&
  exchanges.every(({ fault }) => fault === null || !("what" in fault) || fault.what !== "Defect")

/**
 * Plays a scenario. With `readable`, the run has lines to read.
 */
export const simulate = (scenario: Scenario, engine: Engine = unbroken, readable = false): Run => {
  const facts = named(scenario.provider)
  const timeline = makeTimeline()
  const journal = Journal.make(timeline, readable)
  const random = Random.make(scenario.seed + 0.5)

  let wallOffset = 0
  const clock = makeClock(timeline, () => wallOffset)
  const world = World.make({ scenario, facts, timeline, journal, clientWall: () => clock.unsafeCurrentTimeMillis() })
  for (const { at, by } of scenario.wallJumps) {
    timeline.after("World", at, () => {
      wallOffset += by
      journal.note("clock", () => `the client's wall clock is set by ${by} ms`)
    })
  }
  for (const { at, lasts } of scenario.freezes) {
    timeline.after("World", at, () => {
      timeline.freeze(lasts)
      journal.note("clock", () => `the client stands still for ${lasts.toFixed(3)} ms`)
    })
  }

  const atTurn = new Map<number, () => void>()
  const scheduler = Scheduler.make(scenario.operationsPerTurn, (turn) => atTurn.get(turn)?.())
  const parts = EngineParts.pipe((reference) => Context.get(Context.empty(), reference))
  const altered = engine.parts?.(parts) ?? parts
  let keys = 0

  const startIn = <A, E>(effect: Effect.Effect<A, E>) => Effect.runFork(Effect.withClock(effect, clock), { scheduler })
  const everyones = isDirect(scenario, facts, engine) ? undefined : connected(engine, scenario.provider, clock)
  const cancelOf = (caller: number): Cancel => everyones ?? facts.cancel(engine, clock, directly(world.client(caller), startIn, () => world.giveUpUnsent(caller)))

  const start = (plan: CallerPlan, index: number): Call => {
    const call: Call = {
      index,
      plan,
      policy: resolvePolicy(facts, plan),
      begunAt: 0,
      interrupted: null,
      handedOver: false,
      interruptedAt: null,
      heard: [],
      logs: [],
      spans: [],
      exit: null,
      exitAt: 0,
      exitOrder: 0,
      exitWall: 0
    }
    const me = `caller ${index}`

    const handle = (event: CancelEvent.CancelEvent): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (engine.events?.(event) === false) return Effect.void
        const order = journal.note(me, () => `hears ${describe(event)}`)
        call.heard.push({ order, at: timeline.now(), event: engine.altered?.(event) ?? event })
        return handling(timeline, scenario.sink, event)
      })
    const generateKey = Effect.sync(() => {
      keys += 1
      return `key-${scenario.seed}-${keys}-${random.whole(0, 999_999)}`
    })
    const logger = Logger.make<unknown, void>(({ annotations, cause, message }) => {
      call.logs.push(message, [...annotations], Cause.pretty(cause))
    })
    const client = world.client(index)

    const services = Context.empty().pipe(
      Context.add(Network, engine.client?.(client) ?? client),
      Context.add(CancelEvent.CancelEvents, handle),
      Context.add(IdempotencyKey.IdempotencyKey, generateKey),
      Context.add(CancelPolicy.CurrentOptions, plan.policy),
      Context.add(EngineParts, altered)
    )
    const request = {
      identifier: world.identifier,
      reason: "no longer wanted",
      ...(plan.key === null ? {} : { idempotencyKey: plan.key })
    }
    const handOver = () => {
      call.handedOver = true
    }
    const cancelling = cancelOf(index)(request).pipe(
      Effect.mapBoth({
        onFailure: (failure) => {
          handOver()
          return failure
        },
        onSuccess: (success) => {
          handOver()
          return success
        }
      }),
      plan.shielded ? Effect.uninterruptible : identity,
      Effect.provide(services),
      (effect): Effect.Effect<Cancellation.Cancellation, Failure | Cause.TimeoutException> =>
        plan.ending._tag === "Timeout" ? Effect.timeout(effect, Duration.millis(plan.ending.after)) : effect,
      Effect.withRandom(EffectRandom.make(random.next())),
      Effect.withClock(clock),
      scenario.inspected ? Effect.withTracer(recording(call.spans)) : identity,
      Effect.locally(FiberRef.currentLoggers, HashSet.make(logger)),
      Effect.locally(FiberRef.currentMinimumLogLevel, LogLevel.All)
    )

    timeline.after("Client", plan.startsAt, () => {
      call.begunAt = timeline.now()
      journal.note(me, () => "cancels")
      const fiber = Effect.runFork(cancelling, { scheduler })
      fiber.addObserver((exit) => {
        if (timeline.isOver()) return
        call.exit = exit
        call.exitAt = timeline.now()
        call.exitWall = clock.unsafeCurrentTimeMillis()
        call.exitOrder = journal.note(me, () => `is told: ${tell(exit)}`)
      })
      awaitEnding(call, fiber)
    })
    return call
  }

  const awaitEnding = (call: Call, fiber: Fiber.RuntimeFiber<unknown, unknown>): void => {
    const interrupt = () => {
      if (call.exit !== null || call.interrupted !== null) return
      call.interruptedAt = timeline.now()
      call.interrupted = journal.note(`caller ${call.index}`, () => "is interrupted")
      fiber.unsafeInterruptAsFork(FiberId.none)
    }
    const { ending } = call.plan
    if (ending._tag === "Interrupt") world.on(ending.when, interrupt)
    if (ending._tag === "InterruptAtTurn") atTurn.set(scheduler.turns() + ending.turn, interrupt)
  }

  const calls = scenario.callers.map(start)
  world.begin()
  let rested = scheduler.drain()
  while (rested && timeline.advance()) rested = scheduler.drain()
  timeline.end()
  scheduler.tidy()

  return {
    scenario,
    facts,
    identifier: world.identifier,
    calls,
    exchanges: world.exchanges,
    truth: world.truth,
    askings: world.askings,
    events: scenario.deliveries.length === 0 ? [] : world.events(),
    rested,
    lines: journal.lines
  }
}

/** Whether a scenario is played turn by turn as Effect would do it. */
export const isUsual = ({ operationsPerTurn }: Scenario): boolean => operationsPerTurn === usualTurn

const describe = (event: CancelEvent.CancelEvent): string => {
  switch (event._tag) {
    case "ExchangeStarted":
      return `${event._tag} ${event.operation} ${event.attempt}`
    case "ExchangeEnded":
      return `${event._tag} ${event.exchange.operation} ${event.attempt}: ${event.exchange.evidence} (${event.exchange.explanation})`
    case "Waiting":
      return `${event._tag} ${Duration.format(event.delay)} before ${event.before}`
    case "Settled":
      return `${event._tag}: ${event.result}, ${event.outcome ?? "success"}`
    case "Interrupted":
      return `${event._tag} by ${event.cause}: ${event.outcome}, in flight: ${event.inFlight ?? "nothing"}`
  }
}

/** What an exit says, in short. */
export const tell = (exit: CallExit): string => {
  if (exit._tag === "Success") {
    return `${exit.value._tag} by ${exit.value.evidence}, ${exit.value.attempts} attempts`
  }
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "None") return Cause.isInterruptedOnly(exit.cause) ? "interrupted" : "died"
  return Cause.isTimeoutException(failure.value)
    ? "timed out"
    : `${failure.value._tag}, ${failure.value.outcome}, ${failure.value.attempts} attempts`
}
