/** The server of the shop that the checkouts are of: it reserves, authorizes payments at the sandbox, and ships. */
import { type Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { Order } from "./checkout.js"

/** A checkout, and what is to happen with it at the servers. */
export interface Placed extends Order {
  /** How late the answer to the authorization is, in milliseconds. */
  readonly late: number
  /** What its cancel meets, and how often. */
  readonly fault: readonly [Fault.Fault, times: number] | null
}

/** What the shop knows of an order. */
export interface Account {
  readonly placed: Placed
  /** The payment, if one was created. */
  paymentId: string | null
  reserved: boolean
  released: boolean
  /** How often it was asked to ship. */
  asked: number
}

export class Shop extends Context.Tag("Shop")<Shop, {
  readonly url: string
  readonly place: (placed: Placed) => void
  readonly account: (orderId: string) => Account
  /** Creates the order's payment, unless there is one: it goes by the order's id. */
  readonly authorise: (account: Account) => Effect.Effect<string>
}>() {}

type Answer = { readonly status: 200 | 409; readonly body: string; readonly late?: number } | "Lost"

export const layer: Layer.Layer<Shop, never, Sandbox.Sandbox> = Layer.scoped(Shop, Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const accounts = new Map<string, Account>()
  const refused = { status: 409, body: "" } as const
  const done = { status: 200, body: "done" } as const

  const authorise = (account: Account) =>
    Effect.gen(function*() {
      if (account.paymentId !== null) return account.paymentId
      const { fault, orderId, payWith } = account.placed
      const paymentId = payWith === "Adyen"
        ? yield* sandbox.create("Adyen", { merchantReference: orderId })
        : yield* sandbox.create("Square", { creationKey: orderId })
      account.paymentId = paymentId
      if (fault !== null) yield* sandbox.inject(fault[0], { provider: payWith, paymentId, operation: "Cancel", times: fault[1] })
      return paymentId
    })

  const answer = (what: string, account: Account): Effect.Effect<Answer> =>
    Effect.gen(function*() {
      const { ending, late } = account.placed
      switch (what) {
        case "reserve":
          if (ending === "NoStock") return refused
          account.reserved = true
          return done
        case "release":
          account.released = true
          return done
        case "authorise": {
          if (ending === "NeverCreated") return "Lost"
          const paymentId = yield* authorise(account)
          return ending === "AnswerLost" ? "Lost" : { status: 200, body: paymentId, late }
        }
        default:
          account.asked += 1
          return ending === "NotShipped" || (ending === "Fickle" && account.asked === 1) ? refused : done
      }
    })

  const account = (orderId: string): Account => {
    const found = accounts.get(orderId)
    if (found === undefined) throw new Error(`there is no order ${orderId}`)
    return found
  }

  const run = Runtime.runPromise(yield* Effect.runtime())
  const server = Http.createServer((request, response) => {
    const [, what = "", orderId = ""] = (request.url ?? "").split("/")
    void run(answer(what, account(orderId))).then((answered) => {
      if (answered === "Lost") return request.socket.destroy()
      // A connection that is kept may be closed when it is to be used again: an answer that nobody has lost would be.
      return setTimeout(() => response.writeHead(answered.status, { connection: "close" }).end(answered.body), answered.late ?? 0)
    })
  })
  yield* Effect.acquireRelease(
    Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
  )
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    place: (placed) => void accounts.set(placed.orderId, { placed, paymentId: null, reserved: false, released: false, asked: 0 }),
    account,
    authorise
  }
}))
