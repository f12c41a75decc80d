import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { longOrShort } from "../support/extent.js"
import { cancelMany, csv, exists, folder, jsonLines, pick, run, server, start, text, write } from "./CancelManyCommand.js"
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
    const { output } = await run(["--help"])
    const codes = [...output.slice(output.indexOf("Exit codes:")).matchAll(/^ {2}(\d+)/gm)].map(([, code]) => code)
    assert.lengthOf(codes, 6)
    for (const code of codes) assert.match(page, new RegExp(`^\\| ${code} \\|`, "m"))
  })

  it("reads and writes CSV as spreadsheets do, at every provider", async () => {
    write(
      "in.csv",
      "\uFEFFprovider,paymentId,reason,idempotencyKey",
      "Adyen,A1,,",
      "CheckoutCom,pay_1,,",
      "Klarna,ord_1,,",
      "PayPal,AUTH1,,",
      "Square,sq_1,,",
      "Stripe,pi_1,duplicate,\"a-\"\"key\"\",with-a-comma\"",
      "Stripe,pi_2_succeeded,,",
      "WalletConnectPay,wcp_1,,",
      "WePay,w1,\"over\ntwo lines\",",
      "Stripe,pi_3,,"
    )
    const { code, errors, output } = await run(["in.csv", "--out", "out.csv", "--sandbox"])
    assert.strictEqual(code, 3, output)
    assert.deepStrictEqual(pick(csv("out.csv"), "line", "provider", "outcome", "settled"), [
      ["2", "Adyen", "Accepted", "true"],
      ["3", "CheckoutCom", "Cancelled", "true"],
      ["4", "Klarna", "Cancelled", "true"],
      ["5", "PayPal", "Cancelled", "true"],
      ["6", "Square", "Cancelled", "true"],
      ["7", "Stripe", "Cancelled", "true"],
      ["8", "Stripe", "NotCancelled", "true"],
      ["9", "WalletConnectPay", "Cancelled", "true"],
      ["10", "WePay", "Cancelled", "true"],
      ["12", "Stripe", "Cancelled", "true"]
    ])
    const stripe = csv("out.csv")[5]!
    assert.strictEqual(stripe["idempotencyKey"], "a-\"key\",with-a-comma")
    const keys = new Set(csv("out.csv").map((row) => row["idempotencyKey"]))
    assert.strictEqual(keys.size, 10)
    assert.deepStrictEqual(
      pick([csv("out.csv")[6]!], "result", "code", "category", "paymentStatus", "httpStatus"),
      [["Stripe.PaymentIntentUnexpectedState", "payment_intent_unexpected_state", "NotCancellable", "succeeded", "400"]]
    )
    // No terminal: whole lines, without a bar or a control character.
    for (const drawn of ["\u001b", "\r", "█"]) assert.notInclude(output, drawn)
    assert.match(errors, /^10 of 10 \(100 %\), /m)
    assert.match(output, /^ {2}Stripe +1 {2}not cancelled {2}Stripe\.PaymentIntentUnexpectedState \(payment_intent_unexpected_state\)$/m)
  })

  it("reads and writes JSON lines, of either and to either", async () => {
    write(
      "in.jsonl",
      JSON.stringify({ provider: "Stripe", paymentId: "pi_1", idempotencyKey: "key-1" }),
      "",
      JSON.stringify({ provider: "WePay", paymentId: "w1", reason: "twice", idempotencyKey: null })
    )
    const first = await run(["in.jsonl", "--out", "out.ndjson", "--sandbox", "--batch", "incident-7"])
    assert.strictEqual(first.code, 0, first.output)
    const rows = jsonLines("out.ndjson")
    assert.deepStrictEqual(pick(rows, "line", "paymentId", "outcome", "settled", "attempts"), [
      [1, "pi_1", "Cancelled", true, 1],
      [3, "w1", "Cancelled", true, 1]
    ])
    assert.strictEqual(rows[0]!["idempotencyKey"], "key-1")
    // The same name gives the same keys, in whichever form the file is.
    write("in.csv", "provider,paymentId,reason,idempotencyKey", "Stripe,pi_1,,key-1", "WePay,w1,twice,")
    const second = await run(["in.csv", "--out", "out.csv", "--sandbox", "--batch", "incident-7"])
    assert.strictEqual(second.code, 0, second.output)
    assert.deepStrictEqual(pick(csv("out.csv"), "idempotencyKey"), pick(rows, "idempotencyKey"))
  })

  it("names everything that is wrong with a file, ends with 2, and has sent and written nothing", async () => {
    const { env, requests } = await server()
    write(
      "in.csv",
      "provider,paymentId,reason,idempotencyKey,colour",
      "Stripe,pi_1,,,",
      "Strype,pi_2,,,",
      "Stripe,,,,",
      "Stripe,pi_1,,,",
      "Stripe,pi_3,because,,",
      "Stripe,pi_4,,key-4,",
      "Adyen,A1,,key-4,",
      "Stripe,pi_5,,key-4,",
      "WePay,w1,,,",
      "Stripe,pi_6",
      ",pi_7,,,"
    )
    const { code, errors, output } = await run(["in.csv", "--out", "out.csv"], env)
    assert.strictEqual(code, 2)
    assert.strictEqual(output, errors)
    const named = [...errors.matchAll(/^in\.csv:(\d+): (\w*)/gm)].map(([, line, field]) => `${line} ${field}`)
    assert.deepStrictEqual(named, [
      "1 colour",
      "3 provider",
      "4 paymentId",
      "5 paymentId",
      "6 reason",
      "9 idempotencyKey",
      "10 reason",
      "11 has",
      "12 provider"
    ])
    assert.match(errors, /^in\.csv:3: provider must be one of Adyen, .*WePay$/m)
    assert.match(errors, /^in\.csv:5: paymentId is the same as in line 2$/m)
    assert.match(errors, /^9 problems in in\.csv\. Nothing was sent\.$/m)
    assert.lengthOf(await requests(), 0)
    assert.deepStrictEqual(Fs.readdirSync(folder), ["in.csv"])

    write("in.jsonl", "{\"provider\":\"Stripe\",\"paymentId\":\"pi_1\"}", "{", "[]", "{\"provider\":\"Stripe\",\"paymentId\":7}")
    const json = await run(["in.jsonl", "--out", "out.jsonl"], env)
    assert.strictEqual(json.code, 2)
    assert.match(json.errors, /^in\.jsonl:2: is not JSON\nin\.jsonl:3: is not a JSON object\nin\.jsonl:4: paymentId .+\n\n3 problems /)
    assert.lengthOf(await requests(), 0)
  })

  it("takes no credential on its command line", async () => {
    write("in.csv", "provider,paymentId", "Stripe,pi_1")
    const { code, errors } = await run(["in.csv", "--out", "out.csv", "--api-key", "sk_test_1"])
    assert.strictEqual(code, 2)
    assert.match(errors, /'--api-key'/)
    assert.include(errors, "npx effect-payment-cancel cancel-many --help")
    assert.notInclude(errors, "sk_test_1")
  })

  it("names every variable that is missing, of the file's providers alone, and begins nothing", async () => {
    write("in.csv", "provider,paymentId", "Stripe,pi_1", "Adyen,A1")
    const { code, errors } = await run(["in.csv", "--out", "out.csv"], { ADYEN_MERCHANT_ACCOUNT: "Merchant" })
    assert.strictEqual(code, 1)
    assert.match(errors, /^Nothing was sent\. [^\n]*\n {2}Adyen: [^\n]*ADYEN_API_KEY is not set[^\n]*\n {2}Stripe: STRIPE_API_KEY is not set$/m)
    assert.notInclude(errors, "WEPAY")
    assert.deepStrictEqual(Fs.readdirSync(folder), ["in.csv"])
  })

  it("says with --dry-run what would be done, and sends and writes nothing", async () => {
    const { env, requests } = await server()
    write("in.csv", "provider,paymentId,reason", "Stripe,pi_1,", "Stripe,pi_2,duplicate", "Adyen,A1,late")
    const { code, output } = await run(["in.csv", "--dry-run"], env)
    assert.strictEqual(code, 0, output)
    assert.match(output, /^3 payments would be cancelled:\n {2}Adyen {3}1 \(1 reason not sent: .*\)\n {2}Stripe {2}2\n/)
    assert.lengthOf(await requests(), 0)
    assert.deepStrictEqual(Fs.readdirSync(folder), ["in.csv"])
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

  it("goes on only with the same payments, and never over results that it does not know", async () => {
    write("in.csv", "provider,paymentId", "Stripe,pi_1")
    const args = ["in.csv", "--out", "out.csv", "--sandbox"]
    assert.strictEqual((await run(args)).code, 0)
    write("in.csv", "provider,paymentId", "Stripe,pi_1", "Stripe,pi_2")
    const other = await run(args)
    assert.deepStrictEqual([other.code, /^The payments are not those/.test(other.errors)], [2, true])
    Fs.rmSync(Path.join(folder, "out.csv.journal"))
    const foreign = await run(args)
    assert.deepStrictEqual([foreign.code, /^out\.csv is there already/.test(foreign.errors)], [2, true])
  })
})
