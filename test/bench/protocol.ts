/** What the bench and the processes of its clients say to each other. */

/**
 * What happens to a cancel.
 *
 * - `happy`: it is answered.
 * - `resend`: its first answer is lost; it is sent again.
 * - `status`: its answer is lost; the status is read.
 */
export type Scenario = "happy" | "resend" | "status"

/** Cancels to be made: for so long, or so many. */
export interface Order {
  readonly scenario: Scenario
  /** How many are under way at any time. */
  readonly atOnce: number
  readonly milliseconds?: number
  readonly count?: number
}

/** What came of an order. */
export interface Taken {
  readonly count: number
  /** Of the client's process alone, user and system, in microseconds. */
  readonly cpu: number
  /** In milliseconds. */
  readonly wall: number
  /** What V8's heap has grown by, in bytes: all that was allocated there, where V8 had no reason to collect any of it. */
  readonly allocated: number
  /** Resident memory afterwards, once the garbage is collected, in bytes. */
  readonly resident: number
}

/** A client of a provider. It throws where the payment is not cancelled. */
export type Cancel = (scenario: Scenario, paymentId: string) => Promise<void>

/** What each module in `clients` exports as `connect`. */
export type Connect = (baseUrl: string) => Promise<Cancel>

/** The API key of every client. */
export const apiKey = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"

/** The API version of every client. */
export const apiVersion = "2026-10-28.endive"
