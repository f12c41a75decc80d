/**
 * Every provider there is: whoever has a folder with facts in `test/providers`. There is no
 * other list of them in the tests.
 */
import { existsSync, readdirSync } from "node:fs"
import type { ProviderFacts } from "./ProviderFacts.js"

const folder = new URL("../providers/", import.meta.url)

/** In their alphabetical order. */
export const names: ReadonlyArray<string> = readdirSync(folder)
  .filter((name) => existsSync(new URL(`${name}/facts.ts`, folder)))
  .sort()

/** A module by where it is from here. What it exports is for whoever loads it to say. */
export const load = async (path: string) => import(new URL(path, import.meta.url).href)

export const providers: ReadonlyArray<ProviderFacts> = await Promise.all(
  names.map(async (name): Promise<ProviderFacts> => (await load(`../providers/${name}/facts.ts`)).facts)
)
