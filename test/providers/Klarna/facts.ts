/** Klarna, from its Order Management API: a key that alone counts, and a cancel that is answered with nothing. */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Emulator from "../../../src/sandbox/Emulator.js"
import { type JsonObject, parseObject } from "../../../src/sandbox/Emulator.js"
import { Klarna } from "../../../src/sandbox/emulators/Klarna.js"
import { type Asked, codes, configuration, type ProviderFacts, text, usual, way } from "../../support/ProviderFacts.js"

const order = (id: string, status: string) => ({
  order_id: id,
  status,
  fraud_status: "ACCEPTED",
  order_amount: 1000,
  captured_amount: 0,
  remaining_authorized_amount: status === "AUTHORIZED" ? 1000 : 0,
  purchase_currency: "eur",
  created_at: "2026-01-14T10:30:00.000Z",
  klarna_reference: "K4MADNY-1"
})

/** What captures have taken of every order whose rest is released. */
const capturedAmount = 500

/** How much is captured in each status: what is CLOSED was captured as a whole before. */
const capturedOf: { readonly [status: string]: number } = { PART_CAPTURED: capturedAmount, CAPTURED: capturedAmount, CLOSED: 1000 }

/** An order of which a part was captured: the amounts say whether the rest is released, whatever its status is. */
const partlyCaptured = (id: string, status: string) => ({
  ...order(id, status),
  captured_amount: capturedOf[status] ?? null,
  remaining_authorized_amount: capturedOf[status] === undefined ? null : status === "PART_CAPTURED" ? 1000 - capturedAmount : 0
})

/**
 * Klarna does not say in which status a release leaves an order. Here it is CAPTURED, so that one can see what became of
 * it; and whatever is CAPTURED is so in part. A release has no body, so whoever reads it finds the amounts in the order.
 */
const releasing = (emulator: Emulator.Emulator): Emulator.Emulator => {
  const releases = new Map<string, number | null>()
  const releasedAt = new Map<string, number>()
  const seen = (record: ReturnType<Emulator.Emulator["payment"]>) =>
    record === undefined || !releases.has(record.paymentId) ? record : {
      ...record,
      history: record.history.map((change) =>
        change.to === "CAPTURED" && change.by === "Move" && change.at === releasedAt.get(record.paymentId)
          ? { ...change, by: "Cancel" as const, requestIndex: releases.get(record.paymentId) ?? null }
          : change)
    }
  return {
    ...emulator,
    payment: (id, at) => seen(emulator.payment(id, at)),
    // Of what is released nothing more is captured.
    move: (id, status, at, options) =>
      emulator.payment(id, at)?.status === "CAPTURED" && options?.force !== true
        ? emulator.move(id, "PART_CAPTURED", at)
        : emulator.move(id, status, at, options),
    receive: (request, context) => {
      const finish = emulator.receive(request, context)
      const [id = ""] = /[^/]+(?=\/release-remaining-authorization$)/.exec(request.path) ?? []
      return (at) => {
        const handled = finish(at)
        if (handled.applied && request.method === "POST") {
          releases.set(decodeURIComponent(id), context.requestIndex ?? null)
          releasedAt.set(decodeURIComponent(id), at)
          emulator.move(decodeURIComponent(id), "CAPTURED", at, { force: true })
        }
        const body: JsonObject = parseObject(handled.reply.body) ?? {}
        const captured = capturedOf[text(body["status"]) ?? ""]
        return captured === undefined
          ? handled
          : { ...handled, reply: { ...handled.reply, body: JSON.stringify({ ...body, captured_amount: captured }) } }
      }
    }
  }
}

interface Login {
  readonly username: string
  readonly password: string
}

/** What is alike in both ways. */
const alike = {
  credentials: { username: "CANARY-username-4b1e77d0", password: "CANARY-password-93fa16c2" },
  options: ({ password, username }: Login) => ({ username, password: Redacted.make(password) }),
  request: ({ idempotencyKey, identifier }: Asked) => ({ paymentId: identifier, idempotencyKey }),
  statusTarget: (segment: string) => `/ordermanagement/v1/orders/${segment}`,
  headers: ({ password, username }: Login) => ({
    "authorization": `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
  }),
  body: () => "",
  keyHeader: "klarna-idempotency-key",
  licence: { after: ["NoAnswer", "ServerError"], key: "Honoured", replays: "FinalAnswers", stillRunning: [409] },
  namesPayment: { Cancel: true, Status: true },
  capturedIn: ({ captured_amount }: JsonObject) => typeof captured_amount === "number" ? captured_amount : null
} as const

export const facts: ProviderFacts = {
  ...usual,
  name: "Klarna",
  emulator: Klarna,
  basePath: "",
  standings: {
    AUTHORIZED: "Cancellable",
    PART_CAPTURED: "Closed",
    CAPTURED: "Closed",
    CANCELLED: "Cancelled"
  },
  // Without captures it may have been cancelled before.
  unlisted: ["EXPIRED", "CLOSED"],
  cancelled: "CANCELLED",
  cancellable: "AUTHORIZED",
  acts: { Pays: "PART_CAPTURED", PaymentSucceeds: "CAPTURED", Expires: "EXPIRED", CancelsElsewhere: "CANCELLED" },
  codes: codes([
    "CancelNotAllowed       CANCEL_NOT_ALLOWED      NotCancellable  NotCancelled Payment -       403         Documented",
    "NotAllowed             NOT_ALLOWED             NotCancellable  NotCancelled Payment -       403         Documented",
    "Blocked                null                    Forbidden       NotCancelled Payment -       403         Observed",
    "InvalidOrderId         INVALID_ORDER_ID        InvalidRequest  NotCancelled Request -       400         Documented",
    "BadValue               BAD_VALUE               InvalidRequest  NotCancelled Payment -       400         Inferred",
    "UnprocessableEntity    UNPROCESSABLE_ENTITY    InvalidRequest  NotCancelled Payment -       422         Inferred",
    "RequestTooLarge        REQUEST_TOO_LARGE       InvalidRequest  NotCancelled Request -       413         Documented",
    "NoSuchOrder            NO_SUCH_ORDER           NotFound        NotCancelled Payment -       404         Documented",
    "NotFound               NOT_FOUND               NotFound        NotCancelled Payment -       404,400     Documented",
    "Unauthorized           UNAUTHORIZED            Unauthenticated NotCancelled Request -       401         Observed",
    "AuthorizationRequired  null                    Unauthenticated NotCancelled Request -       401         Documented",
    "TooManyRequests        TOO_MANY_REQUESTS       RateLimited     NotCancelled Request again   429         Documented",
    "Conflict               CONFLICT                Conflict        Unknown      Payment running 409         Inferred",
    "NotConfirmed           null                    Unexpected      Unknown      Payment -       204         Documented",
    "InternalServerError    INTERNAL_SERVER_ERROR   ProviderFault   Unknown      Request -       500         Documented",
    "UnexpectedError        UNEXPECTED_ERROR        ProviderFault   Unknown      Request -       500         Documented",
    "InternalError          INTERNAL_ERROR          ProviderFault   Unknown      Request -       500         Documented",
    "Timeout                TIMEOUT                 ProviderFault   Unknown      Request -       500,504     Documented",
    "TemporarilyUnavailable TEMPORARILY_UNAVAILABLE ProviderFault   Unknown      Request -       503,502,504 Documented"
  ]),
  // It gives up after 59 s, and asks for 5 s before the same request is sent again, and for 5 min before a third time.
  policy: {
    attempts: 2,
    attemptTimeout: 65_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 5_000, factor: 2, maximum: 10_000, jitter: 0 },
    maximumRetryAfter: 30_000,
    deadline: 180_000,
    maximumBodyBytes: 1_048_576
  },
  // In the playground; in production four times as many.
  takes: { requests: 50, seconds: 1 },
  requestIdHeader: "klarna-correlation-id",
  delayHeader: { name: "x-ratelimit-reset", unit: "Seconds" },
  requestIdIn: ({ correlation_id, error_code, error_messages }) =>
    error_code === undefined && error_messages === undefined ? null : text(correlation_id),
  error: (code, message, payment = {}) => ({
    ...payment,
    ...(code === null ? {} : { error_code: code }),
    error_messages: [message],
    correlation_id: "c0ffee00-0000-4000-8000-000000000000"
  }),
  readCode: ({ error_code }) => text(error_code),
  configuration: configuration({
    needed: [{ username: "KLARNA_USERNAME", password: "KLARNA_PASSWORD" }],
    baseUrl: "KLARNA_BASE_URL",
    otherwise: "https://api.klarna.com",
    hosts: {
      europe: "https://api.klarna.com",
      northAmerica: "https://api-na.klarna.com",
      oceania: "https://api-oc.klarna.com",
      europePlayground: "https://api.playground.klarna.com",
      northAmericaPlayground: "https://api-na.playground.klarna.com",
      oceaniaPlayground: "https://api-oc.playground.klarna.com"
    },
    refused: { KLARNA_USERNAME: ["canary:", "canary x"] }
  }),
  ways: [
    way({
      ...alike,
      operation: "cancel",
      emulator: () => Klarna.make(),
      cancelTarget: (segment) => `/ordermanagement/v1/orders/${segment}/cancel`,
      payment: order,
      statusBody: order,
      readStatus: (_, body, id) =>
        body["order_id"] === id && body["error_messages"] === undefined && !(body["status"] === "CANCELLED" && body["captured_amount"] !== 0)
          ? text(body["status"])
          : null,
      captured: { amount: 0, currency: Option.some("EUR") },
      needed: ["order_id", "status"],
      // An order that is cancelled has no captures.
      naming: ["captured_amount"]
    }),
    way({
      ...alike,
      label: "the rest",
      operation: "releaseRemainingAuthorization",
      emulator: () => releasing(Klarna.make()),
      cancelTarget: (segment) => `/ordermanagement/v1/orders/${segment}/release-remaining-authorization`,
      subject: {
        standings: { PART_CAPTURED: "Cancellable", CAPTURED: "Cancelled", CLOSED: "Closed" },
        cancelled: "CAPTURED",
        cancellable: "PART_CAPTURED",
        acts: { PaymentSucceeds: "CLOSED", CancelsElsewhere: "CAPTURED" },
        status: "releaseStatus"
      },
      payment: partlyCaptured,
      statusBody: partlyCaptured,
      readStatus: (_, body, id) => body["order_id"] === id && body["error_messages"] === undefined ? text(body["status"]) : null,
      captured: { amount: capturedAmount, currency: Option.some("EUR") },
      needed: ["order_id", "status", "order_amount", "remaining_authorized_amount"],
      naming: ["captured_amount"],
      byAmounts: true
    })
  ]
}
