/**
 * What the page and the worker that plays seeds tell each other.
 */
import type { Picture } from "./picture.js"

/** A seed, and as whichever way of cancelling it is to be played; null: as it has it. */
export interface Asked {
  readonly seed: number
  readonly as: string | null
}

export type Reply =
  | { readonly _tag: "Ready"; readonly names: ReadonlyArray<string> }
  | Asked & { readonly _tag: "Played"; readonly picture: Picture }
  | Asked & { readonly _tag: "Failed"; readonly why: string }
