// A program of somebody who has installed the package: cancels at both providers.
import { Effect, Layer, Redacted } from "effect"
import { Cancel, Canceller, WalletConnectPay, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

const { WalletConnectPay: walletConnectPay, WePay: wePay } = Sandbox.credentials

const providers = Layer.merge(
  WePay.layer({
    appId: wePay.appId,
    appToken: Redacted.make(wePay.appToken),
    baseUrl: Sandbox.baseUrl("WePay")
  }),
  WalletConnectPay.layer({
    credentials: WalletConnectPay.Credentials.ApiKey({ apiKey: Redacted.make(walletConnectPay.apiKey) }),
    baseUrl: Sandbox.baseUrl("WalletConnectPay")
  })
)

const program = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const tags = []
  for (const provider of ["WePay", "WalletConnectPay"]) {
    const request = { provider, paymentId: yield* sandbox.create(provider), reason: "out of stock" }
    const { cancel } = Canceller.router({ WePay, WalletConnectPay })
    tags.push((yield* cancel(request))._tag, (yield* cancel(request))._tag)
    yield* sandbox.inject(Fault.dropBeforeApplying, { forever: true })
    tags.push(
      yield* cancel({ ...request, paymentId: yield* sandbox.create(provider) }).pipe(
        Cancel.withPolicy({ attempts: 1, deadline: "2 seconds" }),
        Cancel.catchUnknownOutcome((error) => Effect.succeed(`${error._tag}, ${error.outcome}`))
      )
    )
    yield* sandbox.clearFaults
  }
  return tags
})

console.log(JSON.stringify(await Effect.runPromise(Effect.provide(program, Layer.provideMerge(providers, Sandbox.layer)))))
