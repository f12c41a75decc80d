/** What the tests of durable cancels share: the workflows, and where they run. */
import { WorkflowEngine } from "@effect/workflow"
import { Adyen, Square, Stripe } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import * as Sqlite from "effect-payment-cancel/workflow/Sqlite"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { longOrShort } from "../support/extent.js"

/** Short enough for a test that waits in truth. */
export const brisk: CancelWorkflow.Options = {
  waits: ["100 millis"],
  giveUpAfter: "20 seconds",
  policy: { attempts: 1, attemptTimeout: "500 millis", statusReads: 1, statusTimeout: "500 millis", deadline: "1 second" }
}

/** For what is worked on until nobody waits any longer: with few calls in a short run, for an engine goes through all earlier ones before each. */
export const toTheEnd: CancelWorkflow.Options = longOrShort({}, { waits: ["1 minute", "6 hours", "1 day"] })

export const workflowsOf = (options: CancelWorkflow.Options = {}) => ({
  stripe: CancelWorkflow.make("Stripe", Stripe, options),
  adyen: CancelWorkflow.make("Adyen", Adyen, options),
  square: CancelWorkflow.make("Square", Square, options)
})

export const providers = Layer.mergeAll(
  Layer.orDie(Stripe.layer({ apiKey: Redacted.make(Sandbox.credentials.Stripe.apiKey), baseUrl: Sandbox.baseUrl("Stripe") })),
  Layer.orDie(Adyen.layer({
    apiKey: Redacted.make(Sandbox.credentials.Adyen.apiKey),
    merchantAccount: Sandbox.credentials.Adyen.merchantAccount,
    baseUrl: Sandbox.baseUrl("Adyen")
  })),
  Layer.orDie(Square.layer({ accessToken: Redacted.make(Sandbox.credentials.Square.accessToken), baseUrl: Sandbox.baseUrl("Square") }))
)

/** Everything the workflows run on, in memory. */
export const memory = Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory)

/** Looks often, so that tests are short. */
export const frequent = {
  entityMessagePollInterval: Duration.millis(50),
  entityReplyPollInterval: Duration.millis(25),
  entityTerminationTimeout: Duration.millis(300)
}

/** Everything the workflows run on, in a file. */
export const sqlite = (filename: string) => Layer.orDie(Sqlite.layer({ filename, shardingConfig: frequent }))

/** The path of a database that is there as long as the scope is. */
export const temporaryFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "durable-"))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) => Path.join(folder, "cancels.db")
)

/** The cancel requests that reached a provider. */
export const cancelsAt = (provider: Sandbox.Provider) =>
  Effect.map(Effect.flatMap(Sandbox.Sandbox, (_) => _.requests), (requests) =>
    requests.filter((request) => request.provider === provider && request.operation === "Cancel"))

/** What a payment is at its provider. */
export const statusAt = (provider: Sandbox.Provider, paymentId: string) =>
  Effect.map(Effect.flatMap(Sandbox.Sandbox, (_) => _.payment(provider, paymentId)), (payment) => Option.getOrThrow(payment).status)

/** Asks again and again, in truth, until it is so. */
export const eventually = <A, E, R>(ask: Effect.Effect<A, E, R>, is: (answer: A) => boolean) =>
  ask.pipe(
    Effect.delay("30 millis"),
    Effect.repeat({ until: is }),
    Effect.timeoutFail({ duration: "15 seconds", onTimeout: () => new Error("it is not so, and does not become so") }),
    Effect.orDie
  )
