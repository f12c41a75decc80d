// The same package in a CommonJS program, which loads it with `require`.
const { Effect, Redacted, Layer } = require("effect")
const { CancelError, WePay } = require("effect-payment-cancel")
const { Sandbox } = require("effect-payment-cancel/sandbox")

const { appId, appToken } = Sandbox.credentials.WePay
const wePay = WePay.layer({ appId, appToken: Redacted.make(appToken), baseUrl: Sandbox.baseUrl("WePay") })

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const paymentId = yield* sandbox.create("WePay")
  const cancelled = yield* WePay.cancel({ paymentId, reason: "out of stock" })
  const captured = yield* sandbox.create("WePay", { status: "completed" })
  const error = yield* Effect.flip(WePay.cancel({ paymentId: captured, reason: "out of stock" }))
  return [cancelled._tag, error._tag, CancelError.isCancelError(error)]
})

Effect.runPromise(Effect.provide(program, Layer.provideMerge(wePay, Sandbox.layer))).then(
  (result) => console.log(JSON.stringify(result))
)
