/** A tracer that keeps its spans, for a test to look at. */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/** A span as an exporter sees it. */
export interface Seen {
  readonly name: string
  readonly kind: Tracer.SpanKind
  /** The name of its parent. */
  readonly parent: string | null
  readonly attributes: { readonly [name: string]: unknown }
  readonly events: ReadonlyArray<readonly [name: string, attributes: unknown]>
  /** `open` before its end; `ok`; an error's name and message; `interrupted`. */
  readonly status: string
  /** In milliseconds, by the clock. */
  readonly began: number
  /** In milliseconds. */
  readonly took: number
}

const statusOf = ({ status }: Tracer.Span): string => {
  if (status._tag === "Started") return "open"
  if (Exit.isSuccess(status.exit)) return "ok"
  const { cause } = status.exit
  if (Cause.isInterruptedOnly(cause)) return "interrupted"
  const [error] = Cause.prettyErrors(cause)
  return `${error?.name}: ${error?.message}`
}

const tookOf = ({ status }: Tracer.Span): number =>
  status._tag === "Ended" ? Number(status.endTime - status.startTime) / 1_000_000 : NaN

export const record = () => {
  const spans: Array<{ readonly span: Tracer.Span; readonly events: Array<readonly [string, unknown]> }> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      const events: Array<readonly [string, unknown]> = []
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        spanId: `span-${spans.length}`,
        traceId: Option.match(parent, { onNone: () => `trace-${spans.length}`, onSome: ({ traceId }) => traceId }),
        parent,
        context,
        links,
        kind,
        sampled: true,
        get status() {
          return status
        },
        attributes,
        attribute: (key, value) => void attributes.set(key, value),
        event: (event, _, told = {}) => void events.push([event, told]),
        addLinks: () => {},
        end: (endTime, exit) => {
          if (status._tag === "Ended") throw new Error(`${name} ended twice`)
          status = { _tag: "Ended", startTime, endTime, exit }
        }
      }
      spans.push({ span, events })
      return span
    },
    context: (run) => run()
  })
  return {
    tracer,
    /** In the order in which they began. */
    spans: (): ReadonlyArray<Seen> =>
      spans.map(({ events, span }) => ({
        name: span.name,
        kind: span.kind,
        parent: Option.match(span.parent, { onNone: () => null, onSome: (parent) => parent._tag === "Span" ? parent.name : parent.spanId }),
        attributes: Object.fromEntries(span.attributes),
        events,
        status: statusOf(span),
        began: Number(span.status.startTime / 1_000_000n),
        took: tookOf(span)
      })),
    /** Everything in the spans that is there to be printed, the exits included. */
    whole: () => spans.map(({ events, span }) => ({ ...span, attributes: [...span.attributes], events, status: span.status }))
  }
}
