/**
 * A provider's interpreter in front of a client: the shared suites speak JSON, and the provider
 * something else.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Emulator from "../../src/sandbox/Emulator.js"
import * as InMemoryHttpClient from "../../src/sandbox/InMemoryHttpClient.js"
import type { AnswerFormat, Interpreter, ProviderFacts, Sent } from "./ProviderFacts.js"

/** No answer of a provider is longer: what is, is passed on as it comes. */
const longest = 1_000_000

const targetOf = (url: string): string => {
  const { pathname, search } = new URL(url)
  return pathname + search
}

/** A request as the suites hear it. */
export const heard = ({ interpreter }: Pick<ProviderFacts, "interpreter">, sent: Sent): Sent => interpreter?.request(sent) ?? sent

/** The format of a provider's answers; null where it is JSON. */
export const formatOf = ({ interpreter }: Pick<ProviderFacts, "interpreter">): AnswerFormat | null => interpreter?.answers ?? null

/** What a body says in the provider's own format; null where it is no object of it. */
export const bodyIn = (facts: Pick<ProviderFacts, "interpreter">, text: string): Emulator.JsonObject | null => {
  const format = formatOf(facts)
  return format === null ? Emulator.parseObject(text) ?? null : format.read(text)
}

/** A body as the provider writes it. */
export const write = (facts: Pick<ProviderFacts, "interpreter">, body: Emulator.JsonObject): string =>
  formatOf(facts)?.write(body) ?? JSON.stringify(body)

/** What a request of the library's says, as the suites hear it. */
export const said = (
  facts: Pick<ProviderFacts, "interpreter">,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Sent, HttpClientError.RequestError> =>
  Effect.map(InMemoryHttpClient.bodyText(request), (body) =>
    heard(facts, { method: request.method, target: targetOf(request.url), headers: request.headers, body }))

const interpreted = (interpreter: Interpreter, request: HttpClientRequest.HttpClientRequest) =>
  Effect.map(said({ interpreter }, request), (sent) => {
    const { "content-type": contentType = "application/json", ...headers } = sent.headers
    const plain = sent.method === "GET" ? HttpClientRequest.get : HttpClientRequest.post
    const asked = plain(new URL(request.url).origin + sent.target, { headers })
    return sent.body === "" ? asked : HttpClientRequest.bodyText(asked, sent.body, contentType)
  })

const joined = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(chunks))

/** The charset that a content type names, if it is one. */
const decoderFor = (contentType = "") => {
  const [, charset = "utf-8"] = /charset=([^;\s]+)/i.exec(contentType) ?? []
  return Option.getOrElse(Option.liftThrowable(() => new TextDecoder(charset, { fatal: true }))(), () => new TextDecoder())
}

/** A whole answer that is a JSON object, as the provider would write it; anything else as it is, and what is too deep to be written. */
const written = (format: AnswerFormat, bytes: Uint8Array, contentType: string | undefined): Uint8Array => {
  const text = Option.liftThrowable(() => decoderFor(contentType).decode(bytes))()
  return Option.flatMapNullable(text, Emulator.parseObject).pipe(
    Option.flatMap(Option.liftThrowable(format.write)),
    Option.match({ onNone: () => bytes, onSome: (text) => new TextEncoder().encode(text) })
  )
}

const answered = (format: AnswerFormat, response: HttpClientResponse.HttpClientResponse): HttpClientResponse.HttpClientResponse => {
  const contentType = response.headers["content-type"]
  const chunks: Array<Uint8Array> = []
  let length = 0
  const stream = Stream.suspend(() =>
    Stream.concat(
      Stream.mapConcat(response.stream, (chunk) => {
        length += chunk.length
        chunks.push(chunk)
        return length > longest ? chunks.splice(0) : []
      }),
      Stream.suspend(() => {
        const bytes = chunks.length === 0 ? new Uint8Array() : written(format, joined(chunks.splice(0)), contentType)
        return bytes.length === 0 ? Stream.empty : Stream.make(bytes)
      })
    )
  )
  // What it states is the length of something else.
  const headers = Headers.remove(response.headers, "content-length")
  return Object.create(response, {
    stream: { value: stream },
    headers: { value: contentType === undefined ? headers : Headers.set(headers, "content-type", format.contentType) }
  })
}

/** Whether a provider's answers are JSON, be it at one address for everything: then a body may have any members. */
export const speaksJson = (facts: Pick<ProviderFacts, "interpreter">): boolean =>
  formatOf(facts)?.contentType.startsWith("application/json") ?? true

/** A body with more in it: inside its only member, where it may have no more than one. */
export const extended = (facts: Pick<ProviderFacts, "interpreter">) => (body: Emulator.JsonObject, more: Emulator.JsonObject): Emulator.JsonObject =>
  speaksJson(facts)
    ? { ...body, ...more }
    : Object.fromEntries(Object.entries(body).map(([root, inner]) => [root, Emulator.isObject(inner) ? { ...inner, ...more } : inner]))

/** A client as the provider's own would be, over one that only speaks as the suites do. */
export const interpreting = ({ interpreter }: Pick<ProviderFacts, "interpreter">) => (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  interpreter === null ? client : HttpClient.makeWith(
    (asked: Effect.Effect<HttpClientRequest.HttpClientRequest, HttpClientError.HttpClientError>) =>
      asked.pipe(
        Effect.flatMap((request) => interpreted(interpreter, request)),
        Effect.flatMap((request) => client.execute(request)),
        Effect.map((response) => interpreter.answers === null ? response : answered(interpreter.answers, response))
      ),
    Effect.succeed
  )

/** The same for whatever needs a client. */
export const layer = (facts: Pick<ProviderFacts, "interpreter">): Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> =>
  Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, interpreting(facts)))
