/**
 * Stateful emulators of the providers, in memory: for tests, demos and
 * simulations. Nothing here needs Node; the same emulators on a loopback HTTP
 * server are in `effect-payment-cancel/sandbox/server`.
 *
 * @since 0.1.0
 */

/**
 * What a client gets back, for writing your own transport.
 *
 * @since 0.1.0
 */
export * as Delivery from "./Delivery.js"

/**
 * What an emulator of a provider is.
 *
 * @since 0.1.0
 */
export * as Emulator from "./Emulator.js"

/**
 * The emulated providers, one definition each.
 *
 * @since 0.1.0
 */
export * as Emulators from "./emulators/index.js"

/**
 * What can go wrong between a client and a provider.
 *
 * @since 0.1.0
 */
export * as Fault from "./Fault.js"

/**
 * The payments of an emulator, and their history.
 *
 * @since 0.1.0
 */
export * as Payments from "./Payments.js"

/**
 * The service, its layers, the working credentials.
 *
 * @since 0.1.0
 */
export * as Sandbox from "./Sandbox.js"

/**
 * Webhooks of the emulated providers.
 *
 * @since 0.1.0
 */
export * as Webhook from "./Webhook.js"
