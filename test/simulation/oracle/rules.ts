/**
 * The rules, and what is said of a run that breaks one.
 */

/** The rules, and what each of them forbids. */
export const rules = {
  // Truth.
  FalseCancelled: "a success, while the payment is not cancelled",
  FalseAlreadyCancelled: "AlreadyCancelled, while a request of this call did it",
  FalseAccepted: "a request that is said to be taken in, while the provider never took it",
  FalseConfirmation: "what a notification is said to confirm is not what became of the payment",
  FalseNotCancelled: "NotCancelled, while a request of this call cancels the payment, then or later",
  // Evidence.
  ProofIgnored: "Unknown, or another result, where the evidence at hand was a proof",
  ClaimWithoutProof: "a definite claim that nothing at hand proves",
  WentOnAfterProof: "another request after a proof",
  RefusalNotReadBack: "a refusal about the payment is believed without reading the status",
  ContradictionNotReadAgain: "a refusal that the status contradicts is believed at once",
  ForgeryBelieved: "a notification that is forged, altered or played back is believed",
  ForgeryAcknowledged: "a notification that is forged or altered is acknowledged, and never comes again as it was",
  ConfirmationMissed: "a genuine notification is refused, or one of this very cancel is taken for another one's",
  GaveUpEarly: "a cancel or an exchange that is given up while there is licence, tries and time left",
  GaveUpUnread: "Unknown, without reading the status once more",
  WrongClass: "an error of another class than the evidence says",
  // Bounds.
  TooManyAttempts: "more cancel requests than the policy allows",
  TooManyReads: "more status queries after one cancel request than the policy allows",
  ExchangeTooLong: "an exchange that takes longer than the policy allows",
  DeadlineMissed: "more time than the policy allows",
  WaitTooLong: "a longer wait than the policy allows",
  SentUnasked: "a request after an answer that asked for a longer wait than the policy allows",
  WaitTooShort: "a shorter wait than the policy and the provider ask for",
  BodyTooLarge: "more of a body taken in than the policy allows",
  NeverEnds: "a cancel that never comes to an end",
  // Requests.
  OtherBytes: "another request under the same logical cancel",
  OtherKey: "another key under the same logical cancel, or a key where there should be none",
  UnlicensedResend: "a request sent again that may have been applied, where the provider gives no licence",
  RefusalResent: "a refused request sent again, where the provider does not invite it",
  TokenMisused: "a request with an access token that has expired or was refused, or one asked for without need",
  // Interruption.
  SilentInterruption: "a cancel cut short after a byte may have left, without an event",
  LeftOpen: "an exchange that goes on after the cancel gave up on it",
  CutShort: "a cancel cut short where nothing can be interrupted",
  LateExit: "a cancel that does not end when it is interrupted",
  // Outputs.
  SecretShown: "a secret in an output",
  Inconsistent: "an output that contradicts itself or another one",
  UnfaithfulResult: "a result that says other things than the exchange it rests on",
  UnfaithfulNotification: "a notification that says other things than the provider told",
  UnfaithfulHistory: "a history that is not what happened"
} as const

export type Rule = keyof typeof rules

export interface Violation {
  readonly rule: Rule
  readonly caller: number
  readonly words: string
}
