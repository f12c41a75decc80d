/**
 * An exchange that a client carries out without a fiber: what it sends with tells how that ends.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { type Begun, callAtMost, type Wait } from "./awaitAtMost.js"
import * as Exchange from "./exchange.js"
import { type Elapsed, stopwatch } from "./stopwatch.js"

/** Who is told of an exchange: that its answer begins, or that none does. */
export interface Listener {
  /** Whether it may still be written. Where its time is over, it has ended: the alarm only waited for its turn. */
  readonly mayBegin: () => boolean
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

/** What is under way, and how it is called off. What it tells after that counts for nothing. */
export interface UnderWay {
  readonly callOff: () => void
  /** Whether nothing of the request was written so far: where it is called off now, nothing ever is. */
  readonly isUnwritten: boolean
}

/** Begins an exchange. */
export type Begin = (request: HttpClientRequest.HttpClientRequest, maximumBytes: number, listener: Listener) => UnderWay

/** Tells the wait for an exchange what that comes to. */
class Telling implements Listener, RestListener, Begun<Exchange.Transmission> {
  private head: Exchange.Head | undefined
  private readonly underWay: UnderWay

  constructor(
    private readonly wait: Wait<Exchange.Transmission, never>,
    private readonly options: Exchange.Options,
    private readonly elapsed: Elapsed,
    begin: Begin
  ) {
    this.underWay = begin(options.request, options.maximumBytes, this)
  }

  private end(transmission: Exchange.Transmission): void {
    this.wait.end(Exit.succeed(transmission))
  }

  mayBegin(): boolean {
    if (this.elapsed() < this.options.timeout) return true
    this.wait.end(this.late())
    return false
  }

  begins(head: Exchange.Head): RestListener {
    this.head = head
    return this
  }

  ended(bytes: Uint8Array): void {
    const { head, options } = this
    if (head === undefined) return
    this.end(Exchange.received(head, options, bytes.byteLength, () => Exchange.decodeText(bytes, Exchange.otherCharset(head))))
  }

  broken(): void {
    if (this.head !== undefined) this.end(Exchange.brokenOff(this.head))
  }

  failed(error: HttpClientError.RequestError): void {
    this.end(Exchange.unsent([error], (failure) => this.options.judgeTransport(failure, false)))
  }

  callOff(): void {
    this.underWay.callOff()
  }

  /** Where nothing was written, a turn more would write it. */
  mayBeHere(): boolean {
    return this.head !== undefined || !this.underWay.isUnwritten
  }

  late(): Exit.Exit<Exchange.Transmission> {
    const { head, options: { timeout } } = this
    return Exit.succeed(
      !this.mayBeHere()
        ? { _tag: "NotSent", explanation: `there was no connection within ${timeout} ms`, transient: true }
        : Exchange.tooLate(timeout, Option.fromNullable(head))
    )
  }
}

/** Has a client carry exchanges out by itself, each of which `begin` begins. */
export const directBy = (client: HttpClient.HttpClient, begin: Begin): HttpClient.HttpClient =>
  Exchange.exchangingDirectly(client, (options, restore) =>
    callAtMost<Exchange.Transmission, never>((wait, { fiber: { currentDefaultServices } }) =>
      new Telling(wait, options, stopwatch(Context.get(currentDefaultServices, Clock.Clock)), begin), options.timeout, restore))
