/**
 * An exchange that a client carries out by itself, told of its end by whom it sends with: it needs
 * no fiber.
 */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Option from "effect/Option"
import { callAtMost } from "./awaitAtMost.js"
import * as Exchange from "./exchange.js"

/** Who is told of an exchange: of its beginning, and of one of three ends, once. */
export interface Listener {
  /** The head of the answer is here. */
  readonly begins: (head: Exchange.Head) => void
  /** The whole body is here; of one that is longer than allowed, more bytes than that. */
  readonly ended: (bytes: Uint8Array) => void
  /** The answer had begun, and broke off. */
  readonly broken: () => void
  /** No answer began. */
  readonly failed: (error: HttpClientError.RequestError) => void
}

/** Begins an exchange, and gives how it is called off: whoever does that is told nothing more. */
export type Begin = (request: HttpClientRequest.HttpClientRequest, maximumBytes: number, listener: Listener) => () => void

/** What a client has that carries exchanges out by itself. */
export const directBy = (begin: Begin): Exchange.Direct => ({
  [Exchange.exchangeDirectly]: ({ decode, judgeTransport, maximumBytes, request, timeout }, restore) =>
    callAtMost<Exchange.Transmission>((end) => {
      let head = Option.none<Exchange.Head>()
      const answered = (of: (head: Exchange.Head) => Exchange.Transmission) =>
        end(Option.match(head, { onNone: () => Exchange.unanswered("the answer has no beginning"), onSome: of }))
      const callOff = begin(request, maximumBytes, {
        begins: (arrived) => {
          head = Option.some(arrived)
        },
        ended: (bytes) =>
          answered((head) =>
            bytes.byteLength > maximumBytes
              ? Exchange.tooLong(head, maximumBytes)
              : {
                _tag: "Answered",
                answer: Exchange.answerOf(head, decode(Exchange.decodeText(bytes, Exchange.otherCharset(head))))
              }
          ),
        broken: () => answered(Exchange.brokenOff),
        failed: (error) => end(Exchange.unsent([error], (failure) => judgeTransport(failure, false)))
      })
      return { callOff, late: () => Exchange.tooLate(timeout, head) }
    }, timeout, restore)
})
