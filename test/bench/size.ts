/** How much a program with one provider weighs, beside the same program by hand. */
import * as Esbuild from "esbuild"
import * as Path from "node:path"
import { asApplication, gzipped } from "../package/bundling.js"
import { root } from "../package/Workspace.js"
import type { Place } from "./Place.js"
import type { Part } from "./results.js"

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

/** Minified and gzipped, in bytes. */
const sizeOf = ({ folder }: Place, contents: string): number => {
  const { outputFiles } = Esbuild.buildSync({ ...asApplication, stdin: { contents, resolveDir: folder } })
  return gzipped(outputFiles[0]!.contents)
}

/** How many bytes of the minified bundle come from each module. Several are one file where they are published, so these are the sources. */
const modulesOf = (contents: string): ReadonlyMap<string, number> => {
  const { metafile } = Esbuild.buildSync({
    ...asApplication,
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    tsconfig: Path.join(root, "test/tsconfig.json")
  })
  return new Map(
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).map(([module, { bytesInOutput }]) => [module, bytesInOutput] as const))
  )
}

/** Where a module belongs; the first that it fits. */
const parts = [
  ["what a cancel results in and is asked with, and the telemetry's names", /^src\/[^/]+$/],
  ["the engine", /^src\/engine\//],
  ["what providers are built from", /^src\/authoring\//],
  ["Stripe", /^src\/providers\//],
  ["what these need of their peers", /(?:^|\/)node_modules\//],
  ["the program itself", /^<stdin>$/]
] as const

const partOf = (module: string): string => {
  const [part] = parts.find(([, modules]) => modules.test(module)) ?? []
  if (part === undefined) throw new Error(`${module} belongs nowhere`)
  return part
}

/** Both, and of what ours has more before it is compressed. */
export const measure = (place: Place): { readonly ours: number; readonly byHand: number; readonly more: ReadonlyArray<Part> } => {
  const ours = modulesOf(withTheLibrary)
  const hand = modulesOf(byHand)
  const modules = [...new Set([...ours.keys(), ...hand.keys()])]
  return {
    ours: sizeOf(place, withTheLibrary),
    byHand: sizeOf(place, byHand),
    more: parts.map(([part]) => ({
      part,
      bytes: modules
        .filter((module) => partOf(module) === part)
        .reduce((bytes, module) => bytes + (ours.get(module) ?? 0) - (hand.get(module) ?? 0), 0)
    }))
  }
}
