import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CancelError, Canceller, Square, WalletConnectPay, WePay } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"

const live = Layer.mergeAll(
  Square.layer({
    accessToken: Redacted.make(Sandbox.credentials.Square.accessToken),
    baseUrl: Sandbox.baseUrl("Square")
  }),
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
).pipe(Layer.provideMerge(Sandbox.layer))

/** A provider of the reader's own, that only repeats what it is asked. */
const Acme = {
  cancel: (request: { readonly paymentId: string }) => Effect.dieMessage(request.paymentId),
  cancelByMerchantReference: (request: { readonly merchantReference: string }) => Effect.dieMessage(JSON.stringify(request)),
  // It has one, and no router reaches it.
  cancelOrRefund: () => Effect.dieMessage("refunded")
}

const payments = Canceller.router({ Square, WePay, WalletConnectPay, Acme })

/** A request as it comes from JSON: the compiler knows nothing of it. */
const fromJson = (request: object) => request as never

type Providers = Square.Square | WePay.WePay | WalletConnectPay.WalletConnectPay

const invalid = <R>(effect: Effect.Effect<unknown, unknown, R>) =>
  // What an ill-typed request needs is not known to the compiler either.
  Effect.map(Effect.flip(effect as Effect.Effect<unknown, unknown, Providers>), (error) => {
    assert(error instanceof CancelError.InvalidCancelRequest)
    return error
  })

describe("a router's operations", () => {
  it.effect("each goes to the provider that is named", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const atSquare = yield* sandbox.create("Square", { creationKey: "order-7" })
      const atWePay = yield* sandbox.create("WePay")
      const open = yield* sandbox.create("WalletConnectPay")

      const acknowledged = yield* payments.cancelByCreationKey({ provider: "Square", creationKey: "order-7" })
      assert.deepInclude(acknowledged, { _tag: "CancellationAcknowledged", paymentId: "order-7" })
      const read = yield* payments.status({ provider: "Square", paymentId: atSquare })
      assert.deepInclude(read, { provider: "Square", status: "CANCELED" })
      const cancelled = yield* payments.cancel({ provider: "WePay", paymentId: atWePay, reason: "out of stock" })
      assert.deepInclude(cancelled, { _tag: "Cancelled", provider: "WePay" })
      for (const [provider, paymentId] of [["WalletConnectPay", open], ["WePay", atWePay]] as const) {
        const status = yield* payments.status({ provider, paymentId })
        assert.strictEqual(status.provider, provider)
        assert.deepStrictEqual(
          status.standing,
          Option.some(provider === "WePay" ? "Cancelled" as const : "Cancellable" as const)
        )
      }
      const defect = yield* Effect.sandbox(
        payments.cancelByMerchantReference({ provider: "Acme", merchantReference: "m-1" })
      ).pipe(Effect.flip)
      assert.include(String(defect), "m-1")
      assert.notInclude(String(defect), "provider")
    }).pipe(Effect.provide(live)))

  it.effect("a provider without the operation is refused as one that is not there", () =>
    Effect.gen(function*() {
      const error = yield* invalid(payments.cancelByCreationKey(fromJson({ provider: "WePay", creationKey: "order-7" })))
      assert.deepInclude(error, {
        field: "provider",
        provider: "WePay",
        paymentId: "order-7",
        identifiedBy: "CreationKey",
        message: "WePay: provider must be one of Square"
      })
      const status = yield* invalid(payments.status(fromJson({ provider: "Acme", paymentId: "p" })))
      assert.include(status.message, "must be one of Square, WePay, WalletConnectPay")
      assert.notInclude(status.message, "Acme,")
      const nobody = yield* invalid(
        Canceller.router({ WePay }).cancelByMerchantReference(fromJson({ provider: "WePay", merchantReference: "m-1" }))
      )
      assert.deepInclude(nobody, { identifiedBy: "MerchantReference", paymentId: "m-1" })
      assert.include(nobody.message, "cancelByMerchantReference")
      assert.lengthOf(yield* (yield* Sandbox.Sandbox).requests, 0)
    }).pipe(Effect.provide(live)))

  it.effect("a provider is one of the record's own keys, for every operation", () =>
    Effect.gen(function*() {
      for (
        const operation of Object.values(payments) as ReadonlyArray<
          (request: never) => Effect.Effect<unknown, unknown, unknown>
        >
      ) {
        for (const provider of ["toString", "__proto__", "constructor", "hasOwnProperty", "", "square", undefined, null, 7]) {
          const error = yield* invalid(operation(fromJson({ provider, paymentId: "p", idempotencyKey: "k" })))
          assert.deepInclude(error, { field: "provider", idempotencyKey: "k", attempts: 0, outcome: "NotCancelled" })
        }
      }
      assert.lengthOf(yield* (yield* Sandbox.Sandbox).requests, 0)
    }).pipe(Effect.provide(live)))

  it.effect("what a provider refuses comes back under its own name", () =>
    Effect.gen(function*() {
      const error = yield* invalid(payments.cancelByCreationKey({ provider: "Square", creationKey: "" }))
      assert.deepInclude(error, { provider: "Square", field: "creationKey" })
      const captured = yield* (yield* Sandbox.Sandbox).create("Square", { status: "COMPLETED" })
      const refused = yield* payments.cancel({ provider: "Square", paymentId: captured }).pipe(
        Effect.catchTag("Square.BadRequest", ({ paymentStatus }) => Effect.succeed(paymentStatus))
      )
      assert.deepStrictEqual(refused, Option.some("COMPLETED"))
    }).pipe(Effect.provide(live)))

  it.effect("what is nested too deeply to be printed is refused under its field, and not a defect", () =>
    Effect.gen(function*() {
      const deep: unknown = JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`)
      const request = { provider: "WePay", paymentId: "p-1", reason: "out of stock" }
      for (const field of ["paymentId", "reason", "idempotencyKey", "provider"]) {
        const error = yield* invalid(payments.cancel(fromJson({ ...request, [field]: deep })))
        assert.deepInclude(error, { field, attempts: 0, outcome: "NotCancelled" })
      }
      assert.strictEqual((yield* invalid(payments.status(fromJson({ ...request, paymentId: deep })))).field, "paymentId")
      assert.strictEqual((yield* invalid(payments.cancel(deep as never))).field, "provider")
      assert.strictEqual((yield* invalid(WePay.cancel(deep as never))).field, "request")
      assert.lengthOf(yield* (yield* Sandbox.Sandbox).requests, 0)
    }).pipe(Effect.provide(live)))

  it("has no operation that could refund", () => {
    assert.hasAllKeys(payments, ["cancel", "cancelByCreationKey", "cancelByMerchantReference", "status"])
  })
})
