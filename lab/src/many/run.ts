/**
 * A few hundred payments at four providers, cancelled by the real `CancelMany` against the real
 * sandbox in memory. Time passes only as far as one lets it, so it runs in a page as in a test.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { DateTime, Deferred, Effect, Either, Layer, Option, Scope, Stream } from "effect"
import { CancelEvent, CancelMany, CancelPolicy } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { providers as layers, type Request, requestFor, router } from "../../../test/many/payments.js"
import { type Audit, audit, type Claim, type Result, type Standing, standingAfter } from "./claims.js"
import { incident } from "./incident.js"
import { network, type Sent } from "./network.js"
import { type FaultName, makeSwitches, type On, type Provider, providers } from "./Switches.js"
import { begin, makeTime } from "./time.js"

/** How many requests in a row without a good answer it takes until a provider is left alone. */
const failuresUntilAlone = 6

const each: CancelMany.Limits = {
  concurrency: 8,
  outage: { failures: failuresUntilAlone, probeAfter: "1 second", giveUpAfter: "20 seconds" },
  retryBudget: { share: 0.2, reserve: 20 }
}

const rate: NonNullable<CancelMany.Limits["rate"]> = { requests: 6, interval: "1 second" }

/** So that there is something to watch, each account has been promised less than it might be. WePay's rate is its documented one. */
const limits: { readonly [P in Provider]: CancelMany.Limits } = {
  Stripe: { ...each, rate },
  Square: { ...each, rate },
  Adyen: { ...each, rate },
  WePay: each
}

/** A provider that was sent nothing for so long is left alone, or asked for that, in milliseconds. */
const silence = 1200

/** How far back the rate and the requests are shown, in milliseconds. */
export const recent = { rate: 3000, requests: 20_000 } as const

/** What arrives late has arrived after so long, in milliseconds. */
const aftermath = 3000

/** What can be seen of a payment. */
export type Kind = "Waiting" | "UnderWay" | Claim

/** One payment. It is replaced whenever something about it changes. */
export interface Cell {
  readonly index: number
  readonly provider: Provider
  readonly paymentId: string
  readonly key: string
  readonly isUnderWay: boolean
  /** What is claimed of it; null before there is a result. */
  readonly standing: Standing | null
  /** The `_tag` of its last result, and its own words; empty before. */
  readonly told: string
  readonly message: string
  /** What happened to its requests. */
  readonly steps: ReadonlyArray<{ readonly at: number; readonly says: string }>
}

export const kindOf = ({ isUnderWay, standing }: Cell): Kind => isUnderWay ? "UnderWay" : standing?.claim ?? "Waiting"

/** What the network has seen of a provider lately. */
export interface Lane {
  readonly provider: Provider
  /** Its latest requests. */
  readonly sent: ReadonlyArray<Sent>
  /** Why nothing is sent although something waits, and for how long already; null if that is not so. */
  readonly pause: { readonly why: "Down" | "Asked"; readonly millis: number; readonly probes: number } | null
}

export type Phase = "New" | "Running" | "Stopping" | "Stopped" | "Done"

/** All that there is to see. */
export interface Picture {
  readonly phase: Phase
  /** The milliseconds that have passed. */
  readonly now: number
  /** How often it was begun. */
  readonly runs: number
  readonly cells: ReadonlyArray<Cell>
  readonly lanes: ReadonlyArray<Lane>
  /** How many results there were in the last seconds, per second. */
  readonly rate: number
  readonly on: On
  readonly audit: Audit
  /** At how many payments a cancel was carried out, and its answer lost or a failure. */
  readonly hidden: number
}

export interface World {
  readonly picture: () => Picture
  /** Cancels whatever is not settled, under the same keys. With `rehearsed`, faults come and go by themselves. */
  readonly start: (options?: { readonly rehearsed?: boolean }) => void
  /** Begins nothing more; what is under way is carried through. */
  readonly stop: () => void
  readonly set: (fault: FaultName, where: ReadonlyArray<Provider>, isOn: boolean) => void
  /** Lets time pass, in milliseconds. */
  readonly advance: (millis: number) => void
  readonly sandbox: Sandbox.Service
}

/** What some payments are when everything begins: not all of them can be cancelled. */
const others: { readonly [P in Provider]: { readonly closed: string; readonly cancelled: string } } = {
  Stripe: { closed: "succeeded", cancelled: "canceled" },
  Square: { closed: "COMPLETED", cancelled: "CANCELED" },
  Adyen: { closed: "captured", cancelled: "cancelled" },
  WePay: { closed: "completed", cancelled: "canceled" }
}

/** Every so many payments, one is of another kind. */
const isClosed = (nth: number) => nth % 17 === 9
const isCancelled = (nth: number) => nth % 29 === 20

// A cast, because which statuses a provider has is only known when it runs: the sandbox refuses others.
const create = (sandbox: Sandbox.Service, provider: Provider, status: string | null) =>
  sandbox.create(provider, (status === null ? {} : { status }) as object)

export const makeWorld = (options: {
  /** How many payments there are at each provider. */
  readonly sizes: { readonly [P in Provider]: number }
  /** What chance follows. */
  readonly seed?: string
}): World => {
  const time = makeTime(options.seed ?? "lab")
  const sandbox = time.run(Scope.extend(Sandbox.make, time.run(Scope.make())))
  const switches = makeSwitches(sandbox)
  const sent: Array<Sent> = []
  const ended: Array<number> = []
  const existing = new Set<string>()
  const requests: Array<Request> = []
  const places = new Map<string, number>()
  let cells: ReadonlyArray<Cell> = []
  let phase: Phase = "New"
  let runs = 0
  let stopping: Deferred.Deferred<void> | null = null

  for (const provider of providers) {
    for (let nth = 0; nth < options.sizes[provider]; nth += 1) {
      const status = isClosed(nth) ? others[provider].closed : isCancelled(nth) ? others[provider].cancelled : null
      const paymentId = time.run(create(sandbox, provider, status))
      const request = requestFor(provider, paymentId)
      if (isCancelled(nth)) existing.add(paymentId)
      places.set(paymentId, requests.length)
      cells = [...cells, {
        index: requests.length,
        provider,
        paymentId,
        key: request.idempotencyKey ?? "",
        isUnderWay: false,
        standing: null,
        told: "",
        message: "",
        steps: []
      }]
      requests.push(request)
    }
  }

  const change = (paymentId: string, changes: (cell: Cell) => Partial<Cell>) => {
    const index = places.get(paymentId)
    cells = cells.map((cell) => cell.index === index ? { ...cell, ...changes(cell) } : cell)
  }

  const events = CancelEvent.layer((event) =>
    Effect.sync(() => {
      const at = DateTime.toEpochMillis(event.at) - begin
      if (event._tag === "ExchangeStarted") change(event.paymentId, () => ({ isUnderWay: true }))
      if (event._tag === "ExchangeEnded") {
        const { evidence, explanation, httpStatus, operation } = event.exchange
        const says = `${operation === "Cancel" ? "cancel request" : "status query"}: ${explanation} (${
          [evidence, ...Option.toArray(httpStatus)].join(", ")
        })`
        change(event.paymentId, ({ steps }) => ({ steps: [...steps, { at, says }] }))
      }
    })
  )

  const note = ({ paymentId }: Request, result: Result) => {
    const { _tag } = Either.merge(result)
    ended.push(time.now())
    change(paymentId ?? "", ({ standing, steps }) => ({
      isUnderWay: false,
      standing: standingAfter(standing, result),
      told: _tag,
      message: Either.match(result, { onLeft: ({ message }) => message, onRight: ({ evidence }) => `proved by ${evidence}` }),
      steps: [...steps, { at: time.now(), says: `result: ${_tag}` }]
    }))
  }

  const run = (left: ReadonlyArray<Request>, stop: Deferred.Deferred<void>) =>
    Stream.fromIterable(left).pipe(
      CancelMany.cancelMany(router.cancel, { limits, stopWhen: Deferred.await(stop) }),
      Stream.runForEach(({ request, result }) => Effect.sync(() => note(request, result))),
      Effect.provide(Layer.merge(
        events,
        Layer.provide(layers(), Layer.succeed(HttpClient.HttpClient, network(sandbox, switches, sent)))
      )),
      Effect.provideService(CancelPolicy.CurrentOptions, { attempts: 3, deadline: "40 seconds" }),
      Effect.zipRight(Effect.sleep(aftermath)),
      Effect.zipRight(Effect.sync(() => {
        phase = phase === "Stopping" ? "Stopped" : "Done"
        stopping = null
      }))
    )

  const laneOf = (provider: Provider): Lane => {
    const now = time.now()
    const all = sent.filter((one) => one.provider === provider)
    const over = all.filter(({ fate }) => fate !== null)
    const last = all.at(-1)
    const isOpen = cells.some((cell) => cell.provider === provider && (cell.isUnderWay || cell.standing === null))
    const millis = last === undefined ? 0 : now - last.at
    const good = over.findLastIndex(({ fate }) => fate === "Answered" || fate === "TooMany")
    const failed = over.length - 1 - good
    const quiet = phase === "Running" && isOpen && millis > silence
    const pause = (why: "Down" | "Asked", probes: number) => ({ why, millis, probes })
    // What goes out after a silence is a probe.
    const probes = over.slice(good + 1).filter(({ at }, nth, failures) => at - (failures[nth - 1]?.at ?? at) > silence).length
    return {
      provider,
      sent: all.filter(({ at }) => at > now - recent.requests),
      pause: !quiet ? null : failed >= failuresUntilAlone ? pause("Down", probes) : over.at(-1)?.fate === "TooMany" ? pause("Asked", 0) : null
    }
  }

  return {
    sandbox,
    advance: time.advance,
    set: switches.set,
    picture: () => {
      const now = time.now()
      return {
        phase,
        now,
        runs,
        cells,
        lanes: providers.map(laneOf),
        rate: ended.filter((at) => at > now - recent.rate).length / (recent.rate / 1000),
        on: switches.on(),
        audit: time.run(audit(sandbox, cells, existing)),
        hidden: new Set(sent.flatMap(({ hides }) => hides ?? [])).size
      }
    },
    start: ({ rehearsed = false } = {}) => {
      if (phase === "Running" || phase === "Stopping") return
      const left = requests.filter((_, index) => cells[index]?.standing?.isSettled !== true)
      // What was claimed of them may now become otherwise; a doubt stays until it is cleared up.
      cells = cells.map((cell) => cell.standing === null || cell.standing.isSettled || cell.standing.claim === "InDoubt" ? cell : { ...cell, standing: null })
      phase = "Running"
      runs += 1
      const stop = time.run(Deferred.make<void>())
      stopping = stop
      const running = run(turnAbout(left), stop)
      time.fork(rehearsed ? Effect.race(running, incident(switches)) : running)
    },
    stop: () => {
      if (phase !== "Running" || stopping === null) return
      phase = "Stopping"
      const stop = stopping
      time.fork(Deferred.succeed(stop, undefined))
    }
  }
}

/** One for each provider in turn. */
const turnAbout = (requests: ReadonlyArray<Request>): ReadonlyArray<Request> => {
  const lanes = providers.map((name) => requests.filter(({ provider }) => provider === name))
  return requests.flatMap((_, nth) => lanes.flatMap((lane) => lane[nth] ?? []))
}

/** How many of each kind there are, in the order in which they are shown. */
export const countsOf = (cells: ReadonlyArray<Cell>): { readonly [K in Kind]: number } => {
  const counts = { Waiting: 0, UnderWay: 0, Cancelled: 0, Accepted: 0, NotCancelled: 0, InDoubt: 0, NotBegun: 0 }
  for (const cell of cells) counts[kindOf(cell)] += 1
  return counts
}

/** What a further start would cancel. */
export const leftOf = (cells: ReadonlyArray<Cell>): number => cells.filter(({ standing }) => standing?.isSettled !== true).length
