/**
 * An exchange that a client carries out by itself, told of its end by whom it sends with: it needs
 * no fiber.
 */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { callAtMost } from "./awaitAtMost.js"
import * as Exchange from "./exchange.js"

/** Who is told of an exchange: that its answer begins, or that none does. */
export interface Listener {
  /** The head of the answer is here. Gives who is told of the rest. */
  readonly begins: (head: Exchange.Head) => RestListener
  /** No answer began. */
  readonly failed: (error: HttpClientError.RequestError) => void
}

/** Who is told how an answer ends that has begun: one of two ways, once. */
export interface RestListener {
  /** The whole body is here; of one that is longer than allowed, more bytes than that. */
  readonly ended: (bytes: Uint8Array) => void
  /** It broke off. */
  readonly broken: () => void
}

/** Begins an exchange, and gives how it is called off: whoever does that is told nothing more. */
export type Begin = (request: HttpClientRequest.HttpClientRequest, maximumBytes: number, listener: Listener) => () => void

/** What a client has that carries exchanges out by itself. */
export const directBy = (begin: Begin): Exchange.Direct => ({
  [Exchange.exchangeDirectly]: ({ decode, judgeTransport, maximumBytes, request, timeout }, restore) =>
    callAtMost<Exchange.Transmission, never>((tell) => {
      const end = (transmission: Exchange.Transmission): void => tell(Exit.succeed(transmission))
      let arrived = Option.none<Exchange.Head>()
      const callOff = begin(request, maximumBytes, {
        begins: (head) => {
          arrived = Option.some(head)
          return {
            ended: (bytes) =>
              end(
                Exchange.received(head, { decode, maximumBytes }, bytes.byteLength, () =>
                  Exchange.decodeText(bytes, Exchange.otherCharset(head)))
              ),
            broken: () => end(Exchange.brokenOff(head))
          }
        },
        failed: (error) => end(Exchange.unsent([error], (failure) => judgeTransport(failure, false)))
      })
      return { callOff, late: () => Exit.succeed(Exchange.tooLate(timeout, arrived)) }
    }, timeout, restore)
})
