/** What is somebody else's, and dies whatever it is told. */
import * as Logger from "effect/Logger"
import * as Tracer from "effect/Tracer"

/** A logger that dies of whatever it is given. */
export const noLogger = Logger.replace(Logger.defaultLogger, Logger.make(() => {
  throw new Error("no logger")
}))

/** Dies when it is told this: a span, or an attribute, an event or the end of one. */
export const tracerDyingAt = (moment: string | ((what: string) => boolean)) => {
  const told: Array<string> = []
  const tell = (what: string) => {
    told.push(what)
    if (typeof moment === "string" ? what === moment : moment(what)) throw new Error("no tracer")
  }
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      tell(`span ${name}`)
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      return {
        _tag: "Span", name, spanId: name, traceId: "trace", parent, context, links, kind, sampled: true, attributes: new Map(),
        get status() {
          return status
        },
        attribute: (key) => tell(`${name} ${key}`),
        event: (event) => tell(`${name} ${event}`),
        addLinks: () => {},
        end: (endTime, exit) => {
          status = { _tag: "Ended", startTime, endTime, exit }
          tell(`end ${name}`)
        }
      }
    },
    context: (run) => run()
  })
  return { told, tracer }
}
