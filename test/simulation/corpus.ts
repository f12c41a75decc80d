/**
 * Seeds that once found something. They are played again in every test run.
 */
export const corpus: ReadonlyArray<readonly [seed: number, found: string]> = [
  [101, "a Retry-After that is an HTTP date was not read"],
  [2134, "interrupted right after an acknowledgement, the event said NotCancelled"],
  [2013, "a deadline of a millisecond left no time for the last status query"],
  [266, "a slow handler of events made the cancel miss its deadline"],
  [418, "a slow handler of events used up the time of every exchange: it waited and waited"],
  [2031, "a handler of events that hangs used up the time of every attempt: nothing was ever sent"]
]
