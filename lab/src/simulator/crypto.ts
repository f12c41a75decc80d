/**
 * Stands for `node:crypto` in the page: as much of it as the facts of the providers use.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256, sha512 } from "@noble/hashes/sha2.js"
import { Encoding } from "effect"

const hashes = { sha256, sha512 }

const bytesOf = (data: string | Uint8Array): Uint8Array => typeof data === "string" ? new TextEncoder().encode(data) : data

export const createHmac = (algorithm: keyof typeof hashes, key: string | Uint8Array) => {
  const computed = hmac.create(hashes[algorithm], bytesOf(key))
  const hash = {
    update: (data: string | Uint8Array) => {
      computed.update(bytesOf(data))
      return hash
    },
    digest: (encoding: "hex" | "base64"): string => {
      const digest = computed.digest()
      return encoding === "hex" ? Encoding.encodeHex(digest) : Encoding.encodeBase64(digest)
    }
  }
  return hash
}
