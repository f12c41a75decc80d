/** What `cancel-many` makes of its files, without a process for each run. */
import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Ended from "./ended.js"

/** What a row of the results holds, as text in CSV. */
interface Row {
  readonly [column: string]: unknown
}

const pick = (rows: ReadonlyArray<Row>, ...columns: ReadonlyArray<string>) => rows.map((row) => columns.map((column) => row[column]))

/** A folder of its own, and in it the command. */
const place = Effect.gen(function*() {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-files-"))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  )
  const at = (name: string) => Path.join(folder, name)
  const said = (text: string) => text.replaceAll(at("/"), "")
  const text = (name: string) => Fs.readFileSync(at(name), "utf8")

  const run = (...args: ReadonlyArray<string>) =>
    Effect.map(Ended.run(["cancel-many", ...args.map((arg) => /^(?:in|out)\.|^\.env$/.test(arg) ? at(arg) : arg)]), ({ code, errors, output }) => ({
      code,
      output: said(output),
      errors: said(errors)
    }))

  return {
    run,
    write: (name: string, ...lines: ReadonlyArray<string>) => Fs.writeFileSync(at(name), lines.map((line) => `${line}\n`).join("")),
    csv: (name: string): ReadonlyArray<Row> => parse(text(name), { columns: true }),
    jsonLines: (name: string): ReadonlyArray<Row> => text(name).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)),
    remove: (name: string) => Fs.rmSync(at(name)),
    files: () => Fs.readdirSync(folder).filter((name) => name !== ".env")
  }
})

/** The variables of two providers, which are a server that only counts its requests. */
const server = Effect.gen(function*() {
  let requests = 0
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const server = Http.createServer((_, response) => {
        requests += 1
        response.writeHead(500).end()
      })
      await once(server.listen(0, "127.0.0.1"), "listening")
      return server
    }),
    (server) => Effect.sync(() => server.close())
  )
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  return {
    env: ["STRIPE_API_KEY=sk_test_1", `STRIPE_BASE_URL=${url}`, "ADYEN_API_KEY=key", "ADYEN_MERCHANT_ACCOUNT=Merchant", `ADYEN_BASE_URL=${url}`],
    requests: () => requests
  }
})

// What takes longest waits for most of that.
describe.concurrent("cancel-many", () => {
  it.scopedLive("reads and writes CSV as spreadsheets do, at every provider", () =>
    Effect.gen(function*() {
      const { csv, run, write } = yield* place
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
      const { code, errors, output } = yield* run("in.csv", "--out", "out.csv", "--sandbox")
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
      assert.deepStrictEqual(csv("out.csv").map((row) => row["mayBeAcceptedTwice"]), ["false", ...Array.from({ length: 9 }, () => "")])
      const stripe = csv("out.csv")[5]!
      assert.strictEqual(stripe["idempotencyKey"], "a-\"key\",with-a-comma")
      const keys = new Set(csv("out.csv").map((row) => row["idempotencyKey"]))
      assert.strictEqual(keys.size, 10)
      assert.deepStrictEqual(
        pick([csv("out.csv")[6]!], "result", "code", "category", "paymentStatus", "httpStatus"),
        [["Stripe.PaymentIntentUnexpectedState", "payment_intent_unexpected_state", "NotCancellable", "succeeded", "400"]]
      )
      // No terminal: whole lines, without a bar or a control character.
      for (const drawn of ["\u001b", "\r", "█"]) assert.notInclude(output + errors, drawn)
      assert.match(errors, /^10 of 10 \(100 %\), /m)
      assert.match(output, /^ {2}Stripe +1 {2}not cancelled {2}Stripe\.PaymentIntentUnexpectedState \(payment_intent_unexpected_state\)$/m)
    }))

  it.scopedLive("reads and writes JSON lines, of either and to either", () =>
    Effect.gen(function*() {
      const { csv, jsonLines, run, write } = yield* place
      write(
        "in.jsonl",
        JSON.stringify({ provider: "Stripe", paymentId: "pi_1", idempotencyKey: "key-1" }),
        "",
        JSON.stringify({ provider: "WePay", paymentId: "w1", reason: "twice", idempotencyKey: null })
      )
      const first = yield* run("in.jsonl", "--out", "out.ndjson", "--sandbox", "--batch", "incident-7")
      assert.strictEqual(first.code, 0, first.output)
      const rows = jsonLines("out.ndjson")
      assert.deepStrictEqual(pick(rows, "line", "paymentId", "outcome", "settled", "attempts"), [
        [1, "pi_1", "Cancelled", true, 1],
        [3, "w1", "Cancelled", true, 1]
      ])
      assert.strictEqual(rows[0]!["idempotencyKey"], "key-1")
      // The same name gives the same keys, in whichever form the file is.
      write("in.csv", "provider,paymentId,reason,idempotencyKey", "Stripe,pi_1,,key-1", "WePay,w1,twice,")
      const second = yield* run("in.csv", "--out", "out.csv", "--sandbox", "--batch", "incident-7")
      assert.strictEqual(second.code, 0, second.output)
      assert.deepStrictEqual(pick(csv("out.csv"), "idempotencyKey"), pick(rows, "idempotencyKey"))
    }))

  it.scopedLive("names everything that is wrong with a file, ends with 2, and has sent and written nothing", () =>
    Effect.gen(function*() {
      const { files, run, write } = yield* place
      const { env, requests } = yield* server
      write(".env", ...env)
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
      const { code, errors, output } = yield* run("in.csv", "--out", "out.csv", "--env-file", ".env")
      assert.strictEqual(code, 2)
      assert.strictEqual(output, "")
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
      assert.strictEqual(requests(), 0)
      assert.deepStrictEqual(files(), ["in.csv"])

      write("in.jsonl", "{\"provider\":\"Stripe\",\"paymentId\":\"pi_1\"}", "{", "[]", "{\"provider\":\"Stripe\",\"paymentId\":7}")
      const json = yield* run("in.jsonl", "--out", "out.jsonl", "--env-file", ".env")
      assert.strictEqual(json.code, 2)
      assert.match(json.errors, /^in\.jsonl:2: is not JSON\nin\.jsonl:3: is not a JSON object\nin\.jsonl:4: paymentId .+\n\n3 problems /)
      assert.strictEqual(requests(), 0)
    }))

  it.scopedLive("names every variable that is missing, of the file's providers alone, and begins nothing", () =>
    Effect.gen(function*() {
      const { files, run, write } = yield* place
      write(".env", "ADYEN_MERCHANT_ACCOUNT=Merchant")
      write("in.csv", "provider,paymentId", "Stripe,pi_1", "Adyen,A1")
      const { code, errors } = yield* run("in.csv", "--out", "out.csv", "--env-file", ".env")
      assert.strictEqual(code, 1)
      assert.match(errors, /^Nothing was sent\. [^\n]*\n {2}Adyen: [^\n]*ADYEN_API_KEY is not set[^\n]*\n {2}Stripe: STRIPE_API_KEY is not set$/m)
      assert.notInclude(errors, "WEPAY")
      assert.deepStrictEqual(files(), ["in.csv"])
    }))

  it.scopedLive("says with --dry-run what would be done, and sends and writes nothing", () =>
    Effect.gen(function*() {
      const { files, run, write } = yield* place
      const { env, requests } = yield* server
      write(".env", ...env)
      write("in.csv", "provider,paymentId,reason", "Stripe,pi_1,", "Stripe,pi_2,duplicate", "Adyen,A1,late")
      const { code, output } = yield* run("in.csv", "--dry-run", "--env-file", ".env")
      assert.strictEqual(code, 0, output)
      assert.match(output, /^3 payments would be cancelled:\n {2}Adyen {3}1 \(1 reason not sent: .*\)\n {2}Stripe {2}2\n/)
      assert.strictEqual(requests(), 0)
      assert.deepStrictEqual(files(), ["in.csv"])
    }))

  it.scopedLive("goes on only with the same payments, and never over results that it does not know", () =>
    Effect.gen(function*() {
      const { remove, run, write } = yield* place
      write("in.csv", "provider,paymentId", "Stripe,pi_1")
      const args = ["in.csv", "--out", "out.csv", "--sandbox"]
      assert.strictEqual((yield* run(...args)).code, 0)
      write("in.csv", "provider,paymentId", "Stripe,pi_1", "Stripe,pi_2")
      const other = yield* run(...args)
      assert.deepStrictEqual([other.code, /^The payments are not those/.test(other.errors)], [2, true])
      remove("out.csv.journal")
      const foreign = yield* run(...args)
      assert.deepStrictEqual([foreign.code, /^out\.csv is there already/.test(foreign.errors)], [2, true])
    }))
})
