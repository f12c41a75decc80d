import type * as Schema from "effect/Schema"

/**
 * How an error is made from what was put together here: that fits, and checking it would take most
 * of the time.
 */
export const unchecked: Schema.MakeOptions = { disableValidation: true }
