/**
 * The decoder, beside a parser that reads far more: what it accepts, that one reads alike; and what
 * it does not understand, it does not guess.
 */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser"
import { decode } from "../../../src/providers/Braintree/xml.js"

const some = (text: string) => Option.getOrThrowWith(decode(text), () => new Error(`not understood: ${text.slice(0, 100)}`))

const isRefused = (text: string) => assert.deepStrictEqual(decode(text), Option.none(), text.slice(0, 100))

// ------------------------------------------------------------ a second opinion

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  htmlEntities: true
})

type Ordered = Readonly<Record<string, unknown>>

const isText = (node: Ordered): boolean => "#text" in node

/** What a node of that parser says, by the same marks. */
const valueOf = (node: Ordered): unknown => {
  const [name = ""] = Object.keys(node).filter((key) => key !== ":@")
  const inner = node[name] as ReadonlyArray<Ordered>
  const { nil, type } = (node[":@"] ?? {}) as Readonly<Record<string, string>>
  if (nil === "true") return null
  const children = inner.filter((each) => !isText(each))
  if (type === "array") return children.map(valueOf)
  if (children.length === 0) return inner.map((each) => String(each["#text"])).join("")
  return membersOf(children)
}

const nameOf = (node: Ordered): string => Object.keys(node).find((key) => key !== ":@") ?? ""

const membersOf = (nodes: ReadonlyArray<Ordered>): unknown => {
  const members = new Map<string, Array<unknown>>()
  for (const node of nodes) members.set(nameOf(node), [...members.get(nameOf(node)) ?? [], valueOf(node)])
  return Object.fromEntries([...members].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

const otherwise = (text: string): unknown => membersOf((parser.parse(text) as ReadonlyArray<Ordered>).filter((node) => !isText(node)))

// ------------------------------------------------------------ documents

interface Node {
  readonly name: string
  readonly content: string | null | ReadonlyArray<Node>
  readonly isArray: boolean
}

const name = FastCheck.stringMatching(/^[a-z_][a-z0-9_.-]{0,8}$/)

/** XML has most characters, and texts from fast-check have all. */
const character = FastCheck.oneof(
  FastCheck.constantFrom("&", "<", ">", "\"", "'", "]", " ", "\t", "\n", "ä", "\u{1F600}", "\u00a0", "\u2028"),
  FastCheck.string({ minLength: 1, maxLength: 1, unit: "grapheme" })
).filter((text) => /^[\t\n\u0020-\u007e\u0080-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text))

// Of blanks alone the other parser makes nothing.
const text = FastCheck.array(character, { maxLength: 12 }).map((all) => all.join("")).filter((all) => all === "" || /\S/.test(all))

const { node } = FastCheck.letrec<{ readonly node: Node }>((tie) => ({
  node: FastCheck.record({
    name,
    content: FastCheck.oneof(
      { maxDepth: 4, depthSize: "small" },
      text,
      FastCheck.constant(null),
      FastCheck.array(tie("node"), { maxLength: 4 })
    ),
    isArray: FastCheck.boolean()
  })
}))

const escaping: { readonly [character: string]: ReadonlyArray<string> } = {
  "&": ["&amp;", "&#38;", "&#x26;"], "<": ["&lt;", "&#60;"], ">": ["&gt;", "&#x3E;"], "\"": ["&quot;", "\""], "'": ["&apos;", "'"]
}

const escape = (plain: string, nth: number): string =>
  plain.replace(/[&<>"']/g, (found) => {
    const ways = escaping[found] ?? [found]
    return ways[nth % ways.length] ?? found
  })

const write = ({ content, isArray, name }: Node, nth = 0): string => {
  if (content === null) return nth % 2 === 0 ? `<${name} nil="true"/>` : `<${name} nil='true'></${name}>`
  if (typeof content === "string") return `<${name}>${escape(content, nth)}</${name}>`
  return `<${name}${isArray ? " type=\"array\"" : ""}>${content.map((child, index) => write(child, nth + index)).join("\n  ")}</${name}>`
}

const meaning = ({ content, isArray }: Node): unknown => {
  if (content === null || typeof content === "string") return content
  if (isArray) return content.map(meaning)
  return content.length === 0 ? "" : meaningOf(content)
}

const meaningOf = (nodes: ReadonlyArray<Node>): unknown => {
  const members = new Map<string, Array<unknown>>()
  for (const child of nodes) members.set(child.name, [...members.get(child.name) ?? [], meaning(child)])
  return Object.fromEntries([...members].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

const runs = { numRuns: 300 }

describe("what Braintree writes", () => {
  it("is what it says, with every mark of its framework", () => {
    assert.deepStrictEqual(
      some(`<?xml version="1.0" encoding="UTF-8"?>
<transaction>
  <id>br66hg</id>
  <amount type="decimal">010.00</amount>
  <order-id nil="true"/>
  <channel nil="true"></channel>
  <tax-exempt type="boolean" nil="false">false</tax-exempt>
  <image-url>https://assets.example/visa.png?a=b&amp;c=&#x1F600;&#228;</image-url>
  <custom-fields>
  </custom-fields>
  <refund-ids type="array"/>
  <add-ons type="array"></add-ons>
  <status-history type="array">
    <status-event><status>authorized</status></status-event>
    <status-event><status>voided</status><user nil="true"/></status-event>
  </status-history>
</transaction>
`),
      {
        transaction: {
          id: "br66hg",
          amount: "010.00",
          "order-id": null,
          channel: null,
          "tax-exempt": "false",
          "image-url": "https://assets.example/visa.png?a=b&c=\u{1F600}ä",
          "custom-fields": "\n  ",
          "refund-ids": [],
          "add-ons": [],
          "status-history": [{ status: "authorized" }, { status: "voided", user: null }]
        }
      }
    )
  })

  it("is read back from any tree, and another parser reads it alike", () => {
    FastCheck.assert(
      FastCheck.property(node, FastCheck.nat(9), (tree, nth) => {
        const written = write(tree, nth)
        assert.deepStrictEqual(some(written), { [tree.name]: meaning(tree) })
        assert.deepStrictEqual(some(`<?xml version="1.0"?>\n${written}\n`), otherwise(written))
      }),
      runs
    )
  })

  it("is no less than what is accepted: whatever is, is well formed and read alike", () => {
    const piece = FastCheck.constantFrom(
      "<", ">", "/>", "</", "a", "b", " ", "\n", "=", "\"", "'", "<a>", "</a>", "<b/>", "<b>", "</b>", "&", ";", "&lt;", "&amp;", "&#65;", "&#x41;",
      "<!--", "-->", "<![CDATA[", "]]>", "<?a ?>", "<!DOCTYPE a>", " type=\"array\"", " nil=\"true\"", " id='1'", "x:y", "text", "", ""
    )
    const document = FastCheck.oneof(
      FastCheck.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
      FastCheck.tuple(node, FastCheck.nat(200), FastCheck.nat(3), piece).map(([tree, at, removed, inserted]) => {
        const written = write(tree)
        return written.slice(0, at) + inserted + written.slice(at + removed)
      })
    )
    let accepted = 0
    FastCheck.assert(
      FastCheck.property(document, (written) => {
        const read = decode(written)
        if (Option.isNone(read)) return
        accepted += 1
        assert.isTrue(XMLValidator.validate(written) === true, written)
        // Blanks alone the other parser leaves out.
        if (!/>[ \t\n]+</.test(written)) assert.deepStrictEqual(read.value, otherwise(written), written)
      }),
      { numRuns: 3_000 }
    )
    // Enough to have been tried at all.
    assert.isAbove(accepted, 20)
  })

  it("loses nothing in its middle: no document that was cut is one", () => {
    FastCheck.assert(
      FastCheck.property(node, FastCheck.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (tree, share) => {
        const written = write(tree)
        isRefused(written.slice(0, Math.floor(written.length * share)))
      }),
      runs
    )
  })

  it("is what a builder of the same kind writes", () => {
    const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressBooleanAttributes: false })
    assert.deepStrictEqual(
      some(builder.build({ a: { b: { "@type": "array", c: ["1", "2"] }, d: { "@nil": "true" } } })),
      { a: { b: ["1", "2"], d: null } }
    )
  })
})

describe("an attack", () => {
  it("of entities is refused with the document type that defines them", () => {
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY lol${n + 1} "${`&lol${n};`.repeat(10)}">`).join("")
    isRefused(`<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol0 "lol">${laughs}]><transaction><id>&lol9;</id></transaction>`)
    isRefused("<!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><t>&x;</t>")
    isRefused("<!DOCTYPE t SYSTEM \"http://evil.invalid/t.dtd\"><t>voided</t>")
    isRefused("<!DOCTYPE t><t>voided</t>")
    isRefused("<!doctype t><t>voided</t>")
    isRefused("<t>&lol9;</t>")
  })

  it("of references is taken for what it says, once", () => {
    assert.deepStrictEqual(some("<t>&amp;lt;&#38;amp;&#x26;#65;</t>"), { t: "&lt;&amp;&#65;" })
    for (const reference of ["&nbsp;", "&AMP;", "&amp", "& amp;", "&;", "&#;", "&#x;", "&#65", "&#X41;", "&#0;", "&#8;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#99999999;", "&constructor;", "&__proto__;"]) {
      isRefused(`<t>${reference}</t>`)
      isRefused(`<t type="${reference}">x</t>`)
    }
  })

  it("of depth is refused, and of breadth is read", () => {
    const nested = (depth: number) => `${"<a>".repeat(depth)}x${"</a>".repeat(depth)}`
    assert.isTrue(Option.isSome(decode(nested(32))))
    isRefused(nested(33))
    isRefused(nested(100_000))
    isRefused("<a>".repeat(300_000))
    const wide = some(`<a type="array">${"<b/>".repeat(100_000)}</a>`) as { readonly a: ReadonlyArray<unknown> }
    assert.lengthOf(wide.a, 100_000)
  })

  it("of time is over soon", () => {
    const long = 500_000
    const started = performance.now()
    for (
      const written of [
        `<a${" ".repeat(long)}`,
        `<${"a".repeat(long)}`,
        `<a ${"b".repeat(long)}`,
        `<a b=${" ".repeat(long)}`,
        `<a b="${"c".repeat(long)}`,
        `<a${" b=\"c\"".repeat(long / 6)}`,
        `<a>${"&".repeat(long)}</a>`,
        `<a>${"&#".repeat(long / 2)}</a>`,
        `<a>${"]".repeat(long)}</a`,
        `<?xml${" ".repeat(long)}`,
        " ".repeat(long),
        "<".repeat(long)
      ]
    ) isRefused(written)
    assert.isBelow(performance.now() - started, 5_000)
  })

  it("with the same element twice is a list, and so none of them", () => {
    assert.deepStrictEqual(some("<t><id>a</id><id>b</id></t>"), { t: { id: ["a", "b"] } })
    assert.deepStrictEqual(some("<t><id>a</id><id type=\"array\"/></t>"), { t: { id: ["a", []] } })
    isRefused("<t>a</t><t>b</t>")
    isRefused("<t>a</t><u/>")
  })

  it("with the same attribute twice, or another one, is refused", () => {
    isRefused("<t type=\"array\" type=\"string\"/>")
    isRefused("<t nil=\"true\" nil=\"false\"/>")
    for (const attribute of ["id=\"1\"", "xmlns=\"u\"", "xml:space=\"preserve\"", "Type=\"array\"", "nil", "nil=true", "nil=\"1\"", "nil=\"TRUE\"", "type=\"a<b\""]) {
      isRefused(`<t ${attribute}/>`)
    }
    isRefused("<t nil=\"true\">voided</t>")
    isRefused("<t nil=\"true\"><id/></t>")
    isRefused("<t></t type=\"array\">")
  })

  it("with what is no element is refused", () => {
    for (const odd of ["<![CDATA[voided]]>", "<!-- voided -->", "<?php voided ?>", "voided<u/>", "<u/>voided", "]]>", "<", "\u0000", "\u0008", "\ud800", "\uffff", "</t>", "<t", "<1/>", "< u/>", "<u / >", "<n:u/>", "</ u>", "<u//>", "<-/>"]) {
      isRefused(`<t>${odd}</t>`)
    }
    for (const around of ["", " ", "voided", "{}", "null", "<t/>x", "x<t/>", "<!-- --><t/>", "<t/><!-- -->", "<t/></t>", "</t>", "<t></T>", "<t></u>", "<t><u></t></u>"]) {
      isRefused(around)
    }
  })

  it("with another declaration is refused", () => {
    for (const written of ["<?xml version=\"1.0\"?><t/>", "<?xml version='1.0' encoding='utf-8' ?>\n<t/>", "\n<t/>\n"]) {
      assert.deepStrictEqual(some(written), { t: "" })
    }
    for (
      const declaration of [
        "<?xml?>", "<?xml version=\"1.1\"?>", "<?xml version=\"1.0\" encoding=\"utf-16\"?>", "<?xml version=\"1.0\" standalone=\"no\"?>",
        " <?xml version=\"1.0\"?>", "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>", "<?XML version=\"1.0\"?>"
      ]
    ) isRefused(`${declaration}<t/>`)
  })

  it("on prototypes is only a name", () => {
    const read = some("<t><__proto__><polluted>yes</polluted></__proto__><constructor>c</constructor><toString>s</toString></t>")
    assert.isUndefined(Reflect.get({}, "polluted"))
    const { t } = read as { readonly t: object }
    assert.sameMembers(Object.keys(t), ["__proto__", "constructor", "toString"])
    assert.strictEqual(Object.getPrototypeOf(t), Object.prototype)
  })

  it("on line ends changes none that is written by its number", () => {
    assert.deepStrictEqual(some("<t>a\r\nb\rc&#13;d</t>"), { t: "a\nb\nc\rd" })
  })
})
