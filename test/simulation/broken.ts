/**
 * Engines that break one promise each: the decision, the classifier, the provider's rules or
 * the surroundings are replaced, and the rest is the engine as it is. Each says which rules
 * it has to be caught by.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Option from "effect/Option"
import type { Decide, Situation, Step, Verdict } from "../../src/engine/decision.js"
import { type Authorizer, type Authorizing, type LayerParts, Means, type Session } from "../../src/engine/authorizer.js"
import type { CancelEvidence, Trace } from "../../src/engine/evidence.js"
import * as Notification from "../../src/Notification.js"
import type { Standing, Vocabulary } from "../../src/authoring/Answer.js"
import { isObject } from "../../src/sandbox/Emulator.js"
import type { DeclarationModule } from "../support/homes.js"
import type { Rule } from "./oracle/rules.js"
import { type Doubt, everything, type Facts } from "./facts.js"
import type { Engine } from "./simulate.js"

export interface Broken {
  readonly promise: string
  /** The seed to begin with, where none before it notices and looking for it takes long: 0 unless given. */
  readonly from?: number
  /**
   * The seed that notices it first, and as whom: a short run begins with this one alone, where it takes long to get
   * there. Should it notice nothing any more, it goes on as a long run does.
   */
  readonly first?: readonly [seed: number, as: string]
  readonly engine: Engine
  /** Who has what the promise is about; everybody, unless given. */
  readonly at?: (facts: Facts) => boolean
  readonly caughtBy: readonly [Rule, ...ReadonlyArray<Rule>]
}

const notifies = ({ webhooks }: Facts): boolean => webhooks !== null
const givesReceipt = ({ receipts }: Facts): boolean => receipts !== null
const confirms = (facts: Facts): boolean => notifies(facts) && givesReceipt(facts)
/** Accepts, and has a status that shows what becomes of it. */
const isAsked = (facts: Facts): boolean => givesReceipt(facts) && facts.hasStatusQuery
const refusesWithoutCode = ({ bare }: Facts): boolean => bare.length > 0
const statesPayment = (facts: Facts): boolean => facts.receipts === null && facts.namesPayment.Cancel
const statesCaptured = ({ captured }: Facts): boolean => captured !== null
const hasStatus = ({ hasStatusQuery }: Facts): boolean => hasStatusQuery
const hasKey = ({ honoursKey }: Facts): boolean => honoursKey
const leavesRunning = ({ stillRunning }: Facts): boolean => stillRunning.length > 0
const saysWhetherToSendAgain = ({ sendAgainHeader }: Facts): boolean => sendAgainHeader !== null
const isLicensed = ({ licence }: Facts): boolean => licence.length > 0
const needsToken = ({ token }: Facts): boolean => token !== null
const hasSilentSuccess = (facts: Facts): boolean => facts.hasSilentSuccess
const hasTellingRefusal = (facts: Facts): boolean => facts.hasTellingRefusal
const isRestricted = ({ licence }: Facts): boolean => licence.length < 4

/** An engine with another decision. */
const deciding = (change: (decide: Decide) => Decide): Engine => ({
  parts: (parts) => ({ ...parts, decide: change(parts.decide) })
})

/** An engine that is told another policy than the caller's. */
const bounded = (change: (situation: Situation<never, Vocabulary>["policy"]) => Situation<never, Vocabulary>["policy"]) =>
  deciding((decide) => (situation) => decide({ ...situation, policy: change(situation.policy) }))

/** An engine that takes some evidence of cancel requests for something else. */
const misjudging = (
  change: <E, V extends Vocabulary>(cancel: CancelEvidence<E, V>, nth: number, all: ReadonlyArray<CancelEvidence<E, V>>) => CancelEvidence<E, V>
): Engine =>
  deciding((decide) => (situation) => {
    const all = situation.rounds.map(({ cancel }) => cancel)
    return decide({ ...situation, rounds: situation.rounds.map((round, nth) => ({ ...round, cancel: change(round.cancel, nth, all) })) })
  })

/** An engine that takes another step than the right one. */
const misstepping = (
  change: <E, V extends Vocabulary>(step: Step<E, V>, situation: Situation<E, V>) => Step<E, V>
): Engine => deciding((decide) => (situation) => change(decide(situation), situation))

/** An engine that takes another step than the right one once the provider has accepted the request. */
const missteppingOnceAccepted = (
  change: <E, V extends Vocabulary>(
    step: Step<E, V>,
    accepted: Extract<CancelEvidence<E, V>, { readonly _tag: "Accepted" }>,
    situation: Situation<E, V>
  ) => Step<E, V>
): Engine =>
  misstepping((step, situation) => {
    const cancel = lastOf(situation)?.cancel
    return cancel?._tag === "Accepted" ? change(step, cancel, situation) : step
  })

/** An engine that leaves an accepted request as accepted, whatever its status shows. */
const leavingAccepted = (verdict: Verdict<never, Vocabulary>["_tag"]): Engine =>
  missteppingOnceAccepted((step, evidence) =>
    step._tag === "Settle" && step.verdict._tag === verdict
      ? { _tag: "Settle", verdict: { _tag: "Proved", evidence, afterDoubt: false } }
      : step)

/** An engine that is told another policy than the caller's once the provider has accepted the request. */
const boundedOnceAccepted = (change: (situation: Situation<never, Vocabulary>["policy"]) => Situation<never, Vocabulary>["policy"]): Engine =>
  deciding((decide) => (situation) =>
    decide(lastOf(situation)?.cancel._tag === "Accepted" ? { ...situation, policy: change(situation.policy) } : situation))

/** An engine that knows other things of the answers that have no code. */
const readingBare = (
  change: (byStatus: DeclarationModule["declaration"]["errors"]["byStatus"]) => DeclarationModule["declaration"]["errors"]["byStatus"]
): Engine => ({
  declaration: (declaration) => ({ ...declaration, errors: { ...declaration.errors, byStatus: change(declaration.errors.byStatus) } })
})

/** An engine for which a doubt is as good as a refusal. */
const refusing = (doubt: Doubt): Engine =>
  misjudging((cancel) =>
    cancel._tag === "MaybeApplied" && cancel.doubt === doubt
      ? { ...cancel, _tag: "Refused", entry: Option.none(), about: "Request", tryAgain: false }
      : cancel)

/** An engine that believes that statuses stand elsewhere. */
const standing = (change: (standing: Standing) => Standing): Engine => ({
  declaration: (declaration) => ({
    ...declaration,
    standings: Object.fromEntries(Object.entries(declaration.standings).map(([status, stands]) => [status, change(stands)]))
  })
})

/** An engine that takes what an exchange left behind for something else when it settles. */
const mistracing = (change: (trace: Trace) => Trace): Engine =>
  misstepping((step) =>
    step._tag === "Settle" && (step.verdict._tag === "Refused" || step.verdict._tag === "Unknown")
      ? traced(step.verdict, change)
      : step)

const traced = <E, V extends Vocabulary>(
  verdict: Extract<Verdict<E, V>, { readonly _tag: "Refused" | "Unknown" }>,
  change: (trace: Trace) => Trace
): Step<E, V> => ({
  _tag: "Settle",
  verdict: verdict._tag === "Refused"
    ? { ...verdict, evidence: { ...verdict.evidence, trace: change(verdict.evidence.trace) } }
    : { ...verdict, evidence: { ...verdict.evidence, trace: change(verdict.evidence.trace) } }
})

type Traced = { readonly trace: Trace }

/** A library that handles access tokens in another way. */
const authorizing = (
  change: <E>(authorizer: Authorizer<E>) => Authorizer<E>,
  partsOf: <E>(layer: LayerParts<E>, facts: Facts) => LayerParts<E> = (layer) => layer
): Engine => ({
  declaration: (declaration, facts) => ({
    ...declaration,
    authorization: (connection) => {
      const original = declaration.authorization?.(connection)
      if (!(original instanceof Means)) throw new Error(`${declaration.provider} needs no authorization`)
      return new Means((layer) => Effect.map(original.authorizer(partsOf(layer, facts)), change))
    }
  })
})

/** Its exchanges are made in another way. */
const sending = (
  change: (send: Authorizing<unknown, Traced>["send"]) => Authorizing<unknown, Traced>["send"]
): Engine =>
  authorizing(<E>(authorizer: Authorizer<E>): Authorizer<E> => ({
    ...authorizer,
    session: (clock): Session<E> => {
      const session = authorizer.session(clock)
      return {
        exchange: <A extends Traced>(authorizing: Authorizing<E, A>) =>
          Effect.suspend(() => {
            const ended: Array<A> = []
            const keep = Effect.map((each: A): Traced => {
              ended.push(each)
              return each
            })
            return session.exchange<Traced>({
              ...authorizing,
              send: change((request, timeout, mayRenew) => keep(authorizing.send(request, timeout, mayRenew))),
              unsent: (why) => keep(authorizing.unsent(why))
            }).pipe(Effect.flatMap(() => Effect.fromNullable(ended[0])), Effect.orDie)
          })
      }
    }
  }))

/** Its access tokens last so many seconds, whatever the provider says. */
const lasting = (seconds: number): Engine =>
  authorizing((authorizer) => authorizer, (layer, { token }) => ({
    ...layer,
    decode: (text) =>
      Option.map(layer.decode(text), (body) => token !== null && isObject(body) ? token.lasting(body, seconds) : body)
  }))

/** A library that makes something else of a verified notification. */
const misreading = (
  change: (notification: Notification.CancelNotification<string>) => Notification.CancelNotification<string>
): Engine => ({
  webhooks: (webhooks) => ({
    ...webhooks,
    read: (incoming, verification) => Effect.map(webhooks.read(incoming, verification), change)
  })
})

/** Every header in which a provider takes a key. */
const keyHeaders: ReadonlyArray<string> = everything.flatMap(({ keyHeader }) => keyHeader ?? [])

const longAgo = DateTime.unsafeMake(0)

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const lastOf = <E, V extends Vocabulary>({ rounds }: Situation<E, V>) => rounds.at(-1)

/** Every promise of the engine, broken. */
export const broken: ReadonlyArray<Broken> = [
  {
    promise: "a 2xx alone is no proof",
    from: 22,
    first: [22, "AuthorizeNet"],
    at: statesPayment,
    engine: {
      operation: (operation, facts) => ({
        ...operation,
        read: (answer, id) =>
          operation.read(isSuccess(answer.status) ? { ...answer, body: Option.some(facts.payment(id, facts.cancelled)) } : answer, id)
      })
    },
    caughtBy: ["FalseCancelled"]
  },
  {
    promise: "a 2xx alone says of no request that it was taken in",
    at: givesReceipt,
    engine: {
      operation: (operation, facts) => ({
        ...operation,
        read: (answer, id) =>
          operation.read(
            isSuccess(answer.status) && facts.receipts !== null ? { ...answer, body: Option.some(facts.receipts.make(id)) } : answer,
            id
          )
      })
    },
    caughtBy: ["FalseAccepted"]
  },
  {
    promise: "a request that was taken in is not refused",
    first: [1, "Adyen, cancel or refund"],
    at: givesReceipt,
    engine: misjudging((cancel) =>
      cancel._tag === "Accepted"
        ? {
          _tag: "Refused",
          trace: cancel.trace,
          entry: Option.none(),
          about: "Request",
          tryAgain: false,
          sendAgain: Option.none(),
          stated: Option.none()
        }
        : cancel),
    caughtBy: ["FalseNotCancelled"]
  },
  {
    promise: "a request that was accepted is no cancelled payment",
    first: [14, "CheckoutCom"],
    at: isAsked,
    engine: standing((stands) => stands === "Cancellable" ? "Cancelled" : stands),
    caughtBy: ["FalseCancelled"]
  },
  {
    promise: "what was accepted is asked for, until its status says what became of it",
    first: [5, "CheckoutCom"],
    at: isAsked,
    engine: missteppingOnceAccepted((step, evidence) =>
      step._tag === "ReadStatus" ? { _tag: "Settle", verdict: { _tag: "Proved", evidence, afterDoubt: false } } : step),
    caughtBy: ["GaveUpEarly"]
  },
  {
    promise: "what was accepted is asked for as often as the policy allows",
    first: [12, "CheckoutCom"],
    at: isAsked,
    engine: boundedOnceAccepted((policy) => ({ ...policy, statusReads: 1 })),
    caughtBy: ["GaveUpEarly"]
  },
  {
    promise: "what was accepted is asked for no more often than the policy allows",
    first: [23, "CheckoutCom"],
    at: isAsked,
    engine: boundedOnceAccepted((policy) => ({ ...policy, statusReads: policy.statusReads + 1 })),
    caughtBy: ["TooManyReads"]
  },
  {
    promise: "what was accepted is asked for with pauses",
    first: [12, "CheckoutCom"],
    at: isAsked,
    engine: missteppingOnceAccepted((step) => step._tag === "ReadStatus" ? { ...step, delay: 0 } : step),
    caughtBy: ["WaitTooShort"]
  },
  {
    promise: "what was accepted is asked for until the deadline, and no longer",
    from: 180,
    at: isAsked,
    engine: boundedOnceAccepted((policy) => ({ ...policy, deadline: policy.deadline * 2 })),
    caughtBy: ["DeadlineMissed"]
  },
  {
    promise: "what was accepted is not sent again",
    first: [3, "CheckoutCom"],
    at: isAsked,
    engine: missteppingOnceAccepted((step, _, { policy, rounds }) =>
      step._tag === "ReadStatus" && rounds.length < policy.attempts ? { ...step, _tag: "Send" } : step),
    caughtBy: ["WentOnAfterProof"]
  },
  {
    promise: "what was accepted, and is cancelled by its status, is cancelled",
    first: [3, "CheckoutCom"],
    at: isAsked,
    engine: leavingAccepted("ReadAsCancelled"),
    caughtBy: ["ProofIgnored"]
  },
  {
    promise: "what was accepted, and is closed by its status, is not cancelled",
    first: [42, "CheckoutCom"],
    at: isAsked,
    engine: leavingAccepted("ReadAsClosed"),
    caughtBy: ["ProofIgnored"]
  },
  {
    promise: "a payment that was cancellable was cancelled by the request that was accepted",
    first: [3, "CheckoutCom"],
    at: isAsked,
    engine: missteppingOnceAccepted((step) =>
      step._tag === "Settle" && step.verdict._tag === "ReadAsCancelled"
        ? { _tag: "Settle", verdict: { ...step.verdict, maybeOurs: false } }
        : step),
    caughtBy: ["FalseAlreadyCancelled"]
  },
  {
    promise: "a refusal without a code is what its status is documented to mean",
    first: [4, "CheckoutCom"],
    at: refusesWithoutCode,
    engine: readingBare(() => new Map()),
    caughtBy: ["WrongClass"]
  },
  {
    promise: "a refusal without a code is read back, where its status is about the payment",
    first: [1, "CheckoutCom"],
    at: (facts) => refusesWithoutCode(facts) && hasStatus(facts),
    engine: readingBare((byStatus) =>
      new Map([...byStatus].map(([status, entry]) => [status, { ...entry, row: { ...entry.row, about: "Request" } }]))),
    caughtBy: ["RefusalNotReadBack"]
  },
  {
    promise: "a notification is believed because of its signature, and not because of what it says",
    from: 14,
    first: [14, "Stripe"],
    at: notifies,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        read: ({ body }, verification) =>
          Effect.gen(function*() {
            const payload = JSON.parse(String(body))
            const now = yield* Clock.currentTimeMillis
            const event = { id: String(payload.id), at: now, paymentId: "", payload }
            return yield* webhooks.read(yield* webhooks.provider.sign(event, now, webhooks.provider.secret), verification)
          })
      })
    },
    caughtBy: ["ForgeryBelieved"]
  },
  {
    promise: "a notification that is played back is not believed",
    from: 14,
    first: [14, "AuthorizeNet"],
    at: notifies,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        read: (incoming, verification) =>
          webhooks.read(incoming, { ...verification, tolerance: webhooks.tolerance * 1.5 })
      })
    },
    caughtBy: ["ForgeryBelieved"]
  },
  {
    promise: "what cannot be believed is refused",
    at: notifies,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        read: (incoming, verification) =>
          Effect.mapError(webhooks.read(incoming, verification), ({ message, provider }) =>
            new Notification.MalformedNotification({ provider, message, answer: "Acknowledge", field: "body" }))
      })
    },
    caughtBy: ["ForgeryAcknowledged"]
  },
  {
    promise: "the secret of the webhooks is in no error",
    at: notifies,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        read: (incoming, verification) =>
          Effect.mapError(webhooks.read(incoming, verification), ({ provider }) =>
            new Notification.InvalidSignature({ provider, message: `no signature under ${webhooks.provider.secret}` }))
      })
    },
    caughtBy: ["SecretShown"]
  },
  {
    promise: "a notification is about the payment that was signed",
    at: notifies,
    engine: misreading((notification) => ({ ...notification, paymentId: "another-payment" })),
    caughtBy: ["UnfaithfulNotification"]
  },
  {
    promise: "a notification was received when it was verified, and its event happened when the provider says",
    at: notifies,
    engine: misreading((notification) => ({ ...notification, receivedAt: longAgo, occurredAt: Option.some(longAgo) })),
    caughtBy: ["UnfaithfulNotification"]
  },
  {
    promise: "an event that is delivered twice has one name",
    first: [2, "Airwallex"],
    at: notifies,
    engine: {
      webhooks: (webhooks) => {
        let delivered = 0
        return {
          ...webhooks,
          read: (incoming, verification) =>
            Effect.map(webhooks.read(incoming, verification), (notification) => {
              delivered += 1
              return { ...notification, notificationId: `${notification.notificationId} ${delivered}` }
            })
        }
      }
    },
    caughtBy: ["UnfaithfulNotification"]
  },
  {
    promise: "a notification confirms the request that it names",
    from: 81,
    at: confirms,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        confirm: (accepted, notification) =>
          webhooks.confirm({ ...accepted, receipt: { reference: Option.getOrElse(notification.reference, () => "") } }, notification)
      })
    },
    caughtBy: ["FalseConfirmation"]
  },
  {
    promise: "a notification confirms the request that it names, if it is this one",
    at: confirms,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        confirm: (accepted, notification) => webhooks.confirm(accepted, { ...notification, reference: Option.none() })
      })
    },
    caughtBy: ["ConfirmationMissed"]
  },
  {
    promise: "what is declined is one request, and not always the cancel",
    from: 95,
    at: confirms,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        confirm: (accepted, notification) => webhooks.confirm({ ...accepted, mayBeAcceptedTwice: false }, notification)
      })
    },
    caughtBy: ["FalseConfirmation"]
  },
  {
    promise: "what is declined is the whole cancel, if nothing else was sent",
    at: confirms,
    engine: {
      webhooks: (webhooks) => ({
        ...webhooks,
        confirm: (accepted, notification) => webhooks.confirm({ ...accepted, mayBeAcceptedTwice: true }, notification)
      })
    },
    caughtBy: ["ProofIgnored"]
  },
  {
    promise: "what an answer says about sending again overrules everything else",
    from: 386,
    at: saysWhetherToSendAgain,
    engine: {
      operation: (operation) => ({
        ...operation,
        read: (answer, id) => ({ ...operation.read(answer, id), sendAgain: Option.none() })
      })
    },
    caughtBy: ["UnlicensedResend", "RefusalResent"]
  },
  {
    promise: "an answer about another payment is no proof",
    from: 168,
    first: [168, "Klarna"],
    at: statesPayment,
    engine: {
      operation: (operation, facts) => ({
        ...operation,
        read: (answer, id) => {
          const json = Option.getOrNull(answer.body)
          const status = isObject(json) ? json["status"] : null
          return operation.read(typeof status === "string" ? { ...answer, body: Option.some(facts.payment(id, status)) } : answer, id)
        }
      })
    },
    caughtBy: ["FalseCancelled"]
  },
  {
    promise: "an unknown outcome sticks",
    first: [2, "Adyen"],
    at: isLicensed,
    engine: misjudging((cancel, nth, all) => {
      const last = all.at(-1)
      return cancel._tag === "MaybeApplied" && nth < all.length - 1 && last?._tag !== "MaybeApplied"
        ? { _tag: "NotSent", trace: cancel.trace, transient: true, entry: Option.none() }
        : cancel
    }),
    caughtBy: ["FalseNotCancelled"]
  },
  {
    promise: "a cancellable payment after a doubt settles nothing",
    from: 20,
    first: [20, "Square"],
    at: hasStatus,
    engine: misstepping((step, situation) => {
      const round = lastOf(situation)
      const read = round?.reads.at(-1)
      return round?.cancel._tag === "MaybeApplied" && read?._tag === "StatusRead" &&
          Option.contains(read.stated.standing, "Cancellable")
        ? { _tag: "Settle", verdict: { _tag: "ReadAsClosed", stated: read.stated } }
        : step
    }),
    caughtBy: ["FalseNotCancelled"]
  },
  {
    promise: "only what is known to come before the first byte is NotSent",
    first: [7, "Adyen, by merchant reference"],
    engine: { parts: (parts) => ({ ...parts, judgeTransport: () => ({ _tag: "NotSent", explanation: "lost", transient: true }) }) },
    caughtBy: ["FalseNotCancelled"]
  },
  { promise: "no answer is no refusal", first: [2, "Adyen"], engine: refusing("NoAnswer"), caughtBy: ["FalseNotCancelled"] },
  { promise: "a 5xx is no refusal", from: 70, engine: refusing("ServerError"), caughtBy: ["FalseNotCancelled"] },
  { promise: "a request that is still running is not refused", from: 18, first: [18, "WePay"], at: hasKey, engine: refusing("StillRunning"), caughtBy: ["FalseNotCancelled"] },
  {
    promise: "a status that leaves a request running is no refusal, whatever the body",
    from: 196,
    at: leavesRunning,
    engine: {
      operation: (operation) => ({
        ...operation,
        licence: (connection) => ({ ...operation.licence(connection), stillRunning: [] })
      })
    },
    caughtBy: ["FalseNotCancelled"]
  },
  {
    promise: "any other 4xx is a refusal",
    first: [1, "Stripe, Checkout Session"],
    engine: {
      operation: (operation) => ({
        ...operation,
        licence: (connection) => ({ ...operation.licence(connection), stillRunning: [400, 403, 404, 422, 451] })
      })
    },
    caughtBy: ["ProofIgnored"]
  },
  { promise: "an answer that proves nothing is no refusal", first: [5, "Adyen, by merchant reference"], engine: refusing("Unproven"), caughtBy: ["FalseNotCancelled"] },
  {
    promise: "a cancellable payment is not closed",
    from: 14,
    first: [14, "CheckoutCom"],
    at: hasStatus,
    engine: standing((stands) => stands === "Cancellable" ? "Closed" : stands),
    caughtBy: ["FalseNotCancelled"]
  },
  {
    promise: "a closed payment is not cancelled",
    first: [1, "AuthorizeNet"],
    at: hasStatus,
    engine: standing((stands) => stands === "Closed" ? "Cancelled" : stands),
    caughtBy: ["FalseCancelled"]
  },
  {
    promise: "a payment that can no longer be cancelled is a proof",
    from: 13,
    first: [13, "CheckoutCom"],
    at: hasStatus,
    engine: standing((stands) => stands === "Closed" ? "Cancellable" : stands),
    caughtBy: ["ProofIgnored"]
  },
  {
    promise: "AlreadyCancelled only if no request of this call did it",
    first: [3, "CheckoutCom"],
    at: hasStatus,
    engine: misstepping((step) =>
      step._tag === "Settle" && step.verdict._tag === "ReadAsCancelled"
        ? { _tag: "Settle", verdict: { ...step.verdict, maybeOurs: false } }
        : step),
    caughtBy: ["FalseAlreadyCancelled"]
  },
  {
    promise: "AlreadyCancelled if no request of this call can have done it",
    first: [1, "Airwallex"],
    at: hasStatus,
    engine: misstepping((step) =>
      step._tag === "Settle" && step.verdict._tag === "ReadAsCancelled"
        ? { _tag: "Settle", verdict: { ...step.verdict, maybeOurs: true } }
        : step),
    caughtBy: ["ProofIgnored", "ClaimWithoutProof"]
  },
  {
    promise: "a refusal about the payment is read back before it is believed",
    first: [1, "Airwallex"],
    at: hasStatus,
    engine: misstepping((step, situation) => {
      const round = lastOf(situation)
      return step._tag === "ReadStatus" && round?.cancel._tag === "Refused" &&
          situation.rounds.every(({ cancel }) => cancel._tag !== "MaybeApplied")
        ? { _tag: "Settle", verdict: { _tag: "Refused", evidence: round.cancel, stated: Option.none() } }
        : step
    }),
    caughtBy: ["RefusalNotReadBack"]
  },
  {
    promise: "a contradictory refusal is read back once more",
    from: 27,
    first: [27, "Stripe"],
    at: hasStatus,
    engine: misstepping((step, situation) => {
      const round = lastOf(situation)
      return step._tag === "ReadStatus" && round?.cancel._tag === "Refused" && round.reads.length > 0 &&
          situation.rounds.every(({ cancel }) => cancel._tag !== "MaybeApplied")
        ? { _tag: "Settle", verdict: { _tag: "Refused", evidence: round.cancel, stated: Option.none() } }
        : step
    }),
    caughtBy: ["ContradictionNotReadAgain"]
  },
  {
    promise: "before giving up with Unknown the status is read once more",
    first: [2, "AuthorizeNet"],
    at: hasStatus,
    engine: misstepping((step, situation) => {
      const round = lastOf(situation)
      return step._tag === "ReadStatus" && round?.cancel._tag === "MaybeApplied"
        ? { _tag: "Settle", verdict: { _tag: "Unknown", evidence: round.cancel, stated: Option.none() } }
        : step
    }),
    caughtBy: ["GaveUpUnread"]
  },
  {
    promise: "the error is the class of the last doubt",
    first: [4, "Adyen"],
    engine: misstepping((step, situation) => {
      if (step._tag !== "Settle" || step.verdict._tag !== "Unknown") return step
      const first = situation.rounds.map(({ cancel }) => cancel).find(({ _tag }) => _tag === "MaybeApplied")
      return first?._tag === "MaybeApplied" ? { _tag: "Settle", verdict: { ...step.verdict, evidence: first } } : step
    }),
    caughtBy: ["WrongClass"]
  },
  {
    promise: "a proof ends it",
    first: [3, "Airwallex"],
    engine: misjudging((cancel) =>
      cancel._tag === "Acknowledged" ? { _tag: "NotSent", trace: cancel.trace, transient: true, entry: Option.none() } : cancel),
    caughtBy: ["WentOnAfterProof"]
  },
  {
    promise: "nothing that may have been applied is sent again without a licence",
    first: [2, "AuthorizeNet"],
    at: isRestricted,
    engine: {
      operation: (operation) => ({
        ...operation,
        licence: (connection) => ({
          ...operation.licence(connection),
          after: ["NoAnswer", "ServerError", "StillRunning", "Unproven"]
        })
      })
    },
    caughtBy: ["UnlicensedResend"]
  },
  {
    promise: "a refused request is not sent again",
    first: [0, "Square, by creation key"],
    engine: misjudging((cancel) => cancel._tag === "Refused" ? { ...cancel, tryAgain: true } : cancel),
    caughtBy: ["RefusalResent"]
  },
  {
    promise: "a refused request is not sent again for a doubt that came before",
    from: 17,
    first: [30, "Airwallex"],
    engine: deciding((decide) => (situation) =>
      decide({
        ...situation,
        rounds: situation.rounds.map((round, nth) =>
          round.cancel._tag === "Refused" && situation.rounds.slice(0, nth).some(({ cancel }) => cancel._tag === "MaybeApplied")
            ? { ...round, cancel: { ...round.cancel, tryAgain: true } }
            : round)
      })),
    caughtBy: ["RefusalResent"]
  },
  {
    promise: "what may be sent again is sent again, while there are tries and time",
    first: [2, "Adyen"],
    at: isLicensed,
    engine: bounded((policy) => ({ ...policy, attempts: 1 })),
    caughtBy: ["GaveUpEarly"]
  },
  {
    promise: "a status is asked for again, while there are tries and time",
    first: [2, "AuthorizeNet"],
    at: hasStatus,
    engine: bounded((policy) => ({ ...policy, statusReads: 1 })),
    caughtBy: ["GaveUpEarly", "ContradictionNotReadAgain"]
  },
  {
    promise: "an attempt is given its time",
    first: [4, "Adyen"],
    engine: bounded((policy) => ({ ...policy, attemptTimeout: Math.ceil(policy.attemptTimeout / 10) })),
    caughtBy: ["GaveUpEarly"]
  },
  {
    promise: "a status query is given its time",
    first: [7, "Airwallex"],
    at: hasStatus,
    engine: bounded((policy) => ({ ...policy, statusTimeout: Math.ceil(policy.statusTimeout / 10) })),
    caughtBy: ["GaveUpEarly"]
  },
  {
    promise: "an error names the status that was read",
    first: [1, "AuthorizeNet"],
    at: hasStatus,
    engine: misstepping((step) =>
      step._tag === "Settle" && (step.verdict._tag === "Refused" || step.verdict._tag === "Unknown")
        ? { _tag: "Settle", verdict: { ...step.verdict, stated: Option.none() } }
        : step),
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "an error names the HTTP status of its answer",
    first: [0, "Square, by creation key"],
    engine: mistracing((trace) => ({ ...trace, httpStatus: Option.some(299) })),
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "an error names the delay that was asked for",
    from: 20,
    first: [20, "CheckoutCom"],
    engine: mistracing((trace) => ({ ...trace, retryAfter: Option.none() })),
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "a result names the exchange it rests on",
    engine: {
      operation: (operation) => ({
        ...operation,
        read: (answer, id) => ({ ...operation.read(answer, id), requestId: Option.some("another-request") })
      })
    },
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "a success says what was captured before",
    first: [1, "Stripe"],
    at: statesCaptured,
    engine: {
      operation: (operation) => ({
        ...operation,
        read: (answer, id) => {
          const reading = operation.read(answer, id)
          return { ...reading, payment: Option.map(reading.payment, (payment) => ({ ...payment, capturedAmount: Option.none() })) }
        }
      })
    },
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "a refusal about a payment that is closed keeps its class",
    first: [1, "AuthorizeNet"],
    at: hasStatus,
    engine: misstepping((step) =>
      step._tag === "Settle" && step.verdict._tag === "Refused" && Option.isSome(step.verdict.stated) &&
        Option.contains(step.verdict.stated.value.standing, "Closed")
        ? { _tag: "Settle", verdict: { _tag: "ReadAsClosed", stated: step.verdict.stated.value } }
        : step),
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "an event is about the payment that is cancelled",
    engine: { altered: (event) => ({ ...event, paymentId: "another-payment" }) },
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "a result says how the payment was named",
    engine: { operation: (operation) => ({ ...operation, identifiedBy: "MerchantReference" }) },
    caughtBy: ["UnfaithfulResult"]
  },
  {
    promise: "one logical cancel has one key",
    at: hasKey,
    engine: {
      client: (client) => {
        let sent = 0
        return HttpClient.mapRequest(client, (request) => {
          sent += 1
          const header = keyHeaders.find((name) => name in request.headers)
          return header === undefined ? request : HttpClientRequest.setHeader(request, header, `another-key-${sent}`)
        })
      }
    },
    caughtBy: ["OtherKey"]
  },
  {
    promise: "the bytes of every attempt are the same",
    first: [2, "Adyen"],
    at: isLicensed,
    engine: {
      client: (client) => {
        let sent = 0
        return HttpClient.mapRequest(client, (request) => {
          sent += 1
          return HttpClientRequest.setHeader(request, "x-attempt", String(sent))
        })
      }
    },
    caughtBy: ["OtherBytes"]
  },
  {
    promise: "attempts are bounded",
    first: [2, "Adyen"],
    engine: bounded((policy) => ({ ...policy, attempts: policy.attempts + 1 })),
    caughtBy: ["TooManyAttempts"]
  },
  {
    promise: "status queries are bounded",
    first: [2, "AuthorizeNet"],
    at: hasStatus,
    engine: bounded((policy) => ({ ...policy, statusReads: policy.statusReads + 1 })),
    caughtBy: ["TooManyReads"]
  },
  {
    promise: "the time of an attempt is bounded",
    first: [4, "Adyen"],
    engine: bounded((policy) => ({ ...policy, attemptTimeout: policy.attemptTimeout * 2 })),
    caughtBy: ["ExchangeTooLong"]
  },
  {
    promise: "the whole time is bounded",
    first: [0, "Airwallex"],
    engine: bounded((policy) => ({ ...policy, deadline: policy.deadline * 2 })),
    caughtBy: ["DeadlineMissed"]
  },
  {
    promise: "an asked delay is bounded",
    from: 41,
    first: [41, "CheckoutCom"],
    engine: bounded((policy) => ({ ...policy, maximumRetryAfter: 2 ** 31 - 1 })),
    caughtBy: ["SentUnasked"]
  },
  {
    promise: "an asked delay is kept",
    from: 27,
    first: [27, "CheckoutCom"],
    engine: misstepping((step, { policy }) =>
      step._tag === "Settle" ? step : { ...step, delay: Math.min(step.delay, policy.backoff.maximum) }),
    caughtBy: ["WaitTooShort"]
  },
  {
    promise: "an asked delay holds for status queries too",
    first: [5, "Klarna"],
    at: hasStatus,
    engine: misstepping((step) => step._tag === "ReadStatus" ? { ...step, delay: 0 } : step),
    caughtBy: ["WaitTooShort"]
  },
  {
    promise: "a delay that the policy allows is waited for",
    from: 20,
    first: [20, "CheckoutCom"],
    engine: bounded((policy) => ({ ...policy, maximumRetryAfter: 0 })),
    caughtBy: ["GaveUpEarly"]
  },
  {
    promise: "the backoff is kept",
    first: [3, "Airwallex"],
    engine: bounded((policy) => ({ ...policy, backoff: { ...policy.backoff, initial: 0 } })),
    caughtBy: ["WaitTooShort"]
  },
  {
    promise: "the size of an answer is bounded",
    from: 11,
    engine: {
      declaration: (declaration) => ({
        ...declaration,
        policy: { ...declaration.policy, maximumBodyBytes: 2 ** 30 }
      })
    },
    caughtBy: ["BodyTooLarge"]
  },
  {
    promise: "a result that its caller does not receive is told",
    from: 12,
    first: [24, "Adyen"],
    engine: { events: (event) => event._tag !== "Interrupted" || event.settled === null },
    caughtBy: ["SilentInterruption"]
  },
  {
    promise: "an interruption is not silent",
    first: [2, "Adyen, by merchant reference"],
    engine: { events: ({ _tag }) => _tag !== "Interrupted" },
    caughtBy: ["SilentInterruption"]
  },
  {
    promise: "a documented success that states nothing is no proof",
    from: 57,
    at: hasSilentSuccess,
    engine: {
      operation: (operation, facts) => ({
        ...operation,
        read: (answer, id) =>
          operation.read(
            isSuccess(answer.status) && Option.isNone(answer.body)
              ? { ...answer, body: Option.some(facts.payment(id, facts.cancelled)) }
              : answer,
            id
          )
      })
    },
    caughtBy: ["FalseCancelled"]
  },
  {
    promise: "a documented success that states nothing is no refusal",
    first: [3, "Klarna, the rest"],
    at: hasSilentSuccess,
    engine: refusing("Unconfirmed"),
    caughtBy: ["FalseNotCancelled"]
  },
  {
    promise: "a refusal that states the payment is a statement of it",
    first: [12, "AuthorizeNet"],
    at: hasTellingRefusal,
    engine: misjudging((cancel) => cancel._tag === "Refused" ? { ...cancel, stated: Option.none() } : cancel),
    caughtBy: ["WentOnAfterProof"]
  },
  {
    promise: "what was not sent for want of an access token did nothing",
    first: [20, "Airwallex"],
    at: needsToken,
    engine: misjudging((cancel) =>
      cancel._tag === "NotSent" && cancel.trace.explanation.startsWith("no token was issued")
        ? {
          _tag: "MaybeApplied",
          trace: cancel.trace,
          doubt: "NoAnswer",
          entry: Option.none(),
          sendAgain: Option.none(),
          stated: Option.none()
        }
        : cancel),
    caughtBy: ["ProofIgnored"]
  },
  {
    promise: "why an access token was refused is told",
    first: [20, "Airwallex"],
    at: needsToken,
    engine: misjudging((cancel) => cancel._tag === "NotSent" ? { ...cancel, entry: Option.none() } : cancel),
    caughtBy: ["WrongClass"]
  },
  {
    promise: "an access token that is refused is dropped",
    first: [11, "Airwallex"],
    at: needsToken,
    engine: sending((send) => (request, timeout, mayRenew) =>
      Effect.map(send(request, timeout, mayRenew), ({ trace }) => ({ trace: { ...trace, standsFor: Option.none() } }))),
    caughtBy: ["TokenMisused"]
  },
  {
    promise: "an access token is replaced once, and only if it was not just granted",
    first: [17, "PayPal"],
    at: needsToken,
    engine: sending((send) => (request, timeout) => send(request, timeout, true)),
    caughtBy: ["RefusalResent"]
  },
  {
    promise: "an access token that has expired is not used",
    first: [40, "Airwallex"],
    at: needsToken,
    engine: lasting(1_000_000_000),
    caughtBy: ["TokenMisused"]
  },
  {
    promise: "an access token that is still good is not replaced",
    at: needsToken,
    engine: lasting(0),
    caughtBy: ["TokenMisused"]
  },
  {
    promise: "no secret leaves",
    from: 17,
    first: [17, "Braintree"],
    engine: { declaration: (declaration) => ({ ...declaration, secrets: () => [] }) },
    caughtBy: ["SecretShown"]
  }
]
