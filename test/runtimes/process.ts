/** The driver as a program of its own: it asks for jobs until there are no more. */
import { type Job, perform } from "./driver.js"

const control = process.argv.at(-1)

const work = async (): Promise<void> => {
  while (true) {
    const response = await fetch(`${control}/job`)
    if (response.status !== 200) return
    const job = await response.json() as Job
    const report = await perform(job).catch((error: unknown) => ({ tag: `died: ${String(error)}`, outcome: null, attempts: 0 }))
    await (await fetch(`${control}/report`, { method: "POST", body: JSON.stringify(report) })).text()
  }
}

await work()
process.exit(0)
