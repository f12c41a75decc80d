/**
 * The tables of the providers side by side: what the same situation is called at each. The table in
 * handling-errors.md is generated from it, and `test/docs/situations.test.ts` checks it against the
 * tables of codes: the same situation has the same category, or the provider's page says why not.
 */
import type { TableOf } from "../src/authoring/Errors.js"
import type { Category } from "../src/CancelError.js"
import type * as Library from "../src/index.js"

/** The providers of the library: every namespace with errors of its own and a layer. */
export type ProviderName = {
  readonly [Name in keyof typeof Library]: (typeof Library)[Name] extends { readonly Unrecognized: unknown; readonly layer: unknown }
    ? Name
    : never
}[keyof typeof Library]

type ClassOf<Name extends ProviderName> = keyof TableOf<(typeof Library)[Name]>

/**
 * How one provider reports a situation.
 *
 * - `classes`: the listed codes for it.
 * - `otherwise`: what reports it if no listed code does.
 * - `because`: why a class has a different category than the situation: a sentence, quoted exactly
 *   from the provider's page.
 */
export interface At<Class> {
  readonly classes: ReadonlyArray<Class>
  readonly otherwise?: string
  readonly because?: string
}

export interface Situation {
  readonly name: string
  readonly category: Category
  readonly at: { readonly [Name in ProviderName]: At<ClassOf<Name>> }
}

const byStatus = (status: number) => `\`Unrecognized\`, with a ${status}`

const byWebhook = "accepted, and declined by webhook"

const noLonger = "`CancelError.NoLongerCancellable`, if a status says so"

export const situations: ReadonlyArray<Situation> = [
  {
    name: "there is no such payment",
    category: "NotFound",
    at: {
      Adyen: { classes: [], otherwise: byWebhook },
      Square: { classes: ["NotFound", "Gone"] },
      Stripe: { classes: ["ResourceMissing"] },
      WalletConnectPay: { classes: ["PaymentNotFound"] },
      WePay: { classes: [], otherwise: byStatus(404) }
    }
  },
  {
    name: "a key that is missing, wrong or expired",
    category: "Unauthenticated",
    at: {
      Adyen: { classes: ["Unauthorized"] },
      Square: { classes: ["Unauthorized", "AccessTokenExpired", "AccessTokenRevoked"] },
      Stripe: { classes: ["InvalidApiKey", "ApiKeyExpired", "PlatformApiKeyExpired"] },
      WalletConnectPay: {
        classes: [
          "InvalidApiKey",
          "Unauthorized",
          "MissingApiKey",
          "MissingMerchantApiKey",
          "MissingMerchantId",
          "ApiKeyNotFound",
          "MissingAppId",
          "MissingClientId",
          "InvalidAppId",
          "ConflictingAuthHeaders",
          "MissingAuthHeaders"
        ]
      },
      WePay: {
        classes: ["NotAuthorized"],
        because: "WePay has one code for a wrong token and for a missing permission, and sends it with a 403"
      }
    }
  },
  {
    name: "a valid key without permission for this",
    category: "Forbidden",
    at: {
      Adyen: { classes: ["NotAllowed"] },
      Square: { classes: ["Forbidden", "InsufficientScopes", "ClientDisabled", "ApplicationDisabled"] },
      Stripe: { classes: ["SecretKeyRequired", "LivemodeMismatch", "ActionBlocked"] },
      WalletConnectPay: { classes: ["Forbidden", "NotSandboxApiKey", "SanctionedUser"] },
      WePay: { classes: ["NotAuthorized"] }
    }
  },
  {
    name: "no such account, or one that is not yours",
    category: "Forbidden",
    at: {
      Adyen: { classes: ["InvalidMerchantAccount"] },
      Square: { classes: [], otherwise: byStatus(403) },
      Stripe: { classes: ["AccountInvalid"] },
      WalletConnectPay: {
        classes: ["MerchantNotFound", "PartnerNotFound", "CustomerNotFound", "WalletNotFound", "ExecutorNotFound"],
        because: "they say only that something is not there, and not that it may be somebody else's"
      },
      WePay: { classes: [], otherwise: byStatus(403) }
    }
  },
  {
    name: "too many requests",
    category: "RateLimited",
    at: {
      Adyen: { classes: [], otherwise: byStatus(429) },
      Square: { classes: ["RateLimited"] },
      Stripe: { classes: ["RateLimit", "PaymentIntentRateLimitExceeded"] },
      WalletConnectPay: { classes: ["RateLimited"] },
      WePay: { classes: ["ThrottleExceeded"] }
    }
  },
  {
    name: "too late, or being processed: the payment is in a state in which it cannot be cancelled",
    category: "NotCancellable",
    at: {
      Adyen: { classes: [], otherwise: byWebhook },
      Square: {
        classes: [
          "DelayedTransactionCaptured",
          "DelayedTransactionCanceled",
          "DelayedTransactionExpired",
          "DelayedTransactionFailed",
          "BadRequest",
          "UnprocessableEntity"
        ],
        otherwise: noLonger
      },
      Stripe: { classes: ["PaymentIntentUnexpectedState", "IntentInvalidState"], otherwise: noLonger },
      WalletConnectPay: {
        classes: ["InvalidState", "PaymentExpired", "QuoteExpired", "AlreadyRefunded", "PaymentNotSucceeded"],
        otherwise: noLonger
      },
      WePay: { classes: ["PaymentCannotBeCanceled"], otherwise: noLonger }
    }
  },
  {
    name: "another operation on the payment is running at this moment",
    category: "Conflict",
    at: {
      Adyen: { classes: [], otherwise: "accepted, and decided later" },
      Square: { classes: ["Conflict"] },
      Stripe: { classes: ["LockTimeout"] },
      WalletConnectPay: { classes: ["MerchantExists"], otherwise: `${byStatus(409)} from the gateway` },
      WePay: { classes: ["ResourceConflict", "PointOfSaleTransactionNotYetProcessed"] }
    }
  },
  {
    name: "a request under the same key is still running",
    category: "Conflict",
    at: {
      Adyen: { classes: ["IdempotencyKeyInUse"] },
      Square: { classes: [], otherwise: "-: no key" },
      Stripe: { classes: ["IdempotencyKeyInUse"], otherwise: "any other 409: `CancelError.UnexpectedResponse`" },
      WalletConnectPay: { classes: [], otherwise: "an unlisted 409: `CancelError.UnexpectedResponse`" },
      WePay: { classes: ["ConcurrentUniqueKeyRequestIsProcessing"] }
    }
  },
  {
    name: "the key was used for another request",
    category: "Conflict",
    at: {
      Adyen: { classes: ["IdempotencyKeyInUse"] },
      Square: { classes: ["IdempotencyKeyReused"] },
      Stripe: { classes: ["IdempotencyError"] },
      WalletConnectPay: { classes: ["IdempotencyConflict"] },
      WePay: { classes: [], otherwise: "not known" }
    }
  },
  {
    name: "the request is not acceptable",
    category: "InvalidRequest",
    at: {
      Adyen: { classes: ["OriginalReferenceRequired", "UnexpectedInput"] },
      Square: {
        classes: [
          "InvalidValue",
          "UnexpectedValue",
          "MissingRequiredParameter",
          "ValueEmpty",
          "ValueTooShort",
          "ValueTooLong",
          "ValueRegexMismatch",
          "ExpectedJsonBody",
          "InvalidContentType",
          "UnsupportedMediaType",
          "MethodNotAllowed",
          "InvalidSquareVersionFormat",
          "ApiVersionIncompatible",
          "SandboxNotSupported"
        ]
      },
      Stripe: { classes: ["ParameterUnknown", "ParameterInvalidEmpty"] },
      WalletConnectPay: {
        classes: [
          "InvalidParams",
          "ParamsValidation",
          "HeaderNotAscii",
          "InvalidApiVersion",
          "UnknownApiVersion",
          "ApiVersionDowngrade"
        ]
      },
      WePay: { classes: ["InvalidParams"] }
    }
  },
  {
    name: "the provider failed",
    category: "ProviderFault",
    at: {
      Adyen: { classes: ["IdempotencyStoreUnavailable", "PaymentDetailsNotSupported"] },
      Square: {
        classes: [
          "InternalServerError",
          "NotImplemented",
          "BadGateway",
          "ServiceUnavailable",
          "GatewayTimeout",
          "TemporaryError",
          "RequestTimeout"
        ]
      },
      Stripe: { classes: [], otherwise: "`CancelError.UnexpectedResponse`: its 5xx has no code" },
      WalletConnectPay: { classes: ["InternalError"] },
      WePay: { classes: ["UnexpectedError"] }
    }
  }
]
