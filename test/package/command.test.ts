import * as Fs from "node:fs"
import * as Path from "node:path"
import { afterEach, assert, describe, inject, it } from "vitest"
import * as InstallLines from "../docs/installLines.js"
import { isLong, longOrShort } from "../support/extent.js"
import * as FirstProgram from "./firstProgram.js"
import * as Running from "./Running.js"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")
const program = Path.join(consumer, "node_modules", ".bin", "effect-payment-cancel")

/** The command to its end, with its two streams apart. */
const run = async (args: ReadonlyArray<string>) => {
  const running = Running.start(consumer, program, args)
  started.add(running)
  const { code } = await running.ended
  return { code, output: running.output(), errors: running.errors() }
}

const started = new Set<Running.Running>()

/** A sandbox that runs, and where. */
const sandbox = async (...args: ReadonlyArray<string>) => {
  const running = Running.start(consumer, program, ["sandbox", ...args])
  started.add(running)
  const [, url = ""] = await running.prints(/^The sandbox listens on (\S+?)\. /m)
  return { running, url }
}

afterEach(async () => {
  for (const running of started) {
    running.signal("SIGKILL")
    await running.ended
  }
  started.clear()
})

describe("npx effect-payment-cancel", () => {
  it("lists the commands", async () => {
    const { code, errors, output } = await run(["--help"])
    assert.strictEqual(code, 0)
    assert.match(output, /^Usage: npx effect-payment-cancel <command>[\s\S]*^ {2}sandbox {6}/m)
    assert.strictEqual(errors, "")
  })

  it("says how it is used, and ends with 2", async () => {
    const { code, errors, output } = await run(["sandbox", "--prot", "1"])
    assert.strictEqual(code, 2)
    assert.match(errors, /'--prot'[\s\S]*npx effect-payment-cancel sandbox --help/)
    assert.strictEqual(output, errors)
  })

  it("has every command that the documentation names", async () => {
    const named = new Set(InstallLines.everyRun.flatMap(({ line }) =>
      /^npx effect-payment-cancel (\w[\w-]*)/.exec(line)?.[1] ?? []))
    assert.includeMembers([...named], ["sandbox", "cancel-many"])
    // That of the second is looked at beside its page.
    for (const name of [...named].filter((name) => isLong || name !== "cancel-many")) {
      const { code, output } = await run([name, "--help"])
      assert.strictEqual(code, 0, name)
      assert.match(output, new RegExp(`^Usage: npx effect-payment-cancel ${name}`))
    }
  })
})

describe("npx effect-payment-cancel sandbox", () => {
  it("is enough to try the first program, as \"Getting started\" says", async () => {
    const folder = Path.join(consumer, "first")
    Fs.mkdirSync(Path.join(folder, "node_modules/.bin"), { recursive: true })
    Fs.symlinkSync(program, Path.join(folder, "node_modules/.bin/effect-payment-cancel"))
    Workspace.write(folder, { "package.json": JSON.stringify({ private: true }) })
    const times = longOrShort(3, 1)
    assert.deepStrictEqual(await FirstProgram.run(folder, undefined, times), FirstProgram.expected.slice(0, times))
  })

  it("prints for every provider where it is, and credentials, payments and curl lines that work", async () => {
    const { running, url } = await sandbox("--port", "0")
    await running.prints(/sandbox\/notifications/)
    const providers = running.output().match(/^\w+\n {2}base URL[\s\S]*?(?=^\S)/gm)!
    assert.lengthOf(providers, Fs.readdirSync(Path.join(consumer, "node_modules/effect-payment-cancel/dist/providers")).length)
    for (const provider of providers) {
      assert.include(provider, `base URL     ${url}/`)
      assert.match(provider, /^ {2}payments\n {4}\w/m)
      const [, cancel = ""] = /^ {2}cancel one\n +(curl .*)$/m.exec(provider)!
      assert.match(Workspace.succeed(consumer, "sh", "-c", cancel), /^HTTP\/1\.1 20\d /, cancel)
    }
    const square = providers.find((provider) => provider.startsWith("Square"))!
    assert.match(square, /^ {2}its webhooks are signed with the secret\n {4}\S+\n {2}and for the notification URL\n {4}https:\/\/\S+$/m)
    const [, created = ""] = /^ {2}a new payment with a creationKey of yours\n +(curl .*)$/m.exec(square)!
    assert.match(Workspace.succeed(consumer, "sh", "-c", created), /^HTTP\/1\.1 201 /, created)
    assert.match(running.output(), /^ {4}ErrorCode code status applied$/m)
    const [, withoutFaults = ""] = /^ +(curl .*-X DELETE .*\/sandbox\/faults'.*)$/m.exec(running.output())!
    assert.match(Workspace.succeed(consumer, "sh", "-c", withoutFaults), /^HTTP\/1\.1 200 /, withoutFaults)
  })

  // The first program's ends with SIGINT.
  it.each(longOrShort(["SIGINT", "SIGTERM"] as const, ["SIGTERM"] as const))("stops at once on %s, even with a request that hangs", async (signal) => {
    const { running, url } = await sandbox("--port", "0")
    await fetch(`${url}/sandbox/faults`, {
      method: "POST",
      body: JSON.stringify({ fault: { _tag: "StallHeaders", applied: false }, provider: "WePay", forever: true })
    })
    const hanging = fetch(`${url}/wepay/payments/00000000-0000-0000-0000-000000000001`).then(() => "answered", () => "cut off")
    await waitFor(async () =>
      (await (await fetch(`${url}/sandbox/requests`)).json() as ReadonlyArray<unknown>).length === 1)
    running.signal(signal)
    assert.deepStrictEqual(await running.ended, { code: 0, signal: null })
    assert.strictEqual(await hanging, "cut off")
    assert.isFalse(await Running.answers(url))
    assert.strictEqual(running.errors(), "")
  })
})

const waitFor = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!await condition()) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
