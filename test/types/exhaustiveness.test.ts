/**
 * A program that handles all but one of a provider's errors does not compile as infallible,
 * and the compiler names the one that is missing. The same by category.
 */
import { assert, beforeAll, describe, it } from "vitest"
import * as SchemaAST from "effect/SchemaAST"
import * as Library from "effect-payment-cancel"
import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { homes } from "../support/homes.js"
import { providers } from "../support/providers.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

const shared = ["InvalidCancelRequest", "NotSent", "NoResponse", "UnexpectedResponse", "NoLongerCancellable"]

/** Every tag of a provider, with the name that the class has in messages. */
const tagsOf = ({ codes, name }: (typeof providers)[number]) => [
  ...[...codes.map(({ name }) => name), "Unrecognized"].map((error) => ({ tag: `${name}.${error}`, error })),
  ...shared.map((error) => ({ tag: `CancelError.${error}`, error }))
]

/** The smallest request of a provider's first operation, as source text. */
const requestOf = (provider: string) => {
  const [way] = providers.find(({ name }) => name === provider)?.ways ?? assert.fail(`there is no ${provider}`)
  return JSON.stringify(way.request({ identifier: "p", reason: "r" }))
}

const handling = (provider: string, tags: ReadonlyArray<{ readonly tag: string }>) =>
  `export const program: Effect.Effect<unknown, never, ${provider}.${provider}> = ${provider}.cancel(${
    requestOf(provider)
  }).pipe(Effect.catchTags({ ${tags.map(({ tag }) => `"${tag}": () => Effect.void`).join(", ")} }))`

const header = (...names: ReadonlyArray<string>) =>
  `import { Effect } from "effect"\nimport { ${names.join(", ")} } from "effect-payment-cancel"\n`

/** Compiles files and gives what the compiler says about each. */
const compile = async (files: { readonly [name: string]: string }): Promise<{ readonly [name: string]: string }> => {
  // Below the project, so that its packages are found.
  const cache = join(root, "node_modules", ".cache")
  await mkdir(cache, { recursive: true })
  const directory = await mkdtemp(join(cache, "exhaustiveness-"))
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc")
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, `${name}.ts`), text)
    await writeFile(
      join(directory, "tsconfig.json"),
      JSON.stringify({
        extends: relative(directory, join(root, "test", "tsconfig.json")),
        compilerOptions: {
          rootDir: root,
          noErrorTruncation: true,
          paths: { "effect-payment-cancel": [relative(directory, join(root, "src", "index.ts"))] }
        },
        include: ["*.ts"]
      })
    )
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "--pretty", "false", "--singleThreaded", "-p", directory], { cwd: directory }).catch(
      (error: { readonly stdout: string }) => error
    )
    const parts = stdout.split(/^(?=\S)/m)
    return Object.fromEntries(Object.keys(files).map((name) =>
      [name, parts.filter((part) => part.startsWith(`${name}.ts`)).join("")]))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The literals that the field `category` can have. */
const literalsOf = (ast: SchemaAST.AST): ReadonlyArray<unknown> => {
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap(literalsOf)
  if (SchemaAST.isLiteral(ast)) return [ast.literal]
  return SchemaAST.isTypeLiteral(ast)
    ? ast.propertySignatures.flatMap(({ name, type }) => name === "category" ? literalsOf(type) : [])
    : []
}

/** The categories that the errors of a provider have, as its schema says. */
const categoriesOf = (provider: string) => {
  const home = homes.find(({ facts }) => facts.name === provider) ?? assert.fail(`there is no ${provider}`)
  const all = literalsOf(SchemaAST.encodedAST(home.library.CancelError.ast))
  return Library.CancelError.Category.literals.filter((category) => all.includes(category))
}

const table = (categories: ReadonlyArray<string>) =>
  `{ ${categories.map((category) => `${category}: (error) => Effect.succeed(error.paymentStatus)`).join(", ")} }`

/** One program for each way of calling it. */
const matching = (provider: string, categories: ReadonlyArray<string>) => {
  const cancel = `${provider}.cancel(${requestOf(provider)})`
  const type = `Effect.Effect<unknown, never, ${provider}.${provider}>`
  return {
    last: `export const program: ${type} = ${cancel}.pipe(Cancel.matchCategory(${table(categories)}))`,
    first: `export const program: ${type} = Cancel.matchCategory(${cancel}, ${table(categories)})`
  }
}

/** One program that handles every tag of a provider, and one without each. */
const byTag = (): { readonly [name: string]: string } => {
  const files: Record<string, string> = {}
  for (const provider of providers) {
    const tags = tagsOf(provider)
    files[`${provider.name}_all`] = header(provider.name) + handling(provider.name, tags)
    for (const { tag } of tags) {
      files[`${provider.name}_without_${tag.replace(".", "_")}`] = header(provider.name) +
        handling(provider.name, tags.filter((each) => each.tag !== tag))
    }
  }
  return files
}

/** Programs that match by category, and what the compiler has to say of each. */
const byCategory = () => {
  const files: Record<string, string> = {}
  const expected: Record<string, RegExp | "nothing"> = {}
  const add = (provider: string, which: string, categories: ReadonlyArray<string>, words: RegExp | "nothing") => {
    for (const [order, program] of Object.entries(matching(provider, categories))) {
      const name = `${provider}_${which}_${order}`
      files[name] = header("Cancel", provider) + program
      expected[name] = words
    }
  }
  for (const { name } of providers) {
    const categories = categoriesOf(name)
    assert.isAbove(categories.length, 5, name)
    add(name, "all", categories, "nothing")
    for (const category of Library.CancelError.Category.literals) {
      if (categories.includes(category)) {
        add(
          name,
          `without_${category}`,
          categories.filter((each) => each !== category),
          new RegExp(`Property '${category}' is missing in type`)
        )
      } else {
        add(
          name,
          `with_${category}`,
          [...categories, category],
          new RegExp(`'"This effect cannot fail with the category ${category}"'`)
        )
      }
    }
    const [one, other, ...rest] = categories
    add(name, "without_two", rest, new RegExp(`missing the following properties .*: (${one}, ${other}|${other}, ${one})`))
  }
  return { files, expected }
}

const { expected, files } = byCategory()

/** What comes from a table names its provider by any text, and a typed request may name one that the router has not. */
const routed = (provider: string, call: string) =>
  `import { Stream } from "effect"\nimport { Adyen, CancelMany, Canceller, Stripe } from "effect-payment-cancel"
const payments = Canceller.router({ Stripe, Adyen })
declare const request: { readonly provider: ${provider}; readonly paymentId: string }
export const program = ${call}`

const routes: { readonly [name: string]: string } = {
  router_one_text: routed("string", "payments.cancel(request)"),
  router_one_other: routed(`"PayPal"`, "payments.cancel(request)"),
  router_many_text: routed("string", "Stream.make(request).pipe(CancelMany.cancelMany(payments.cancel))"),
  router_many_other: routed(`"PayPal"`, "Stream.make(request).pipe(CancelMany.cancelMany(payments.cancel))")
}

/** What the compiler says. All are compiled at once: it takes longest for the library, which is the same for each. */
let said: { readonly [name: string]: string } = {}

beforeAll(async () => {
  said = await compile({ ...byTag(), ...files, ...routes })
}, 120_000)

describe("handling the errors of a provider by tag", () => {
  it("compiles as infallible only if none is missing, and the missing one is named", () => {
    for (const provider of providers) {
      assert.strictEqual(said[`${provider.name}_all`], "")
      for (const { error, tag } of tagsOf(provider)) {
        const words = said[`${provider.name}_without_${tag.replace(".", "_")}`]
        assert.match(words ?? "", new RegExp(`Type '${error}' is not assignable to type 'never'`), tag)
      }
    }
  })
})

describe("matching the errors of a provider by category", () => {
  it("compiles only with one handler for each category, and the one too few or too many is named", () => {
    for (const [name, words] of Object.entries(expected)) {
      if (words === "nothing") assert.strictEqual(said[name], "", name)
      else assert.match(said[name] ?? "", words, name)
    }
  })
})

describe("a request that names none of a router's providers", () => {
  it("is told which there are", () => {
    for (const name of Object.keys(routes)) {
      assert.match(said[name] ?? "", /Type '(?:string|"PayPal")' is not assignable to type '"Adyen" \| "Stripe"'/, name)
    }
  })
})
