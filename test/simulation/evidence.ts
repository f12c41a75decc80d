/**
 * What each exchange proves, judged anew from what the client saw of it and from the
 * provider's facts. It shares nothing with the library's own judgement.
 */
import { toMillis } from "./clock.js"
import type { Order } from "./journal.js"
import type { Doubt, Facts, RefusalCode, Standing } from "./facts.js"
import { calm, isRefusalStatus } from "./scenario.js"
import { type Call, heardOfPayment, type Run } from "./simulate.js"
import { askedIn, objectIn } from "./answers.js"
import type { Exchange } from "./exchange.js"
import type { Asking } from "./world.js"

/** A payment's status as an answer states it; the standing is null for one that is not listed. */
export interface Stated {
  readonly status: string
  readonly standing: Standing | null
}

interface Common {
  readonly exchange: Exchange
  /** The HTTP status and the code of a whole answer. */
  readonly status: number | null
  readonly code: string | null
  readonly stated: Stated | null
  /** How long the answer asks to wait, in milliseconds. */
  readonly asked: number | null
  /** What the answer itself says about sending the same request again. */
  readonly sendAgain: boolean | null
  /** The request for an access token because of which it was not sent. */
  readonly withheld: Asking | null
}

export type Proof = Common & (
  /** No byte of the request left. */
  | { readonly _tag: "Unsent" }
  /** The request may have been applied, or may yet be. */
  | { readonly _tag: "Doubtful"; readonly doubt: Doubt }
  | { readonly _tag: "Refused"; readonly about: RefusalCode["about"]; readonly tryAgain: boolean; readonly listed: boolean }
  | { readonly _tag: "Acknowledged" }
  /** The provider took the request in, and says no more. */
  | { readonly _tag: "Accepted" }
  | { readonly _tag: "Read" }
  | { readonly _tag: "Unread" }
)

/** What one call knew once it was settled or cut short. */
export interface Knowledge {
  readonly proofs: ReadonlyArray<Proof>
  readonly cancels: ReadonlyArray<Proof>
  /** The first proof that settles the matter; nothing is to be done after it. */
  readonly settling: Proof | null
  /** The request that was accepted, where the status shows what became of it: nothing is sent after it, but it is asked for. */
  readonly accepted: Proof | null
  readonly lastDoubt: Extract<Proof, { _tag: "Doubtful" }> | null
}

/** What a header asks for in milliseconds, as the client's wall clock has it. */
const asked = (header: string | null, wall: number): number | null => {
  if (header === null) return null
  if (/^\d+$/.test(header)) return Math.min(Number(header), Number.MAX_SAFE_INTEGER) * 1_000
  return /^[A-Z][a-z]{2}, /.test(header) ? Math.max(0, Date.parse(header) - wall) : null
}

const words: { readonly [word: string]: boolean } = { true: true, false: false }

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const blank = { status: null, code: null, stated: null, asked: null, sendAgain: null, withheld: null }

/**
 * Judges an exchange by what was at hand at a moment: an answer that was complete only
 * afterwards, or was larger than allowed, is none.
 */
const judge = (facts: Facts, identifier: string, call: Call, exchange: Exchange, at: Order, wall: number | null): Proof => {
  const { operation, seen } = exchange
  const nothing = { ...blank, exchange }
  // An answer that is not whole proves nothing; but what its head asked for is asked for.
  const hasHead = exchange.headOrder !== null && exchange.headOrder <= at
  const cut = { ...nothing, asked: hasHead ? asked(exchange.headAsked, wall ?? exchange.seenWall) : null }
  const unanswered = (): Proof =>
    operation === "Status" ? { ...cut, _tag: "Unread" } : { ...cut, _tag: "Doubtful", doubt: "NoAnswer" }

  if (exchange.seenOrder === null || exchange.seenOrder > at) return unanswered()
  if (seen._tag === "Unsent") return operation === "Status" ? unanswered() : { ...nothing, _tag: "Unsent" }
  if (seen._tag !== "Whole" || seen.size > call.policy.maximumBodyBytes) return unanswered()

  const { headers, status: sent } = seen.answer
  const body = objectIn(facts, seen.answer)
  const code = body === null ? null : facts.readCode(body)
  const known = facts.codeOf(sent, code)
  // Where the HTTP status says nothing, it stands for the one that the code comes with.
  const status = sent === facts.onlyStatus && code !== null && known !== null ? known.statuses[0] : sent
  // A success that carries an error's code contradicts itself, and states nothing.
  const isStating = isSuccess(status) ? code === null : operation === "Cancel" && isRefusalStatus(status)
  const inBody = body === null || !isStating ? null : facts.readStatus(operation, body, identifier)
  const literal = inBody ?? (operation === "Cancel" && isRefusalStatus(status) ? known?.states ?? null : null)
  const stated = literal === null ? null : { status: literal, standing: facts.standings[literal] ?? null }
  const common: Common = {
    exchange,
    status: sent,
    code,
    stated,
    asked: asked(askedIn(facts, seen.answer), exchange.seenWall),
    sendAgain: facts.sendAgainHeader === null ? null : words[headers[facts.sendAgainHeader] ?? ""] ?? null,
    withheld: null
  }

  if (operation === "Status") return stated === null ? { ...common, _tag: "Unread" } : { ...common, _tag: "Read" }
  if (isSuccess(status)) {
    if (stated?.standing === "Cancelled") return { ...common, _tag: "Acknowledged" }
    return body !== null && code === null && facts.receipts?.isOne(body, identifier) === true
      ? { ...common, _tag: "Accepted" }
      : { ...common, _tag: "Doubtful", doubt: code === null && known !== null ? "Unconfirmed" : "Unproven" }
  }
  if (!isRefusalStatus(status)) {
    return { ...common, _tag: "Doubtful", doubt: status >= 500 ? "ServerError" : "Unproven" }
  }
  if (known?.outcome === "Unknown") return { ...common, _tag: "Doubtful", doubt: known.stillRunning ? "StillRunning" : "Unproven" }
  // Only a code that is documented with this very status says more than the status does.
  if (facts.stillRunning.includes(status) && known?.statuses.includes(status) !== true) return { ...common, _tag: "Doubtful", doubt: "StillRunning" }
  return {
    ...common,
    _tag: "Refused",
    about: known?.about ?? "Payment",
    tryAgain: common.sendAgain ?? (status === 429 || known?.tryAgain === true),
    listed: known !== null
  }
}

const settles = ({ hasStatusQuery }: Facts) => (proof: Proof): boolean =>
  proof._tag === "Acknowledged" || (proof._tag === "Accepted" && !hasStatusQuery) || proof.stated?.standing === "Cancelled" || proof.stated?.standing === "Closed"

/** What was not sent for want of an access token: an exchange that never was. */
const withheldBy = (asking: Asking, call: Call, operation: Exchange["operation"], wall: number): Proof => {
  const exchange: Exchange = {
    index: -1,
    caller: call.index,
    operation,
    plan: calm,
    bytes: "",
    headers: {},
    begunAt: asking.at,
    begun: asking.order,
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
    seen: { _tag: "Unsent" },
    seenAt: asking.at,
    seenOrder: asking.order,
    seenWall: wall,
    closedAt: null
  }
  const { code, status } = asking
  return { ...blank, exchange, status, code, withheld: asking, _tag: operation === "Status" ? "Unread" : "Unsent" }
}

/**
 * Which of a call's attempts were not sent for want of an access token: those before which none was
 * granted, by what was told last. Whether none was granted is for the world to say.
 */
const withheldIn = (run: Run, call: Call): ReadonlyArray<Proof | null> => {
  if (run.facts.token === null) return []
  const heard = call.heard.flatMap(({ event }) => event._tag === "ExchangeEnded" ? [event.exchange] : [])
  const final = call.heard.find(({ event }) => event._tag === "Settled" || event._tag === "Interrupted")?.event
  const history = final !== undefined && "history" in final ? final.history : heard
  const ended = call.heard.flatMap(({ event, order }) => event._tag === "ExchangeEnded" ? [order] : [])
  return history.flatMap(({ at, operation }, nth) => {
    if (operation === "Authorization") return []
    if (history[nth - 1]?.operation !== "Authorization") return [null]
    const asking = run.askings.findLast(({ order }) => order <= (ended[nth - 1] ?? Infinity))
    return [asking === undefined || asking.until !== null ? null : withheldBy(asking, call, operation, at.epochMillis)]
  })
}

/** When the library had taken note of each of a call's exchanges, by the events it published. */
const notedAt = (
  call: Call
): { readonly ends: ReadonlyArray<{ readonly order: Order; readonly wall: number }>; readonly last: Order } => {
  const ends = heardOfPayment(call).flatMap(({ event, order }) =>
    event._tag === "ExchangeEnded" ? [{ order, wall: event.exchange.at.epochMillis }] : [])
  const final = call.heard.find(({ event }) => event._tag === "Settled" || event._tag === "Interrupted")
  return { ends, last: final?.order ?? (call.exit === null ? Infinity : call.exitOrder) }
}

/**
 * What a call knew in the end.
 */
export const knowledge = (run: Run, call: Call): Knowledge => {
  const { ends, last } = notedAt(call)
  const exchanges = run.exchanges.filter(({ caller }) => caller === call.index)
  const proofs: Array<Proof> = []
  for (const withheld of withheldIn(run, call)) {
    const nth = proofs.length
    const exchange = withheld === null ? exchanges.shift() : undefined
    if (withheld !== null) proofs.push(withheld)
    else if (exchange !== undefined) proofs.push(judge(run.facts, run.identifier, call, exchange, ends[nth]?.order ?? last, ends[nth]?.wall ?? null))
  }
  for (const exchange of exchanges) {
    const nth = proofs.length
    proofs.push(judge(run.facts, run.identifier, call, exchange, ends[nth]?.order ?? last, ends[nth]?.wall ?? null))
  }
  const cancels = proofs.filter(({ exchange }) => exchange.operation === "Cancel")
  return {
    proofs,
    cancels,
    settling: proofs.find(settles(run.facts)) ?? null,
    accepted: run.facts.hasStatusQuery ? cancels.find(({ _tag }) => _tag === "Accepted") ?? null : null,
    lastDoubt: cancels.findLast((proof) => proof._tag === "Doubtful") ?? null
  }
}

/** Milliseconds from one moment to another. */
export const span = (from: number, to: number): number => toMillis(to - from)
