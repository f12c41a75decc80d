/**
 * What only WePay does on the wire: its risk bits, its version, its own ways to name a payment,
 * its reason codes, and its environment.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Cancel, WePay } from "effect-payment-cancel"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { printed } from "../../wire/Observed.js"
import { answer, type Received, reset, serve } from "../../wire/ScriptedServer.js"
import { only, reason } from "../../wire/Side.js"
import { assertShows, attempt, clients, paymentId, quick } from "../../wire/Trial.js"
import { environment } from "../../support/environment.js"

const side = only("WePay")
const appId = "CANARYweapp-5512aa97e3"
const appToken = "stage_CANARYtoken8e04b6c71d"

const other = "pay_somebody_elses"

/** The smallest payment there is. Its id may be null: then the path must name it. */
const payment = (id: string | null, status: string, path = `/payments/${id}`) => ({ ...side.payment("x", status), id, path })

const headersOf = ({ headers }: Received): { readonly [name: string]: string } =>
  Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))

const cancelled = answer(200, side.proof(paymentId))
const readOpen = answer(200, side.statusBody(paymentId, side.statuses.cancellable))

for (const client of clients) {
  describe.concurrent(`over ${client[0]}`, () => {
    const rbits: ReadonlyArray<readonly [name: string, rbits: WePay.CancelRequest["rbits"], body: { readonly [field: string]: unknown }]> = [
      ["none", undefined, { cancel_reason: reason }],
      ["null", null, { cancel_reason: reason, rbits: null }],
      ["an empty list", [], { cancel_reason: reason, rbits: [] }],
      [
        "as they are",
        [{ receive_time: 1367958263, type: "person", source: "user", properties: { name: "Zoë", deep: [1, null, { a: true }] } }],
        {
          cancel_reason: reason,
          rbits: [{ receive_time: 1367958263, type: "person", source: "user", properties: { name: "Zoë", deep: [1, null, { a: true }] } }]
        }
      ]
    ]
    for (const [name, value, body] of rbits) {
      it.scopedLive(`rbits: ${name}`, () =>
        Effect.gen(function*() {
          const server = yield* serve({ cancel: [answer(503, ""), cancelled], status: [answer(503, "")] })
          const layer = WePay.layer({ appId: appId, appToken: Redacted.make(appToken), baseUrl: server.url })
          yield* WePay.cancel({ paymentId, reason, rbits: value }).pipe(
            Cancel.withPolicy(quick),
            Effect.provide(Layer.provide(layer, client[1]))
          )
          assert.deepEqual(server.received.filter(({ method }) => method === "POST").map((request) => JSON.parse(request.body)), [body, body])
        }))
    }

    it.scopedLive("the Api-Version can be chosen", () =>
      Effect.gen(function*() {
        const server = yield* serve({ cancel: [cancelled] })
        const layer = WePay.layer({ appId: "1", appToken: Redacted.make("t"), baseUrl: server.url, apiVersion: "3.1" })
        yield* WePay.cancel({ paymentId, reason }).pipe(Effect.provide(Layer.provide(layer, client[1])))
        assert.deepEqual(server.received.map((request) => headersOf(request)["api-version"]), ["3.1"])
      }))

    it.scopedLive("a status query has the content type of a request with a body", () =>
      Effect.gen(function*() {
        const { reads: [request] } = yield* attempt({ cancel: [reset], status: [cancelled] }, { side, client, policy: { ...quick, attempts: 1 } })
        assert.strictEqual(request === undefined ? null : headersOf(request)["content-type"], "application/json")
      }))

    it.scopedLive("it states neither when nor why", () =>
      Effect.gen(function*() {
        const { result } = yield* attempt({ cancel: [cancelled] }, { side, client })
        const cancellation = yield* result
        if (cancellation._tag !== "Cancelled") return assert.fail(cancellation._tag)
        assert.deepEqual(cancellation.cancelledAt, Option.none())
        assert.deepEqual(cancellation.reason, Option.none())
      }))
  })
}

/** WePay's id may be null: then the path must name the payment. */
for (const client of clients) {
  describe.concurrent(`the ways to name a payment over ${client[0]}`, () => {
    const names: ReadonlyArray<readonly [name: string, body: unknown, proof: boolean]> = [
      ["null, and the path names it", payment(null, "canceled", `/payments/${paymentId}`), true],
      ["null, and the path names another", payment(null, "canceled", `/payments/${other}`), false],
      ["null, and the path names a longer one", payment(null, "canceled", `/payments/${paymentId}0`), false],
      ["null, and the path is of another resource", payment(null, "canceled", `/refunds/${paymentId}`), false],
      ["null, and the path is null", { ...payment(null, "canceled"), path: null }, false],
      ["another's, and the path names it", payment(other, "canceled", `/payments/${paymentId}`), false],
      ["there, and little else", { id: paymentId, status: "canceled" }, true],
      ["a number", { ...payment(null, "canceled"), id: 7 }, false]
    ]
    for (const [name, body, proof] of names) {
      it.scopedLive(`id ${name}: ${proof ? "a proof" : "no proof"}`, () =>
        Effect.gen(function*() {
          const { verdict } = yield* attempt({ cancel: [answer(200, body)], status: [readOpen] }, { side, client })
          assertShows(verdict, proof ? { success: "Cancelled", evidence: "Response", attempts: 1 } : { failure: "CancelError.UnexpectedResponse", outcome: "Unknown", category: "Unexpected" })
        }))
      it.scopedLive(`id ${name}, when read: ${proof ? "a proof" : "no proof"}`, () =>
        Effect.gen(function*() {
          const { verdict } = yield* attempt({ cancel: [reset], status: [answer(200, body)] }, { side, client })
          assertShows(verdict, proof ? { success: "Cancelled", evidence: "StatusQuery" } : { failure: "CancelError.NoResponse", outcome: "Unknown" })
        }))
    }
  })
}

describe.concurrent("reason codes", () => {
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
          { cancel: [answer(400, { error_code, error_message: "m", details })], status: [readOpen] },
          { side, client: ["undici", NodeHttpClient.layerUndici] }
        )
        assertShows(verdict, { failure, outcome })
      }))
  }
})

// ---------------------------------------------------------------- configuration

const built = <A>(layer: Layer.Layer<A, ConfigError.ConfigError, HttpClient.HttpClient>) =>
  Layer.build(layer).pipe(
    Effect.asVoid,
    Effect.provideService(HttpClient.HttpClient, HttpClient.make(() => Effect.die("nothing is sent"))),
    Effect.scoped,
    Effect.either
  )

const inOrder = { WEPAY_APP_ID: appId, WEPAY_APP_TOKEN: appToken }

interface Broken {
  readonly name: string
  readonly entries: { readonly [name: string]: string }
  readonly names: ReadonlyArray<string>
}

const broken: ReadonlyArray<Broken> = [
  { name: "empty", entries: {}, names: ["WEPAY_APP_ID", "WEPAY_APP_TOKEN"] },
  { name: "no token", entries: { WEPAY_APP_ID: appId }, names: ["WEPAY_APP_TOKEN"] },
  { name: "an empty token", entries: { ...inOrder, WEPAY_APP_TOKEN: "" }, names: ["WEPAY_APP_TOKEN"] },
  { name: "a token in two lines", entries: { ...inOrder, WEPAY_APP_TOKEN: `${appToken}\nX: 1` }, names: ["WEPAY_APP_TOKEN"] },
  { name: "an app id that no header holds", entries: { ...inOrder, WEPAY_APP_ID: `${appId}ü` }, names: ["WEPAY_APP_ID"] },
  ...["not a URL", "ftp://api.wepay.com", "http://api.wepay.com", `https://me:${appToken}@api.wepay.com`, `https://${appToken}@api.wepay.com`,
    "javascript:alert(1)"].map((url): Broken => ({
      name: `the base URL ${JSON.stringify(url).slice(0, 30)}`,
     
      entries: { ...inOrder, WEPAY_BASE_URL: url },
      names: ["WEPAY_BASE_URL"]
    })),
  { name: "a version in two lines", entries: { ...inOrder, WEPAY_API_VERSION: "3\r\n0" }, names: ["WEPAY_API_VERSION"] }
]

const assertUnshown = (output: string): void => {
  for (const secret of side.secrets) assert.notInclude(output, secret)
}

describe.concurrent("an environment that is broken", () => {
  for (const { entries, name, names } of broken) {
    it.live(name, () =>
      Effect.gen(function*() {
        const error = Either.getOrThrow(Either.flip(yield* built(WePay.layerConfig()).pipe(Effect.provide(environment(entries)))))
        for (const expected of names) assert.include(String(error), expected)
        assertUnshown(printed(error))
      }))
  }
})

describe.concurrent("an environment that is in order", () => {
  it.scopedLive("everything comes from the ConfigProvider", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [cancelled] })
      yield* WePay.cancel({ paymentId, reason }).pipe(
        Effect.provide(WePay.layerConfig()),
        Effect.provide(environment({ ...inOrder, WEPAY_BASE_URL: server.url, WEPAY_API_VERSION: "3.0" })),
        Effect.provide(NodeHttpClient.layerUndici)
      )
      const [request] = server.received
      if (request === undefined) return assert.fail("nothing was sent")
      assert.deepInclude<object>(headersOf(request), side.headers)
      for (const header of side.foreignHeaders) assert.notProperty(headersOf(request), header)
      assert.strictEqual(request.target, side.cancelTarget(paymentId))
    }))

  it.scopedLive("what is given is not read", () =>
    Effect.gen(function*() {
      const server = yield* serve({ cancel: [cancelled] })
      yield* WePay.cancel({ paymentId, reason }).pipe(
        Effect.provide(WePay.layerConfig({ appToken: Redacted.make("given"), baseUrl: server.url })),
        Effect.provide(environment({ WEPAY_APP_ID: "read", WEPAY_APP_TOKEN: "bad\n", WEPAY_BASE_URL: "bad" })),
        Effect.provide(NodeHttpClient.layerUndici)
      )
      const sent = server.received.map(({ bytes }) => bytes.toString().toLowerCase()).join()
      assert.include(sent, "app-id: read")
      assert.include(sent, "app-token: given")
    }))

  it.live("the process environment is not looked at", () =>
    Effect.gen(function*() {
      for (const [name, value] of Object.entries(inOrder)) process.env[name] = value
      const result = yield* built(WePay.layerConfig()).pipe(Effect.provide(environment({})))
      for (const name of Object.keys(inOrder)) delete process.env[name]
      assert.isTrue(Either.isLeft(result))
    }))

  it.live("options are checked like the environment", () =>
    Effect.gen(function*() {
      const attempts = [
        built(WePay.layer({ appId: "", appToken: Redacted.make("t") })),
        built(WePay.layer({ appId: "1", appToken: Redacted.make(`${appToken}\n`) })),
        built(WePay.layer({ appId: "1", appToken: Redacted.make("t"), baseUrl: `https://me:${appToken}@api.wepay.com` }))
      ]
      for (const attempt of attempts) assertUnshown(printed(Either.getOrThrow(Either.flip(yield* attempt))))
    }))
})
