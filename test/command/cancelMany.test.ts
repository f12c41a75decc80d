/** What `cancel-many` does from one run to the next, at a server of its own. */
import { assert, describe, it } from "@effect/vitest"
import { parse } from "csv-parse/sync"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import { refuse, serveProxy } from "../support/Proxy.js"
import { command } from "../../src/command/cancelMany.js"
import * as Command from "../../src/command/Command.js"

/** What Stripe answers to a request to cancel a payment. Where that is null, it answers nothing. */
type Answer = (paymentId: string) => readonly [status: number, body: object] | null

const intent = (id: string, status: string) => ({ id, object: "payment_intent", status, amount: 100, amount_received: 0, currency: "eur" })

const cancels: Answer = (id) => [200, intent(id, "canceled")]
const fails: Answer = () => [500, { error: { type: "api_error", message: "an error" } }]
const refusesCredentials: Answer = () => [401, { error: { type: "invalid_request_error", message: "Invalid API Key provided" } }]

const stillCancellable: Answer = (id) => [200, intent(id, "requires_capture")]

/** A folder of its own, and a server that is Stripe to what runs there. */
const makeShop = Effect.gen(function*() {
  const answers: { cancel: Answer; status: Answer } = { cancel: cancels, status: stillCancellable }
  /** The payments that were asked to be cancelled, in order. */
  const asked: Array<string> = []

  const server = Http.createServer((request, response) => {
    const id = /payment_intents\/([^/?]+)/.exec(request.url ?? "")?.[1] ?? ""
    request.resume().on("end", () => {
      if (request.method === "POST") asked.push(id)
      const answered = request.method === "POST" ? answers.cancel(id) : answers.status(id)
      if (answered === null) return
      const [code, body] = answered
      const headers = { "content-type": "application/json", connection: "close" }
      response.writeHead(code, request.method === "POST" ? { ...headers, "request-id": `req_${id}` } : headers).end(JSON.stringify(body))
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => once(server.listen(0, "127.0.0.1"), "listening")),
    () =>
      Effect.promise(() => {
        const closed = once(server.close(), "close")
        server.closeAllConnections()
        return closed
      })
  )
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-payment-cancel-many-"))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  )
  const at = (name: string) => Path.join(folder, name)
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  Fs.writeFileSync(at(".env"), `STRIPE_API_KEY=sk_test_1\nSTRIPE_BASE_URL=http://127.0.0.1:${port}\n`)

  const write = (...ids: ReadonlyArray<string>) =>
    Fs.writeFileSync(at("in.csv"), ["provider,paymentId", ...ids.map((id) => `Stripe,${id}`), ""].join("\n"))

  /** One run, in which Stripe answers so, and which is stopped once it says this, or once this is so. */
  const runUntil = (stopsAt: RegExp | (() => boolean) | undefined, answer: Answer, limit = "Stripe=concurrency:1") =>
    Effect.gen(function*() {
      const stop = yield* Deferred.make<void>()
      answers.cancel = answer
      asked.length = 0
      const console = yield* Console.consoleWith(Effect.succeed)
      const said: Array<unknown> = []
      const hear = (line: unknown) => {
        said.push(line)
        if (stopsAt instanceof RegExp && stopsAt.test(String(line))) Deferred.unsafeDone(stop, Effect.void)
      }
      const print = (line: unknown) => Effect.sync(() => hear(line))
      let code: number | undefined
      yield* Command.run(
        [command],
        ["cancel-many", at("in.csv"), "--out", at("out.csv"), "--env-file", at(".env"), "--limit", limit],
        (reported) =>
          Effect.sync(() => {
            code = reported
          })
      ).pipe(Effect.withConsole({ ...console, log: print, error: print, unsafe: { ...console.unsafe, error: hear } }), Effect.raceFirst(
        typeof stopsAt === "function" ? Effect.repeat(Effect.sleep("20 millis"), { until: stopsAt }) : Deferred.await(stop)
      ))
      return { code, said: said.join("\n"), asked: [...asked] }
    })

  const run = (answer: Answer) => runUntil(undefined, answer)

  const rows = (): ReadonlyArray<{ readonly [column: string]: string }> => parse(Fs.readFileSync(at("out.csv")), { columns: true })

  const outcomes = (): ReadonlyArray<string> => rows().map(({ outcome, paymentId }) => `${paymentId} ${outcome}`)

  /** The last run was killed when all had been begun, and only the first so many results were recorded. */
  const crashAfter = (results: number) => {
    const [header, ...lines] = Fs.readFileSync(at("out.csv.journal"), "utf8").split("\n")
    const recorded = lines.filter((line) => line.startsWith("{\"index\"")).slice(0, results)
    Fs.writeFileSync(at("out.csv.journal"), [header, "{\"begun\":[0,1,2]}", ...recorded].map((line) => `${line}\n`).join(""))
  }

  return { answers, asked, at, crashAfter, folder, outcomes, rows, run, runUntil, write }
})

// Most of them wait for most of their time.
describe.concurrent("cancel-many behind a proxy", () => {
  it.scopedLive("goes through the one that the configuration names, without whose tunnel nothing is sent", () =>
    Effect.gen(function*() {
      const { at, rows, run, write } = yield* makeShop
      const proxy = yield* serveProxy(refuse(403))
      write("pi_1")
      Fs.writeFileSync(at(".env"), `STRIPE_API_KEY=sk_test_1\nHTTPS_PROXY=${proxy.url}\n`)
      const refused = yield* run(cancels)
      assert.strictEqual(refused.code, 4, refused.said)
      assert.deepInclude(rows()[0], { outcome: "NotCancelled", result: "CancelError.NotSent" })
      assert.strictEqual(proxy.asked[0]?.to, "api.stripe.com:443")
    }))

  it.scopedLive("says which variable is wrong, and not what is in it, before anything is sent", () =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      write("pi_1")
      Fs.writeFileSync(at(".env"), "STRIPE_API_KEY=sk_test_1\nHTTPS_PROXY=shop:s3cret@proxy\n")
      const refused = yield* run(cancels)
      assert.strictEqual(refused.code, 1)
      assert.include(refused.said, "Nothing was sent. The configuration is not complete:\n  HTTPS_PROXY: must be the http or https URL of a proxy")
      assert.notInclude(refused.said, "s3cret")
      assert.isFalse(Fs.existsSync(at("out.csv.journal")))
    }))
})

describe.concurrent("cancel-many, run again", () => {
  it.scopedLive("takes nothing for settled at a provider that was settled at a server on this machine, nor the other way round", () =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      write("pi_1")
      assert.strictEqual((yield* run(cancels)).code, 0)
      const local = Fs.readFileSync(at(".env"), "utf8")
      const header = () => Fs.readFileSync(at("out.csv.journal"), "utf8")
      const before = header()
      Fs.writeFileSync(at(".env"), "STRIPE_API_KEY=sk_test_1\n")
      const refused = yield* run(cancels)
      assert.deepStrictEqual([refused.code, refused.asked, header()], [2, [], before])
      assert.include(refused.said, "out.csv.journal was begun with a server on this machine, and the configuration now leads to the providers themselves")
      // As it is where that was the other way round.
      Fs.writeFileSync(at("out.csv.journal"), before.replace(`"isLocal":true`, `"isLocal":false`))
      Fs.writeFileSync(at(".env"), local)
      const back = yield* run(cancels)
      assert.deepStrictEqual([back.code, back.asked], [2, []])
      assert.include(back.said, "out.csv.journal was begun with the providers themselves, and the configuration now leads to a server on this machine")
      // Of what does not say, as an earlier version's, nothing is known.
      Fs.writeFileSync(at("out.csv.journal"), before.replace(`,"isLocal":true`, ""))
      assert.strictEqual((yield* run(cancels)).code, 0)
      // Written in capitals, the address is the same.
      Fs.writeFileSync(at(".env"), local.replace("http:", "HTTP:"))
      Fs.writeFileSync(at("out.csv.journal"), before)
      const shouted = yield* run(cancels)
      assert.strictEqual(shouted.code, 0, shouted.said)
    }))

  it.scopedLive("sends again what a killed run may have sent, though in between others were refused for their credentials", () =>
    Effect.gen(function*() {
      const { crashAfter, outcomes, run, write } = yield* makeShop
      write("pi_1", "pi_2", "pi_3")
      yield* run(refusesCredentials)
      // The first one's refusal is recorded, and then nothing more.
      crashAfter(1)
      const refused = yield* run(refusesCredentials)
      assert.deepStrictEqual([refused.code, refused.asked], [4, ["pi_1"]], refused.said)
      assert.notInclude(refused.said, "Nothing new was sent")
      assert.deepStrictEqual(outcomes(), ["pi_1 NotCancelled", "pi_2 Unknown", "pi_3 Unknown"])
      const accepted = yield* run(cancels)
      assert.deepStrictEqual([accepted.code, accepted.asked], [0, ["pi_1", "pi_2", "pi_3"]], accepted.said)
      assert.deepStrictEqual(outcomes(), ["pi_1 Cancelled", "pi_2 Cancelled", "pi_3 Cancelled"])
    }))

  it.scopedLive("sends nothing more once the credentials are refused, though everything is in doubt", () =>
    Effect.gen(function*() {
      const { crashAfter, run, write } = yield* makeShop
      write("pi_1", "pi_2", "pi_3")
      yield* run(refusesCredentials)
      crashAfter(0)
      const refused = yield* run(refusesCredentials)
      assert.deepStrictEqual([refused.code, refused.asked], [4, ["pi_1"]], refused.said)
      assert.match(refused.said, /Stripe +2 +in doubt +CancelMany\.NotBegun \(Unauthenticated\), not settled\n/)
      assert.match(refused.said, /^Not all are settled: put the credentials of Stripe right, or what they may do, and then run the same command again for the rest,/m)
      const accepted = yield* run(cancels)
      assert.deepStrictEqual([accepted.code, accepted.asked], [0, ["pi_1", "pi_2", "pi_3"]], accepted.said)
    }))

  it.scopedLive("asks for the credentials to be put right where only a status could settle what is in doubt, and they are refused", () =>
    Effect.gen(function*() {
      const { answers, outcomes, run, write } = yield* makeShop
      write("pi_1", "pi_2")
      yield* run(fails)
      answers.status = refusesCredentials
      const refused = yield* run(cancels)
      assert.deepStrictEqual([refused.code, refused.asked, outcomes()], [4, [], ["pi_1 Unknown", "pi_2 Unknown"]], refused.said)
      assert.match(refused.said, /\nNot all are settled: put the credentials of Stripe right, or what they may do, and then run the same command again/)
      assert.notInclude(refused.said, "Nothing new was sent")
      answers.status = (id) => id === "pi_1" ? refusesCredentials(id) : stillCancellable(id)
      const other = yield* run(cancels)
      assert.match(other.said, /\nNot all are settled: put the credentials of Stripe right.*\nNothing new was sent for 1 in doubt/)
      answers.status = (id) => [200, intent(id, "canceled")]
      assert.strictEqual((yield* run(cancels)).code, 0)
    }))

  it.scopedLive("sends nothing again after a 5xx where the provider licences that for no answer only, however many runs later", () =>
    Effect.gen(function*() {
      const { outcomes, run, write } = yield* makeShop
      write("pi_1")
      assert.deepStrictEqual((yield* run(fails)).asked, ["pi_1"])
      for (const answers of [cancels, cancels]) {
        const later = yield* run(answers)
        assert.deepStrictEqual([later.code, later.asked], [4, []], later.said)
        assert.deepStrictEqual(outcomes(), ["pi_1 Unknown"])
        assert.match(later.said, /\nNothing new was sent for 1 in doubt\. If a later run says the same of them, do what "What stays in doubt" says,/)
        assert.notInclude(later.said, "run the same command again")
      }
    }))

  it.scopedLive("sends nothing again after a 5xx, though the run that received it was stopped", () =>
    Effect.gen(function*() {
      const { answers, run, runUntil, write } = yield* makeShop
      write("pi_1")
      let reads = 0
      answers.status = () => {
        reads += 1
        return null
      }
      const stopped = yield* runUntil(() => reads > 0, fails)
      assert.deepStrictEqual([stopped.code, stopped.asked], [130, ["pi_1"]])
      answers.status = stillCancellable
      // Stripe stores a 5xx under the key: it is licensed to be asked for, and not to be sent again.
      assert.deepStrictEqual((yield* run(cancels)).asked, [])
    }))

  it.scopedLive("sends again what was answered that an earlier request under its key still runs, for which there is a licence", () =>
    Effect.gen(function*() {
      const { outcomes, run, write } = yield* makeShop
      write("pi_1")
      const busy = yield* run(() => [409, { error: { type: "idempotency_error", code: "idempotency_key_in_use", message: "in use" } }])
      assert.deepStrictEqual([busy.code, outcomes()], [4, ["pi_1 Unknown"]], busy.said)
      const later = yield* run(cancels)
      assert.deepStrictEqual([later.code, later.asked, outcomes()], [0, ["pi_1"], ["pi_1 Cancelled"]], later.said)
    }))

  it.scopedLive("says that a provider is down, so that nobody takes what waits for a hang", () =>
    Effect.gen(function*() {
      const { runUntil, write } = yield* makeShop
      write(...Array.from({ length: 12 }, (_, index) => `pi_${index}`))
      // As the program itself runs it, which has a logger of its own.
      const logged: Array<unknown> = []
      const ofTheProgram = Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => logged.push(message)))
      const { said } = yield* Effect.provide(runUntil(/is down/, fails, "Stripe=concurrency:12"), ofTheProgram)
      assert.deepStrictEqual(logged, [])
      assert.match(said, /^Stripe is down: 10 cancel requests in a row had no answer, or a server error\. It gets the next request in \S+\.$/m)
    }))

  it.scopedLive("keeps what the provider's support asks for, though later runs send nothing for the payment", () =>
    Effect.gen(function*() {
      const { rows, run, write } = yield* makeShop
      write("pi_0", "pi_1")
      const support = () => rows().map(({ attempts, httpStatus, outcome, requestId }) => [outcome, httpStatus, requestId, attempts])
      // One 403 does not end the part of its provider, as a 401 does.
      yield* run((id) => id === "pi_0" ? [403, { error: { type: "invalid_request_error", message: "not allowed" } }] : fails(id))
      const [, first] = support()
      assert.deepStrictEqual(first, ["Unknown", "500", "req_pi_1", "1"])
      // Its turn does not come; then its status is read.
      for (const answers of [refusesCredentials, cancels]) {
        const later = yield* run(answers)
        assert.deepStrictEqual([later.asked, support()[1]], [["pi_0"], ["Unknown", "500", "req_pi_1", "0"]])
      }
    }))

  it.scopedLive("tells no lies of a file that was changed while it ran", () =>
    Effect.gen(function*() {
      const { at, outcomes, run, write } = yield* makeShop
      write("pi_1", "pi_2", "pi_3")
      const changed = yield* run((id) => {
        write("pi_3", "pi_2", "pi_1")
        return cancels(id)
      })
      assert.strictEqual(changed.code, 1, changed.said)
      assert.match(changed.said, /in\.csv: it has changed since it was checked/)
      assert.isFalse(Fs.existsSync(at("out.csv")))
      write("pi_1", "pi_2", "pi_3")
      const later = yield* run(cancels)
      assert.deepStrictEqual([later.code, later.asked], [0, []], later.said)
      assert.deepStrictEqual(outcomes(), ["pi_1 Cancelled", "pi_2 Cancelled", "pi_3 Cancelled"])
    }))

  it.scopedLive.each([
    ["removed", (journal: string) => Fs.rmSync(journal)],
    ["cut off", (journal: string) => Fs.truncateSync(journal)],
    ["replaced by what it was before", (journal: string) => {
      const [header] = Fs.readFileSync(journal, "utf8").split("\n")
      Fs.writeFileSync(`${journal}.copy`, `${header}\n`)
      Fs.renameSync(`${journal}.copy`, journal)
    }]
  ] as const)("begins nothing more once its journal was %s, and says nothing of the payments that it does not know", ([, damage]) =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      write("pi_1", "pi_2", "pi_3")
      const damaged = yield* run((id) => {
        if (id === "pi_1") damage(at("out.csv.journal"))
        return cancels(id)
      })
      assert.deepStrictEqual([damaged.code, damaged.asked], [1, ["pi_1"]], damaged.said)
      assert.match(damaged.said, /out\.csv\.journal: (?:something else has replaced it or cut it off|there is no such file)/)
      assert.notInclude(damaged.said, "Run the same command again")
      assert.isFalse(Fs.existsSync(at("out.csv")))
    }))

  it.scopedLive("says nothing of the last payment once its journal was cut off behind it", () =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      write("pi_1")
      const { code, said } = yield* run((id) => {
        Fs.truncateSync(at("out.csv.journal"), Fs.statSync(at("out.csv.journal")).size - 5)
        return cancels(id)
      })
      assert.strictEqual(code, 1, said)
      assert.isFalse(Fs.existsSync(at("out.csv")))
    }))

  it.scopedLive("sends nothing if a line of its journal is none that it wrote, and says which one", () =>
    Effect.gen(function*() {
      const { asked, at, crashAfter, outcomes, run, write } = yield* makeShop
      const journal = at("out.csv.journal")
      write("pi_a", "pi_b", "pi_c")
      yield* run(refusesCredentials)
      const another = Fs.readFileSync(journal, "utf8").split("\n").filter((line) => line !== "")
      Fs.rmSync(journal)
      Fs.rmSync(at("out.csv"))
      write("pi_1", "pi_2", "pi_3")
      yield* run(refusesCredentials)
      crashAfter(1)
      const own = Fs.readFileSync(journal, "utf8")
      const result = own.split("\n").find((line) => line.startsWith("{\"index\"")) ?? ""
      const changes: ReadonlyArray<readonly [line: number, changed: string]> = [
        // What they say is settled, or was never sent, is not.
        ...another.filter((line) => !line.startsWith("{\"begun\"")).map((line) => [4, `${own}${line}\n`] as const),
        [3, own.replace(result, result.replace("pi_1", "pi_2"))],
        [3, own.replace(result, result.replace("\"index\":0", "\"index\":1"))],
        [3, own.replace(result, result.replace(/"idempotencyKey":"../, "\"idempotencyKey\":\"zz"))],
        [3, own.replace(result, result.replace("\"NotCancelled\"", "\"notcancelled\""))],
        [2, own.replace("{\"begun\":[0,1,2]}", "{\"begun\":[0,1,2],}")],
        [2, own.replace("{\"begun\":[0,1,2]}", "{\"begun\":[0,1,2,3]}")],
        [2, own.replace("{\"begun\":[0,1,2]}", "begun 0, 1, 2")],
        [3, own.replace(/"batch":"../, "\"batch\":\"zz")]
      ]
      for (const [line, changed] of changes) {
        asked.length = 0
        Fs.writeFileSync(journal, changed)
        const { code, said } = yield* run(cancels)
        assert.deepStrictEqual([code, asked], [1, []], `${changed}\n${said}`)
        assert.include(said, `out.csv.journal:${line}: is no line of these payments' runs: something else has changed the journal.`)
        assert.strictEqual(Fs.readFileSync(journal, "utf8"), changed)
      }
      // What says the same in other bytes, twice or torn by a crash is none of that.
      Fs.writeFileSync(journal, `\uFEFF${own}${own.split("\n").slice(1).join("\n")}\0\0\n{"begun":[0,\n{"beg\n${result.slice(0, 40)}\n{"index":2,"provider":"Stripe","paymentId":"pi_}`
        .replaceAll("\n", "\r\n"))
      const later = yield* run(cancels)
      assert.deepStrictEqual([later.code, outcomes()], [0, ["pi_1 Cancelled", "pi_2 Cancelled", "pi_3 Cancelled"]], later.said)
    }))

  it.scopedLive("takes no journal whose line ends are of another kind, and no other file, for one that a crash left at its first line", () =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      const journal = at("out.csv.journal")
      write("pi_1")
      yield* run(refusesCredentials)
      Fs.rmSync(at("out.csv"))
      const whole = Fs.readFileSync(journal, "utf8")
      for (const other of [whole.replaceAll("\n", "\r"), "{\"orders\":[1001]}", "a"]) {
        Fs.writeFileSync(journal, other)
        const { asked, code, said } = yield* run(cancels)
        assert.deepStrictEqual([code, asked, Fs.readFileSync(journal, "utf8")], [1, [], other], said)
        assert.include(said, "out.csv.journal: is no journal of this version of cancel-many")
      }
      for (const torn of ["", "\0\0\0", whole.slice(0, 9), whole.slice(0, 90)]) {
        Fs.rmSync(at("out.csv"), { force: true })
        Fs.writeFileSync(journal, torn)
        const { code, said } = yield* run(cancels)
        assert.strictEqual(code, 0, said)
      }
    }))

  it.scopedLive.each(["out.csv", "out.csv.journal"])("follows no symbolic link at %s: who goes by another path would see neither the lock nor the keys", (name) =>
    Effect.gen(function*() {
      const { at, folder, run, write } = yield* makeShop
      write("pi_1")
      // Nothing is there until the first run ends.
      Fs.mkdirSync(at("shared"))
      Fs.symlinkSync(Path.join("shared", name), at(name))
      const { asked, code, said } = yield* run(cancels)
      assert.deepStrictEqual([code, asked], [2, []], said)
      assert.include(said, `${at(name)} is a symbolic link: name the file itself`)
      assert.deepStrictEqual(Fs.readdirSync(folder), [".env", "in.csv", name, "shared"])
    }))

  it.scopedLive("waits no longer for a provider that asked for patience because the clock is set back meanwhile", () =>
    Effect.gen(function*() {
      const { run, write } = yield* makeShop
      write("pi_1")
      const live = yield* Effect.clock
      let isSetBack = false
      const timeMillis = () => live.unsafeCurrentTimeMillis() - (isSetBack ? 3_600_000 : 0)
      const clock: Clock.Clock = {
        [Clock.ClockTypeId]: Clock.ClockTypeId,
        unsafeCurrentTimeMillis: timeMillis,
        currentTimeMillis: Effect.sync(timeMillis),
        unsafeCurrentTimeNanos: () => live.unsafeCurrentTimeNanos(),
        currentTimeNanos: live.currentTimeNanos,
        sleep: (duration) => live.sleep(duration)
      }
      const later = yield* Effect.timeout(Effect.withClock(run((id) => {
        if (isSetBack) return cancels(id)
        setTimeout(() => {
          isSetBack = true
        }, 300)
        return [429, { error: { type: "invalid_request_error", code: "rate_limit", message: "too many" } }]
      }), clock), "20 seconds")
      assert.strictEqual(later.code, 0, later.said)
    }))

  it.scopedLive("says what a provider says in a line, whatever is in it", () =>
    Effect.gen(function*() {
      const { run, write } = yield* makeShop
      write("pi_1")
      const { said } = yield* run(() => [400, { error: { type: "invalid_request_error", code: "\u001b[2Jcode\n  Stripe  1  cancelled", message: "no" } }])
      assert.include(said, "  Stripe  1  not cancelled  Stripe.Unrecognized (\\u{1b}[2Jcode\\u{a}  Stripe  1  cancelled)\n")
    }))

  it.scopedLive("says of what was refused for good that its code says why, for that may be that it is cancelled already", () =>
    Effect.gen(function*() {
      const { run, write } = yield* makeShop
      write("pi_1", "pi_2")
      const { code, said } = yield* run((id) =>
        id === "pi_1" ? cancels(id) : [400, { error: { type: "invalid_request_error", code: "charge_already_refunded", message: "no" } }]
      )
      assert.strictEqual(code, 3, said)
      assert.match(said, /\nWhat is not cancelled was refused for good: its code says why, which may be that it was cancelled before\.$/)
    }))

  it.scopedLive("stopped while it writes the results, writes them to their end", () =>
    Effect.gen(function*() {
      const { folder, outcomes, runUntil, write } = yield* makeShop
      write("pi_1", "pi_2")
      const { code, said } = yield* runUntil(/^2 of 2 \(100 %\)/, cancels)
      assert.strictEqual(code, 130, said)
      assert.deepStrictEqual(outcomes(), ["pi_1 Cancelled", "pi_2 Cancelled"])
      assert.match(said, /out\.csv has a row for each of the 2 payments\.$/)
      assert.deepStrictEqual(Fs.readdirSync(folder), [".env", "in.csv", "out.csv", "out.csv.journal"])
    }))

  it.scopedLive("stopped, counts nothing as under way or not cancelled that only waited for its turn, and sums up what is written", () =>
    Effect.gen(function*() {
      const { asked, runUntil, write } = yield* makeShop
      write(...Array.from({ length: 12 }, (_, index) => `pi_${index}`))
      const stopped = yield* runUntil(() => asked.length === 2, cancels, "Stripe=concurrency:4,rate:1/s")
      assert.strictEqual(stopped.code, 130, stopped.said)
      assert.match(stopped.said, /^Stopping: (?:nothing is|1) under way\b/m)
      assert.match(stopped.said, /^2 of 12 \(16 %\), \S+: 2 cancelled, 0 in doubt$/m)
      assert.match(stopped.said, /^ {2}Stripe +2 {2}cancelled +Cancelled\n {2}Stripe +10 {2}not begun +NotBegun, not settled\n\n.*out\.csv has a row for each of the 12 payments\.$/m)
    }))

  it.scopedLive("leaves alone the lock of another machine, whose processes have the same numbers", () =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      write("pi_1")
      Fs.writeFileSync(at("out.csv.lock"), `${process.pid} another-machine`)
      const { asked, code, said } = yield* run(cancels)
      assert.deepStrictEqual([code, asked], [2, []], said)
      assert.match(said, /^Process \d+ on another-machine is cancelling with /)
      assert.strictEqual(Fs.readFileSync(at("out.csv.lock"), "utf8"), `${process.pid} another-machine`)
    }))

  it.scopedLive("leaves alone the lock of another container by the same name, and says what to do", () =>
    Effect.gen(function*() {
      const { at, run, write } = yield* makeShop
      write("pi_1")
      const lock = `${process.pid} ${Os.hostname()} boot:another namespace:pid:[1] run:1`
      Fs.writeFileSync(at("out.csv.lock"), lock)
      const { asked, code, said } = yield* run(cancels)
      assert.deepStrictEqual([code, asked], [2, []], said)
      assert.match(said, /^Process \d+ on .+ may be cancelling with .+out\.csv at this moment: .+ If no other run is under way .+, remove .+out\.csv\.lock/)
      assert.strictEqual(Fs.readFileSync(at("out.csv.lock"), "utf8"), lock)
    }))

  it.scopedLive("takes nothing for a file that could not be read again, such as a pipe or a socket", () =>
    Effect.gen(function*() {
      const { at, run } = yield* makeShop
      const socket = Http.createServer()
      yield* Effect.acquireRelease(
        Effect.promise(() => once(socket.listen(at("in.csv")), "listening")),
        () => Effect.promise(() => once(socket.close(), "close"))
      )
      const { asked, code, said } = yield* run(cancels)
      assert.deepStrictEqual([code, asked], [2, []], said)
      assert.match(said, /in\.csv: is no file/)
    }))
})
