/**
 * Stands for `node:util` in the page. The oracle looks for secrets in what `inspect` shows, which
 * here, too, is what an object shows of itself where it has a say in that.
 */
import { inspect as show } from "loupe"

export const inspect = (value: unknown, { depth }: { readonly depth: number }): string => show(value, { depth, customInspect: true })
