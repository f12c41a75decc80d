/** What a payment may say in a file at one provider, and how its cancel is carried out. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type * as Scope from "effect/Scope"
import * as Input from "../../authoring/Input.js"
import { refuse } from "../../authoring/Provider.js"
import type { Cancellation } from "../../Cancellation.js"
import type * as Canceller from "../../Canceller.js"
import * as Sandbox from "../../sandbox/Sandbox.js"

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

export const define = <Self, Request, Encoded>(
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
        onLeft: (problem) => refuse(name, fields, problem),
        onRight: (request) => Effect.provide(namespace.cancel(request), context)
      })),
    sandbox: Object.entries(Sandbox.definition(name).environment?.(Sandbox.baseUrl(name)) ?? {})
  }
}
