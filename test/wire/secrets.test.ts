/**
 * No secret leaves (promise 10), though the server echoes every credential wherever an answer
 * has room for it. Of a credential not even its first or its last ten characters may show.
 */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import { Cancel } from "effect-payment-cancel"
import { inTurns } from "../support/extent.js"
import { granting } from "../support/granting.js"
import { observing, printed } from "./Observed.js"
import { answer, bytes, closedPort, headOf, reset, type Script, serve, stall } from "./ScriptedServer.js"
import { casesAt, complete, type Side, sides } from "./Side.js"
import { attempt, casesOver, clients, impatient, pairs, paymentId, quick, run, until } from "./Trial.js"

/** A text that is cut in the middle of a credential still shows one of these. */
const windows = (secret: string): ReadonlyArray<string> => [secret.slice(0, 10), secret.slice(5, 15), secret.slice(-10)]

const assertSilent = (where: string, output: string, secrets: ReadonlyArray<string>): void => {
  for (const secret of secrets) {
    for (const part of windows(secret)) {
      const at = output.indexOf(part)
      if (at !== -1) assert.fail(`${where} shows ${JSON.stringify(output.slice(Math.max(0, at - 60), at + 60))}`)
    }
  }
}

const encodedOf = (value: unknown): string =>
  value instanceof Error && Schema.isSchema(value.constructor)
    ? printed(Schema.encodeUnknownSync(value.constructor as unknown as Schema.Schema<unknown>)(value))
    : ""

type Sink = "own" | "default"

/** Where events go: to a collector, or into the log. */
const sinks: ReadonlyArray<Sink> = ["own", "default"]

/** Runs once for each of these, with the events collected or in the log, and looks everywhere. */
const assertNothingLeaves = <E, R>(
  secrets: ReadonlyArray<string>,
  effect: Effect.Effect<unknown, E, R>,
  into: ReadonlyArray<Sink>
) =>
  Effect.forEach(into, (sink) =>
    Effect.gen(function*() {
      const [result, { events, logs, metrics, spans }] = yield* observing(Effect.either(effect), sink)
      const value = Either.merge(result)
      assertSilent("the result", printed(value) + encodedOf(value), secrets)
      assertSilent("the log", logs.join("\n"), secrets)
      assertSilent("a span", spans.join("\n"), secrets)
      assertSilent("an event", events.map(printed).join("\n"), secrets)
      assertSilent("a metric", metrics, secrets)
      assert.isNotEmpty(spans)
    }))

interface Echo {
  readonly name: string
  /** Answers that contain `text`, for the cancel and for the status query. */
  readonly script: (side: Side, text: string) => Script
  readonly policy?: typeof quick | typeof impatient
}

const headersFullOf = (text: string) => ({
  "X-Correlation-Id": text,
  "X-Request-Id": text,
  "Request-Id": text,
  "Retry-After": text,
  "Location": `http://127.0.0.1:1/${text}`,
  "Set-Cookie": `session=${text}`,
  "WWW-Authenticate": `Basic realm=${text}`,
  [`X-${text.replaceAll(/[^A-Za-z]/g, "")}`]: text
})

const details = (text: string) => [{ message: text, reason_code: text, target: [text], target_type: text, [text]: { [text]: text } }]

const echoes: ReadonlyArray<Echo> = [
  ...[400, 401, 403, 404, 409, 429, 500, 503].map((status): Echo => ({
    name: `a ${status} with a listed code and everything else echoed`,
    script: (side, text) => {
      const body = { ...side.refusal(side.codes.unauthenticated.code, `no such key: ${text}`), details: details(text), issues: details(text) }
      const play = answer(status, body, headersFullOf(text))
      return { cancel: [play], status: [play] }
    }
  })),
  ...[400, 500].map((status): Echo => ({
    name: `a ${status} whose code is the credential`,
    script: (side, text) => ({ cancel: [answer(status, side.refusal(text, text))], status: [answer(status, side.refusal(text, text))] })
  })),
  {
    name: "refusals about the state, with a status that is the credential",
    script: (side, text) => ({
      cancel: [answer(400, { ...side.refusal(side.codes.state.code, text), status: text })],
      status: [answer(200, side.statusBody(paymentId, text))]
    })
  },
  {
    name: "a 200 of a payment that is called like the credential, in a status called like it",
    script: (side, text) => ({ cancel: [answer(200, side.payment(text, text))], status: [answer(200, side.payment(paymentId, text))] })
  },
  {
    name: "a 200 that is no JSON",
    script: (_, text) => ({ cancel: [answer(200, `<p>${text}`)], status: [answer(200, `<p>${text}`)] })
  },
  {
    name: "a redirect",
    script: (_, text) => ({ cancel: [answer(302, text, headersFullOf(text))], status: [answer(302, text, headersFullOf(text))] })
  },
  {
    name: "a reason phrase",
    script: (_, text) => ({ cancel: [bytes(`HTTP/1.1 401 ${text}\r\nContent-Length: 0\r\n\r\n`)], status: [reset] })
  },
  { name: "garbage", script: (_, text) => ({ cancel: [bytes(`${text}\r\n\r\n`, "close")], status: [bytes(text, "close")] }) },
  {
    name: "a header that breaks the parser",
    script: (_, text) => ({ cancel: [bytes(`HTTP/1.1 200 OK\r\nBad Header ${text}\r\n\r\n`, "close")], status: [reset] })
  },
  { name: "lost answers", script: () => ({ cancel: [reset], status: [reset] }) },
  {
    name: "silence, and half an answer",
    script: (_, text) => ({ cancel: [stall], status: [bytes(headOf(200, { "X-Correlation-Id": text, "Content-Length": "9" }))] }),
    policy: impatient
  }
]

it.scopedLive("the watch sees what there is to see", () =>
  Effect.gen(function*() {
    const side = complete
    const server = yield* serve({ cancel: [reset], status: [reset] })
    const chatty = side.cancel({ url: server.url }, { paymentId }).pipe(
      Cancel.withPolicy(quick),
      Effect.tapError((error) => Effect.logTrace("chatty", { deep: { error } }, side.secrets)),
      Effect.tapError(() => Effect.annotateCurrentSpan("chatty", side.secrets)),
      Effect.tapError(() => Effect.tagMetrics(Metric.increment(Metric.counter("chatty")), "credentials", side.secrets.join(" "))),
      Effect.withSpan("chatty"),
      Effect.either,
      Effect.provide(NodeHttpClient.layerUndici)
    )
    const [, own] = yield* observing(chatty, "own")
    assert.includeMembers(own.events.map(({ _tag }) => _tag), ["ExchangeStarted", "ExchangeEnded", "Waiting", "Settled"])
    assert.throws(() => assertSilent("the log", own.logs.join("\n"), side.secrets))
    assert.throws(() => assertSilent("a span", own.spans.join("\n"), side.secrets))
    assert.throws(() => assertSilent("a metric", own.metrics, side.secrets))
    const [, byDefault] = yield* observing(chatty, "default")
    assert.include(byDefault.logs.join("\n"), "ExchangeStarted")
  }))

for (const [side, client] of pairs) {
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    const text = side.secrets.join(" and ")
    const intoEach = casesOver(side, client, sinks)
    for (const [index, { name, policy = quick, script }] of casesAt(side, [...echoes.entries()])) {
      // What is done with events is the same at every provider: at one there are both, in a short run over one client or
      // the other; at the others they take turns.
      const into = side === complete ? inTurns(sinks, index + clients.indexOf(client), sinks.length) : sinks.filter((_, nth) => nth === index % sinks.length)
      it.scopedLive(name, () =>
        Effect.flatMap(serve(script(side, text)), ({ url }) =>
          assertNothingLeaves(
            side.secrets,
            side.cancel({ url }, { paymentId }).pipe(Cancel.withPolicy(policy), Effect.provide(client[1])),
            into
          )))
    }

    if (side.readable) it.scopedLive("what a status query fails with", () =>
      Effect.gen(function*() {
        for (const { policy = quick, script } of casesOver(side, client, echoes)) {
          const server = yield* serve(script(side, text))
          const status = side.status({ url: server.url }, side.paymentId(paymentId)).pipe(
            Cancel.withPolicy({ ...policy, statusReads: 1 }),
            Effect.either,
            Effect.provide(client[1])
          )
          const [result, { logs, spans }] = yield* observing(status, "default")
          assertSilent("the result", printed(Either.merge(result)), side.secrets)
          assertSilent("the log", logs.join("\n"), side.secrets)
          assertSilent("a span", spans.join("\n"), side.secrets)
        }
      }))

    it.scopedLive("a success, with the credential in what the provider states", () =>
      Effect.gen(function*() {
        const body = side.extended(side.proof(paymentId), {
          cancelledReason: text,
          reference_id: text,
          custom_data: { text },
          unlisted: text
        })
        const server = yield* serve({ cancel: [answer(200, body, { "X-Correlation-Id": text })] })
        const { result } = yield* run(server, { side, client })
        assert.strictEqual(Either.isRight(result), !side.way.isExact)
        yield* assertNothingLeaves(
          side.secrets,
          side.cancel({ url: server.url }, { paymentId }).pipe(Cancel.withPolicy(quick), Effect.provide(client[1]), Effect.asVoid),
          intoEach
        )
      }))

    // Nothing comes of a server there.
    const unanswered = casesAt(side, ["refused", "invalid", "interrupted"])

    if (unanswered.includes("refused")) it.scopedLive("refused connections", () =>
      Effect.flatMap(closedPort, (port) =>
        assertNothingLeaves(
          side.secrets,
          side.cancel({ url: `http://127.0.0.1:${port}` }, { paymentId }).pipe(Cancel.withPolicy(quick), Effect.provide(client[1])),
          intoEach
        )))

    if (unanswered.includes("invalid")) it.live("invalid requests", () =>
      assertNothingLeaves(
        side.secrets,
        side.cancel({ url: "http://127.0.0.1:1" }, { paymentId, idempotencyKey: "not visible\n" }).pipe(Effect.tapError(Effect.logDebug), Effect.provide(client[1])),
        intoEach
      ))

    if (unanswered.includes("interrupted")) it.scopedLive("an interruption", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [stall] })
        for (const sink of intoEach) {
          const before = server.received.length
          const interrupted = Effect.gen(function*() {
            const fiber = yield* Effect.fork(side.cancel({ url: server.url }, { paymentId }).pipe(Effect.provide(client[1])))
            yield* until(() => server.received.length > before)
            return yield* Fiber.interrupt(fiber)
          })
          const [exit, { events, logs, spans }] = yield* observing(interrupted, sink)
          assertSilent("the exit", printed(exit), side.secrets)
          assertSilent("the log", logs.join("\n"), side.secrets)
          assertSilent("a span", spans.join("\n"), side.secrets)
          assertSilent("an event", events.map(printed).join("\n"), side.secrets)
        }
      }))
  })
}

for (const side of sides) {
  describe.concurrent(`${side.name} over clients that talk too much`, () => {
    it.scopedLive("long texts that are cut in the middle of a credential", () =>
      Effect.gen(function*() {
        for (const length of casesAt(side, [60, 120, 190, 240, 250, 290, 500, 1010, 2030, 4080])) {
          const padding = "-".repeat(length)
          const echo = `${padding}${side.secrets.join(padding)}${padding}`
          const body = { ...side.refusal(echo, echo), details: details(echo) }
          const { result } = yield* attempt(
            { cancel: [answer(422, body, { "X-Correlation-Id": echo })], status: [answer(404, body)] },
            { side, client: ["undici", NodeHttpClient.layerUndici], policy: { ...quick, attempts: 1, statusReads: 1 } }
          )
          assertSilent(`the error after ${length} characters`, printed(Either.merge(result)), side.secrets)
        }
      }))

    const text = side.secrets.join(" and ")

    it.scopedLive("a client that is told to make spans of some requests", () =>
      Effect.gen(function*() {
        const server = yield* serve({
          cancel: [answer(401, side.refusal(side.codes.unauthenticated.code, text), headersFullOf(text)), reset],
          status: [answer(200, side.statusBody(paymentId, text), headersFullOf(text))]
        })
        const traced = Layer.effect(
          HttpClient.HttpClient,
          Effect.map(HttpClient.HttpClient, HttpClient.withTracerDisabledWhen(({ url }) => url.endsWith("/health")))
        )
        const native = yield* Effect.tracer
        const spans: Array<Tracer.Span> = []
        const tracer = Tracer.make({
          context: (run, fiber) => native.context(run, fiber),
          span: (...given) => {
            const span = native.span(...given)
            spans.push(span)
            return span
          }
        })
        yield* side.cancel({ url: server.url }, { paymentId }).pipe(
          Cancel.withPolicy(quick),
          Effect.either,
          Effect.provide(Layer.provide(traced, NodeHttpClient.layerUndici)),
          Effect.withTracer(tracer)
        )
        const ofClient = spans.filter(({ name }) => name.startsWith("http.client"))
        assert.isNotEmpty(ofClient)
        for (const { attributes } of ofClient) assertSilent("a span of the client", printed([...attributes]), side.secrets)
        assert.isNotEmpty(server.received)
        for (const { headers } of server.received) assert.notIncludeMembers(headers.map(([name]) => name.toLowerCase()), ["traceparent"])
      }))

    const talkative: ReadonlyArray<readonly [name: string, client: HttpClient.HttpClient]> = [
      [
        "a failure that describes the request",
        HttpClient.make((request) =>
          Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: new Error(text), description: text })))
      ],
      [
        "a cause with the credentials in its code",
        HttpClient.make((request) =>
          Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: Object.assign(new Error(text), { code: text, syscall: text }) })))
      ],
      [
        "a request that could not be encoded",
        HttpClient.make((request) => Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode", description: text })))
      ],
      ["a defect", HttpClient.make((request) => Effect.zipRight(Effect.annotateCurrentSpan("harmless", 1), Effect.die(request.method)))]
    ]
    for (const [name, client] of casesAt(side, talkative)) {
      it.live(name, () =>
        assertNothingLeaves(
          side.secrets,
          side.cancel({ url: "http://127.0.0.1:1" }, { paymentId }).pipe(
            Cancel.withPolicy(quick),
            Effect.provideService(HttpClient.HttpClient, granting(side.way)(client)),
            Effect.sandbox
          ),
          casesAt(side, sinks)
        ))
    }
  })
}

/** Credentials whose printed form is not their own: quotes and backslashes are escaped in JSON. */
const awkward = "CANARY\"quoted\\and%escaped&<>'`${x}"

for (const [side, client] of pairs) {
  const credentials = Object.fromEntries(Object.keys(side.way.credentials).map((name) => [name, awkward]))
  describe.concurrent("credentials that need escaping", () => {
    it.scopedLive(`${side.name} over ${client[0]}`, () =>
      Effect.gen(function*() {
        const bodies = [
          { ...side.refusal("brand_new", awkward), details: { [awkward]: awkward } },
          side.refusal(awkward, awkward),
          side.payment(awkward, awkward)
        ]
        const answers = bodies.flatMap((body) => [200, 400, 500].map((status) => answer(status, body)))
        for (const play of casesOver(side, client, answers)) {
          const server = yield* serve({ cancel: [play], status: [play] })
          yield* assertNothingLeaves(
            [awkward, JSON.stringify(awkward).slice(1, -1)],
            side.cancel({ url: server.url, credentials, policy: quick }, { paymentId }).pipe(Effect.provide(client[1])),
            side === complete ? sinks : ["own"]
          )
        }
      }))
  })
}
