/**
 * The one source of chance: the same seed always gives the same numbers.
 */

/** A stream of pseudo-random numbers (xoshiro128**). */
export interface Random {
  /** From 0 to 1, 1 excluded. */
  next(): number
  /** A whole number; both ends included. */
  whole(minimum: number, maximum: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  pick<A>(from: readonly [A, ...ReadonlyArray<A>]): A
  /** Picks by weight. */
  weighted<A>(from: readonly [readonly [number, A], ...ReadonlyArray<readonly [number, A]>]): A
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** Spreads a seed over the state (splitmix32), so that neighbouring seeds have nothing in common. */
const spread = (seed: number) => {
  // A seed can be larger than 32 bits: its upper part counts as well.
  let state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1)) | 0
  return (): number => {
    state = (state + 0x9e3779b9) | 0
    let word = state ^ (state >>> 16)
    word = Math.imul(word, 0x21f0aaad)
    word ^= word >>> 15
    word = Math.imul(word, 0x735a2d97)
    return word ^ (word >>> 15)
  }
}

export const make = (seed: number): Random => {
  const word = spread(seed)
  let a = word()
  let b = word()
  let c = word()
  let d = word() | 1

  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result / 2 ** 32
  }

  return {
    next,
    whole: (minimum, maximum) => minimum + Math.floor(next() * (maximum - minimum + 1)),
    chance: (probability) => next() < probability,
    pick: (from) => from[Math.floor(next() * from.length)] ?? from[0],
    weighted: (from) => {
      let left = next() * from.reduce((sum, [weight]) => sum + weight, 0)
      return (from.find(([weight]) => (left -= weight) < 0) ?? from[0])[1]
    }
  }
}
