/**
 * A new provider, in the five files of `acme/`, and what works with it at once: exact errors,
 * status checks, `Canceller`, the router.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { ConfigProvider, Console, Effect, Layer, Ref } from "effect"
import { Cancel, CancelEvent, Canceller } from "effect-payment-cancel"
import * as Acme from "./acme/index.js"

/** A stand-in for Acme Pay: it cancels what is open, fails on purpose, and knows the state. */
const acmePay = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Ref.make<Record<string, string>>({ first: "open", second: "captured", flaky: "open" }), (states) =>
    HttpClient.make((request, url) =>
      Effect.gen(function*() {
        const [, , id = "", action] = url.pathname.split("/")
        const state = (yield* Ref.get(states))[id] ?? "open"
        const answer = (status: number, body: unknown) =>
          HttpClientResponse.fromWeb(request, new Response(JSON.stringify(body), { status }))
        if (action !== "cancel") return answer(200, { id, state })
        if (state === "captured") return answer(409, { error: "too_late" })
        yield* Ref.update(states, (all) => ({ ...all, [id]: "void" }))
        return id === "flaky" ? answer(500, { error: "oops" }) : answer(200, { id, state: "void" })
      })))
)

const narration = CancelEvent.layer((event) =>
  event._tag === "ExchangeEnded"
    ? Console.log(`  ${event.exchange.operation}: ${event.exchange.evidence}, ${event.exchange.explanation}`)
    : Effect.void
)

const acme = Acme.layerConfig().pipe(
  Layer.provide(acmePay),
  Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["ACME_API_KEY", "acme-test-key"]]))))
)

const program = Effect.gen(function*() {
  yield* Console.log("first")
  yield* Console.log((yield* Acme.cancel({ paymentId: "first" }))._tag)

  yield* Console.log("second")
  yield* Acme.cancel({ paymentId: "second" }).pipe(
    Effect.catchTag("Acme.TooLate", (error) => Console.log(`${error._tag}, outcome ${error.outcome}`))
  )

  yield* Console.log("flaky")
  const cancellation = yield* Canceller.cancel({ paymentId: "flaky" }).pipe(Effect.provide(Canceller.layer(Acme)))
  yield* Console.log(`${cancellation._tag}, evidence ${cancellation.evidence}`)

  yield* Console.log("first, through the router")
  const routed = Canceller.router({ Acme }).cancel({ provider: "Acme", paymentId: "first" })
  yield* routed.pipe(
    Effect.flatMap(({ _tag }) => Console.log(_tag)),
    Cancel.catchCategory("NotCancellable", ({ _tag }) => Console.log(_tag))
  )
})

NodeRuntime.runMain(program.pipe(Effect.provide(narration), Effect.provide(acme)))
