/**
 * What happened in one play, on both sides. A diagram shows it, and needs to know nothing else.
 * All times are milliseconds since the play began.
 */

export type Side = "Caller" | "Provider"

export type Operation = "Cancel" | "Status" | "Authorization" | "Webhook"

/**
 * Where a message ends: on the other side, or on its way there; `where` is the part of the way that
 * it has gone, from 0 to 1.
 */
export type Fate =
  | { readonly _tag: "Arrives"; readonly at: number }
  | { readonly _tag: "Breaks"; readonly at: number; readonly where: number; readonly why: string }

/** A request, an answer or a notification. */
export interface Message {
  readonly from: Side
  readonly operation: Operation
  readonly label: string
  readonly leaves: number
  readonly fate: Fate
}

/** What is true of the payment from then on. */
export interface Truth {
  readonly at: number
  readonly status: string
  readonly is: "Cancelled" | "NotCancelled"
}

/** What the caller may claim from then on. */
export interface Claim {
  readonly at: number
  readonly is: "Nothing" | "Unknown" | "Accepted" | "Cancelled" | "NotCancelled"
  readonly because: string
}

/** What happened, in words. */
export interface Step {
  readonly at: number
  readonly who: Side
  readonly says: string
}

export interface History {
  readonly provider: string
  readonly messages: ReadonlyArray<Message>
  readonly truths: ReadonlyArray<Truth>
  readonly claims: ReadonlyArray<Claim>
  /** What the caller waits for without a request being under way. */
  readonly waits: ReadonlyArray<{ readonly from: number; readonly until: number; readonly says: string }>
  /** Where the caller cannot know, and what it would be wrong to say. */
  readonly remarks: ReadonlyArray<{ readonly at: number; readonly says: string; readonly costs: string }>
  readonly steps: ReadonlyArray<Step>
  readonly ends: number
}

/** What is in force at a time: the last that began before, or then. */
export const inForce = <A extends { readonly at: number }>(changes: ReadonlyArray<A>, at: number): A | undefined =>
  changes.filter((change) => change.at <= at).at(-1)
