/**
 * One workflow, two providers: `Canceller` hides which one serves it, the router keeps each
 * one's exact types.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Redacted, Schema } from "effect"
import { Cancel, Canceller, WalletConnectPay, WePay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"

// #region workflow
/** Knows no provider: errors are handled by category and by what is known. */
const cancelOrder = (paymentId: string) =>
  Canceller.cancel({ paymentId, reason: "the customer changed their mind" }).pipe(
    Effect.map(({ _tag, provider }) => `${provider}: ${_tag}`),
    Cancel.catchCategory("NotCancellable", ({ provider }) => Effect.succeed(`${provider}: refund what was taken`)),
    Cancel.catchUnknownOutcome(({ provider }) => Effect.succeed(`${provider}: settle it later`))
  )
// #endregion

// #region swap
const atWePay = Canceller.layer(WePay)
const atWalletConnectPay = Canceller.layer(WalletConnectPay)
// #endregion

// #region router
const payments = Canceller.router({ WePay, WalletConnectPay })

/** The errors are those of the named provider, with their own tags. */
const routed = (paymentId: string) =>
  payments.cancel({ provider: "WalletConnectPay", paymentId }).pipe(
    Effect.map(({ _tag }): string => _tag),
    Effect.catchTag("WalletConnectPay.InvalidState", () => Effect.succeed("refund what was taken"))
  )
// #endregion

// #region rows
/** A row of a table says where a payment was made: all fields of its provider, none of the other's. */
const Row = Schema.Union(
  Schema.Struct({ provider: Schema.Literal("WePay"), paymentId: Schema.String, reason: Schema.String }),
  Schema.Struct({ provider: Schema.Literal("WalletConnectPay"), paymentId: Schema.String })
)

const cancelRow = (row: typeof Row.Type) => payments.cancel(row)
// #endregion

const providers = Layer.mergeAll(
  WePay.layer({
    appId: Sandbox.credentials.WePay.appId,
    appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
    baseUrl: Sandbox.baseUrl("WePay")
  }),
  WalletConnectPay.layer({
    credentials: WalletConnectPay.Credentials.ApiKey({
      apiKey: Redacted.make(Sandbox.credentials.WalletConnectPay.apiKey)
    }),
    baseUrl: Sandbox.baseUrl("WalletConnectPay")
  })
)

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const atFirst = yield* sandbox.create("WePay")
  const captured = yield* sandbox.create("WePay", { status: "completed" })
  const atSecond = yield* sandbox.create("WalletConnectPay")
  const succeeded = yield* sandbox.create("WalletConnectPay", { status: "succeeded" })

  yield* Console.log("Canceller over", yield* cancelOrder(atFirst).pipe(Effect.provide(atWePay)))
  yield* Console.log("Canceller over", yield* cancelOrder(captured).pipe(Effect.provide(atWePay)))
  yield* Console.log("Canceller over", yield* cancelOrder(atSecond).pipe(Effect.provide(atWalletConnectPay)))
  yield* Console.log("Router:", yield* routed(succeeded))

  const row = yield* Schema.decodeUnknown(Row)({ provider: "WalletConnectPay", paymentId: atSecond })
  yield* Console.log("Row of a table:", (yield* cancelRow(row))._tag)
})

NodeRuntime.runMain(program.pipe(Effect.provide(Layer.provideMerge(providers, Sandbox.layer))))
