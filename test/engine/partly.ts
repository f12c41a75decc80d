/**
 * Comparison that can tell an Option from another: chai's, which `assert` has from vitest,
 * takes `none` for equal to any `some`.
 */
import { deepStrictEqual } from "@effect/vitest/utils"

export { deepStrictEqual }

/** Asserts that an object has at least these fields, with these values. */
export const assertPartly = <A extends object>(actual: A, expected: { readonly [K in string]: unknown }): void => {
  const picked = Object.fromEntries(Object.keys(expected).map((key) => [key, Reflect.get(actual, key)]))
  deepStrictEqual<object>(picked, expected)
}
