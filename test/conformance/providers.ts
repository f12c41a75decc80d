/**
 * Every provider of the library, as the conformance suite needs it: its facts, and what the
 * library has under its name.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type { CancelPolicy } from "effect-payment-cancel"
import * as Effect from "effect/Effect"
import { flow } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Cancellation } from "../../src/Cancellation.js"
import type { Catalogue } from "../../src/authoring/Errors.js"
import { interpreting } from "../support/interpreting.js"
import { granting } from "../support/granting.js"
import { cancelOf, type Home } from "../support/homes.js"
import { type Failure, nameOf, type ProviderFacts, subjectOf, type Way } from "../support/ProviderFacts.js"

export type Json = { readonly [key: string]: unknown }

/** One way of cancelling at one provider. */
export interface Operation extends Way {
  readonly name: string
  /** The payment that is cancelled. */
  readonly paymentId: string
  /** Connects its provider; the effect then carries one cancel of `paymentId` out. */
  readonly connect: (
    policy: CancelPolicy.Options
  ) => Effect.Effect<Effect.Effect<Cancellation, Failure>, never, HttpClient.HttpClient | Scope.Scope>
  /** The tag of what its proof becomes. */
  readonly success: Cancellation["_tag"]
  /** The status of what is cancelled. */
  readonly cancelled: string
  /** The standing of every status that it can have. */
  readonly standings: ProviderFacts["standings"]
  /** A body that proves it, about any payment. */
  readonly proof: (paymentId: string) => Json
}

export interface Entry {
  readonly name: string
  readonly facts: ProviderFacts
  readonly catalogue: Catalogue<Failure>
  readonly operations: ReadonlyArray<Operation>
}

const operation = (home: Home) => (way: Way): Operation => {
  const { facts, library } = home
  const paymentId = facts.paymentId("pay_1")
  const { cancelled, standings } = subjectOf(facts, way)
  const cancel = cancelOf(home, way)(way.request({ identifier: paymentId, reason: "out of stock", idempotencyKey: "key-1" }))
  return {
    ...way,
    name: nameOf(facts, way),
    paymentId,
    connect: (policy) =>
      Layer.build(Layer.orDie(library.layer({ ...way.options(way.credentials), policy }))).pipe(
        Effect.map((context) => Effect.provide(cancel, context)),
        Effect.provideServiceEffect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, flow(granting(way), interpreting(facts))))
      ),
    cancelled,
    standings,
    success: way.receipts?.success ?? "Cancelled",
    proof: (paymentId) => way.receipts?.make(paymentId) ?? way.payment(paymentId, cancelled)
  }
}

export const entryOf = (home: Home): Entry => ({
  name: home.facts.name,
  facts: home.facts,
  catalogue: home.declared.declaration.errors,
  operations: home.facts.ways.map(operation(home))
})
