/**
 * `npm run crash-test`: kills what works on durable cancels, again and again, and looks whether every payment ends
 * settled and true.
 *
 *   npm run crash-test                                 300 trials on SQLite, and 60 on PostgreSQL with three runners
 *   npm run crash-test -- --sqlite 20 --postgres 0     fewer, or none
 *   npm run crash-test -- --seed 7                     from another seed
 *   npm run crash-test -- --expiration 35              PostgreSQL with other locks: how many seconds they hold
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { parseArgs } from "node:util"
import { bundle } from "./bundle.js"
import { Sandbox } from "effect-payment-cancel/sandbox"
import * as Campaign from "./campaign.js"
import * as Postgres from "./postgres.js"
import * as Trial from "./trial.js"

const { values } = parseArgs({
  options: {
    sqlite: { type: "string", default: "300" },
    postgres: { type: "string", default: "60" },
    payments: { type: "string", default: "6" },
    checkouts: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    expiration: { type: "string", default: "9" }
  }
})
const [sqlite, postgres, seed] = [values.sqlite, values.postgres, values.seed].map(Number) as [number, number, number]
const size: Campaign.Size = { cancels: Number(values.payments), checkouts: Number(values.checkouts) }

/** How many pieces of work a run has, about: kills are spread over them, so that every one of them has its turn. */
const pieces = 900

const summary = (name: string, outcomes: ReadonlyArray<Campaign.Outcome>) => {
  const problems = outcomes.flatMap((_) => _.problems)
  const sum = (of: (outcome: Campaign.Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const times = outcomes.filter(({ kills }) => kills > 0).map(({ millis }) => millis).toSorted((a, b) => a - b)
  console.log(
    `${name}: ${outcomes.length} trials, ${sum((_) => _.payments)} payments (${sum((_) => _.checkouts)} of checkouts, ${sum((_) => _.handedOver)} handed to a person), ${sum((_) => _.kills)} kills, ${problems.length} problems; ` +
      `from the last kill until all is settled ${Math.round(times[Math.floor(times.length / 2)] ?? 0)} ms (median), at most ${Math.round(times.at(-1) ?? 0)} ms`
  )
  return problems
}

const report = (name: string, nth: number, of: number, { problems }: Campaign.Outcome) =>
  Effect.sync(() => {
    for (const problem of problems) console.log(problem)
    if (nth % 20 === 19) console.log(`  ${name}: ${nth + 1} of ${of}`)
  })

const program = Effect.gen(function*() {
  const runner = yield* Effect.promise(bundle)
  const problems: Array<string> = []
  if (sqlite > 0) {
    const outcomes = yield* Effect.forEach(Array.from({ length: sqlite }, (_, nth) => nth), (nth) => {
      const next = Trial.random(seed * 1_000_003 + nth)
      // Every other trial goes through the pieces of work in order, the others are killed at random moments.
      const kills = nth % 2 === 0 ? [{ at: 1 + Math.floor((nth / sqlite) * pieces) }] : Campaign.killsOf(next, pieces)
      return Effect.tap(Campaign.onSqlite(runner, kills, nth, size), (outcome) => report("SQLite", nth, sqlite, outcome))
    }, { concurrency: 2 })
    problems.push(...summary("SQLite, one process that is started again", outcomes))
  }
  if (postgres > 0) {
    const outcomes = yield* Effect.scoped(Effect.gen(function*() {
      const server = yield* Postgres.serve(21_799)
      const outcomes = yield* Effect.forEach(Array.from({ length: postgres }, (_, nth) => nth), (nth) => {
        const next = Trial.random(seed * 1_000_003 + nth)
        const kills: Array<Campaign.Kill> = nth % 2 === 0 ? [{ at: 1 + Math.floor((nth / postgres) * pieces) }] : [...Campaign.killsOf(next, pieces)]
        return Effect.tap(
          Campaign.onPostgres(runner, { url: server.create(`trial_${nth}`), expiration: Number(values.expiration) }, kills, nth, size),
          (outcome) => report("PostgreSQL", nth, postgres, outcome)
        )
      })
      // That a search finds what was there is shown by the payments' ids.
      const found = server.filesWith("pi_3Sandbox").length === 0 ? ["PostgreSQL: not even the payments are found in its files"] : []
      const secrets = [
        Sandbox.credentials.Stripe.apiKey,
        Sandbox.credentials.Adyen.apiKey,
        Sandbox.credentials.WePay.appToken,
        Sandbox.credentials.Square.accessToken,
        Sandbox.webhookSecret("Adyen"),
        Sandbox.webhookSecret("Stripe")
      ]
      found.push(...secrets.flatMap((secret, nth) => server.filesWith(secret).map((file) => `PostgreSQL: a credential, number ${nth}, stands in ${file}`)))
      for (const problem of found) console.log(problem)
      problems.push(...found)
      console.log(`PostgreSQL: ${secrets.length} credentials searched in every file of the server`)
      return outcomes
    }))
    problems.push(...summary("PostgreSQL, three runners of which some are killed", outcomes))
  }
  Fs.rmSync(runner, { force: true })
  return problems.length
})

process.exitCode = await Effect.runPromise(program) === 0 ? 0 : 1
