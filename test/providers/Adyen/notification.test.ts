import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Adyen, Notification } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { createHmac } from "node:crypto"
import { inspect } from "node:util"
import { vi } from "vitest"

const hmacKey = "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"

const now = "2026-03-01T12:00:00+01:00"

interface Item {
  readonly [field: string]: unknown
  readonly pspReference?: unknown
  readonly originalReference?: unknown
  readonly merchantAccountCode?: unknown
  readonly merchantReference?: unknown
  readonly amount?: unknown
  readonly eventCode?: unknown
  readonly eventDate?: unknown
  readonly success?: unknown
  readonly reason?: unknown
  readonly additionalData?: { readonly [field: string]: unknown }
}

const cancellation = {
  pspReference: "QFQTPCQ8HXSKGK82",
  originalReference: "9913140798220028",
  merchantAccountCode: "MerchantECOM",
  merchantReference: "order-1042",
  amount: { value: 1000, currency: "EUR" },
  eventCode: "CANCELLATION",
  eventDate: now,
  success: "true",
  reason: "",
  paymentMethod: "visa"
} satisfies Item

const reversal: Item = {
  ...cancellation,
  eventCode: "CANCEL_OR_REFUND",
  additionalData: { "modification.action": "cancel" }
}

/** A property as Adyen's own library reads it: of an array, a text or a number it is not there. */
const part = (value: unknown, name: "value" | "currency"): unknown =>
  Predicate.hasProperty(value, name) ? value[name] : undefined

const sign = (item: Item, key = hmacKey): string =>
  createHmac("sha256", Buffer.from(key, "hex")).update([
    item.pspReference,
    item.originalReference,
    item.merchantAccountCode,
    item.merchantReference,
    part(item.amount, "value"),
    part(item.amount, "currency"),
    item.eventCode,
    item.success
    // As Adyen's own library joins them: null and undefined are nothing.
  ].join(":")).digest("base64")

const signed = (item: Item, key?: string): Item => ({
  ...item,
  additionalData: { ...item.additionalData, hmacSignature: sign(item, key) }
})

const incoming = (...items: ReadonlyArray<unknown>) => ({
  body: JSON.stringify({
    live: "false",
    notificationItems: items.map((item) => ({ NotificationRequestItem: item }))
  }),
  headers: { "content-type": "application/json" }
})

const verify = (
  message: Notification.Incoming,
  verification: Partial<Notification.Verification> = {}
) =>
  TestClock.setTime(DateTime.unsafeMake(now).epochMillis).pipe(
    Effect.zipRight(Adyen.notification(message, { secret: Redacted.make(hmacKey), ...verification }))
  )

const refused = (message: Notification.Incoming, verification?: Partial<Notification.Verification>) =>
  Effect.flip(verify(message, verification))

describe("Adyen.notification", () => {
  it.effect("tells what became of a cancel", () =>
    Effect.gen(function*() {
      const told = yield* verify(incoming(signed(cancellation)))
      assert.deepStrictEqual(told, {
        provider: "Adyen",
        notificationId: "CANCELLATION:QFQTPCQ8HXSKGK82:true",
        paymentId: "9913140798220028",
        merchantReference: Option.some("order-1042"),
        reference: Option.some("QFQTPCQ8HXSKGK82"),
        decision: "Cancelled",
        reason: Option.none(),
        occurredAt: Option.some(DateTime.unsafeMake("2026-03-01T11:00:00Z")),
        receivedAt: DateTime.unsafeMake("2026-03-01T11:00:00Z")
      })
      const schema = Schema.parseJson(Notification.CancelNotification("Adyen"))
      assert.deepStrictEqual(Schema.decodeSync(schema)(Schema.encodeSync(schema)(told)), told)
    }))

  for (
    const [title, item, decision] of [
      ["CANCELLATION, done", cancellation, "Cancelled"],
      ["CANCELLATION, not done", { ...cancellation, success: "false", reason: "too late" }, "Declined"],
      ["TECHNICAL_CANCEL, done", { ...cancellation, eventCode: "TECHNICAL_CANCEL" }, "Cancelled"],
      ["TECHNICAL_CANCEL, not done", { ...cancellation, eventCode: "TECHNICAL_CANCEL", success: "false" }, "Declined"],
      ["CANCEL_OR_REFUND, cancelled", reversal, "Cancelled"],
      ["CANCEL_OR_REFUND, refunded", { ...reversal, additionalData: { "modification.action": "refund" } }, "Refunded"],
      ["CANCEL_OR_REFUND, not done", { ...reversal, success: "false", additionalData: {} }, "Declined"]
    ] satisfies ReadonlyArray<readonly [string, Item, string]>
  ) {
    it.effect(title, () =>
      Effect.gen(function*() {
        const told = yield* verify(incoming(signed(item)))
        assert.strictEqual(told.decision, decision)
        assert.deepStrictEqual(told.reason, Option.liftPredicate(String(item.reason), (reason) => reason === "too late"))
      }))
  }

  it.effect("TECHNICAL_CANCEL of a payment that never was names none", () =>
    Effect.gen(function*() {
      const technical = { ...cancellation, eventCode: "TECHNICAL_CANCEL", success: "false", reason: "no such payment" }
      for (const originalReference of [undefined, null, ""] as const) {
        const told = yield* verify(incoming(signed({ ...technical, originalReference })))
        assert.deepInclude(told, {
          paymentId: "",
          merchantReference: Option.some("order-1042"),
          reference: Option.some("QFQTPCQ8HXSKGK82"),
          decision: "Declined"
        })
      }
    }))

  it.effect("takes colons in the merchant's reference", () =>
    Effect.gen(function*() {
      const told = yield* verify(incoming(signed({ ...cancellation, merchantReference: "shop:order:1042" })))
      assert.deepStrictEqual(told.merchantReference, Option.some("shop:order:1042"))
    }))

  it.effect("does without a merchant's reference", () =>
    Effect.gen(function*() {
      for (const merchantReference of ["", null, undefined]) {
        const told = yield* verify(incoming(signed({ ...cancellation, merchantReference })))
        assert.deepInclude(told, { merchantReference: Option.none(), decision: "Cancelled", paymentId: "9913140798220028" })
      }
    }))

  it.effect("does without what says nothing of the cancel", () =>
    Effect.gen(function*() {
      for (
        const change of [
          { amount: null },
          { amount: undefined },
          { amount: {} },
          { amount: [] },
          { amount: "" },
          { amount: 5 },
          { amount: { value: [1, 2], currency: {} } },
          { merchantAccountCode: ["a", "b"] },
          { merchantAccountCode: {} },
          { amount: { value: null, currency: null } },
          { amount: { value: "1000", currency: "EUR" } },
          { merchantAccountCode: null },
          { merchantAccountCode: undefined }
        ]
      ) {
        assert.strictEqual((yield* verify(incoming(signed({ ...cancellation, ...change })))).decision, "Cancelled")
      }
    }))

  describe("reads as text what was signed as text", () => {
    const told = { notificationId: "CANCELLATION:QFQTPCQ8HXSKGK82:true", paymentId: "9913140798220028", decision: "Cancelled" } as const
    for (
      const [change, expected] of [
        [{ success: true }, told],
        [{ success: false }, { ...told, notificationId: "CANCELLATION:QFQTPCQ8HXSKGK82:false", decision: "Declined" }],
        [{ merchantReference: 12345 }, { ...told, merchantReference: Option.some("12345") }],
        [{ merchantReference: 0 }, { ...told, merchantReference: Option.some("0") }],
        [{ merchantReference: -1.5 }, { ...told, merchantReference: Option.some("-1.5") }],
        [{ merchantReference: false }, { ...told, merchantReference: Option.some("false") }],
        [{ pspReference: 8825 }, { ...told, notificationId: "CANCELLATION:8825:true", reference: Option.some("8825") }],
        [{ originalReference: 9913140798 }, { ...told, paymentId: "9913140798" }],
        [{ merchantAccountCode: 7 }, told],
        [
          { pspReference: 1, originalReference: 2, merchantAccountCode: 3, merchantReference: 4, success: true },
          {
            notificationId: "CANCELLATION:1:true",
            reference: Option.some("1"),
            paymentId: "2",
            merchantReference: Option.some("4"),
            decision: "Cancelled"
          }
        ]
      ] as const
    ) {
      it.effect(JSON.stringify(change), () =>
        Effect.gen(function*() {
          assert.deepInclude(yield* verify(incoming(signed({ ...cancellation, ...change }))), expected)
        }))
    }

    it.effect("a truth value of an event that found no payment", () =>
      Effect.gen(function*() {
        const technical = { ...cancellation, eventCode: "TECHNICAL_CANCEL", originalReference: null, success: false }
        assert.deepInclude(yield* verify(incoming(signed(technical))), { paymentId: "", decision: "Declined" })
      }))
  })

  describe("refuses what is not genuine", () => {
    for (
      const [field, altered] of [
        ["pspReference", { pspReference: "QFQTPCQ8HXSKGK83" }],
        ["originalReference", { originalReference: "9913140798220029" }],
        ["merchantAccountCode", { merchantAccountCode: "AnotherECOM" }],
        ["merchantReference", { merchantReference: "order-1043" }],
        ["amount.value", { amount: { value: 1001, currency: "EUR" } }],
        ["amount.currency", { amount: { value: 1000, currency: "USD" } }],
        ["eventCode", { eventCode: "CANCEL_OR_REFUND" }],
        ["success", { success: "false" }]
      ] satisfies ReadonlyArray<readonly [string, Partial<Item>]>
    ) {
      it.effect(`an altered ${field}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(incoming({ ...signed(cancellation), ...altered }))
          assert.strictEqual(error._tag, "Notification.InvalidSignature")
        }))
    }

    it.effect("a failure made into a success", () =>
      Effect.gen(function*() {
        const failed = signed({ ...cancellation, success: "false" })
        assert.strictEqual((yield* refused(incoming({ ...failed, success: "true" })))._tag, "Notification.InvalidSignature")
      }))

    it.effect("values cut elsewhere, under the same signature", () =>
      Effect.gen(function*() {
        const genuine = signed({ ...cancellation, merchantReference: "order:1042" })
        // The same signed text, with the payment's reference and the account moved by one.
        const shifted = {
          ...genuine,
          pspReference: "QFQTPCQ8HXSKGK82:9913140798220028",
          originalReference: "MerchantECOM",
          merchantAccountCode: "order",
          merchantReference: "1042"
        }
        assert.strictEqual(sign(shifted), sign({ ...cancellation, merchantReference: "order:1042" }))
        const error = yield* refused(incoming(shifted))
        assert.deepInclude(error, {
          _tag: "Notification.MalformedNotification",
          answer: "Acknowledge",
          field: "NotificationRequestItem.pspReference"
        })
      }))

    it.effect("values cut elsewhere at any of the colons, so that it is another cancel, another event, or another result", () =>
      Effect.gen(function*() {
        const genuine = signed({ ...cancellation, merchantReference: "order:1042" })
        const parts = "QFQTPCQ8HXSKGK82:9913140798220028:MerchantECOM:order:1042:1000:EUR:CANCELLATION:true".split(":")
        // Nine parts are to be eight values: each colon in turn is inside of one.
        for (const at of parts.slice(1).keys()) {
          const [pspReference, originalReference, merchantAccountCode, merchantReference, value, currency, eventCode, success] = [
            ...parts.slice(0, at),
            `${parts[at]}:${parts[at + 1]}`,
            ...parts.slice(at + 2)
          ]
          const cut = {
            ...genuine,
            pspReference,
            originalReference,
            merchantAccountCode,
            merchantReference,
            amount: { value, currency },
            eventCode,
            success
          }
          assert.strictEqual(sign(cut), sign({ ...cancellation, merchantReference: "order:1042" }))
          const result = yield* Effect.either(verify(incoming(cut)))
          if (at === 3) {
            assert.deepInclude(Either.getOrThrow(result), { paymentId: "9913140798220028", decision: "Cancelled" })
          } else {
            assert.deepInclude(Either.getOrThrow(Either.flip(result)), {
              _tag: "Notification.MalformedNotification",
              answer: "Acknowledge"
            })
          }
        }
      }))

    it.effect("nobody's events, before it says what they are", () =>
      Effect.gen(function*() {
        const forged = { ...signed(cancellation), eventCode: "AUTHORISATION" }
        assert.strictEqual((yield* refused(incoming(forged)))._tag, "Notification.InvalidSignature")
      }))
  })

  it.effect("verifies with the old key and the new one while they change", () =>
    Effect.gen(function*() {
      const secret = [Redacted.make("FF".repeat(32)), Redacted.make(hmacKey.toLowerCase())]
      assert.strictEqual((yield* verify(incoming(signed(cancellation)), { secret })).decision, "Cancelled")
    }))

  describe("names what is malformed", () => {
    const item = signed(cancellation)
    for (
      const [field, message] of [
        ["notificationItems", { body: "{}", headers: {} }],
        ["notificationItems", incoming()],
        ["NotificationRequestItem", { body: `{"notificationItems":[{}]}`, headers: {} }],
        ["NotificationRequestItem", incoming(item, null)],
        ["NotificationRequestItem.additionalData", incoming({ ...item, additionalData: undefined })],
        ["NotificationRequestItem.additionalData.hmacSignature", incoming({ ...item, additionalData: {} })]
      ] as const
    ) {
      it.effect(`${field} of ${String(message.body).slice(0, 60)}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(message)
          assert.deepInclude(error, { _tag: "Notification.MalformedNotification", field, answer: "Refuse" })
        }))
    }

    for (
      const [field, change] of [
        ["pspReference", { pspReference: "" }],
        ["pspReference", { pspReference: null }],
        ["pspReference", { pspReference: undefined }],
        ["pspReference", { pspReference: ["QFQTPCQ8HXSKGK82"] }],
        ["pspReference", { pspReference: {} }],
        ["pspReference", { pspReference: "a:b" }],
        ["merchantAccountCode", { merchantAccountCode: "a:b" }],
        ["merchantAccountCode", { merchantAccountCode: ["a:b"] }],
        ["merchantReference", { merchantReference: ["order", 1042] }],
        ["merchantReference", { merchantReference: { id: 1042 } }],
        ["eventCode", { eventCode: ["CANCELLATION"] }],
        ["amount.value", { amount: { value: "1:0", currency: "EUR" } }],
        ["amount.currency", { amount: { value: 1000, currency: "E:R" } }],
        ["amount.value", { amount: { value: ["1:0"], currency: "EUR" } }],
        ["success", { success: "TRUE" }],
        ["success", { success: 1 }],
        ["success", { success: ["true"] }],
        ["success", { success: null }],
        ["eventDate", { eventDate: undefined }],
        ["eventDate", { eventDate: "yesterday" }],
        ["originalReference", { originalReference: null }],
        ["originalReference", { originalReference: "" }],
        ["originalReference", { originalReference: "a:b" }],
        ["originalReference", { originalReference: ["9913140798220028"] }],
        ["originalReference", { ...reversal, originalReference: "" }],
        // Only a cancel that was not done may name no payment: of what was done there is one.
        ["originalReference", { eventCode: "TECHNICAL_CANCEL", originalReference: "" }],
        ["originalReference", { eventCode: "TECHNICAL_CANCEL", originalReference: null }],
        ["additionalData.modification.action", { ...reversal, additionalData: {} }],
        ["additionalData.modification.action", { ...reversal, additionalData: { "modification.action": "toString" } }],
        ["additionalData.modification.action", { ...reversal, additionalData: { "modification.action": 1 } }]
      ] satisfies ReadonlyArray<readonly [string, Item]>
    ) {
      it.effect(`${field} of a cancel whose signature fits: ${JSON.stringify(change).slice(0, 60)}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(incoming(signed({ ...cancellation, ...change })))
          assert.deepInclude(error, {
            _tag: "Notification.MalformedNotification",
            field: `NotificationRequestItem.${field}`,
            answer: "Acknowledge"
          })
        }))
    }
  })

  describe("names what is malformed, however deeply it is nested: nobody needs a key to send such a body", () => {
    const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`
    for (
      const [field, body] of [
        ["body", deep],
        ["notificationItems", `{"notificationItems":{"a":${deep}}}`],
        ["NotificationRequestItem", `{"notificationItems":[{"NotificationRequestItem":${deep}}]}`],
        [
          "NotificationRequestItem.additionalData",
          `{"notificationItems":[{"NotificationRequestItem":{"pspReference":${deep}}}]}`
        ],
        [
          "NotificationRequestItem.additionalData.hmacSignature",
          incoming({ ...cancellation, additionalData: { hmacSignature: "deep" } }).body.replace("\"deep\"", deep)
        ]
      ] as const
    ) {
      it.effect(`${field} of ${body.slice(0, 60)}`, () =>
        Effect.gen(function*() {
          const error = yield* refused({ body, headers: {} })
          assert.deepInclude(error, { _tag: "Notification.MalformedNotification", field })
        }))
    }

    for (
      const [what, value] of [
        ["nested deeply", deep],
        ["that has no text", `{"toString":"x","valueOf":"y"}`],
        ["that has no text, in a list", `[[{"toString":1}]]`]
      ] as const
    ) {
      it.effect(`no signature fits a value ${what}`, () =>
        Effect.gen(function*() {
          for (const change of [{ pspReference: "here" }, { merchantReference: "here" }, { eventCode: "here" }, { amount: { value: "here" } }]) {
            const body = incoming({ ...signed(cancellation), ...change }).body.replace("\"here\"", value)
            assert.strictEqual((yield* refused({ body, headers: {} }))._tag, "Notification.InvalidSignature")
          }
        }))
    }
  })

  describe("passes over what is genuine and about something else, whatever its values are", () => {
    const report = {
      ...cancellation,
      eventCode: "REPORT_AVAILABLE",
      pspReference: "report_2026-11-01T00:00:00.csv",
      originalReference: "",
      eventDate: "",
      amount: { value: 0, currency: "EUR" }
    }
    for (
      const [title, change] of [
        ["with no reference of the merchant's", { merchantReference: "" }],
        ["with null for it", { merchantReference: null }],
        ["without the field", { merchantReference: undefined }],
        ["with colons in every value", {
          originalReference: "a:b",
          merchantAccountCode: "a:b",
          merchantReference: "a:b",
          amount: { value: "1:0", currency: "E:R" },
          success: "tr:ue"
        }],
        ["with null in every value", {
          pspReference: null,
          originalReference: null,
          merchantAccountCode: null,
          merchantReference: null,
          amount: { value: null, currency: null },
          success: null
        }],
        ["with nothing but the event", {
          pspReference: undefined,
          originalReference: undefined,
          merchantAccountCode: undefined,
          merchantReference: undefined,
          amount: undefined,
          success: undefined,
          eventDate: undefined
        }],
        ["with null for the amount", { amount: null }],
        ["with a list for the amount", { amount: [] }],
        ["with values in a list for the amount", { amount: [{ value: 1, currency: "EUR" }] }],
        ["with a text for the amount", { amount: "" }],
        ["with a number for the amount", { amount: 5 }],
        ["with a truth value for the amount", { amount: true }],
        ["with lists for texts", { pspReference: [], originalReference: [null], merchantReference: ["a", ["b", 1, null], {}], success: [true] }],
        ["with objects for texts", { merchantAccountCode: {}, merchantReference: { a: "b" }, amount: { value: { a: 1 }, currency: {} } }],
        ["with a number for the reference of the merchant's", { merchantReference: 1042 }],
        ["with numbers and truth values", { pspReference: 7, merchantReference: 1042, amount: { value: 1.5, currency: 978 }, success: true }],
        ["that is too old", { eventDate: "2001-01-01T00:00:00Z" }]
      ] satisfies ReadonlyArray<readonly [string, Item]>
    ) {
      it.effect(`a report ${title}`, () =>
        Effect.gen(function*() {
          const error = yield* refused(incoming(signed({ ...report, ...change })))
          assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "REPORT_AVAILABLE", answer: "Acknowledge" })
        }))
    }

    for (
      const eventCode of [
        "AUTHORISATION",
        "CAPTURE",
        "REFUND",
        "EXPIRE",
        "cancellation",
        "constructor",
        "A:B",
        "",
        null,
        undefined,
        7,
        true,
        ["CAPTURE"],
        [],
        {}
      ]
    ) {
      it.effect(`the event ${JSON.stringify(eventCode)}`, () =>
        Effect.gen(function*() {
          // Other events name no payment, and have dates that nobody here reads.
          const other = signed({ ...cancellation, eventCode, originalReference: "", eventDate: "" })
          const error = yield* refused(incoming(other))
          assert.deepInclude(error, {
            _tag: "Notification.NotACancellation",
            event: [eventCode].join(),
            answer: "Acknowledge"
          })
        }))
    }
  })

  describe("of several items, each has to be signed", () => {
    const other = signed({ ...cancellation, eventCode: "CAPTURE" })
    const forged = { ...other, success: "false" }
    it.effect("none of them tells of a cancel", () =>
      Effect.gen(function*() {
        const report = signed({ ...cancellation, eventCode: "REPORT_AVAILABLE" })
        const error = yield* refused(incoming(other, report, other))
        assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "CAPTURE, REPORT_AVAILABLE" })
      }))
    it.effect("one of them does", () =>
      Effect.gen(function*() {
        for (const items of [[signed(cancellation), other], [other, signed(cancellation)]]) {
          assert.strictEqual((yield* verify(incoming(...items))).decision, "Cancelled")
        }
      }))
    it.effect("two of them do", () =>
      Effect.gen(function*() {
        const error = yield* refused(incoming(signed(cancellation), other, signed(reversal)))
        assert.deepInclude(error, {
          _tag: "Notification.MalformedNotification",
          field: "notificationItems",
          answer: "Acknowledge"
        })
      }))
    it.effect("however many they are", () =>
      Effect.gen(function*() {
        for (const count of [16, 17, 40]) {
          const many = Array.from({ length: count }, (_, index) =>
            signed({ ...cancellation, eventCode: "CAPTURE", merchantReference: `order-${index}` }))
          const error = yield* refused(incoming(...many))
          assert.deepInclude(error, { _tag: "Notification.NotACancellation", event: "CAPTURE", answer: "Acknowledge" })
          assert.strictEqual((yield* verify(incoming(...many, signed(cancellation)))).decision, "Cancelled")
          assert.deepInclude(yield* refused(incoming(...many, signed(cancellation), signed(reversal))), {
            _tag: "Notification.MalformedNotification",
            field: "notificationItems",
            answer: "Acknowledge"
          })
          for (const items of [[...many, forged], [forged, ...many], [signed(cancellation), ...many, forged]]) {
            assert.strictEqual((yield* refused(incoming(...items)))._tag, "Notification.InvalidSignature")
          }
        }
      }))
    it.effect("and read no further than to the first that is none", () =>
      Effect.gen(function*() {
        // A megabyte. To find out what is wrong with each of them took twenty seconds.
        const body = JSON.stringify({ notificationItems: Array.from({ length: 500_000 }, () => 0) })
        const began = performance.now()
        const error = yield* Effect.flip(Adyen.notification({ body, headers: {} }, { secret: Redacted.make("00") }))
        assert.strictEqual(error._tag, "Notification.MalformedNotification")
        assert.isBelow(performance.now() - began, 5_000)
      }))
    it.effect("whoever knows no key costs no more than one comparison", () =>
      Effect.gen(function*() {
        const compared = (...items: ReadonlyArray<Item>) =>
          Effect.gen(function*() {
            const spy = vi.spyOn(globalThis.crypto.subtle, "verify")
            const error = yield* refused(incoming(...items))
            const calls = spy.mock.calls.length
            spy.mockRestore()
            return [error._tag, calls]
          })
        const madeUp = Array.from({ length: 3_000 }, (_, index) => ({ ...forged, merchantReference: `order-${index}` }))
        assert.deepStrictEqual(yield* compared(...madeUp), ["Notification.InvalidSignature", 1])
        // Nor does an item that was overheard, however often it is repeated.
        const overheard = Array.from({ length: 3_000 }, () => other)
        assert.deepStrictEqual(yield* compared(...overheard, ...madeUp), ["Notification.InvalidSignature", 2])
      }))
    it.effect("one of them is forged", () =>
      Effect.gen(function*() {
        for (const items of [[signed(cancellation), forged], [forged, signed(cancellation)], [other, forged]]) {
          assert.strictEqual((yield* refused(incoming(...items)))._tag, "Notification.InvalidSignature")
        }
      }))
  })

  describe("a webhook of another product, signed in a header", () => {
    const body = JSON.stringify({ type: "merchant.created", data: { notificationItems: [] }, environment: "test" })
    const of = (body: string, key = hmacKey) => ({
      body,
      headers: { HmacSignature: createHmac("sha256", Buffer.from(key, "hex")).update(body).digest("base64"), Protocol: "HmacSHA256" }
    })
    it.effect("is about something else", () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* refused(of(body)), { _tag: "Notification.NotACancellation", event: "merchant.created" })
        assert.deepInclude(yield* refused(of("[]")), { _tag: "Notification.NotACancellation", event: "another webhook" })
      }))
    it.effect("is acknowledged where it is no JSON, for its signature fits", () =>
      Effect.gen(function*() {
        for (const body of ["x", "", " ", "{", "type=merchant.created"]) {
          assert.deepInclude(yield* refused(of(body)), {
            _tag: "Notification.MalformedNotification",
            field: "body",
            answer: "Acknowledge"
          })
          assert.strictEqual((yield* refused(of(body, "FF".repeat(32))))._tag, "Notification.InvalidSignature")
        }
      }))
    it.effect("may be any JSON, and have no items although it has a place for them", () =>
      Effect.gen(function*() {
        for (const body of ["null", "5", "\"x\"", "{\"type\":5}", "{\"notificationItems\":[]}", "{\"notificationItems\":{}}"]) {
          assert.deepInclude(yield* refused(of(body)), { _tag: "Notification.NotACancellation", event: "another webhook" })
          assert.strictEqual((yield* refused(of(body, "FF".repeat(32))))._tag, "Notification.InvalidSignature")
        }
      }))
    it.effect("is malformed and acknowledged where it has items, and they have no signatures of their own", () =>
      Effect.gen(function*() {
        for (
          const [items, field] of [
            [[cancellation], "NotificationRequestItem.additionalData"],
            [[{ ...cancellation, additionalData: {} }], "NotificationRequestItem.additionalData.hmacSignature"],
            [[signed(cancellation), null], "NotificationRequestItem"]
          ] as const
        ) {
          const { body } = incoming(...items)
          assert.deepInclude(yield* refused(of(body)), { _tag: "Notification.MalformedNotification", field, answer: "Acknowledge" })
          assert.strictEqual((yield* refused(of(body, "FF".repeat(32))))._tag, "Notification.InvalidSignature")
        }
      }))
    it.effect("has its signature under a name that came empty, too", () =>
      Effect.gen(function*() {
        const { HmacSignature: signature } = of(body).headers
        for (
          const headers of [
            { hmacsignature: "", HmacSignature: signature },
            { HmacSignature: "", hmacsignature: signature },
            { HmacSignature: ["", signature] },
            { HMACSIGNATURE: " ", hmacSignature: [signature] }
          ]
        ) {
          assert.deepInclude(yield* refused({ body, headers }), { _tag: "Notification.NotACancellation", event: "merchant.created" })
        }
      }))
    it.effect("is refused unless it fits", () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* refused(of(body, "FF".repeat(32))))._tag, "Notification.InvalidSignature")
        assert.strictEqual((yield* refused({ ...of(body), body: `${body} ` }))._tag, "Notification.InvalidSignature")
        assert.deepInclude(yield* refused({ body, headers: {} }), {
          _tag: "Notification.MalformedNotification",
          field: "notificationItems",
          answer: "Refuse"
        })
      }))
    it.effect("does not make an item genuine that is not signed", () =>
      Effect.gen(function*() {
        const { body } = incoming({ ...signed(cancellation), success: "false" })
        assert.strictEqual((yield* refused(of(body)))._tag, "Notification.InvalidSignature")
      }))
  })

  it.effect("shows no key and no account in its errors", () =>
    Effect.gen(function*() {
      for (
        const message of [
          incoming(cancellation),
          incoming({ ...signed(cancellation), pspReference: "x" }),
          incoming(signed({ ...cancellation, pspReference: "a:b" })),
          incoming(signed({ ...cancellation, eventCode: "CAPTURE" })),
          incoming({ ...signed(cancellation), eventDate: "2020-01-01T00:00:00Z" })
        ]
      ) {
        const shown = inspect(yield* refused(message), { depth: 20 })
        assert.notInclude(shown, hmacKey)
        assert.notInclude(shown, "MerchantECOM")
      }
    }))
})

describe("Adyen.confirm", () => {
  const { apiKey, merchantAccount } = Sandbox.credentials.Adyen
  const live = Layer.provideMerge(
    Adyen.layer({ apiKey: Redacted.make(apiKey), merchantAccount, baseUrl: Sandbox.baseUrl("Adyen") }),
    Sandbox.layer
  )
  const secret = Redacted.make(Sandbox.webhookSecret("Adyen"))

  /** Two cancels of two payments, and what is told of them in the end. */
  const twoCancels = Effect.gen(function*() {
    const sandbox = yield* Sandbox.Sandbox
    const first = yield* Adyen.cancel({ paymentId: yield* sandbox.create("Adyen") })
    const second = yield* Adyen.cancel({ paymentId: yield* sandbox.create("Adyen", { status: "captured" }) })
    yield* TestClock.adjust("1 second")
    const told = yield* Effect.forEach(yield* sandbox.notifications("Adyen"), (incoming) =>
      Adyen.notification(incoming, { secret }))
    return { first, second, told }
  })

  it.effect("pairs by the cancel, in whatever order they come", () =>
    Effect.gen(function*() {
      const { first, second, told: [ofFirst, ofSecond] } = yield* twoCancels
      assert.strictEqual(Adyen.confirm(second, ofSecond!)._tag, "CancellationDeclined")
      assert.strictEqual(Adyen.confirm(first, ofFirst!)._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("says the same of the same notification twice, and late", () =>
    Effect.gen(function*() {
      const { first, told: [ofFirst] } = yield* twoCancels
      assert.deepStrictEqual(Adyen.confirm(first, ofFirst!), Adyen.confirm(first, ofFirst!))
      const sandbox = yield* Sandbox.Sandbox
      yield* TestClock.adjust("30 days")
      const [again] = yield* sandbox.notifications("Adyen")
      const late = yield* Adyen.notification(again!, { secret })
      assert.strictEqual(late.notificationId, ofFirst!.notificationId)
      assert.strictEqual(Adyen.confirm(first, late)._tag, "Cancelled")
    }).pipe(Effect.provide(live)))

  it.effect("takes nothing of another cancel, of the same payment either", () =>
    Effect.gen(function*() {
      const { first, second, told: [ofFirst, ofSecond] } = yield* twoCancels
      assert.strictEqual(Adyen.confirm(first, ofSecond!)._tag, "Unrelated")
      assert.strictEqual(Adyen.confirm(second, ofFirst!)._tag, "Unrelated")
      const again = yield* Adyen.cancel({ paymentId: first.paymentId })
      assert.strictEqual(Adyen.confirm(again, ofFirst!)._tag, "Unrelated")
      yield* TestClock.adjust("1 second")
      const sandbox = yield* Sandbox.Sandbox
      const told = yield* Adyen.notification((yield* sandbox.notifications("Adyen")).at(-1)!, { secret })
      assert.strictEqual(Adyen.confirm(again, told)._tag, "CancellationDeclined")
    }).pipe(Effect.provide(live)))

  it.effect("declines the whole cancel only if no other request of it can have been taken in", () =>
    Effect.gen(function*() {
      const { second, told: [, ofSecond] } = yield* twoCancels
      assert.isFalse(second.mayBeAcceptedTwice)
      assert.deepInclude(Adyen.confirm(second, ofSecond!), { _tag: "CancellationDeclined", outcome: "NotCancelled" })
      const doubtful = { ...second, mayBeAcceptedTwice: true }
      assert.deepInclude(Adyen.confirm(doubtful, ofSecond!), { _tag: "CancellationDeclined", outcome: "Unknown" })
    }).pipe(Effect.provide(live)))

  it.effect("pairs a cancel by merchant reference with that reference only", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      yield* sandbox.create("Adyen", { merchantReference: "order-1" })
      const accepted = yield* Adyen.cancelByMerchantReference({ merchantReference: "order-1" })
      yield* TestClock.adjust("1 second")
      const told = yield* Adyen.notification((yield* sandbox.notifications("Adyen"))[0]!, { secret })
      assert.strictEqual(Adyen.confirm(accepted, told)._tag, "Cancelled")
      const other = { ...told, merchantReference: Option.some("order-2") }
      assert.strictEqual(Adyen.confirm(accepted, other)._tag, "Unrelated")
      assert.strictEqual(Adyen.confirm(accepted, { ...told, merchantReference: Option.none() })._tag, "Unrelated")
      assert.strictEqual(Adyen.confirm(accepted, { ...told, reference: Option.some("M9") })._tag, "Unrelated")
    }).pipe(Effect.provide(live)))

  it.effect("pairs a cancel by merchant reference that found no payment, and no cancel by id", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.Sandbox
      const byId = yield* Adyen.cancel({ paymentId: yield* sandbox.create("Adyen") })
      const accepted = yield* Adyen.cancelByMerchantReference({ merchantReference: "order-nobody-has" })
      const told = yield* verify(incoming(signed({
        ...cancellation,
        pspReference: accepted.receipt.reference,
        originalReference: "",
        merchantReference: "order-nobody-has",
        eventCode: "TECHNICAL_CANCEL",
        success: "false"
      })))
      assert.deepInclude(Adyen.confirm(accepted, told), { _tag: "CancellationDeclined", paymentId: "order-nobody-has" })
      assert.strictEqual(Adyen.confirm(accepted, { ...told, merchantReference: Option.none() })._tag, "Unrelated")
      const ofById = { ...told, reference: Option.some(byId.receipt.reference) }
      assert.strictEqual(Adyen.confirm(byId, ofById)._tag, "Unrelated")
    }).pipe(Effect.provide(live)))
})
