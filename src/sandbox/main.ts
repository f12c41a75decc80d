/**
 * `npm run sandbox`: the loopback server, with payments to try and `curl` lines
 * to paste. `PORT` says where it listens: 4242 unless given, 0 for any free port.
 *
 * @since 0.1.0
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Emulator from "./Emulator.js"
import * as Sandbox from "./Sandbox.js"
import * as SandboxServer from "./SandboxServer.js"

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

const curl = (base: string, { body, headers, method, path, query }: Emulator.Request): string =>
  [
    "curl -i",
    ...(method === "GET" ? [] : [`-X ${method}`]),
    quote(base + path + (query === "" ? "" : `?${query}`)),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value ?? ""}`)}`),
    ...(body === "" ? [] : [`-d ${quote(body)}`])
  ].join(" ")

const describe = (provider: Sandbox.Provider, origin: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.Sandbox
    const server = yield* SandboxServer.SandboxServer
    const { credentials, requests, slug, statuses } = Sandbox.definition(provider)
    const now = yield* Clock.currentTimeMillis
    const created = statuses.map((status) => ({
      status,
      paymentId: sandbox.emulator(provider).create({ status }, now)
    }))
    const fresh = yield* sandbox.create(provider)
    // Paths of ready requests contain the base path, so only the slug precedes them.
    const base = `${origin}/${slug}`
    return [
      `${provider}`,
      `  base URL     ${server.baseUrl(provider)}`,
      ...Object.entries(credentials).map(([name, value]) => `  ${name.padEnd(12)} ${value}`),
      "  payments",
      ...created.map(({ paymentId, status }) => `    ${status.padEnd(16)} ${paymentId}`),
      "  cancel one",
      `    ${curl(base, requests.cancel(fresh))}`,
      ...(requests.status === null ? [] : ["  read its status", `    ${curl(base, requests.status(fresh))}`]),
      "  a wrong credential",
      `    ${curl(base, requests.wrongCredential(fresh))}`,
      "  lose the next answer",
      `    ${
        curl(origin, {
          method: "POST",
          path: "/sandbox/faults",
          query: "",
          headers: {},
          body: JSON.stringify({ fault: "DropAfterApplying", provider, operation: "Cancel" })
        })
      }`,
      "  a new payment",
      `    ${
        curl(origin, {
          method: "POST",
          path: "/sandbox/payments",
          query: "",
          headers: {},
          body: JSON.stringify({ provider })
        })
      }`,
      ""
    ].join("\n")
  })

const announce = Effect.gen(function* () {
  const { url } = yield* SandboxServer.SandboxServer
  const providers = yield* Effect.forEach(Sandbox.providers, (provider) => describe(provider, url))
  yield* Console.log([
    `The sandbox listens on ${url}. Stop it with Ctrl-C.`,
    "",
    ...providers,
    "What the providers received, and what became of the payments",
    `    curl ${url}/sandbox/requests`,
    `    curl ${url}/sandbox/payments`,
    "The webhooks that the providers would send, signed",
    `    curl ${url}/sandbox/notifications`
  ].join("\n"))
})

// `Config.port` knows no port 0.
const port = Config.integer("PORT").pipe(
  Config.validate({ message: "Expected a port from 0 to 65535", validation: (port) => port >= 0 && port <= 65_535 }),
  Config.withDefault(4242)
)

const server = Layer.unwrapEffect(
  Effect.map(port, (port) => SandboxServer.layer({ port }))
)

NodeRuntime.runMain(Layer.launch(Layer.provideMerge(Layer.effectDiscard(announce), server)))
