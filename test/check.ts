/** `npm run check`: types and lint, and one line at the end that says how it went. */
import { checks } from "./checks.js"

const { failed, passed } = await checks()

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
