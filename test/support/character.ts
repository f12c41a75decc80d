import * as FastCheck from "effect/FastCheck"

/** The surrogates: of one alone no text is made. */
const surrogates = { first: 0xd800, count: 0x800 }

/**
 * Any character of Unicode: what fast-check's `unit: "binary"` is, which makes a table of all million of them before it
 * gives the first.
 */
export const anyCharacter = FastCheck.integer({ min: 0, max: 0x10ffff - surrogates.count }).map(
  (nth) => String.fromCodePoint(nth < surrogates.first ? nth : nth + surrogates.count),
  (character) => {
    const point = typeof character === "string" ? character.codePointAt(0) ?? 0 : 0
    if (String.fromCodePoint(point) !== character) throw new Error("is not one character")
    return point < surrogates.first ? point : point - surrogates.count
  }
)
