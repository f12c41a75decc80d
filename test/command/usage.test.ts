/** What `npx effect-payment-cancel` says of command lines, without a process for each. */
import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { afterAll, beforeAll } from "vitest"
import * as Command from "../../src/command/Command.js"
import * as CancelMany from "../../src/command/cancelMany.js"
import * as Sandbox from "../../src/command/sandbox.js"

interface Ended {
  readonly code: number | undefined
  readonly output: string
  readonly errors: string
}

/** A command line, to its end. */
const run = (args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.gen(function*() {
    const console = yield* Console.consoleWith(Effect.succeed)
    const output: Array<string> = []
    const errors: Array<string> = []
    const printTo = (lines: Array<string>) => (...args: ReadonlyArray<unknown>) =>
      Effect.sync(() => {
        lines.push(args.join(" "))
      })
    let code: number | undefined
    yield* Command.run([CancelMany.command, Sandbox.command], args, (reported) =>
      Effect.sync(() => {
        code = reported
      })).pipe(Effect.withConsole({ ...console, log: printTo(output), error: printTo(errors) }))
    return { code, output: output.join("\n"), errors: errors.join("\n") }
  })

let folder = ""
const at = (name: string) => Path.join(folder, name)

beforeAll(() => {
  folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-usage-"))
  Fs.writeFileSync(at("in.csv"), "provider,paymentId\nStripe,pi_1\n")
})

afterAll(() => Fs.rmSync(folder, { recursive: true }))

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
      ["with one that does not exist", ["sandpit"], /^There is no command "sandpit"\.\n\nUsage: /],
      ["with an option that does not exist", ["sandbox", "--prot", "1"], /'--prot'[\s\S]*Usage: npx effect-payment-cancel sandbox/],
      ["with an argument too many", ["sandbox", "WePay"], /'WePay'[\s\S]*Usage: /],
      ["with an option without its value", ["sandbox", "--port"], /--port[\s\S]*Usage: /],
      ["with a port that is none", ["sandbox", "--port", "http"], /^--port: expected a port from 0 to 65535, and not "http"\n\nUsage: /],
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
      ["with a credential", ["in.csv", "--out", "out.csv", "--api-key", "sk_test_1"], /'--api-key'/]
    ] as const
  ) {
    it.effect(`${name} says how it is used, ends with 2, and writes nothing`, () =>
      Effect.gen(function*() {
        const { code, errors } = yield* run(["cancel-many", ...args.map((arg) => /^\.\/|^(?:in|out)\./.test(arg) ? `${folder}/${arg}` : arg)])
        assert.strictEqual(code, 2)
        assert.match(errors, expected)
        assert.include(errors, "Usage: npx effect-payment-cancel cancel-many")
        assert.notInclude(errors, "sk_test_1")
        assert.deepStrictEqual(Fs.readdirSync(folder), ["in.csv"])
      }))
  }
})
