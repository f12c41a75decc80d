/** Idempotency keys that are known before anything is sent, and again after any crash. */
import { createHash } from "node:crypto"

/**
 * The key of a payment's cancel in a batch: the same whenever it is asked for, and nobody else's.
 * It has the form of a UUID (version 8, as RFC 9562 has it for what is derived), because some
 * providers advise one, and because it is short enough for all of them.
 */
export const keyOf = (batch: string, provider: string, paymentId: string): string => {
  const hash = createHash("sha256").update(JSON.stringify([batch, provider, paymentId])).digest("hex")
  const variant = "89ab".charAt(Number.parseInt(hash.charAt(16), 16) % 4)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32)
  ].join("-")
}
