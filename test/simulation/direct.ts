/** A client that carries exchanges out by itself, as the library's own does, over one that cannot. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { directBy, type RestListener } from "../../src/engine/direct.js"

const sizeOf = (chunks: Chunk.Chunk<Uint8Array>): number => Chunk.reduce(chunks, 0, (size, chunk) => size + chunk.length)

/** Without Node's `Buffer`, for the lab plays seeds in a browser. */
const joined = (chunks: Chunk.Chunk<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(sizeOf(chunks))
  Chunk.reduce(chunks, 0, (offset, chunk) => {
    bytes.set(chunk, offset)
    return offset + chunk.length
  })
  return bytes
}

const read = (response: HttpClientResponse.HttpClientResponse, maximumBytes: number) =>
  Stream.runFoldWhile(response.stream, Chunk.empty<Uint8Array>(), (chunks) => sizeOf(chunks) <= maximumBytes, (chunks, chunk) => Chunk.append(chunks, chunk))

export const directly = (
  client: HttpClient.HttpClient,
  start: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>,
  giveUpUnsent: () => boolean
): HttpClient.HttpClient =>
  directBy(HttpClient.mapRequest(client, identity), (request, maximumBytes, listener) => {
    let isCalledOff = false
    let rest: RestListener | undefined
    const fiber = start(Effect.flatMap(client.execute(request), (response) => {
      if (!isCalledOff) rest = listener.begins({ status: response.status, headers: response.headers })
      return read(response, maximumBytes)
    }))
    fiber.addObserver((exit) => {
      if (isCalledOff) return
      if (Exit.isSuccess(exit)) return rest?.ended(joined(exit.value))
      const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
      if (error?._tag === "RequestError") listener.failed(error)
      else if (error !== undefined) rest?.broken()
    })
    return {
      get isUnwritten() {
        return giveUpUnsent()
      },
      callOff: () => {
        isCalledOff = true
        fiber.unsafeInterruptAsFork(fiber.id())
      }
    }
  })
