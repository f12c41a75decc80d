/** What is said of the files of `cancel-many`. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { afterAll, beforeAll } from "vitest"
import * as Formats from "../../src/command/cancelMany/formats.js"
import * as Payments from "../../src/command/cancelMany/payments.js"

let folder = ""

beforeAll(() => {
  folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-payments-"))
})

afterAll(() => Fs.rmSync(folder, { recursive: true }))

/** What a file asks for, and what is wrong with it, in the order in which it is said. */
const read = (name: string, ...lines: ReadonlyArray<string>) => readIn("utf8", name, ...lines)

const readIn = (encoding: BufferEncoding, name: string, ...lines: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const path = Path.join(folder, name)
    Fs.writeFileSync(path, lines.map((line) => `${line}\n`).join(""), encoding)
    const format = yield* Formats.of(path)
    const problems: Array<string> = []
    const { survey } = yield* Payments.survey(format, path, ({ field, line, problem }) =>
      Effect.sync(() => void problems.push(`${line}: ${field === "" ? "" : `${field} `}${problem}`)))
    // Only a file without a problem is gone on with.
    const payments = problems.length > 0 ? [] : yield* Stream.runCollect(Payments.payments(format, path, survey))
    return { problems, payments: Array.from(payments, ({ fields, provider }): unknown => ({ provider, ...fields })) }
  })

describe("problems", () => {
  it.effect("are said in the order of the lines, whatever they are", () =>
    Effect.gen(function*() {
      const { problems } = yield* read(
        "mixed.csv",
        "provider,paymentId,colour",
        "Stripe,pi_1,",
        "Stripe,pi_1,",
        "Strype,pi_2,",
        "Stripe,pi_\"3,",
        "Stripe,pi_1,",
        "Stripe",
        "Stripe,\"pi_4,"
      )
      assert.deepStrictEqual(problems.map((problem) => problem.slice(0, 22)), [
        "1: colour is no field ",
        "3: paymentId is the sa",
        "4: provider must be on",
        "5: is not CSV: a quote",
        "6: paymentId is the sa",
        "7: has 1 cells, and th",
        "8: is not CSV: a quote"
      ])
    }))

  for (
    const [name, lines] of [
      ["latin1.csv", ["provider,paymentId,reason", "WePay,p-1,Kunde möchte nicht", "WePay,p-ö,why"]],
      ["latin1.jsonl", [`{"provider":"WePay","paymentId":"p-1","reason":"Kunde möchte nicht"}`, `{"provider":"WePay","paymentId":"p-ö","reason":"why"}`]]
    ] as const
  ) {
    it.effect(`bytes that are no UTF-8 are named, and not replaced: ${name}`, () =>
      Effect.gen(function*() {
        const { problems } = yield* readIn("latin1", name, ...lines)
        const first = name.endsWith(".csv") ? 2 : 1
        assert.deepStrictEqual(problems, [
          `${first}: reason has a character that cannot be read: the file must be in UTF-8`,
          `${first + 1}: paymentId has a character that cannot be read: the file must be in UTF-8`
        ])
        assert.deepStrictEqual((yield* read(name, ...lines)).problems, [])
      }))
  }

  for (
    const [name, line, lines] of [
      ["behind whole rows", 3, ["Stripe,pi_1,", "Stripe,\"pi_2,", "Stripe,pi_3,", "Stripe,pi_4,"]],
      ["behind cells of several lines", 5, ["WePay,w1,\"two", "lines\"", "", "WePay,w2,\"three", "Stripe,pi_4,"]],
      ["behind such a cell in its own row", 3, ["\"WePay\",w1,\"two", "lines\"\"\",\"", "Stripe,pi_4,"]]
    ] as const
  ) {
    it.effect(`with a quote that is never closed name the line where it opens, ${name}`, () =>
      Effect.gen(function*() {
        const { problems } = yield* read("open.csv", "provider,paymentId,reason", ...lines)
        assert.deepStrictEqual(problems.filter((problem) => problem.includes("never closed")), [`${line}: is not CSV: a quote is opened and never closed`])
      }))
  }
})

it.effect("a provider's name in another spelling is told the right one", () =>
  Effect.gen(function*() {
    const { problems } = yield* read("spelling.csv", "provider,paymentId", "stripe,pi_1", "checkout.com,pay_1", "Walletconnect Pay,p", "Strype,pi_2")
    assert.deepStrictEqual(problems.slice(0, 3), [
      "2: provider must be spelt Stripe",
      "3: provider must be spelt CheckoutCom",
      "4: provider must be spelt WalletConnectPay"
    ])
    assert.match(problems[3] ?? "", /^5: provider must be one of Adyen, .*WePay$/)
  }))

describe("spaces around a text", () => {
  it.effect("are no part of it, in CSV and in JSON lines: what is the same payment is found to be so", () =>
    Effect.gen(function*() {
      const csv = ["provider, paymentId, reason", "Stripe, pi_1 ,duplicate", " Stripe , \" pi_2 \",  "]
      const json = [
        "{\"provider\":\"Stripe\",\"paymentId\":\" pi_1 \",\"reason\":\"duplicate\"}",
        "{\"provider\":\" Stripe\",\"paymentId\":\"pi_2\\t\",\"reason\":\"  \"}"
      ]
      for (const { payments } of [yield* read("spaces.csv", ...csv), yield* read("spaces.jsonl", ...json)]) {
        assert.deepStrictEqual(payments, [
          { provider: "Stripe", paymentId: "pi_1", reason: "duplicate" },
          { provider: "Stripe", paymentId: "pi_2" }
        ])
      }
      const again = yield* read("again.csv", ...csv, "Stripe,pi_1,")
      assert.deepStrictEqual(again.problems, ["4: paymentId is the same as in line 2"])
      const inJson = yield* read("again.jsonl", ...json, "{\"provider\":\"Stripe\",\"paymentId\":\"pi_1\"}")
      assert.deepStrictEqual(inJson.problems, ["3: paymentId is the same as in line 1"])
    }))
})
