import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { longOrShort } from "../support/extent.js"
import { cancelMany, csv, exists, folder, pick, run, server, start, text, write } from "./CancelManyCommand.js"
import * as Workspace from "./Workspace.js"

describe("npx effect-payment-cancel cancel-many", () => {
  it("does what its page shows, from the first command to the last", async () => {
    const page = Fs.readFileSync(Path.join(Workspace.root, "docs/cancel-many.md"), "utf8")
    const example = Fs.readFileSync(Path.join(Workspace.root, "docs/examples/payments.csv"), "utf8")
    assert.include(page, `\`\`\`csv\n${example}\`\`\``)
    Workspace.write(folder, { "payments.csv": example })
    const shown = [...page.matchAll(/```sh\nnpx effect-payment-cancel (cancel-many .+)\n```(?:\s+```text\n([\s\S]*?)```\s+It ends with (\d))/g)]
    assert.lengthOf(shown, 3)
    for (const [, line = "", output = "", code] of shown) {
      const running = start(line.split(" "))
      assert.strictEqual(String((await running.ended).code), code, running.output())
      // Two streams have no order between them, and a rate is never the same twice.
      const withoutRate = (text: string) => text.replace(/[\d.]+\/s/g, "…/s").split("\n")
      assert.includeMembers(withoutRate(running.output()), withoutRate(output))
    }
    const columns = [...page.matchAll(/^\| `(\w+)`(?:, `(\w+)`)* \|/gm)].flatMap(([row]) =>
      [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name))
    assert.includeMembers(columns, Object.keys(csv("results.csv")[0]!))
    const { code: helped, output } = await run(["--help"])
    assert.strictEqual(helped, 0)
    assert.match(output, /^Usage: npx effect-payment-cancel cancel-many/)
    const codes = [...output.slice(output.indexOf("Exit codes:")).matchAll(/^ {2}(\d+)/gm)].map(([, code]) => code)
    assert.lengthOf(codes, 6)
    for (const code of codes) assert.match(page, new RegExp(`^\\| ${code} \\|`, "m"))
  })

  // Below, what is stopped by SIGINT is tested too.
  it.each(longOrShort(["SIGINT", "SIGTERM"] as const, ["SIGTERM"] as const))("begins nothing more after %s, lets end what is under way, and goes on later", async (signal) => {
    const { env, post, requests } = await server()
    const ids = Array.from({ length: 12 }, (_, index) => `pi_${index}`)
    await Promise.all(ids.map((id) => post("payments", { provider: "Stripe", id })))
    await post("faults", { fault: { _tag: "Delay", duration: 2000 }, provider: "Stripe", operation: "Cancel", times: 4 })
    write("in.csv", "provider,paymentId", ...ids.map((id) => `Stripe,${id}`))
    const args = ["in.csv", "--out", "out.csv", "--limit", "Stripe=concurrency:2"]
    const stopped = cancelMany(args, env)
    while ((await requests()).length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    stopped.signal(signal)
    assert.strictEqual((await stopped.ended).code, 130)
    assert.match(stopped.errors(), /^Stopping: [12] under way, .*\n[\s\S]*^Stopped\. out\.csv says what is true so far\. Run the same command again/m)
    const sent = (await requests()).length
    const outcomes = pick(csv("out.csv"), "outcome", "result")
    assert.strictEqual(outcomes.filter(([outcome]) => outcome === "Cancelled").length, sent)
    assert.strictEqual(outcomes.filter(([, result]) => result === "NotBegun").length, ids.length - sent)
    const { code, output } = await run(args, env)
    assert.strictEqual(code, 0, output)
    assert.lengthOf(await requests(), ids.length)
  })

  it("stopped while a provider cannot be reached, knows what was never sent: nothing is in doubt", async () => {
    const { env, requests } = await server()
    write("in.csv", "provider,paymentId", ...Array.from({ length: 40 }, (_, index) => `Stripe,pi_${index}`))
    const stopped = cancelMany(["in.csv", "--out", "out.csv"], { ...env, STRIPE_BASE_URL: "http://127.0.0.1:9" })
    const begun = () =>
      exists("out.csv.journal") ? [...text("out.csv.journal").matchAll(/"begun":\[([^\]]*)\]/g)].flatMap(([, all = ""]) => all.split(",")).length : 0
    while (begun() < 8) await new Promise((resolve) => setTimeout(resolve, 20))
    const since = Date.now()
    stopped.signal("SIGINT")
    assert.strictEqual((await stopped.ended).code, 130)
    assert.isBelow(Date.now() - since, 20_000)
    const rows = csv("out.csv")
    assert.deepStrictEqual(new Set(pick(rows, "outcome", "settled").map(String)), new Set(["NotCancelled,false"]), text("out.csv"))
    assert.isAtLeast(rows.filter((row) => row["result"] === "NotBegun").length, 20)
    assert.lengthOf(await requests(), 0)
  })
})
