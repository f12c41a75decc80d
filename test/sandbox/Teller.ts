/**
 * A provider of nobody's that writes its answers as lines of `name: value`, and answers always with
 * HTTP 200: what a sandbox needs to know of a provider that is neither its own nor speaks JSON.
 */
import { Emulator } from "../../src/sandbox/index.js"

type Status = "OPEN" | "VOID"

const credentials = { till: "sandbox-till-not-a-secret" }

/** The whole notation: what is written so is read back so. */
export const encode = (value: Emulator.JsonObject): string =>
  Object.entries(value).map(([name, each]) => `${name}: ${String(each)}\n`).join("")

export const decode = (text: string): Emulator.JsonObject =>
  Object.fromEntries(text.trim().split("\n").map((line) => line.split(": ", 2)))

const lines = Emulator.written({ contentType: "text/x-lines", encode })

const error = (code: string): Emulator.Reply => lines(200, { error: code })

const route = ({ method, path }: Emulator.Request): Emulator.Route | null => {
  const [, paymentId, action] = path.split("/")
  if (paymentId === undefined || paymentId === "") return null
  if (method === "POST" && action === "void") return { operation: "Cancel", paymentId }
  return method === "GET" && action === undefined ? { operation: "Status", paymentId } : null
}

const cancel = (till: string) => (paymentId: string): Emulator.Request => ({
  method: "POST",
  path: `/${paymentId}/void`,
  query: "",
  headers: { "x-till": till },
  body: ""
})

/** An error names no payment: there is nothing to change in it. */
const distorting = (change: Emulator.JsonObject) => (body: Emulator.JsonObject): Emulator.JsonObject =>
  "payment" in body ? { ...body, ...change } : body

interface Create extends Emulator.CreateOptions<Status> {
  readonly note?: string
}

export const Teller: Emulator.Definition<Create, typeof credentials> = {
  provider: "Teller",
  slug: "teller",
  basePath: "",
  hosts: ["api.teller.example"],
  credentials,
  secretHeaders: ["x-till"],
  statuses: ["OPEN", "VOID"],
  requests: {
    cancel: cancel(credentials.till),
    status: (paymentId) => ({
      method: "GET",
      path: `/${paymentId}`,
      query: "",
      headers: { "x-till": credentials.till },
      body: ""
    }),
    wrongCredential: cancel("wrong")
  },
  route,
  faultCodes: {
    rateLimited: { code: "BUSY", status: 200 },
    serverError: { code: "FAILED", status: 200 },
    unknown: { code: "NOBODY_HAS_LISTED_THIS", status: 200 }
  },
  distort: {
    paymentId: distorting({ payment: "another" }),
    status: distorting({ status: "UNHEARD_OF" })
  },
  make: () =>
    Emulator.make<Status, { readonly note: string }, Create, Emulator.Route>({
      provider: "Teller",
      machine: { OPEN: ["VOID"], VOID: [] },
      route,
      paymentId: (count) => `t${count}`,
      birth: ({ note = "", status = "OPEN" }) => ({ status, attributes: { note }, due: null }),
      error,
      serverError: () => error("FAILED"),
      refuse: ({ headers }) => headers["x-till"] === credentials.till ? null : error("WHO"),
      idempotency: {
        key: ({ headers }) => headers["x-key"] ?? null,
        fingerprint: ({ path }) => path,
        stores: () => true,
        mismatch: () => error("OTHER"),
        inFlight: null
      },
      perform(_, { operation, paymentId }, payments, at, requestIndex) {
        const payment = payments.find(paymentId ?? "", at)
        if (payment === undefined) return { reply: error("NONE"), applied: false }
        const { note } = payment.attributes
        const body = (status: Status) => lines(200, { payment: payment.id, status, note })
        if (operation === "Status") return { reply: body(payment.status), applied: false }
        if (payment.status === "VOID") return { reply: error("GONE"), applied: false }
        payments.change(payment.id, "VOID", at, "Cancel", requestIndex)
        return { reply: body("VOID"), applied: true }
      }
    })
}
