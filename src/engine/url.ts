/**
 * Addresses.
 */
import * as Option from "effect/Option"

/** An address in its parts; none for what is no address. */
export const parseUrl: (text: string) => Option.Option<URL> = Option.liftThrowable((text: string) => new URL(text))
