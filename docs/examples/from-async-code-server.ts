/**
 * A program that serves `POST /payments/<id>/cancel` on Node, and does not use Effect. It reads its
 * settings before it listens, and stops within ten seconds.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { cancelUntilStop, ready, stop } from "./from-async-code.js"
import { responseTo } from "./from-async-code-route.js"

const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [, paymentId] = /^POST \/payments\/([^/]+)\/cancel$/.exec(`${request.method} ${request.url}`) ?? []
  // Whoever follows a link, as a browser or a crawler does, cancels nothing.
  if (paymentId === undefined) {
    response.writeHead(404).end()
    return
  }
  const answer = responseTo(await cancelUntilStop({ paymentId, reason: "requested by the customer" }))
  response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text())
}

// #region start
const server = createServer((request, response) => {
  // A rejection that nobody catches ends the process, with every cancel in flight.
  handle(request, response).catch(() => response.writeHead(503).end())
})

// Here the program ends if a setting is missing: nothing listens yet.
await ready()
server.listen(Number(process.env["PORT"] ?? 3000), () => console.log("listens on", server.address()))
// #endregion

// #region end
/** The process is killed ten seconds after SIGTERM. Of these, one is for handlers of events, and one is left over. */
const patience = Number(process.env["STOP_AFTER_MS"] ?? 8_000)

process.once("SIGTERM", () => {
  const answered = new Promise<void>((resolve) => server.close(() => resolve()))
  // A client may keep its connection after the answer, and the server would wait for that as well.
  setInterval(() => server.closeIdleConnections(), 100)
  stop(answered, patience).finally(() => process.exit())
})
// #endregion
