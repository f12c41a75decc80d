/**
 * The payments of an emulator, with the whole history of each: what really happened to a payment,
 * whatever a client was told about it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Either from "effect/Either"

/**
 * The statuses of a provider, and which may follow which. A status without successors is final.
 *
 * @since 0.1.0
 * @category models
 */
export type StateMachine<Status extends string> = { readonly [S in Status]: ReadonlyArray<Status> }

/**
 * Who or what changed a status: the creation, a cancel request, a call of
 * `move`, or the passing of time (`Expiry`, `Capture`).
 *
 * @since 0.1.0
 * @category models
 */
export type ChangedBy = "Create" | "Cancel" | "Move" | "Expiry" | "Capture"

/**
 * One change of a payment's status. `at` is in milliseconds since the epoch;
 * `from` is null for the creation; `requestIndex` is the index of the received
 * request that caused the change, null if no request did.
 *
 * @since 0.1.0
 * @category models
 */
export interface Change {
  readonly at: number
  readonly from: string | null
  readonly to: string
  readonly by: ChangedBy
  readonly requestIndex: number | null
}

/**
 * A payment as the provider really has it.
 *
 * @since 0.1.0
 * @category models
 */
export interface PaymentRecord {
  readonly provider: string
  readonly paymentId: string
  readonly status: string
  readonly history: ReadonlyArray<Change>
}

/**
 * No payment with that id was created in the sandbox.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnknownPayment extends Data.TaggedError("Sandbox.UnknownPayment")<{
  readonly provider: string
  readonly paymentId: string
}> {
  override get message(): string {
    return `${this.provider} holds no payment ${this.paymentId}`
  }
}

/**
 * The provider's state machine does not allow `to` after `from`.
 *
 * @since 0.1.0
 * @category errors
 */
export class IllegalTransition extends Data.TaggedError("Sandbox.IllegalTransition")<{
  readonly provider: string
  readonly paymentId: string
  readonly from: string
  readonly to: string
}> {
  override get message(): string {
    return `${this.provider} payment ${this.paymentId} cannot move from ${this.from} to ${this.to}`
  }
}

/**
 * A change that happens by itself, at `at` milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category models
 */
export interface Due<Status extends string> {
  readonly at: number
  readonly to: Status
  readonly by: ChangedBy
}

/**
 * One payment as its emulator sees it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payment<Status extends string, Attributes> {
  readonly id: string
  readonly createdAt: number
  readonly attributes: Attributes
  readonly status: Status
  readonly history: ReadonlyArray<Change>
}

/**
 * The payments of one emulator. Everything is synchronous, so that a simulator
 * can run it hundreds of thousands of times.
 *
 * @since 0.1.0
 * @category models
 */
export interface Payments<Status extends string, Attributes> {
  /**
   * Adds a payment. An id that already exists, or an unknown status, is a mistake of the caller and
   * throws.
   */
  add(payment: {
    readonly id: string
    readonly status: Status
    readonly at: number
    readonly attributes: Attributes
    readonly due: Due<Status> | null
  }): void
  /** The payment at the given time: changes that are due by then have happened. */
  find(id: string, at: number): Payment<Status, Attributes> | undefined
  /** All payments at the given time, in the order in which they were added. */
  all(at: number): ReadonlyArray<Payment<Status, Attributes>>
  /** Changes the status without checking the state machine. */
  change(id: string, to: Status, at: number, by: ChangedBy, requestIndex: number | null): void
  /** Changes the status if the state machine allows it, or with `force`. */
  move(id: string, to: string, at: number, force: boolean): Either.Either<void, UnknownPayment | IllegalTransition>
  record(id: string, at: number): PaymentRecord | undefined
  ids(): ReadonlyArray<string>
  clear(): void
}

/**
 * Whether a word is a status of the state machine.
 *
 * @since 0.1.0
 * @category guards
 */
export const isStatus = <Status extends string>(machine: StateMachine<Status>, word: string): word is Status =>
  Object.hasOwn(machine, word)

/**
 * No payments yet, governed by the given state machine.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <Status extends string, Attributes>(
  provider: string,
  machine: StateMachine<Status>
): Payments<Status, Attributes> => {
  interface Held extends Payment<Status, Attributes> {
    status: Status
    history: Array<Change>
    due: Due<Status> | null
  }
  const held = new Map<string, Held>()

  const apply = (payment: Held, to: Status, at: number, by: ChangedBy, requestIndex: number | null) => {
    payment.history.push({ at, from: payment.status, to, by, requestIndex })
    payment.status = to
  }

  const find = (id: string, at: number): Held | undefined => {
    const payment = held.get(id)
    if (payment !== undefined && payment.due !== null && payment.due.at <= at) {
      const due = payment.due
      payment.due = null
      // The change may have become impossible in the meantime: a cancelled payment does not expire.
      if (machine[payment.status].includes(due.to)) {
        apply(payment, due.to, due.at, due.by, null)
      }
    }
    return payment
  }

  return {
    add({ at, attributes, due, id, status }) {
      if (held.has(id)) {
        throw new Error(`${provider} already holds a payment ${id}`)
      }
      if (!isStatus(machine, status)) {
        throw new Error(`${provider} knows no status ${String(status)}`)
      }
      held.set(id, {
        id,
        createdAt: at,
        attributes,
        status,
        due,
        history: [{ at, from: null, to: status, by: "Create", requestIndex: null }]
      })
    },
    find,
    all: (at) => Array.from(held.keys()).flatMap((id) => find(id, at) ?? []),
    change(id, to, at, by, requestIndex) {
      const payment = held.get(id)
      if (payment !== undefined) {
        apply(payment, to, at, by, requestIndex)
      }
    },
    move(id, to, at, force) {
      const payment = find(id, at)
      if (payment === undefined) {
        return Either.left(new UnknownPayment({ provider, paymentId: id }))
      }
      if (!isStatus(machine, to) || (!force && !machine[payment.status].includes(to))) {
        return Either.left(new IllegalTransition({ provider, paymentId: id, from: payment.status, to }))
      }
      apply(payment, to, at, "Move", null)
      return Either.right(undefined)
    },
    record(id, at) {
      const payment = find(id, at)
      return payment && { provider, paymentId: id, status: payment.status, history: payment.history.slice() }
    },
    ids: () => Array.from(held.keys()),
    clear: () => held.clear()
  }
}
