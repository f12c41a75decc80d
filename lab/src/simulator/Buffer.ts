/**
 * As much of Node's `Buffer` as the facts of the providers use, for where there is none.
 */
import { Encoding } from "effect"

const encodings = { base64: Encoding.encodeBase64, base64url: Encoding.encodeBase64Url, hex: Encoding.encodeHex }

export const Buffer = {
  from: (data: string | Uint8Array) => ({ toString: (encoding: keyof typeof encodings): string => encodings[encoding](data) })
}

Object.assign(globalThis, "Buffer" in globalThis ? {} : { Buffer })
