/**
 * What the simulation plays: every way of cancelling at every provider, as the provider's own
 * facts have it, and the library's cancel. The facts are taken from the provider's
 * documentation, not from the library: what the library declares is what is on trial.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Notification from "../../src/Notification.js"
import * as Provider from "../../src/authoring/Provider.js"
import { type Connection, type DeclarationModule, type Home, homes, operationOf, type Operation as Offered, verifierOf } from "../support/homes.js"
import {
  type Cancel,
  type Code,
  type Doubt,
  nameOf,
  type ProviderFacts,
  subjectOf,
  type Way,
  type Webhooks as WebhookFacts
} from "../support/ProviderFacts.js"

export { type Act, type Cancel, type Doubt, type Failure, type Operation, type Standing, text } from "../support/ProviderFacts.js"

/** A code with which a provider refuses, in a 4xx. */
export interface RefusalCode {
  readonly code: string
  readonly status: number
  /** What is refused: the request as such, or because of the state of the payment. */
  readonly about: "Request" | "Payment"
  /** The provider documents that the same request may be sent again. */
  readonly tryAgain: boolean
}

/** A code that leaves open whether the payment is or will be cancelled, whatever status it comes with. */
export interface DoubtfulCode {
  readonly code: string
  readonly status: number
  readonly doubt: "StillRunning" | "Unproven"
}

/** The HTTP client of one caller in one simulation. */
export class Network extends Context.Reference<Network>()("test/simulation/Network", {
  defaultValue: (): HttpClient.HttpClient =>
    HttpClient.make(() => Effect.dieMessage("nobody has given this caller a network"))
}) {}

/** A provider is connected once, as a program does it; which network its requests go out to is the caller's. */
const everyones = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
  Effect.flatMap((request) => Effect.flatMap(Network, (network) => network.execute(request))),
  Effect.succeed
)

/** Facts and rules of a provider, changed on purpose, to see whether that is noticed. */
export interface Alteration {
  readonly declaration?: (declaration: DeclarationModule["declaration"], facts: Facts) => DeclarationModule["declaration"]
  readonly operation?: (operation: Offered, facts: Facts) => Offered
  readonly webhooks?: (webhooks: Webhooks) => Webhooks
}

/** How a provider tells what became of a payment. */
export interface Webhooks extends WebhookFacts {
  /** What the library makes of it. */
  readonly read: Notification.Verifier<string>
  readonly confirm: typeof Notification.confirm<string>
}

/** What the simulation knows about one way of cancelling. */
export interface Facts extends
  Omit<Way, "licence" | "options" | "request" | "credentials">,
  Omit<ProviderFacts, "name" | "emulator" | "webhooks" | "ways" | "codes">
{
  readonly provider: string
  /** What tells it from all the others. */
  readonly name: string
  readonly secrets: ReadonlyArray<string>
  /** The doubts after which a provider's documents let one send the same request again. */
  readonly licence: ReadonlyArray<Doubt>
  /** The 4xx statuses that leave it open, whatever the body holds, whether a request under the same key still runs. */
  readonly stillRunning: ReadonlyArray<number>
  readonly refusals: ReadonlyArray<RefusalCode>
  readonly doubtful: ReadonlyArray<DoubtfulCode>
  /** The 4xx statuses that say all there is to say in an answer without a code. */
  readonly bare: ReadonlyArray<number>
  /** What is known of an answer with this status and this code, or with none. */
  readonly codeOf: (status: number, code: string | null) => Code | null
  /** What the provider's own errors say, by their tags. */
  readonly outcomes: { readonly [tag: string]: Code["outcome"] }
  /** Whether a cancel has a key that means something: a provider may disregard the one it is sent. */
  readonly honoursKey: boolean
  readonly hasStatusQuery: boolean
  /** Whether there is a documented success that states nothing. */
  readonly hasSilentSuccess: boolean
  /** Whether there is a refusal that itself states the payment. */
  readonly hasTellingRefusal: boolean
  readonly webhooks: Webhooks | null
  /** How often it is played among the others: the more its rules distinguish, the more often. */
  readonly weight: number
  /** The library's cancel at this provider; its clock is the one of whoever connects it. Unless a client is given, it is each caller's. */
  readonly cancel: (alteration: Alteration, clock: Clock.Clock, client?: HttpClient.HttpClient) => Cancel
}

/** The first code of each kind: further ones would only make the rare kinds rarer. */
const ofEachKind = (codes: ReadonlyArray<Code>): ReadonlyArray<Code> => {
  const kind = ({ about, category, states, statuses, stillRunning, tryAgain }: Code) =>
    JSON.stringify([about, category, states, statuses, stillRunning, tryAgain])
  return [...new Map(codes.map((code) => [kind(code), code] as const).reverse()).values()].reverse()
}

/** One that states the payment is for the provider itself to give, and only where it is true. */
const refusals = (codes: ReadonlyArray<Code>): ReadonlyArray<RefusalCode> =>
  ofEachKind(codes).flatMap(({ about, code, outcome, states, statuses: [status], tryAgain }) =>
    outcome === "NotCancelled" && code !== null && states === null ? [{ code, status, about, tryAgain }] : [])

const doubtful = (codes: ReadonlyArray<Code>): ReadonlyArray<DoubtfulCode> =>
  ofEachKind(codes).flatMap(({ code, outcome, statuses: [status], stillRunning }) =>
    outcome === "Unknown" && code !== null ? [{ code, status, doubt: stillRunning ? "StillRunning" : "Unproven" }] : [])

const webhooksOf = ({ facts, library }: Home): Webhooks | null => {
  if (facts.webhooks === null) return null
  const read = verifierOf(library)
  if (read === undefined) throw new Error(`${facts.name} has no notification`)
  return { ...facts.webhooks, read, confirm: Notification.confirm }
}

const honoursKey = ({ keyHeader, licence }: Way): boolean => keyHeader !== null && licence.key !== "None"

const weightOf = (way: Way): number => {
  const { licence, receipts, statusBody } = way
  return [honoursKey(way), licence.after.length > 0, statusBody !== null, receipts !== null].filter(Boolean).length
}

const factsOf = (home: Home, way: Way): Facts => {
  const { declared: { declaration }, options } = home
  const { codes, emulator: _, name: provider, ways: __, ...shared } = home.facts
  const { licence, options: optionsOf, request, ...rest } = way
  const operation = operationOf(home, way)
  const { credentials } = home.facts.emulator
  // The emulator has the credentials of every way, each of which is called with its own.
  const own = Object.fromEntries(Object.keys(way.credentials).map((name) => [name, credentials[name] ?? ""]))
  const connection: Connection = Either.getOrThrow(options.connect(optionsOf(own)))
  const facts: Facts = {
    ...shared,
    ...rest,
    ...subjectOf(home.facts, way),
    provider,
    name: nameOf(home.facts, way),
    secrets: Object.values(own),
    licence: licence.after,
    stillRunning: licence.stillRunning,
    honoursKey: way.keyHeader !== null && licence.key !== "None",
    refusals: refusals(codes),
    doubtful: doubtful(codes),
    bare: codes.flatMap(({ code, outcome, statuses }) => code === null && outcome === "NotCancelled" ? statuses : []),
    codeOf: (status, code) =>
      codes.find((each) => code === null ? each.code === null && each.statuses.includes(status) : each.code === code) ?? null,
    outcomes: Object.fromEntries(codes.map(({ name, outcome }) => [`${provider}.${name}`, outcome])),
    hasSilentSuccess: codes.some(({ code, outcome, statuses: [status] }) => code === null && outcome === "Unknown" && status < 300),
    hasTellingRefusal: codes.some(({ states }) => states !== null),
    hasStatusQuery: way.statusBody !== null,
    webhooks: webhooksOf(home),
    weight: weightOf(way),
    cancel: (alteration, clock, client = everyones) => {
      const altered = alteration.declaration?.(declaration, facts) ?? declaration
      const offered = alteration.operation?.(operation, facts) ?? operation
      const connected = Provider.make(altered, connection).pipe(
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.withClock(clock),
        Effect.runSync
      )
      const perform = connected.cancel(offered)
      return (asked) => perform(request(asked))
    }
  }
  return facts
}

const waysOf = (home: Home): ReadonlyArray<Facts> => home.facts.ways.map((way) => factsOf(home, way))

/** Everything that is played. */
export const everything: ReadonlyArray<Facts> = homes.flatMap(waysOf)

const byName = new Map(everything.map((facts) => [facts.name, facts]))

/** Has a provider played whose home is somewhere else, and gives every way of cancelling there. */
export const playing = (home: Home): ReadonlyArray<Facts> => {
  const ways = waysOf(home)
  for (const facts of ways) byName.set(facts.name, facts)
  return ways
}

/** What is played under a name. */
export const named = (name: string): Facts => {
  const found = byName.get(name)
  if (found === undefined) throw new Error(`nobody plays ${name}`)
  return found
}
