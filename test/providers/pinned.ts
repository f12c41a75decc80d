/**
 * Error tables in short lines, to be compared with a copy that was written by hand.
 */
import type { Row } from "../../src/authoring/Errors.js"

/** `name code category outcome about flags statuses certainty`, one line for each row. */
export const pinned = (table: { readonly [name: string]: Row }): ReadonlyArray<string> =>
  Object.entries(table).map(([name, row]) => {
    const { about, category, certainty, code, httpStatus, outcome, stillRunning, tryAgain } = row
    const flags = [...(tryAgain === true ? ["again"] : []), ...(stillRunning === true ? ["running"] : [])]
    return [name, code, category, outcome, about, flags.join(",") || "-", httpStatus.join(","), certainty].join(" ")
  })
