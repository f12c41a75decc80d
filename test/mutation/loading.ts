/**
 * Test files in one, so that what they share is loaded once.
 *
 * They are imported while the file runs: a mutant that keeps a module from being loaded is then
 * a test that fails. Were they imported at the top, there would be no test at all, and of none
 * none fails.
 */
import { it } from "@effect/vitest"
import { deepStrictEqual } from "../engine/partly.js"

/** Loads test files one after the other, so that their tests come in this order. */
export const loading = async (files: ReadonlyArray<() => Promise<unknown>>): Promise<void> => {
  const broken: Array<unknown> = []
  for (const load of files) await load().catch((reason: unknown) => broken.push(reason))
  it("every module can be loaded", () => {
    deepStrictEqual(broken, [])
  })
}
