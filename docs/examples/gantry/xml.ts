/**
 * XML as Gantry writes it: answers as plain values, and text that goes into requests.
 */
// #region xml
import { Option } from "effect"
import { XMLParser } from "fast-xml-parser"

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  // "0041" is a code and no number, and so is every other text.
  parseTagValue: false,
  parseAttributeValue: false,
  // What may be there several times is a list, if it is there once too.
  isArray: (name) => name === "error",
  ignoreDeclaration: true,
  // Trimmed pieces of a text are joined: "00 <![CDATA[41]]>" would be "0041".
  trimValues: false,
  // XML has characters by number, such as &#86;, and the parser counts these among HTML's.
  htmlEntities: true
})

const parse = Option.liftThrowable(
  // `true`: the text is validated. Otherwise half an answer is read as if it were whole.
  (text: string): unknown => parser.parse(text, true)
)

/**
 * A text with a document type can define entities, which expand to gigabytes or to files. Gantry's
 * have none, and without one there are only the entities that everybody knows.
 */
export const decode = (text: string): Option.Option<unknown> =>
  /<!DOCTYPE/i.test(text) ? Option.none() : parse(text)

const entities: { readonly [character: string]: string } = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;"
}

/** For an element's text, and for an attribute's value in quotes. */
export const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")
// #endregion
