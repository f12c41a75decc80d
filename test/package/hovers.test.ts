import * as Fs from "node:fs"
import * as Path from "node:path"
import { afterAll, assert, beforeAll, describe, inject, it } from "vitest"
import { inTurns } from "../support/extent.js"
import * as LanguageServer from "./LanguageServer.js"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")
const dist = Path.join(consumer, "node_modules", "effect-payment-cancel", "dist")

const providers = Fs.readdirSync(Path.join(dist, "providers"))

/** What a program uses, by the names that it is imported with. */
const modules = [
  ...Fs.readdirSync(dist).flatMap((file) => /^([A-Z]\w*)\.js$/.exec(file)?.[1] ?? []),
  ...providers.map((provider) => `providers/${provider}`)
]

/** Adyen has no status query. */
const withStatus = providers.filter((provider) => provider !== "Adyen")

const nameOf = (module: string) => Path.basename(module)

let opened: Promise<Awaited<ReturnType<typeof LanguageServer.open>>> | undefined

const open = (text: string) => {
  Workspace.write(consumer, {
    "hovers/program.ts": text,
    "hovers/tsconfig.json": JSON.stringify({
      compilerOptions: { module: "NodeNext", target: "ES2022", strict: true, skipLibCheck: true, types: [] }
    })
  })
  return LanguageServer.open(Path.join(consumer, "hovers"), "program.ts")
}

/** The program has these lines from now on. The answer asks at the end of a line, or at a place before it. */
const program = async (lines: ReadonlyArray<string>) => {
  const imports = [
    "import type * as Cause from \"effect/Cause\"",
    "import type * as Context from \"effect/Context\"",
    "import * as Effect from \"effect/Effect\"",
    "import type * as Schema from \"effect/Schema\"",
    ...modules.map((module) => `import * as ${nameOf(module)} from "effect-payment-cancel/${module}"`)
  ]
  const text = [...imports, ...lines].join("\n")
  opened ??= open(text)
  const server = await opened
  server.rewrite(text)
  const ends = new Map<string, number>()
  let end = imports.join("\n").length
  for (const line of lines) {
    end += 1 + line.length
    ends.set(line, end)
  }
  return { server, endOf: (line: string) => ends.get(line)! }
}

/** What is said of it below its type. */
const documentation = (hover: string): string => hover.replace(/^```\w*\n[\s\S]*?\n```/, "").trim()

/** The arguments of the types that have parameters. */
const typeArguments: { readonly [type: string]: string } = {
  "Cancel.CategoryOf": "WePay.CancelError",
  "Cancel.ExceptCategory": "WePay.CancelError, \"Conflict\"",
  "Cancel.ExceptOutcome": "WePay.CancelError, \"Unknown\"",
  "Cancel.Handlers": "WePay.CancelError",
  "Cancel.OfCategory": "WePay.CancelError, \"Conflict\"",
  "Cancel.OfOutcome": "WePay.CancelError, \"Unknown\"",
  "CancelMany.ContextOf": "typeof WePay.cancel",
  "CancelMany.Ended": "WePay.CancelRequest, WePay.Cancellation, WePay.CancelError",
  "CancelMany.ErrorOf": "typeof WePay.cancel",
  "CancelMany.Options": "WePay.CancelRequest",
  "CancelMany.RequestOf": "typeof WePay.cancel",
  "CancelMany.SuccessOf": "typeof WePay.cancel",
  "CancelError.Constant": "\"WePay\"",
  "CancelError.ErrorClass": "object, \"WePay.X\", {}, {}, object",
  "CancelError.Instance": "\"WePay.X\", \"WePay\", \"X\", \"Conflict\", \"Unknown\"",
  "CancelError.Kind": "\"WePay\", \"X\", \"Conflict\"",
  "CancelError.Literals": "\"WePay\", \"X\", \"Conflict\", \"Unknown\"",
  "Cancellation.AlreadyCancelled": "\"WePay\"",
  "Cancellation.CancellationAccepted": "\"Adyen\", Adyen.Receipt",
  "Cancellation.CancellationAcknowledged": "\"Square\"",
  "Cancellation.Cancelled": "\"WePay\", WePay.Payment",
  "Cancellation.Proof": "\"WePay\", \"Response\"",
  "Cancellation.Tagged": "\"Cancelled\"",
  "Canceller.NeutralProvider": "never",
  "Canceller.Offering": "{ WePay: typeof WePay }, \"cancel\"",
  "Canceller.ProviderError": "\"Conflict\", \"Unknown\"",
  "Canceller.Routed": "{ WePay: typeof WePay }, \"cancel\"",
  "Canceller.Router": "{ WePay: typeof WePay }",
  "Canceller.RouterRequest": "{ Adyen: typeof Adyen }",
  "Notification.CancelNotification": "\"Stripe\"",
  "Notification.CancellationDeclined": "\"Adyen\"",
  "Notification.Confirmation": "\"Adyen\"",
  "Notification.Failure": "\"Refuse\"",
  "Notification.Named": "\"Notification.InvalidSignature\"",
  "Notification.Refunded": "\"Adyen\"",
  "Notification.ListVerifier": "\"GoCardless\"",
  "Notification.Verifier": "\"Stripe\"",
  "PaymentStatus.PaymentStatus": "\"WePay\"",
  "Webhook.AskingOptions": "Notification.CancelNotification<\"Mollie\">, never, never",
  "Webhook.Options": "Notification.CancelNotification<\"Stripe\">, never"
}

/** Shapes that have no name of their own. */
const unnamed = [
  "CancelPolicy.CancelPolicy[\"backoff\"]",
  "NonNullable<CancelPolicy.Options[\"backoff\"]>",
  "Extract<WalletConnectPay.Credentials, { _tag: \"ApiKey\" }>",
  "Extract<WalletConnectPay.Credentials, { _tag: \"AppId\" }>",
  "Extract<WalletConnectPay.Credentials, { _tag: \"Merchant\" }>",
  "Parameters<typeof WalletConnectPay.Credentials.ApiKey>[0]",
  "Parameters<typeof WalletConnectPay.Credentials.AppId>[0]",
  "Parameters<typeof WalletConnectPay.Credentials.Merchant>[0]",
  "Extract<CheckoutCom.Environment, { _tag: \"Production\" }>",
  "Parameters<typeof CheckoutCom.Environment.Production>[0]",
  "Extract<Adyen.Environment, { _tag: \"Live\" }>",
  "Parameters<typeof Adyen.Environment.Live>[0]",
  "Effect.Effect.Success<typeof Canceller.Canceller>",
  ...providers.flatMap((provider) => [
    `Effect.Effect.Success<typeof ${provider}.${provider}>`,
    `Parameters<typeof ${provider}.cancel>[0]`,
    `NonNullable<Parameters<typeof ${provider}.layerConfig>[0]>`,
    `Effect.Effect.Success<ReturnType<typeof ${provider}.cancel>>`,
    `Effect.Effect.Error<ReturnType<typeof ${provider}.cancel>>`
  ]),
  ...withStatus.flatMap((provider) => [
    `Parameters<typeof ${provider}.status>[0]`,
    `Effect.Effect.Success<ReturnType<typeof ${provider}.status>>`,
    `Effect.Effect.Error<ReturnType<typeof ${provider}.status>>`
  ])
]

/** What is not ours: of a shape that has all of one, these names are left out. */
const foreign = [
  "Cause.YieldableError",
  "Function",
  "String",
  "\"\" | object",
  "Context.TagClassShape<string, unknown>",
  "Schema.TaggedErrorClass<object, \"\", {}>",
  "Schema.PropertySignature<\":\", string, never, \":\", string, true, never>"
]

/**
 * Its keys are computed from the errors of a channel. What each stands for, `CancelError.Category`
 * says, and the compiler names those that are missing.
 */
const computed = ["Cancel.Handlers<WePay.CancelError>"]

describe("an editor shows what a field means", () => {
  /** The fields of each shape, as the compiler knows them. */
  const fields = new Map<string, ReadonlyArray<string>>()
  let types: ReadonlyArray<string> = []

  beforeAll(async () => {
    const naming = await program(modules.map((module) => `type In${nameOf(module)} = ${nameOf(module)}.`))
    for (const module of modules) {
      const names = await naming.server.completions(naming.endOf(`type In${nameOf(module)} = ${nameOf(module)}.`))
      types = [...types, ...names.map((name) => `${nameOf(module)}.${name}`)]
    }
    types = types.map((type) => Object.hasOwn(typeArguments, type) ? `${type}<${typeArguments[type]}>` : type)

    const shapes = [...types, ...unnamed, ...foreign]
    const line = (shape: string) => `;({} as ${shape}).`
    const listing = await program(shapes.map(line))
    for (const shape of shapes) {
      const names = await listing.server.completions(listing.endOf(line(shape)))
      fields.set(shape, names.map((name) => name.replace(/\?$/, "")))
    }
  }, 120_000)

  afterAll(async () => (await opened)?.close())

  it("of every request, option, policy, success, error and event", async () => {
    const own = (shape: string) => {
      const all = fields.get(shape)!
      // One of the problems is no `Error`: the names that it has all the same are another's in the others.
      if (shape === "Webhook.Problem") return all.filter((name) => name !== "cause" && name !== "toString")
      const others = foreign.map((name) => fields.get(name)!).filter((names) => names.every((name) => all.includes(name)))
      // Every error has a message, and what ours says, we say.
      return all.filter((name) => name === "message" || !others.flat().includes(name))
    }
    const line = ([shape, field]: readonly [string, string]) => `;({} as ${shape}).${field}`
    const shapes = [...types, ...unnamed].filter((shape) => !computed.includes(shape)).map((shape) => [shape, own(shape)] as const)
    const having = new Map<string, ReadonlyArray<string>>()
    for (const [shape, all] of shapes) for (const name of all) having.set(name, [...having.get(name) ?? [], shape])
    // What many have comes from the same few declarations, or says the same of each provider.
    const places = [...having].flatMap(([name, those], turn) =>
      (those.length > 10 ? inTurns(those, turn, 8) : those).map((shape) => [shape, name] as const))
    assert.isAtLeast(places.length, 1000)
    assert.includeMembers(places.map(([, field]) => field), [...having.keys()])
    const hovering = await program(places.map(line))
    const silent: Array<string> = []
    for (const place of places) {
      const hover = await hovering.server.hover(hovering.endOf(line(place)) - 1)
      assert.include(hover, "```", line(place))
      if (documentation(hover) === "") silent.push(line(place))
    }
    assert.deepStrictEqual(silent, [])
    assert.deepStrictEqual([...types, ...unnamed].filter((type) => fields.get(type)!.length === 0), [])
  }, 120_000)

  it("and each signature of a function that has several", async () => {
    const handler = "() => Effect.void"
    const policy = "{ attempts: 1 }"
    const calls = [
      `Cancel.catchCategory("Conflict", ${handler})`,
      `Cancel.catchCategory(cancel, "Conflict", ${handler})`,
      `Cancel.catchUnknownOutcome(${handler})`,
      `Cancel.catchUnknownOutcome(cancel, ${handler})`,
      "Cancel.beforeSending(() => Effect.void)",
      "Cancel.beforeSending(cancel, () => Effect.void)",
      "Cancel.continueAfter(\"Crash\")",
      "Cancel.continueAfter(cancel, \"Crash\")",
      "Cancel.matchCategory({})",
      "Cancel.matchCategory(cancel, {})",
      `Cancel.withPolicy(${policy})`,
      `Cancel.withPolicy(cancel, ${policy})`
    ]
    const { endOf, server } = await program([
      "declare const cancel: ReturnType<typeof WePay.cancel>",
      ...calls
    ])
    const overloaded = Array.from(
      Fs.readFileSync(Path.join(dist, "Cancel.d.ts"), "utf8").matchAll(/^export declare const (\w+): \{$/gm),
      ([, name]) => `Cancel.${name}`
    )
    assert.sameMembers(overloaded, calls.map((call) => call.slice(0, call.indexOf("("))).filter((name, index, all) => all.indexOf(name) === index))
    const shown = new Map<string, ReadonlyArray<string>>()
    for (const call of calls) {
      const name = call.slice(0, call.indexOf("("))
      const said = documentation(await server.hover(endOf(call) - call.length + name.length - 1))
      assert.notStrictEqual(said, "", call)
      shown.set(name, [...shown.get(name) ?? [], said])
      const signatures = await server.signatures(endOf(call) - call.length + name.length + 1)
      assert.lengthOf(signatures, 2, call)
      for (const { documentation: ofSignature, label } of signatures) assert.notStrictEqual(ofSignature, "", label)
    }
    for (const [name, [first, second]] of shown) assert.notStrictEqual(first, second, name)
  }, 120_000)
})
