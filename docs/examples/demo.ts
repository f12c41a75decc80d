/**
 * `npm run demo`: the main features with two providers, and what is different with the others,
 * without an account or a network.
 *
 * The providers are the library's own sandbox, in memory. Everything else is what your own program
 * would use: the providers' layers, their errors, and `CancelEvent.layer`, which prints every
 * exchange as it ends.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Clock, Console, DateTime, Duration, Effect, Layer, Option, Redacted } from "effect"
import type { CancelError, Cancellation } from "effect-payment-cancel"
import { Adyen, Cancel, CancelEvent, CheckoutCom, Klarna, PayPal, Square, Stripe, WalletConnectPay, WePay } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"

// ---------------------------------------------------------------------------------------
// How it is printed
// ---------------------------------------------------------------------------------------

const colourful = process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
const style = (code: number) => (text: string) => colourful ? `\u001b[${code}m${text}\u001b[0m` : text
const bold = style(1)
const dim = style(2)

/** A line with a label: `result`, `error`, `provider` … */
const line = (label: string, text: string) => Console.log(`  ${dim(label.padEnd(10))}${text}`)

const seconds = (millis: number, digits: number) => `${(millis / 1000).toFixed(digits)} s`

const row = (time: string, exchange: string, proves: string, explanation: string) =>
  `  ${dim(time.padEnd(10))}${exchange.padEnd(11)}${proves.padEnd(14)}${explanation}`.trimEnd()

/** Prints every exchange of a cancel, and every wait between two, with the time since `start`. */
const narrate = (start: number) =>
  CancelEvent.layer((event) => {
    const time = `+${seconds(DateTime.toEpochMillis(event.at) - start, 2)}`
    switch (event._tag) {
      case "ExchangeEnded": {
        const { evidence, explanation, operation } = event.exchange
        const exchange = { Authorization: "token", Cancel: `cancel ${event.attempt}`, Status: "status" }[operation]
        return Console.log(row(time, exchange, evidence, explanation))
      }
      case "Waiting":
        return Console.log(row(time, "wait", seconds(Duration.toMillis(event.delay), 2), ""))
      default:
        return Effect.void
    }
  })

const describe = (error: CancelError.Any & { readonly _tag: string }) =>
  line("error", `${bold(error._tag)}, category ${error.category}, outcome ${error.outcome}`)

const celebrate = ({ _tag, attempts, evidence }: Cancellation.Cancellation) =>
  line("result", `${bold(_tag)}, evidence ${evidence}, ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}`)

/** The payment as the emulated provider really has it, whatever the client was told. */
const truth = (provider: Sandbox.Provider, paymentId: string) =>
  Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const payment = Option.getOrThrow(yield* sandbox.payment(provider, paymentId))
    const changes = payment.history.length - 1
    const statuses = payment.history.map(({ to }) => to).join(" -> ")
    yield* line("provider", `${statuses} (${["never changed", "changed once"][changes] ?? `changed ${changes} times`})`)
  })

const scenario = <E, R>(title: string, explanation: string, body: Effect.Effect<void, E, R>) =>
  Effect.gen(function*() {
    yield* Console.log(`\n${bold(title)}\n  ${explanation}\n`)
    const start = yield* Clock.currentTimeMillis
    yield* Effect.provide(body, narrate(start))
  })

const heading = (text: string) => Console.log(`\n\n${bold(text)}\n${"=".repeat(text.length)}`)

/** What the caller of an unsettled cancel knows. */
const inHand = (error: CancelError.Any) =>
  Effect.gen(function*() {
    yield* line("in hand", `paymentId       ${error.paymentId}`)
    yield* line("", `idempotencyKey  ${error.idempotencyKey}`)
    yield* line("", `paymentStatus   ${Option.getOrElse(error.paymentStatus, () => "not known")}`)
    yield* Effect.forEach(error.history, (exchange, index) =>
      line("", `history[${index}]      ${exchange.operation}, ${exchange.evidence}`))
  })

// ---------------------------------------------------------------------------------------
// WePay
// ---------------------------------------------------------------------------------------

const wePayOptions: WePay.Options = {
  appId: Sandbox.credentials.WePay.appId,
  appToken: Redacted.make(Sandbox.credentials.WePay.appToken),
  baseUrl: Sandbox.baseUrl("WePay")
}

const reason = "the order was placed twice"

const wePay = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const break_ = (fault: Fault.Fault, times = 1) => sandbox.inject(fault, { provider: "WePay", operation: "Cancel", times })
  yield* heading("WePay")

  yield* scenario(
    "1. A cancel",
    "The answer is the cancelled payment. That is the proof; HTTP 200 alone would not be.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay")
      yield* celebrate(yield* WePay.cancel({ paymentId, reason }))
      yield* truth("WePay", paymentId)
    })
  )

  yield* scenario(
    "2. A refusal, handled by its tag",
    "The payment is captured already. The status is read after the refusal, then it is handled with\n" +
      "  Effect.catchTag(\"WePay.PaymentCannotBeCanceled\", ...).",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay", { status: "completed" })
      yield* WePay.cancel({ paymentId, reason }).pipe(
        Effect.flatMap(celebrate),
        Effect.catchTag("WePay.PaymentCannotBeCanceled", (error) =>
          Effect.zipRight(
            describe(error),
            line("handled", `its status is ${Option.getOrElse(error.paymentStatus, () => "?")}: refund it instead`)
          ))
      )
      yield* truth("WePay", paymentId)
    })
  )

  yield* scenario(
    "3. Wrong credentials",
    "Refused before anything happened to the payment: the outcome is NotCancelled.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay")
      yield* WePay.cancel({ paymentId, reason }).pipe(
        Effect.flatMap(celebrate),
        Effect.catchTag("WePay.NotAuthorized", describe),
        Effect.provide(WePay.layer({ ...wePayOptions, appToken: Redacted.make("not-the-token") }))
      )
      yield* truth("WePay", paymentId)
    })
  )

  yield* scenario(
    "4. A rate limit, waited out",
    "WePay asks to wait for one second (Retry-After: 1). The same request is sent again.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay")
      yield* break_(Fault.rateLimited({ retryAfter: 1 }))
      yield* celebrate(yield* WePay.cancel({ paymentId, reason }))
      yield* truth("WePay", paymentId)
    })
  )

  yield* scenario(
    "5. A lost answer, recovered with the same key",
    "The payment is cancelled, then the connection is reset. The same bytes are sent again under\n" +
      "  the same Unique-Key, and WePay repeats its first answer: the payment changes once.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay")
      yield* break_(Fault.dropAfterApplying)
      yield* celebrate(yield* WePay.cancel({ paymentId, reason }))
      yield* truth("WePay", paymentId)
    })
  )

  yield* scenario(
    "6. A lost answer, resolved by a status check",
    "The same loss, but the policy allows one request only: the status is read instead.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay")
      yield* break_(Fault.dropAfterApplying)
      yield* celebrate(yield* WePay.cancel({ paymentId, reason }).pipe(Cancel.withPolicy({ attempts: 1 })))
      yield* truth("WePay", paymentId)
    })
  )

  yield* scenario(
    "7. An outcome that stays unknown, settled later with the same key",
    "Both requests are delayed and will arrive two seconds late. Until then the status\n" +
      "  is still pending, which proves nothing. So the error says Unknown, not \"failed\".",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WePay")
      yield* break_(Fault.late("2 seconds"), 2)
      yield* WePay.cancel({ paymentId, reason }).pipe(
        Cancel.withPolicy({ attempts: 2, statusReads: 1 }),
        Effect.flatMap(celebrate),
        Cancel.catchUnknownOutcome((error) =>
          Effect.gen(function*() {
            yield* describe(error)
            yield* inHand(error)
            yield* truth("WePay", paymentId)
            yield* Effect.sleep("2200 millis")
            yield* line("later", "the lost requests have arrived; cancel again with error.idempotencyKey:")
            yield* celebrate(yield* WePay.cancel({ paymentId, reason, idempotencyKey: error.idempotencyKey }))
          })
        )
      )
      yield* truth("WePay", paymentId)
    })
  )
})

// ---------------------------------------------------------------------------------------
// WalletConnect Pay
// ---------------------------------------------------------------------------------------

const { ApiKey } = WalletConnectPay.Credentials

const walletConnectPayOptions: WalletConnectPay.Options = {
  credentials: ApiKey({ apiKey: Redacted.make(Sandbox.credentials.WalletConnectPay.apiKey) }),
  baseUrl: Sandbox.baseUrl("WalletConnectPay")
}

const walletConnectPay = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  const break_ = (fault: Fault.Fault, times = 1) =>
    sandbox.inject(fault, { provider: "WalletConnectPay", operation: "Cancel", times })
  yield* heading("WalletConnect Pay (gateway, which has no idempotency key)")

  yield* scenario(
    "1. A cancel",
    "The answer names the payment, its status, the reason and the time.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WalletConnectPay")
      const cancellation = yield* WalletConnectPay.cancel({ paymentId })
      yield* celebrate(cancellation)
      if (cancellation._tag === "Cancelled") {
        yield* line("stated", `reason ${Option.getOrElse(cancellation.reason, () => "none")}`)
      }
      yield* truth("WalletConnectPay", paymentId)
    })
  )

  yield* scenario(
    "2. A refusal, handled by its tag",
    "The payment has succeeded. The status is read after the refusal, then it is handled with\n" +
      "  Effect.catchTag(\"WalletConnectPay.InvalidState\", ...).",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WalletConnectPay", { status: "succeeded" })
      yield* WalletConnectPay.cancel({ paymentId }).pipe(
        Effect.flatMap(celebrate),
        Effect.catchTag("WalletConnectPay.InvalidState", (error) =>
          Effect.zipRight(
            describe(error),
            line("handled", `its status is ${Option.getOrElse(error.paymentStatus, () => "?")}: refund it instead`)
          ))
      )
      yield* truth("WalletConnectPay", paymentId)
    })
  )

  yield* scenario(
    "3. Wrong credentials",
    "Refused before anything happened to the payment: the outcome is NotCancelled.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WalletConnectPay")
      yield* WalletConnectPay.cancel({ paymentId }).pipe(
        Effect.flatMap(celebrate),
        Effect.catchTag("WalletConnectPay.InvalidApiKey", describe),
        Effect.provide(WalletConnectPay.layer({
          ...walletConnectPayOptions,
          credentials: ApiKey({ apiKey: Redacted.make("wcp_test_not-the-key") })
        }))
      )
      yield* truth("WalletConnectPay", paymentId)
    })
  )

  yield* scenario(
    "4. A rate limit, waited out",
    "WalletConnect Pay asks to wait for one second (Retry-After: 1).",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WalletConnectPay")
      yield* break_(Fault.rateLimited({ retryAfter: 1 }))
      yield* celebrate(yield* WalletConnectPay.cancel({ paymentId }))
      yield* truth("WalletConnectPay", paymentId)
    })
  )

  yield* scenario(
    "5. A lost answer, resolved by a status check",
    "The payment is cancelled, then the connection is reset. The second request is refused, for\n" +
      "  that is what a cancelled payment gets. The refusal is not believed: the status is read.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WalletConnectPay")
      yield* break_(Fault.dropAfterApplying)
      yield* celebrate(yield* WalletConnectPay.cancel({ paymentId }))
      yield* truth("WalletConnectPay", paymentId)
    })
  )

  yield* scenario(
    "6. An outcome that stays unknown, settled later by the status",
    "The answer is lost, the second request is refused, and the status query is down. A refusal\n" +
      "  after a lost request settles nothing, so the error says Unknown.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("WalletConnectPay")
      yield* break_(Fault.dropAfterApplying)
      yield* sandbox.inject(Fault.statusQueryDown, { provider: "WalletConnectPay", forever: true })
      yield* WalletConnectPay.cancel({ paymentId }).pipe(
        Cancel.withPolicy({ attempts: 2, statusReads: 2 }),
        Effect.flatMap(celebrate),
        Cancel.catchUnknownOutcome((error) =>
          Effect.gen(function*() {
            yield* describe(error)
            yield* inHand(error)
            yield* sandbox.clearFaults
            yield* line("later", "the status query is up again; read the status:")
            const { standing, status } = yield* WalletConnectPay.status({ paymentId })
            yield* line("result", `${bold(status)}, standing ${Option.getOrElse(standing, () => "not known")}`)
          })
        )
      )
      yield* truth("WalletConnectPay", paymentId)
    })
  )
})

// ---------------------------------------------------------------------------------------
// The others: what is different with them
// ---------------------------------------------------------------------------------------

const stripe = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* heading("Stripe (stores every answer under the key, even a 500)")

  yield* scenario(
    "1. A server error that hides a cancelled payment",
    "Stripe cancels, fails, and answers 500. The same key could only give the same 500 again,\n" +
      "  and another key is out of the question: the status is read.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("Stripe")
      yield* sandbox.inject(Fault.serverError({ applied: true }), { provider: "Stripe", operation: "Cancel" })
      yield* celebrate(yield* Stripe.cancel({ paymentId }))
      yield* truth("Stripe", paymentId)
    })
  )

  yield* scenario(
    "2. A refusal that states the payment",
    "Already cancelled and already succeeded have the same code. The answer contains the real status.",
    Effect.gen(function*() {
      for (const status of ["canceled", "succeeded"] as const) {
        const paymentId = yield* sandbox.create("Stripe", { status })
        yield* Stripe.cancel({ paymentId }).pipe(
          Effect.flatMap(celebrate),
          Effect.catchTag("Stripe.PaymentIntentUnexpectedState", describe)
        )
      }
    })
  )
})

const square = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* heading("Square (no key on a cancel)")

  yield* scenario(
    "1. A cancel without an id",
    "The creation timed out, and the payment's id is not known. The key of the creation is enough.\n" +
      "  Square answers {} whether or not there was a payment, so nothing more is claimed.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("Square", { creationKey: "order-1042" })
      const { _tag, identifiedBy } = yield* Square.cancelByCreationKey({ creationKey: "order-1042" })
      yield* line("result", `${bold(_tag)}, identified by ${identifiedBy}`)
      yield* truth("Square", paymentId)
    })
  )
})

const adyen = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* heading("Adyen (decides later)")

  yield* scenario(
    "1. Accepted is not cancelled",
    "Adyen accepts the request, and reports the result by webhook. A forged webhook is refused.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("Adyen")
      const accepted = yield* Adyen.cancel({ paymentId })
      yield* celebrate(accepted)
      yield* truth("Adyen", paymentId)
      yield* Effect.sleep("1100 millis")
      const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))
      for (const { body, headers } of yield* sandbox.notifications("Adyen")) {
        const forged = body.replace("\"success\":\"true\"", "\"success\":\"false\"")
        yield* Adyen.notification({ body: forged, headers }, { secret }).pipe(
          Effect.catchTag("Notification.InvalidSignature", ({ _tag }) => line("forged", bold(_tag)))
        )
        const confirmation = Adyen.confirm(accepted, yield* Adyen.notification({ body, headers }, { secret }))
        yield* line("webhook", `${bold(confirmation._tag)}, for the receipt ${accepted.receipt.reference}`)
      }
      yield* truth("Adyen", paymentId)
    })
  )
})

const checkoutCom = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* heading("Checkout.com (accepts, and can be asked)")

  yield* scenario(
    "1. Accepted, then asked for",
    "A 202 only says that the void will be tried. The status is read until it shows what came of it.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("CheckoutCom")
      yield* celebrate(yield* CheckoutCom.cancel({ paymentId }))
      yield* truth("CheckoutCom", paymentId)
    })
  )
})

const klarna = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* heading("Klarna (a success without a word)")

  yield* scenario(
    "1. A 204 is not taken for a proof",
    "Klarna's success has no body: it names neither the order nor its status. So the order is read.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("Klarna")
      yield* celebrate(yield* Klarna.cancel({ paymentId }))
      yield* truth("Klarna", paymentId)
    })
  )
})

const payPal = Effect.gen(function*() {
  const sandbox = yield* Sandbox.Sandbox
  yield* heading("PayPal (an access token first)")

  yield* scenario(
    "1. No token, no cancel",
    "PayPal cannot be reached for an access token. The void was never sent, so nothing is unknown.",
    Effect.gen(function*() {
      const paymentId = yield* sandbox.create("PayPal")
      yield* sandbox.inject(Fault.refuseConnection, { provider: "PayPal", operation: "Authorization", forever: true })
      yield* PayPal.cancel({ paymentId }).pipe(
        Cancel.withPolicy({ attempts: 1 }),
        Effect.flatMap(celebrate),
        Effect.catchTag("CancelError.NotSent", describe)
      )
      yield* sandbox.clearFaults
      yield* truth("PayPal", paymentId)
    })
  )

  yield* scenario(
    "2. The token is fetched once, and kept",
    "Two authorizations are voided, the second with the token of the first.",
    Effect.gen(function*() {
      for (const paymentId of [yield* sandbox.create("PayPal"), yield* sandbox.create("PayPal")]) {
        yield* celebrate(yield* PayPal.cancel({ paymentId }))
        yield* truth("PayPal", paymentId)
      }
    })
  )
})

// ---------------------------------------------------------------------------------------

const intro = Console.log([
  bold("effect-payment-cancel"),
  "",
  "Cancels payments at emulated providers. Each line below a scenario is one exchange:",
  "when it ended, what was sent, what it proves about the payment, and why.",
  "`provider` is the payment as the emulated provider really has it."
].join("\n"))

const live = Layer.provideMerge(
  Layer.mergeAll(
    WePay.layer(wePayOptions),
    WalletConnectPay.layer(walletConnectPayOptions),
    Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey), baseUrl: Sandbox.baseUrl("Stripe") }),
    Square.layer({ accessToken: Redacted.make(Sandbox.credentials.Square.accessToken), baseUrl: Sandbox.baseUrl("Square") }),
    Adyen.layer({
      apiKey: Redacted.make(Sandbox.credentials.Adyen.apiKey),
      merchantAccount: Sandbox.credentials.Adyen.merchantAccount,
      baseUrl: Sandbox.baseUrl("Adyen")
    }),
    CheckoutCom.layer({
      secretKey: Redacted.make(Sandbox.credentials.CheckoutCom.secretKey),
      baseUrl: Sandbox.baseUrl("CheckoutCom")
    }),
    Klarna.layer({
      username: Sandbox.credentials.Klarna.username,
      password: Redacted.make(Sandbox.credentials.Klarna.password),
      baseUrl: Sandbox.baseUrl("Klarna")
    }),
    PayPal.layer({
      clientId: Sandbox.credentials.PayPal.clientId,
      clientSecret: Redacted.make(Sandbox.credentials.PayPal.clientSecret),
      baseUrl: Sandbox.baseUrl("PayPal")
    })
  ),
  Sandbox.layer
)

const main = Effect.gen(function*() {
  const start = yield* Clock.currentTimeMillis
  yield* intro
  yield* wePay
  yield* walletConnectPay
  yield* stripe
  yield* square
  yield* adyen
  yield* checkoutCom
  yield* klarna
  yield* payPal
  yield* Console.log(`\n\nDone in ${seconds((yield* Clock.currentTimeMillis) - start, 1)}.`)
})

NodeRuntime.runMain(Effect.provide(main, live))
