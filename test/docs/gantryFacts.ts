/** Gantry, from its XML guide. It is what the shared suites know of a provider that does not speak JSON. */
import * as Redacted from "effect/Redacted"
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser"
import { Gantry } from "../../docs/examples/gantry/emulator.js"
import { isObject, type JsonObject } from "../../src/sandbox/Emulator.js"
import { codes, configuration, type Interpreter, type ProviderFacts, text, usual, way } from "../support/ProviderFacts.js"

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" })

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@", parseTagValue: false, ignoreDeclaration: true })

const requests = /<(reversal|inquiry) merchant="([^"]*)" password="([^"]*)" request="([^"]*)"><number>(\d*)<\/number>/

/** As if there were a target for each operation, and the credentials and the key stood in headers. */
const interpreter: Interpreter = {
  request: (sent) => {
    const [whole, operation, merchant = "", password = "", key = "", number = ""] = requests.exec(sent.body) ?? []
    if (whole === undefined) return sent
    const headers = { ...sent.headers, merchant, password }
    return operation === "inquiry"
      ? { method: "GET", target: `/transactions/${number}`, headers, body: "" }
      : { method: "POST", target: `/transactions/${number}/reversal`, headers: { ...headers, request: key }, body: number }
  },
  answers: {
    contentType: "application/xml",
    write: (body) => builder.build(body),
    read: (written) => {
      // Half an answer is none.
      if (XMLValidator.validate(written) !== true) return null
      const value: unknown = parser.parse(written)
      return isObject(value) ? value : null
    }
  }
}

const inside = (value: unknown, name: string): JsonObject => isObject(value) && isObject(value[name]) ? value[name] : {}

const transaction = (number: string, state: string) => ({ answer: { transaction: { number, state } } })

export const facts: ProviderFacts = {
  ...usual,
  name: "Gantry",
  emulator: Gantry,
  basePath: "",
  interpreter,
  onlyStatus: 200,
  paymentId: (name) =>
    /^\d{10}$/.test(name)
      ? name
      : String(Array.from(name).reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1e10, 7)).padStart(10, "0"),
  standings: { AUTHORISED: "Cancellable", SETTLED: "Closed", REVERSED: "Cancelled" },
  cancelled: "REVERSED",
  cancellable: "AUTHORISED",
  acts: { PaymentSucceeds: "SETTLED", CancelsElsewhere: "REVERSED" },
  codes: codes([
    "LoginFailed        0101 Unauthenticated NotCancelled Request -               401 Documented",
    "UnknownTransaction 0310 NotFound        NotCancelled Request -               404 Documented",
    "AlreadySettled     0312 NotCancellable  NotCancelled Payment -               409 Documented",
    "AlreadyReversed    0313 NotCancellable  NotCancelled Payment states:REVERSED 409 Documented",
    "Busy               0901 RateLimited     NotCancelled Request again           429 Documented",
    "SystemError        0999 ProviderFault   Unknown      Request -               500 Inferred"
  ]),
  policy: {
    attempts: 3,
    attemptTimeout: 30_000,
    statusReads: 3,
    statusTimeout: 10_000,
    backoff: { initial: 100, factor: 2, maximum: 5_000, jitter: 0.25 },
    maximumRetryAfter: 30_000,
    deadline: 100_000,
    maximumBodyBytes: 1_048_576
  },
  longestIdempotencyKey: 36,
  requestIdHeader: null,
  requestIdIn: (body) => text(inside(body, "answer")["@reference"]),
  error: (code, message, payment = {}) => ({
    answer: { ...inside(payment, "answer"), error: { ...(code === null ? {} : { "@code": code }), "#text": message } }
  }),
  readCode: (body) => text(inside(inside(body, "answer"), "error")["@code"]),
  configuration: configuration({
    needed: [{ merchant: "GANTRY_MERCHANT", password: "GANTRY_PASSWORD" }],
    baseUrl: "GANTRY_BASE_URL",
    otherwise: "https://xml.gantry.example",
    hosts: {}
  }),
  ways: [
    way({
      operation: "cancel",
      credentials: { merchant: "CANARYmerchant-70c1d9", password: "CANARYpassword-5ab0e2" },
      options: ({ merchant, password }) => ({ merchant, password: Redacted.make(password) }),
      request: ({ identifier, idempotencyKey }) => ({ paymentId: identifier, idempotencyKey }),
      emulator: () => Gantry.make(),
      cancelTarget: (segment) => `/transactions/${segment}/reversal`,
      statusTarget: (segment) => `/transactions/${segment}`,
      headers: ({ merchant, password }) => ({ "content-type": "application/xml; charset=utf-8", merchant, password }),
      body: ({ identifier }) => identifier,
      // It goes into a journal, and nothing else comes of it.
      keyHeader: "request",
      licence: { after: [], key: "None", replays: "Nothing", stillRunning: [] },
      payment: transaction,
      statusBody: transaction,
      namesPayment: { Cancel: true, Status: true },
      readStatus: (_, body, number) => {
        const stated = inside(inside(body, "answer"), "transaction")
        return stated["number"] === number ? text(stated["state"]) : null
      },
      needed: ["answer"]
    })
  ]
}
