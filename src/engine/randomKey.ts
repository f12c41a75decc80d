/**
 * The key of a cancel that nobody gave one. Effect's `Random` is never used for it: its seed is far too small.
 */
export const randomKey = (): string => globalThis.crypto.randomUUID()
