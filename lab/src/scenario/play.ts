/**
 * Plays a scenario: the real library against the real sandbox, in memory. What is added is a
 * network that takes its time, and eyes on both sides.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { Cause, Duration, Effect, Exit, Fiber, Layer, Option } from "effect"
import { CancelEvent, CancelPolicy, type Cancellation, type Canceller, IdempotencyKey } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import { epoch } from "../../../test/simulation/clock.js"
import type { History, Message, Truth } from "./History.js"
import { type Carried, network } from "./network.js"
import { providers } from "./providers.js"
import * as Reading from "./reading.js"
import { type Disturbance, type Scenario, troubles } from "./Scenario.js"
import { elapsed, play as playInVirtualTime, type Platform } from "./VirtualTime.js"
import { deliver, type Delivered, notifiedAfter } from "./webhooks.js"

/** What the caller is told in the end. */
export type Told =
  | { readonly _tag: "Success"; readonly value: Cancellation.Cancellation }
  | { readonly _tag: "Failure"; readonly error: Canceller.CancelError }
  /** The caller did not wait for it. */
  | { readonly _tag: "Interrupted"; readonly event: CancelEvent.Interrupted | null }

export interface Played {
  readonly scenario: Scenario
  readonly paymentId: string
  readonly history: History
  readonly told: Told
  readonly events: ReadonlyArray<CancelEvent.CancelEvent>
}

/** The key of every cancel that is played. */
export const idempotencyKey = "cancel-order-1042"

export const reason = "the order was placed twice"

/** How each disturbance is injected: the fault, and what it applies to. */
export const injections = (
  { cancel = [], forever, provider, reads = [] }: Scenario
): ReadonlyArray<readonly [fault: Fault.Fault, target: Sandbox.Target<Sandbox.Provider>]> => {
  const each = (operation: "Cancel" | "Status", words: ReadonlyArray<Disturbance>) =>
    words.map((word, nth) =>
      [
        // Padding to no length at all changes nothing.
        word === "fine" ? Fault.oversizedBody(0) : troubles[word].fault,
        { provider, operation, ...forever === "yes" && nth === words.length - 1 ? { forever: true } : {} }
      ] as const)
  return [...each("Cancel", cancel), ...each("Status", reads)]
}

export const policyOf = ({ attempts, statusReads }: Scenario): CancelPolicy.Options => ({
  ...attempts === undefined ? {} : { attempts },
  ...statusReads === undefined ? {} : { statusReads }
})

const durationOf = (fault: Fault.Fault): number => "duration" in fault ? Duration.toMillis(fault.duration) : 0

/** How long a provider that only accepts a cancel takes to decide about it, and more, in milliseconds. */
const decides = 2000

/** How long what is under way at the provider may still take when the caller has its result, in milliseconds. */
const aftermath = (scenario: Scenario): number =>
  Math.max(0, ...injections(scenario).map(([fault]) => durationOf(fault))) +
  (scenario.webhooks === undefined || scenario.webhooks === "none" ? 0 : 4 * notifiedAfter) +
  (providers[scenario.provider].successes.includes("CancellationAccepted") ? decides : 0) + 600

/**
 * Which statuses of a provider stand for a cancelled payment, as the library's own status query
 * says. Where a provider has none, the word tells.
 */
const askAbout = (provider: Sandbox.Provider) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.make
    const { standing } = yield* Effect.provideService(providers[provider].connect, HttpClient.HttpClient, Sandbox.httpClient(sandbox))
    return new Set(
      yield* Effect.filter(sandbox.definition(provider).statuses, (status) =>
        Effect.flatMap(create(sandbox, provider, status), (paymentId) =>
          Effect.map(standing(paymentId), (found) =>
            Option.match(found, { onNone: () => /^cancell?ed$/i.test(status), onSome: (_) => _ === "Cancelled" }))))
    )
  }).pipe(Effect.scoped)

/** The answers, which are always the same. */
const known = new Map<Sandbox.Provider, Promise<Exit.Exit<ReadonlySet<string>>>>()

const cancelledStatuses = async (provider: Sandbox.Provider): Promise<ReadonlySet<string>> => {
  const asked = known.get(provider) ?? playInVirtualTime(() => askAbout(provider))
  known.set(provider, asked)
  return Exit.getOrElse(await asked, (cause) => {
    throw Cause.squash(cause)
  })
}

// A cast, because which statuses a provider has is only known when it runs: the sandbox refuses others.
const create = (sandbox: Sandbox.Service, provider: Sandbox.Provider, status: string | undefined) =>
  sandbox.create(provider, (status === undefined ? {} : { status }) as object)

const program = (scenario: Scenario, cancelled: ReadonlySet<string>) => (platform: Platform) =>
  Effect.gen(function*() {
    const { givesUpAfter, provider } = scenario
    const sandbox = yield* Sandbox.make
    const carried: Array<Carried> = []
    const events: Array<CancelEvent.CancelEvent> = []
    const delivered: Array<Delivered> = []
    const { cancel } = yield* Effect.provideService(providers[provider].connect, HttpClient.HttpClient, network(sandbox, carried))
    const paymentId = yield* create(sandbox, provider, scenario.status)
    yield* Effect.forEach(injections(scenario), ([fault, target]) => sandbox.inject(fault, target), { discard: true })

    let told: Told | null = null
    const cancelling = yield* cancel({ paymentId, reason }).pipe(
      Effect.provide(Layer.mergeAll(
        CancelEvent.layer((event) => Effect.sync(() => events.push(event))),
        IdempotencyKey.layer(Effect.succeed(idempotencyKey))
      )),
      Effect.provideService(CancelPolicy.CurrentOptions, policyOf(scenario)),
      Effect.fork
    )
    yield* Effect.fork(deliver({ sandbox, scenario, paymentId, platform, result: () => told === null ? null : resultOf(told), isInDoubt: () => told !== null && isInDoubt(told), note: (_) => delivered.push(_) }))
    if (givesUpAfter !== undefined) yield* Effect.fork(Effect.zipRight(Effect.sleep(givesUpAfter), Fiber.interruptFork(cancelling)))
    const exit = yield* Fiber.await(cancelling)
    // What happens in the end is noted before anybody looks.
    yield* Effect.yieldNow()
    told = toldBy(exit, events)
    yield* Effect.sleep(aftermath(scenario))
    const { history } = Option.getOrThrow(yield* sandbox.payment(provider, paymentId))
    const over = yield* elapsed
    return {
      paymentId,
      told,
      events,
      history: historyOf(scenario, { carried, delivered, events, over, truths: history.map(({ at, to }) => ({
        at: at - epoch,
        status: to,
        is: cancelled.has(to) ? "Cancelled" : "NotCancelled"
      })) })
    }
  }).pipe(Effect.scoped)

const isInDoubt = (told: Told): boolean =>
  told._tag === "Failure" ? told.error.outcome === "Unknown" : told._tag === "Interrupted" && told.event?.outcome === "Unknown"

const resultOf = (told: Told): object => {
  switch (told._tag) {
    case "Success":
      return told.value
    case "Failure":
      return told.error
    case "Interrupted":
      return told
  }
}

const toldBy = (
  exit: Exit.Exit<Cancellation.Cancellation, Canceller.CancelError>,
  events: ReadonlyArray<CancelEvent.CancelEvent>
): Told => {
  if (exit._tag === "Success") return { _tag: "Success", value: exit.value }
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "Some") return { _tag: "Failure", error: failure.value }
  return { _tag: "Interrupted", event: events.find((event) => event._tag === "Interrupted") ?? null }
}

const historyOf = (scenario: Scenario, noted: {
  readonly carried: ReadonlyArray<Carried>
  readonly delivered: ReadonlyArray<Delivered>
  readonly events: ReadonlyArray<CancelEvent.CancelEvent>
  readonly over: number
  readonly truths: ReadonlyArray<Truth>
}): History => {
  const { carried, delivered, events, over, truths } = noted
  const ended = events.filter((event) => event._tag === "ExchangeEnded")
  const duration = (tag: Fault.Fault["_tag"] | null) =>
    Math.max(0, ...injections(scenario).flatMap(([fault]) => fault._tag === tag ? [durationOf(fault)] : []))
  const messages: ReadonlyArray<Message> = [
    // One exchange at a time, so that the nth that ended is the nth that was carried.
    ...carried.flatMap((exchange, nth) =>
      Reading.messagesOf(exchange, ended[nth]?.exchange ?? null, duration(exchange.record?.fault ?? null), over)),
    ...delivered.map(({ arrives, leaves, says }): Message =>
      ({ from: "Provider", operation: "Webhook", label: says, leaves, fate: { _tag: "Arrives", at: arrives } }))
  ]
  const sides = {
    provider: scenario.provider,
    messages,
    truths,
    claims: [...Reading.claimsOf(events), ...delivered.flatMap(({ claim }) => claim === null ? [] : [claim])],
    waits: Reading.waitsOf(events),
    remarks: Reading.remarksOf(events, truths),
    ends: over
  }
  return { ...sides, steps: Reading.stepsOf(sides, events) }
}

/** Plays a scenario to its end. The same scenario has the same history, in a browser as in Node. */
export const play = async (scenario: Scenario): Promise<Played> => {
  const exit = await playInVirtualTime(program(scenario, await cancelledStatuses(scenario.provider)))
  return {
    scenario,
    ...Exit.getOrElse(exit, (cause) => {
      throw Cause.squash(cause)
    })
  }
}
