/**
 * Every provider there is, and beside its facts what the library has under its name: what is
 * on trial. Its modules are found by where they are, so their types are not those of one
 * provider: here all are alike.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type * as Answer from "../../src/authoring/Answer.js"
import type * as Provider from "../../src/authoring/Provider.js"
import type * as CancelError from "../../src/CancelError.js"
import type * as Cancellation from "../../src/Cancellation.js"
import type * as Notification from "../../src/Notification.js"
import type { PaymentStatus } from "../../src/PaymentStatus.js"
import { type Failure, type ProviderFacts, subjectOf, type Way } from "./ProviderFacts.js"
import { load, providers } from "./providers.js"

declare const connection: unique symbol

/** How some provider is reached: only its own functions know what is in it. */
export interface Connection {
  readonly [connection]: never
}

export type Operation = Provider.Operation<Connection, Provider.OperationRequest, Answer.Vocabulary, Cancellation.Cancellation>

/** A provider's `declaration.ts`. */
export interface DeclarationModule {
  readonly declaration: Provider.Declaration<string, Connection, Failure>
  readonly statusQuery?: Provider.StatusQuery<Connection, Answer.Vocabulary>
  /** `cancelOperation` and the like. */
  readonly [exported: string]: unknown
}

/** A provider's `options.ts`. */
export interface OptionsModule {
  readonly connect: (options: object) => Either.Either<Connection, ConfigError.ConfigError>
}

/** The service of some provider. */
export interface Service {
  readonly [connection]: never
}

/** A provider's `index.ts`: what is public of it. */
export interface PublicModule {
  readonly layer: (options: object) => Layer.Layer<Service, ConfigError.ConfigError, HttpClient.HttpClient>
  readonly layerConfig: (overrides?: object) => Layer.Layer<Service, ConfigError.ConfigError, HttpClient.HttpClient>
  readonly CancelError: Schema.Schema<Failure, unknown>
  readonly status?: (request: Provider.StatusRequest) => Effect.Effect<
    PaymentStatus<string>,
    CancelError.InvalidCancelRequest | CancelError.StatusUnavailable,
    Service
  >
  readonly notification?: Notification.Verifier<string>
  /** Of a provider whose webhooks hold lists. */
  readonly notifications?: Notification.ListVerifier<string>
  /** The schema of what they tell, where that is more than the common fields. */
  readonly CancelNotification?: Schema.Schema<Notification.CancelNotification<string>, unknown>
  /** `cancel` and the like, the classes of its errors, and more. */
  readonly [exported: string]: unknown
}

export interface Home {
  readonly facts: ProviderFacts
  readonly declared: DeclarationModule
  readonly options: OptionsModule
  readonly library: PublicModule
}

/** A notification that needs no more than a secret: what else it needs is given. */
const knowing = (library: PublicModule, { webhooks }: ProviderFacts): PublicModule => {
  const { notification } = library
  if (notification === undefined || webhooks?.verification === undefined) return library
  const { verification } = webhooks
  return { ...library, notification: (incoming, given) => notification(incoming, { ...verification, ...given }) }
}

/** In the order of their names. */
export const homes: ReadonlyArray<Home> = await Promise.all(providers.map(async (facts): Promise<Home> => ({
  facts,
  declared: await load(`../../src/providers/${facts.name}/declaration.ts`),
  options: await load(`../../src/providers/${facts.name}/options.ts`),
  library: knowing(await load(`../../src/providers/${facts.name}/index.ts`), facts)
})))

/** A provider whose home is somewhere else. */
export const asHome = (modules: { readonly [M in keyof Home]: M extends "facts" ? ProviderFacts : object }): Home =>
  // Each of its types is another one to the compiler, as it is with those that are loaded by their names.
  modules as Home

/** How the library reads a webhook with one event; undefined where a provider has none. */
export const verifierOf = ({ notification, notifications }: PublicModule): Notification.Verifier<string> | undefined =>
  notifications === undefined
    ? notification
    : (incoming, verification) => Effect.map(notifications(incoming, verification), ([first]) => first)

const isOperation = (value: unknown): value is Operation =>
  typeof value === "object" && value !== null && "licence" in value && "successes" in value

/** What the library declares of one way of cancelling. */
export const operationOf = ({ declared, facts }: Home, { operation }: Way): Operation => {
  const found = declared[`${operation}Operation`]
  if (!isOperation(found)) throw new Error(`${facts.name} declares no ${operation}Operation`)
  return found
}

type Reading = NonNullable<PublicModule["status"]>

const isReading = (value: unknown): value is Reading => typeof value === "function"

/** A status query as a program calls it; undefined where there is none. */
export const statusOf = ({ facts, library }: Home, way: Way): Reading | undefined => {
  const found = library[subjectOf(facts, way).status]
  return isReading(found) ? found : undefined
}

type Cancelling = (request: object) => Effect.Effect<Cancellation.Cancellation, Failure, Service>

const isCancelling = (value: unknown): value is Cancelling => typeof value === "function"

/** One way of cancelling as a program calls it. */
export const cancelOf = ({ facts, library }: Home, { operation }: Way): Cancelling => {
  const found = library[operation]
  if (!isCancelling(found)) throw new Error(`${facts.name} has no ${operation}`)
  return found
}
