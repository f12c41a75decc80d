/**
 * What the tests know about a provider: the second opinion on everything that the library
 * declares of it. The declarations, the conformance, the simulation and the wire are all held
 * against these facts, so each is written here and nowhere else in the tests.
 *
 * They are taken from the provider's documentation. A `facts.ts` imports nothing of the
 * library but its types and the provider's emulator: what the library declares is on trial.
 */
import type * as Effect from "effect/Effect"
import type * as CancelError from "../../src/CancelError.js"
import type * as Cancellation from "../../src/Cancellation.js"
import type { CancelPolicy } from "../../src/CancelPolicy.js"
import type { DelayUnit } from "../../src/authoring/Answer.js"
import type { Doubt } from "../../src/authoring/ResendLicence.js"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import type { JsonObject } from "../../src/sandbox/Emulator.js"
import type * as Webhook from "../../src/sandbox/Webhook.js"

export type { Doubt }
export type Operation = "Cancel" | "Status"

/** Where a payment stands towards being cancelled. */
export type Standing = "Cancelled" | "Cancellable" | "Closed"

/** What other actors do to a payment. */
export type Act = "Pays" | "PaymentSucceeds" | "PaymentFails" | "Expires" | "CancelsElsewhere"

/** One error code, as the provider documents it, and what the library is to make of it. */
export interface Code {
  /** The name of its class. */
  readonly name: string
  /** Null: recognised by its status, in an answer without a code. */
  readonly code: string | null
  readonly category: CancelError.Category
  readonly outcome: CancelError.Outcome
  /** What is refused: the request as such, or because of the state of the payment. */
  readonly about: "Request" | "Payment"
  /** The provider documents that the same request may be sent again. */
  readonly tryAgain: boolean
  /** It says that a request under the same key is still being dealt with. */
  readonly stillRunning: boolean
  /** The payment status that the refusal itself states. */
  readonly states: string | null
  /** The statuses it comes with, the usual one first. */
  readonly statuses: readonly [number, ...ReadonlyArray<number>]
  readonly certainty: "Documented" | "Observed" | "Inferred"
}

/** What a caller asks for. */
export interface Asked {
  /** What names the payment: its id, or what it was created with. */
  readonly identifier: string
  readonly reason: string
  readonly idempotencyKey?: string | undefined
}

/** After what the provider's documents let one send the same request again, and what is known of its key. */
export interface Licence {
  readonly after: ReadonlyArray<Doubt>
  readonly key: "Honoured" | "Inferred" | "None"
  readonly replays: "FinalAnswers" | "EveryAnswer" | "Nothing"
  /** The 4xx statuses that leave it open, whatever the body holds, whether a request under the same key still runs. */
  readonly stillRunning: ReadonlyArray<number>
}

/** How an answer says that a cancel request was taken in, where it cannot say that the payment is cancelled. */
export interface Receipts {
  readonly success: "CancellationAccepted" | "CancellationAcknowledged"
  readonly make: (identifier: string) => JsonObject
  readonly isOne: (body: JsonObject, identifier: string) => boolean
  /** By which the notification of what became of the request names it; null where there is none. */
  readonly referenceIn: (body: JsonObject) => string | null
  /** The receipt that a success hands on, where it is more than that reference. */
  readonly receiptIn?: (body: JsonObject) => object
}

export type Credentials = { readonly [name: string]: string }

/** A request or what stands for it, its headers by their lower-case names. */
export interface Sent {
  readonly method: string
  /** The path, and the query with its question mark. */
  readonly target: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** How a provider's answers are written that are not JSON. */
export interface AnswerFormat {
  /** The `content-type` of an answer as the provider writes it. */
  readonly contentType: string
  readonly write: (body: JsonObject) => string
  /** What such a text says; null where it is none. */
  readonly read: (text: string) => JsonObject | null
}

/**
 * For a provider that does not speak JSON, does not tell its operations apart by method and target,
 * or does not take its key in a header. The shared suites do: they play such a provider through its
 * interpreter, and what the facts say of targets, headers and bodies is what they hear.
 */
export interface Interpreter {
  /** What a request says: a POST to a way's `cancelTarget` or a GET of its `statusTarget`. */
  readonly request: (sent: Sent) => Sent
  /** Null where answers are JSON, and the suites write them as they are. */
  readonly answers: AnswerFormat | null
}

/** How an access token is asked for, which the other requests bear. */
export interface TokenRequest {
  /** The target of a POST, after the base path. */
  readonly target: string
  /** The credentials and the fixed facts of it, by lower-case header name. */
  readonly headers: (credentials: Credentials) => { readonly [name: string]: string }
  readonly body: string
  /** A token that turns up nowhere else. */
  readonly value: string
  /** The body of a 200 that grants it. */
  readonly granted: JsonObject
  /** The token in such a body. */
  readonly valueIn: (granted: JsonObject) => string
  /** For how many seconds such a body says it is valid. */
  readonly lifetimeIn: (granted: JsonObject) => number
  /** The same body with another number of seconds. */
  readonly lasting: (granted: JsonObject, seconds: number) => JsonObject
}

/** What a way of cancelling is about, where that is not the provider's usual payment. */
export interface Subject {
  /** The statuses that such a one can have. */
  readonly standings: { readonly [status: string]: Standing }
  readonly cancelled: string
  readonly cancellable: string
  readonly acts: { readonly [A in Act]?: string }
  /** The name of its status query in the provider's module. */
  readonly status: string
}

/** One operation of a provider with one kind of credentials, where these decide which call is made. */
export interface Way {
  /** What tells it from the provider's other ways; empty where there is only one. */
  readonly label: string
  /** Its name in the provider's module: `cancel`, `cancelByMerchantReference`. */
  readonly operation: string
  /**
   * The credentials it is called with, by the names that the emulator gives to its own. Each
   * value is a canary: at least 15 characters that turn up nowhere else.
   */
  readonly credentials: Credentials
  /** The options of the provider's `layer`, besides `baseUrl` and `policy`. */
  readonly options: (credentials: Credentials) => object
  /** How an access token is asked for, before the first request; null where the credentials are sent as they are. */
  readonly token: TokenRequest | null
  readonly request: (asked: Asked) => object
  readonly identifiedBy: CancelError.IdentifiedBy
  /** Null where it is about a payment as the provider's facts describe one. */
  readonly subject: Subject | null
  /** What a caller names a payment by. */
  readonly identifier: (paymentId: string) => string
  /** Whether a payment can be named before it is there. */
  readonly canBeNamedBefore: boolean
  /** The name of its successes in the provider's module. */
  readonly successes: string
  /** The longest identifier that a request may hold, in characters. */
  readonly longestIdentifier: number
  /** The emulated provider; `decidesIn` is how long it takes to decide what it has taken in, in whole milliseconds. */
  readonly emulator: (circumstances: { readonly decidesIn: number }) => Emulator.Emulator

  /** The method of a cancel. That of a status query is GET. */
  readonly method: "POST" | "DELETE"
  /** The target of a cancel after the base path; `segment` is the identifier, percent-encoded. */
  readonly cancelTarget: (segment: string) => string
  /** The target of a status query after the base path; null where there is none. */
  readonly statusTarget: ((segment: string) => string) | null
  /** The credentials and the fixed facts of a cancel, by lower-case header name. */
  readonly headers: (credentials: Credentials) => { readonly [name: string]: string }
  /** Which of these a status query does not have, beside the content type. */
  readonly onlyOfCancel: ReadonlyArray<string>
  /** The body of a cancel. */
  readonly body: (asked: Asked, credentials: Credentials) => string
  /** The header that carries the idempotency key of a cancel; null where there is none. */
  readonly keyHeader: string | null
  readonly licence: Licence

  /** The body of a 2xx to a cancel that states the payment, or the nearest there is. */
  readonly payment: (identifier: string, status: string) => JsonObject
  /** Whether an answer to a cancel states no status but approves it: it can then say nothing else of the payment. */
  readonly approves: boolean
  /** The body of a 200 to a status query; null where there is none. */
  readonly statusBody: ((identifier: string, status: string) => JsonObject) | null
  /** Whether the answers to an operation name the payment they are about. */
  readonly namesPayment: { readonly [O in Operation]: boolean }
  /** The status that an answer states of a payment, null where it states none of this one. */
  readonly readStatus: (operation: Operation, body: JsonObject, identifier: string) => string | null
  /** How much of the payment was captured before, where the answer that states the payment says so. */
  readonly capturedIn: (body: JsonObject) => number | null
  /** What the proof states as captured before; null where it states nothing. */
  readonly captured: Cancellation.Amount | null
  /** Other answers than the payment itself, where these are what proves a cancel. */
  readonly receipts: Receipts | null
  /** Names in a proof without which it proves nothing. */
  readonly needed: ReadonlyArray<string>
  /** Other names in it that may say that it is about another payment. */
  readonly naming: ReadonlyArray<string>
  /** Whether a proof is exactly this: anything more would be something else. */
  readonly isExact: boolean
  /** Whether it is not the status that says what became of a payment, but the rest of the answer with it. */
  readonly byAmounts: boolean
  /** What a request must not hold, by its fields, beside what no provider takes. */
  readonly refused: { readonly [field: string]: ReadonlyArray<unknown> }
}

/** The variables of the environment, by the names of the options that they stand for. */
export type Variables = { readonly [option: string]: string }

/** What may be given besides, and has a default or is left out. */
export interface Setting {
  readonly option: string
  readonly variable: string
  /** As the variable holds it: something else than what holds without it. */
  readonly value: string
  /** The same in code, where that is no text. */
  readonly given?: unknown
  /** What requests hold with it, and not without it: the value itself, unless something else is said. */
  readonly shown?: string
  /** The operation whose requests do, where it is not a cancel. */
  readonly operation?: string
  /** Credentials that it goes with, where it does not go with all. */
  readonly credentials?: Credentials
}

/** An environment of the provider that has a name, in place of a base URL. */
export interface Environment {
  readonly variable: string
  readonly value: string
  /** The option `environment`. */
  readonly given: unknown
  readonly url: string
}

/** Of what its layer is made, given in code or read from the environment. */
export interface Configuration {
  /** What must be given, for each kind of credentials; options and credentials go by the same names. */
  readonly needed: readonly [Variables, ...ReadonlyArray<Variables>]
  readonly settings: ReadonlyArray<Setting>
  /** The variable of the base URL. */
  readonly baseUrl: string
  /** Where it is where nobody says so; null where somebody has to. */
  readonly otherwise: string | null
  readonly environments: ReadonlyArray<Environment>
  /** Its public hosts by the names that its module gives them, those of an account left out. */
  readonly hosts: { readonly [name: string]: string }
  /** What a variable must not hold, beside what none may hold. */
  readonly refused: { readonly [variable: string]: ReadonlyArray<string> }
}

/** A notification as the provider sends it, its headers under the names that its documents give them. */
export interface Told {
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

/** A notification that a payment is cancelled, as the provider would sign and send it. */
export interface Genuine {
  readonly secret: string
  /** As it is written in a header or in the body. */
  readonly signature: string
  /** With its own signature, with another in its place, or with several where there can be several. */
  readonly sent: (...signatures: ReadonlyArray<string>) => Told
}

/** How a provider tells what became of a payment. */
export interface Webhooks {
  /** How the provider signs. */
  readonly provider: Webhook.Webhook
  /** What verifying one needs beside the secret. */
  readonly verification?: object
  /** How old a notification may be, in milliseconds, where the caller says nothing about it. */
  readonly tolerance: number
  /** Whether it tells of a cancel. */
  readonly isCancellation: (event: Webhook.Event) => boolean
  /** The same body with another meaning. */
  readonly forge: (body: string) => string
  /** One that was signed with a key of 32 characters at a time in UNIX seconds, its body written in some way. */
  readonly genuine: (paymentId: string, key: string, at: number, written: (body: string) => string) => Genuine
  /** Another secret of the same form. */
  readonly otherSecret: string
  /** How a signature is written. */
  readonly encoding: "hex" | "base64"
  /** Whether one can come with several signatures, as while a secret is replaced. */
  readonly several: boolean
}

export interface ProviderFacts {
  /** The name of its namespace. */
  readonly name: string
  readonly emulator: Emulator.Definition
  /** What stands in a base URL after the host. */
  readonly basePath: string
  /** The standing of every status that a payment can have. */
  readonly standings: { readonly [status: string]: Standing }
  /** Statuses that a payment can have as well, and that say nothing of a cancel. */
  readonly unlisted?: ReadonlyArray<string>
  /** Whether its answers ever state one of them. */
  readonly statesStatus: boolean
  readonly cancelled: string
  readonly cancellable: string
  /** Which status each act of others leads to; left out where there is no such thing. */
  readonly acts: { readonly [A in Act]?: string }
  /** Every code that has a class of its own. */
  readonly codes: ReadonlyArray<Code>
  /** Classes with another name than their code has, where that is a word. */
  readonly namedOtherwise: ReadonlyArray<string>
  /** The bounds of a cancel unless its caller says otherwise. */
  readonly policy: CancelPolicy
  /** How many requests it takes in how many seconds, as documented; null where nothing is. */
  readonly takes: { readonly requests: number; readonly seconds: number } | null
  /** How many requests it takes at the same time, as documented; null where nothing is. */
  readonly takesAtOnce: number | null
  /** In characters. */
  readonly longestIdempotencyKey: number
  /** The header with the provider's id of the exchange; null where there is none. */
  readonly requestIdHeader: string | null
  /** The provider's id of the exchange, where the body has one too. */
  readonly requestIdIn: (body: JsonObject) => string | null
  /**
   * The header of its own, and its unit, by which an answer with 429 or 503 asks for a wait; others
   * have it too, and ask for none. Null where there is none.
   */
  readonly delayHeader: { readonly name: string; readonly unit: DelayUnit } | null
  /** The header in which an answer itself says whether the request may be sent again; null where there is none. */
  readonly sendAgainHeader: string | null
  /** What an answer's HTTP status always is where it says nothing, and the code says all; null where it counts. */
  readonly onlyStatus: number | null
  /** Null where the suites can hear and answer the provider themselves. */
  readonly interpreter: Interpreter | null
  /** A payment id of the form that the provider has, for any name of a payment; the same for the same name. */
  readonly paymentId: (name: string) => string
  /** An error, which may also state the payment it is about. */
  readonly error: (code: string | null, message: string, payment?: JsonObject) => JsonObject
  readonly readCode: (body: JsonObject) => string | null
  /** Whether a cancel takes a reason in any words. */
  readonly takesReason: boolean
  /** The category of the refusal where the payment has succeeded; null where a cancel is taken in all the same. */
  readonly tooLate: CancelError.Category | null
  readonly configuration: Configuration
  readonly webhooks: Webhooks | null
  readonly ways: readonly [Way, ...ReadonlyArray<Way>]
  /** Operations that no shared suite plays, because their answers are nothing that one could alter: the provider's own tests do. */
  readonly apart: ReadonlyArray<string>
}

export type Failure = CancelError.Any & { readonly _tag: string }

export type Cancel = (asked: Asked) => Effect.Effect<Cancellation.Cancellation, Failure>

/** What is alike at most providers. */
export const usual = {
  statesStatus: true,
  namedOtherwise: [],
  delayHeader: null,
  sendAgainHeader: null,
  requestIdIn: (): null => null,
  onlyStatus: null,
  interpreter: null,
  paymentId: (name: string): string => name,
  takesReason: false,
  tooLate: "NotCancellable",
  webhooks: null,
  takes: null,
  takesAtOnce: null,
  apart: [],
  longestIdempotencyKey: 255
} satisfies Partial<ProviderFacts>

/** How most are configured: with one more host or none, and nothing that has to be given besides credentials. */
export const configuration = (
  given: Pick<Configuration, "needed" | "baseUrl" | "otherwise" | "hosts"> & Partial<Configuration>
): Configuration => ({ settings: [], environments: [], refused: {}, ...given })

/** What is alike in most ways: a payment is named by its id, and its status can be read. */
const usualWay = {
  label: "",
  token: null,
  identifiedBy: "PaymentId",
  subject: null,
  identifier: (paymentId: string): string => paymentId,
  canBeNamedBefore: false,
  successes: "Cancellation",
  longestIdentifier: 255,
  method: "POST",
  onlyOfCancel: [],
  approves: false,
  capturedIn: (): null => null,
  captured: null,
  receipts: null,
  naming: [],
  isExact: false,
  byAmounts: false,
  refused: {}
} satisfies Partial<Way>

type Usual = keyof typeof usualWay

/** A way of cancelling, its credentials typed by their names. */
export const way = <C extends Credentials>(
  given:
    & { readonly credentials: C }
    & { readonly [K in "options" | "headers"]: (credentials: C) => ReturnType<Way[K]> }
    & { readonly body: (asked: Asked, credentials: C) => string }
    & { readonly token?: Omit<TokenRequest, "headers"> & { readonly headers: (credentials: C) => ReturnType<TokenRequest["headers"]> } }
    & Omit<Way, "credentials" | "options" | "headers" | "body" | Usual>
    & Partial<Pick<Way, Exclude<Usual, "token">>>
): Way => ({
  ...usualWay,
  ...given,
  token: given.token === undefined
    ? null
    : { ...given.token, headers: (credentials) => given.token?.headers(credentials as C) ?? {} },
  // Whoever calls these gives the credentials of this way or the emulator's, which have the same names.
  options: (credentials) => given.options(credentials as C),
  headers: (credentials) => given.headers(credentials as C),
  body: (asked, credentials) => given.body(asked, credentials as C)
})

export const text = (value: unknown): string | null => typeof value === "string" ? value : null

const categories: ReadonlySet<string> = new Set<CancelError.Category>([
  "InvalidRequest", "Unauthenticated", "Forbidden", "NotFound", "NotCancellable", "Conflict", "RateLimited", "ProviderFault", "Network",
  "Unexpected"
])

const isOneOf = <A extends string>(text: string | undefined, ...all: ReadonlyArray<A>): text is A =>
  all.some((one) => one === text)

const isCategory = (text: string | undefined): text is CancelError.Category => text !== undefined && categories.has(text)

/**
 * Error codes in short lines: `name code category outcome about flags statuses certainty`.
 *
 * - `code` is `null` for an answer without one;
 * - `flags` are `again`, `running` and `states:STATUS`, with commas between them, or `-`;
 * - `statuses` have commas between them, the usual one first.
 */
export const codes = (lines: ReadonlyArray<string>): ReadonlyArray<Code> =>
  lines.map((line) => {
    const [name, code, category, outcome, about, flags, statuses, certainty, ...more] = line.split(/ +/)
    const [first, ...others] = (statuses ?? "").split(",").map(Number)
    const known = (flags ?? "").split(",")
    if (
      name === undefined || code === undefined || first === undefined || Number.isNaN(first) || more.length > 0 || !isCategory(category) ||
      !isOneOf(outcome, "NotCancelled", "Unknown") || !isOneOf(about, "Request", "Payment") ||
      !isOneOf(certainty, "Documented", "Observed", "Inferred") || !known.every((flag) => /^(-|again|running|states:.+)$/.test(flag))
    ) throw new Error(`no line about a code: ${line}`)
    return {
      name,
      code: code === "null" ? null : code,
      category,
      outcome,
      about,
      tryAgain: known.includes("again"),
      stillRunning: known.includes("running"),
      states: known.find((flag) => flag.startsWith("states:"))?.slice("states:".length) ?? null,
      statuses: [first, ...others],
      certainty
    }
  })

/** What a way is about. */
export const subjectOf = ({ acts, cancellable, cancelled, standings }: ProviderFacts, { subject }: Way): Subject =>
  subject ?? { acts, cancellable, cancelled, standings, status: "status" }

/** The name of a way among all of them. */
export const nameOf = (provider: ProviderFacts, { label }: Way): string => label === "" ? provider.name : `${provider.name}, ${label}`

/** How a provider signs what it tells. */
export const signed = ({ provider, webhook }: { readonly provider: string; readonly webhook?: Webhook.Webhook }): Webhook.Webhook => {
  if (webhook === undefined) throw new Error(`${provider} has no webhooks`)
  return webhook
}
