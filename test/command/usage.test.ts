/** What `npx effect-payment-cancel` says of command lines, without a process for each. */
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Util from "node:util"
import { afterAll, beforeAll } from "vitest"
import * as Command from "../../src/command/Command.js"
import * as CancelMany from "../../src/command/cancelMany.js"
import * as Providers from "../../src/command/cancelMany/providers.js"
import { run } from "./ended.js"

let folder = ""
const at = (name: string) => Path.join(folder, name)

beforeAll(() => {
  folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-usage-"))
  Fs.writeFileSync(at("in.csv"), "provider,paymentId\nStripe,pi_1\n")
})

afterAll(() => Fs.rmSync(folder, { recursive: true }))

describe("more arguments than one file", () => {
  it.effect("are not repeated, for a credential may be among them", () =>
    Effect.gen(function*() {
      const { code, errors, output } = yield* run(["cancel-many", "payments.csv", "sk_live_secret", "--out", "results.csv"])
      assert.strictEqual(code, 2)
      assert.include(errors, "Expected one file, and not 2.")
      assert.notInclude(errors + output, "sk_live_secret")
    }))
})

describe("a name in a file", () => {
  it.effect("is told in the line of its problem, and does nothing to a terminal", () =>
    Effect.gen(function*() {
      const name = "x\u001b[2J\npayments.jsonl:7: fine\u202e"
      const payment = JSON.stringify({ provider: "Stripe", paymentId: "pi_1", [name]: 1 })
      Fs.writeFileSync(at("names.jsonl"), `${payment}\n${payment.replace("}", `,${JSON.stringify(name)}:2}`)}\n`)
      const { code, errors } = yield* run(["cancel-many", at("names.jsonl"), "--out", at("names-out.jsonl")])
      // Others see that nothing else is in the folder.
      Fs.rmSync(at("names.jsonl"))
      assert.strictEqual(code, 2)
      assert.deepStrictEqual(errors.split("\n").slice(0, 2), [
        `${at("names.jsonl")}:1: x\\u{1b}[2J\\u{a}payments.jsonl:7: fine\\u{202e} is no field of any provider`,
        `${at("names.jsonl")}:2: x\\u{1b}[2J\\u{a}payments.jsonl:7: fine\\u{202e} is twice in the same object`
      ])
    }))
})

describe("npx effect-payment-cancel", () => {
  it.effect.each([["--help"], ["-h"], ["help"]])("%s lists the commands", ([argument]) =>
    Effect.gen(function*() {
      const { code, errors, output } = yield* run([argument!])
      assert.strictEqual(code, 0)
      assert.match(output, /^Usage: npx effect-payment-cancel <command>[\s\S]*^ {2}sandbox {6}/m)
      assert.strictEqual(errors, "")
    }))

  for (
    const [name, args, expected] of [
      ["without a command", [], /^Usage: /],
      ["with one that does not exist", ["sandpit"], /^There is no command "sandpit"\.\nnpx effect-payment-cancel --help lists the commands\.$/],
      ["with an option that does not exist", ["sandbox", "--prot", "1"], /'--prot'[^\n]*\nnpx effect-payment-cancel sandbox --help shows how it is used\.$/],
      ["with an argument too many", ["sandbox", "WePay"], /'WePay'[^\n]*\nnpx effect-payment-cancel sandbox --help shows how it is used\.$/],
      ["with an option without its value", ["sandbox", "--port"], /--port[\s\S]*\nnpx effect-payment-cancel sandbox --help shows how it is used\.$/],
      ["with a port that is none", ["sandbox", "--port", "http"], /^--port: expected a port from 0 to 65535, and not "http"\nnpx effect-payment-cancel sandbox --help shows how it is used\.$/],
      ["with a port that is too large", ["sandbox", "--port=65536"], /^--port: expected a port from 0 to 65535/],
      ["with a negative port", ["sandbox", "--port=-1"], /^--port: expected a port from 0 to 65535/],
      ["with an empty port", ["sandbox", "--port="], /^--port: expected a port from 0 to 65535/]
    ] as const
  ) {
    it.effect(`${name} says how it is used, and ends with 2`, () =>
      Effect.gen(function*() {
        const { code, errors, output } = yield* run(args)
        assert.strictEqual(code, 2)
        assert.match(errors, expected)
        assert.strictEqual(output, "")
      }))
  }
})

describe("npx effect-payment-cancel cancel-many", () => {
  for (
    const [name, args, expected] of [
      ["without a file", [], /^Which payments\?/],
      ["without --out", ["in.csv"], /^Where to\?/],
      ["with its own file as --out", ["in.csv", "--out", "./in.csv"], /^--out: expected another file/],
      ["with a file of another kind", ["in.xlsx", "--out", "out.csv"], /in\.xlsx: expected a name that ends in \.csv/],
      ["with a limit of nothing", ["in.csv", "--out", "out.csv", "--limit", "Stripe=rate:0/s"], /expected concurrency:16 or rate:25\/s/],
      [
        "with two limits of one provider",
        ["in.csv", "--out", "out.csv", "--limit", "Stripe=concurrency:1", "--limit", "Stripe=rate:5/s"],
        /^--limit: expected once for each provider/
      ],
      ["with a limit twice", ["in.csv", "--out", "out.csv", "--limit", "Stripe=rate:5/s,rate:50/s"], /expected each setting once/],
      ["with a limit for a provider in another spelling", ["in.csv", "--out", "out.csv", "--limit", "stripe=rate:5/s"], /must be spelt Stripe/],
      ["with a credential", ["in.csv", "--out", "out.csv", "--api-key", "sk_test_1"], /'--api-key'/]
    ] as const
  ) {
    it.effect(`${name} says what is wrong, ends with 2, and writes nothing`, () =>
      Effect.gen(function*() {
        const { code, errors } = yield* run(["cancel-many", ...args.map((arg) => /^\.\/|^(?:in|out)\./.test(arg) ? `${folder}/${arg}` : arg)])
        assert.strictEqual(code, 2)
        assert.match(errors, expected)
        assert.match(errors, /\nnpx effect-payment-cancel cancel-many --help shows how it is used\.$/)
        // The one sentence, and not the page of options behind it.
        assert.notInclude(errors, "Usage:")
        assert.notInclude(errors, "sk_test_1")
        assert.deepStrictEqual(Fs.readdirSync(folder), ["in.csv"])
      }))
  }

  it.effect("names the folder of --out if there is none, and ends with 1", () =>
    Effect.gen(function*() {
      const { code, errors } = yield* run(["cancel-many", at("in.csv"), "--out", at("nowhere/out.csv"), "--sandbox"])
      assert.deepStrictEqual([code, errors], [1, `--out: there is no folder ${at("nowhere")}. Nothing was sent.`])
    }))

  it.effect("reads a file of variables with the mark of UTF-8 at its start, and none with bytes that are no UTF-8", () =>
    Effect.gen(function*() {
      const path = at("marked.env")
      const check = run(["cancel-many", at("in.csv"), "--dry-run", "--env-file", path])
      const text = "\uFEFFSTRIPE_API_KEY=sk_test_ö\n"
      Fs.writeFileSync(path, text.replace("ö", "1"))
      const read = yield* check
      assert.strictEqual(read.code, 0, read.errors)
      for (const [encoding, problem] of [["utf16le", "it is in UTF-16: save it in UTF-8"], ["latin1", "it has bytes that are no UTF-8: save it in UTF-8"]] as const) {
        Fs.writeFileSync(path, text.slice(encoding === "latin1" ? 1 : 0), encoding)
        const { code, errors } = yield* check
        assert.deepStrictEqual([code, errors.split("\n")[0]], [2, `--env-file: ${path}: ${problem}`])
      }
      Fs.rmSync(path)
    }))

  it.effect("interrupted while it still reads the file, says that nothing was sent", () =>
    Effect.gen(function*() {
      const errors: Array<string> = []
      const console = yield* Console.consoleWith(Effect.succeed)
      const codes: Array<number> = []
      Fs.writeFileSync(at("long.csv"), `provider,paymentId\n${Array.from({ length: 8000 }, (_, index) => `Stripe,pi_${index}\n`).join("")}`)
      const fiber = yield* Effect.fork(
        Command.run([CancelMany.command], ["cancel-many", at("long.csv"), "--out", at("out.csv"), "--sandbox"], (code) =>
          Effect.sync(() => void codes.push(code))).pipe(
          Effect.withConsole({ ...console, error: (...args) => Effect.sync(() => void errors.push(args.join(" "))) })
        )
      )
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(errors, ["Stopped before anything was sent."])
      assert.deepStrictEqual(codes, [130])
      Fs.rmSync(at("long.csv"))
    }))
})

describe("npx effect-payment-cancel sandbox", () => {
  it.scoped("takes its port from PORT, and rather from --port", () =>
    Effect.gen(function*() {
      const server = yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const server = Net.createServer()
          await once(server.listen(0, "127.0.0.1"), "listening")
          return server
        }),
        (server) => Effect.sync(() => server.close())
      )
      const address = server.address()
      const port = String(typeof address === "object" && address !== null ? address.port : 0)
      const where = (PORT: string) => Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["PORT", PORT]])))
      const taken = yield* run(["sandbox"]).pipe(where(port))
      assert.deepStrictEqual(taken, {
        code: 1,
        output: "",
        errors: `Port ${port} is in use, perhaps by another sandbox. Choose another port with --port, or any free one with --port 0.`
      })
      assert.deepStrictEqual(yield* run(["sandbox", "--port", port]).pipe(where("0")), taken)
      const wrong = yield* run(["sandbox"]).pipe(where("http"))
      assert.strictEqual(wrong.code, 2)
      assert.match(wrong.errors, /^PORT: expected a port from 0 to 65535\nnpx effect-payment-cancel sandbox --help /)
    }))

  it.effect("writes the variables of every provider to a file, which cancel-many reads, and over no file but its own", () =>
    Effect.gen(function*() {
      const path = at("sandbox.env")
      const sandbox = ["sandbox", "--port", "0", "--write-env", path]
      const exists = () => Fs.existsSync(path) && Fs.readFileSync(path, "utf8").includes("WEPAY_BASE_URL")
      for (const _ of ["first", "second"]) {
        const fiber = yield* Effect.fork(run(sandbox))
        yield* Effect.promise(async () => {
          while (!exists()) await new Promise((resolve) => setTimeout(resolve, 5))
        })
        yield* Fiber.interrupt(fiber)
      }
      const variables = Util.parseEnv(Fs.readFileSync(path, "utf8"))
      const inSandbox = Object.fromEntries(Providers.names.flatMap((name) => Providers.provider(name).sandbox))
      assert.sameMembers(Object.keys(variables), Object.keys(inSandbox))
      for (const [name, value] of Object.entries(variables)) {
        if (name.endsWith("_BASE_URL")) assert.match(value ?? "", /^http:\/\/127\.0\.0\.1:\d+\/\w/)
        else assert.strictEqual(value, inSandbox[name])
      }
      const ready = yield* run(["cancel-many", at("in.csv"), "--dry-run", "--env-file", path])
      assert.strictEqual(ready.code, 0, ready.errors)

      Fs.writeFileSync(path, "STRIPE_API_KEY=sk_live_1\n")
      const refused = yield* run(sandbox)
      assert.deepStrictEqual([refused.code, /^--write-env: .* is there already/.test(refused.errors)], [1, true])
      assert.strictEqual(Fs.readFileSync(path, "utf8"), "STRIPE_API_KEY=sk_live_1\n")
      Fs.rmSync(path)
    }))
})
