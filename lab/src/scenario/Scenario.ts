/**
 * All that is chosen before a cancel is played: a link holds the whole of it.
 */
import { Either, Option, ParseResult, Schema } from "effect"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

/** What can go wrong with one request, by the word that stands in links; `code` is how a program injects it. */
export const troubles = {
  "refused": { title: "connection refused", fault: Fault.refuseConnection, code: "Fault.refuseConnection" },
  "lost-before": { title: "lost before it is carried out", fault: Fault.dropBeforeApplying, code: "Fault.dropBeforeApplying" },
  "lost-after": { title: "carried out, its answer lost", fault: Fault.dropAfterApplying, code: "Fault.dropAfterApplying" },
  "lost-meanwhile": { title: "connection lost while it is being carried out", fault: Fault.dropWhileProcessing("3 seconds"), code: 'Fault.dropWhileProcessing("3 seconds")' },
  "late": { title: "connection lost, and it arrives 20 seconds late", fault: Fault.late("20 seconds"), code: 'Fault.late("20 seconds")' },
  "slow": { title: "answered after 8 seconds", fault: Fault.delay("8 seconds"), code: 'Fault.delay("8 seconds")' },
  "stalled": { title: "carried out, no answer, connection open", fault: Fault.stallHeaders({ applied: true }), code: "Fault.stallHeaders({ applied: true })" },
  "stalled-before": { title: "not carried out, no answer, connection open", fault: Fault.stallHeaders({ applied: false }), code: "Fault.stallHeaders({ applied: false })" },
  "half": { title: "carried out, half an answer", fault: Fault.cutBody, code: "Fault.cutBody" },
  "malformed": { title: "carried out, an answer nobody can read", fault: Fault.malformedJson, code: "Fault.malformedJson" },
  "500-after": { title: "carried out, answered with a 500", fault: Fault.serverError({ applied: true }), code: "Fault.serverError({ applied: true })" },
  "500-before": { title: "not carried out, answered with a 500", fault: Fault.serverError({ applied: false }), code: "Fault.serverError({ applied: false })" },
  "502-after": { title: "carried out, a proxy answers with a 502", fault: Fault.badGateway({ applied: true }), code: "Fault.badGateway({ applied: true })" },
  "429": { title: "too many requests, wait a second", fault: Fault.rateLimited({ retryAfter: 1 }), code: "Fault.rateLimited({ retryAfter: 1 })" },
  "wrong-status": { title: "carried out, answered with a status nobody has listed", fault: Fault.unknownStatus, code: "Fault.unknownStatus" },
  "wrong-payment": { title: "carried out, answered about another payment", fault: Fault.wrongPaymentId, code: "Fault.wrongPaymentId" },
  "unknown-code": { title: "refused with a code nobody has listed", fault: Fault.unknownErrorCode, code: "Fault.unknownErrorCode" }
} as const satisfies { readonly [word: string]: { readonly title: string; readonly fault: Fault.Fault; readonly code: string } }

export type Trouble = keyof typeof troubles

// A cast, because `Object.keys` returns strings.
export const troubleWords = Object.keys(troubles) as ReadonlyArray<Trouble>

/** One request after the other: a disturbance for each, `fine` for none. */
const Disturbance = Schema.Literal("fine", ...troubleWords)
export type Disturbance = typeof Disturbance.Type

const Disturbances = Schema.compose(Schema.split("."), Schema.Array(Disturbance))

/** What the provider's webhooks do. */
export const Webhooks = Schema.Literal("none", "once", "twice", "forged")
export type Webhooks = typeof Webhooks.Type

const Count = Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 9))
const Milliseconds = Schema.NumberFromString.pipe(Schema.int(), Schema.between(1, 600_000))

export const Scenario = Schema.Struct({
  provider: Schema.Literal(...Sandbox.providers),
  /** The payment's state before the cancel; absent: the one in which payments begin. */
  status: Schema.optional(Schema.NonEmptyString),
  /** What happens to the cancel requests, by their order. The last one holds for all that follow if `forever`. */
  cancel: Schema.optional(Disturbances),
  /** What happens to the status queries, by their order. */
  reads: Schema.optional(Disturbances),
  /** Whether the last disturbance of each holds for all further requests. */
  forever: Schema.optional(Schema.Literal("yes")),
  webhooks: Schema.optional(Webhooks),
  /** The policy: how many cancel requests and status queries at most. */
  attempts: Schema.optional(Count),
  statusReads: Schema.optional(Count),
  /** When the caller itself gives up, in milliseconds. */
  givesUpAfter: Schema.optional(Milliseconds)
})

export type Scenario = typeof Scenario.Type

/** A scenario as the part of a link after `?`. */
export const toQuery = (scenario: Scenario): string =>
  new URLSearchParams(
    Object.fromEntries(Object.entries(Schema.encodeSync(Scenario)(scenario)).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))
  ).toString()

/** What is wrong with a link that holds no scenario. */
export const problemIn = (query: string): string =>
  Either.match(Schema.decodeUnknownEither(Scenario, { onExcessProperty: "ignore" })(Object.fromEntries(new URLSearchParams(query))), {
    onRight: () => "",
    onLeft: (error) => {
      const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
      const field = issue?.path.join(".") ?? ""
      return field === "provider" ? `provider: one of ${Sandbox.providers.join(", ")}` : `${field}: ${issue?.message ?? ""}`
    }
  })

/** The scenario of a link; none if it is not one. */
export const fromQuery = (query: string): Option.Option<Scenario> =>
  Either.getRight(Schema.decodeUnknownEither(Scenario)(Object.fromEntries(new URLSearchParams(query))))
