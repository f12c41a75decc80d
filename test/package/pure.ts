/** What tells bundlers that they may leave something out. */
import { parseAst } from "rollup/parseAst"
import type * as SourceMap from "./sourceMap.js"

const mark = "/*#__PURE__*/"

interface AnyNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export const isNode = (value: unknown): value is AnyNode => typeof value === "object" && value !== null && "type" in value && "start" in value

const isFunction = ({ type }: AnyNode): boolean => /Function/.test(type)

const isCall = ({ type }: AnyNode): boolean => type === "CallExpression" || type === "NewExpression"

/** Whether a property is read that is neither an import nor only called. */
const readsProperty = (node: unknown, namespaces: ReadonlySet<string>, isCalled = false): boolean => {
  if (Array.isArray(node)) return node.some((each) => readsProperty(each, namespaces))
  if (!isNode(node) || isFunction(node)) return false
  if (isCall(node)) return readsProperty(node["callee"], namespaces, true) || readsProperty(node["arguments"], namespaces)
  if (node.type !== "MemberExpression") return Object.values(node).some((each) => readsProperty(each, namespaces))
  const { object } = node
  return !(isCalled || isNode(object) && object.type === "Identifier" && namespaces.has(String(object["name"]))) ||
    readsProperty(object, namespaces, isCalled)
}

/**
 * Marks what is called when a file is loaded, so that bundlers leave it out if nothing uses what it
 * makes. They keep what reads a property, for that may do something too: there, a function around
 * it is called, and marked as a whole.
 */
export const marks = (code: string): ReadonlyArray<SourceMap.Insertion> => {
  const { body } = parseAst(code)
  const namespaces = new Set(body.flatMap((node) =>
    node.type === "ImportDeclaration"
      ? node.specifiers.flatMap(({ local, type }) => type === "ImportNamespaceSpecifier" ? [local.name] : [])
      : []))
  const insertions = new Map<number, string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (!isNode(node) || node.type === "ExpressionStatement" || isFunction(node)) return
    if (node.type === "VariableDeclarator" && isNode(node.init) && isCall(node.init) && readsProperty(node.init, namespaces)) {
      insertions.set(node.init.start, `${mark}(() => `)
      insertions.set(node.init.end, ")()")
      return
    }
    if (isCall(node)) insertions.set(node.start, mark)
    Object.values(node).forEach(visit)
  }
  visit(body)
  return Array.from(insertions, ([at, text]) => ({ at, text }))
}
