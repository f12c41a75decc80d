/**
 * Every provider, ready to be tried: its layers with the sandbox's credentials, and its webhooks
 * where they are verified by a secret alone.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import { type Cause, type ConfigError, ConfigProvider, Effect, Layer, Option, Redacted, SchemaAST, type Scope } from "effect"
import * as Library from "effect-payment-cancel"
import type { Cancellation, Notification } from "effect-payment-cancel"
import { Canceller } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"

export type Standing = "Cancelled" | "Cancellable" | "Closed"

type Accepted = Cancellation.CancellationAccepted<string, { readonly reference: string }>

export interface Provider {
  readonly cancel: (request: Canceller.CancelRequest) => Effect.Effect<Cancellation.Cancellation, Canceller.CancelError>
  /** What a payment's status stands for; none where the provider has no status query, or this is no payment of it. */
  readonly standing: (paymentId: string) => Effect.Effect<Option.Option<Standing>>
}

/** What a verified webhook says of the cancel. */
export interface Told {
  readonly decision: string
  /** What it makes of a cancel that was accepted before. */
  readonly confirms: (result: unknown) => Option.Option<Notification.Confirmation<string>>
}

interface Namespace<Self> {
  readonly Cancellation: { readonly ast: SchemaAST.AST }
  readonly CancelRequest: { readonly ast: SchemaAST.AST }
  readonly cancelNeutral: Canceller.NeutralProvider<Self>["cancelNeutral"]
  readonly layerConfig: () => Layer.Layer<Self, ConfigError.ConfigError, HttpClient.HttpClient>
  readonly status?: (request: { readonly paymentId: string }) => Effect.Effect<
    { readonly standing: Option.Option<Standing> },
    Cause.YieldableError,
    Self
  >
}

interface Entry {
  /** The tags of what its cancel succeeds with. */
  readonly successes: ReadonlyArray<string>
  /** Whether its cancel has to say why. */
  readonly needsReason: boolean
  /** Reads the sandbox's credentials as a program reads its environment. */
  readonly connect: Effect.Effect<Provider, never, HttpClient.HttpClient | Scope.Scope>
  readonly verify: ((incoming: Notification.Incoming) => Effect.Effect<Told, Notification.NotificationError>) | null
}

const define = <Self>(
  name: Sandbox.Provider,
  namespace: Namespace<Self>,
  verifier?: Notification.Verifier<string>,
  confirm?: (accepted: never, notification: never) => Notification.Confirmation<string>
): Entry => ({
  successes: tagsOf(SchemaAST.typeAST(namespace.Cancellation.ast)),
  needsReason: SchemaAST.getPropertySignatures(SchemaAST.typeAST(namespace.CancelRequest.ast))
    .some(({ isOptional, name }) => name === "reason" && !isOptional),
  connect: Effect.gen(function*() {
    const environment = Sandbox.definition(name).environment?.(Sandbox.baseUrl(name)) ?? {}
    const context = yield* Layer.build(namespace.layerConfig()).pipe(
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
      Effect.orDie
    )
    return {
      cancel: (request) => Effect.provide(namespace.cancelNeutral(request), context),
      standing: (paymentId) =>
        namespace.status === undefined
          ? Effect.succeedNone
          : namespace.status({ paymentId }).pipe(
            Effect.map(({ standing }) => standing),
            Effect.catchAll(() => Effect.succeedNone),
            Effect.provide(context)
          )
    } satisfies Provider
  }),
  verify: verifier === undefined ? null : (incoming) =>
    Effect.map(verifier(incoming, { secret: Redacted.make(Sandbox.webhookSecret(name)) }), (notification) => ({
      decision: notification.decision,
      confirms: (result) =>
        confirm !== undefined && isAccepted(result)
          // The verifier and the confirmation are of one provider, which their common table does not say.
          ? Option.some(confirm(result as never, notification as never))
          : Option.none()
    }))
})

const tagsOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap(tagsOf)
  const tag = SchemaAST.getPropertySignatures(ast).find(({ name }) => name === "_tag")?.type
  return tag !== undefined && SchemaAST.isLiteral(tag) ? [String(tag.literal)] : []
}

const isAccepted = (result: unknown): result is Accepted =>
  typeof result === "object" && result !== null && "_tag" in result && result._tag === "CancellationAccepted"

export const providers: { readonly [P in Sandbox.Provider]: Entry } = {
  Adyen: define("Adyen", Library.Adyen, Library.Adyen.notification, Library.Adyen.confirm),
  Airwallex: define("Airwallex", Library.Airwallex, Library.Airwallex.notification),
  AuthorizeNet: define("AuthorizeNet", Library.AuthorizeNet, Library.AuthorizeNet.notification),
  Braintree: define("Braintree", Library.Braintree),
  CheckoutCom: define("CheckoutCom", Library.CheckoutCom, Library.CheckoutCom.notification, Library.CheckoutCom.confirm),
  GoCardless: define("GoCardless", Library.GoCardless),
  Klarna: define("Klarna", Library.Klarna),
  Mollie: define("Mollie", Library.Mollie),
  PayPal: define("PayPal", Library.PayPal),
  Square: define("Square", Library.Square),
  Stripe: define("Stripe", Library.Stripe, Library.Stripe.notification),
  WalletConnectPay: define("WalletConnectPay", Library.WalletConnectPay, Library.WalletConnectPay.notification),
  WePay: define("WePay", Library.WePay)
}
