/**
 * What a request names, what no cancel can be begun with, and what is written down of the rest.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { InvalidCancelRequest } from "../CancelError.js"
import { invalidRequest } from "../authoring/Provider.js"
import { Payload, version } from "./Journal.js"

/** Which field of a request names the payment, which cancel that asks for, and how errors say it. */
const ways = [
  { field: "paymentId", operation: "cancel", identifiedBy: "PaymentId" },
  { field: "creationKey", operation: "cancelByCreationKey", identifiedBy: "CreationKey" },
  { field: "merchantReference", operation: "cancelByMerchantReference", identifiedBy: "MerchantReference" }
] as const

type Way = typeof ways[number]

export const wayOf = (request: object): Way => ways.find(({ field }) => Predicate.hasProperty(request, field)) ?? ways[0]

export const textIn = (request: object, field: string): string => {
  const value = Predicate.hasProperty(request, field) ? request[field] : undefined
  return typeof value === "string" ? value : ""
}

/**
 * What makes two cancels the same one. The provider's own id names one payment; a merchant's reference names one in each of
 * the accounts that a request may be about.
 */
export const identityOf = ({ request, requestId }: Payload): string => {
  const { field, operation } = wayOf(request)
  const account = field === "merchantReference" && "merchantAccount" in request ? request.merchantAccount : undefined
  return JSON.stringify([operation, textIn(request, field), requestId, ...account === undefined ? [] : [account]])
}

/** No name of anything is longer, and a database's index takes no more: PostgreSQL's counts bytes, and takes less than 2,704. */
const longest = 1_000
const most = 2 * longest

/** PostgreSQL keeps no text that contains it. */
const nul = "\u0000"

/** Texts that a database refuses for ever, so that a cancel could never begin. */
export const isUnfit = (text: string) => text.length > longest || new TextEncoder().encode(text).length > most || text.includes(nul)

/** The engine dies of an id that is empty, or that a space begins or ends. */
export const canBeId = (text: string) => text !== "" && text === text.trim() && !isUnfit(text)

const unfitProblem = `must have no more than ${longest} characters, of no more than ${most} bytes, and none of them U+0000`

const emptyProblem = "must be a text that is not empty"

/** What is written down of a request, whatever it is. */
export const payloadOf = (provider: string, request: unknown): Effect.Effect<Payload, InvalidCancelRequest> => {
  if (!Predicate.isRecord(request)) return Effect.fail(invalidRequest(provider, request, { field: "requestId", problem: emptyProblem }))
  const { requestId, ...own } = request
  const way = wayOf(own)
  const wrong = (field: string, problem: string) => invalidRequest(provider, own, { field, problem }, way.identifiedBy)
  if (typeof requestId !== "string" || requestId === "") return Effect.fail(wrong("requestId", emptyProblem))
  // What names something has a column of its own; the rest of the request is kept as JSON.
  const unfit = [way.field, "idempotencyKey", "requestId"].find((field) => isUnfit(textIn(request, field)))
  if (unfit !== undefined) return Effect.fail(wrong(unfit, unfitProblem))
  // In the form in which it comes back from the journal, wherever that is.
  return Schema.encode(Schema.parseJson())(own).pipe(
    Effect.flatMap(Schema.decode(Schema.parseJson(Payload.fields.request))),
    Effect.mapBoth({
      onFailure: () => wrong("request", "cannot be written as JSON"),
      onSuccess: (journaled) => ({ version, requestId, request: journaled })
    })
  )
}

/** The same of a request that is to be about a payment, for whoever cannot wait for the provider to say so. */
export const checked = (provider: string, request: object): Effect.Effect<Payload, InvalidCancelRequest> => {
  const { field, identifiedBy } = wayOf(request)
  return textIn(request, field) === ""
    ? Effect.fail(invalidRequest(provider, request, { field, problem: emptyProblem }, identifiedBy))
    : payloadOf(provider, request)
}
