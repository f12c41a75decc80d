/** What the comparison uses of Authorize.net's library, which has no types. */
declare module "authorizenet" {
  export interface Contract {
    readonly getJSON: () => object
    readonly setMerchantAuthentication: (authentication: unknown) => void
    readonly setRefId: (refId: string) => void
    readonly setTransId: (transId: string) => void
    readonly setTransactionRequest: (request: unknown) => void
  }

  interface TransactionRequest {
    readonly setTransactionType: (type: string) => void
    readonly setRefTransId: (id: string) => void
  }

  interface Authentication {
    readonly setName: (name: string) => void
    readonly setTransactionKey: (key: string) => void
  }

  export interface Controller {
    readonly setEnvironment: (url: string) => void
    readonly execute: (callback: () => void) => void
    readonly getResponse: () => unknown
    readonly getError: () => unknown
  }

  interface Library {
    readonly APIContracts: {
      readonly CreateTransactionRequest: new() => Contract
      readonly GetTransactionDetailsRequest: new() => Contract
      readonly TransactionRequestType: new() => TransactionRequest
      readonly MerchantAuthenticationType: new() => Authentication
      readonly TransactionTypeEnum: { readonly VOIDTRANSACTION: string }
      readonly TransactionStatusEnum: { readonly [name: string]: string }
    }
    readonly APIControllers: {
      readonly CreateTransactionController: new(request: object) => Controller
      readonly GetTransactionDetailsController: new(request: object) => Controller
    }
    readonly Constants: { readonly endpoint: { readonly sandbox: string; readonly production: string } }
  }

  const library: Library
  export default library
}
