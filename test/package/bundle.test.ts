import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, inject, it } from "vitest"
import { asApplication, gzipped } from "./bundling.js"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")

const providers = Fs.readdirSync(Path.join(consumer, "node_modules/effect-payment-cancel/dist/providers"))

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`

const minimal = (from: string, provider: string) => `
  import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
  import * as Effect from "effect/Effect"
  import { ${provider} } from "${from}"
  const program = ${provider}.cancel({ paymentId: "p-1", reason: "out of stock" })
  Effect.runFork(Effect.provide(Effect.provide(program, ${provider}.layerConfig()), FetchHttpClient.layer))
`

const own = (provider: string) =>
  minimal(`effect-payment-cancel/providers/${provider}`, provider).replace(/import \{ \w+ \}/, `import * as ${provider}`)

/** Of modules that are published as parts of the engine's file: what each comes to alone, minified. */
const alone = [
  ["CancelPolicy", 3_600],
  ["authoring/Answer", 3_400],
  ["authoring/Input", 5_000],
  ["authoring/Setting", 5_200],
  ["authoring/Successes", 1_800]
] as const

/** What is bundled, each for itself. */
const programs: { readonly [name: string]: string } = {
  ...Object.fromEntries(providers.flatMap((provider) => [
    [`root/${provider}`, minimal("effect-payment-cancel", provider)],
    [`own/${provider}`, own(provider)]
  ])),
  ...Object.fromEntries(alone.map(([module]) => [
    `alone/${module}`,
    `import * as Module from "effect-payment-cancel/${module}"; globalThis.module = Module`
  ])),
  worker: Fs.readFileSync(Path.join(Workspace.root, "docs/examples/edge.ts"), "utf8"),
  unused: `import { WePay } from "effect-payment-cancel"`,
  sandbox: `
    import { Sandbox } from "effect-payment-cancel/sandbox"
    globalThis.sandbox = Sandbox.layer
  `,
  everything: `
    import * as Library from "effect-payment-cancel"
    globalThis.library = Library
  `
}

Workspace.write(consumer, Object.fromEntries(Object.entries(programs).map(([name, text]) => [`bundles/${name}.ts`, text])))

/** Of all at once: so what they have in common is read and parsed once. */
const { metafile, outputFiles } = Esbuild.buildSync({
  ...asApplication,
  entryPoints: Object.keys(programs).map((name) => `bundles/${name}.ts`),
  outdir: "bundled",
  outbase: "bundles",
  absWorkingDir: consumer
})

const bundle = (name: string) => {
  const file = `bundled/${name}.js`
  const inputs = Object.entries(metafile.outputs[file]!.inputs)
  const { contents, text } = outputFiles.find(({ path }) => path === Path.join(consumer, file))!
  const size = gzipped(contents)
  const modules = inputs.flatMap(([input, { bytesInOutput }]) =>
    bytesInOutput > 0 ? input.split("node_modules/effect-payment-cancel/dist/")[1] ?? [] : [])
  const ours = inputs.reduce((sum, [input, { bytesInOutput }]) =>
    input.includes("node_modules/effect-payment-cancel/") ? sum + bytesInOutput : sum, 0)
  return {
    text,
    modules,
    gzipped: size,
    ours,
    report: `${kilobytes(size)} gzipped with Effect and the platform, ${kilobytes(ours)} minified of it ours`
  }
}

describe("a bundle", () => {
  it.each(providers)("with %s holds nothing of another provider, nor of the sandbox", (provider) => {
    const { gzipped, modules, report, text } = bundle(`root/${provider}`)
    assert.include(modules, `providers/${provider}/errors.js`)
    assert.deepStrictEqual(
      modules.filter((module) => /^(providers|sandbox)\//.test(module) && !module.startsWith(`providers/${provider}/`)),
      []
    )
    for (const other of providers.filter((other) => other !== provider)) {
      assert.notMatch(text, new RegExp(`["'\`]${other}\\b`))
    }
    // Room to grow, and an alarm where a barrel comes in.
    assert.isBelow(gzipped, 116_250, report)
    console.log(`${provider}: ${report}`)
  })

  it("by a provider's own entry holds nothing that the root's does not", () => {
    const root = bundle("root/WePay")
    const deep = bundle("own/WePay")
    assert.deepStrictEqual(
      deep.modules.filter((module) => !root.modules.includes(module)),
      []
    )
  })

  // The service of some takes notifications, because it asks the provider about them.
  const asking = providers.filter((provider) =>
    Fs.readFileSync(Path.join(consumer, `node_modules/effect-payment-cancel/dist/providers/${provider}/index.d.ts`), "utf8")
      .includes("notificationById"))

  it.each(providers.filter((provider) => !asking.includes(provider)))("by %s's own entry that only cancels holds nothing of webhooks", (provider) => {
    assert.isBelow(asking.length, providers.length / 2)
    const { modules, text } = bundle(`own/${provider}`)
    assert.include(modules, `providers/${provider}/index.js`)
    // What it says is in the file of the engine, of which most is needed.
    const says = /no signature matches: |the raw body of the notification is needed/
    assert.notMatch(text, says)
    assert.match(bundle("worker").text, says)
  })

  it("for Node may hold undici, with a `require` of its own", () => {
    const page = Fs.readFileSync(Path.join(Workspace.root, "docs/runtimes.md"), "utf8")
    const banner = /"--banner:js=(import .*;)"/.exec(page)?.[1] ?? ""
    Workspace.write(consumer, {
      "function.ts": `
        import { Effect, Layer, Redacted } from "effect"
        import { Stripe } from "effect-payment-cancel"
        import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
        const stripe = Stripe.layer({ apiKey: Redacted.make("sk_test_1"), baseUrl: "http://127.0.0.1:9" })
        Effect.runPromise(Effect.flip(Stripe.cancel({ paymentId: "pi_1" })).pipe(
          Effect.provide(Layer.provide(stripe, UndiciTransport.layer))
        )).then(({ _tag }) => console.log(_tag))
      `
    })
    for (const [name, options] of [["cjs", { format: "cjs" }], ["mjs", { format: "esm", banner: { js: banner } }]] as const) {
      Esbuild.buildSync({
        entryPoints: ["function.ts"],
        absWorkingDir: consumer,
        bundle: true,
        platform: "node",
        outfile: `function.${name}`,
        ...options
      })
      assert.strictEqual(Workspace.succeed(consumer, "node", `function.${name}`).trim(), "CancelError.NotSent")
    }
  })

  it.each(alone)("with all of %s alone holds only what that needs of the engine", (module, bytes) => {
    const { ours, report } = bundle(`alone/${module}`)
    assert.isBelow(ours, bytes, report)
  })

  it("of the Worker is as large as the page about runtimes says", () => {
    const page = Fs.readFileSync(Path.join(Workspace.root, "docs/runtimes.md"), "utf8")
    const said = /Gzipped, this Worker is about (\d+) kB,/.exec(page)
    const { gzipped, report } = bundle("worker")
    assert.closeTo(gzipped / 1000, Number(said?.[1]), 3, report)
  })

  it("with nothing used is empty", () => {
    const { modules } = bundle("unused")
    assert.deepStrictEqual(modules, [])
  })

  it("of the sandbox in memory needs no Node, and holds nothing of the library", () => {
    const { modules } = bundle("sandbox")
    assert.include(modules, "sandbox/Sandbox.js")
    assert.deepStrictEqual(modules.filter((module) => !module.startsWith("sandbox/")), [])
  })
})

describe("a bundle with everything", () => {
  it("needs no Node", () => {
    const { modules } = bundle("everything")
    assert.includeMembers(modules, ["Canceller.js", "providers/WePay/index.js", "providers/WalletConnectPay/index.js"])
  })
})
