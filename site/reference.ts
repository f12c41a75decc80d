/**
 * The reference: a Markdown page for every public module, from the comments and declarations in its
 * sources. TypeDoc reads them; the pages are written here, because its own show every class with
 * all that it inherits from Effect, which is a hundred times what its author wrote.
 *
 * A signature is the declaration as it stands in the source, without what only runs.
 */
import { register } from "node:module"
import { join } from "node:path"
import type { Comment, CommentDisplayPart, Context, DeclarationReflection, Reflection } from "typedoc"
import type TS from "typescript-for-typedoc"
import { about, escaped, summaryOf } from "./comments.js"
import { type Module, modules, root } from "./modules.js"

// TypeDoc reads with an API of TypeScript that version 7 does not have. For TypeDoc alone,
// "typescript" is the last version that has it.
register(`data:text/javascript,${
  encodeURIComponent(`export const resolve = (specifier, context, next) =>
    next(
      specifier === "typescript" && context.parentURL?.includes("/node_modules/typedoc/")
        ? "typescript-for-typedoc"
        : specifier,
      context
    )`)
}`)
const { Application, Converter, ReflectionKind } = await import("typedoc")
const { default: ts } = await import("typescript-for-typedoc")

export interface ReferencePage {
  readonly module: Module
  readonly text: string
}

/** Without the spaces that all lines but the first begin with: as much as the first one is moved in. */
const flush = (text: string, indentation: number): string =>
  text.replaceAll(new RegExp(`\\n {1,${Math.max(1, indentation)}}`, "g"), (spaces) => indentation === 0 ? spaces : "\n")
    .replaceAll(/[ \t]+$/gm, "")

/** A longer one is shown by its type. */
const longestInitializer = 40

/** What an instance of a class has, whose base has a name that only its own module knows. */
const fieldsOf = (declaration: TS.ClassDeclaration, checker: TS.TypeChecker): string =>
  checker.getTypeAtLocation(declaration).getProperties()
    .filter((field) => field.declarations?.some((node) => !node.getSourceFile().fileName.includes("/node_modules/")) ?? false)
    .sort((one, other) => Number(other.name === "_tag") - Number(one.name === "_tag"))
    .map((field) => {
      const comment = ts.displayPartsToString(field.getDocumentationComment(checker)).replaceAll("\n", " ").trim()
      const type = checker.typeToString(checker.getTypeOfSymbol(field), declaration, ts.TypeFormatFlags.NoTruncation)
      return `${comment === "" ? "" : `  /** ${comment} */\n`}  readonly ${field.name}: ${type}`
    }).join("\n")

/** How a declaration looks to whoever uses it. */
const signatureOf = (declaration: TS.Declaration, checker: TS.TypeChecker): string => {
  const file = declaration.getSourceFile()
  const indentation = (node: TS.Node): number => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
    return /^ */.exec(file.text.slice(file.getPositionOfLineAndCharacter(line, 0)))?.[0].length ?? 0
  }
  const written = (node: TS.Node): string => flush(node.getText(file), indentation(node)).replace(/^(export|declare) /, "")
  /** Up to where its body begins. */
  const head = (node: TS.Node, body: TS.Node | undefined): string =>
    flush(file.text.slice(node.getStart(file), body?.getStart(file) ?? node.end), indentation(node))
      .replace(/^export /, "").trimEnd()

  if (ts.isVariableDeclaration(declaration)) {
    const { initializer, type } = declaration
    const name = declaration.name.getText(file)
    if (type !== undefined) return `const ${name}: ${written(type)}`
    if (initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))) {
      if (initializer.type !== undefined) {
        return `const ${name} = ${flush(file.text.slice(initializer.getStart(file), initializer.type.end), indentation(declaration))}`
      }
    } else if (initializer !== undefined && written(initializer).split("\n").length <= longestInitializer) {
      // A schema or a table says more as it is written than by its type.
      return `const ${name} = ${written(initializer)}`
    }
    return `const ${name}: ${
      checker.typeToString(checker.getTypeAtLocation(declaration), declaration, ts.TypeFormatFlags.NoTruncation)
    }`
  }
  if (ts.isFunctionDeclaration(declaration)) return head(declaration, declaration.body)
  if (ts.isClassDeclaration(declaration)) {
    const members = declaration.members.map((member) =>
      ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member) || ts.isAccessor(member)
        ? `${file.text.slice(member.pos, member.getStart(file))}${head(member, member.body)}`
        : file.text.slice(member.pos, member.end))
    const before = file.text.slice(declaration.getStart(file), declaration.members.pos).replace(/\s*\{\s*$/, "")
      .replace(/^export /, "")
    if (members.length > 0) return `${before} {${members.join("")}\n}`
    const base = declaration.heritageClauses?.[0]?.types[0]?.expression
    return base !== undefined && ts.isIdentifier(base) && /Base$/.test(base.text)
      ? `class ${declaration.name?.text ?? ""} {\n${fieldsOf(declaration, checker)}\n}`
      : before
  }
  return written(declaration)
}

const partsText = (parts: ReadonlyArray<CommentDisplayPart>): string =>
  parts.map((part) => part.kind === "inline-tag" ? `\`${part.text}\`` : part.text).join("").trim()

const blocks = (comment: Comment | undefined, tag: `@${string}`): ReadonlyArray<string> =>
  (comment?.blockTags ?? []).filter((block) => block.tag === tag).map(({ content }) => partsText(content))

/** What is asked for most stands first; what is not named here follows by the alphabet. */
const first = ["operations", "constructors", "combinators", "services", "layers", "options", "policies", "models", "schemas", "errors"]

const rank = (category: string): string =>
  `${String(first.includes(category) ? first.indexOf(category) : first.length).padStart(2, "0")} ${category}`

const capitalized = (text: string): string => text.replace(/^./, (letter) => letter.toUpperCase())

/** Beside its name, as a reader calls it. */
const kinds: { readonly [kind: string]: string } = {
  Class: "class",
  Function: "function",
  Interface: "interface",
  "Type alias": "type",
  Variable: "constant"
}

interface Declared {
  readonly reflection: DeclarationReflection
  readonly declaration: TS.Declaration
}

/** The comment of a function stands at its signature. */
const commentOf = (reflection: DeclarationReflection): Comment | undefined =>
  reflection.comment ?? reflection.signatures?.find(({ comment }) => comment !== undefined)?.comment ??
    (reflection.type?.type === "reflection"
      ? reflection.type.declaration.signatures?.find(({ comment }) => comment !== undefined)?.comment
      : undefined)

/** One name that a module exports: often a type and a value at once. */
const exportText = (name: string, declared: ReadonlyArray<Declared>, checker: TS.TypeChecker): string => {
  const kindOf = ({ declaration, reflection }: Declared): string =>
    ts.isVariableDeclaration(declaration) && checker.getTypeAtLocation(declaration).getCallSignatures().length > 0
      ? "function"
      : kinds[ReflectionKind.singularString(reflection.kind)] ?? ReflectionKind.singularString(reflection.kind).toLowerCase()
  return [
    `### ${name}`,
    `<p class="kind">${[...new Set(declared.map(kindOf))].join(" and ")}</p>`,
    ...declared.flatMap(({ declaration, reflection }) => {
      const comment = commentOf(reflection)
      return [
        escaped(partsText(comment?.summary ?? [])),
        `\`\`\`ts\n${signatureOf(declaration, checker)}\n\`\`\``,
        ...blocks(comment, "@example").flatMap((example) => ["**Example**", example])
      ]
    })
  ].filter((text) => text !== "").join("\n\n")
}

/** The file of a module's reflection, from the root of the repository. */
const sourceOf = (reflection: Reflection, context: Context): string | undefined => {
  const file: TS.SourceFile | undefined = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile()
  return file?.fileName.slice(root.length)
}

const pageOf = (module: Module, reflection: DeclarationReflection, context: Context): ReferencePage => {
  const checker = context.programs[0]?.getTypeChecker()
  if (checker === undefined) throw new Error("TypeDoc has read nothing")

  const byName = new Map<string, Array<Declared>>()
  const elsewhere = new Array<string>()
  for (const child of reflection.children ?? []) {
    const target = child.isReference() ? child.getTargetReflectionDeep() : child
    const inner = target.kindOf(ReflectionKind.Module)
      ? modules.find(({ source }) => source === sourceOf(target, context))
      : undefined
    if (inner !== undefined) {
      elsewhere.push(`- [${child.name}](${inner.page}.md): ${summaryOf(inner)}`)
      continue
    }
    const declarations = context.getSymbolFromReflection(target)?.declarations ?? []
    const wanted = (node: TS.Declaration): boolean =>
      target.kindOf(ReflectionKind.TypeAlias)
        ? ts.isTypeAliasDeclaration(node)
        : target.kindOf(ReflectionKind.Interface)
        ? ts.isInterfaceDeclaration(node)
        : !ts.isTypeAliasDeclaration(node) && !ts.isInterfaceDeclaration(node)
    const declaration = declarations.find(wanted)
    if (declaration === undefined) throw new Error(`${module.name}.${child.name}: where is it declared?`)
    const before = byName.get(child.name) ?? []
    byName.set(child.name, [...before, { reflection: target as DeclarationReflection, declaration }])
  }

  const byCategory = new Map<string, Array<readonly [name: string, declared: ReadonlyArray<Declared>]>>()
  for (const [name, declared] of byName) {
    const category = declared.flatMap(({ reflection }) => blocks(commentOf(reflection), "@category"))[0] ?? "other"
    byCategory.set(category, [...byCategory.get(category) ?? [], [name, declared]])
  }
  const place = ([, [declared]]: readonly [string, ReadonlyArray<Declared>]): string =>
    declared === undefined
      ? ""
      : `${declared.declaration.getSourceFile().fileName} ${String(declared.declaration.pos).padStart(8, "0")}`

  return {
    module,
    text: [
      "---\noutline: [2, 3]\n---",
      `# ${module.short}`,
      `\`\`\`ts\n${module.imported}\n\`\`\``,
      about(module),
      elsewhere.join("\n"),
      ...[...byCategory].sort(([one], [other]) => rank(one) < rank(other) ? -1 : 1).flatMap(([category, exported]) => [
        `## ${capitalized(category)}`,
        ...exported.sort((one, other) => place(one) < place(other) ? -1 : 1).map(([name, declared]) =>
          exportText(name, declared, checker))
      ])
    ].filter((text) => text !== "").join("\n\n") + "\n"
  }
}

/** A page for each public module. */
export const referencePages = async (): Promise<ReadonlyArray<ReferencePage>> => {
  const application = await Application.bootstrap({
    entryPoints: modules.map(({ source }) => join(root, source)),
    basePath: join(root, "src"),
    tsconfig: join(root, "tsconfig.json"),
    // `npm run check` checks the types; what is in question here is only what is written.
    skipErrorChecking: true,
    excludeInternal: true,
    excludeExternals: true,
    excludePrivate: true,
    readme: "none",
    disableGit: true,
    disableSources: true,
    sort: ["source-order"],
    blockTags: ["@since", "@category", "@example"],
    logLevel: "Warn"
  })
  let context: Context | undefined
  application.converter.on(Converter.EVENT_RESOLVE_END, (_) => {
    context = _
  })
  const project = await application.convert()
  const found = context
  if (project === undefined || found === undefined) throw new Error("TypeDoc could not read the sources")
  return modules.map((module) => {
    const reflection = project.children?.find((child) => sourceOf(child, found) === module.source)
    if (reflection === undefined) throw new Error(`TypeDoc has not read ${module.source}`)
    return pageOf(module, reflection, found)
  })
}
