/**
 * A scenario as a program that one would write, with the handlers that the cancel's type asks for.
 */
import type { Played } from "../scenario/play.js"
import { policyOf, reason } from "../scenario/play.js"
import { providers } from "../scenario/providers.js"
import { troubles } from "../scenario/Scenario.js"
import { tagOf } from "../scenario/transcript.js"

export interface Line {
  readonly text: string
  /** What happened here, where something did. */
  readonly happened?: string
}

const advice: { readonly [tag: string]: string } = {
  Cancelled: "released",
  AlreadyCancelled: "released before",
  CancellationAccepted: "wait for the webhook",
  CancelAcknowledged: "read the status later"
}

/** The cancel and its handlers; the line that was reached says what it was given. */
export const handlersOf = ({ scenario, told }: Played): ReadonlyArray<Line> => {
  const { provider } = scenario
  const { needsReason, successes } = providers[provider]
  const policy = Object.entries(policyOf(scenario)).map(([name, value]) => `${name}: ${value}`)
  const isUnknown = told._tag === "Failure" && told.error.outcome === "Unknown"
  const request = needsReason ? `{ paymentId, reason: ${JSON.stringify(reason)} }` : "{ paymentId }"
  return [
    {
      text: `${provider}.cancel(${request}).pipe(`,
      ...told._tag === "Interrupted"
        ? { happened: `interrupted; the event says outcome ${told.event?.outcome ?? "known"}, key ${told.event?.idempotencyKey ?? "none"}` }
        : {}
    },
    ...policy.length === 0 ? [] : [{ text: `  Cancel.withPolicy({ ${policy.join(", ")} }),` }],
    { text: "  Effect.map((cancellation) => {" },
    { text: "    switch (cancellation._tag) {" },
    ...successes.flatMap((tag): ReadonlyArray<Line> => [
      {
        text: `      case ${JSON.stringify(tag)}:`,
        ...told._tag === "Success" && told.value._tag === tag
          ? { happened: `by ${told.value.evidence}, after ${told.value.attempts} ${told.value.attempts === 1 ? "request" : "requests"}` }
          : {}
      },
      { text: `        return ${JSON.stringify(advice[tag] ?? "done")}` }
    ]),
    { text: "    }" },
    { text: "  })," },
    {
      text: "  Cancel.catchUnknownOutcome((error) =>",
      ...isUnknown ? { happened: `${tagOf(told.error)}: ${told.error.message}` } : {}
    },
    { text: "    Effect.succeed(`in doubt: settle it later under ${error.idempotencyKey}`))," },
    ...told._tag === "Failure" && !isUnknown && tagOf(told.error).startsWith(`${provider}.`)
      ? [
        {
          text: `  Effect.catchTag(${JSON.stringify(tagOf(told.error))}, (error) =>`,
          happened: `category ${told.error.category}, outcome ${told.error.outcome}: ${told.error.message}`
        },
        { text: "    Effect.succeed(`not cancelled: ${error.message}`))," }
      ]
      : [],
    {
      text: "  Effect.catchAll((error) =>",
      ...told._tag === "Failure" && !isUnknown && !tagOf(told.error).startsWith(`${provider}.`)
        ? { happened: `${tagOf(told.error)}, category ${told.error.category}: ${told.error.message}` }
        : {}
    },
    { text: "    Effect.succeed(`not cancelled, and that is proved: ${error.category}`))" },
    { text: ")" }
  ]
}

/** The whole program, to be run with Node: the same cancel, without the page and its slow network. */
export const programOf = (played: Played): string => {
  const { cancel = [], forever, givesUpAfter, provider, reads = [], status } = played.scenario
  const inject = (operation: "Cancel" | "Status", words: typeof cancel) =>
    words.map((word, nth) => {
      const fault = word === "fine" ? "Fault.oversizedBody(0)" : troubles[word].code
      const isForever = forever === "yes" && nth === words.length - 1
      return `  yield* sandbox.inject(${fault}, { provider: "${provider}", operation: "${operation}"${isForever ? ", forever: true" : ""} })`
    })
  const handlers = handlersOf(played).map(({ text }) => text)
  const usesFaults = cancel.length + reads.length > 0
  return [
    `import { ConfigProvider, Effect } from "effect"`,
    `import { Cancel, CancelEvent, ${provider} } from "effect-payment-cancel"`,
    `import { ${usesFaults ? "Fault, " : ""}Sandbox } from "effect-payment-cancel/sandbox"`,
    "",
    "const environment = Sandbox.definition(\"" + provider + "\").environment?.(Sandbox.baseUrl(\"" + provider + "\")) ?? {}",
    "",
    "export const program = Effect.gen(function*() {",
    "  const sandbox = yield* Sandbox.Sandbox",
    `  const paymentId = yield* sandbox.create("${provider}"${status === undefined ? "" : `, { status: ${JSON.stringify(status)} }`})`,
    ...inject("Cancel", cancel),
    ...inject("Status", reads),
    `  return yield* ${handlers.map((line, nth) => nth === 0 ? line : `  ${line}`).join("\n")}`,
    "}).pipe(",
    ...givesUpAfter === undefined ? [] : [`  Effect.timeout(${givesUpAfter}),`],
    `  Effect.provide(${provider}.layerConfig()),`,
    "  Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment))))",
    ")",
    "",
    "const narrated = Effect.provide(program, CancelEvent.layer((event) => Effect.log(event._tag, event)))",
    "Effect.runPromise(Effect.provide(narrated, Sandbox.layer)).then(console.log)"
  ].join("\n")
}
