/**
 * Each provider's error table, held against what was written down of its documentation by
 * hand: a row that is changed by mistake does not go unnoticed.
 */
import { describe, it } from "@effect/vitest"
import * as Errors from "../../src/authoring/Errors.js"
import { deepStrictEqual } from "../engine/partly.js"
import type { Code } from "../support/ProviderFacts.js"
import { load, providers } from "../support/providers.js"

/** A row as the tests know it. */
const known = ([name, row]: readonly [string, Errors.Row]): Code => {
  const { about, category, certainty, code, httpStatus, outcome, states = null, stillRunning = false, tryAgain = false } = row
  return { name, code, category, outcome, about, tryAgain, stillRunning, states, statuses: httpStatus, certainty }
}

const pascalCase = (code: string): string =>
  code.toLowerCase().split("_").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("")

for (const { codes, name, namedOtherwise } of providers) {
  const errors: object = await load(`../../src/providers/${name}/errors.ts`)
  describe(`${name}'s error table`, () => {
    it("says what the provider documents", () => {
      // A module has its exports in the order of their names.
      const byName = (rows: ReadonlyArray<Code>) => rows.toSorted((one, other) => one.name < other.name ? -1 : 1)
      deepStrictEqual(byName(Object.entries(Errors.table(errors)).map(known)), byName(codes))
    })
    it("names each class after its code, where that is a word", () => {
      const words = codes.flatMap(({ code, name }) => code !== null && /[a-z]/i.test(code) ? [{ code, name }] : [])
      deepStrictEqual(words.filter(({ code, name }) => name !== pascalCase(code)).map(({ name }) => name), namedOtherwise)
    })
  })
}
