/**
 * The ways a cancel can be asked for: every operation of every provider with each kind of
 * credentials that decides which call is made. What is expected of them follows from the
 * providers' facts.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type CancelError, type Cancellation, type CancelPolicy } from "effect-payment-cancel"
import { inTurns } from "../support/extent.js"
import { cancelOf, type Home, homes, statusOf } from "../support/homes.js"
import * as Interpreting from "../support/interpreting.js"
import {
  type Asked,
  type Code,
  type Credentials,
  type Doubt,
  type Failure,
  nameOf,
  type ProviderFacts,
  subjectOf,
  type Way
} from "../support/ProviderFacts.js"

export interface Request {
  readonly paymentId: string
  readonly idempotencyKey?: string | undefined
}

export interface Connection {
  /** Of the server: what a base URL has before the provider's own path. */
  readonly url: string
  readonly policy?: CancelPolicy.Options | undefined
  /** Instead of the side's own. */
  readonly credentials?: Credentials | undefined
}

type Json = { readonly [field: string]: unknown }

/** A code as it comes over the wire, and the error that tells of it. */
export interface Coded {
  readonly status: number
  /** Null where the status says it all. */
  readonly code: string | null
  readonly tag: string
  readonly category: CancelError.Category
}

export interface Side {
  readonly name: string
  readonly provider: string
  readonly facts: ProviderFacts
  readonly way: Way
  readonly cancel: (connection: Connection, request: Request) => Effect.Effect<Cancellation.Cancellation, Failure, HttpClient.HttpClient>
  /** The name of a payment in the form that the provider has; everything here that is given a name turns it into that. */
  readonly paymentId: (name: string) => string
  /** Of a payment named in the provider's own form. */
  readonly status: (
    connection: Connection,
    paymentId: string
  ) => Effect.Effect<
    { readonly status: string },
    CancelError.InvalidCancelRequest | CancelError.StatusUnavailable,
    HttpClient.HttpClient
  >
  readonly cancelTarget: (segment: string) => string
  readonly statusTarget: (segment: string) => string
  /** The body of a 200 that proves a cancel. */
  readonly proof: (paymentId: string) => Json
  /** What the proof becomes. */
  readonly success: Cancellation.Cancellation["_tag"]
  /** Whether what is only accepted is asked for, until the status says what became of it. */
  readonly asks: boolean
  /** What a cancel comes to that the provider carries out at once, and whose status can be read. */
  readonly done: { readonly success: Cancellation.Cancellation["_tag"]; readonly evidence: Cancellation.Evidence }
  /** The body of a 200 to a cancel. */
  readonly payment: (paymentId: string, status: string) => Json
  /** The body of a 200 to a status query. */
  readonly statusBody: (paymentId: string, status: string) => Json
  /** A body with something more in it that nobody has listed. */
  readonly extended: (body: Json, more: Json) => Json
  readonly refusal: (code: string | null, message?: string, payment?: Json) => Json
  readonly statuses: {
    readonly cancelled: string
    readonly cancellable: string
    readonly closed: ReadonlyArray<string>
  }
  /** One code of each kind that matters for the way a cancel goes on. */
  readonly codes: {
    readonly unauthenticated: Coded
    readonly state: Coded
    readonly throttled: Coded
    readonly fault: Coded
  }
  /** With what it says that a request under the same key still runs; null where there is no key. */
  readonly running: { readonly status: number; readonly body: Json; readonly tag: string } | null
  /** The header of the idempotency key, where the call has one. */
  readonly keyHeader: string | null
  /** Exactly these headers carry the credentials and the fixed facts of the call. */
  readonly headers: { readonly [name: string]: string }
  /** Headers of another kind of credentials: never sent with this one. */
  readonly foreignHeaders: ReadonlyArray<string>
  readonly body: (paymentId: string) => string
  readonly secrets: ReadonlyArray<string>
  /** Whether an answer to a cancel states the payment, and so may prove it. */
  readonly states: boolean
  /** Whether a status can be read. */
  readonly readable: boolean
  /** The error of an answer without a code: what its status alone says. */
  readonly bare: (status: number) => { readonly failure: string; readonly outcome: string; readonly category: string }
  /** Whether the same request may be sent again after a doubt. */
  readonly repeats: (doubt: Doubt) => boolean
}

export const reason = "item(s) delayed – cannot fulfil order"

const unlisted = (status: number, tag: string, category: CancelError.Category): Coded => ({
  status,
  code: "nobody_has_listed_this",
  tag,
  category
})

const codesOf = ({ codes, name }: ProviderFacts): Side["codes"] => {
  const spoken = codes.filter(({ code }) => code !== null)
  /** Of what matches best, one that a code tells, if there is one, and else one that a status tells. */
  const find = (...matching: ReadonlyArray<(code: Code) => boolean>): Coded | undefined => {
    for (const matches of matching) {
      for (const listed of [spoken, codes]) {
        const found = listed.find((code) => code.states === null && matches(code))
        if (found !== undefined) return { status: found.statuses[0], code: found.code, tag: `${name}.${found.name}`, category: found.category }
      }
    }
    return undefined
  }
  return {
    unauthenticated: find(
      ({ about, category }) => about === "Request" && category === "Unauthenticated",
      ({ about, category }) => about === "Request" && category === "Forbidden"
    ) ?? unlisted(401, `${name}.Unrecognized`, "Unauthenticated"),
    state: find(
      ({ about, category }) => about === "Payment" && category === "NotCancellable",
      ({ about, outcome, tryAgain }) => about === "Payment" && outcome === "NotCancelled" && !tryAgain
    ) ?? unlisted(422, `${name}.Unrecognized`, "InvalidRequest"),
    throttled: find(
      ({ about, category, tryAgain }) => about === "Request" && category === "RateLimited" && tryAgain,
      ({ about, category, outcome }) => about === "Request" && category === "RateLimited" && outcome === "NotCancelled"
    ) ??
      unlisted(429, `${name}.Unrecognized`, "RateLimited"),
    fault: find(({ category, outcome, statuses: [status] }) => category === "ProviderFault" && outcome === "Unknown" && status >= 500) ??
      unlisted(500, "CancelError.UnexpectedResponse", "Unexpected")
  }
}

const runningOf = (facts: ProviderFacts, way: Way): Side["running"] => {
  if (way.keyHeader === null) return null
  const listed = facts.codes.find(({ stillRunning }) => stillRunning)
  if (listed !== undefined) {
    return { status: listed.statuses[0], body: facts.error(listed.code, "still running"), tag: `${facts.name}.${listed.name}` }
  }
  const [status] = way.licence.stillRunning
  return status === undefined ? null : { status, body: facts.error(null, "still running"), tag: "CancelError.UnexpectedResponse" }
}

/** Every header by which some way of cancelling gives its credentials or its key. */
const givenAway: ReadonlySet<string> = new Set(homes.flatMap(({ facts }) =>
  facts.ways.flatMap(({ credentials, headers, keyHeader }) => [
    ...Object.entries(headers(credentials)).flatMap(([name, value]) =>
      Object.values(credentials).some((credential) => value.includes(credential)) ? [name] : []),
    ...(keyHeader === null ? [] : [keyHeader])
  ])
))

const asked = ({ idempotencyKey, paymentId }: Request): Asked => ({ identifier: paymentId, reason, idempotencyKey })

/** What HTTP says of a status. */
export const byStatus: { readonly [status: number]: CancelError.Category } = {
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "InvalidRequest",
  429: "RateLimited"
}

const sideOf = (home: Home, way: Way): Side => {
  const { facts, library } = home
  const { cancellable, cancelled, standings } = subjectOf(facts, way)
  const headers = way.headers(way.credentials)
  const baseUrl = (url: string) => url.endsWith("/") ? `${url.slice(0, -1)}${facts.basePath}/` : `${url}${facts.basePath}`
  const named = facts.paymentId
  const layer = ({ credentials = way.credentials, policy, url }: Connection) =>
    Layer.provide(Layer.orDie(library.layer({ ...way.options(credentials), baseUrl: baseUrl(url), policy })), Interpreting.layer(facts))
  const payment: Side["payment"] = (paymentId, status) => way.payment(named(paymentId), status)
  const { statusBody } = way
  const status = statusOf(home, way)
  const success = way.receipts?.success ?? "Cancelled"
  const asks = way.receipts !== null && way.statusBody !== null
  return {
    name: nameOf(facts, way),
    provider: facts.name,
    facts,
    way,
    cancel: (connection, request) =>
      Effect.provide(cancelOf(home, way)(way.request(asked({ ...request, paymentId: named(request.paymentId) }))), layer(connection)),
    status: (connection, paymentId) =>
      status === undefined ? Effect.dieMessage(`${facts.name} has no status`) : Effect.provide(status({ paymentId }), layer(connection)),
    paymentId: named,
    cancelTarget: (segment) => `${facts.basePath}${way.cancelTarget(named(segment))}`,
    statusTarget: (segment) => `${facts.basePath}${way.statusTarget?.(named(segment)) ?? ""}`,
    proof: (paymentId) => way.receipts?.make(named(paymentId)) ?? payment(paymentId, cancelled),
    success,
    asks,
    done: asks ? { success: "Cancelled", evidence: "StatusQuery" } : { success, evidence: "Response" },
    payment,
    statusBody: statusBody === null ? payment : (paymentId, status) => statusBody(named(paymentId), status),
    extended: Interpreting.extended(facts),
    refusal: (code, message = "refused", payment = {}) => facts.error(code, message, payment),
    statuses: {
      cancelled,
      cancellable,
      closed: Object.keys(standings).filter((status) => standings[status] === "Closed")
    },
    codes: codesOf(facts),
    running: runningOf(facts, way),
    keyHeader: way.keyHeader,
    headers,
    foreignHeaders: [...givenAway].filter((name) => !(name in headers) && name !== way.keyHeader),
    body: (paymentId) => way.body(asked({ paymentId: named(paymentId) }), way.credentials),
    secrets: [...Object.values(way.credentials), ...(way.token === null ? [] : [way.token.value])],
    states: way.receipts === null,
    readable: way.statusBody !== null,
    bare: (status) => {
      const told = facts.codes.find(({ code, statuses }) => code === null && statuses.includes(status))
      if (told !== undefined) return { failure: `${facts.name}.${told.name}`, outcome: told.outcome, category: told.category }
      const isRefusal = status >= 400 && status < 500 && status !== 408 && !way.licence.stillRunning.includes(status)
      return isRefusal
        ? { failure: `${facts.name}.Unrecognized`, outcome: "NotCancelled", category: byStatus[status] ?? "Unexpected" }
        : { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", category: "Unexpected" }
    },
    repeats: (doubt) => way.licence.after.includes(doubt)
  }
}

export const sides: ReadonlyArray<Side> = homes.flatMap((home) => home.facts.ways.map((way) => sideOf(home, way)))

/** Where the provider makes no difference: a side that states, can be read, has a key, and may send again after anything. */
const found = sides.find(({ keyHeader, readable, repeats, states }) =>
  states && readable && keyHeader !== null && (["NoAnswer", "ServerError", "StillRunning", "Unproven"] as const).every(repeats))
if (found === undefined) throw new Error("no side has everything")
export const complete: Side = found

/**
 * Those of some cases that run at a side: at the complete one all of them, and so over each of its
 * clients; in a short run, at every other side a sixteenth, and one at least. A side's client is its turn
 * of three, so that where one of three, of six and so on has its turn, a case would meet one client only
 * besides: there it is one of two, of five and so on. Cases of several kinds are to be given one kind at a
 * time, and those alone that the side has: where the kinds take turns in one list, a side may have
 * none of some of them.
 */
export const casesAt = <A>(side: Side, cases: ReadonlyArray<A>): ReadonlyArray<A> => {
  const oneOf = Math.min(cases.length, 16)
  return side === complete ? cases : inTurns(cases, sides.indexOf(side), oneOf % 3 === 0 ? oneOf - 1 : oneOf)
}

/** The only side of a provider. */
export const only = (provider: string): Side => {
  const [side, ...others] = sides.filter((side) => side.provider === provider)
  if (side === undefined || others.length > 0) throw new Error(`${provider} has ${others.length + 1} sides`)
  return side
}
