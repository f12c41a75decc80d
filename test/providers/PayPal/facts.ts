/** PayPal, from its API reference: an access token has to be asked for first, and a void is answered with the authorization or with nothing. */
import * as Redacted from "effect/Redacted"
import { isObject, type JsonObject } from "../../../src/sandbox/Emulator.js"
import { PayPal } from "../../../src/sandbox/emulators/PayPal.js"
import { codes, configuration, type ProviderFacts, text, usual, way } from "../../support/ProviderFacts.js"

const authorization = (id: string, status: string) => ({
  id,
  status,
  amount: { currency_code: "USD", value: "10.00" },
  invoice_id: "INVOICE-1042",
  seller_protection: { status: "ELIGIBLE", dispute_categories: ["ITEM_NOT_RECEIVED"] },
  create_time: "2026-01-14T10:30:00Z",
  update_time: "2026-01-14T10:31:00Z",
  expiration_time: "2026-02-12T10:30:00Z"
})

const codeIn = ({ details, error, name }: JsonObject): string | null => {
  const issues = Array.isArray(details) ? details.filter(isObject).map(({ issue }) => text(issue)) : []
  return issues.find((issue) => issue !== null) ?? text(name) ?? text(error)
}

const accessToken = "A21AACANARYtoken93c5d8e1f407"

export const facts: ProviderFacts = {
  ...usual,
  name: "PayPal",
  emulator: PayPal,
  basePath: "",
  standings: {
    CREATED: "Cancellable",
    PENDING: "Cancellable",
    // What is not captured is released.
    PARTIALLY_CAPTURED: "Cancellable",
    CAPTURED: "Closed",
    DENIED: "Closed",
    VOIDED: "Cancelled"
  },
  cancelled: "VOIDED",
  cancellable: "CREATED",
  acts: {
    Pays: "PARTIALLY_CAPTURED",
    PaymentSucceeds: "CAPTURED",
    PaymentFails: "DENIED",
    Expires: "VOIDED",
    CancelsElsewhere: "VOIDED"
  },
  codes: codes([
    "PreviouslyCaptured        PREVIOUSLY_CAPTURED          NotCancellable  NotCancelled Payment -             422     Documented",
    "PreviouslyVoided          PREVIOUSLY_VOIDED            NotCancellable  NotCancelled Payment states:VOIDED 422     Documented",
    "CannotBeVoided            CANNOT_BE_VOIDED             NotCancellable  NotCancelled Payment -             422     Documented",
    "PreviousRequestInProgress PREVIOUS_REQUEST_IN_PROGRESS Conflict        Unknown      Payment running       409     Documented",
    "ResourceConflict          RESOURCE_CONFLICT            Conflict        Unknown      Payment running       409     Documented",
    "InvalidResourceId         INVALID_RESOURCE_ID          NotFound        NotCancelled Request -             404     Documented",
    "ResourceNotFound          RESOURCE_NOT_FOUND           NotFound        NotCancelled Request -             404     Documented",
    "PermissionDenied          PERMISSION_DENIED            Forbidden       NotCancelled Request -             403     Documented",
    "NotAuthorized             NOT_AUTHORIZED               Forbidden       NotCancelled Request -             403     Documented",
    "InvalidAccountStatus      INVALID_ACCOUNT_STATUS       Unauthenticated NotCancelled Request -             401     Documented",
    "AuthenticationFailure     AUTHENTICATION_FAILURE       Unauthenticated NotCancelled Request -             401     Documented",
    "InvalidToken              invalid_token                Unauthenticated NotCancelled Request -             401     Observed",
    "InvalidClient             invalid_client               Unauthenticated NotCancelled Request -             401,400 Observed",
    "UnauthorizedClient        unauthorized_client          Forbidden       NotCancelled Request -             400,401 Inferred",
    "UnsupportedGrantType      unsupported_grant_type       InvalidRequest  NotCancelled Request -             400     Inferred",
    "Unauthorized              null                         Unauthenticated NotCancelled Request -             401     Observed",
    "InvalidRequest            INVALID_REQUEST              InvalidRequest  NotCancelled Request -             400     Documented",
    "MethodNotSupported        METHOD_NOT_SUPPORTED         InvalidRequest  NotCancelled Request -             405     Documented",
    "MediaTypeNotAcceptable    MEDIA_TYPE_NOT_ACCEPTABLE    InvalidRequest  NotCancelled Request -             406     Documented",
    "UnsupportedMediaType      UNSUPPORTED_MEDIA_TYPE       InvalidRequest  NotCancelled Request -             415     Documented",
    "RateLimitReached          RATE_LIMIT_REACHED           RateLimited     NotCancelled Request again         429     Documented",
    "NotConfirmed              null                         Unexpected      Unknown      Payment -             204     Documented",
    "InternalServerError       INTERNAL_SERVER_ERROR        ProviderFault   Unknown      Request -             500     Documented",
    "ServiceUnavailable        SERVICE_UNAVAILABLE          ProviderFault   Unknown      Request -             503     Documented"
  ]),
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 30_000, jitter: 0.25 },
    // Its sample waits for half a minute where it is not told for how long.
    maximumRetryAfter: 60_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  // Of another of its APIs: the shortest that is published for this header.
  longestIdempotencyKey: 78,
  requestIdHeader: "paypal-debug-id",
  error: (code, description, payment = {}) => ({
    ...payment,
    message: "PayPal's words",
    ...(code === null ? {} : { details: [{ issue: code, description }] })
  }),
  readCode: codeIn,
  configuration: configuration({
    needed: [{ clientId: "PAYPAL_CLIENT_ID", clientSecret: "PAYPAL_CLIENT_SECRET" }],
    baseUrl: "PAYPAL_BASE_URL",
    otherwise: "https://api-m.paypal.com",
    hosts: { live: "https://api-m.paypal.com", sandbox: "https://api-m.sandbox.paypal.com" }
  }),
  ways: [
    way({
      operation: "cancel",
      credentials: { clientId: "AZCANARYclient-2f7b60c4a91e", clientSecret: "EJCANARYsecret-d58e13b7f096" },
      options: ({ clientId, clientSecret }) => ({ clientId, clientSecret: Redacted.make(clientSecret) }),
      token: {
        target: "/v1/oauth2/token",
        headers: ({ clientId, clientSecret }) => ({
          "authorization": `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
          "content-type": "application/x-www-form-urlencoded"
        }),
        body: "grant_type=client_credentials",
        value: accessToken,
        granted: { access_token: accessToken, token_type: "Bearer", expires_in: 32_400, scope: "", app_id: "APP-1", nonce: "n" },
        valueIn: ({ access_token }) => String(access_token),
        lifetimeIn: ({ expires_in }) => Number(expires_in),
        lasting: (granted, seconds) => ({ ...granted, expires_in: seconds })
      },
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => PayPal.make(),
      cancelTarget: (segment) => `/v2/payments/authorizations/${segment}/void`,
      statusTarget: (segment) => `/v2/payments/authorizations/${segment}`,
      headers: () => ({
        "authorization": `Bearer ${accessToken}`,
        "prefer": "return=representation",
        "content-type": "application/json"
      }),
      onlyOfCancel: ["prefer"],
      body: () => "{}",
      keyHeader: "paypal-request-id",
      licence: { after: ["NoAnswer", "ServerError", "StillRunning"], key: "Honoured", replays: "FinalAnswers", stillRunning: [409] },
      payment: authorization,
      statusBody: authorization,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, id) => codeIn(body) === null && body["id"] === id ? text(body["status"]) : null,
      needed: ["id", "status"]
    })
  ]
}
