/**
 * The tables of the providers side by side: what the same situation is called at each. The table in
 * handling-errors.md is generated from it, and `test/docs/situations.test.ts` checks it against the
 * tables of codes: the same situation has the same category, or the provider's page says why not.
 * What a situation is at a provider is in `providers/<Name>.ts`.
 */
import type { TableOf } from "../src/authoring/Errors.js"
import type { Category } from "../src/CancelError.js"
import type * as Library from "../src/index.js"

/** The providers of the library: every namespace with errors of its own and a layer. */
export type ProviderName = {
  readonly [Name in keyof typeof Library]: (typeof Library)[Name] extends { readonly Unrecognized: unknown; readonly layer: unknown }
    ? Name
    : never
}[keyof typeof Library]

type ClassOf<Name extends ProviderName> = keyof TableOf<(typeof Library)[Name]>

/**
 * How one provider reports a situation.
 *
 * - `classes`: the listed codes for it.
 * - `otherwise`: what reports it if no listed code does.
 * - `because`: why a class has a different category than the situation: a sentence, quoted exactly
 *   from the provider's page.
 */
export interface At<Class> {
  readonly classes: ReadonlyArray<Class>
  readonly otherwise?: string
  readonly because?: string
}

export const byStatus = (status: number) => `\`Unrecognized\`, with a ${status}`

export const byWebhook = "accepted, and declined by webhook"

export const noLonger = "`CancelError.NoLongerCancellable`, if a status says so"

/** Each situation, and the category it has. */
export const situations = {
  "there is no such payment": "NotFound",
  "a key that is missing, wrong or expired": "Unauthenticated",
  "a valid key without permission for this": "Forbidden",
  "no such account, or one that is not yours": "Forbidden",
  "too many requests": "RateLimited",
  "too late, or being processed: the payment is in a state in which it cannot be cancelled": "NotCancellable",
  "another operation on the payment is running at this moment": "Conflict",
  "a request under the same key is still running": "Conflict",
  "the key was used for another request": "Conflict",
  "the request is not acceptable": "InvalidRequest",
  "the provider failed": "ProviderFault",
  "the documented success states nothing, and no status confirms it": "Unexpected"
} as const satisfies { readonly [situation: string]: Category }

export type Situation = keyof typeof situations

/** What only some providers know; left out at the others. */
const rare = {
  "the documented success states nothing, and no status confirms it": { classes: [], otherwise: "-" }
} as const satisfies { readonly [S in Situation]?: At<string> }

type Rare = keyof typeof rare

/** What every situation is at one provider. */
export type SituationsAt<Name extends ProviderName> =
  & { readonly [S in Exclude<Situation, Rare>]: At<ClassOf<Name>> }
  & { readonly [S in Rare]?: At<ClassOf<Name>> }

/** In their order, with the name and the category of each. */
export const everySituation: ReadonlyArray<readonly [name: Situation, category: Category]> = Object.entries(situations).map(
  ([name, category]) => [name as Situation, category]
)

/** What every situation is at a provider, by its name. */
export const situationsAt = async (provider: string): Promise<{ readonly [S in Situation]: At<string> }> => ({
  ...rare,
  ...(await import(new URL(`./providers/${provider}.ts`, import.meta.url).href)).situations
})
