/**
 * Plays its share of the seeds in a process of its own.
 */
import { type Finding, play } from "./campaign.js"
import * as Coverage from "./coverage.js"
import { named } from "./facts.js"

/** Which seeds a worker plays: every so manyth from the first. */
export interface Share {
  readonly first: number
  readonly before: number
  readonly step: number
  /** Whether it counts which situations it reaches. */
  readonly counts: boolean
  /** As which way of cancelling each is played; null: as it has it. */
  readonly as: string | null
}

/** What a worker says from time to time, and at the end. */
export interface News {
  readonly played: number
  readonly findings: ReadonlyArray<Finding>
  readonly counts: ReadonlyArray<readonly [Coverage.Situation, number]>
}

/** After how many seeds a worker says what it has done. */
const rhythm = 200

const work = async ({ as, before, counts, first, step }: Share, say: (news: News) => void): Promise<void> => {
  const facts = as === null ? undefined : named(as)
  let played = 0
  let findings: Array<Finding> = []
  let coverage = Coverage.make()
  const tell = () => {
    say({ played, findings, counts: coverage.counts() })
    played = 0
    findings = []
    coverage = Coverage.make()
  }
  for (let seed = first; seed < before; seed += step) {
    const finding = await play(seed, undefined, facts, counts ? coverage : undefined)
    if (finding !== null) findings.push(finding)
    played += 1
    if (played === rhythm) tell()
  }
  tell()
}

// Nobody reads the stack of an error that is expected, and taking it down takes time.
Error.stackTraceLimit = 0

const share: Share = JSON.parse(process.argv[2] ?? "")
await work(share, (news) => process.send?.(news))
process.disconnect()
