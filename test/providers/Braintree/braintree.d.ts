/** As much of Braintree's npm library as is compared with: it comes without types. */
declare module "braintree" {
  export interface Transaction {
    readonly id: string
    readonly status: string
    readonly statusHistory: ReadonlyArray<{ readonly status: string; readonly timestamp: string }>
  }

  export interface ValidationError {
    readonly code: string
    readonly attribute: string
    readonly message: string
  }

  export interface Result {
    readonly success: boolean
    readonly message?: string
    readonly transaction?: Transaction
    readonly errors?: { readonly deepErrors: () => ReadonlyArray<ValidationError> }
  }

  export class BraintreeGateway {
    constructor(config: { environment: object; merchantId: string; publicKey: string; privateKey: string })
    readonly transaction: {
      readonly void: (transactionId: string) => Promise<Result>
      readonly find: (transactionId: string) => Promise<Transaction>
    }
    readonly webhookTesting: {
      readonly sampleNotification: (kind: string, id: string) => { readonly bt_signature: string; readonly bt_payload: string }
    }
    readonly webhookNotification: {
      readonly parse: (signature: string, payload: string) => Promise<{ readonly kind: string; readonly transaction?: Transaction }>
    }
  }

  export const Environment: { readonly Development: { server: string; port: string }; readonly Production: { server: string }; readonly Sandbox: { server: string } }

  export const ValidationErrorCodes: { readonly Transaction: { readonly CannotBeVoided: string } }

  export const WebhookNotification: { readonly Kind: { readonly [kind: string]: string } }

  export const Transaction: { readonly Status: { readonly All: () => ReadonlyArray<string> } }
}
