/** What the tests of Stripe share: the layer over the sandbox, and answers made by hand. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"

export const apiKey = Sandbox.credentials.Stripe.apiKey

export const options: Stripe.Options = { apiKey: Redacted.make(apiKey), baseUrl: Sandbox.baseUrl("Stripe") }

/** Stripe over the sandbox. */
export const layer = (overrides: Partial<Stripe.Options> = {}) =>
  Stripe.layer({ ...options, ...overrides }).pipe(Layer.orDie, Layer.provideMerge(Sandbox.layer))

/** Runs to the end, whatever it waits for on the way. */
export const toTheEnd = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

/** What reached the sandbox: `Cancel 200`, `Status 500`, … */
export const exchanges = Effect.flatMap(Sandbox.Sandbox, (sandbox) =>
  Effect.map(sandbox.requests, (requests) => requests.map(({ operation, status }) => `${operation} ${status ?? "lost"}`)))

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** A client that gives the answers made by hand, the last one again and again, and keeps what was sent. */
export const scripted = (
  answers: { readonly POST?: ReadonlyArray<Answer>; readonly GET?: ReadonlyArray<Answer> },
  overrides: Partial<Stripe.Options> = {}
) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const { body, headers, method } = request
      sent.push({
        method,
        url: url.toString(),
        headers: { ...headers },
        body: body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""
      })
      const mine = (method === "GET" ? answers.GET : answers.POST) ?? []
      const nth = sent.filter((each) => each.method === method).length - 1
      const answer = mine[Math.min(nth, mine.length - 1)] ?? { status: 500 }
      return HttpClientResponse.fromWeb(
        request,
        new Response(answer.body === undefined ? "" : JSON.stringify(answer.body), {
          status: answer.status,
          headers: { "content-type": "application/json", "request-id": `req_${sent.length}`, ...answer.headers }
        })
      )
    })
  )
  return {
    sent,
    methods: () => sent.map(({ method }) => method),
    layer: Stripe.layer({ ...options, ...overrides }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client)), Layer.orDie)
  }
}
