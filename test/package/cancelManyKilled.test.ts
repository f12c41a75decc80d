import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { isLong, longOrShort } from "../support/extent.js"
import { cancelMany, csv, exists, folder, pick, run, server, text, write } from "./CancelManyCommand.js"

describe("npx effect-payment-cancel cancel-many", () => {
  it("killed in the middle and run again, cancels every payment under one key", async () => {
    const { env, post, requests } = await server()
    const ids = Array.from({ length: 24 }, (_, index) => `pi_${index}`)
    await Promise.all(ids.map((id) => post("payments", { provider: "Stripe", id })))
    // So that some are always carried out and not answered yet.
    await post("faults", { fault: { _tag: "Delay", duration: 400 }, provider: "Stripe", operation: "Cancel", times: 24 })
    write("in.csv", "provider,paymentId", ...ids.map((id) => `Stripe,${id}`))
    const args = ["in.csv", "--out", "out.csv", "--limit", "Stripe=concurrency:8,rate:100/s"]
    const cancels = async () => (await requests()).filter(({ path }) => path.endsWith("/cancel"))
    const killed = cancelMany(args, env)
    while ((await cancels()).length < 12) await new Promise((resolve) => setTimeout(resolve, 20))
    killed.signal("SIGKILL")
    assert.strictEqual((await killed.ended).signal, "SIGKILL")
    const sentBefore = (await cancels()).length
    assert.isBelow(sentBefore, ids.length)
    assert.isFalse(exists("out.csv"))
    assert.isTrue(exists("out.csv.lock"))

    // What the crash may do to the last line.
    Fs.appendFileSync(Path.join(folder, "out.csv.journal"), "{\"index\":3,\"provider\":\"Str")
    const { code, errors, output } = await run(args, env)
    assert.strictEqual(code, 0, output)
    // The lock of a process that is gone holds nobody up.
    assert.isFalse(exists("out.csv.lock"))
    assert.match(errors, /^\d+ payments to cancel; \d+ of the file settled before\./m)
    const keys = new Map(ids.map((id) => [id, new Set<string>()]))
    for (const { headers, path } of await cancels()) {
      keys.get(/payment_intents\/(\w+)\/cancel/.exec(path)![1]!)!.add(headers["idempotency-key"] ?? "")
    }
    assert.deepStrictEqual([...keys].filter(([, { size }]) => size !== 1), [])
    // Some were under way when it was killed, and what was recorded before was left alone.
    assert.isAbove((await cancels()).length, ids.length)
    assert.isBelow((await cancels()).length, ids.length + sentBefore)
    assert.deepStrictEqual(
      pick(csv("out.csv"), "paymentId", "outcome", "idempotencyKey"),
      ids.map((id) => [id, "Cancelled", ...keys.get(id)!])
    )

    // Nothing is left: nothing is sent.
    const sent = (await requests()).length
    const again = await run(args, env)
    assert.strictEqual(again.code, 0)
    assert.match(again.errors, /^Nothing is left to do/)
    assert.lengthOf(await requests(), sent)
    // Neither secrets nor anything else of the account.
    for (const file of ["out.csv", "out.csv.journal"]) assert.notInclude(text(file), env.STRIPE_API_KEY)
    assert.notInclude(output, env.STRIPE_API_KEY)
  })

  it("runs once at a time for the same results, however many are started at once", async () => {
    const { env, post, requests } = await server()
    const ids = ["pi_1", "pi_2", "pi_3"]
    for (const id of ids) await post("payments", { provider: "Stripe", id })
    await post("faults", { fault: { _tag: "Delay", duration: 4000 }, provider: "Stripe", operation: "Cancel" })
    write("in.csv", "provider,paymentId", ...ids.map((id) => `Stripe,${id}`))
    const starts = longOrShort(3, 2)
    const ends = await Promise.all(Array.from({ length: starts }, () => run(["in.csv", "--out", "out.csv"], env)))
    const said = ends.map(({ code, errors, output }) => `${code} ${errors}${output}`)
    const refused = said.filter((text) => /^2 Process \d+ is cancelling with out\.csv at this moment\./.test(text))
    // On a busy machine one may be begun when the first is done.
    const late = said.filter((text) => text.startsWith("0 Nothing is left to do"))
    assert.isNotEmpty(refused)
    assert.strictEqual(refused.length + late.length, starts - 1, said.join("\n"))
    assert.strictEqual(said.filter((text) => text.startsWith("0 ")).length, 1 + late.length)
    const sent = (await requests()).filter(({ method }) => method === "POST").map(({ headers, path }) =>
      `${path} ${headers["idempotency-key"]}`)
    assert.lengthOf(new Set(sent), ids.length, sent.join("\n"))
    assert.isFalse(exists("out.csv.lock"))
  })

  // Without a process that is killed, the tests of the command show the same.
  it.runIf(isLong)("leaves in doubt what a killed run may have sent, until the provider says what is true, and sends it again only where it may", async () => {
    const { env, post, requests } = await server()
    await post("payments", { provider: "Stripe", id: "pi_1" })
    await post("payments", { provider: "Square", id: "sq_1" })
    await post("faults", { fault: { _tag: "Delay", duration: 5000 }, operation: "Cancel", times: 2 })
    write("in.csv", "provider,paymentId", "Stripe,pi_1", "Square,sq_1")
    const args = ["in.csv", "--out", "out.csv"]
    const killed = cancelMany(args, env)
    while ((await requests()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    killed.signal("SIGKILL")
    await killed.ended
    // The providers are not reached: nothing of this run is sent, and nothing is known of the one before.
    const nowhere = "http://127.0.0.1:9"
    const unreached = await run(args, { ...env, STRIPE_BASE_URL: nowhere, SQUARE_BASE_URL: nowhere })
    assert.strictEqual(unreached.code, 4, unreached.output)
    assert.deepStrictEqual(pick(csv("out.csv"), "outcome", "settled"), [["Unknown", "false"], ["Unknown", "false"]])
    const settled = await run(args, env)
    assert.strictEqual(settled.code, 0, settled.output)
    assert.deepStrictEqual(pick(csv("out.csv"), "outcome", "evidence", "settled"), [
      ["Cancelled", "Response", "true"],
      ["Cancelled", "StatusQuery", "true"]
    ])
    // Stripe's key is a licence to send it again. Square documents none.
    const sent = (await requests()).map(({ method, provider }) => `${provider} ${method}`)
    assert.deepStrictEqual(sent.toSorted(), ["Square GET", "Square POST", "Stripe POST", "Stripe POST"])
  })

  it.runIf(isLong)("knows what a killed run had not begun: nothing of that is in doubt, however many they are", async () => {
    const { env, post, requests } = await server()
    const ids = Array.from({ length: 80 }, (_, index) => `sq_${index}`)
    await Promise.all(ids.map((id) => post("payments", { provider: "Square", id })))
    // The first four are lost with the run.
    await post("faults", { fault: { _tag: "DropBeforeApplying" }, provider: "Square", operation: "Cancel", times: 1 })
    await post("faults", { fault: { _tag: "Delay", duration: 5000 }, provider: "Square", operation: "Cancel", times: 3 })
    write("in.csv", "provider,paymentId", ...ids.map((id) => `Square,${id}`))
    const args = ["in.csv", "--out", "out.csv", "--limit", "Square=concurrency:4,rate:100/s"]
    const killed = cancelMany(args, env)
    while ((await requests()).length < 4) await new Promise((resolve) => setTimeout(resolve, 20))
    killed.signal("SIGKILL")
    await killed.ended
    const { code, output } = await run(args, env)
    const outcomes = pick(csv("out.csv"), "outcome").flat()
    // Of what was under way only its status can tell, and Square's says of one that it is not cancelled yet.
    assert.isAtMost(outcomes.filter((outcome) => outcome === "Unknown").length, 4, output)
    assert.isAtLeast(outcomes.filter((outcome) => outcome === "Cancelled").length, ids.length - 4, output)
    assert.strictEqual(code, outcomes.includes("Unknown") ? 4 : 0, output)
  })
})
