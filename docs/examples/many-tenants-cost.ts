/**
 * What a layer for each call costs: a thousand cancels over an HTTP client that answers at once,
 * so that nothing but the program's own work is measured.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect, Layer, Redacted } from "effect"
import { Stripe } from "effect-payment-cancel"
import { cancelFor, cancelKept, type StripeOf, stripeOfEach, Tenants } from "./many-tenants.js"

const credentials = { apiKey: Redacted.make("sk_test_cost"), webhookSecret: Redacted.make("whsec_cost") }

const tenants = Layer.succeed(Tenants, { credentialsOf: () => Effect.succeed(credentials) })

const client = HttpClient.make((request, url) =>
  Effect.sync(() => {
    const id = url.pathname.split("/")[3]
    return HttpClientResponse.fromWeb(request, new Response(JSON.stringify({ id, status: "canceled" })))
  })
)

const live = Layer.provideMerge(
  stripeOfEach,
  Layer.merge(tenants, Layer.succeed(HttpClient.HttpClient, client))
)

const tenantsServed = 100
const perRound = 50

/** The three ways take turns, so that other load on the machine affects all of them equally. */
const ways: {
  readonly [name: string]: (
    tenant: string,
    paymentId: string
  ) => Effect.Effect<unknown, never, HttpClient.HttpClient | Stripe.Stripe | StripeOf | Tenants>
} = {
  "one layer for all": (_, paymentId) => Effect.orDie(Stripe.cancel({ paymentId })),
  "a layer for each call": (tenant, paymentId) => Effect.orDie(cancelFor(tenant, { paymentId })),
  "a LayerMap": (tenant, paymentId) => Effect.orDie(cancelKept(tenant, { paymentId }))
}

const round = Effect.forEach(Object.entries(ways), ([name, cancel]) =>
  Effect.forEach(
    Array.from({ length: perRound }, (_, index) => index),
    (index) => cancel(`tenant-${index % tenantsServed}`, `pi_${index}`),
    { discard: true }
  ).pipe(
    Effect.timed,
    Effect.map(([time]) => [name, Duration.toMillis(time) / perRound] as const)
  ))

const program = Effect.gen(function*() {
  // The first round warms up.
  yield* round
  const rounds = yield* Effect.replicateEffect(round, 5)
  yield* Console.log(`milliseconds for a cancel, the fastest of 5 rounds of ${perRound}`)
  for (const name of Object.keys(ways)) {
    const times = rounds.flat().flatMap(([way, time]) => way === name ? [time] : [])
    yield* Console.log(`${name.padEnd(24)}${Math.min(...times).toFixed(2)}`)
  }
}).pipe(Effect.provide(Stripe.layer(credentials)))

NodeRuntime.runMain(Effect.provide(program, live))
