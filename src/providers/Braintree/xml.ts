/**
 * The XML of Braintree's answers, and no more of it: elements, the attributes `type` and `nil`,
 * text, the five entities that XML itself has, and characters by number.
 *
 * A proof is read from it, so what is not understood is refused: document types, entities of any
 * other name, CDATA, comments, processing instructions, namespaces, other attributes, text beside
 * elements, a document that does not end.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/** Braintree's answers are about eight elements deep. */
const deepest = 32

/** `version` and `encoding`, and nothing before them. */
const declaration =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?[ \t\n]*\?>/

const token =
  /<(\/?)([A-Za-z_][A-Za-z0-9_.-]*)((?:[ \t\n]+[A-Za-z_][A-Za-z0-9_.-]*[ \t\n]*=[ \t\n]*(?:"[^<"]*"|'[^<']*'))*)[ \t\n]*(\/?)>|([^<]+)/y

const attribute = /([A-Za-z_][A-Za-z0-9_.-]*)[ \t\n]*=[ \t\n]*(?:"([^"]*)"|'([^']*)')/g

/** Lone surrogates too. */
const notXml = /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

const entities: ReadonlyMap<string, string> = new Map([["lt", "<"], ["gt", ">"], ["amp", "&"], ["quot", "\""], ["apos", "'"]])

const reference = /&(?:([a-z]+)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));/g

const isBlank = (text: string): boolean => /^[ \t\n]*$/.test(text)

/** The character of a reference; none for one that XML does not have. */
const character = (name: string | undefined, decimal: string | undefined, hexadecimal: string | undefined): Option.Option<string> => {
  if (name !== undefined) return Option.fromNullable(entities.get(name))
  const point = decimal === undefined ? parseInt(hexadecimal ?? "", 16) : parseInt(decimal, 10)
  if (!(point <= 0x10ffff)) return Option.none()
  const written = String.fromCodePoint(point)
  // A carriage return is a character of XML if it is written by its number.
  return written !== "\r" && notXml.test(written) ? Option.none() : Option.some(written)
}

/** What a text stands for. It is read once: what a reference yields is no reference. */
const unescape = (text: string): Option.Option<string> => {
  if (!text.includes("&")) return Option.some(text)
  let unescaped = ""
  let from = 0
  for (const { 0: whole, 1: name, 2: decimal, 3: hexadecimal, index } of text.matchAll(reference)) {
    const between = text.slice(from, index)
    const read = character(name, decimal, hexadecimal)
    if (between.includes("&") || Option.isNone(read)) return Option.none()
    unescaped += between + read.value
    from = index + whole.length
  }
  const rest = text.slice(from)
  return rest.includes("&") ? Option.none() : Option.some(unescaped + rest)
}

interface Attributes {
  readonly isArray: boolean
  readonly isNil: boolean
}

/** Only two are known, and each may stand there once. */
const attributesIn = (text: string): Option.Option<Attributes> => {
  const found = new Map<string, string>()
  for (const [, name = "", quoted, otherwise = ""] of text.matchAll(attribute)) {
    const value = unescape(quoted ?? otherwise)
    if ((name !== "type" && name !== "nil") || found.has(name) || Option.isNone(value)) return Option.none()
    found.set(name, value.value)
  }
  const nil = found.get("nil") ?? "false"
  return nil === "true" || nil === "false"
    ? Option.some({ isArray: found.get("type") === "array", isNil: nil === "true" })
    : Option.none()
}

interface Element extends Attributes {
  readonly name: string
  readonly children: Array<readonly [name: string, value: unknown]>
  text: string
}

/** An element that is there several times is a list: nothing takes it for one of them. */
const members = (children: Element["children"]): { readonly [name: string]: unknown } => {
  const byName = new Map<string, Array<unknown>>()
  for (const [name, value] of children) {
    const same = byName.get(name)
    if (same === undefined) byName.set(name, [value])
    else same.push(value)
  }
  return Object.fromEntries([...byName].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

const valueOf = ({ children, isArray, isNil, text }: Element): Option.Option<unknown> => {
  const isEmpty = children.length === 0
  if (isNil) return isEmpty && isBlank(text) ? Option.some(null) : Option.none()
  if (isEmpty && !isArray) return Option.some(text)
  if (!isBlank(text)) return Option.none()
  return Option.some(isArray ? children.map(([, value]) => value) : members(children))
}

/**
 * What a document says, as a plain value: its root is the only member of an object. An element with
 * `type="array"` is a list of what its elements say, one with `nil="true"` is null, one with
 * elements in it is an object, and any other is its text, whatever its `type`. None for anything
 * that is not understood.
 *
 * @since 0.1.0
 * @category decoders
 */
export const decode = (document: string): Option.Option<unknown> => {
  const text = document.replace(/\r\n?/g, "\n")
  if (notXml.test(text)) return Option.none()
  const root: Element = { name: "", children: [], text: "", isArray: false, isNil: false }
  const open: Array<Element> = [root]
  let at = declaration.exec(text)?.[0].length ?? 0
  while (at < text.length) {
    token.lastIndex = at
    const found = token.exec(text)
    const current = open.at(-1)
    if (found === null || current === undefined) return Option.none()
    at = token.lastIndex
    const [, closing, name = "", attributes = "", selfClosing, characters] = found
    if (characters !== undefined) {
      const said = characters.includes("]]>") ? Option.none() : unescape(characters)
      if (Option.isNone(said)) return Option.none()
      current.text += said.value
      continue
    }
    if (closing === "/") {
      if (name !== current.name || attributes !== "" || selfClosing === "/" || current === root) return Option.none()
      open.pop()
    } else {
      const known = attributesIn(attributes)
      if (Option.isNone(known) || open.length > deepest) return Option.none()
      const element: Element = { name, children: [], text: "", ...known.value }
      if (selfClosing !== "/") {
        open.push(element)
        continue
      }
      const value = valueOf(element)
      if (Option.isNone(value)) return Option.none()
      current.children.push([name, value.value])
      continue
    }
    const value = valueOf(current)
    if (Option.isNone(value)) return Option.none()
    open.at(-1)?.children.push([name, value.value])
  }
  return open.length === 1 && root.children.length === 1 && isBlank(root.text) ? valueOf(root) : Option.none()
}
