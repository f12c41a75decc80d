/** Mollie, from its API reference: no codes at all, a cancel that is a DELETE, and no licence to repeat it. */
import * as Redacted from "effect/Redacted"
import { createHmac } from "node:crypto"
import { Mollie } from "../../../src/sandbox/emulators/Mollie.js"
import { codes, configuration, type ProviderFacts, signed, text, usual, way } from "../../support/ProviderFacts.js"

const hasError = (body: { readonly [name: string]: unknown }): boolean =>
  ["code", "detail", "title"].some((name) => text(body[name]) !== null)

const payment = (id: string, status: string) => ({
  resource: "payment",
  id,
  mode: "test",
  amount: { currency: "EUR", value: "10.00" },
  description: "Order #1042",
  status,
  createdAt: "2026-01-14T10:30:00+00:00",
  canceledAt: "2026-01-14T10:31:00+00:00"
})

export const facts: ProviderFacts = {
  ...usual,
  name: "Mollie",
  emulator: Mollie,
  basePath: "",
  standings: {
    open: "Cancellable",
    pending: "Cancellable",
    // It is not cancelled but released, and becomes `canceled` by that.
    authorized: "Cancellable",
    canceled: "Cancelled",
    paid: "Closed",
    expired: "Closed",
    failed: "Closed"
  },
  cancelled: "canceled",
  cancellable: "open",
  acts: { PaymentSucceeds: "paid", PaymentFails: "failed", Expires: "expired", CancelsElsewhere: "canceled" },
  codes: codes([
    "UnprocessableEntity  null NotCancellable  NotCancelled Payment -       422 Documented",
    "NotFound             null NotFound        NotCancelled Request -       404 Documented",
    "Gone                 null NotFound        NotCancelled Payment -       410 Documented",
    "Unauthorized         null Unauthenticated NotCancelled Request -       401 Documented",
    "Forbidden            null Forbidden       NotCancelled Request -       403 Documented",
    "BadRequest           null InvalidRequest  NotCancelled Payment -       400 Documented",
    "MethodNotAllowed     null InvalidRequest  NotCancelled Request -       405 Documented",
    "UnsupportedMediaType null InvalidRequest  NotCancelled Request -       415 Documented",
    "TooManyRequests      null RateLimited     NotCancelled Request again   429 Documented",
    "Conflict             null Conflict        Unknown      Request running 409 Documented",
    "InternalServerError  null ProviderFault   Unknown      Request -       500 Documented",
    "BadGateway           null ProviderFault   Unknown      Request -       502 Documented",
    "ServiceUnavailable   null ProviderFault   Unknown      Request -       503 Documented",
    "GatewayTimeout       null ProviderFault   Unknown      Request -       504 Documented"
  ]),
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 4,
    statusTimeout: 10_000,
    backoff: { initial: 1_000, factor: 2, maximum: 10_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 120_000,
    maximumBodyBytes: 1_048_576
  },
  requestIdHeader: "x-request-id",
  // It documents no code. One that came all the same is kept.
  error: (code, detail, payment = {}) => ({
    ...payment,
    ...(code === null ? {} : { code }),
    title: "Unprocessable Entity",
    detail,
    _links: { documentation: { href: "https://docs.mollie.com/overview/handling-errors", type: "text/html" } }
  }),
  configuration: configuration({
    needed: [{ apiKey: "MOLLIE_API_KEY" }],
    settings: [
      {
        option: "testmode",
        variable: "MOLLIE_TESTMODE",
        value: "true",
        given: true,
        shown: "\"testmode\":true",
        credentials: { apiKey: "access_x" }
      },
      {
        option: "profileId",
        variable: "MOLLIE_PROFILE_ID",
        value: "pfl_2",
        operation: "releaseAuthorization",
        credentials: { apiKey: "access_x" }
      }
    ],
    baseUrl: "MOLLIE_BASE_URL",
    otherwise: "https://api.mollie.com",
    hosts: { production: "https://api.mollie.com" },
    // What a shell or a template left empty may have been meant to be true.
    refused: { MOLLIE_TESTMODE: [""] }
  }),
  webhooks: {
    provider: signed(Mollie),
    tolerance: 31 * 86_400_000,
    isCancellation: ({ payload }) => payload["type"] === "payment.canceled",
    forge: (body) =>
      body.includes('"payment.canceled"')
        ? body.replace('"payment.canceled"', '"payment.expired"')
        : body.replace(/"type":"payment\.\w+"/, '"type":"payment.canceled"'),
    otherSecret: "another",
    encoding: "hex",
    several: true,
    genuine: (paymentId, key, at, written) => {
      const body = written(JSON.stringify({
        resource: "event",
        id: "event_GvJ8WHrp5isUdRub9CJyH",
        type: "payment.canceled",
        entityId: paymentId,
        createdAt: new Date(at * 1000).toISOString()
      }))
      return {
        secret: key,
        signature: createHmac("sha256", key).update(body).digest("hex"),
        sent: (...signatures) => ({ body, headers: { "X-Mollie-Signature": signatures.map((_) => `sha256=${_}`).join(",") } })
      }
    }
  },
  readCode: ({ code }) => text(code),
  // A release is answered with nothing.
  apart: ["releaseAuthorization"],
  ways: [
    way({
      operation: "cancel",
      credentials: { apiKey: "test_CANARYkey5d0c7be19a3f42" },
      options: ({ apiKey }) => ({ apiKey: Redacted.make(apiKey) }),
      request: ({ idempotencyKey, identifier }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => Mollie.make(),
      method: "DELETE",
      cancelTarget: (segment) => `/v2/payments/${segment}`,
      statusTarget: (segment) => `/v2/payments/${segment}`,
      headers: ({ apiKey }) => ({ "authorization": `Bearer ${apiKey}` }),
      body: () => "",
      keyHeader: "idempotency-key",
      licence: { after: [], key: "None", replays: "Nothing", stillRunning: [409] },
      payment,
      statusBody: payment,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, id) => body["id"] === id && !hasError(body) ? text(body["status"]) : null,
      needed: ["id", "status"]
    })
  ]
}
