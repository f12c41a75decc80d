/** The driver as a Worker: a request holds a job, its answer the report. */
import { type Job, perform } from "./driver.js"

export default {
  fetch: async (request: Request): Promise<Response> => {
    const job = await request.json() as Job
    const report = await perform(job).catch((error: unknown) => ({ tag: `died: ${String(error)}`, outcome: null, attempts: 0 }))
    return Response.json(report)
  }
}
