/**
 * What a client gets back, before a transport turns it into something visible on the wire. The
 * in-memory client and the loopback server render the same deliveries.
 *
 * @since 0.1.0
 */
import type * as Emulator from "./Emulator.js"

/**
 * What happens to an answer's body in transit: all of it arrives, it is cut or stalls after its
 * first half, or it is padded with blanks to `bytes` bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type Body =
  | { readonly _tag: "Whole" }
  | { readonly _tag: "Cut" }
  | { readonly _tag: "Stalled" }
  | { readonly _tag: "Padded"; readonly bytes: number }

/**
 * What comes back: an answer, a connection that was closed or reset after the request was sent, or
 * one that was never established. An answer that never arrives is not a delivery: the effect that
 * waits for it does not end.
 *
 * @since 0.1.0
 * @category models
 */
export type Delivery =
  | { readonly _tag: "Answered"; readonly reply: Emulator.Reply; readonly body: Body }
  | { readonly _tag: "Lost"; readonly by: "Close" | "Reset" }
  | { readonly _tag: "Refused" }

/**
 * The bytes of a body up to where it is cut or stalls: the first half.
 *
 * @since 0.1.0
 * @category rendering
 */
export const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length / 2))
