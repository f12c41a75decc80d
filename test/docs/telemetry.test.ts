/**
 * The program that exports, to a receiver that speaks OTLP; and the queries of the page about
 * telemetry and of the dashboard, which are to ask for what there is.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { CancelError, Telemetry } from "effect-payment-cancel"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { patience, root, run } from "./program.js"

// ---------------------------------------------------------------------------------------
// What is exported
// ---------------------------------------------------------------------------------------

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly boolValue?: boolean; readonly intValue?: number; readonly doubleValue?: number }
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<Attribute>
  readonly events: ReadonlyArray<{ readonly name: string; readonly attributes: ReadonlyArray<Attribute> }>
  readonly status: { readonly code: number; readonly message?: string }
}

interface Point {
  readonly attributes: ReadonlyArray<Attribute>
  readonly asDouble?: number
  readonly count?: number
  readonly sum?: number
}

interface Metric {
  readonly name: string
  readonly sum?: { readonly dataPoints: ReadonlyArray<Point>; readonly isMonotonic: boolean }
  readonly histogram?: { readonly dataPoints: ReadonlyArray<Point> }
}

interface Body {
  readonly resourceSpans?: ReadonlyArray<{ readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }> }>
  readonly resourceMetrics?: ReadonlyArray<{ readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<Metric> }> }>
}

/** Receives what OTLP's exporters send, as JSON. */
const receiver = Effect.acquireRelease(
  Effect.async<{ readonly url: string; readonly received: Array<{ readonly path: string; readonly body: Body }>; readonly stop: () => void }>((resume) => {
    const received: Array<{ readonly path: string; readonly body: Body }> = []
    const server = createServer((request, response) => {
      let text = ""
      request.setEncoding("utf8").on("data", (piece: string) => text += piece).on("end", () => {
        received.push({ path: request.url ?? "", body: JSON.parse(text) as Body })
        response.setHeader("content-type", "application/json").end("{}")
      })
    })
    server.listen(0, "127.0.0.1", () =>
      resume(Effect.succeed({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        received,
        stop: () => {
          server.closeAllConnections()
          server.close()
        }
      })))
  }),
  ({ stop }) => Effect.sync(stop)
)

const valuesOf = (attributes: ReadonlyArray<Attribute>): { readonly [name: string]: unknown } =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.boolValue ?? value.intValue ?? value.doubleValue]))

const { Attribute: Name, MetricName } = Telemetry

const statuses = ["unset", "ok", "error"]

const client = 3

it.scoped("telemetry.ts exports traces and metrics, which arrive at a receiver as they are documented", () =>
  Effect.gen(function*() {
    const { received, url } = yield* receiver
    const { code, output } = yield* run("docs/examples/telemetry.ts", { bundled: true, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } })
    assert.strictEqual(code, 0, output)
    assert.deepStrictEqual(output.trim().split("\n").map((line) => line.replace(/ {2,}/, ": ")), [
      "answered: Cancelled",
      "lost: Cancelled",
      "captured: WePay.PaymentCannotBeCanceled",
      "in doubt: CancelError.NoResponse"
    ])
    assert.includeMembers(received.map(({ path }) => path), ["/v1/traces", "/v1/metrics"])

    const spans = received.flatMap(({ body }) => (body.resourceSpans ?? []).flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
      .toSorted((one, another) => one.startTimeUnixNano < another.startTimeUnixNano ? -1 : 1)
    const childrenOf = (parent: Span) => spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)
    const told = ({ attributes, name, status }: Span) =>
      `${name} ${statuses[status.code]} ${String(valuesOf(attributes)[Name.evidence])}${status.message === undefined ? "" : `: ${status.message}`}`
    const traces = spans.filter(({ parentSpanId }) => parentSpanId === undefined).map((checkout) => {
      const [cancel, ...others] = childrenOf(checkout)
      assert.strictEqual(checkout.name, "checkout")
      assert.isDefined(cancel)
      assert.isEmpty(others)
      for (const exchange of childrenOf(cancel)) {
        assert.strictEqual(exchange.kind, client)
        assert.strictEqual(exchange.traceId, checkout.traceId)
        assert.isTrue(BigInt(exchange.startTimeUnixNano) <= BigInt(exchange.endTimeUnixNano))
        assert.deepInclude(valuesOf(exchange.attributes), { [Name.serverAddress]: "wepay.sandbox.test", [Name.serverPort]: 443 })
      }
      return { cancel, lines: [told(cancel), ...childrenOf(cancel).map(told)] }
    })
    const lost = "POST Cancel error MaybeApplied: the connection failed (ECONNRESET)"
    const down = "GET Status error StatusUnread: HTTP 500 with code UNEXPECTED_ERROR, without a status"
    assert.deepStrictEqual(traces.map(({ lines }) => lines), [
      ["WePay.cancel ok Response", "POST Cancel ok Acknowledged"],
      ["WePay.cancel ok Response", lost, "POST Cancel ok Acknowledged"],
      [
        "WePay.cancel error StatusRead: NotCancelled: HTTP 200, which says that the payment is completed",
        "POST Cancel error Refused: HTTP 400 with code PAYMENT_CANNOT_BE_CANCELED",
        "GET Status ok StatusRead"
      ],
      [
        "WePay.cancel error StatusUnread: Unknown: the connection failed (ECONNRESET)",
        lost,
        lost,
        lost,
        lost,
        down,
        down,
        down
      ]
    ])
    assert.deepStrictEqual(traces.map(({ cancel }) => valuesOf(cancel.attributes)[Name.inDoubt]), [false, false, false, true])
    // The example allows it.
    for (const { cancel } of traces) assert.isString(valuesOf(cancel.attributes)[Name.paymentId])
    assert.deepStrictEqual(
      traces[1]!.cancel.events.map(({ attributes, name }) => [name, valuesOf(attributes)[Telemetry.EventAttribute.after] ?? null]),
      [["resend", "MaybeApplied"], ["wait", null], ["settled", null]]
    )

    const last = received.findLast(({ body }) => body.resourceMetrics !== undefined)
    const metrics = (last?.body.resourceMetrics ?? []).flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    const points = (name: string) => {
      const metric = metrics.find((each) => each.name === name)
      return Object.fromEntries((metric?.sum ?? metric?.histogram)?.dataPoints.flatMap(({ asDouble, attributes, count }) => {
        const { operation: _, provider, ...rest } = valuesOf(attributes)
        assert.strictEqual(provider, "WePay")
        const value = asDouble ?? count
        return [[Object.values(rest).join(" "), value]]
      }) ?? [])
    }
    assert.deepStrictEqual(points(MetricName.cancels), {
      "Cancelled false": 2,
      "NotCancelled false": 1,
      "Unknown true": 1,
      "Interrupted true": 0,
      "Defect true": 0
    })
    assert.deepStrictEqual(points(MetricName.errors), { "NotCancellable PAYMENT_CANNOT_BE_CANCELED": 1, "Network none": 1 })
    assert.deepStrictEqual(points(MetricName.duration), { Cancelled: 2, NotCancelled: 1, Unknown: 1 })
    assert.deepStrictEqual(points(MetricName.exchanges), {
      "Cancel Acknowledged": 2,
      "Cancel MaybeApplied": 5,
      "Cancel Refused": 1,
      "Status StatusRead": 1,
      "Status StatusUnread": 3
    })
    assert.deepStrictEqual(points(MetricName.resends), { "": 4 })
    assert.deepStrictEqual(points(MetricName.statusQueries), { "": 4 })
    assert.deepStrictEqual(points(MetricName.inFlight), { "": 0 })
    assert.isFalse(metrics.find(({ name }) => name === MetricName.inFlight)?.sum?.isMonotonic)
    assert.isTrue(metrics.find(({ name }) => name === MetricName.cancels)?.sum?.isMonotonic)
    const unknown = metrics.find(({ name }) => name === MetricName.duration)?.histogram?.dataPoints
      .find(({ attributes }) => valuesOf(attributes)["outcome"] === "Unknown")
    // Three waits for a resend: at least their shortest.
    assert.isAbove(unknown?.sum ?? 0, 100)
  }), patience)

it.effect("telemetry-console.ts prints the spans and the metrics of a cancel", () =>
  Effect.gen(function*() {
    const { code, output } = yield* run("docs/examples/telemetry-console.ts", { bundled: true })
    assert.strictEqual(code, 0, output)
    for (const name of ["POST Cancel", "WePay.cancel", MetricName.cancels, MetricName.exchanges, MetricName.duration]) {
      assert.include(output, `name: '${name}'`)
    }
    assert.notInclude(output, Sandbox.credentials.WePay.appToken)
  }), patience)

// ---------------------------------------------------------------------------------------
// Queries
// ---------------------------------------------------------------------------------------

/** The labels of each metric: what its description in `Telemetry` says. */
const labelsOf: { readonly [metric: string]: ReadonlyArray<string> } = Object.fromEntries(
  [...readFileSync(`${root}src/Telemetry.ts`, "utf8").matchAll(/Labels: (.+)\. \*\/\n {2}\w+: "(\w+)"/g)]
    .map(([, labels = "", metric = ""]) => [metric, [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label)])
)

const outcomes: { readonly [Outcome in Telemetry.Outcome]: true } = {
  Cancelled: true,
  AlreadyCancelled: true,
  CancellationAccepted: true,
  CancellationAcknowledged: true,
  NotCancelled: true,
  Unknown: true,
  Interrupted: true,
  Defect: true
}

const valuesOfLabel: { readonly [label: string]: ReadonlyArray<string> } = {
  operation: ["cancel", "status"],
  outcome: Object.keys(outcomes),
  category: CancelError.Category.literals,
  in_doubt: ["true", "false"],
  code: ["unlisted", "none"],
  exchange: CancelError.Exchange.fields.operation.literals,
  evidence: CancelError.Exchange.fields.evidence.literals
}

/** A histogram is there as three metrics. */
const metricOf = (name: string): string =>
  name.startsWith(MetricName.duration) ? name.replace(/_(?:bucket|sum|count)$/, "") : name

/** What a query asks for that is not there. */
const unknownIn = (query: string): ReadonlyArray<string> => {
  const names = [...query.matchAll(/\beffect_payment_cancel_\w+/g)].map(([name]) => metricOf(name))
  const known = names.filter((name) => name in labelsOf)
  const common = ["le", ...known.flatMap((name) => labelsOf[name] ?? [])].filter((label) =>
    known.every((name) => label === "le" ? name === MetricName.duration : labelsOf[name]?.includes(label)))
  const grouped = [...query.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) => labels.split(/\s*,\s*/))
  const selected = [...query.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, name = "", matchers = ""]) =>
    [...matchers.matchAll(/(\w+)\s*(?:=~?|!=|!~)\s*"([^"]*)"/g)].flatMap(([, label = "", values = ""]) => [
      ...labelsOf[metricOf(name)]?.includes(label) === true ? [] : [`${label} of ${name}`],
      ...values.startsWith("$") ? [] : values.split("|").filter((value) => valuesOfLabel[label]?.includes(value) !== true)
    ]))
  // In a ratio each side has labels of its own.
  const isRatio = query.includes(" / ")
  const anywhere = known.flatMap((name) => labelsOf[name] ?? [])
  return [
    ...names.length === 0 ? ["no metric"] : [],
    ...names.filter((name) => !(name in labelsOf)),
    ...grouped.filter((label) => !(isRatio ? anywhere : common).includes(label)),
    ...selected
  ]
}

describe("queries", () => {
  const page = [...readFileSync(`${root}docs/telemetry.md`, "utf8").matchAll(/^```promql\n([\s\S]*?)\n```$/gm)].map(([, query = ""]) => query)

  interface Dashboard {
    readonly __inputs: ReadonlyArray<{ readonly name: string; readonly pluginId: string }>
    readonly __requires: ReadonlyArray<{ readonly type: string; readonly id: string }>
    readonly title: string
    readonly schemaVersion: number
    readonly templating: { readonly list: ReadonlyArray<{ readonly name: string; readonly definition: string }> }
    readonly panels: ReadonlyArray<{
      readonly id: number
      readonly title: string
      readonly type: string
      readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
      readonly datasource: { readonly uid: string }
      readonly targets: ReadonlyArray<{ readonly refId: string; readonly expr: string; readonly datasource: { readonly uid: string } }>
    }>
  }

  const dashboard: Dashboard = JSON.parse(readFileSync(`${root}docs/examples/grafana-dashboard.json`, "utf8"))
  const ofPanels = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

  it("know the labels of every metric", () => {
    assert.sameMembers(Object.keys(labelsOf), Object.values(MetricName))
    assert.sameMembers([...new Set(Object.values(labelsOf).flat())], Object.values(Telemetry.Label))
  })

  it("ask for what there is", () => {
    assert.isAtLeast(page.length, 10)
    assert.isAtLeast(ofPanels.length, 10)
    for (const query of [...page, ...ofPanels, ...dashboard.templating.list.map(({ definition }) => definition)]) {
      assert.deepStrictEqual(unknownIn(query), [], query)
      for (const [open, close] of ["()", "{}", "[]"]) {
        assert.strictEqual(query.split(open!).length, query.split(close!).length, query)
      }
    }
  })

  it("would not pass with a name, a label or a value that is not there", () => {
    assert.deepStrictEqual(unknownIn("effect_payment_cancel_cancel_total"), ["effect_payment_cancel_cancel_total"])
    assert.deepStrictEqual(unknownIn("sum by (code) (effect_payment_cancel_cancels_total)"), ["code"])
    assert.deepStrictEqual(unknownIn("sum by (le) (effect_payment_cancel_cancels_total)"), ["le"])
    assert.deepStrictEqual(unknownIn(`effect_payment_cancel_errors_total{outcome="Unknown"}`), ["outcome of effect_payment_cancel_errors_total"])
    assert.deepStrictEqual(unknownIn(`effect_payment_cancel_errors_total{category=~"Network|Netwrok"}`), ["Netwrok"])
    assert.deepStrictEqual(unknownIn("up"), ["no metric"])
  })

  it("see the first of its kind: `increase` is nothing for a series that begins at one", () => {
    const increases = [...page, ...ofPanels].flatMap((query) =>
      [...query.matchAll(/increase\((\w+(?:\{[^}]*\})?)\[([^\]]*)\]\)/g)].map(([increase, series = "", range = ""]) => ({ query, increase, series, range })))
    // A histogram begins with whatever it begins with; and what is in doubt begins at zero.
    const own = increases.filter(({ series }) => !series.startsWith(MetricName.duration) && !series.includes("in_doubt=\"true\""))
    assert.isAtLeast(own.length, 7)
    for (const { increase, query, range, series } of own) assert.include(query, `(${increase} and ${series} offset ${range}) or ${series}`)
  })

  it("on the page and in the dashboard are about every metric", () => {
    for (const queries of [page, ofPanels]) {
      const asked = new Set(queries.flatMap((query) => [...query.matchAll(/\beffect_payment_cancel_\w+/g)].map(([name]) => metricOf(name))))
      assert.sameMembers([...asked], Object.values(MetricName))
    }
  })

  it("are in a dashboard that Grafana can import: it asks for its data source, and its panels do not overlap", () => {
    const { __inputs, __requires, panels, schemaVersion, templating, title } = dashboard
    assert.isNotEmpty(title)
    assert.isAtLeast(schemaVersion, 38)
    const [input, ...others] = __inputs
    assert.isEmpty(others)
    assert.strictEqual(input?.pluginId, "prometheus")
    for (const { datasource, targets, type } of panels) {
      for (const { uid } of [datasource, ...targets.map((target) => target.datasource)]) assert.strictEqual(uid, `\${${input?.name}}`)
      assert.isTrue(__requires.some((each) => each.type === "panel" && each.id === type), type)
      assert.strictEqual(new Set(targets.map(({ refId }) => refId)).size, targets.length)
    }
    assert.strictEqual(new Set(panels.map(({ id }) => id)).size, panels.length)
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: w * h }, (_, nth) => `${x + nth % w},${y + Math.floor(nth / w)}`))
    assert.strictEqual(new Set(cells).size, cells.length)
    for (const { gridPos: { w, x } } of panels) assert.isAtMost(x + w, 24)
    const variables = new Set(templating.list.map(({ name }) => name))
    const used = ofPanels.flatMap((query) => [...query.matchAll(/\$(\w+)/g)].map(([, name = ""]) => name))
    assert.deepStrictEqual(used.filter((name) => !variables.has(name) && !name.startsWith("__")), [])
  })
})
