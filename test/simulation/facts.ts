/**
 * What the simulation knows about a provider. The facts are taken from the provider's
 * documentation, not from the library: what the library declares is what is on trial.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as CancelError from "../../src/CancelError.js"
import type * as Cancellation from "../../src/Cancellation.js"
import type { CancelPolicy } from "../../src/CancelPolicy.js"
import type * as Notification from "../../src/Notification.js"
import * as Provider from "../../src/authoring/Provider.js"
import type * as Answer from "../../src/authoring/Answer.js"
import type * as Emulator from "../../src/sandbox/Emulator.js"
import type { JsonObject } from "../../src/sandbox/Emulator.js"
import type * as Webhook from "../../src/sandbox/Webhook.js"

export type Operation = "Cancel" | "Status"

/** Where a payment stands towards being cancelled. */
export type Standing = "Cancelled" | "Cancellable" | "Closed"

/** Why a cancel request that was sent may have been applied. */
export type Doubt = "NoAnswer" | "ServerError" | "StillRunning" | "Unproven"

/** What other actors do to a payment. */
export type Act = "Pays" | "PaymentSucceeds" | "PaymentFails" | "Expires" | "CancelsElsewhere"

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

/** What a caller asks for. */
export interface CancelRequest {
  /** What names the payment: its id, or what it was created with. */
  readonly identifier: string
  readonly reason: string
  readonly idempotencyKey?: string
}

export type Failure = CancelError.Any & { readonly _tag: string }

export type Cancel = (request: CancelRequest) => Effect.Effect<Cancellation.Cancellation, Failure>

/** The HTTP client of one caller in one simulation. */
export class Network extends Context.Reference<Network>()("test/simulation/Network", {
  defaultValue: (): HttpClient.HttpClient =>
    HttpClient.make(() => Effect.dieMessage("nobody has given this caller a network"))
}) {}

/** A provider is connected once, as a program does it; which network its requests go out to is the caller's. */
const client = HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
  Effect.flatMap((request) => Effect.flatMap(Network, (network) => network.execute(request))),
  Effect.succeed
)

/** Facts and rules of a provider, changed on purpose, to see whether that is noticed. */
export interface Alteration {
  readonly declaration?: <Name extends string, Connection, E>(
    declaration: Provider.Declaration<Name, Connection, E>
  ) => Provider.Declaration<Name, Connection, E>
  readonly operation?: <Connection, Request extends Provider.OperationRequest, V extends Answer.Vocabulary, A>(
    operation: Provider.Operation<Connection, Request, V, A>,
    facts: Facts
  ) => Provider.Operation<Connection, Request, V, A>
  readonly webhooks?: (webhooks: Webhooks) => Webhooks
}

/** How an answer says that a cancel request was taken in, where it cannot say that the payment is cancelled. */
export interface Receipts {
  readonly success: "CancellationAccepted" | "CancellationAcknowledged"
  readonly make: (identifier: string) => JsonObject
  readonly isOne: (body: JsonObject, identifier: string) => boolean
  /** By which the notification of what became of the request names it; null where there is none. */
  readonly referenceIn: (body: JsonObject) => string | null
}

/** How a provider tells what became of a payment. */
export interface Webhooks {
  /** How the provider signs. */
  readonly provider: Webhook.Webhook
  /** How old a notification may be, in milliseconds, where the caller says nothing about it. */
  readonly tolerance: number
  /** Whether it tells of a cancel. */
  readonly isCancellation: (event: Webhook.Event) => boolean
  /** The same body with another meaning. */
  readonly forge: (body: string) => string
  /** What the library makes of it. */
  readonly read: (
    incoming: Notification.Incoming,
    verification: Notification.Verification
  ) => Effect.Effect<Notification.CancelNotification<string>, Notification.NotificationError>
  readonly confirm: typeof Notification.confirm<string>
}

/** What the simulation knows about one operation of a provider, or about one kind of credentials. */
export interface Facts {
  /** `decidesIn` is how long it takes a provider to decide what it has taken in, in whole milliseconds. */
  readonly emulator: (circumstances: { readonly decidesIn: number }) => Emulator.Emulator
  readonly provider: string
  readonly identifiedBy: CancelError.IdentifiedBy
  readonly secrets: ReadonlyArray<string>
  /** What a caller names a payment by. */
  readonly identifier: (paymentId: string) => string
  /** Whether a payment can be named before it is there. */
  readonly canBeNamedBefore: boolean
  /** The standing of every status there is. */
  readonly standings: { readonly [status: string]: Standing }
  readonly cancelled: string
  readonly cancellable: string
  readonly acts: { readonly [A in Act]?: string }
  /** The header that carries the idempotency key of a cancel; null where there is none. */
  readonly keyHeader: string | null
  /** The doubts after which a provider's documents let one send the same request again. */
  readonly licence: ReadonlyArray<Doubt>
  /** The 4xx statuses that leave it open, whatever the body holds, whether a request under the same key still runs. */
  readonly stillRunning: ReadonlyArray<number>
  /** The header in which an answer itself says whether the request may be sent again; null where there is none. */
  readonly sendAgainHeader: string | null
  readonly refusals: readonly [RefusalCode, ...ReadonlyArray<RefusalCode>]
  readonly doubtful: readonly [DoubtfulCode, ...ReadonlyArray<DoubtfulCode>]
  readonly hasStatusQuery: boolean
  /** Whether the answers to an operation name the payment they are about. */
  readonly namesPayment: { readonly [O in Operation]: boolean }
  readonly payment: (identifier: string, status: string) => JsonObject
  /** An error, which may also state the payment it is about. */
  readonly error: (code: string | null, words: string, payment: JsonObject) => JsonObject
  readonly readCode: (body: JsonObject) => string | null
  /** The status that an answer states of a payment, null where it states none of this one. */
  readonly readStatus: (operation: Operation, body: JsonObject, identifier: string) => string | null
  /** How much of the payment was captured before, where the answer that states the payment says so. */
  readonly capturedIn: (body: JsonObject) => number | null
  readonly receipts: Receipts | null
  readonly webhooks: Webhooks | null
  readonly requestIdHeader: string
  /** The provider's id of the exchange, where the body has one too. */
  readonly requestIdIn: (body: JsonObject) => string | null
  readonly policy: CancelPolicy
  /** The library's cancel at this provider. */
  readonly cancel: (alteration: Alteration) => Cancel
}

/** What is alike at most providers: a payment is named by its id, and its status can be read. */
export const usual = {
  identifiedBy: "PaymentId",
  identifier: (paymentId: string): string => paymentId,
  canBeNamedBefore: false,
  stillRunning: [],
  sendAgainHeader: null,
  hasStatusQuery: true,
  requestIdIn: () => null,
  capturedIn: () => null,
  receipts: null,
  webhooks: null
} satisfies Partial<Facts>

export const text = (value: unknown): string | null => typeof value === "string" ? value : null

/** Joins what the library declares of a provider. */
export const library = <
  Name extends string,
  Connection,
  Request extends Provider.OperationRequest,
  E extends Failure,
  V extends Answer.Vocabulary,
  A extends Cancellation.Cancellation
>(
  declaration: Provider.Declaration<Name, Connection, E>,
  operation: Provider.Operation<Connection, Request, V, A>,
  request: (asked: CancelRequest) => Request,
  connection: Connection
) => ({
  policy: declaration.policy,
  cancel: (facts: () => Facts) => (alteration: Alteration): Cancel => {
    const declared = alteration.declaration?.(declaration) ?? declaration
    const offered = alteration.operation?.(operation, facts()) ?? operation
    const connected = Effect.runSync(Effect.provideService(Provider.make(declared, connection), HttpClient.HttpClient, client))
    const perform = connected.cancel(offered)
    return (asked) => perform(request(asked))
  }
})

