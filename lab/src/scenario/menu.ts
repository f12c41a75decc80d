/**
 * The scenarios of the menu, each with the result that is documented for it.
 */
import type { Scenario } from "./Scenario.js"

export interface Entry {
  readonly title: string
  /** What to look at. */
  readonly lesson: string
  /** The `_tag` of what the caller is told, and with which outcome if it is an error. */
  readonly told: string
  /** What is true at the provider in the end. */
  readonly truth: "Cancelled" | "NotCancelled"
  readonly scenario: Scenario
}

export const menu: ReadonlyArray<Entry> = [
  {
    title: "A lost answer, found out by asking",
    lesson: "The payment is cancelled, and the answer is lost. \"Failed\" would have been a lie: the status is read, and shows it.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "WePay", cancel: ["lost-after"], attempts: 1 }
  },
  {
    title: "A lost answer, found out by the same key",
    lesson: "The same bytes are sent again under the same key, and the provider repeats its first answer. The payment changes once.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "Stripe", cancel: ["lost-after"] }
  },
  {
    title: "Nothing goes wrong",
    lesson: "The answer states that this payment is cancelled. That is the proof; a 200 alone would not be.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "Stripe" }
  },
  {
    title: "A request that arrives late",
    lesson: "The status still says pending, which proves nothing: the request may yet arrive. And it does, when others have long said \"failed\".",
    told: "CancelError.NoResponse, Unknown",
    truth: "Cancelled",
    scenario: { provider: "WePay", cancel: ["late"], forever: "yes", attempts: 1, statusReads: 2 }
  },
  {
    title: "A request that is lost before it is carried out",
    lesson: "Nobody can tell it from the one whose answer is lost. Sent again under the same key it is carried out, once.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "Stripe", cancel: ["lost-before"] }
  },
  {
    title: "A connection that was never made",
    lesson: "No byte has left. It is tried again, and if that never works the caller may say so: nothing was sent.",
    told: "CancelError.NotSent, NotCancelled",
    truth: "NotCancelled",
    scenario: { provider: "Square", cancel: ["refused"], forever: "yes" }
  },
  {
    title: "No answer, and the connection stays open",
    lesson: "The cancel does not wait for ever. What it sent is in doubt, so it finds out.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "Stripe", cancel: ["stalled"] }
  },
  {
    title: "A 500 that hides a cancelled payment",
    lesson: "Stripe stores a 500 under the key: the same key could only give the same 500 again. The status is read instead.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "Stripe", cancel: ["500-after"] }
  },
  {
    title: "Too many requests",
    lesson: "Nothing was done, and the provider says how long to wait. The wait is completed, then the same request is sent.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "WePay", cancel: ["429"] }
  },
  {
    title: "An answer about another payment",
    lesson: "It says 200 and \"cancelled\", of something else. It proves nothing of this payment.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "Square", cancel: ["wrong-payment"] }
  },
  {
    title: "A status that nobody has listed",
    lesson: "What a new status means is not guessed.",
    told: "Cancelled",
    truth: "Cancelled",
    scenario: { provider: "WePay", cancel: ["wrong-status"] }
  },
  {
    title: "A refusal that is believed",
    lesson: "The payment is captured. The refusal is about the payment, so the status is read before it is believed.",
    told: "WePay.PaymentCannotBeCanceled, NotCancelled",
    truth: "NotCancelled",
    scenario: { provider: "WePay", status: "completed" }
  },
  {
    title: "One refusal for two truths",
    lesson: "GoCardless refuses a payment that is cancelled already with the same words as one that is paid out. The status tells which.",
    told: "AlreadyCancelled",
    truth: "Cancelled",
    scenario: { provider: "GoCardless", status: "cancelled" }
  },
  {
    title: "Accepted, and confirmed by webhook twice",
    lesson: "\"Received\" is not \"cancelled\". The webhook says it; a second one changes nothing.",
    told: "CancellationAccepted",
    truth: "Cancelled",
    scenario: { provider: "Adyen", webhooks: "twice" }
  },
  {
    title: "Accepted, but too late",
    lesson: "The provider takes note of a cancel that it then declines. Whoever took the answer for a success has shipped nothing, and is paid.",
    told: "CancellationAccepted",
    truth: "NotCancelled",
    scenario: { provider: "Adyen", status: "captured", webhooks: "once" }
  },
  {
    title: "A forged webhook",
    lesson: "It is signed with another secret: it is refused, and nothing is known that was not known before. The genuine one follows.",
    told: "CancellationAccepted",
    truth: "Cancelled",
    scenario: { provider: "Adyen", webhooks: "forged" }
  },
  {
    title: "The status query is down as well",
    lesson: "What cannot be found out is said: Unknown, with the key under which it can be settled later.",
    told: "CancelError.NoResponse, Unknown",
    truth: "Cancelled",
    scenario: { provider: "WalletConnectPay", cancel: ["lost-after"], reads: ["500-before"], forever: "yes", attempts: 1, statusReads: 2 }
  },
  {
    title: "A caller that does not wait",
    lesson: "The request has left when the caller goes away. It is told what is in doubt, and under which key.",
    told: "Interrupted, Unknown",
    truth: "Cancelled",
    scenario: { provider: "Stripe", cancel: ["slow"], givesUpAfter: 1000 }
  }
]
