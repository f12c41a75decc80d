import { assert, describe, it } from "@effect/vitest"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Fs from "node:fs"
import { afterAll, beforeAll } from "vitest"
import { inTurns } from "../support/extent.js"
import { bundle } from "./bundle.js"
import * as Campaign from "./campaign.js"
import type { Order } from "./checkout.js"
import * as Shop from "./shop.js"
import * as Trial from "./trial.js"

/** What it takes on a slow machine. */
const patience = 120_000

let runner = ""

beforeAll(async () => {
  runner = await bundle()
})

afterAll(() => Fs.rmSync(runner, { force: true }))

describe("npm run crash-test, with less of everything", () => {
  // The second has cancels under way when it is killed as well.
  it.live.each(inTurns([
    ["while it cancels", [{ at: 250 }], 1, { cancels: 6, checkouts: 2 }],
    // That of one that would succeed when it is run again; those before it are of the payments to cancel.
    ["when the cancel of a checkout is started, and once more", [{ at: 6, of: "effect-payment-cancel/Adyen.execute" }, { after: 700 }], 9, { cancels: 6, checkouts: 1 }]
  ] as const, 1, 2))("killed %s: every payment ends settled and true, under one key, and nothing is left behind", ([, kills, seed, size]) =>
    Effect.gen(function*() {
      const outcome = yield* Campaign.onSqlite(runner, kills, seed, size)
      assert.deepStrictEqual(outcome.problems, [])
      assert.isAtLeast(outcome.kills, 1)
    }), patience)

  /** What a runner says in the end. */
  const saying = (said: { readonly results?: ReadonlyArray<unknown>; readonly checkouts?: ReadonlyArray<unknown> }): Trial.Ran => ({
    at: 0,
    code: 0,
    signal: null,
    output: JSON.stringify({ results: [], checkouts: [], at: 0, ...said })
  })

  it.effect("what is not true is seen", () =>
    Effect.gen(function*() {
      const tasks = yield* Trial.prepare(3, () => 0.99)
      // Nothing was sent, and something is said all the same.
      const results = tasks.map(({ paymentId, provider }) => ({ provider, paymentId, result: "Cancelled" }))
      const problems = yield* Trial.judge({ tasks, orders: [] }, saying({ results }))
      assert.lengthOf(problems, 3)
      assert.lengthOf(yield* Trial.judge({ tasks, orders: [] }, { at: 0, code: 1, signal: null, output: "" }), 1)
    }).pipe(Effect.provide(Layer.provideMerge(Shop.layer, Sandbox.layer))))

  const cancelled = "Settled Cancelled by PaymentId"

  it.effect.each<[wrong: string, ending: Order["ending"], result: string, cancels: ReadonlyArray<string>, then: "Cancelled" | "StillAuthorized", problem: RegExp]>([
    ["it failed, and its payment is authorized", "NotShipped", "NotShipped", [cancelled], "StillAuthorized", /its payment is still APPROVED/],
    ["it failed, and nothing was registered", "NotShipped", "NotShipped", [], "Cancelled", /has 0 cancels/],
    ["it failed, and is cancelled twice", "NotShipped", "NotShipped", [cancelled, "Settled Cancelled by CreationKey"], "Cancelled", /has 2 cancels/],
    ["its cancel ended with nothing that is known", "NotShipped", "NotShipped", ["Settled NoLongerCancellable by PaymentId"], "Cancelled", /ended as Settled NoLonger/],
    ["its cancel is still worked on", "NotShipped", "NotShipped", ["InDoubt NoResponse by PaymentId"], "Cancelled", /ended as InDoubt/],
    ["it succeeded, and its payment is cancelled", "Ships", "Shipped", [], "Cancelled", /its payment is CANCELED/],
    ["it succeeded, and a cancel was registered", "Ships", "Shipped", [cancelled], "StillAuthorized", /ended as Shipped, and its payment is APPROVED: Settled/],
    ["it succeeded although it had failed", "NotShipped", "Shipped", [], "StillAuthorized", /ended as Shipped/],
    ["its failure is not its own", "Dies", "NotShipped", [cancelled], "Cancelled", /ended as NotShipped/]
  ])("what is not true of a checkout is seen: %s", ([, ending, result, cancels, then, problem]) =>
    Effect.gen(function*() {
      const [shop, sandbox] = [yield* Shop.Shop, yield* Sandbox.Sandbox]
      const order = { orderId: "order-1042", payWith: "Square", ending } as const
      shop.place({ ...order, late: 0, fault: null })
      const paymentId = yield* shop.authorise(shop.account(order.orderId))
      if (then === "Cancelled") yield* sandbox.move("Square", paymentId, "CANCELED")
      const problems = yield* Trial.judge({ tasks: [], orders: [order] }, saying({ checkouts: [{ orderId: order.orderId, result, cancels }] }))
      assert.lengthOf(problems, 1)
      assert.match(problems.join(), problem)
    }).pipe(Effect.provide(Layer.provideMerge(Shop.layer, Sandbox.layer))))

  it.effect("what is done to a checkout's payment twice is seen", () =>
    Effect.gen(function*() {
      const [shop, sandbox] = [yield* Shop.Shop, yield* Sandbox.Sandbox]
      const order = { orderId: "order-1042", payWith: "Adyen", ending: "NotShipped" } as const
      shop.place({ ...order, late: 0, fault: null })
      const paymentId = yield* shop.authorise(shop.account(order.orderId))
      const request = sandbox.definition("Adyen").requests.cancel(paymentId)
      const judge = Trial.judge({ tasks: [], orders: [order] }, saying({ checkouts: [{ orderId: order.orderId, result: "NotShipped", cancels: [cancelled] }] }))
      const send = (key: string) => sandbox.exchange("Adyen", { ...request, headers: { ...request.headers, "idempotency-key": key } })
      yield* send("a")
      yield* send("a")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* judge, [])
      yield* send("b")
      assert.match((yield* judge).join(), /was cancelled 2 times/)
    }).pipe(Effect.provide(Layer.provideMerge(Shop.layer, Sandbox.layer))))
})
