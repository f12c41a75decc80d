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
  readonly notification?: (
    incoming: Notification.Incoming,
    verification: Notification.Verification & { readonly notificationUrl?: string }
  ) => Effect.Effect<Notification.CancelNotification<string>, Notification.NotificationError>
  readonly confirm?: (accepted: Accepted, notification: Notification.CancelNotification<string>) => Notification.Confirmation<string>
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

/** Whatever service a provider's cancels need: its layer gives it. */
interface Service {
  readonly _: unique symbol
}

// A cast, because the name is only known when it runs, and so which service goes with which cancel.
const namespaceOf = (name: Sandbox.Provider): Namespace<Service> => Library[name] as unknown as Namespace<Service>

const entryOf = (name: Sandbox.Provider): Entry => {
  const { CancelRequest, Cancellation, cancelNeutral, confirm, layerConfig, notification, status } = namespaceOf(name)
  const { environment, webhook } = Sandbox.definition(name)
  return {
    successes: tagsOf(SchemaAST.typeAST(Cancellation.ast)),
    needsReason: SchemaAST.getPropertySignatures(SchemaAST.typeAST(CancelRequest.ast))
      .some(({ isOptional, name }) => name === "reason" && !isOptional),
    connect: Effect.gen(function*() {
      const context = yield* Layer.build(layerConfig()).pipe(
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment?.(Sandbox.baseUrl(name)) ?? {})))),
        Effect.orDie
      )
      return {
        cancel: (request) => Effect.provide(cancelNeutral(request), context),
        standing: (paymentId) =>
          status === undefined
            ? Effect.succeedNone
            : status({ paymentId }).pipe(
              Effect.map(({ standing }) => standing),
              Effect.catchAll(() => Effect.succeedNone),
              Effect.provide(context)
            )
      }
    }),
    verify: webhook === undefined || notification === undefined ? null : (incoming) => {
      const { notificationUrl, secret } = webhook
      return Effect.map(
        notification(incoming, { secret: Redacted.make(secret), ...notificationUrl === undefined ? {} : { notificationUrl } }),
        (told) => ({
          decision: told.decision,
          confirms: (result) => confirm !== undefined && isAccepted(result) ? Option.some(confirm(result, told)) : Option.none()
        })
      )
    }
  }
}

const tagsOf = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap(tagsOf)
  const tag = SchemaAST.getPropertySignatures(ast).find(({ name }) => name === "_tag")?.type
  return tag !== undefined && SchemaAST.isLiteral(tag) ? [String(tag.literal)] : []
}

const isAccepted = (result: unknown): result is Accepted =>
  typeof result === "object" && result !== null && "_tag" in result && result._tag === "CancellationAccepted"

// A cast, because `Object.fromEntries` loses which value belongs to which key.
export const providers = Object.fromEntries(Sandbox.providers.map((name) => [name, entryOf(name)])) as {
  readonly [P in Sandbox.Provider]: Entry
}
