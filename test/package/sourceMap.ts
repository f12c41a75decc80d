/** Source maps, as far as the build needs them. */
import * as Fs from "node:fs"

/** A place in a file; both numbers begin with zero. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A place in a file, and the place in another file that it stands for, if any. */
export interface Segment extends Place {
  readonly target: Place | undefined
}

/** A segment of a map that has several sources. */
export interface Sourced extends Segment {
  readonly source: string | undefined
}

/** As tools write them. */
export interface SourceMap {
  readonly mappings: string
  readonly sources: ReadonlyArray<string>
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** Numbers as source maps write them: five bits a digit, the lowest first; a sixth says that more follow; the first bit is the sign. */
const readNumbers = (text: string): ReadonlyArray<number> => {
  const numbers: Array<number> = []
  let value = 0
  let shift = 0
  for (const digit of text) {
    const bits = digits.indexOf(digit)
    value += (bits & 31) << shift
    shift += 5
    if ((bits & 32) === 0) {
      numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1)
      value = 0
      shift = 0
    }
  }
  return numbers
}

const writeNumber = (number: number): string => {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1
  let text = ""
  do {
    text += digits[(rest & 31) | (rest > 31 ? 32 : 0)]
    rest >>= 5
  } while (rest > 0)
  return text
}

/** The segments of a map. In the text each number is the difference to the one before. */
export const segmentsOf = ({ mappings, sources }: SourceMap): ReadonlyArray<Sourced> => {
  const target = { line: 0, column: 0 }
  let source = 0
  return mappings.split(";").flatMap((segments, line) => {
    let column = 0
    return segments.split(",").filter((text) => text !== "").map((text): Sourced => {
      const [byColumn = 0, bySource, byTargetLine, byTargetColumn] = readNumbers(text)
      column += byColumn
      if (bySource === undefined || byTargetLine === undefined || byTargetColumn === undefined) {
        return { line, column, source: undefined, target: undefined }
      }
      source += bySource
      target.line += byTargetLine
      target.column += byTargetColumn
      return { line, column, source: sources[source], target: { ...target } }
    })
  })
}

/** A map's text, as it stands in its file. */
export const readText = (map: string): SourceMap => JSON.parse(Fs.readFileSync(map, "utf8"))

/** The segments of the file of a map that has one source. */
export const read = (map: string): ReadonlyArray<Segment> => {
  const text = readText(map)
  if (text.sources.length !== 1) throw new Error(`${map} has ${text.sources.length} sources`)
  return segmentsOf(text)
}

export const write = (map: string, file: string, source: string, segments: ReadonlyArray<Segment>): void => {
  let mappings = ""
  let line = 0
  let column = 0
  let targetBefore = { line: 0, column: 0 }
  for (const segment of segments) {
    mappings += segment.line > line ? ";".repeat(segment.line - line) : mappings === "" ? "" : ","
    if (segment.line > line) column = 0
    mappings += writeNumber(segment.column - column)
    ;({ column, line } = segment)
    if (segment.target !== undefined) {
      const numbers = [0, segment.target.line - targetBefore.line, segment.target.column - targetBefore.column]
      mappings += numbers.map(writeNumber).join("")
      targetBefore = segment.target
    }
  }
  Fs.writeFileSync(map, JSON.stringify({ version: 3, file, sources: [source], names: [], mappings }))
}

/** The end of a text. */
export const endOf = (text: string): Place => {
  const lines = text.split("\n")
  return { line: lines.length - 1, column: lines.at(-1)!.length }
}

/** A text that is put into another, before one of its characters. */
export interface Insertion {
  readonly at: number
  readonly text: string
}

/** Puts texts into another; `moved` says where a character of it is then. */
export const insert = (
  code: string,
  insertions: ReadonlyArray<Insertion>
): { readonly code: string; readonly moved: (offset: number) => Place; readonly segmentsOf: <S extends Segment>(of: ReadonlyArray<S>) => ReadonlyArray<S> } => {
  const sorted = insertions.toSorted((a, b) => a.at - b.at)
  let text = ""
  let at = 0
  for (const insertion of sorted) {
    text += code.slice(at, insertion.at) + insertion.text
    at = insertion.at
  }
  text += code.slice(at)
  const before = startsOf(code)
  const after = startsOf(text)
  const moved = (offset: number): Place => {
    const now = sorted.reduce((sum, insertion) => insertion.at <= offset ? sum + insertion.text.length : sum, offset)
    const line = after.findLastIndex((start) => start <= now)
    return { line, column: now - after[line]! }
  }
  return { code: text, moved, segmentsOf: (of) => of.map((segment) => ({ ...segment, ...moved(before[segment.line]! + segment.column) })) }
}

/** Where each line begins. */
const startsOf = (text: string): ReadonlyArray<number> => [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
