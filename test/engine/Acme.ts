/**
 * A made-up provider, so that the engine is tested through the same surface as the real
 * ones, with every kind of row, licence and status at hand.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Cancellation from "../../src/Cancellation.js"
import type * as CancelError from "../../src/CancelError.js"
import type * as CancelPolicy from "../../src/CancelPolicy.js"
import * as Errors from "../../src/authoring/Errors.js"
import * as Input from "../../src/authoring/Input.js"
import * as Provider from "../../src/authoring/Provider.js"
import * as Successes from "../../src/authoring/Successes.js"
import * as Answer from "../../src/authoring/Answer.js"
import type { ResendLicence } from "../../src/authoring/ResendLicence.js"

/** What its rows have in common. */
export const row = {
  category: "InvalidRequest",
  about: "Request",
  httpStatus: [400],
  meaning: "it means something",
  remedy: "Do something.",
  certainty: "Documented"
} as const

const refusal = Errors.refusal("Acme")
const doubt = Errors.doubt("Acme")

export class BadRequest extends refusal<BadRequest>()("BadRequest", { ...row, code: "bad_request" }) {}
export class NotPossible extends refusal<NotPossible>()("NotPossible", { ...row, code: "not_possible", category: "NotCancellable", about: "Payment" }) {}
export class Busy extends refusal<Busy>()("Busy", { ...row, code: "busy", category: "RateLimited", tryAgain: true, httpStatus: [429] }) {}
export class Locked extends refusal<Locked>()("Locked", { ...row, code: "locked", category: "Conflict", about: "Payment", tryAgain: true, httpStatus: [409] }) {}
export class Running extends doubt<Running>()("Running", { ...row, code: "running", category: "Conflict", stillRunning: true }) {}
export class Broken extends doubt<Broken>()("Broken", { ...row, code: "broken", category: "ProviderFault", httpStatus: [500] }) {}
export class Unrecognized extends Errors.unrecognized("Acme")<Unrecognized>() {}

const errors = { BadRequest, NotPossible, Busy, Locked, Running, Broken, Unrecognized }

export const catalogue = Errors.catalogue(errors)

export type Coded = Errors.ErrorsIn<typeof errors>

export type AcmeError = Coded | CancelError.Shared

export const standings: Answer.Standings = { open: "Cancellable", gone: "Cancelled", paid: "Closed" }

export const policy: CancelPolicy.CancelPolicy = {
  attempts: 3,
  attemptTimeout: 10_000,
  statusReads: 3,
  statusTimeout: 5_000,
  backoff: { initial: 100, factor: 2, maximum: 1_000, jitter: 0 },
  maximumRetryAfter: 20_000,
  deadline: 60_000,
  maximumBodyBytes: 100_000
}

/** May be sent again after anything. */
export const licensed: ResendLicence = {
  after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"],
  key: "Honoured",
  replays: "FinalAnswers",
  source: "made up"
}

/** May never be sent again. */
export const unlicensed: ResendLicence = { after: [], key: "None", replays: "Nothing", source: "made up" }

const Body = Schema.Struct({
  id: Answer.lenient(Schema.String),
  status: Answer.lenient(Schema.String),
  reason: Answer.lenient(Schema.String),
  taken: Answer.lenient(Schema.Int),
  receipt: Answer.lenient(Schema.String),
  code: Answer.lenient(Schema.String),
  message: Answer.lenient(Schema.String),
  details: Answer.lenient(Schema.Unknown)
})

const decode = Schema.decodeUnknownOption(Body)

/** Its answers can say everything that any provider's can. */
export interface Says {
  readonly payment: Answer.StatedPayment<typeof Body.Type>
  readonly receipt: string
}

export const read = (answer: Answer.Answer, paymentId: string): Answer.Reading<Says> => {
  const body = Option.flatMap(answer.body, decode)
  return {
    requestId: Option.fromNullable(answer.headers["x-request"]),
    sendAgain: Option.map(Option.fromNullable(answer.headers["x-again"]), (says) => says === "yes"),
    receipt: Option.flatMap(body, ({ receipt }) => receipt),
    refusal: Option.map(body, ({ code, details, message }) => ({
      code: Option.getOrNull(code),
      message: Option.getOrNull(message),
      details: Option.getOrNull(details)
    })),
    payment: body.pipe(
      Option.filter(({ id }) => Option.contains(id, paymentId)),
      Option.flatMap((payload) =>
        Option.map(payload.status, (status) => ({
          status,
          cancelledAt: Option.none(),
          reason: payload.reason,
          // As most providers do, it says nothing where it has nothing to say.
          ...Option.match(payload.taken, {
            onNone: () => ({}),
            onSome: (amount) => ({ capturedAmount: Option.some({ amount, currency: Option.some("EUR") }) })
          }),
          payload: Option.some(payload)
        }))
      )
    )
  }
}

export interface Request {
  readonly paymentId: string
  readonly idempotencyKey?: string | undefined
}

export interface Connection {
  readonly licence: ResendLicence
  readonly secret: string
}

const headers = ({ secret }: Connection) => ({ "Acme-Key": secret })

export const declaration: Provider.Declaration<"Acme", Connection, Coded> = {
  provider: "Acme",
  errors: catalogue,
  policy,
  standings,
  longestIdempotencyKey: 40,
  secrets: ({ secret }) => [secret]
}

export const statusQuery: Provider.StatusQuery<Connection, Says> = {
  request: (connection, paymentId) =>
    HttpClientRequest.get(Input.resource("https://acme.test", paymentId), { headers: headers(connection) }),
  read
}

export type Success =
  | Successes.Synchronous<"Acme", typeof Body.Type>
  | Cancellation.CancellationAccepted<"Acme", string>

export const operation = (
  identifiedBy: CancelError.IdentifiedBy,
  canReadStatus: boolean
): Provider.Operation<Connection, Request, Says, Success> => ({
  name: "cancel",
  identifiedBy,
  identifier: ({ paymentId }) => paymentId,
  checkRequest: Input.check(Schema.Struct({
    paymentId: Input.PathSegment,
    idempotencyKey: Schema.optional(Input.idempotencyKey())
  })),
  licence: ({ licence }) => licence,
  request: (connection, { paymentId }, idempotencyKey) =>
    HttpClientRequest.post(Input.resource("https://acme.test", paymentId, "cancel"), {
      headers: { ...headers(connection), "Key": idempotencyKey }
    }).pipe(HttpClientRequest.bodyText("{\"cancel\":true}", "application/json")),
  read,
  statusQuery: canReadStatus ? Option.some(statusQuery) : Option.none(),
  successes: {
    ...Successes.synchronous<"Acme", typeof Body.Type>("Acme"),
    accepted: Successes.asynchronous<"Acme", string>("Acme").accepted
  }
})

/** The provider over a client, for operations of any kind. */
export const connect = (client: HttpClient.HttpClient, options: CancelPolicy.Options = {}, given: Partial<Connection> = {}) =>
  Provider.make(declaration, { licence: given.licence ?? licensed, secret: given.secret ?? "acme-secret" }, options).pipe(
    Effect.provideService(HttpClient.HttpClient, client)
  )

/** The provider over a client. */
export const make = (
  client: HttpClient.HttpClient,
  options: CancelPolicy.Options = {},
  given: Partial<Connection> & {
    readonly canReadStatus?: boolean
    readonly identifiedBy?: CancelError.IdentifiedBy
  } = {}
) =>
  Effect.map(connect(client, options, given), (provider) => ({
    cancel: provider.cancel(operation(given.identifiedBy ?? "PaymentId", given.canReadStatus ?? true)),
    status: provider.status(statusQuery)
  }))

export const paymentId = "p-1"

/** A body that states this payment's status. */
export const payment = (status: string) => ({ id: paymentId, status })
