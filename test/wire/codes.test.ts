/**
 * Every error code that the providers document, with a status it comes with: its class, its
 * category, its outcome, how often the request was sent, and whether the status was read
 * (promises 4, 5 and 6). The expectations are read from the providers' documents, not from the
 * library's tables. Where the documents leave the category open, all that make sense are listed.
 */
import { assert, describe, it } from "@effect/vitest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { answer } from "./ScriptedServer.js"
import { type Side, sides, wePay } from "./Side.js"
import { assertShows, attempt, type Client, pairs, paymentId, quick } from "./Trial.js"

interface Row {
  readonly code: string
  readonly status: number
  readonly category: ReadonlyArray<string>
  readonly outcome: "NotCancelled" | "Unknown"
  /** About the payment: read back before it is believed. */
  readonly readBack?: boolean
  /** Documented as "try again". */
  readonly again?: boolean
  /** WePay: the reason code that has a class of its own. */
  readonly under?: string
}

const row = (status: number, category: string, outcome: Row["outcome"] = "NotCancelled", more: Partial<Row> = {}) => (code: string): Row => ({
  code,
  status,
  category: category.split("|"),
  outcome,
  ...more
})

const aboutPayment = { readBack: true }

const rows: { readonly [provider in Side["provider"]]: ReadonlyArray<Row> } = {
  WePay: [
    row(400, "InvalidRequest")("INVALID_PARAMS"),
    row(400, "NotCancellable", "NotCancelled", aboutPayment)("PAYMENT_CANNOT_BE_CANCELED"),
    row(403, "Forbidden|Unauthenticated")("NOT_AUTHORIZED"),
    row(500, "ProviderFault", "Unknown", { again: true })("UNEXPECTED_ERROR"),
    row(429, "RateLimited", "NotCancelled", { again: true })("THROTTLE_EXCEEDED"),
    row(409, "Conflict", "NotCancelled", { again: true, readBack: true })("RESOURCE_CONFLICT"),
    row(400, "Conflict", "Unknown", { again: true, under: "INVALID_PARAMS" })("CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING"),
    row(400, "NotCancellable|Conflict", "NotCancelled", { again: true, under: "INVALID_PARAMS" })(
      "POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED"
    )
  ],
  WalletConnectPay: [
    row(429, "RateLimited", "NotCancelled", { again: true })("rate_limited"),
    ...["invalid_params", "params_validation"].map(row(400, "InvalidRequest", "NotCancelled", aboutPayment)),
    ...["payment_not_found", "merchant_not_found", "partner_not_found", "customer_not_found", "wallet_not_found", "executor_not_found"]
      .map(row(404, "NotFound")),
    row(404, "Unauthenticated")("api_key_not_found"),
    row(409, "Conflict", "NotCancelled", aboutPayment)("idempotency_conflict"),
    row(409, "Conflict", "NotCancelled", aboutPayment)("merchant_exists"),
    row(409, "NotCancellable|Conflict", "NotCancelled", aboutPayment)("already_refunded"),
    row(500, "ProviderFault", "Unknown", { again: true })("internal_error"),
    ...["invalid_api_key", "unauthorized", "missing_api_key", "missing_merchant_api_key", "missing_merchant_id", "missing_app_id",
      "missing_client_id", "invalid_app_id", "missing_auth_headers"].map(row(401, "Unauthenticated")),
    row(401, "Unauthenticated|InvalidRequest")("conflicting_auth_headers"),
    row(403, "Forbidden|Unauthenticated")("not_sandbox_api_key"),
    row(403, "Forbidden")("forbidden"),
    row(451, "Forbidden")("sanctioned_user"),
    ...["invalid_state", "payment_expired"].map(row(400, "NotCancellable", "NotCancelled", aboutPayment)),
    row(410, "NotCancellable", "NotCancelled", aboutPayment)("payment_expired"),
    row(400, "NotCancellable|Conflict", "NotCancelled", aboutPayment)("quote_expired"),
    row(400, "NotCancellable|Conflict", "NotCancelled", aboutPayment)("payment_not_succeeded"),
    ...["header_not_ascii", "invalid_api_version", "unknown_api_version", "api_version_downgrade"].map(row(400, "InvalidRequest"))
  ]
}

/** The category of a code that nobody has listed: what HTTP says of the status. */
const byStatus: { readonly [status: number]: string } = {
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "InvalidRequest",
  429: "RateLimited"
}

const pascalCase = (code: string): string =>
  code.toLowerCase().split("_").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("")

const refusalOf = (side: Side, { code, under }: Pick<Row, "code" | "under">) =>
  under === undefined ? side.refusal(code) : {
    ...side.refusal(under),
    details: [{ message: "…", reason_code: code, target: ["id"], target_type: "HTTP_REQUEST_PATH" }]
  }

const stillOpen = (side: Side) => [answer(200, side.statusBody(paymentId, side.statuses.cancellable))]

it("covers every code that the providers list", () => {
  assert.strictEqual(new Set(rows.WalletConnectPay.map(({ code }) => code)).size, 35)
  assert.strictEqual(new Set(rows.WePay.map(({ code }) => code)).size, 8)
})

/** A class that is its own schema, as every error's is. */
const schemaOf = (error: object): Schema.Schema<object, unknown> => {
  if (!Schema.isSchema(error.constructor)) return assert.fail("the error's class is no schema")
  return error.constructor as unknown as Schema.Schema<object, unknown>
}

const assertSurvivesJson = (error: object): void => {
  const schema = schemaOf(error)
  const encoded: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(error)))
  const decoded = Schema.decodeUnknownSync(schema)(encoded)
  assert.strictEqual(decoded.constructor, error.constructor)
  assert.deepEqual(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(decoded))), encoded)
}

for (const [side, client] of pairs) {
  describe.concurrent(`${side.name} over ${client[0]}`, () => {
    for (const row of rows[side.provider]) {
      it.scopedLive(`${row.code} on a ${row.status}`, () =>
        Effect.gen(function*() {
          const { cancels, reads, result, verdict } = yield* attempt(
            { cancel: [answer(row.status, refusalOf(side, row))], status: stillOpen(side) },
            { side, client }
          )
          if ("success" in verdict) return assert.fail(verdict.success)
          assertSurvivesJson(Either.getOrThrow(Either.flip(result)))
          assertShows(verdict, {
            failure: `${side.provider}.${pascalCase(row.code)}`,
            code: row.code,
            outcome: row.outcome,
            httpStatus: row.status
          })
          assert.include(row.category, verdict.category)
          assert.strictEqual(cancels.length, row.again === true ? quick.attempts : 1, "cancel requests")
          if (row.readBack === true || row.outcome === "Unknown") assert.isAtLeast(reads.length, 1, "status queries")
          else if (row.again !== true) assert.strictEqual(reads.length, 0, "status queries")
        }))
    }

    const unlisted = ["brand_new_code", "Invalid_State", " ", "constructor", "__proto__", "toString", "x".repeat(300)]
    for (const code of unlisted) {
      it.scopedLive(`nobody has listed ${code.slice(0, 20)}`, () =>
        Effect.gen(function*() {
          const refused = yield* attempt({ cancel: [answer(400, side.refusal(code))], status: stillOpen(side) }, { side, client })
          assertShows(refused.verdict, {
            failure: `${side.provider}.Unrecognized`,
            outcome: "NotCancelled",
            code,
            httpStatus: 400
          })
          assert.strictEqual(refused.cancels.length, 1)
          const failed = yield* attempt({ cancel: [answer(502, side.refusal(code))], status: stillOpen(side) }, { side, client })
          assertShows(failed.verdict, {
            failure: "CancelError.UnexpectedResponse",
            outcome: "Unknown",
            code,
            httpStatus: 502
          })
          assert.strictEqual(failed.cancels.length, quick.attempts)
        }))
    }

    const bodies: ReadonlyArray<unknown> = ["", "<html>no</html>", "null", [], 7, { code: 7, error_code: 7 }, { message: "no code" }]
    for (const body of bodies) {
      it.scopedLive(`a 404 and a 503 with the body ${JSON.stringify(body)}`, () =>
        Effect.gen(function*() {
          const refused = yield* attempt({ cancel: [answer(404, body)], status: stillOpen(side) }, { side, client })
          assertShows(refused.verdict, { failure: `${side.provider}.Unrecognized`, outcome: "NotCancelled", httpStatus: 404 })
          const failed = yield* attempt({ cancel: [answer(503, body)], status: stillOpen(side) }, { side, client })
          assertShows(failed.verdict, { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", httpStatus: 503 })
        }))
    }
  })
}

/** Only a call with a key can have a request of its own running; WePay has a reason code for that. */
const merchants = sides.filter(({ keyHeader }) => keyHeader === "idempotency-key")
it("knows whose call has such a key", () => assert.lengthOf(merchants, 1))
for (const side of merchants) {
  const client: Client = ["undici", NodeHttpClient.layerUndici]
  describe.concurrent(`a 409 to ${side.name} says that a request under the key may still run`, () => {
    const bodies: ReadonlyArray<readonly [name: string, body: unknown, code: string | null]> = [
      ["no body", "", null],
      ["HTML", "<html>Conflict</html>", null],
      ["no code", { message: "no code" }, null],
      ["a code that nobody has listed", side.refusal("brand_new_code"), "brand_new_code"],
      ["a code that comes with other statuses", side.refusal("invalid_state"), "invalid_state"]
    ]
    for (const [name, body, code] of bodies) {
      it.scopedLive(name, () =>
        Effect.gen(function*() {
          const given = yield* attempt({ cancel: [answer(409, body)], status: stillOpen(side) }, { side, client })
          assertShows(given.verdict, { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", code, httpStatus: 409 })
          assert.strictEqual(given.cancels.length, quick.attempts)
          assert.isAtLeast(given.reads.length, 1)
          const ended = yield* attempt(
            { cancel: [answer(409, body), answer(200, side.payment(paymentId, side.statuses.cancelled))], status: [] },
            { side, client }
          )
          assertShows(ended.verdict, { success: "Cancelled", evidence: "Response", attempts: 2 })
        }))
    }
  })
}

/** How an answer is weighed is no matter of the client, nor of the kind of credentials. */
for (const side of sides.slice(0, 2)) {
  const client: Client = ["undici", NodeHttpClient.layerUndici]
  describe.concurrent(side.provider, () => {
    for (const row of rows[side.provider]) {
      it.scopedLive(`${row.code} on statuses that make it weaker or no stronger`, () =>
        Effect.gen(function*() {
          const weak = [500, 503, 408, 302]
          for (const status of weak) {
            const { verdict } = yield* attempt(
              { cancel: [answer(status, refusalOf(side, row))], status: stillOpen(side) },
              { side, client, policy: { ...quick, attempts: 1 } }
            )
            const ownClass = row.outcome === "Unknown" && status >= 500
            assertShows(verdict, {
              failure: ownClass ? `${side.provider}.${pascalCase(row.code)}` : "CancelError.UnexpectedResponse",
              outcome: "Unknown",
              httpStatus: status
            })
          }
          const { verdict } = yield* attempt(
            { cancel: [answer(422, refusalOf(side, row))], status: stillOpen(side) },
            { side, client, policy: { ...quick, attempts: 1 } }
          )
          assertShows(verdict, { failure: `${side.provider}.${pascalCase(row.code)}`, outcome: row.outcome, httpStatus: 422 })
        }))

      if (row.readBack === true) {
        it.scopedLive(`${row.code} is not believed when the payment turns out cancelled`, () =>
          Effect.gen(function*() {
            const { verdict } = yield* attempt(
              {
                cancel: [answer(row.status, refusalOf(side, row))],
                status: [answer(200, side.statusBody(paymentId, side.statuses.cancelled))]
              },
              { side, client }
            )
            assertShows(verdict, { success: "AlreadyCancelled", evidence: "StatusQuery" })
          }))
      }
    }

    it.scopedLive("nobody has listed it, on every 4xx but 408", () =>
      Effect.gen(function*() {
        for (const status of [400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423, 425, 426, 428, 429, 431, 451, 499]) {
          const { verdict } = yield* attempt(
            { cancel: [answer(status, side.refusal("brand_new_code"))], status: stillOpen(side) },
            { side, client, policy: { ...quick, attempts: 1 } }
          )
          assertShows(verdict, {
            failure: `${side.provider}.Unrecognized`,
            outcome: "NotCancelled",
            category: byStatus[status] ?? "Unexpected",
            httpStatus: status
          })
        }
      }))
  })
}

describe.concurrent("WePay's reason codes", () => {
  const detail = (reason_code: string) => ({ message: "m", reason_code, target: ["x"], target_type: "HTTP_REQUEST_BODY" })
  const concurrent = detail("CONCURRENT_UNIQUE_KEY_REQUEST_IS_PROCESSING")
  const notYet = detail("POINT_OF_SALE_TRANSACTION_NOT_YET_PROCESSED")
  const cases: ReadonlyArray<readonly [name: string, code: string, details: unknown, failure: string, outcome: string]> = [
    ["absent", "INVALID_PARAMS", undefined, "WePay.InvalidParams", "NotCancelled"],
    ["null", "INVALID_PARAMS", null, "WePay.InvalidParams", "NotCancelled"],
    ["no list", "INVALID_PARAMS", { reason_code: concurrent.reason_code }, "WePay.InvalidParams", "NotCancelled"],
    ["of odd things", "INVALID_PARAMS", [null, 7, "text", {}], "WePay.InvalidParams", "NotCancelled"],
    ["unlisted", "INVALID_PARAMS", [detail("PARAM_IS_MISSING")], "WePay.InvalidParams", "NotCancelled"],
    ["second in the list", "INVALID_PARAMS", [detail("X"), concurrent], "WePay.ConcurrentUniqueKeyRequestIsProcessing", "Unknown"],
    ["two of them: the weaker claim holds", "INVALID_PARAMS", [notYet, concurrent], "WePay.ConcurrentUniqueKeyRequestIsProcessing", "Unknown"],
    ["without the other fields", "INVALID_PARAMS", [{ reason_code: notYet.reason_code }], "WePay.PointOfSaleTransactionNotYetProcessed", "NotCancelled"],
    ["under another code", "NOT_AUTHORIZED", [notYet], "WePay.NotAuthorized", "NotCancelled"]
  ]
  for (const [name, error_code, details, failure, outcome] of cases) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const { verdict } = yield* attempt(
          { cancel: [answer(400, { error_code, error_message: "m", details })], status: stillOpen(wePay) },
          { side: wePay, client: ["undici", NodeHttpClient.layerUndici] }
        )
        assertShows(verdict, { failure, outcome })
      }))
  }
})
