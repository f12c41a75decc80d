/**
 * Gantry for the sandbox. It is written from Gantry's facts, and shares no line with the client.
 */
// #region emulator
import { Emulator, type Payments } from "effect-payment-cancel/sandbox"
import { XMLBuilder, XMLParser } from "fast-xml-parser"

export type State = "AUTHORISED" | "SETTLED" | "REVERSED"

export const credentials = { merchant: "70001", password: "sandbox-gantry-password-not-a-secret" }

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@" })

/** How Gantry's plain values are written. Faults change the value, and it is written again. */
const xml = Emulator.written({
  contentType: "application/xml; charset=utf-8",
  encode: (value) => `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(value)}`
})

const texts: { readonly [code: string]: string } = {
  "0101": "Login failed",
  "0310": "Unknown transaction",
  "0312": "Already settled",
  "0313": "Already reversed",
  "0901": "Busy",
  "0999": "System error"
}

/** Always 200, whichever status a fault asks for: at Gantry the code is all there is. */
const error = (code: string): Emulator.Reply =>
  xml(200, { answer: { error: { "@code": code, "#text": texts[code] ?? code } } })

const machine: Payments.StateMachine<State> = { AUTHORISED: ["SETTLED", "REVERSED"], SETTLED: [], REVERSED: [] }

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@", parseTagValue: false })

/** The one element of a request. */
const elementIn = (body: string, name: string): Emulator.JsonObject | null => {
  const document: unknown = parser.parse(body)
  const element = Emulator.isObject(document) ? document[name] : undefined
  return Emulator.isObject(element) ? element : null
}

// All requests have the same address: what they are stands in their bodies.
const operations = [["reversal", "Cancel"], ["inquiry", "Status"]] as const

interface Route extends Emulator.Route {
  readonly element: Emulator.JsonObject
}

const route = ({ body, method }: Emulator.Request): Route | null => {
  if (method !== "POST") return null
  for (const [name, operation] of operations) {
    const element = elementIn(body, name)
    if (element !== null) return { operation, paymentId: String(element["number"]), element }
  }
  return null
}

const request = (name: string, password: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: "/",
  query: "",
  headers: { "content-type": "application/xml" },
  body: `<${name} merchant="${credentials.merchant}" password="${password}"><number>${paymentId}</number></${name}>`
})

/** Changes the transaction of an answer. An error has none, and is left as it is. */
const distorting = (change: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject => {
  const { answer } = body
  return Emulator.isObject(answer) && Emulator.isObject(answer["transaction"])
    ? { answer: { ...answer, transaction: { ...answer["transaction"], ...change } } }
    : body
}

export const Gantry: Emulator.Definition<Emulator.CreateOptions<State>, typeof credentials> = {
  provider: "Gantry",
  slug: "gantry",
  basePath: "",
  hosts: ["xml.gantry.example"],
  credentials,
  secretHeaders: [],
  statuses: Object.keys(machine),
  requests: {
    cancel: request("reversal", credentials.password),
    status: request("inquiry", credentials.password),
    wrongCredential: request("reversal", "wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "0901", status: 200 },
    serverError: { code: "0999", status: 200 },
    unknown: { code: "7777", status: 200 }
  },
  distort: {
    paymentId: distorting({ number: "9999999999" }),
    status: distorting({ state: "PARKED" })
  },
  make: () =>
    Emulator.make<State, null, Emulator.CreateOptions<State>, Route>({
      provider: "Gantry",
      machine,
      route,
      paymentId: (count) => String(count).padStart(10, "0"),
      birth: ({ status = "AUTHORISED" }) => ({ status, attributes: null, due: null }),
      error,
      serverError: () => error("0999"),
      refuse: (_, { element }) =>
        element["@merchant"] === credentials.merchant && element["@password"] === credentials.password
          ? null
          : error("0101"),
      idempotency: {
        key: () => null,
        fingerprint: () => "",
        stores: () => false,
        mismatch: () => error("0999"),
        inFlight: null
      },
      perform(_, { operation, paymentId }, payments, at, requestIndex) {
        const payment = payments.find(paymentId ?? "", at)
        if (payment === undefined) return { reply: error("0310"), applied: false }
        const answer = (state: State) =>
          xml(200, { answer: { "@reference": `G-${at}`, transaction: { number: payment.id, state } } })
        if (operation === "Status") return { reply: answer(payment.status), applied: false }
        if (payment.status === "SETTLED") return { reply: error("0312"), applied: false }
        if (payment.status === "REVERSED") return { reply: error("0313"), applied: false }
        payments.change(payment.id, "REVERSED", at, "Cancel", requestIndex)
        return { reply: answer("REVERSED"), applied: true }
      }
    })
}
// #endregion
