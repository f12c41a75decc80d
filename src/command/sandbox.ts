/**
 * `npx effect-payment-cancel sandbox`: the emulated providers on a loopback server, with
 * payments to try and `curl` lines to paste.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Emulator from "../sandbox/Emulator.js"
import * as Fault from "../sandbox/Fault.js"
import * as Sandbox from "../sandbox/Sandbox.js"
import * as SandboxServer from "../sandbox/SandboxServer.js"
import * as Command from "./Command.js"
import * as Files from "./cancelMany/files.js"

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
    const { credentials, names = {}, requests, slug, statuses, webhook } = Sandbox.definition(provider)
    const now = yield* Clock.currentTimeMillis
    const created = statuses.map((status) => ({
      status,
      paymentId: sandbox.emulator(provider).create({ status }, now)
    }))
    const fresh = yield* sandbox.create(provider)
    // The paths of ready-made requests contain the base path, so only the slug precedes them.
    const base = `${origin}/${slug}`
    const post = (path: string, body: object) =>
      curl(origin, { method: "POST", path, query: "", headers: {}, body: JSON.stringify(body) })
    return [
      `${provider}`,
      `  base URL     ${server.baseUrl(provider)}`,
      ...Object.entries(credentials).map(([name, value]) => `  ${name.padEnd(12)} ${value}`),
      ...(webhook === undefined
        ? []
        : webhook.secret === ""
        ? ["  its webhooks are not signed"]
        : ["  its webhooks are signed with the secret", `    ${webhook.secret}`]),
      ...(webhook?.notificationUrl === undefined ? [] : ["  and for the notification URL", `    ${webhook.notificationUrl}`]),
      "  payments",
      ...created.map(({ paymentId, status }) => `    ${status.padEnd(16)} ${paymentId}`),
      "  cancel one",
      `    ${curl(base, requests.cancel(fresh))}`,
      ...(requests.status === null ? [] : ["  read its status", `    ${curl(base, requests.status(fresh))}`]),
      "  a wrong credential",
      `    ${curl(base, requests.wrongCredential(fresh))}`,
      "  lose the next answer",
      `    ${post("/sandbox/faults", { fault: "DropAfterApplying", provider, operation: "Cancel" })}`,
      "  a new payment",
      `    ${post("/sandbox/payments", { provider })}`,
      ...Object.keys(names).flatMap((name) => [
        `  a new payment with a ${name} of yours`,
        `    ${post("/sandbox/payments", { provider, [name]: "order-1" })}`
      ]),
      ""
    ].join("\n")
  })

/** Every provider's variables, as lines of an `.env` file. */
const environment = Effect.map(SandboxServer.SandboxServer, (server) =>
  Sandbox.providers.flatMap((provider) => Object.entries(Sandbox.definition(provider).environment?.(server.baseUrl(provider)) ?? {})).map(([name, value]) => `${name}=${value}`))

const mark = "# The sandbox of effect-payment-cancel"

/** Only a file of its own is written over: another one may hold credentials that are nowhere else. */
const writeEnvironment = (path: string) =>
  Effect.gen(function*() {
    const isForeign = (yield* Files.exists(path)) && !(yield* Files.read(path)).startsWith(mark)
    if (isForeign) return yield* new Command.Failed({ message: `--write-env: ${path} is there already, and not the sandbox's. Choose another name.` })
    const text = [`${mark}, while it runs`, ...yield* environment, ""].join("\n")
    yield* Effect.scoped(Effect.flatMap(Files.opened(path, "w"), (handle) => Files.write(path, handle, text)))
  }).pipe(Effect.catchTag("FileFailed", ({ message }) => new Command.Failed({ message: `--write-env: ${message}` })))

const announce = Effect.gen(function* () {
  const { url } = yield* SandboxServer.SandboxServer
  const providers = yield* Effect.forEach(Sandbox.providers, (provider) => describe(provider, url))
  const variables = yield* environment
  yield* Console.log([
    `The sandbox listens on ${url}. Stop it with Ctrl-C.`,
    "",
    ...providers,
    "The same as environment variables; --write-env <file> writes them to a file",
    ...variables.map((line) => `    ${line}`),
    "",
    "What the providers received, and what became of the payments",
    `    curl ${url}/sandbox/requests`,
    `    curl ${url}/sandbox/payments`,
    "What can be injected in place of DropAfterApplying, with its parameters",
    ...Object.entries(Fault.parameters).map(([fault, parameters]) => `    ${[fault, ...Object.keys(parameters)].join(" ")}`),
    `    curl ${url}/sandbox/faults`,
    `    ${
      curl(url, {
        method: "POST",
        path: "/sandbox/faults",
        query: "",
        headers: {},
        body: JSON.stringify({ fault: { _tag: "Late", duration: 3_000 }, provider: "WePay", operation: "Cancel" })
      })
    }`,
    "Take all faults away that are still to come",
    `    ${curl(url, { method: "DELETE", path: "/sandbox/faults", query: "", headers: {}, body: "" })}`,
    "The webhooks that the providers would send, signed",
    `    curl ${url}/sandbox/notifications`
  ].join("\n"))
})

const defaultPort = 4242

const Port = Schema.String.pipe(
  Schema.filter((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, {
    message: () => "Expected a port from 0 to 65535"
  }),
  Schema.compose(Schema.NumberFromString)
)

/** `--port`, else the variable `PORT`, else the default. */
const portOf = ({ port }: Command.Given): Effect.Effect<number, Command.Misused> =>
  port === undefined
    ? Schema.Config("PORT", Port).pipe(
      Config.withDefault(defaultPort),
      Effect.catchAll(() => new Command.Misused({ message: "PORT: expected a port from 0 to 65535" }))
    )
    : Effect.mapError(
      Schema.decodeUnknown(Port)(port),
      () => new Command.Misused({ message: `--port: expected a port from 0 to 65535, and not ${JSON.stringify(port)}` })
    )

/** Why the server cannot listen, with a hint what to do. */
const cannotListen = (port: number, cause: unknown): string => {
  const code = Predicate.hasProperty(cause, "code") ? cause.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use, perhaps by another sandbox. Choose another port with --port, or any free one with --port 0.`
    case "EACCES":
      return `This program does not have permission to use port ${port}. Choose a port from 1024 on with --port.`
    default:
      return `The sandbox cannot listen on port ${port}: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

export const command: Command.Command = {
  name: "sandbox",
  summary: "every provider, emulated on a local server: no account, no network",
  usage: [
    "Usage: npx effect-payment-cancel sandbox [options]",
    "",
    "Starts the emulated providers on 127.0.0.1, and prints base URLs, credentials that work",
    "there, secrets of webhooks, payments to cancel, faults to inject, and curl lines to paste.",
    "It runs until Ctrl-C.",
    "",
    "Options:",
    `  --port <port>       where to listen; 0 is any free port (default: the variable PORT, or ${defaultPort})`,
    "  --write-env <file>  write the variables of all providers to a file, for cancel-many --env-file",
    "  -h, --help          show this"
  ].join("\n"),
  // Not `--env-file`: wherever Node finds that, it ends at once if there is no such file yet.
  options: { "port": { type: "string" }, "write-env": { type: "string" } },
  run: (given) =>
    Effect.flatMap(portOf(given), (port) => {
      const path = given["write-env"]
      const begin = Predicate.isString(path) ? Effect.zipRight(writeEnvironment(path), announce) : announce
      return Layer.launch(Layer.provideMerge(Layer.effectDiscard(begin), SandboxServer.layer({ port }))).pipe(
        Effect.catchTag("ServeError", ({ cause }) => new Command.Failed({ message: cannotListen(port, cause) }))
      )
    })
}
