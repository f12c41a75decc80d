/**
 * What can go wrong between a client and a provider, as data.
 *
 * Every fault says by `applies` whether the provider carries the request out
 * all the same: `"Never"`, `"AtOnce"`, or `"Later"`, when the client has given
 * up on it. `Sandbox.requests` shows what came of each request.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
 *
 * const program = Effect.gen(function* () {
 *   const sandbox = yield* Sandbox.Sandbox
 *   // The next cancel at WePay is carried out, and its answer is lost.
 *   yield* sandbox.inject(Fault.dropAfterApplying, { provider: "WePay", operation: "Cancel" })
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const Applied = Schema.Struct({ applied: Schema.Boolean })

/**
 * All faults. In JSON, as the loopback server takes them, durations are in
 * milliseconds: `{"_tag":"Late","duration":3000}`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fault = Schema.Union(
  Schema.TaggedStruct("RefuseConnection", {}),
  Schema.TaggedStruct("DropBeforeApplying", {}),
  Schema.TaggedStruct("DropAfterApplying", {}),
  Schema.TaggedStruct("DropWhileProcessing", { duration: Schema.DurationFromMillis }),
  Schema.TaggedStruct("Late", { duration: Schema.DurationFromMillis }),
  Schema.TaggedStruct("Delay", { duration: Schema.DurationFromMillis }),
  Schema.TaggedStruct("StallHeaders", Applied.fields),
  Schema.TaggedStruct("StallBody", {}),
  Schema.TaggedStruct("CutBody", {}),
  Schema.TaggedStruct("EmptyBody", {}),
  Schema.TaggedStruct("OversizedBody", { bytes: Schema.NonNegativeInt }),
  Schema.TaggedStruct("MalformedJson", {}),
  Schema.TaggedStruct("WrongPaymentId", {}),
  Schema.TaggedStruct("UnknownStatus", {}),
  Schema.TaggedStruct("RateLimited", {
    retryAfter: Schema.NullOr(Schema.Union(Schema.NonNegativeInt, Schema.String))
  }),
  Schema.TaggedStruct("ServerError", Applied.fields),
  Schema.TaggedStruct("BadGateway", Applied.fields),
  Schema.TaggedStruct("ErrorCode", { code: Schema.String, status: Schema.Int, ...Applied.fields }),
  Schema.TaggedStruct("UnknownErrorCode", {}),
  Schema.TaggedStruct("Redirect", { location: Schema.String }),
  Schema.TaggedStruct("StatusQueryDown", {})
)

/**
 * A fault.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type

/**
 * Whether a fault lets the provider carry the request out.
 *
 * @since 0.1.0
 * @category models
 */
export type Applies = "Never" | "AtOnce" | "Later"

/**
 * Whether the provider carries the request out under this fault.
 *
 * @since 0.1.0
 * @category getters
 */
export const applies = (fault: Fault): Applies => {
  switch (fault._tag) {
    case "RefuseConnection":
    case "DropBeforeApplying":
    case "RateLimited":
    case "UnknownErrorCode":
    case "Redirect":
    case "StatusQueryDown":
      return "Never"
    case "Delay":
    case "DropWhileProcessing":
    case "Late":
      return "Later"
    case "StallHeaders":
    case "ServerError":
    case "BadGateway":
    case "ErrorCode":
      return fault.applied ? "AtOnce" : "Never"
    default:
      return "AtOnce"
  }
}

// -----------------------------------------------------------------------------
// the connection
// -----------------------------------------------------------------------------

/**
 * The connection is refused (`ECONNREFUSED`): no byte is sent. The request does
 * not appear among the received ones.
 *
 * On the loopback server the connection already stands, so there it is reset
 * without an answer; for a true refusal use a port nobody listens on.
 *
 * @since 0.1.0
 * @category connection
 */
export const refuseConnection: Fault = { _tag: "RefuseConnection" }

/**
 * The request is sent, and the other side closes before carrying it out.
 *
 * @since 0.1.0
 * @category connection
 */
export const dropBeforeApplying: Fault = { _tag: "DropBeforeApplying" }

/**
 * The request is carried out, and the connection is reset before the answer.
 *
 * @since 0.1.0
 * @category connection
 */
export const dropAfterApplying: Fault = { _tag: "DropAfterApplying" }

/**
 * The connection is lost now, while the provider holds the request: it finishes
 * after `duration`, and until then the idempotency key is in flight.
 *
 * @since 0.1.0
 * @category connection
 */
export const dropWhileProcessing = (duration: Duration.DurationInput): Fault => ({
  _tag: "DropWhileProcessing",
  duration: Duration.decode(duration)
})

/**
 * The connection is lost now, and the request reaches the provider only after
 * `duration` on the Clock, also when the client has long gone. Until then the
 * provider knows nothing of it, its idempotency key included.
 *
 * @since 0.1.0
 * @category connection
 */
export const late = (duration: Duration.DurationInput): Fault => ({ _tag: "Late", duration: Duration.decode(duration) })

/**
 * The provider takes `duration` to carry the request out and to answer. It goes
 * on when the client stops waiting, and until then the idempotency key is in
 * flight.
 *
 * @since 0.1.0
 * @category connection
 */
export const delay = (duration: Duration.DurationInput): Fault => ({ _tag: "Delay", duration: Duration.decode(duration) })

/**
 * The connection stands, and no answer ever comes.
 *
 * @since 0.1.0
 * @category connection
 */
export const stallHeaders = (options: { readonly applied: boolean }): Fault => ({
  _tag: "StallHeaders",
  applied: options.applied
})

// -----------------------------------------------------------------------------
// the body
// -----------------------------------------------------------------------------

/**
 * The request is carried out; of the answer, status, headers and half the body
 * come, and then nothing more.
 *
 * @since 0.1.0
 * @category body
 */
export const stallBody: Fault = { _tag: "StallBody" }

/**
 * The request is carried out; the connection is lost in the middle of the
 * answer's body.
 *
 * @since 0.1.0
 * @category body
 */
export const cutBody: Fault = { _tag: "CutBody" }

/**
 * The request is carried out; the answer has its status and no body.
 *
 * @since 0.1.0
 * @category body
 */
export const emptyBody: Fault = { _tag: "EmptyBody" }

/**
 * The request is carried out; blanks follow the answer's body until it has
 * `bytes` bytes. No `Content-Length` announces them, and whoever reads all of
 * it has valid JSON.
 *
 * @since 0.1.0
 * @category body
 */
export const oversizedBody = (bytes: number): Fault => ({ _tag: "OversizedBody", bytes })

/**
 * The request is carried out; the answer's body arrives whole and is half of
 * the JSON it should be.
 *
 * @since 0.1.0
 * @category body
 */
export const malformedJson: Fault = { _tag: "MalformedJson" }

/**
 * The request is carried out; a successful answer names another payment.
 *
 * @since 0.1.0
 * @category body
 */
export const wrongPaymentId: Fault = { _tag: "WrongPaymentId" }

/**
 * The request is carried out; a successful answer has a status that the
 * provider has never listed.
 *
 * @since 0.1.0
 * @category body
 */
export const unknownStatus: Fault = { _tag: "UnknownStatus" }

// -----------------------------------------------------------------------------
// another answer
// -----------------------------------------------------------------------------

/**
 * The provider's own refusal for too many requests. `retryAfter` is in seconds
 * or an HTTP date, sent as it is in `Retry-After`; without it there is no such
 * header.
 *
 * @since 0.1.0
 * @category answers
 */
export const rateLimited = (options?: { readonly retryAfter?: number | string }): Fault => ({
  _tag: "RateLimited",
  retryAfter: options?.retryAfter ?? null
})

/**
 * The provider itself fails and answers with its own 500, after it has carried
 * the request out or before. Where a provider stores no 5xx under an idempotency
 * key, the same request is then carried out anew.
 *
 * @since 0.1.0
 * @category answers
 */
export const serverError = (options: { readonly applied: boolean }): Fault => ({
  _tag: "ServerError",
  applied: options.applied
})

/**
 * A proxy in front of the provider answers 502 with HTML. If the request was
 * carried out, the provider has stored its own answer under the key.
 *
 * @since 0.1.0
 * @category answers
 */
export const badGateway = (options: { readonly applied: boolean }): Fault => ({
  _tag: "BadGateway",
  applied: options.applied
})

/**
 * An error of the provider's shape with any code and any HTTP status, instead of
 * the provider's own answer. For WePay, a reason code comes inside the error
 * code it belongs to.
 *
 * @since 0.1.0
 * @category answers
 */
export const errorCode = (
  code: string,
  status: number,
  options?: { readonly applied?: boolean }
): Fault => ({ _tag: "ErrorCode", code, status, applied: options?.applied ?? false })

/**
 * A 4xx of the provider's shape with a code that nobody has listed.
 *
 * @since 0.1.0
 * @category answers
 */
export const unknownErrorCode: Fault = { _tag: "UnknownErrorCode" }

/**
 * A 307 to `location`, which asks for the same request once more elsewhere.
 *
 * @since 0.1.0
 * @category answers
 */
export const redirect = (location: string): Fault => ({ _tag: "Redirect", location })

/**
 * The status query answers with the provider's own 500. It never matches a
 * cancel request.
 *
 * @since 0.1.0
 * @category answers
 */
export const statusQueryDown: Fault = { _tag: "StatusQueryDown" }
