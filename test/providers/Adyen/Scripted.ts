/** An HTTP client that gives prepared answers and keeps what was sent. The last answer is given again and again. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `"Lost"` is a request that was sent and never answered. */
export const scripted = (answers: ReadonlyArray<Answer | "Lost">) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.suspend(() => {
      const answer = answers[Math.min(sent.length, answers.length - 1)] ?? "Lost"
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      sent.push({ url: url.href, headers: request.headers, body })
      return answer === "Lost"
        ? Effect.fail(
          new HttpClientError.RequestError({
            request,
            reason: "Transport",
            cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" })
          })
        )
        : Effect.succeed(HttpClientResponse.fromWeb(
          request,
          new Response(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {}), {
            status: answer.status,
            headers: { "content-type": "application/json", ...answer.headers }
          })
        ))
    })
  )
  return { sent, layer: Layer.succeed(HttpClient.HttpClient, client) }
}
