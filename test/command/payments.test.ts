/** What is said of the files of `cancel-many`. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { afterAll, beforeAll } from "vitest"
import { longOrShort } from "../support/extent.js"
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
  readBytes(name, Buffer.from(lines.map((line) => `${line}\n`).join(""), encoding))

const readBytes = (name: string, bytes: Uint8Array) =>
  Effect.gen(function*() {
    const path = Path.join(folder, name)
    Fs.writeFileSync(path, bytes)
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

  it.effect("bytes that are no UTF-8 are named wherever they are in a value that is no text", () =>
    Effect.gen(function*() {
      const line = (rbits: string) => `{"provider":"WePay","paymentId":"p-1","reason":"why","rbits":${rbits}}`
      const { problems } = yield* readIn("latin1", "nested.jsonl", line(`[{"properties":{"name":"Jörg"}}]`), line(`[{"Ä":1}]`), line(`[[["ß"]]]`))
      const problem = "rbits has a character that cannot be read: the file must be in UTF-8"
      assert.deepStrictEqual(problems, [`1: ${problem}`, `2: ${problem}`, `3: ${problem}`])
    }))

  it.effect("with a name that an object has twice name it, however it is written and wherever it is", () =>
    Effect.gen(function*() {
      const rbits = (json: string) => `{"provider":"WePay","paymentId":"p-{}","reason":"a \\" : {","rbits":${json}}`
      const inJson = yield* read(
        "twice.jsonl",
        `{"provider":"Stripe","paymentId":"pi_1","paymentId":"pi_2"}`,
        `{"provider":"Stripe","paymentId":"pi_3","payment\\u0049d" : "pi_3"}`,
        rbits(`[{"a":1},{"a":{"a":["a","a"]},"b":"a"}]`),
        rbits(`[{"a":[{"c":{}},{"b":1,"b":1}]}]`)
      )
      assert.deepStrictEqual(inJson.problems.filter((problem) => problem.includes("twice")), [
        "1: paymentId is twice in the same object",
        "2: paymentId is twice in the same object",
        "4: b is twice in the same object"
      ])
      const inCsv = yield* read("twice.csv", "provider,paymentId,reason,rbits,reason", `WePay,p,why,"[{""a"":1,""a"":2}]",`)
      assert.deepStrictEqual(inCsv.problems, ["1: reason is twice in the header", "2: rbits must not have a twice in the same object"])
    }))

  it.effect("with values that are nested deeply, or texts of millions of escapes, are told as those of any other line", () =>
    Effect.gen(function*() {
      const nested = `${"[{\"a\":".repeat(5_000)}1${"}]".repeat(5_000)}`
      const escapes = "x\\n".repeat(6_000_000)
      const { problems } = yield* read(
        "large.jsonl",
        `{"provider":"Stripe","paymentId":"pi_1","colour":${nested}}`,
        `{"provider":"Stripe","paymentId":"pi_2","colour":"${escapes}","colour":1}`,
        ...longOrShort([`{"provider":"Stripe","paymentId":"pi_3","colour":"${escapes}"}`], [])
      )
      assert.deepStrictEqual(problems, [
        "1: colour is no field of any provider",
        "2: colour is twice in the same object",
        ...longOrShort(["3: colour is no field of any provider"], [])
      ])
    }), 30_000)

  it.effect("with a quote in the middle say up to where nothing was checked, where something follows it at once", () =>
    Effect.gen(function*() {
      const { problems } = yield* read("glued.csv", "provider,paymentId,reason", `Stripe,"pi_1"x,`, "Strype,x,", `Stripe,"pi_2",`, "Strype,y,")
      assert.lengthOf(problems, 2)
      assert.match(problems[0] ?? "", /^2: is not CSV: a quote inside of a cell, .*up to where a later quote ends a cell, was not checked$/)
      assert.match(problems[1] ?? "", /^5: provider must/)
    }))

  it.effect.each([";", "\t"])("of cells that something else separates say that it has to be a comma: %j", (separator) =>
    Effect.gen(function*() {
      const { problems } = yield* read("separated.csv", ["provider", "paymentId"].join(separator), ["Stripe", "pi_1"].join(separator))
      assert.deepStrictEqual(problems.slice(0, 2), [
        "1: provider is missing in the header: a comma has to separate the cells",
        "1: paymentId is missing in the header: a comma has to separate the cells"
      ])
      const { problems: [other] } = yield* read("separated.csv", "paymentId,reason", "pi_1,why")
      assert.strictEqual(other, "1: provider is missing in the header")
    }))

  it.effect("of columns without a name, as spreadsheets leave them, say which", () =>
    Effect.gen(function*() {
      const { problems } = yield* read("unnamed.csv", "provider,,paymentId, ", "Stripe,,pi_1,")
      assert.deepStrictEqual(problems, ["1: column 2 has no name in the header", "1: column 4 has no name in the header"])
    }))

  it.effect("of many rows that are no CSV do not take longer for each of them", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 50_000 }, (_, index) => `Stripe,pi"${index}`)
      const path = Path.join(folder, "rows.csv")
      Fs.writeFileSync(path, ["provider,paymentId", ...rows].join("\n"))
      const format = yield* Formats.of(path)
      const count = yield* Stream.runCount(format.lines(path, { known: new Set(["provider", "paymentId"]), required: [] }))
      assert.strictEqual(count, 50_000)
    }), 10_000)

  it.effect.each(["missing.csv", "missing.jsonl"])("of a file that cannot be read are only that: %s", (name) =>
    Effect.gen(function*() {
      const path = Path.join(folder, name)
      const format = yield* Formats.of(path)
      const { message } = yield* Effect.flip(Stream.runDrain(format.lines(path, { known: new Set(), required: [] })))
      assert.strictEqual(message, `${path}: there is no such file or folder`)
      // What nobody listens to would end the process by now.
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
    }))

  for (const end of ["\n", "\r\n", "\r"]) {
    it.effect(`name the lines of the file, whatever is in the cells, where lines end with ${JSON.stringify(end)}`, () =>
      Effect.gen(function*() {
        const lines = [
          "",
          "provider,paymentId,reason",
          `WePay,w1,"two`,
          "lines",
          `"`,
          "",
          "   ",
          "WePay,w1,why",
          `WePay,w2,"`,
          `  a "" quote`,
          `"`,
          "Strype,x,",
          `WePay,"w`,
          `3",y"z`,
          "",
          `Wep"ay,w4,why`,
          "Strype,x,",
          `WePay,w5,"never`,
          ""
        ]
        const { problems } = yield* readBytes("lines.csv", Buffer.from(lines.join(end)))
        assert.deepStrictEqual(problems.map((problem) => problem.slice(0, 16)), [
          "8: paymentId is ",
          "12: provider mus",
          "14: is not CSV: ",
          "16: is not CSV: ",
          "17: provider mus",
          "18: is not CSV: "
        ])
      }))
  }

  it.effect("name the lines of a file whose lines end in several ways, and which is longer than what is read at once", () =>
    Effect.gen(function*() {
      const row = (index: number) => `WePay,w${index},"two\r\nlines${" of a reason".repeat(10)}"${index % 2 === 0 ? "\r\n" : "\n"}`
      const rows = Array.from({ length: 1_000 }, (_, index) => row(index)).join("")
      const { problems } = yield* readBytes("long.csv", Buffer.from(`provider,paymentId,reason\n${rows}WePay,w1,why\n`))
      assert.deepStrictEqual(problems, ["2002: paymentId is the same as in line 4"])
    }))

  it.effect("behind a cell that goes on after its quotes are not told, for what is read there is not what is in the file", () =>
    Effect.gen(function*() {
      const rows = Array.from({ length: 10_000 }, (_, index) => `Strype,p${index}`)
      const { problems } = yield* read("behind.csv", "provider,paymentId", "Strype,x", `Stripe,"pi_1" x`, ...rows)
      assert.lengthOf(problems, 2)
      assert.match(problems[0] ?? "", /^2: provider must/)
      assert.match(problems[1] ?? "", /^3: is not CSV: a quote inside of a cell, .*What comes behind it was not checked$/)
    }))

  it.effect.each(["utf16.csv", "utf16.jsonl"])("of a file in UTF-16 are that it is: %s", (name) =>
    Effect.gen(function*() {
      const bytes = Buffer.from("\uFEFFprovider,paymentId\nStripe,pi_1\n", "utf16le")
      for (const each of [bytes, Buffer.from(bytes).swap16()]) {
        const { message } = yield* Effect.flip(readBytes(name, each))
        assert.strictEqual(message, `${Path.join(folder, name)}: it is in UTF-16: save it in UTF-8`)
      }
    }))

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
