/**
 * What every signed webhook promises, whoever signs it and however: nothing is believed that the
 * provider has not signed, with this secret and in time; what is refused says so, and shows neither
 * secret nor signature; and what is believed is the same again, and in a journal.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Notification } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { inspect } from "node:util"
import { vi } from "vitest"
import { key, now } from "../support/genuine.js"
import { cancelOf, type Home, homes, verifierOf } from "../support/homes.js"
import { ample } from "../support/inSandbox.js"
import type { Told, Webhooks } from "../support/ProviderFacts.js"

const paymentId = "pay_€"
const otherKey = "fedcba9876543210fedcba9876543210"
const thirdKey = "00112233445566770011223344556677"

/** Longer than any tolerance. */
const year = 365 * 86_400

type Verify = Notification.Verifier<string>
type Case = readonly [name: string, incoming: Told, verification?: Partial<Notification.Verification>]

const secrets = (...shown: ReadonlyArray<string>) => ({ secret: shown.map((each) => Redacted.make(each)) })

const upper = (headers: Told["headers"]) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))

const saying = ({ _tag, answer, provider }: Notification.NotificationError) => `${_tag} ${provider} ${answer}`

/** It survives a journal. */
const journaled = ({ CancelNotification }: Home["library"], notification: Notification.CancelNotification<string>) => {
  const schema = Schema.parseJson(CancelNotification ?? Notification.CancelNotification(notification.provider))
  assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(notification)), notification, "in a journal")
}

const suite = (home: Home, verify: Verify, webhooks: Webhooks) => {
  const { facts: { name: provider }, library } = home

  /** As the provider signs it: a cancel of a payment, in time, with the key of the endpoint. */
  const signing = ({ at = now, by = key, of = paymentId, written = (body: string) => body } = {}) => {
    const signed = webhooks.genuine(of, by, at, written)
    return { ...signed, told: signed.sent(signed.signature) }
  }
  const own = signing()
  const { secret, sent, signature, told: given } = own

  /** What the facts say of the signature without saying it. */
  const isInHeader = Object.keys(given.headers).length > 0
  const isOfTime = signing({ at: now + 1 }).signature !== signature
  /** Every delivery has a time of its own; otherwise it is the event's. */
  const isOfDelivery = signing({ at: now + 1 }).sent("").body === sent("").body

  const read = (incoming: Notification.Incoming, verification: Partial<Notification.Verification> = {}, at = now * 1000) =>
    Effect.zipRight(TestClock.setTime(at), verify(incoming, { secret: Redacted.make(secret), ...verification }))

  /** What is believed. */
  const believed = (incoming: Notification.Incoming, name: string, verification?: Partial<Notification.Verification>, at?: number) =>
    Effect.gen(function*() {
      const result = yield* Effect.either(read(incoming, verification, at))
      if (result._tag === "Left") return assert.fail(`${name}: ${result.left.message}`)
      assert.deepInclude(result.right, { provider, paymentId, decision: "Cancelled" }, name)
      return result.right
    })

  /** Why it is not; no error shows what would let somebody else sign, or be believed. */
  const refused = <Tag extends Notification.NotificationError["_tag"]>(
    tag: Tag,
    answer: Notification.NotificationError["answer"],
    incoming: Notification.Incoming,
    name: string,
    verification?: Partial<Notification.Verification>,
    at?: number
  ) =>
    Effect.gen(function*() {
      const result = yield* Effect.either(read(incoming, verification, at))
      assert(result._tag === "Left", `${name}: was believed`)
      const { left: error } = result
      assert.strictEqual(saying(error), `${tag} ${provider} ${answer}`, name)
      for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error), String(error)]) {
        for (const hidden of [secret, key, signature]) assert.notInclude(shown, hidden, name)
      }
      return error as Extract<Notification.NotificationError, { readonly _tag: Tag }>
    })

  it.effect("is believed as text and as bytes, with headers in any case, and is the same twice and in a journal", () =>
    Effect.gen(function*() {
      const notification = yield* believed(given, "text")
      assert.deepStrictEqual(notification.receivedAt, DateTime.unsafeMake(now * 1000))
      for (
        const again of [
          given,
          { ...given, body: new TextEncoder().encode(given.body) },
          { ...given, headers: upper(given.headers) },
          { ...given, headers: new Headers({ ...given.headers }) }
        ]
      ) {
        assert.deepStrictEqual(yield* believed(again, "again"), notification)
      }
      journaled(library, notification)
    }))

  it.effect("is refused where it is forged, altered, cut, or checked with another secret", () => {
    const bytes = Buffer.from(signature, webhooks.encoding)
    const bearing = (signature: Uint8Array) => sent(Buffer.from(signature).toString(webhooks.encoding))
    const another = signing({ by: otherKey })
    const byNobody = signing({ by: "" })
    const cases: ReadonlyArray<Case> = [
      ["signed with another secret", another.told],
      ["signed with nothing", byNobody.told],
      ["a made-up signature", bearing(Buffer.alloc(bytes.length))],
      ["the signature of another notification", sent(signing({ of: "pay_2" }).signature)],
      ["a signature of no form", sent("*".repeat(signature.length))],
      ["half a signature", bearing(bytes.subarray(0, bytes.length / 2))],
      ["a signature without its last byte", bearing(bytes.subarray(0, -1))],
      ["a signature with one byte more", bearing(Buffer.concat([bytes, Buffer.alloc(1)]))],
      // Where nothing else stands in the header, it is as if there were none.
      ...Object.values(sent("").headers).includes("") ? [] : [["an empty signature", sent("")]] satisfies ReadonlyArray<Case>,
      ["another payment", { ...given, body: given.body.replace(paymentId, "pay_2") }],
      ["another meaning", { ...given, body: webhooks.forge(given.body) }],
      ...isInHeader
        ? [
          ["one byte more", { ...given, body: `${given.body} ` }],
          ["one byte less", { ...given, body: given.body.slice(0, -1) }],
          ["the body printed anew", { ...given, body: JSON.stringify(JSON.parse(given.body), null, 2) }]
        ] satisfies ReadonlyArray<Case>
        : [],
      ["checked with another secret", given, secrets(webhooks.otherSecret)],
      ["checked with a part of the secret", given, secrets(secret.slice(1), secret.slice(0, -1))],
      ["checked with a secret of no form", given, secrets("*", `${secret}*`)],
      ["checked with an empty secret", byNobody.told, secrets("", byNobody.secret)],
      ["checked with no secret", given, secrets()]
    ]
    return Effect.forEach(cases, ([name, incoming, verification]) =>
      refused("Notification.InvalidSignature", "Refuse", incoming, name, verification))
  })

  it.effect("is refused with the reason where no secret is one, which is nobody's forgery", () =>
    Effect.gen(function*() {
      for (const none of [secrets(""), secrets("", "")]) {
        const { message } = yield* refused("Notification.InvalidSignature", "Refuse", given, "no secret is one", none)
        assert.include(message, "the secret is empty, or no such one")
      }
      const { message } = yield* refused("Notification.InvalidSignature", "Refuse", given, "another one", secrets(webhooks.otherSecret))
      assert.include(message, "or the secret is another one")
    }))

  it.effect("is refused for its signature even where it is of the wrong time or form: that is checked first", () =>
    Effect.gen(function*() {
      const old = signing({ by: otherKey, at: now - year })
      yield* refused("Notification.InvalidSignature", "Refuse", old.told, "too old")
      if (!isInHeader) return
      for (const body of ["{", "", "null", "{}"]) {
        const { told } = signing({ by: otherKey, at: now - year, written: () => body })
        yield* refused("Notification.InvalidSignature", "Refuse", told, body)
      }
    }))

  it.effect("while a secret is replaced, what either has signed is believed", () =>
    Effect.gen(function*() {
      const [next, third] = [signing({ by: otherKey }), signing({ by: thirdKey })]
      for (const both of [secrets(secret, next.secret), secrets(next.secret, secret)]) {
        yield* believed(given, "the one", both)
        yield* believed(next.told, "the other", both)
        yield* refused("Notification.InvalidSignature", "Refuse", third.told, "a third", both)
      }
      if (!webhooks.several) return
      for (const signatures of [[signature, next.signature], [third.signature, signature], [signature, "*"]]) {
        yield* believed(sent(...signatures), `signed ${signatures.join(" and ")}`)
      }
      yield* refused("Notification.InvalidSignature", "Refuse", sent(next.signature, third.signature), "by two others")
    }))

  // How long a verification takes tells nothing of how much of a signature fits: the platform compares
  // in constant time, and under each secret, whether or not one of them fits already.
  it.effect("is compared by the platform, under every secret", () =>
    Effect.gen(function*() {
      const { otherSecret: other } = webhooks
      const compared = vi.spyOn(globalThis.crypto.subtle, "verify")
      for (const shown of [[secret, other, other], [other, other, secret]]) {
        yield* believed(given, "by one of three", secrets(...shown))
        assert.lengthOf(compared.mock.calls.splice(0), 3)
      }
      yield* refused("Notification.InvalidSignature", "Refuse", given, "by none of three", secrets(other, other, other))
      assert.lengthOf(compared.mock.calls, 3)
      compared.mockRestore()
    }))

  describe(isOfDelivery ? "is played again later" : "is delivered late", () => {
    const answer = isOfDelivery ? "Refuse" : "Acknowledge"

    for (
      const [title, milliseconds, verification] of [
        ["what is tolerated", webhooks.tolerance, {}],
        ["the 10 seconds that were chosen", 10_000, { tolerance: "10 seconds" }],
        ["the year that was chosen", year * 1000, { tolerance: year * 1000 }]
      ] as const
    ) {
      it.effect(`and is believed up to ${title} after and before its time, and no millisecond more`, () =>
        Effect.gen(function*() {
          for (const way of [1, -1]) {
            yield* believed(given, `by ${way * milliseconds} ms`, verification, now * 1000 + way * milliseconds)
            for (const by of [way * (milliseconds + 1), way * milliseconds * 2]) {
              const at = now * 1000 + by
              const error = yield* refused("Notification.TimestampOutOfTolerance", answer, given, `by ${by} ms`, verification, at)
              assert.deepStrictEqual([DateTime.toEpochMillis(error.timestamp), Duration.toMillis(error.tolerance)], [now * 1000, milliseconds])
              assert.include(error.message, `more than ${Duration.format(error.tolerance)} from now`)
            }
          }
        }))
    }

    if (isOfTime) {
      it.effect("and nothing makes it younger or older: its time is signed", () =>
        Effect.gen(function*() {
          for (const [at, claimed] of [[now - year, now], [now + year, now], [now, now - 1], [now, now + 1], [now, now + year]] as const) {
            const forged = signing({ at: claimed }).sent(signing({ at }).signature)
            yield* refused("Notification.InvalidSignature", "Refuse", forged, `${claimed} in place of ${at}`)
          }
          if (!isOfDelivery) return
          const headers = Object.fromEntries(Object.entries(given.headers).map(([name, value]) => [name, value.replace(`${now}`, `0${now}`)]))
          yield* refused("Notification.InvalidSignature", "Refuse", { ...given, headers }, "the same time, written otherwise")
        }))
    }
  })

  describe("is malformed", () => {
    if (isInHeader) {
      it.effect("without a signature: nothing in it can be believed", () =>
        Effect.gen(function*() {
          for (const name of Object.keys(given.headers)) {
            for (const value of [undefined, "", " \t"]) {
              const without = { ...given, headers: { ...given.headers, [name]: value } }
              const { field } = yield* refused("Notification.MalformedNotification", "Refuse", without, `${name}: ${value}`)
              assert.strictEqual(field, name)
            }
          }
          const { field } = yield* refused("Notification.MalformedNotification", "Refuse", { ...given, headers: {} }, "no headers")
          assert.include(Object.keys(given.headers), field)
        }))
    }

    it.effect("without a body that is JSON of its form", () =>
      Effect.gen(function*() {
        for (const body of ["not JSON", "", " ", "{", "null", "7", "[]"]) {
          const { told } = signing({ written: () => body })
          const { field } = yield* refused("Notification.MalformedNotification", isInHeader ? "Acknowledge" : "Refuse", told, body)
          assert.strictEqual(field, "body", body)
        }
      }))
  })

  describe("in the sandbox", () => {
    const { emulator, ways } = home.facts
    const way = ways.find(({ subject }) => subject === null) ?? ways[0]

    const sandboxed = Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const sandbox = yield* Sandbox.makeWith({ [provider]: { ...emulator, make: () => way.emulator({ decidesIn: 1 }) } })
      const baseUrl = `https://${emulator.slug}.sandbox.test${emulator.basePath}`
      const cancel = (identifier: string) =>
        ample(cancelOf(home, way)(way.request({ identifier, reason: "abandoned" }))).pipe(
          Effect.provide(Layer.orDie(library.layer({ ...way.options(emulator.credentials), baseUrl }))),
          Effect.provideService(HttpClient.HttpClient, Sandbox.httpClient(sandbox))
        )
      /** What it tells up to now: of cancels, and of anything else. */
      const told = Effect.gen(function*() {
        const cancels: Array<Told> = []
        const others: Array<Told> = []
        const events = sandbox.emulator(provider).events(yield* Clock.currentTimeMillis)
        for (const [nth, notification] of (yield* sandbox.notifications(provider)).entries()) {
          ;(webhooks.isCancellation(events[nth]!) ? cancels : others).push(notification)
        }
        return { cancels, others }
      })
      return { cancel, sandbox, told, verified: (told: Told) => verify(told, secrets(webhooks.provider.secret)) }
    })

    it.scoped("a cancel is told of, and that says the same as its answer, and the same when it is delivered again", () =>
      Effect.gen(function*() {
        const { cancel, sandbox, told, verified } = yield* sandboxed
        const created = yield* sandbox.create(provider)
        const answered = yield* cancel(way.identifier(created))
        const { cancels: [first, ...more], others } = yield* told
        assert.deepStrictEqual([more, others], [[], []], "tells of more than the cancel")
        const notification = yield* verified(first!)
        assert.deepInclude(notification, { provider, paymentId: created, decision: "Cancelled" })
        if (answered._tag === "CancellationAccepted") {
          assert(Predicate.hasProperty(answered.receipt, "reference"))
          const accepted = { ...answered, receipt: { reference: String(answered.receipt.reference) } }
          assert.strictEqual(Notification.confirm(accepted, notification)._tag, "Cancelled")
        } else {
          assert(answered._tag === "Cancelled", answered._tag)
          const { cancelledAt, capturedAmount, reason } = answered
          const tells = { capturedAmount: Option.none(), ...notification }
          assert.deepStrictEqual(tells.capturedAmount, capturedAmount)
          assert.deepStrictEqual(tells.capturedAmount, Option.fromNullable(way.captured))
          if (Option.isSome(cancelledAt)) assert.deepStrictEqual(tells.occurredAt, cancelledAt)
          if (Option.isSome(reason)) assert.deepStrictEqual(tells.reason, reason)
        }
        journaled(library, notification)

        yield* TestClock.adjust("2 days")
        const { cancels: [again] } = yield* told
        assert.deepStrictEqual({ ...yield* verified(again!), receivedAt: notification.receivedAt }, notification)
        yield* TestClock.adjust(webhooks.tolerance + 1)
        assert.strictEqual((yield* Effect.flip(verified(again!)))._tag, "Notification.TimestampOutOfTolerance")
      }))

    // Some tell of cancels, and of nothing else.
    if (!webhooks.isCancellation({ id: "", at: 0, paymentId: "", payload: {} })) {
      it.scoped("what else happens is told of, and is no cancel", () =>
        Effect.gen(function*() {
          const { sandbox, told, verified } = yield* sandboxed
          for (const status of new Set(Object.values(home.facts.acts))) {
            yield* sandbox.move(provider, yield* sandbox.create(provider), status, { force: true })
          }
          const { cancels, others } = yield* told
          assert.isAbove(others.length, 0)
          for (const other of others) {
            const error = yield* Effect.flip(verified(other))
            assert.strictEqual(saying(error), `Notification.NotACancellation ${provider} Acknowledge`, other.body)
          }
          for (const cancel of cancels) assert.strictEqual((yield* verified(cancel)).decision, "Cancelled", cancel.body)
        }))
    }
  })
}

for (const home of homes) {
  const { facts: { name, webhooks }, library } = home
  const verify = verifierOf(library)
  if (webhooks !== null && verify !== undefined) describe(name, () => suite(home, verify, webhooks))
}
