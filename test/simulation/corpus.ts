/**
 * Scenarios that once found something, as small as they go. They are data and not seeds, so
 * that they stay what they are when the making of scenarios changes.
 */
import { type AnswerPlan, calm, type CallerPlan, type ExchangePlan, type Fault, type Scenario, usualTurn } from "./scenario.js"

export interface Found {
  readonly found: string
  readonly scenario: Scenario
}

/** A scenario in which nothing happens but one patient cancel. */
export const quiet = (provider: string, status: string, changes: Partial<Scenario> = {}): Scenario => ({
  seed: 0,
  provider,
  status,
  createdAt: null,
  decidesIn: 1_000,
  callers: [patient()],
  exchanges: [],
  tokens: [],
  actors: [],
  lag: 0,
  freezes: [],
  wallJumps: [],
  operationsPerTurn: usualTurn,
  client: { deaf: false, filtersStatus: false, dialect: "undici" },
  sink: { _tag: "Prompt" },
  deliveries: [],
  inspected: true,
  ...changes
})

export const patient = (changes: Partial<CallerPlan> = {}): CallerPlan => ({
  startsAt: 0,
  key: null,
  policy: {},
  ending: { _tag: "Patient" },
  shielded: false,
  ...changes
})

const faulty = (fault: Fault): ExchangePlan => ({ ...calm, fault })

const answering = (answer: Partial<AnswerPlan>): Fault => ({
  point: "Sent",
  what: "Answer",
  answer: { status: 500, body: { _tag: "Empty" }, retryAfter: null, sendAgain: null, echoes: false, ...answer },
  lateBy: null
})

export const corpus: ReadonlyArray<Found> = [
  {
    found: "a Retry-After that is an HTTP date was not read",
    scenario: quiet("WePay", "canceled", {
      exchanges: [calm, faulty(answering({ status: 409, body: { _tag: "Html" }, retryAfter: 2_500 }))]
    })
  },
  {
    found: "a deadline of a millisecond left no time for the last status query",
    scenario: quiet("WalletConnectPay, app", "requires_action", { callers: [patient({ policy: { deadline: 1 } })] })
  },
  {
    found: "a slow handler of events made the cancel miss its deadline",
    scenario: quiet("WalletConnectPay, app", "processing", {
      callers: [patient({ policy: { deadline: 3_000 } })],
      sink: { _tag: "Slow", takes: 3_949.938 },
      exchanges: [calm, faulty({ point: "Sent", what: "Stall", lateBy: null })]
    })
  },
  {
    found: "a slow handler of events used up the time of every status query, over and over",
    scenario: quiet("WalletConnectPay, app", "requires_action", {
      callers: [patient({ policy: { attempts: 1, statusTimeout: 20, deadline: 1_000_000_000 } })],
      sink: { _tag: "Slow", takes: 71.317 },
      exchanges: [faulty({ point: "Sent", what: "Close", lateBy: 755.979 }), faulty(answering({ status: 400, body: { _tag: "Html" } }))]
    })
  },
  {
    found: "where nothing can be interrupted, an interruption from outside cut the request in the middle",
    scenario: quiet("WePay", "pending", {
      callers: [patient({ shielded: true, ending: { _tag: "Interrupt", when: { _tag: "During", exchange: 0, moment: "Sent" } } })]
    })
  },
  {
    found: "a handler of events that hangs used up the time of every attempt: nothing was ever sent",
    scenario: quiet("WalletConnectPay, merchant", "requires_action", {
      callers: [patient({ policy: { attemptTimeout: 200, deadline: 7_200_000 } })],
      sink: { _tag: "Hangs" }
    })
  },
  {
    found: "a notification that declined the second request hid that the first one, left unanswered, had cancelled the payment",
    scenario: quiet("Adyen, by merchant reference", "authorised", {
      exchanges: [faulty({ point: "Provider", what: "CrashAfter", isHeard: false })],
      deliveries: [{ event: 1, lateBy: 0, how: "Genuine" }]
    })
  },
  {
    found: "a handler of events held up a wait, which then began anew and went beyond the deadline",
    scenario: quiet("WalletConnectPay, merchant", "requires_action", {
      callers: [
        patient({ policy: { statusTimeout: 20, backoff: { initial: 900, factor: 1, maximum: 900, jitter: 0 }, deadline: 3_000 } })
      ],
      sink: { _tag: "Slow", takes: 5_090.092 },
      exchanges: [faulty({ point: "Connecting", what: "HandshakeReset" })]
    })
  }
]
