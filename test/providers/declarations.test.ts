/**
 * What each provider declares, held against its facts: bounds, statuses and licences are
 * written down a second time there, and one that is changed by mistake does not go unnoticed.
 */
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { deepStrictEqual } from "../engine/partly.js"
import { type Home, homes, operationOf } from "../support/homes.js"
import { said } from "../support/interpreting.js"
import { nameOf, subjectOf, type Way } from "../support/ProviderFacts.js"

/** A proof, and the payment that it is about: what a success is made of. */
const proof = { paymentId: "p", identifiedBy: "PaymentId", attempts: 1, observedAt: DateTime.unsafeMake(0), requestId: Option.none() } as const
const stated = { status: "s", cancelledAt: Option.none(), reason: Option.none(), payload: Option.none() }

const origin = "https://a.test"

const asked = { identifier: "p", reason: "r" }

const connectionOf = ({ facts, options }: Home, way: Way) =>
  Either.getOrThrow(options.connect({ ...way.options(way.credentials), baseUrl: `${origin}${facts.basePath}` }))

for (const home of homes) {
  const { declared, facts } = home
  const { declaration } = declared
  describe(`${facts.name} declares`, () => {
    it("its name, and how long a key may be", () => {
      deepStrictEqual([declaration.provider, declaration.longestIdempotencyKey], [facts.name, facts.longestIdempotencyKey])
    })
    it("how many requests it takes, if that is documented", () => {
      const rate = declaration.limits?.rate
      deepStrictEqual(
        rate === undefined ? null : { requests: rate.requests, seconds: Duration.toSeconds(rate.interval) },
        facts.takes
      )
    })
    it("how many requests it takes at the same time, if that is documented", () => {
      assert.strictEqual(declaration.limits?.concurrency ?? null, facts.takesAtOnce)
    })
    it("its bounds", () => {
      deepStrictEqual(declaration.policy, facts.policy)
    })
    it("the header of its own that asks for a wait, if it has one", () => {
      deepStrictEqual(declaration.delays ?? {}, facts.delayHeader === null ? {} : { [facts.delayHeader.name]: facts.delayHeader.unit })
    })
    it("its statuses, if it states any", () => {
      deepStrictEqual(declaration.standings, facts.statesStatus ? facts.standings : {})
    })
    it("every operation that is known, and no other", () => {
      const operations = Object.keys(declared).filter((exported) => exported.endsWith("Operation"))
      const known = [...facts.ways.map(({ operation }) => operation), ...facts.apart]
      assert.sameMembers([...new Set(known.map((operation) => `${operation}Operation`))], operations)
    })
    it("that it states a status, if one can be read", () => {
      const read = facts.ways.some(({ statusTarget }) => statusTarget !== null)
      assert.strictEqual(declared.statusQuery !== undefined, read)
      if (read) assert.isTrue(facts.statesStatus)
    })
  })
  for (const way of facts.ways) {
    describe(`${nameOf(facts, way)} declares`, () => {
      const operation = operationOf(home, way)
      const connection = connectionOf(home, way)
      it("its credentials", () => {
        deepStrictEqual(declaration.secrets(connection), Object.values(way.credentials))
      })
      it("how a payment is named", () => {
        deepStrictEqual(
          [operation.identifiedBy, operation.identifier(way.request(asked))],
          [way.identifiedBy, "p"]
        )
      })
      it("when it may be sent again; where it says so is prose", () => {
        const { source, stillRunning = [], ...licence } = operation.licence(connection)
        deepStrictEqual({ ...licence, stillRunning }, way.licence)
        assert.isNotEmpty(source)
      })
      it("how its status is read, if it can be", () => {
        const queried = facts.paymentId("p")
        const expected = way.statusTarget === null ? null : `GET ${facts.basePath}${way.statusTarget(queried)}`
        const asked = ({ request }: NonNullable<typeof declared.statusQuery>) => {
          const query = request(connection, queried)
          assert.strictEqual(new URL(query.url).origin, origin)
          const { method, target } = Effect.runSync(said(facts, query))
          return `${method} ${target}`
        }
        assert.strictEqual(Option.getOrNull(Option.map(operation.statusQuery, asked)), expected)
        if (way.statusTarget !== null && subjectOf(facts, way).status === "status") assert.strictEqual(declared.statusQuery === undefined ? null : asked(declared.statusQuery), expected)
      })
      it("whose its successes are", () => {
        const { accepted, acknowledged } = operation.successes
        const success = way.receipts === null ? acknowledged(proof, stated) : accepted(proof, { reference: "r" }, false)
        assert.strictEqual(success.provider, facts.name)
        if (way.receipts !== null) assert.strictEqual(success._tag, way.receipts.success)
      })
    })
  }
}
