/**
 * What comes back to a client, before a transport has made it into something
 * one can see on a wire. The in-memory client and the loopback server render
 * the same deliveries.
 *
 * @since 0.1.0
 */
import type * as Emulator from "./Emulator.js"

/**
 * What becomes of an answer's body on its way: all of it arrives, it is cut or
 * stalls after its first half, or blanks follow it up to `bytes` bytes.
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
 * What comes back: an answer, a connection that was closed or reset after the
 * request was sent, or one that never stood. An answer that never comes is no
 * delivery at all: the effect that awaits it does not end.
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
