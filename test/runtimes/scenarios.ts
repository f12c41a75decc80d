/**
 * What is played to every runtime over real sockets, and what has to come of it there. The
 * server counts what arrives: that is the truth which the client's words are compared with.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Buffer } from "node:buffer"
import { createHmac } from "node:crypto"
import {
  answer,
  bytes,
  bytesOf,
  close,
  closedPort,
  destroy,
  type Play,
  reset,
  resetOnFirstByte,
  type Script,
  type ScriptedServer,
  serve,
  stall
} from "../wire/ScriptedServer.js"
import { selfSigned } from "../wire/SelfSigned.js"
import { type Job, paymentId, type ProviderName, type Report, secrets } from "./driver.js"
import type { RuntimeName } from "./runtimes.js"

/** How a provider speaks. Square's cancel takes no key, Stripe's does. */
interface Dialect {
  readonly payment: (status: "open" | "cancelled") => unknown
  readonly refusal: unknown
}

const dialects: { readonly [provider in ProviderName]: Dialect } = {
  Square: {
    payment: (status) => ({ payment: { id: paymentId, status: status === "open" ? "APPROVED" : "CANCELED" } }),
    refusal: { errors: [{ category: "INVALID_REQUEST_ERROR", code: "BAD_REQUEST", detail: "already canceled" }] }
  },
  Stripe: {
    payment: (status) => ({
      id: paymentId,
      object: "payment_intent",
      status: status === "open" ? "requires_capture" : "canceled"
    }),
    refusal: { error: { type: "invalid_request_error", code: "payment_intent_unexpected_state", message: "canceled" } }
  }
}

/** What a scenario comes to: the client's words, and the number of cancel requests that arrived. */
export interface Outcome {
  readonly report: Report
  readonly arrived: number
  /** What else is wrong, whatever was expected; empty is right. */
  readonly wrong: ReadonlyArray<string>
}

/** In a table's cell: the class, and how many requests it counts of how many that arrived. */
export const show = ({ arrived, report }: Pick<Outcome, "arrived" | "report">): string =>
  report.tag === "NotSent" ? `\`NotSent\`, ${arrived}` : `\`${report.tag}\`, ${report.attempts} of ${arrived}`

type Expected = { readonly [runtime in RuntimeName | "all"]?: string }

export interface Scenario {
  readonly title: string
  /** By provider, by runtime: "all" where there is no other. */
  readonly expected: { readonly [provider in ProviderName]: Expected }
  readonly play: (
    provider: ProviderName,
    perform: (job: Job) => Promise<Report>
  ) => Effect.Effect<Outcome, never, Scope.Scope>
}

const posts = (server: ScriptedServer) => server.received.filter(({ method }) => method === "POST")

/** What no failure may be called, given what arrived. */
const contradictions = ({ outcome, tag }: Report, arrived: number): ReadonlyArray<string> => [
  ...(tag === "NotSent" && arrived > 0 ? [`NotSent, but ${arrived} arrived`] : []),
  ...(tag.startsWith("died") ? [tag] : []),
  ...(outcome === "NotCancelled" && tag !== "NotSent" && arrived > 1 ? [`NotCancelled, of ${arrived} that arrived`] : [])
]

const jobOf = (provider: ProviderName, url: string, { attemptTimeout = 3_000, warm = false } = {}): Job => ({
  act: "cancel",
  provider,
  url,
  warm,
  attemptTimeout
})

interface Setting {
  readonly warm?: boolean
  readonly attemptTimeout?: number
  readonly script: (dialect: Dialect) => Script
  /** Where the client is sent, if not to the server itself. */
  readonly url?: (server: ScriptedServer) => string
  readonly afterwards?: (server: ScriptedServer) => Effect.Effect<ReadonlyArray<string>>
}

/** A cancel against one scripted server. */
const cancelling =
  ({ afterwards = () => Effect.succeed([]), attemptTimeout = 3_000, script, url = (server) => server.url, warm = false }: Setting): Scenario["play"] =>
  (provider, perform) =>
    Effect.gen(function*() {
      const dialect = dialects[provider]
      const server = yield* serve({ status: [answer(200, dialect.payment("open"))], ...script(dialect) })
      const report = yield* Effect.promise(() => perform(jobOf(provider, url(server), { attemptTimeout, warm })))
      // What is sent behind the caller's back may come a moment later.
      yield* Effect.sleep("50 millis")
      const arrived = posts(server).length
      return { report, arrived, wrong: [...contradictions(report, arrived), ...(yield* afterwards(server))] }
    })

/** A cancel against an address at which there is no server. */
const nowhere = (address: Effect.Effect<string>): Scenario["play"] => (provider, perform) =>
  Effect.gen(function*() {
    const url = yield* address
    const report = yield* Effect.promise(() => perform(jobOf(provider, url)))
    return { report, arrived: 0, wrong: contradictions(report, 0) }
  })

const overTls = ({ url }: ScriptedServer) => url.replace("http:", "https:")

const halfAHead = bytes("HTTP/1.1 200 OK\r\nContent-Ty", "close")

const cutBody = (dialect: Dialect): Play => bytes(bytesOf(200, dialect.payment("cancelled")).subarray(0, -5), "close")

/** A refusal to a second copy, of a first that was applied: only its number gives it away. */
const appliedThenLost = (dialect: Dialect): Script => ({ cancel: [close, answer(400, dialect.refusal)] })

const bothWays = (all: string, others: Expected = {}): Scenario["expected"] => ({
  Square: { all, ...others },
  Stripe: { all, ...others }
})

/** A lost request is sent again under Stripe's key, and never without one. */
const lost: Scenario["expected"] = {
  Square: { all: "`NoResponse`, 1 of 1" },
  Stripe: { all: "`NoResponse`, 2 of 2" }
}

/** workerd has one word for all failures, so that none of them proves anything. */
const unsent: Scenario["expected"] = {
  Square: { all: "`NotSent`, 0", workerd: "`NoResponse`, 1 of 0" },
  Stripe: { all: "`NotSent`, 0", workerd: "`NoResponse`, 2 of 0" }
}

const resentByNode = (tag: string): Expected => ({
  all: `${tag}, 1 of 1`,
  "Node 20": `${tag}, 1 of 2`,
  "Node 22": `${tag}, 1 of 2`,
  "Node 24": `${tag}, 1 of 2`
})

const event = (at: number) =>
  JSON.stringify({
    id: "evt_1",
    object: "event",
    type: "payment_intent.canceled",
    created: at,
    livemode: false,
    data: { object: { id: paymentId, object: "payment_intent", status: "canceled", canceled_at: at } }
  })

const signed = (body: string, at: number, secret: string) =>
  `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`

const notifying = (secret: string, act: "webhook" | "guide"): Scenario["play"] => (_, perform) =>
  Effect.gen(function*() {
    const at = Math.floor(Date.now() / 1000)
    const body = event(at)
    const signature = signed(body, at, secret)
    const job: Job = act === "webhook"
      ? { act, body, signature }
      : { act, url: "https://127.0.0.1:9", path: "/webhook", body, signature }
    return { report: yield* Effect.promise(() => perform(job)), arrived: 0, wrong: [] }
  })

const guide = (script: (dialect: Dialect) => Script): Scenario["play"] => (_, perform) =>
  Effect.gen(function*() {
    const dialect = dialects.Stripe
    const server = yield* serve({ status: [answer(200, dialect.payment("open"))], ...script(dialect) })
    const job: Job = { act: "guide", url: server.url, path: `/payments/${paymentId}/cancel`, body: "", signature: "" }
    const report = yield* Effect.promise(() => perform(job))
    return { report, arrived: posts(server).length, wrong: contradictions(report, posts(server).length) }
  })

/** What has to come of a scenario, in a table's cell. */
export const wanted = ({ expected }: Scenario, provider: ProviderName, runtime: RuntimeName): string =>
  expected[provider][runtime] ?? expected[provider].all ?? ""

/** Played with both providers. */
export const cancels: { readonly [name: string]: Scenario } = {
  answered: {
    title: "An answer",
    expected: bothWays("`Cancelled`, 1 of 1"),
    play: cancelling({ script: (dialect) => ({ cancel: [answer(200, dialect.payment("cancelled"))] }) })
  },
  answeredWarm: {
    title: "An answer, where connections were there before",
    expected: bothWays("`Cancelled`, 1 of 1"),
    play: cancelling({ warm: true, script: (dialect) => ({ cancel: [answer(200, dialect.payment("cancelled"))] }) })
  },
  closed: {
    title: "Closed after the request, a first connection",
    expected: lost,
    play: cancelling({ script: () => ({ cancel: [close] }) })
  },
  closedWarm: {
    title: "Closed after the request, where connections were there before",
    expected: lost,
    play: cancelling({ warm: true, script: () => ({ cancel: [close] }) })
  },
  resetWarm: {
    title: "Reset after the request, where connections were there before",
    expected: lost,
    play: cancelling({ warm: true, script: () => ({ cancel: [reset] }) })
  },
  halfHeadWarm: {
    title: "Half a head, then closed, where connections were there before",
    expected: lost,
    play: cancelling({ warm: true, script: () => ({ cancel: [halfAHead] }) })
  },
  secondCopy: {
    title: "Applied, closed, and a second copy would be refused, where connections were there before",
    expected: {
      Square: { all: "`NoResponse`, 1 of 1" },
      // The licence covers it, and the refusal of the second does not settle the doubt about the first.
      Stripe: { all: "`NoResponse`, 2 of 2" }
    },
    play: cancelling({ warm: true, script: appliedThenLost })
  },
  goneAfterwards: {
    title: "Closed after the request, and nothing listens any more, where connections were there before",
    expected: { Square: { all: "`NoResponse`, 1 of 1" }, Stripe: { all: "`NoResponse`, 2 of 1" } },
    play: (provider, perform) =>
      Effect.gen(function*() {
        const stopping: { stop: () => void } = { stop: () => {} }
        const server = yield* serve({
          status: [answer(200, dialects[provider].payment("open"))],
          cancel: [() => stopping.stop()]
        })
        stopping.stop = server.stop
        const report = yield* Effect.promise(() => perform(jobOf(provider, server.url, { warm: true })))
        const arrived = posts(server).length
        return { report, arrived, wrong: contradictions(report, arrived) }
      })
  },
  cutBody: {
    title: "Half a body, then closed",
    expected: lost,
    play: cancelling({ script: (dialect) => ({ cancel: [cutBody(dialect)] }) })
  },
  stalled: {
    title: "No answer in time: the connection is closed",
    expected: lost,
    play: cancelling({
      attemptTimeout: 400,
      script: () => ({ cancel: [stall] }),
      afterwards: (server) =>
        Effect.suspend(() => {
          const open = posts(server).filter(({ connection }) => server.isOpen(connection))
          return Effect.succeed(open.map(({ connection }) => `connection ${connection} is still open`))
        }).pipe(Effect.delay("600 millis"))
    })
  },
  redirected: {
    title: "A redirect: not followed",
    expected: {
      Square: { all: "`UnexpectedResponse`, 1 of 1" },
      Stripe: { all: "`UnexpectedResponse`, 1 of 1" }
    },
    play: (provider, perform) =>
      Effect.gen(function*() {
        const elsewhere = yield* serve({ cancel: [answer(200, dialects[provider].payment("cancelled"))] })
        const outcome = yield* cancelling({
          script: () => ({ cancel: [answer(307, "", { Location: `${elsewhere.url}/v2/payments/x/cancel` })] })
        })(provider, perform)
        const followed = elsewhere.connections() + elsewhere.received.length
        return { ...outcome, wrong: [...outcome.wrong, ...(followed > 0 ? ["the redirect was followed"] : [])] }
      })
  },
  misdirected: {
    title: "421, misdirected request",
    // The fetch standard has it sent again on another connection. The server has said that it did nothing.
    expected: {
      Square: resentByNode("`Square.BadRequest`"),
      Stripe: resentByNode("`Stripe.PaymentIntentUnexpectedState`")
    },
    play: (provider, perform) =>
      Effect.map(
        cancelling({ script: (dialect) => ({ cancel: [answer(421, dialect.refusal)] }) })(provider, perform),
        (outcome) => ({ ...outcome, wrong: [] })
      )
  },
  refused: {
    title: "A refused connection",
    expected: unsent,
    play: nowhere(Effect.map(closedPort, (port) => `http://127.0.0.1:${port}`))
  },
  refusedTls: {
    title: "A refused connection, over TLS",
    expected: unsent,
    play: nowhere(Effect.map(closedPort, (port) => `https://127.0.0.1:${port}`))
  },
  noSuchName: {
    title: "A name that does not exist",
    expected: unsent,
    play: nowhere(Effect.succeed("https://nowhere.invalid"))
  },
  blockedPort: {
    title: "A port that fetch blocks",
    expected: unsent,
    play: nowhere(Effect.succeed("http://127.0.0.1:6667"))
  },
  certificate: {
    title: "A certificate that does not hold",
    expected: unsent,
    play: cancelling({ script: () => ({ tls: selfSigned({ host: "127.0.0.1", notAfter: new Date(Date.now() + 86_400_000) }), cancel: [close] }) })
  },
  handshakeReset: {
    title: "Reset in the TLS handshake",
    // Node and Bun do not tell it from a reset after the request.
    expected: {
      Square: { all: "`NoResponse`, 1 of 0", Deno: "`NotSent`, 0" },
      Stripe: { all: "`NoResponse`, 2 of 0", Deno: "`NotSent`, 0" }
    },
    play: cancelling({ script: () => ({ accept: [resetOnFirstByte] }), url: overTls })
  },
  handshakeClosed: {
    title: "Closed in the TLS handshake",
    expected: {
      Square: { all: "`NotSent`, 0", Bun: "`NoResponse`, 1 of 0", workerd: "`NoResponse`, 1 of 0" },
      Stripe: { all: "`NotSent`, 0", Bun: "`NoResponse`, 2 of 0", workerd: "`NoResponse`, 2 of 0" }
    },
    play: cancelling({
      script: () => ({ accept: [(socket) => void socket.once("data", () => socket.end())] }),
      url: overTls
    })
  },
  noTls: {
    title: "A server that does not speak TLS",
    expected: {
      Square: { "all": "`NotSent`, 0", "Node 20": "`NoResponse`, 1 of 0", "Bun": "`NoResponse`, 1 of 0", "workerd": "`NoResponse`, 1 of 0" },
      Stripe: { "all": "`NotSent`, 0", "Node 20": "`NoResponse`, 2 of 0", "Bun": "`NoResponse`, 2 of 0", "workerd": "`NoResponse`, 2 of 0" }
    },
    play: cancelling({
      script: () => ({
        accept: [(socket) => void socket.once("data", () => socket.end(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")))]
      }),
      url: overTls
    })
  },
  closedAtOnce: {
    title: "Closed before a byte is read",
    expected: { Square: { all: "`NoResponse`, 1 of 0" }, Stripe: { all: "`NoResponse`, 2 of 0" } },
    play: cancelling({ script: () => ({ accept: [(socket) => void socket.once("data", () => destroy(socket))] }) })
  }
}

/** Played once. */
export const others: { readonly [name: string]: Scenario } = {
  webhook: {
    title: "A webhook with a good signature",
    expected: bothWays(`\`believed of ${paymentId}\`, 0 of 0`),
    play: notifying(secrets.webhook, "webhook")
  },
  forged: {
    title: "A forged webhook",
    expected: bothWays("`Notification.InvalidSignature`, 0 of 0"),
    play: notifying("whsec_forged", "webhook")
  },
  guide: {
    title: "The Worker of this page: an answer",
    expected: bothWays("`200 Cancelled`, 1 of 1"),
    play: guide((dialect) => ({ cancel: [answer(200, dialect.payment("cancelled"))] }))
  },
  guideRefused: {
    title: "The Worker of this page: refused, about the payment",
    expected: bothWays("`409 Stripe.PaymentIntentUnexpectedState`, 1 of 1"),
    play: guide((dialect) => ({ cancel: [answer(400, dialect.refusal)] }))
  },
  guideWebhook: {
    title: "The Worker of this page: a webhook with a good signature",
    expected: bothWays("`202`, 0 of 0"),
    play: notifying(secrets.webhook, "guide")
  },
  guideForged: {
    title: "The Worker of this page: a forged webhook",
    expected: bothWays("`400 Notification.InvalidSignature`, 0 of 0"),
    play: notifying("whsec_forged", "guide")
  }
}
