import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { patience, root, run } from "./program.js"

/** Times and waits differ from run to run. */
const withoutTimes = (text: string) => text.replace(/\+?\d+\.\d+ s/g, "# s").replace(/ +/g, " ")

/** The demo's parts, by `provider, number`. */
const scenarios = (output: string): ReadonlyMap<string, string> =>
  new Map(
    output.split(/\n(?=\S.*\n=+\n)/).slice(1).flatMap((part) => {
      const [provider = ""] = part.split(/ \(|\n/)
      return part.split(/\n(?=\d+\. )/).slice(1).map((text) => [`${provider}, ${text.split(".")[0]}`, text] as const)
    })
  )

const expected: { readonly [scenario: string]: ReadonlyArray<string> } = {
  "WePay, 1": ["cancel 1 Acknowledged", "result Cancelled, evidence Response, 1 attempt", "pending -> canceled (changed once)"],
  "WePay, 2": [
    "cancel 1 Refused",
    "status StatusRead",
    "WePay.PaymentCannotBeCanceled, category NotCancellable, outcome NotCancelled",
    "handled its status is completed",
    "completed (never changed)"
  ],
  "WePay, 3": ["WePay.NotAuthorized, category Forbidden, outcome NotCancelled", "pending (never changed)"],
  "WePay, 4": ["cancel 1 Refused", "wait 1.00 s", "cancel 2 Acknowledged", "result Cancelled, evidence Response, 2 attempts"],
  "WePay, 5": ["cancel 1 MaybeApplied", "cancel 2 Acknowledged", "evidence Response, 2 attempts", "(changed once)"],
  "WePay, 6": ["cancel 1 MaybeApplied", "status StatusRead", "evidence StatusQuery, 1 attempt", "(changed once)"],
  "WePay, 7": [
    "cancel 1 MaybeApplied",
    "cancel 2 MaybeApplied",
    "CancelError.NoResponse, category Network, outcome Unknown",
    "idempotencyKey",
    "paymentStatus pending",
    "history[2] Status, StatusRead",
    "provider pending (never changed)",
    "result Cancelled, evidence Response, 1 attempt",
    "pending -> canceled (changed once)"
  ],
  "WalletConnect Pay, 1": ["result Cancelled, evidence Response, 1 attempt", "requires_action -> cancelled (changed once)"],
  "WalletConnect Pay, 2": [
    "status StatusRead",
    "WalletConnectPay.InvalidState, category NotCancellable, outcome NotCancelled",
    "handled its status is succeeded"
  ],
  "WalletConnect Pay, 3": ["WalletConnectPay.InvalidApiKey, category Unauthenticated, outcome NotCancelled"],
  "WalletConnect Pay, 4": ["wait 1.00 s", "cancel 2 Acknowledged", "result Cancelled"],
  "WalletConnect Pay, 5": [
    "cancel 1 MaybeApplied",
    "cancel 2 Refused",
    "status StatusRead",
    "result Cancelled, evidence StatusQuery, 2 attempts",
    "(changed once)"
  ],
  "WalletConnect Pay, 6": [
    "status StatusUnread",
    "CancelError.NoResponse, category Network, outcome Unknown",
    "paymentStatus not known",
    "result cancelled, standing Cancelled"
  ],
  "Stripe, 1": ["cancel 1 MaybeApplied", "status StatusRead", "result Cancelled, evidence StatusQuery, 1 attempt", "(changed once)"],
  "Stripe, 2": [
    "cancel 1 Refused",
    "result AlreadyCancelled, evidence StatusQuery",
    "cancel 1 Refused",
    "Stripe.PaymentIntentUnexpectedState, category NotCancellable, outcome NotCancelled"
  ],
  "Square, 1": ["cancel 1 Accepted", "result CancellationAcknowledged, identified by CreationKey", "APPROVED -> CANCELED (changed once)"],
  "Adyen, 1": [
    "cancel 1 Accepted",
    "result CancellationAccepted, evidence Response",
    "authorised (never changed)",
    "forged Notification.InvalidSignature",
    "webhook Cancelled, for the receipt M000000000000001",
    "authorised -> cancelled (changed once)"
  ],
  "Checkout.com, 1": ["cancel 1 Accepted", "status StatusRead", "result Cancelled, evidence StatusQuery, 1 attempt", "(changed once)"],
  "Klarna, 1": ["cancel 1 MaybeApplied", "status StatusRead", "result Cancelled, evidence StatusQuery, 1 attempt", "(changed once)"],
  "PayPal, 1": [
    "token NotAuthorized",
    "CancelError.NotSent, category Network, outcome NotCancelled",
    "(never changed)"
  ],
  "PayPal, 2": [
    "token Authorized",
    "cancel 1 Acknowledged",
    "result Cancelled, evidence Response, 1 attempt",
    "cancel 1 Acknowledged",
    "result Cancelled, evidence Response, 1 attempt"
  ]
}

describe("the demo", () => {
  it.effect("shows every kind of outcome at every provider, in less than 15 seconds", () =>
    Effect.gen(function*() {
      const demo = run("docs/examples/demo.ts", { bundled: true })
      const { code, output } = yield* demo
      assert.strictEqual(code, 0, output)
      const shown = scenarios(output)
      assert.deepStrictEqual([...shown.keys()], Object.keys(expected))
      for (const [scenario, texts] of Object.entries(expected)) {
        const text = shown.get(scenario)?.replace(/ +/g, " ") ?? ""
        let from = 0
        for (const part of texts) {
          const at = text.indexOf(part, from)
          assert.isAtLeast(at, 0, `${scenario} does not show, in this order: ${part}\n${text}`)
          from = at
        }
      }
      // Other work may share the machine: that only ever makes it slower.
      const isQuick = (output: string) => Number(/Done in ([\d.]+) s/.exec(output)?.[1]) < 15
      if (!isQuick(output)) assert.isTrue(isQuick((yield* demo).output), "it took too long, twice")

      // Plain text, no line much wider than a screen.
      assert.notInclude(output, "\u001b")
      assert.deepStrictEqual(output.split("\n").filter((line) => line.length > 110), [])

      // What the README quotes is what it prints.
      const [, quoted = ""] = /<!-- demo -->\n```text\n([\s\S]*?)```/.exec(readFileSync(`${root}README.md`, "utf8")) ?? []
      assert.notStrictEqual(quoted, "")
      assert.include(withoutTimes(output), withoutTimes(quoted))
    }), patience)
})
