/**
 * Stands for `test/support/providers.ts` in the page, where no folder can be read: the compiler
 * finds every provider instead.
 */
import type { ProviderFacts } from "../../../test/support/ProviderFacts.js"

const facts = import.meta.glob<{ readonly facts: ProviderFacts }>("../../../test/providers/*/facts.ts", { eager: true })

const library = import.meta.glob<object>("../../../src/providers/*/{declaration,index,options}.ts", { eager: true })

/** In their alphabetical order. */
export const names: ReadonlyArray<string> = Object.keys(facts).flatMap((path) => path.split("/").at(-2) ?? []).sort()

export const providers: ReadonlyArray<ProviderFacts> = names.flatMap((name) => facts[`../../../test/providers/${name}/facts.ts`]?.facts ?? [])

/** A module by where it is from `test/support`. */
export const load = async (path: string): Promise<object | undefined> => library[`../../..${new URL(path, "file:///test/support/").pathname}`]
