/**
 * The parts of the documentation that come from the code, between markers:
 *
 * - `<!-- code: docs/examples/first-program.ts#program -->`: a region of an example, that is
 *   the lines between `// #region program` and `// #endregion`; without `#…` the whole file.
 * - `<!-- generate: NAME -->`: a table; `tables` below lists them.
 *
 * Both end with `<!-- end -->`. And the lists of the emulators and of the providers of the command follow from what is
 * there.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { DateTime, Duration, Either, Option, Predicate } from "effect"
import type { DeclaredLimits } from "../src/Admission.js"
import * as CancelPolicy from "../src/CancelPolicy.js"
import * as Errors from "../src/authoring/Errors.js"
import * as Library from "../src/index.js"
import { settingsOf } from "../src/many/settings.js"
import type { Vocabulary } from "../src/authoring/Answer.js"
import type { ResendLicence } from "../src/authoring/ResendLicence.js"
import type { ProofFacts, Successes } from "../src/authoring/Successes.js"
import { type At, everySituation, type Situation, situationsAt } from "./situations.js"
import { Sandbox } from "../src/sandbox/index.js"
import { bundleTable, clientTable, type Results as Measured, summary, targetTable } from "../test/bench/results.js"
import { parts, type Results, tableOf } from "../test/runtimes/results.js"
import { traceOfALostAnswer } from "./trace.js"

const root = fileURLToPath(new URL("..", import.meta.url))

// ---------------------------------------------------------------------------------------
// What is taken from the code
// ---------------------------------------------------------------------------------------

interface Operation {
  readonly identifiedBy: string
  readonly licence: (connection: unknown) => ResendLicence
  readonly statusQuery: { readonly _tag: "Some" | "None" }
  readonly successes: Successes<unknown, Vocabulary>
}

interface Provider {
  readonly name: string
  readonly page: string
  readonly rows: ReadonlyArray<readonly [className: string, row: Errors.Row]>
  readonly policy: CancelPolicy.CancelPolicy
  readonly limits: DeclaredLimits | undefined
  readonly standings: { readonly [status: string]: string }
  readonly operations: ReadonlyArray<readonly [name: string, operation: Operation]>
  /** The functions that read its webhooks. */
  readonly webhooks: ReadonlyArray<string>
  readonly situations: { readonly [S in Situation]: At<string> }
  /** Whether a webhook names the cancel that it is about, so that it can be paired with it. */
  readonly confirms: boolean
}

/** Where a licence depends on the credentials: one connection of each kind. */
const connections: { readonly [provider: string]: ReadonlyArray<readonly [label: string, connection: unknown]> } = {
  WalletConnectPay: [
    ["gateway (`ApiKey`, `AppId`)", { credentials: { _tag: "ApiKey" } }],
    ["merchant (`Merchant`)", { credentials: { _tag: "Merchant" } }]
  ]
}

const kindsOf = (provider: string) => connections[provider] ?? [["", {}] as const]

const isOperation = (value: unknown): value is Operation =>
  typeof value === "object" && value !== null && "licence" in value && "identifiedBy" in value

/** `cancelOperation` and `cancelByReferenceOperation` are exported under these names without the last word. */
const operationName = (exported: string) => exported.replace(/Operation$/, "")

const categories: ReadonlyArray<string> = Library.CancelError.Category.literals

/** Groups rows by category, regardless of the order of a module's exports. */
const byCategory = ([one, { category: first }]: readonly [string, Errors.Row], [another, { category: second }]: readonly [string, Errors.Row]) =>
  categories.indexOf(first) - categories.indexOf(second) || (one < another ? -1 : 1)

/** Every public namespace with errors of its own and a layer is a provider. */
const providers: ReadonlyArray<Provider> = await Promise.all(
  Object.entries(Library).flatMap(([name, namespace]) => "Unrecognized" in namespace && "layer" in namespace ? [{ name, namespace }] : [])
    .map(async ({ name, namespace }): Promise<Provider> => {
      const module = await import(new URL(`../src/providers/${name}/declaration.ts`, import.meta.url).href)
      return {
        name,
        page: `providers/${Sandbox.isProvider(name) ? Sandbox.definition(name).slug : name.toLowerCase()}.md`,
        rows: Object.entries<Errors.Row>(Errors.table(namespace)).sort(byCategory),
        policy: module.declaration.policy,
        limits: module.declaration.limits,
        standings: module.declaration.standings,
        situations: await situationsAt(name),
        webhooks: Object.keys(namespace).filter((exported) => /^notification/.test(exported)),
        confirms: "confirm" in namespace,
        operations: Object.entries(module)
          .flatMap(([exported, value]) => isOperation(value) ? [[operationName(exported), value] as const] : [])
          .sort(([a], [b]) => a < b ? -1 : 1)
      }
    })
)

const providerNamed = (name: string): Provider => {
  const found = providers.find((provider) => provider.name === name)
  if (found === undefined) throw new Error(`There is no provider ${name}`)
  return found
}

// ---------------------------------------------------------------------------------------
// Tables
// ---------------------------------------------------------------------------------------

const code = (text: string) => `\`${text}\``
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ")

const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")

const duration = (millis: number): string =>
  millis < 1000 ? `${millis} ms` : millis % 1000 === 0 ? `${millis / 1000} s` : `${(millis / 1000).toFixed(1)} s`

const errorTable = ({ name, rows }: Provider): string =>
  table(
    ["tag", "code", "HTTP", "category", "outcome", "what to do", "certainty"],
    [
      ...rows.map(([className, row]) => [
        code(`${name}.${className}`),
        row.code === null ? "(none)" : code(row.code),
        row.httpStatus.join(", "),
        row.category,
        row.outcome,
        row.remedy,
        row.certainty.toLowerCase()
      ]),
      [
        code(`${name}.Unrecognized`),
        "any other, or none",
        "4xx",
        "that of the HTTP status",
        "NotCancelled",
        "Look up the raw `code`, and report it so that it gets a class.",
        "-"
      ]
    ]
  )

type SharedErrors = {
  readonly [E in Library.CancelError.Shared as E["_tag"]]: {
    readonly category: E["category"]
    readonly outcome: E["outcome"]
    readonly means: string
    readonly remedy: string
  }
}

/** The categories and outcomes are those of the classes: others do not compile. */
const sharedErrors: SharedErrors = {
  "CancelError.InvalidCancelRequest": {
    category: "InvalidRequest",
    outcome: "NotCancelled",
    means: "the request or the policy is invalid; nothing was sent",
    remedy: "Fix what `field` names."
  },
  "CancelError.NotSent": {
    category: "Network",
    outcome: "NotCancelled",
    means: "no byte of any request left this machine",
    remedy: "Check the network, then cancel again."
  },
  "CancelError.NoResponse": {
    category: "Network",
    outcome: "Unknown",
    means: "a request was sent, or may have been, and no complete answer was received",
    remedy: "Settle it later: `cancel` again with `idempotencyKey`, or read the `status`."
  },
  "CancelError.UnexpectedResponse": {
    category: "Unexpected",
    outcome: "Unknown",
    means: "the answer proves nothing; `code` and `httpStatus` are kept",
    remedy: "Settle it later, as above. Report it to the provider, with `requestId`."
  },
  "CancelError.NoLongerCancellable": {
    category: "NotCancellable",
    outcome: "NotCancelled",
    means: "the payment's status shows that it can no longer be cancelled",
    remedy: "Read `paymentStatus`: refund the payment, or leave it as it is."
  }
}

const labelled = (label: string, text: string) => label === "" ? text : `${label}: ${text}`

const keyOf = ({ key }: ResendLicence): string =>
  ({ Honoured: "honoured", Inferred: "honoured (inferred)", None: "none" })[key]

const licenceRow = (licence: ResendLicence): ReadonlyArray<string> => {
  const { after, replays, source, stillRunning = [] } = licence
  return [
    after.length === 0 ? "nothing" : after.map(code).join(", "),
    stillRunning.length === 0 ? "-" : stillRunning.join(", "),
    keyOf(licence),
    { FinalAnswers: "final answers", EveryAnswer: "every answer, 5xx too", Nothing: "nothing" }[replays],
    source
  ]
}

const licences = ({ name, operations }: Provider): string =>
  table(
    ["operation", "sent again after", "HTTP status while a request is still running", "key", "replayed under the key", "source"],
    operations.flatMap(([operation, { licence }]) =>
      kindsOf(name).map(([label, connection]) => [
        [code(operation), label].filter((_) => _ !== "").join(", "),
        ...licenceRow(licence(connection))
      ]))
  )

const standings = ({ standings }: Provider): string =>
  table(["status", "standing"], Object.entries(standings).map(([status, standing]) => [code(status), standing]))

const policyRows: ReadonlyArray<readonly [option: string, show: (policy: CancelPolicy.CancelPolicy) => string, means: string]> = [
  ["attempts", (_) => String(_.attempts), "cancel requests at most"],
  ["attemptTimeout", (_) => duration(_.attemptTimeout), "for one cancel request, including connection and body"],
  ["statusReads", (_) => String(_.statusReads), "status queries at most, after each cancel request"],
  ["statusTimeout", (_) => duration(_.statusTimeout), "for one status query"],
  ["backoff.initial", (_) => duration(_.backoff.initial), "the first wait"],
  ["backoff.factor", (_) => String(_.backoff.factor), "what each wait is multiplied by"],
  ["backoff.maximum", (_) => duration(_.backoff.maximum), "the longest wait of the library's own"],
  ["backoff.jitter", (_) => String(_.backoff.jitter), "the share of each wait that is random"],
  ["maximumRetryAfter", (_) => duration(_.maximumRetryAfter), "the longest wait that the provider may ask for: if it asks for more, nothing more is sent"],
  ["deadline", (_) => duration(_.deadline), "for everything together"],
  ["maximumBodyBytes", (_) => String(_.maximumBodyBytes), "a larger answer counts as incompletely received"]
]

const policies = (of: ReadonlyArray<Provider>): string =>
  table(
    ["option", ...of.map(({ name }) => name), "bounds"],
    policyRows.map(([option, show, means]) => [code(option), ...of.map(({ policy }) => show(policy)), means])
  )

/** What `CancelMany` keeps to, unless it is told otherwise. */
const limits = (of: ReadonlyArray<Provider>): string =>
  table(
    ["provider", "requests", "cancels under way", "source"],
    of.map(({ limits, name }) => {
      const { concurrency, rate } = settingsOf(limits)
      return [
        name,
        rate === null ? "any" : `${rate.requests} in ${Duration.format(Duration.millis(rate.interval))}`,
        String(concurrency),
        limits?.source ?? "nothing is published: a careful choice"
      ]
    })
  )

/** The results of the last `npm run bench -- --write`. */
const measured: Measured = JSON.parse(readFileSync(join(root, "test/bench/results.json"), "utf8"))

/** The results of the last `npm run test:runtimes -- --write`. */
const runtimes: Results = JSON.parse(readFileSync(join(root, "test/runtimes/results.json"), "utf8"))

const isPart = (name: string): name is keyof typeof parts => Object.hasOwn(parts, name)

/** What the named policies set; the rest is the provider's. */
const namedPolicies = (): string => {
  const named = { interactive: CancelPolicy.interactive, background: CancelPolicy.background }
  const resolved = (name: keyof typeof named) =>
    Either.getOrThrow(CancelPolicy.resolve(providers[0]!.policy, named[name]))
  const names = ["interactive", "background"] as const
  return table(
    ["option", ...names.map((name) => code(`CancelPolicy.${name}`))],
    policyRows.filter(([option]) => (option.split(".")[0] ?? "") in named.interactive)
      .map(([option, show]) => [code(option), ...names.map((name) => show(resolved(name)))])
  )
}

/**
 * A class whose category differs from the situation's shows its own, with a link to the page that
 * says why.
 */
const situationCell = (provider: Provider, category: string, { because, classes, otherwise }: At<string>): string => {
  const shown = classes.map((name) => {
    const own = provider.rows.find(([className]) => className === name)?.[1].category
    if (own === undefined) throw new Error(`There is no ${provider.name}.${name}`)
    return own === category ? code(name) : `${code(name)} (${own})`
  })
  const why = because === undefined ? [] : [`[why](${provider.page})`]
  return [...shown, ...(otherwise === undefined ? [] : [otherwise]), ...why].join(", ")
}

const situationTable = (): string =>
  table(
    ["situation", "category", ...providers.map(({ name }) => name)],
    everySituation.map(([name, category]) => [
      name,
      category,
      ...providers.map((provider) => situationCell(provider, category, provider.situations[name]))
    ])
  )

const telemetrySource = readFileSync(join(root, "src/Telemetry.ts"), "utf8")

/** The names that a constant of `Telemetry` holds, each with its comment. */
const telemetryNames = (constant: string): string => {
  const [, body] = new RegExp(`export const ${constant} = \\{\\n([\\s\\S]*?)\\n\\} as const`).exec(telemetrySource) ?? []
  const entries = [...(body ?? "").matchAll(/\/\*\* (.+) \*\/\n {2}(\w+): "(.+)"/g)]
  if (entries.length === 0) throw new Error(`Telemetry has no ${constant}`)
  return table(
    ["name", code(`Telemetry.${constant}`), ""],
    entries.map(([, comment = "", key = "", name = ""]) => [code(name), code(`.${key}`), comment])
  )
}

const proof: ProofFacts = { paymentId: "", identifiedBy: "PaymentId", attempts: 1, observedAt: DateTime.unsafeMake(0), requestId: Option.none() }

/** When it is known what became of a request. */
const decides = ({ successes: { accepted, stated } }: Operation): string => {
  const success = accepted(proof, null, false)
  if (!Predicate.hasProperty(success, "_tag")) return "at once"
  return success._tag === "CancellationAccepted" ? Option.isSome(stated) ? "later, told by the status" : "later, told by webhook" : "is not told"
}

const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** The provider's own package, beside which the tests play the library. */
const comparedWith = (name: string): string => {
  const path = join(root, `test/providers/${name}/sdk.test.ts`)
  if (!existsSync(path)) return "its documents"
  const text = readFileSync(path, "utf8")
  const own = Object.keys(devDependencies).filter((each) =>
    !/^@?effect\b|^@effect\/|vitest$|^typescript$/.test(each) && new RegExp(`["'\`]${each}(/[^"'\`]*)?["'\`]`).test(text))
  return own.map((each) => code(`${each} ${devDependencies[each]}`)).join(", ")
}

const trace = await traceOfALostAnswer()

const tables: { readonly [name: string]: (provider: string) => string } = {
  providers: () =>
    table(
      ["provider", "operations", "decides", "key on cancel", "status query", "webhook", "webhook confirms a cancel", "without the payment's id", "typed errors", "compared with"],
      providers.map(({ confirms, name, operations, page, rows, webhooks }) => [
        `[${name}](docs/${page})`,
        operations.map(([operation]) => code(operation)).join(", "),
        [...new Set(operations.map(([, operation]) => decides(operation)))].join("; "),
        [...new Set(
          operations.flatMap(([, { licence }]) =>
            kindsOf(name).map(([label, connection]) => labelled(label, keyOf(licence(connection)))))
        )].join("; "),
        operations.some(([, { statusQuery }]) => statusQuery._tag === "Some") ? "yes" : "no",
        webhooks.map(code).join(", ") || "-",
        confirms ? code("confirm") : "-",
        operations.flatMap(([operation, { identifiedBy }]) => identifiedBy === "PaymentId" ? [] : [code(operation)]).join(", ") || "-",
        String(rows.length),
        comparedWith(name)
      ])
    ),
  "shared-errors": () =>
    table(
      ["tag", "category", "outcome", "means", "what to do"],
      Object.entries(sharedErrors).map(([tag, { category, means, outcome, remedy }]) =>
        [code(tag), category, outcome, means, remedy])
    ),
  situations: situationTable,
  telemetry: telemetryNames,
  trace: () => `\`\`\`text\n${trace}\n\`\`\``,
  "error-tables": () =>
    providers.map((provider) => `### ${provider.name}\n\n${errorTable(provider)}`).join("\n\n"),
  runtimes: (part) => {
    if (!isPart(part)) throw new Error(`There is no part ${part}`)
    return tableOf(runtimes, part)
  },
  machine: () => measured.machine,
  "performance-summary": () => summary(measured),
  "performance-targets": () => targetTable(measured),
  "performance-clients": () => clientTable(measured),
  "performance-bundle": () => bundleTable(measured),
  policies: () => policies(providers),
  "all-limits": () => limits(providers),
  limits: (name) => limits([providerNamed(name)]),
  "named-policies": namedPolicies,
  standings: (name) => standings(providerNamed(name)),
  licences: (name) => licences(providerNamed(name)),
  policy: (name) => policies([providerNamed(name)])
}

// ---------------------------------------------------------------------------------------
// Code
// ---------------------------------------------------------------------------------------

/** The lines of a region, without their common indentation, or the whole file. */
const region = (path: string, name: string | undefined): string => {
  const lines = readFileSync(join(root, path), "utf8").trimEnd().split("\n")
  if (name === undefined) return lines.filter((line) => !/^\s*\/\/ #(end)?region/.test(line)).join("\n")
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`)
  const length = lines.slice(start + 1).findIndex((line) => line.trim() === "// #endregion")
  if (start < 0 || length < 0) throw new Error(`${path} has no region ${name}`)
  return lines.slice(start + 1, start + 1 + length).join("\n")
}

const marker = /(<!-- (code|generate): (.+?) -->\n)[\s\S]*?(<!-- end -->)/g

const fill = (text: string): string =>
  text.replace(marker, (_, head: string, kind: string, argument: string, end: string) => {
    if (kind === "code") {
      const [path = "", name] = argument.split("#")
      return `${head}\`\`\`ts\n${region(path, name)}\n\`\`\`\n${end}`
    }
    const [name = "", provider = ""] = argument.split(" ")
    const make = tables[name]
    if (make === undefined) throw new Error(`There is no table ${name}`)
    return `${head}\n${make(provider)}\n\n${end}`
  })

/** Every emulator there is, in the order of their names. */
const emulators = (): string =>
  readdirSync(join(root, "src/sandbox/emulators"))
    .flatMap((file) => file.endsWith(".ts") && file !== "index.ts" ? [file.slice(0, -".ts".length)] : [])
    .sort()
    .map((name) => `export { ${name} } from "./${name}.js"`)
    .join("\n")

/** A module that lists what its folder holds, behind its own comment. */
/** A file of which only the first comment is written by hand. */
const listing = (path: string, lines: string) => ({ path, fill: (text: string) => `${text.slice(0, text.indexOf("*/") + 2)}\n${lines}\n` })

const listings = [
  listing("src/sandbox/emulators/index.ts", emulators()),
  listing(
    "src/command/cancelMany/definitions.ts",
    [
      ...providers.map(({ name }) => `import * as ${name} from "../../providers/${name}/index.js"`),
      "import type * as Sandbox from \"../../sandbox/Sandbox.js\"",
      "import { define, type Provider } from \"./definition.js\"",
      "",
      "export const definitions: { readonly [P in Sandbox.Provider]: Provider } = {",
      providers.map(({ name }) => `  ${name}: define("${name}", ${name})`).join(",\n"),
      "}"
    ].join("\n")
  )
]

const pages = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path))
]

const written: ReadonlyArray<{ readonly path: string; readonly fill: (text: string) => string }> = [
  ...pages.map((path) => ({ path, fill })),
  ...listings
]

/** The files that are not what generating them gives, each with that. */
export const stale: ReadonlyArray<{ readonly path: string; readonly text: string }> = written.flatMap(({ fill, path }) => {
  const text = readFileSync(join(root, path), "utf8")
  const filled = fill(text)
  return filled === text ? [] : [{ path, text: filled }]
})
