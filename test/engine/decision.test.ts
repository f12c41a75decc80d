import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { type Action, decide, lastTrace, type Round, type Situation, type Step, type Verdict, waitBeforeStatus } from "../../src/engine/decision.js"
import type { CancelEvidence, StatusEvidence } from "../../src/engine/evidence.js"
import type { Doubt } from "../../src/authoring/ResendLicence.js"
import * as arbitrary from "./arbitrary.js"
import type { E, V } from "./arbitrary.js"
import {
  acknowledged,
  doubtful,
  notSent,
  policy,
  read,
  refused,
  round,
  type Says,
  situation,
  stated,
  accepted,
  trace,
  unread
} from "./evidenceOf.js"
import { deepStrictEqual } from "./partly.js"
import { longOrShort } from "../support/extent.js"

type AnyStep = Step<E, V>

const isSettled = (step: AnyStep): step is Extract<AnyStep, { _tag: "Settle" }> => step._tag === "Settle"

const verdictOf = (step: AnyStep): Verdict<E, V> => {
  if (!isSettled(step)) return assert.fail(`expected a verdict, not ${step._tag}`)
  return step.verdict
}

const actionOf = (step: AnyStep): Action => {
  if (isSettled(step)) return assert.fail(`expected an action, not the verdict ${step.verdict._tag}`)
  return step
}

/** What the last answer asked for, in milliseconds; zero where it asked for nothing. */
const lastAsked = ({ rounds }: Situation<E, V>): number =>
  Option.match(Option.flatMap(lastTrace(rounds), ({ retryAfter }) => retryAfter), { onNone: () => 0, onSome: Duration.toMillis })

/** A step in one word, for tables. */
const word = (step: AnyStep): string => isSettled(step) ? step.verdict._tag : step._tag

const doubts: ReadonlyArray<Doubt> = ["NoAnswer", "ServerError", "StillRunning", "Unproven"]

const table = (
  rows: ReadonlyArray<readonly [name: string, situation: Situation<E, V>, step: string]>
) => {
  for (const [name, given, expected] of rows) {
    it(name, () => {
      assert.strictEqual(word(decide(given)), expected)
    })
  }
}

describe("the first request", () => {
  it("is sent at once, and leaves time for the last status query", () => {
    deepStrictEqual(decide(situation([], { elapsed: 0, policy: { deadline: 12_000 } })), {
      _tag: "Send",
      delay: 0,
      timeout: 9_000
    })
    deepStrictEqual(decide(situation([], { elapsed: 500, policy: { deadline: 13_000 } })), {
      _tag: "Send",
      delay: 0,
      timeout: 13_000 - 500 - 13_000 / 4
    })
  })
  it("has its own timeout where the deadline is far", () => {
    deepStrictEqual(decide(situation([], { elapsed: 0 })), { _tag: "Send", delay: 0, timeout: 10_000 })
  })
  it("keeps back no more than a status query may take", () => {
    const timeout = (statusTimeout: number) =>
      actionOf(decide(situation([], { elapsed: 0, policy: { deadline: 8_000, statusTimeout } }))).timeout
    assert.strictEqual(timeout(4_000), 6_000)
    assert.strictEqual(timeout(1_500), 6_500)
  })
  it("keeps nothing back where no status can be read", () => {
    assert.strictEqual(
      actionOf(decide(situation([], { elapsed: 0, canReadStatus: false, policy: { deadline: 8_000 } }))).timeout,
      8_000
    )
  })
  it("is not sent without any time to answer it", () => {
    const step = decide(situation([], { elapsed: 60_001 }))
    const verdict = verdictOf(step)
    assert(verdict._tag === "NotSent")
    assert.isFalse(verdict.evidence.transient)
    assert.strictEqual(verdict.evidence.trace.explanation, "the deadline was over before the request could be sent")
  })
})

describe("what is proved settles the cancel", () => {
  table([
    ["an acknowledgement", situation([round(acknowledged)]), "Proved"],
    ["an acknowledgement after doubts", situation([round(doubtful()), round(acknowledged)]), "Proved"],
    ["an accepted request, of which no status can be read", situation([round(accepted)], { canReadStatus: false }), "Proved"],
    ["an accepted request after doubts", situation([round(doubtful()), round(accepted)], { canReadStatus: false }), "Proved"],
    ["an accepted request, of which a status can be read", situation([round(accepted)]), "ReadStatus"],
    ["an accepted request that is not carried out yet", situation([round(accepted, read("Cancellable"))]), "ReadStatus"],
    ["an accepted request whose status was not read", situation([round(accepted, unread())]), "ReadStatus"],
    ["an accepted request that was carried out", situation([round(accepted, unread(), read("Cancelled"))]), "ReadAsCancelled"],
    ["an accepted request that came too late", situation([round(accepted, read("Closed"))]), "ReadAsClosed"],
    [
      "an accepted request of which nothing was shown in time",
      situation([round(accepted, read("Cancellable"), unread(), read("?"))]),
      "Proved"
    ],
    ["cancelled, read after a doubt", situation([round(doubtful(), read("Cancelled"))]), "ReadAsCancelled"],
    ["cancelled, read after a refusal", situation([round(refused("Payment"), read("Cancelled"))]), "ReadAsCancelled"],
    ["cancelled, stated by a refusal", situation([round(refused("Payment", { says: "Cancelled" }))]), "ReadAsCancelled"],
    ["closed, read after a doubt", situation([round(doubtful(), read("Closed"))]), "ReadAsClosed"],
    ["closed, stated by a doubtful answer", situation([round(doubtful("Unproven", { says: "Closed" }))]), "ReadAsClosed"],
    ["closed, read after a refusal about the payment", situation([round(refused("Payment"), read("Closed"))]), "Refused"],
    ["closed, stated by a refusal about the request", situation([round(refused("Request", { says: "Closed" }))]), "ReadAsClosed"],
    ["closed, read after something else was read", situation([round(doubtful(), read("Cancellable"), read("Closed"))]), "ReadAsClosed"],
    ["closed, read before a failed read", situation([round(doubtful(), read("Closed"), unread())]), "ReadAsClosed"],
    ["closed, though the refusal may be tried again", situation([round(refused("Payment", { tryAgain: true }), read("Closed"))]), "Refused"]
  ])

  it("carries the acknowledgement, and whether another request of ours may have been applied", () => {
    for (const evidence of [acknowledged, accepted]) {
      const proved = (...rounds: ReadonlyArray<Round<E, V>>) =>
        verdictOf(decide(situation([...rounds, round(evidence)], { canReadStatus: evidence._tag !== "Accepted" })))
      deepStrictEqual(proved(), { _tag: "Proved", evidence, afterDoubt: false })
      deepStrictEqual(proved(round(notSent())), { _tag: "Proved", evidence, afterDoubt: false })
      deepStrictEqual(proved(round(refused("Request", { tryAgain: true }))), { _tag: "Proved", evidence, afterDoubt: false })
      deepStrictEqual(proved(round(doubtful())), { _tag: "Proved", evidence, afterDoubt: true })
    }
  })
  it("a payment read as cancelled may be ours only if a request of ours may have been applied", () => {
    const maybeOurs = (...rounds: ReadonlyArray<Round<E, V>>) => {
      const verdict = verdictOf(decide(situation(rounds)))
      assert.strictEqual(verdict._tag, "ReadAsCancelled")
      return verdict._tag === "ReadAsCancelled" && verdict.maybeOurs
    }
    assert.isFalse(maybeOurs(round(refused("Payment"), read("Cancelled"))))
    assert.isFalse(maybeOurs(round(notSent()), round(refused("Payment"), read("Cancelled"))))
    assert.isTrue(maybeOurs(round(doubtful(), read("Cancelled"))))
    assert.isTrue(maybeOurs(round(doubtful()), round(refused("Payment"), read("Cancelled"))))
    assert.isTrue(maybeOurs(round(doubtful()), round(notSent(), read("Cancelled"))))
  })
  it("the last statement counts, and the answer's own where none was read", () => {
    const of = (...rounds: ReadonlyArray<Round<E, V>>) => {
      const verdict = verdictOf(decide(situation(rounds, { policy: { attempts: 1, statusReads: 2 } })))
      return "stated" in verdict && Option.isOption(verdict.stated)
        ? Option.map(verdict.stated, (_) => _.payment.status)
        : Option.none()
    }
    deepStrictEqual(of(round(refused("Request", { says: "?" }))), Option.some("status ?"))
    deepStrictEqual(of(round(refused("Payment", { says: "?" }), read("Cancellable"), read("Cancellable"))), Option.some("status Cancellable"))
    deepStrictEqual(of(round(doubtful(), read("Cancellable"), unread())), Option.some("status Cancellable"))
    deepStrictEqual(of(round(doubtful(), unread(), unread())), Option.none())
  })
  it("a refusal about the payment that the status confirms is its own error, with that status", () => {
    const refusal = refused("Payment")
    deepStrictEqual(verdictOf(decide(situation([round(refusal, read("Closed"))]))), {
      _tag: "Refused",
      evidence: refusal,
      stated: Option.some(stated("Closed"))
    })
  })
})

describe("nothing was sent", () => {
  table([
    ["it is sent again", situation([round(notSent())]), "Send"],
    ["but not if it will fare no better", situation([round(notSent(false))]), "NotSent"],
    ["but not more often than allowed", situation([round(notSent()), round(notSent()), round(notSent())]), "NotSent"],
    ["but not beyond the deadline", situation([round(notSent())], { elapsed: 56_000 }), "NotSent"],
    ["without any licence", situation([round(notSent())], { after: [] }), "Send"],
    ["without a doubt no status is read", situation([round(notSent(false))]), "NotSent"],
    ["after a doubt: the doubt stays, and it is sent again under its licence", situation([round(doubtful()), round(notSent())]), "Send"],
    ["after a doubt without a licence: the status is read", situation([round(doubtful()), round(notSent())], { after: [] }), "ReadStatus"],
    ["after a doubt, to no avail: the status is read", situation([round(doubtful()), round(notSent(false))]), "ReadStatus"],
    ["after a doubt, nothing left: unknown", situation([round(doubtful()), round(notSent(false), unread(), unread(), unread())]), "Unknown"]
  ])
})

describe("a refusal", () => {
  table([
    ["about the request is believed", situation([round(refused("Request"))]), "Refused"],
    ["about the payment is read back", situation([round(refused("Payment"))]), "ReadStatus"],
    ["about the payment, whose status cannot be read, is believed", situation([round(refused("Payment"))], { canReadStatus: false }), "Refused"],
    ["about the payment is read back again when the reading failed", situation([round(refused("Payment"), unread())]), "ReadStatus"],
    ["is believed when all readings failed", situation([round(refused("Payment"), unread(), unread(), unread())]), "Refused"],
    ["that the status contradicts is read once more", situation([round(refused("Payment"), read("Cancellable"))]), "ReadStatus"],
    ["that the status contradicts twice is believed", situation([round(refused("Payment"), read("Cancellable"), read("Cancellable"))]), "Refused"],
    ["that the status contradicts, then the reading fails, is read once more", situation([round(refused("Payment"), read("Cancellable"), unread())]), "ReadStatus"],
    ["whose status nobody knows is believed", situation([round(refused("Payment"), read("?"))]), "Refused"],
    ["that states an unknown status itself is believed", situation([round(refused("Payment", { says: "?" }))]), "Refused"],
    ["that states itself that it is cancellable is read once", situation([round(refused("Payment", { says: "Cancellable" }))]), "ReadStatus"],
    ["that states itself that it is cancellable, and so it is read, is believed", situation([round(refused("Payment", { says: "Cancellable" }), read("Cancellable"))]), "Refused"],
    ["about the request that states it is cancellable is believed", situation([round(refused("Request", { says: "Cancellable" }))]), "Refused"],
    ["that asks for patience is sent again", situation([round(refused("Request", { tryAgain: true }))]), "Send"],
    ["that asks for patience needs no licence", situation([round(refused("Request", { tryAgain: true }))], { after: [] }), "Send"],
    ["that asks for patience for ever is believed", situation([round(refused("Request", { tryAgain: true }))], { policy: { attempts: 1 } }), "Refused"],
    ["about the payment that asks for patience for ever is read back", situation([round(refused("Payment", { tryAgain: true }))], { policy: { attempts: 1 } }), "ReadStatus"],
    ["about the payment after which time is over is believed", situation([round(refused("Payment"))], { elapsed: 60_000 }), "Refused"]
  ])
  it("is what the error is built on", () => {
    const refusal = refused("Request")
    deepStrictEqual(verdictOf(decide(situation([round(notSent()), round(refusal)]))), {
      _tag: "Refused",
      evidence: refusal,
      stated: Option.none()
    })
  })
  it("is read back at once, and again after the backoff", () => {
    const delay = (...reads: ReadonlyArray<StatusEvidence<V>>) =>
      actionOf(decide(situation([round(refused("Payment"), ...reads)]))).delay
    assert.strictEqual(delay(), 0)
    assert.strictEqual(delay(unread()), 100)
    assert.strictEqual(delay(unread(), unread()), 200)
    assert.strictEqual(delay(read("Cancellable")), 100)
    assert.strictEqual(delay(unread("3 seconds")), 3_000)
    assert.strictEqual(delay(unread("3 seconds"), unread()), 200)
  })
  it("a provider's delay is kept to", () => {
    const delay = (retryAfter: Duration.DurationInput) =>
      actionOf(decide(situation([round(refused("Request", { tryAgain: true, retryAfter }))]))).delay
    assert.strictEqual(delay("7 seconds"), 7_000)
    assert.strictEqual(delay("20 seconds"), 20_000)
    assert.strictEqual(delay("1 millis"), 100)
    assert.strictEqual(delay(Duration.nanos(7_000_000_001n)), 7_001)
  })
  it("a provider's delay holds for whatever is sent next", () => {
    const retryAfter = "7 seconds"
    const next = (...rounds: ReadonlyArray<Round<E, V>>) => {
      const { _tag, delay } = actionOf(decide(situation(rounds, { after: [] })))
      return [_tag, delay]
    }
    deepStrictEqual(next(round(refused("Payment", { retryAfter }))), ["ReadStatus", 7_000])
    deepStrictEqual(next(round(doubtful("ServerError", { retryAfter }))), ["ReadStatus", 7_000])
    deepStrictEqual(next(round(doubtful("NoAnswer"), unread(retryAfter))), ["ReadStatus", 7_000])
    // What was asked for before was waited out before.
    deepStrictEqual(next(round(doubtful("ServerError", { retryAfter }), unread())), ["ReadStatus", 100])
    const licensed = situation([round(doubtful("Unproven"), unread(retryAfter))])
    assert.strictEqual(word(decide(licensed)), "Send")
    assert.strictEqual(actionOf(decide(licensed)).delay, 7_000)
  })
  it("nothing more is sent where the provider asks for more than the policy allows", () => {
    const retryAfter = Duration.millis(20_001)
    for (const [rounds, verdict] of [
      [[round(refused("Request", { tryAgain: true, retryAfter }))], "Refused"],
      [[round(refused("Payment", { retryAfter }))], "Refused"],
      [[round(refused("Payment"), unread(retryAfter))], "Refused"],
      [[round(doubtful("ServerError", { retryAfter }))], "Unknown"],
      [[round(doubtful("NoAnswer"), unread(retryAfter))], "Unknown"],
      [[round(doubtful("NoAnswer")), round(refused("Request", { tryAgain: true, retryAfter: "30 days" }))], "Unknown"]
    ] as const) {
      assert.strictEqual(word(decide(situation(rounds))), verdict)
    }
  })
  it("is not waited for beyond the deadline", () => {
    const given = { tryAgain: true, retryAfter: "20 seconds" } as const
    assert.strictEqual(word(decide(situation([round(refused("Request", given))], { elapsed: 35_000 }))), "Send")
    assert.strictEqual(word(decide(situation([round(refused("Request", given))], { elapsed: 35_001 }))), "Refused")
    assert.strictEqual(word(decide(situation([round(refused("Payment", given))], { elapsed: 35_001 }))), "ReadStatus")
  })
})

describe("a doubt", () => {
  table([
    ...doubts.map((doubt) =>
      [
        `${doubt}, licensed`,
        situation([round(doubtful(doubt))]),
        doubt === "Unproven" ? "ReadStatus" : "Send"
      ] as const
    ),
    ...doubts.map((doubt) =>
      [`${doubt}, not licensed`, situation([round(doubtful(doubt))], { after: doubts.filter((_) => _ !== doubt) }), "ReadStatus"] as const
    ),
    ...doubts.map((doubt) =>
      [
        `${doubt}, the only one licensed`,
        situation([round(doubtful(doubt), read("Cancellable"))], { after: [doubt] }),
        "Send"
      ] as const
    ),
    ["Unproven, licensed, no status to read", situation([round(doubtful("Unproven"))], { canReadStatus: false }), "Send"],
    ["Unproven, not licensed, no status to read", situation([round(doubtful("Unproven"))], { canReadStatus: false, after: [] }), "Unknown"],
    ["Unproven, then still cancellable: sent again", situation([round(doubtful("Unproven"), read("Cancellable"))]), "Send"],
    ["Unproven, then unread: sent again", situation([round(doubtful("Unproven"), unread())]), "Send"],
    ["still cancellable settles nothing without a licence", situation([round(doubtful(), read("Cancellable"))], { after: [] }), "ReadStatus"],
    ["still cancellable to the end is unknown", situation([round(doubtful(), read("Cancellable"), read("Cancellable"), read("Cancellable"))], { after: [] }), "Unknown"],
    ["an unknown status settles nothing", situation([round(doubtful(), read("?"), read("?"), read("?"))], { after: [] }), "Unknown"],
    ["one doubt without a licence forbids every resend", situation([round(doubtful("Unproven")), round(doubtful("NoAnswer"))], { after: ["NoAnswer"] }), "ReadStatus"],
    ["what the answer says about sending again overrules a licence", situation([round(doubtful("ServerError", { sendAgain: false }))]), "ReadStatus"],
    ["what the answer says about sending again overrules a missing licence", situation([round(doubtful("ServerError", { sendAgain: true }))], { after: [] }), "Send"],
    ["what one answer says about sending again is not said of another", situation([round(doubtful("NoAnswer")), round(doubtful("ServerError", { sendAgain: true }))], { after: [] }), "ReadStatus"],
    ["after the last attempt the status is read", situation([round(doubtful()), round(doubtful()), round(doubtful())]), "ReadStatus"],
    ["after the last attempt and the last read it is unknown", situation([round(doubtful(), unread(), unread(), unread())], { policy: { attempts: 1 } }), "Unknown"],
    ["after the last attempt, no status to read: unknown", situation([round(doubtful())], { policy: { attempts: 1 }, canReadStatus: false }), "Unknown"],
    ["when time is short the status is read instead of sending", situation([round(doubtful())], { elapsed: 56_000 }), "ReadStatus"],
    ["when time is over it is unknown", situation([round(doubtful())], { elapsed: 60_000 }), "Unknown"]
  ])
  it("is what the error is built on: the last one", () => {
    const last = doubtful("ServerError")
    const verdict = verdictOf(decide(situation([round(doubtful()), round(last), round(refused("Request"))], { elapsed: 60_000 })))
    deepStrictEqual(verdict, { _tag: "Unknown", evidence: last, stated: Option.none() })
  })
  it("is waited for as the provider asks", () => {
    assert.strictEqual(actionOf(decide(situation([round(doubtful("ServerError", { retryAfter: "5 seconds" }))]))).delay, 5_000)
  })
  it("backs off from one attempt to the next", () => {
    assert.strictEqual(actionOf(decide(situation([round(doubtful())]))).delay, 100)
    assert.strictEqual(actionOf(decide(situation([round(doubtful()), round(doubtful())]))).delay, 200)
    assert.strictEqual(actionOf(decide(situation([round(doubtful())], { jitter: 1 }))).delay, 50)
  })
})

describe("Unknown sticks", () => {
  const later: ReadonlyArray<CancelEvidence<E, V>> = [
    notSent(),
    notSent(false),
    refused("Request"),
    refused("Payment"),
    refused("Payment", { tryAgain: true }),
    refused("Request", { says: "Cancellable" }),
    refused("Payment", { says: "?" })
  ]
  for (const [index, evidence] of later.entries()) {
    it(`whatever comes after: ${evidence._tag} ${index}`, () => {
      const doubt = doubtful("ServerError")
      for (const says of [undefined, "Cancellable", "?"] as ReadonlyArray<Says | undefined>) {
        const reads = says === undefined ? [unread(), unread(), unread()] : [read(says), read(says), read(says)]
        const step = decide(situation([round(doubt), round(evidence, ...reads)], { after: [] }))
        assert.strictEqual(word(step), "Unknown")
        deepStrictEqual((verdictOf(step) as Extract<Verdict<E, V>, { _tag: "Unknown" }>).evidence, doubt)
      }
    })
  }
  table([
    ["a refusal about the request after a doubt is not sent again, but read", situation([round(doubtful()), round(refused("Request"))]), "ReadStatus"],
    ["a refusal about the request, read as cancellable, is not sent again", situation([round(doubtful()), round(refused("Request"), read("Cancellable"))]), "ReadStatus"],
    ["a refusal about the payment after a doubt is read first", situation([round(doubtful()), round(refused("Payment"))]), "ReadStatus"],
    ["a refusal about the payment, read as cancellable, is sent again", situation([round(doubtful()), round(refused("Payment"), read("Cancellable"))]), "Send"],
    ["a refusal that says no is not sent again, even if it is read as cancellable", situation([round(doubtful()), round(refused("Payment", { sendAgain: false }), read("Cancellable"))]), "ReadStatus"],
    ["a refusal that says yes is sent again at once", situation([round(doubtful()), round(refused("Payment", { sendAgain: true }))]), "Send"],
    ["a refusal that asks for patience is sent again", situation([round(doubtful()), round(refused("Request", { tryAgain: true }))]), "Send"],
    ["a refusal that asks for patience, without a licence, is read", situation([round(doubtful()), round(refused("Request", { tryAgain: true }))], { after: [] }), "ReadStatus"]
  ])
})

describe("time", () => {
  it("an action never reaches beyond the deadline, and a request leaves time for a status query", () => {
    const send = actionOf(decide(situation([round(doubtful())], { elapsed: 50_000 })))
    deepStrictEqual(send, { _tag: "Send", delay: 100, timeout: 60_000 - 50_000 - 100 - 4_000 })
    const query = actionOf(decide(situation([round(doubtful(), unread())], { elapsed: 58_000, after: [] })))
    deepStrictEqual(query, { _tag: "ReadStatus", delay: 100, timeout: 1_900 })
    const first = actionOf(decide(situation([round(doubtful())], { elapsed: 59_000, after: [] })))
    deepStrictEqual(first, { _tag: "ReadStatus", delay: 0, timeout: 1_000 })
    const ample = actionOf(decide(situation([round(doubtful())], { elapsed: 1_000, after: [] })))
    deepStrictEqual(ample, { _tag: "ReadStatus", delay: 0, timeout: 4_000 })
  })
  it("without a status to read, a request may take all the time there is", () => {
    const send = actionOf(decide(situation([round(doubtful())], { elapsed: 59_000, canReadStatus: false })))
    deepStrictEqual(send, { _tag: "Send", delay: 100, timeout: 900 })
  })
  it("after a wait that the provider asked for, there has to be time for an answer", () => {
    const asked = { tryAgain: true, retryAfter: "3 seconds" } as const
    const step = (left: number, policy: Partial<Situation<E, V>["policy"]>, retryAfter: Duration.DurationInput = "3 seconds") =>
      decide(situation([round(refused("Request", { ...asked, retryAfter }))], { elapsed: 60_000 - left, policy }))
    // The status query's 4 s are kept back.
    deepStrictEqual(step(8_000, {}), { _tag: "Send", delay: 3_000, timeout: 1_000 })
    assert.strictEqual(word(step(7_999, {})), "Refused")
    deepStrictEqual(step(7_300, { attemptTimeout: 300 }), { _tag: "Send", delay: 3_000, timeout: 300 })
    assert.strictEqual(word(step(7_299, { attemptTimeout: 300 })), "Refused")
    // Where nothing was asked for, any time will do.
    deepStrictEqual(step(4_101, {}, 0), { _tag: "Send", delay: 100, timeout: 1 })
    const short = (left: number) => decide(situation([round(refused("Request", asked))], { elapsed: 8_000 - left, policy: { deadline: 8_000 } }))
    deepStrictEqual(short(5_800), { _tag: "Send", delay: 3_000, timeout: 800 })
    assert.strictEqual(word(short(5_799)), "Refused")
    const query = (left: number) => decide(situation([round(doubtful("NoAnswer"), unread("3 seconds"))], { elapsed: 60_000 - left, after: [] }))
    deepStrictEqual(query(4_000), { _tag: "ReadStatus", delay: 3_000, timeout: 1_000 })
    assert.strictEqual(word(query(3_999)), "Unknown")
  })
  it("where a wait that the provider asked for leaves none to send again, the status is read after it", () => {
    const retryAfter = "10 seconds"
    for (const [given, tag] of [
      [round(doubtful("ServerError", { retryAfter })), "ReadStatus"],
      [round(refused("Payment", { tryAgain: true, retryAfter })), "ReadStatus"],
      [round(refused("Request", { tryAgain: true, retryAfter })), "Refused"]
    ] as const) {
      const step = decide(situation([given], { elapsed: 48_000 }))
      assert.strictEqual(word(step), tag)
      if (!isSettled(step)) deepStrictEqual([step.delay, step.timeout], [10_000, 2_000])
    }
  })
  it("nothing is done when no time is left", () => {
    assert.strictEqual(word(decide(situation([round(notSent())], { elapsed: 55_900 }))), "NotSent")
    assert.strictEqual(word(decide(situation([round(notSent())], { elapsed: 55_899 }))), "Send")
    assert.strictEqual(word(decide(situation([round(doubtful(), unread())], { elapsed: 59_900, after: [] }))), "Unknown")
    assert.strictEqual(word(decide(situation([round(doubtful(), unread())], { elapsed: 59_899, after: [] }))), "ReadStatus")
  })
})

describe("the wait before another status query", () => {
  const wait = (nth: number, asked?: Duration.DurationInput, jitter = 0, left = policy.deadline) =>
    Option.getOrNull(waitBeforeStatus({ policy, jitter, left }, nth, trace(asked)))
  it("multiplies, up to the maximum", () => {
    deepStrictEqual([0, 1, 2, 3, 4, 50].map((nth) => wait(nth)), [100, 200, 400, 800, 1_000, 1_000])
  })
  it("takes off at most the random share", () => {
    assert.strictEqual(wait(0, undefined, 1), 50)
    assert.strictEqual(wait(0, undefined, 0.5), 75)
  })
  it("is what the provider asks for, if that is longer", () => {
    assert.strictEqual(wait(1, "150 millis"), 200)
    assert.strictEqual(wait(1, "3 seconds"), 3_000)
    assert.strictEqual(wait(1, "20 seconds"), 20_000)
    assert.strictEqual(wait(1, 0), 200)
  })
  it("is none if the provider asks for more than the policy allows", () => {
    assert.isNull(wait(1, "20001 millis"))
    assert.isNull(wait(1, "1000 days"))
  })
  it("is none if the deadline leaves no time for a query after it", () => {
    assert.strictEqual(wait(0, undefined, 0, 101), 100)
    assert.isNull(wait(0, undefined, 0, 100))
    assert.strictEqual(wait(0, "3 seconds", 0, 4_000), 3_000)
    assert.isNull(wait(0, "3 seconds", 0, 3_999))
  })
})

const settledAsUnproven = new Set(["Refused", "NotSent", "Unknown"])

const hasDoubt = ({ rounds }: Situation<E, V>) => rounds.some((_) => _.cancel._tag === "MaybeApplied")

const runs = { fastCheck: { numRuns: longOrShort(500, 150) } }

describe("in any situation", () => {
  it.prop("a doubt that is not licensed is never sent again", [arbitrary.situation], ([given]) => {
    const unlicensed = given.rounds.some(({ cancel }) =>
      cancel._tag === "MaybeApplied" &&
      !Option.getOrElse(cancel.sendAgain, () => given.rules.licence.after.includes(cancel.doubt))
    )
    if (unlicensed) assert.notStrictEqual(decide(given)._tag, "Send")
  }, runs)

  it.prop("after a doubt nothing but a proof denies the cancel", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (!isSettled(step) || !hasDoubt(given)) return
    const { verdict } = step
    assert.notStrictEqual(verdict._tag, "NotSent")
    if (verdict._tag === "Refused") {
      assert.isTrue(Option.exists(verdict.stated, (_) => Option.contains(_.standing, "Closed")))
    }
    if (verdict._tag === "Unknown") {
      assert.strictEqual(verdict.evidence, given.rounds.map((_) => _.cancel).findLast((_) => _._tag === "MaybeApplied"))
    }
  }, runs)

  it.prop("without a doubt nothing is unknown", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (isSettled(step) && !hasDoubt(given)) assert.notStrictEqual(step.verdict._tag, "Unknown")
  }, runs)

  it.prop("cancelled is said only of what was acknowledged or read as cancelled", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (!isSettled(step)) return
    const { verdict } = step
    const last = given.rounds.at(-1)!
    if (verdict._tag === "Proved") assert.strictEqual(verdict.evidence, last.cancel)
    if (verdict._tag === "ReadAsCancelled") {
      assert.isTrue(Option.contains(verdict.stated.standing, "Cancelled"))
      assert.strictEqual(verdict.maybeOurs, hasDoubt(given) || last.cancel._tag === "Accepted")
    }
    if (verdict._tag === "ReadAsClosed") assert.isTrue(Option.contains(verdict.stated.standing, "Closed"))
    if (!settledAsUnproven.has(verdict._tag) && "stated" in verdict && !Option.isOption(verdict.stated)) {
      const all = [...last.reads.flatMap((_) => _._tag === "StatusRead" ? [_.stated] : []), ..."stated" in last.cancel ? Option.toArray(last.cancel.stated) : []]
      assert.include(all, verdict.stated)
    }
  }, runs)

  it.prop("there are never more requests or reads than allowed", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (given.rounds.length >= given.policy.attempts) assert.notStrictEqual(step._tag, "Send")
    if (given.rounds.at(-1)!.reads.length >= given.policy.statusReads) assert.notStrictEqual(step._tag, "ReadStatus")
    if (!given.rules.canReadStatus) assert.notStrictEqual(step._tag, "ReadStatus")
  }, runs)

  it.prop("every wait and every exchange fits into the policy", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (isSettled(step)) return
    const { backoff, deadline, maximumRetryAfter } = given.policy
    assert.isAtLeast(step.delay, 0)
    assert.isAtMost(step.delay, Math.max(backoff.maximum, maximumRetryAfter))
    assert.isAbove(step.timeout, 0)
    assert.isAtMost(step.timeout, step._tag === "Send" ? given.policy.attemptTimeout : given.policy.statusTimeout)
    assert.isAtMost(given.elapsed + step.delay + step.timeout, deadline + 1e-6)
  }, runs)

  it.prop("nothing is sent earlier than the last answer asked for", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (!isSettled(step)) assert.isAtLeast(step.delay, lastAsked(given))
  }, runs)

  it.prop("a refusal about the payment is believed unread only if it cannot be read", [arbitrary.situation], ([given]) => {
    const step = decide(given)
    if (!isSettled(step) || step.verdict._tag !== "Refused" || step.verdict.evidence.about === "Request") return
    const { reads } = given.rounds.at(-1)!
    assert.isTrue(
      Option.isSome(step.verdict.stated) || !given.rules.canReadStatus || reads.length >= given.policy.statusReads ||
        given.elapsed + Math.max(given.policy.maximumRetryAfter, given.policy.backoff.maximum) >= given.policy.deadline ||
        given.elapsed >= given.policy.deadline || lastAsked(given) > given.policy.maximumRetryAfter
    )
  }, runs)
})

describe("any cancel, carried through", () => {
  interface Played {
    readonly given: Situation<E, V>
    readonly verdict: Verdict<E, V>
    readonly steps: number
  }

  const streams = FastCheck.record({
    policy: arbitrary.policy,
    rules: arbitrary.rules,
    cancels: FastCheck.array(arbitrary.cancelEvidence, { minLength: 5, maxLength: 5 }),
    statuses: FastCheck.array(arbitrary.statusEvidence, { minLength: 20, maxLength: 20 }),
    // What share of its timeout each exchange takes; a lost answer takes all of it.
    shares: FastCheck.array(FastCheck.oneof(FastCheck.double({ min: 0, max: 1, noNaN: true }), FastCheck.constant(1)), {
      minLength: 25,
      maxLength: 25
    }),
    jitter: FastCheck.double({ min: 0, max: 1, noNaN: true })
  })

  type Stream = typeof streams extends FastCheck.Arbitrary<infer T> ? T : never

  const play = ({ cancels, jitter, policy, rules, shares, statuses }: Stream): Played => {
    let rounds: ReadonlyArray<Round<E, V>> = []
    let elapsed = 0
    let queries = 0
    for (let steps = 0; steps <= policy.attempts * (1 + policy.statusReads); steps++) {
      const given = { rules, policy, rounds, elapsed, jitter }
      const step = decide(given)
      if (isSettled(step)) return { given, verdict: step.verdict, steps }
      elapsed += step.delay + step.timeout * shares[steps]!
      rounds = step._tag === "Send"
        ? [...rounds, round(cancels[rounds.length]!)]
        : rounds.with(-1, { ...rounds.at(-1)!, reads: [...rounds.at(-1)!.reads, statuses[queries++]!] })
    }
    return assert.fail("it does not end")
  }

  it.prop("ends, in time", [streams], ([stream]) => {
    const { given } = play(stream)
    assert.isAtMost(given.elapsed, stream.policy.deadline + 1e-6)
  }, runs)

  it.prop("is unknown only after its last request was read back, if that can be done", [streams], ([stream]) => {
    const { given, verdict } = play(stream)
    const asked = lastAsked(given)
    // After a wait that was asked for, there has to be a tenth of the deadline left.
    const mayRead = asked <= given.policy.maximumRetryAfter && (asked === 0 || given.elapsed + asked < given.policy.deadline * 0.9)
    if (verdict._tag === "Unknown" && stream.rules.canReadStatus && mayRead) {
      assert.isAtLeast(given.rounds.at(-1)!.reads.length, 1)
    }
  }, runs)
})
