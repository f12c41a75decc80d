// The example is a test itself. Here is what an emulator that means well does not send.
import "../../docs/examples/gantry.test.js"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { WorkflowEngine } from "@effect/workflow"
import { Effect, Layer, Option, Redacted } from "effect"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as SandboxServer from "effect-payment-cancel/sandbox/server"
import { CancelRecords, CancelWorkflow } from "effect-payment-cancel/workflow"
import { inspect } from "node:util"
import { credentials, Gantry as GantryEmulator } from "../../docs/examples/gantry/emulator.js"
import * as Gantry from "../../docs/examples/gantry/index.js"

const paymentId = "0000000042"
const password = "p&a<s\"s'w>o"

/** Cancels where every answer is this text; `sent` are the bodies of the requests. */
const answeredWith = (text: string, status = 200) =>
  Effect.gen(function*() {
    const sent: Array<string> = []
    const client = HttpClient.make((request) =>
      Effect.sync(() => {
        if (request.body._tag === "Uint8Array") sent.push(new TextDecoder().decode(request.body.body))
        return HttpClientResponse.fromWeb(request, new Response(text, { status }))
      }))
    const gantry = Gantry.layer({
      merchant: "70001",
      password: Redacted.make(password),
      policy: { attempts: 1, statusReads: 1, backoff: { initial: 1, maximum: 1 } }
    }).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client)))
    const result = yield* Gantry.cancel({ paymentId }).pipe(Effect.merge, Effect.provide(gantry))
    return { result, sent }
  })

const reversed = `<transaction><number>${paymentId}</number><state>REVERSED</state></transaction>`
const laughs = Array.from({ length: 30 }, (_, n) => `<!ENTITY l${n + 1} "&l${n};&l${n};">`).join("")

const cases: ReadonlyArray<readonly [name: string, text: string, tag: string, status?: number]> = [
  ["one transaction", `<answer>${reversed}</answer>`, "Cancelled"],
  ["a declaration, comments and another encoding of characters", `<?xml version="1.0"?><!-- hi --><answer>${
    reversed.replace("<state>REV", "<state><![CDATA[RE]]>&#86;")
  }</answer>\n`, "Cancelled"],
  ["two transactions", `<answer>${reversed}${reversed.replace("REVERSED", "SETTLED")}</answer>`, "CancelError.UnexpectedResponse"],
  ["two answers", `<answer>${reversed}</answer><answer/>`, "CancelError.UnexpectedResponse"],
  ["a transaction and an error", `<answer>${reversed}<error code="7777">No</error></answer>`, "CancelError.UnexpectedResponse"],
  ["its number without zeros", `<answer>${reversed.replace(paymentId, "42")}</answer>`, "CancelError.UnexpectedResponse"],
  ["lines and indents", `<answer>\n  <transaction>\n    <number>${paymentId}</number>\n    <state>REVERSED</state>\n  </transaction>\n</answer>`, "Cancelled"],
  ["a number in two pieces", `<answer>${reversed.replace(paymentId, "00000 <![CDATA[00042]]>")}</answer>`, "CancelError.UnexpectedResponse"],
  ["no end", `<answer>${reversed}`, "CancelError.UnexpectedResponse"],
  ["an end too many", `<answer>${reversed}</answer></answer>`, "CancelError.UnexpectedResponse"],
  ["entities that expand", `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><answer>${
    reversed.replace("</number>", "</number><note>&l30;</note>")
  }</answer>`, "CancelError.UnexpectedResponse"],
  ["a document type and nothing more", `<!DOCTYPE answer><answer>${reversed}</answer>`, "CancelError.UnexpectedResponse"],
  ["JSON", JSON.stringify({ answer: { transaction: { number: paymentId, state: "REVERSED" } } }), "CancelError.UnexpectedResponse"],
  ["a page", "<html><body><p>Log in</p></body></html>", "CancelError.UnexpectedResponse"],
  ["a page of a proxy that refuses", "<html><body><p>Forbidden</p></body></html>", "Gantry.Unrecognized", 403],
  ["names that objects have already", `<answer><__proto__>${reversed}</__proto__></answer>`, "CancelError.UnexpectedResponse"],
  ["one error", `<answer><error code="0310">None such</error></answer>`, "Gantry.UnknownTransaction"],
  ["several errors, none open", `<answer><error code="7777"/><error code="0310"/></answer>`, "Gantry.UnknownTransaction"],
  ["several errors, one open", `<answer><error code="0310"/><error code="0999"/></answer>`, "Gantry.SystemError"],
  ["an error without a code", `<answer><error>No</error></answer>`, "CancelError.UnexpectedResponse"]
]

describe("Gantry, in its own words", () => {
  for (const [name, text, tag, status] of cases) {
    it.live(name, () =>
      Effect.map(answeredWith(text, status), ({ result }) => assert.strictEqual(result._tag, tag)))
  }

  it.live("escapes what it sends", () =>
    Effect.map(answeredWith(`<answer>${reversed}</answer>`), ({ sent }) => {
      assert.match(
        sent.join(),
        /<reversal merchant="70001" password="p&amp;a&lt;s&quot;s&apos;w&gt;o" request="[\w-]{36}"><number>0000000042<\/number><\/reversal>$/
      )
    }))

  it.live("shows no credential that an answer repeats, however it is escaped", () =>
    Effect.gen(function*() {
      const named = "p&amp;a&lt;s&quot;s&apos;w&gt;o"
      const numbered = Array.from(password, (character) => `&#${character.charCodeAt(0)};`).join("")
      for (const echo of [named, numbered, `<![CDATA[${password}]]>`]) {
        const text = `<answer>${reversed.replace("</state>", `</state><note>By ${echo} of 70001!</note>`)}</answer>`
        const { result } = yield* answeredWith(text)
        assert.strictEqual(result._tag, "Cancelled")
        const shown = [JSON.stringify(result), inspect(result, { depth: 9 })]
        for (const each of shown) {
          assert.include(each, "By ")
          for (const secret of [password, named, numbered, JSON.stringify(password).slice(1, -1), "70001"]) {
            assert.notInclude(each, secret)
          }
        }
      }
    }))

  it.live("takes ten digits and nothing else", () =>
    Effect.gen(function*() {
      const sent = yield* Effect.provide(
        Effect.either(Gantry.cancel({ paymentId: "42</number>" })),
        Gantry.layer({ merchant: "70001", password: Redacted.make(password) }).pipe(
          Layer.provide(Layer.succeed(HttpClient.HttpClient, HttpClient.make(() => Effect.die("nothing is sent"))))
        )
      )
      assert.strictEqual(Effect.runSync(Effect.flip(sent))._tag, "CancelError.InvalidCancelRequest")
    }))

  it.scopedLive("works over a socket", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.makeWith({ Gantry: GantryEmulator })
      const server = yield* SandboxServer.makeWith(sandbox)
      const gantry = Gantry.layer({
        merchant: credentials.merchant,
        password: Redacted.make(credentials.password),
        baseUrl: server.baseUrl("Gantry")
      }).pipe(Layer.provide(FetchHttpClient.layer))
      for (const fault of [Fault.dropAfterApplying, Fault.cutBody, Fault.malformedJson, Fault.wrongPaymentId, Fault.unknownStatus]) {
        const id = yield* sandbox.create("Gantry")
        yield* sandbox.inject(fault, { operation: "Cancel" })
        const { _tag, evidence } = yield* Effect.provide(Gantry.cancel({ paymentId: id }), gantry)
        assert.deepStrictEqual([fault._tag, _tag, evidence], [fault._tag, "Cancelled", "StatusQuery"])
        assert.strictEqual(Option.getOrThrow(yield* sandbox.payment("Gantry", id)).status, "REVERSED")
        const again = yield* Effect.provide(Gantry.cancel({ paymentId: id }), gantry)
        assert.strictEqual(again._tag, "AlreadyCancelled")
      }
      for (const { body } of yield* sandbox.requests) assert.notInclude(body, credentials.password)
    }))

  it.scopedLive("can be cancelled durably", () =>
    Effect.gen(function*() {
      const sandbox = yield* Sandbox.makeWith({ Gantry: GantryEmulator })
      const gantry = Gantry.layer({ merchant: credentials.merchant, password: Redacted.make(credentials.password) }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, Sandbox.httpClient(sandbox)))
      )
      const durable = CancelWorkflow.make("Gantry", Gantry)
      const paymentId = yield* sandbox.create("Gantry")
      yield* sandbox.inject(Fault.dropAfterApplying, { operation: "Cancel" })
      const { _tag } = yield* durable.cancel({ paymentId, requestId: "r-1" }).pipe(
        Effect.provide(durable.layer.pipe(
          Layer.provide(gantry),
          Layer.provideMerge(Layer.mergeAll(WorkflowEngine.layerMemory, CancelRecords.layerMemory))
        ))
      )
      assert.strictEqual(_tag, "Cancelled")
    }))
})
