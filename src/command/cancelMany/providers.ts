/** The providers that a file can name: what a payment may say there, and how its cancel is carried out. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type * as Scope from "effect/Scope"
import * as Input from "../../authoring/Input.js"
import { invalidRequest } from "../../authoring/Provider.js"
import type { Cancellation } from "../../Cancellation.js"
import type * as Canceller from "../../Canceller.js"
import * as Adyen from "../../providers/Adyen/index.js"
import * as Airwallex from "../../providers/Airwallex/index.js"
import * as Braintree from "../../providers/Braintree/index.js"
import * as AuthorizeNet from "../../providers/AuthorizeNet/index.js"
import * as CheckoutCom from "../../providers/CheckoutCom/index.js"
import * as GoCardless from "../../providers/GoCardless/index.js"
import * as Klarna from "../../providers/Klarna/index.js"
import * as Mollie from "../../providers/Mollie/index.js"
import * as PayPal from "../../providers/PayPal/index.js"
import * as Square from "../../providers/Square/index.js"
import * as Stripe from "../../providers/Stripe/index.js"
import * as WalletConnectPay from "../../providers/WalletConnectPay/index.js"
import * as WePay from "../../providers/WePay/index.js"
import * as Sandbox from "../../sandbox/Sandbox.js"
import { variablesOf } from "../sandboxVariables.js"

/** The fields of a cancel request, by the provider's names. */
export interface Fields {
  readonly [field: string]: unknown
}

export interface Provider {
  /** The fields of its cancel request, and whether each is text; what is not is JSON in a CSV file. */
  readonly fields: { readonly [field: string]: { readonly isText: boolean } }
  /** The checks of the provider's own cancel, before anything is sent. */
  readonly check: (fields: Fields) => Either.Either<unknown, Input.Problem>
  /** Reads its configuration, and then carries out cancels. */
  readonly connect: Effect.Effect<Cancel, ConfigError.ConfigError, HttpClient.HttpClient | Scope.Scope>
  /** The variables with which it reaches the sandbox. */
  readonly sandbox: ReadonlyArray<readonly [variable: string, value: string]>
}

type Cancel = (fields: Fields) => Effect.Effect<Cancellation, Canceller.CancelError>

const admitsText = (ast: SchemaAST.AST): boolean => {
  switch (ast._tag) {
    case "StringKeyword":
      return true
    case "Literal":
      return typeof ast.literal === "string"
    case "Refinement":
      return admitsText(ast.from)
    case "Union":
      return ast.types.some(admitsText)
    default:
      return false
  }
}

const define = <Self, Request, Encoded>(
  name: Sandbox.Provider,
  namespace: {
    readonly CancelRequest: Schema.Schema<Request, Encoded>
    readonly cancel: (request: Request) => Effect.Effect<Cancellation, Canceller.CancelError, Self>
    readonly layerConfig: () => Layer.Layer<Self, ConfigError.ConfigError, HttpClient.HttpClient>
  }
): Provider => {
  const check = Input.check(namespace.CancelRequest)
  return {
    fields: Record.fromEntries(
      SchemaAST.getPropertySignatures(Schema.encodedSchema(namespace.CancelRequest).ast).map(({ name, type }) =>
        [String(name), { isText: admitsText(type) }] as const)
    ),
    check,
    connect: Effect.map(Layer.build(namespace.layerConfig()), (context) => (fields) =>
      Either.match(check(fields), {
        onLeft: (problem) => Effect.fail(invalidRequest(name, fields, problem)),
        onRight: (request) => Effect.provide(namespace.cancel(request), context)
      })),
    sandbox: variablesOf(name, Sandbox.baseUrl(name))
  }
}

const definitions: { readonly [P in Sandbox.Provider]: Provider } = {
  Adyen: define("Adyen", Adyen),
  Airwallex: define("Airwallex", Airwallex),
  AuthorizeNet: define("AuthorizeNet", AuthorizeNet),
  Braintree: define("Braintree", Braintree),
  CheckoutCom: define("CheckoutCom", CheckoutCom),
  GoCardless: define("GoCardless", GoCardless),
  Klarna: define("Klarna", Klarna),
  Mollie: define("Mollie", Mollie),
  PayPal: define("PayPal", PayPal),
  Square: define("Square", Square),
  Stripe: define("Stripe", Stripe),
  WalletConnectPay: define("WalletConnectPay", WalletConnectPay),
  WePay: define("WePay", WePay)
}

export const names: ReadonlyArray<Sandbox.Provider> = Sandbox.providers

export const isProvider = Sandbox.isProvider

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, "")

/** The provider that is meant by a name in another spelling, as `stripe` or `checkout.com`. */
const meantBy = (name: string): Option.Option<Sandbox.Provider> =>
  Option.fromNullable(names.find((known) => plain(known) === plain(name)))

/** What is wrong with a name that is no provider's. */
export const misspelt = (name: string): string =>
  Option.match(meantBy(name), { onNone: () => `must be one of ${names.join(", ")}`, onSome: (meant) => `must be spelt ${meant}` })

export const provider = (name: Sandbox.Provider): Provider => definitions[name]

/** Every field that some provider's cancel request has. */
export const everyField: ReadonlySet<string> = new Set(
  names.flatMap((name) => Object.keys(definitions[name].fields))
)
