import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createHmac } from "node:crypto"
import type { Emulator } from "../../../src/sandbox/index.js"
import { Emulators } from "../../../src/sandbox/index.js"
import { signed } from "../../support/ProviderFacts.js"

const { Mollie } = Emulators

const createdAt = Date.UTC(2026, 0, 14, 10, 30)
const at = createdAt + 300_000

type Create = Parameters<ReturnType<typeof Mollie.make>["create"]>[0]

const parse = (reply: Emulator.Reply) => JSON.parse(reply.body) as Record<string, unknown>

const releaseOf = (id: string, key?: string, body = ""): Emulator.Request => ({
  method: "POST",
  path: `/v2/payments/${id}/release-authorization`,
  query: "",
  headers: { authorization: `Bearer ${Mollie.credentials.apiKey}`, ...key === undefined ? {} : { "idempotency-key": key } },
  body
})

const setup = (options: Create = {}) => {
  const emulator = Mollie.make()
  const id = emulator.create(options, createdAt)
  return { emulator, id, cancel: Mollie.requests.cancel(id), release: releaseOf(id), status: Mollie.requests.status!(id) }
}

const refusal = (reply: Emulator.Reply) => [reply.status, parse(reply)["status"], parse(reply)["detail"]]

describe("Mollie's emulator", () => {
  it("answers a cancel with the cancelled payment", () => {
    const { cancel, emulator, id } = setup()
    const { applied, reply } = emulator.handle(cancel, { at, requestIndex: 7 })
    assert.isTrue(applied)
    assert.strictEqual(reply.headers["content-type"], "application/hal+json")
    const payment = parse(reply)
    assert.deepInclude(payment, {
      resource: "payment",
      id,
      status: "canceled",
      canceledAt: "2026-01-14T10:35:00+00:00",
      amount: { currency: "EUR", value: "10.00" }
    })
    // It is left out once a payment is final, and this one never had captures.
    assert.notProperty(payment, "isCancelable")
    assert.notProperty(payment, "amountCaptured")
    assert.deepStrictEqual(emulator.payment(id, at)!.history.at(-1), { at, from: "open", to: "canceled", by: "Cancel", requestIndex: 7 })
  })

  it("refuses what it is too late for and what was cancelled already alike", () => {
    for (const status of ["paid", "canceled", "expired", "failed", "authorized"] as const) {
      const { cancel, emulator } = setup({ status })
      assert.deepStrictEqual(refusal(emulator.handle(cancel, { at }).reply), [422, 422, "The payment cannot be cancelled"], status)
    }
    const { cancel, emulator } = setup({ isCancelable: false })
    assert.strictEqual(emulator.handle(cancel, { at }).reply.status, 422)
    const hold = setup({ status: "authorized", isCancelable: true })
    assert.strictEqual(hold.emulator.handle(hold.cancel, { at }).reply.status, 200)
  })

  it("ignores the key of a cancel", () => {
    const { cancel, emulator } = setup()
    const keyed = { ...cancel, headers: { ...cancel.headers, "idempotency-key": "k" } }
    assert.deepStrictEqual([1, 2].map(() => emulator.handle(keyed, { at }).reply.status), [200, 422])
  })

  it("accepts a release without a word, and decides it later", () => {
    const { emulator, id, release, status } = setup({ status: "authorized", decidesIn: "2 seconds" })
    const { applied, reply } = emulator.handle(release, { at, requestIndex: 3 })
    assert.isTrue(applied)
    assert.deepStrictEqual([reply.status, reply.body], [202, ""])
    assert.strictEqual(parse(emulator.handle(status, { at: at + 1_999 }).reply)["status"], "authorized")
    assert.strictEqual(parse(emulator.handle(status, { at: at + 2_000 }).reply)["status"], "canceled")
    assert.deepStrictEqual(
      emulator.payment(id, at + 5_000)!.history.at(-1),
      { at: at + 2_000, from: "authorized", to: "canceled", by: "Cancel", requestIndex: 3 }
    )
  })

  it("has a payment paid by the release of the rest of it", () => {
    const { emulator, release, status } = setup({ status: "authorized", capturedAmount: 400 })
    emulator.handle(release, { at })
    assert.deepInclude(parse(emulator.handle(status, { at: at + 1_000 }).reply), {
      status: "paid",
      amount: { currency: "EUR", value: "10.00" },
      amountCaptured: { currency: "EUR", value: "4.00" }
    })
    // Without a release it looks the same. All of it is captured where no part is given.
    for (const [capturedAmount, value] of [[400, "4.00"], [0, "10.00"]] as const) {
      const captured = setup({ status: "authorized", capturedAmount })
      captured.emulator.move(captured.id, "paid", at)
      assert.deepInclude(parse(captured.emulator.handle(captured.status, { at }).reply)["amountCaptured"], { value })
    }
  })

  it("lets a release come to nothing, if the issuer declines it or something else comes first", () => {
    const declined = setup({ status: "authorized", declinesReleases: true })
    declined.emulator.handle(declined.release, { at })
    assert.strictEqual(declined.emulator.payment(declined.id, at + 60_000)!.status, "authorized")
    const captured = setup({ status: "authorized" })
    captured.emulator.handle(captured.release, { at })
    captured.emulator.move(captured.id, "paid", at + 500)
    assert.strictEqual(captured.emulator.payment(captured.id, at + 60_000)!.status, "paid")
  })

  it("releases only what is authorized", () => {
    for (const status of ["open", "pending", "paid", "canceled", "expired", "failed"] as const) {
      const { emulator, release } = setup({ status })
      assert.strictEqual(emulator.handle(release, { at }).reply.status, 422, status)
    }
  })

  it("repeats its first answer to a release under its key, whatever that was", () => {
    const { emulator, id } = setup({ status: "authorized" })
    assert.strictEqual(emulator.handle(releaseOf(id, "k"), { at }).reply.status, 202)
    assert.strictEqual(emulator.handle(releaseOf(id, "k"), { at: at + 60_000 }).reply.status, 202)
    assert.strictEqual(emulator.handle(releaseOf(id, "l"), { at: at + 60_000 }).reply.status, 422)
    const other = emulator.create({ status: "authorized" }, at)
    assert.strictEqual(emulator.handle(releaseOf(other, "k"), { at }).reply.status, 400)
    const crashed = setup({ status: "authorized" })
    assert.strictEqual(crashed.emulator.handle(releaseOf(crashed.id, "k"), { at, crash: "BeforeApplying" }).reply.status, 500)
    // What crashed has stored nothing, if the crash came first.
    const finish = crashed.emulator.receive(releaseOf(crashed.id, "m"), { at })
    assert.strictEqual(crashed.emulator.handle(releaseOf(crashed.id, "m"), { at }).reply.status, 409)
    assert.strictEqual(finish(at).reply.status, 202)
  })

  it("refuses what is no request of this key's", () => {
    const { cancel, emulator, id, status } = setup()
    assert.strictEqual(emulator.handle(Mollie.requests.wrongCredential(id), { at }).reply.status, 401)
    assert.strictEqual(emulator.handle(Mollie.requests.cancel("tr_nobodys"), { at }).reply.status, 404)
    assert.strictEqual(emulator.handle({ ...cancel, body: "testmode=true" }, { at }).reply.status, 400)
    assert.strictEqual(emulator.handle({ ...cancel, body: "{\"testmode\":true}" }, { at }).reply.status, 422)
    assert.strictEqual(emulator.handle({ ...status, query: "testmode=true" }, { at }).reply.status, 422)
    assert.strictEqual(emulator.handle({ ...cancel, method: "PATCH" }, { at }).reply.status, 404)
    assert.strictEqual(emulator.payment(id, at)!.status, "open")
  })

  it("lets a payment lapse", () => {
    const { emulator, id } = setup({ expiresIn: "15 minutes" })
    assert.strictEqual(emulator.payment(id, createdAt + 899_999)!.status, "open")
    assert.strictEqual(emulator.payment(id, createdAt + 900_000)!.status, "expired")
  })

  it.effect("tells what became of a payment, signed", () =>
    Effect.gen(function*() {
      const { cancel, emulator, id } = setup({ status: "pending" })
      emulator.handle(cancel, { at })
      const [event, ...others] = emulator.events(at)
      assert.lengthOf(others, 0)
      assert.deepInclude(event!.payload, { resource: "event", type: "payment.canceled", entityId: id, createdAt: "2026-01-14T10:35:00+00:00" })
      const { body, headers } = yield* signed(Mollie).sign(event!, at, "secret")
      assert.strictEqual(headers["x-mollie-signature"], `sha256=${createHmac("sha256", "secret").update(body).digest("hex")}`)
      emulator.reset()
      assert.deepStrictEqual(emulator.events(at), [])
    }))
})
