/** How much a program with one provider weighs, beside the same program by hand. */
import * as Esbuild from "esbuild"
import * as Zlib from "node:zlib"
import type { Place } from "./Place.js"

const withTheLibrary = `
  import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
  import * as Effect from "effect/Effect"
  import * as Stripe from "effect-payment-cancel/providers/Stripe"

  const program = Stripe.cancel({ paymentId: "pi_1042", reason: "requested_by_customer" })

  Effect.runFork(program.pipe(
    Effect.tap((cancelled) => Effect.log(cancelled._tag)),
    Effect.provide(Stripe.layerConfig()),
    Effect.provide(FetchHttpClient.layer)
  ))
`

const byHand = `
  import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
  import * as HttpClient from "@effect/platform/HttpClient"
  import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
  import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
  import * as Config from "effect/Config"
  import * as Effect from "effect/Effect"
  import * as Redacted from "effect/Redacted"
  import * as Schema from "effect/Schema"

  const PaymentIntent = Schema.Struct({ id: Schema.String, status: Schema.Literal("canceled") })

  const program = Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const apiKey = yield* Config.redacted("STRIPE_API_KEY")
    const response = yield* client.execute(
      HttpClientRequest.post("https://api.stripe.com/v1/payment_intents/pi_1042/cancel", {
        headers: { "Authorization": "Bearer " + Redacted.value(apiKey), "Idempotency-Key": crypto.randomUUID() }
      }).pipe(HttpClientRequest.bodyText("cancellation_reason=requested_by_customer", "application/x-www-form-urlencoded"))
    )
    return yield* HttpClientResponse.schemaBodyJson(PaymentIntent)(response)
  })

  Effect.runFork(program.pipe(
    Effect.tap((cancelled) => Effect.log(cancelled.status)),
    Effect.provide(FetchHttpClient.layer)
  ))
`

const gzipped = ({ folder }: Place, program: string): number => {
  const { outputFiles } = Esbuild.buildSync({
    stdin: { contents: program, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform: "browser"
  })
  return Zlib.gzipSync(outputFiles[0]!.contents, { level: 9 }).length
}

/** Both, minified and gzipped, in bytes. */
export const measure = (place: Place): { readonly ours: number; readonly byHand: number } => ({
  ours: gzipped(place, withTheLibrary),
  byHand: gzipped(place, byHand)
})
