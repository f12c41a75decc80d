/** `docs/examples/checkout-durable.ts`: whichever step fails, and in whichever way, the payment is released. */
import { assert, describe, it } from "@effect/vitest"
import type { WorkflowEngine } from "@effect/workflow"
import { Adyen, Square } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Checkout, NoAnswer, notified, NotShipped, onMemory, onSqlite, OutOfStock, packed, Shop, shopFloor, withdraw } from "../../docs/examples/checkout-durable.js"
import { inTurns } from "../support/extent.js"

type PayWith = "Adyen" | "Square"

type Trouble =
  | "None"
  | "NoStock"
  | "AnswerLost"
  | "NeverAuthorised"
  | "AuthoriseDies"
  | "ShipFails"
  | "ShipDies"
  | "Withdrawn"
  | "ShipHangs"

const orderId = "order-1042"

/** How often what was done. */
const stock = { reserved: 0, released: 0, shipped: 0 }

/** A shop of which one step goes wrong, with the sandbox's providers. */
const shopWith = (trouble: Trouble) =>
  Layer.effect(Shop, Effect.map(Sandbox.Sandbox, (sandbox) => {
    const create = {
      Adyen: sandbox.create("Adyen", { merchantReference: orderId, decidesIn: 0 }),
      Square: sandbox.create("Square", { creationKey: orderId })
    }
    return {
      reserve: () => trouble === "NoStock" ? new OutOfStock({ orderId }) : Effect.sync(() => void stock.reserved++),
      release: () => Effect.sync(() => void stock.released++),
      authorise: (_: string, payWith: PayWith) => {
        if (trouble === "NeverAuthorised") return new NoAnswer({ orderId })
        return Effect.flatMap(create[payWith], (paymentId): Effect.Effect<string, NoAnswer> => {
          if (trouble === "AnswerLost") return new NoAnswer({ orderId })
          return trouble === "AuthoriseDies" ? Effect.dieMessage("a bug") : Effect.succeed(paymentId)
        })
      },
      ship: () => {
        stock.shipped++
        if (trouble === "ShipFails") return new NotShipped({ orderId })
        if (trouble === "ShipHangs") return Effect.never
        if (trouble === "ShipDies") return Effect.dieMessage("a bug")
        return Effect.succeed("parcel-1")
      }
    }
  }))

const providers = Layer.mergeAll(
  Adyen.layer({
    apiKey: Redacted.make(Sandbox.credentials.Adyen.apiKey),
    merchantAccount: Sandbox.credentials.Adyen.merchantAccount,
    baseUrl: Sandbox.baseUrl("Adyen")
  }),
  Square.layer({ accessToken: Redacted.make(Sandbox.credentials.Square.accessToken), baseUrl: Sandbox.baseUrl("Square") })
)

type Storage = Layer.Layer<WorkflowEngine.WorkflowEngine | CancelRecords.CancelRecords, unknown>

/** A process of the shop. */
const process = (trouble: Trouble, storage: Storage) =>
  Layer.orDie(Layer.provideMerge(shopFloor, Layer.mergeAll(providers, shopWith(trouble), storage)))

const running = (trouble: Trouble, storage: Storage) =>
  Layer.provideMerge(process(trouble, storage), Sandbox.layer)

const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, until: (found: A) => boolean) =>
  Effect.repeat(look, { until, schedule: Schedule.spaced("20 millis") }).pipe(
    Effect.zipRight(look),
    Effect.timeoutFail({ duration: "15 seconds", onTimeout: () => new Error("it did not come to that") }),
    Effect.orDie
  )

const released: { readonly [P in PayWith]: string } = { Adyen: "cancelled", Square: "CANCELED" }

const statuses = Effect.flatMap(Sandbox.Sandbox, ({ payments }) =>
  Effect.map(payments, (all) => all.map(({ status }) => status)))

const cancels = Effect.flatMap(Sandbox.Sandbox, ({ requests }) =>
  Effect.map(requests, (all) => all.filter(({ operation }) => operation !== "Status").length))

const states = Effect.flatMap(CancelRecords.CancelRecords, (records) =>
  Effect.map(
    records.inState("Working", "InDoubt", "Accepted", "Settled", "HandedOver"),
    (all) => all.map(({ state }) => state)
  ))

/** Delivers what Adyen has to say. */
const deliver = Effect.gen(function*() {
  const { notifications } = yield* Sandbox.Sandbox
  const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))
  yield* Effect.forEach(yield* notifications("Adyen"), (told) => Effect.flatMap(Adyen.notification(told, { secret }), notified))
})

/** Those in which there is a payment that is waited with. */
const payments: ReadonlySet<Trouble> = new Set<Trouble>(["None", "ShipFails", "ShipDies", "Withdrawn"])

/** Checks out, and packs the order, or withdraws it. */
const checkOut = (trouble: Trouble, payWith: PayWith) =>
  Effect.gen(function*() {
    Object.assign(stock, { reserved: 0, released: 0, shipped: 0 })
    const order = { orderId, payWith }
    const caller = yield* Effect.fork(Checkout.execute(order))
    if (payments.has(trouble)) {
      yield* eventually(statuses, ({ length }) => length === 1)
      yield* trouble === "Withdrawn" ? withdraw(order) : packed(order)
    }
    return yield* Effect.timeout(Fiber.await(caller), "10 seconds")
  })

const failureOf = (exit: Exit.Exit<unknown, { readonly _tag: string }>): string =>
  Exit.match(exit, {
    onSuccess: () => "none",
    onFailure: (cause) =>
      Option.match(Cause.failureOption(cause), {
        onSome: ({ _tag }) => _tag,
        onNone: () => Cause.isInterruptedOnly(cause) ? "interrupted" : "defect"
      })
  })

/** What the caller gets of each trouble in which there was a payment. */
const failures: ReadonlyArray<readonly [Trouble, string]> = [
  ["AnswerLost", "NoAnswer"],
  ["AuthoriseDies", "defect"],
  ["ShipFails", "NotShipped"],
  ["ShipDies", "defect"],
  ["Withdrawn", "interrupted"]
]

const onNewFile = <A>(use: (storage: Storage) => Effect.Effect<A, unknown>, open: (filename: string) => Storage = onSqlite) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "checkout-"))),
    (directory) => use(open(join(directory, "shop.sqlite"))),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  )

const storages = [
  { name: "memory", use: <A>(use: (storage: Storage) => Effect.Effect<A, unknown>) => use(onMemory) },
  { name: "SQLite", use: <A>(use: (storage: Storage) => Effect.Effect<A, unknown>) => onNewFile(use) }
]

describe.each(storages)("the durable checkout on $name", ({ name, use }) => {
  for (const [turn, payWith] of (["Adyen", "Square"] as const).entries()) {
    for (const [trouble, expected] of inTurns(failures, turn, name === "memory" ? 1 : 2)) {
      it.live(`releases the payment at ${payWith}, and the caller gets its own failure: ${trouble}`, () =>
        use((storage) =>
          Effect.gen(function*() {
            assert.strictEqual(failureOf(yield* checkOut(trouble, payWith)), expected)
            assert.deepStrictEqual(yield* eventually(statuses, ([status]) => status === released[payWith]), [released[payWith]])
            assert.deepStrictEqual([stock.reserved, stock.released], [1, 1])
            assert.strictEqual(stock.shipped, trouble.startsWith("Ship") ? 1 : 0)
            yield* deliver
            assert.deepStrictEqual(yield* eventually(states, ([state]) => state === "Settled"), ["Settled"])
            assert.strictEqual(yield* cancels, 1)
          }).pipe(Effect.provide(running(trouble, storage)))
        ), 30_000)
    }

    it.live(`leaves the payment alone at ${payWith} where the order is shipped`, () =>
      use((storage) =>
        Effect.gen(function*() {
          const exit = yield* checkOut("None", payWith)
          assert.strictEqual(failureOf(exit), "none")
          assert.notInclude(yield* statuses, released[payWith])
          assert.strictEqual(yield* cancels, 0)
          assert.isEmpty(yield* states)
          assert.deepStrictEqual([stock.released, stock.shipped], [0, 1])
        }).pipe(Effect.provide(running("None", storage)))
      ), 30_000)
  }

  it.live("cancels nothing where the authorisation was not begun", () =>
    use((storage) =>
      Effect.gen(function*() {
        assert.strictEqual(failureOf(yield* checkOut("NoStock", "Adyen")), "OutOfStock")
        assert.strictEqual(yield* cancels, 0)
        assert.isEmpty(yield* states)
        assert.strictEqual(stock.released, 0)
      }).pipe(Effect.provide(running("NoStock", storage)))
    ), 30_000)

  it.live("asks for a cancel also where there may be no payment", () =>
    use((storage) =>
      Effect.gen(function*() {
        assert.strictEqual(failureOf(yield* checkOut("NeverAuthorised", "Square")), "NoAnswer")
        assert.deepStrictEqual(yield* eventually(states, ([state]) => state === "Settled"), ["Settled"])
        assert.strictEqual(yield* cancels, 1)
        assert.isEmpty(yield* statuses)
      }).pipe(Effect.provide(running("NeverAuthorised", storage)))
    ), 30_000)
})

/** A process that is stopped does not wait for a step to end. */
const impatiently = (filename: string) => Sqlite.layer({ filename, shardingConfig: { entityTerminationTimeout: "300 millis" } })

describe("the durable checkout on SQLite", () => {
  it.live("goes on in the next process, and releases there what the one before has authorised", () =>
    onNewFile((storage) =>
      Effect.gen(function*() {
        const order = { orderId, payWith: "Square" } as const
        Object.assign(stock, { reserved: 0, released: 0, shipped: 0 })
        yield* Effect.provide(
          Effect.zipRight(Checkout.execute(order, { discard: true }), eventually(statuses, ({ length }) => length === 1)),
          Layer.fresh(process("None", storage))
        )
        assert.deepStrictEqual(yield* statuses, ["APPROVED"])
        yield* Effect.provide(
          Effect.gen(function*() {
            yield* packed(order)
            assert.strictEqual(failureOf(yield* Effect.exit(Checkout.execute(order))), "NotShipped")
            yield* eventually(statuses, ([status]) => status === "CANCELED")
            yield* eventually(states, ([state]) => state === "Settled")
          }),
          Layer.fresh(process("ShipFails", storage))
        )
        // Neither the stock nor the money was asked for a second time.
        assert.deepStrictEqual(stock, { reserved: 1, released: 1, shipped: 1 })
        assert.deepStrictEqual(yield* statuses, ["CANCELED"])
        assert.strictEqual(yield* cancels, 1)
      }).pipe(Effect.provide(Sandbox.layer))
    ), 30_000)

  it.live("is not taken for failed when its process is stopped in the middle of a step", () =>
    onNewFile((storage) =>
      Effect.gen(function*() {
        const order = { orderId, payWith: "Square" } as const
        Object.assign(stock, { reserved: 0, released: 0, shipped: 0 })
        yield* Effect.provide(
          Effect.gen(function*() {
            yield* Checkout.execute(order, { discard: true })
            yield* eventually(statuses, ({ length }) => length === 1)
            yield* packed(order)
            yield* eventually(Effect.sync(() => stock.shipped), (shipped) => shipped === 1)
          }),
          Layer.fresh(process("ShipHangs", storage))
        )
        yield* Effect.provide(
          Effect.gen(function*() {
            assert.strictEqual(failureOf(yield* Effect.exit(Effect.timeout(Checkout.execute(order), "20 seconds"))), "none")
            assert.isEmpty(yield* states)
          }),
          Layer.fresh(process("None", storage))
        )
        assert.deepStrictEqual(yield* statuses, ["APPROVED"])
        // The step that was cut off was carried out a second time.
        assert.deepStrictEqual(stock, { reserved: 1, released: 0, shipped: 2 })
      }).pipe(Effect.provide(Sandbox.layer)), impatiently), 30_000)
})
