/** Packs the package into a folder, for the tests of what is published: `npm test` does it while the checks leave a core idle. */
import { pack } from "./setup.js"

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error("in which folder?")
pack(folder)
