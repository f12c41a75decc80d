/** The two most telling rows as a picture, which is drawn without a library. */
import { isMet, type Results, type Row, unitOf, wanted } from "./results.js"

/** What the picture shows: the library with each transport under load, beside what is measured against. */
const telling = [/^CPU per cancel, .* over undici, 64 at once$/, /^CPU per cancel, .* own transport, 64 at once$/]

const width = 760
const left = 20
const barHeight = 26
const rowHeight = 130

const bar = (y: number, share: number, text: string, colour: string): string =>
  `<rect x="${left}" y="${y}" width="${(share * 360).toFixed(1)}" height="${barHeight}" rx="3" fill="${colour}"/>` +
  `<text x="${(left + share * 360 + 8).toFixed(1)}" y="${y + 18}" class="value">${text}</text>`

const drawn = (row: Row, nth: number, most: number): string => {
  const y = 20 + nth * rowHeight
  const verdict = `${row.value.median.toFixed(2)}${unitOf(row)}, target ${wanted(row)}: ${isMet(row) ? "met" : "missed"}`
  return [
    `<text x="${left}" y="${y + 14}" class="title">${row.measure}</text>`,
    bar(y + 24, row.ours / most, `${row.ours.toFixed(0)} ${row.unit}: ${verdict}`, "#4c6fd1"),
    bar(y + 56, row.baseline / most, `${row.baseline.toFixed(0)} ${row.unit}: ${row.against}`, "#9aa3b5")
  ].join("\n  ")
}

/** An SVG. */
export const picture = ({ rows }: Results): string => {
  const shown = telling.map((measure) => {
    const row = rows.find((each) => measure.test(each.measure))
    if (row === undefined) throw new Error(`There is no row for ${String(measure)}`)
    return row
  })
  const most = Math.max(...shown.flatMap(({ baseline, ours }) => [baseline, ours]))
  const height = 20 + shown.length * rowHeight
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="CPU time per cancel, this library beside its baselines">
  <style>text { font: 14px system-ui, sans-serif; fill: #222 } .title { font-weight: 600 } .value { font-size: 13px }</style>
  <rect width="${width}" height="${height}" fill="#fff"/>
  ${shown.map((row, nth) => drawn(row, nth, most)).join("\n  ")}
</svg>
`
}
