/**
 * `npx effect-payment-cancel cancel-many`: cancels every payment that a file names, and says of
 * each what is true.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Command from "./Command.js"
import { exitCodes } from "./cancelMany/exitCodes.js"

export const command: Command.Command = {
  name: "cancel-many",
  summary: "every payment of a file, within each provider's limits; to be stopped and resumed",
  usage: [
    "Usage: npx effect-payment-cancel cancel-many <payments> --out <results> [options]",
    "",
    "Cancels every payment that a file names, and writes what became of each. Run again with the",
    "same --out, it does what is not settled yet, under the same idempotency keys.",
    "",
    "Files are CSV with a header row (.csv), or JSON lines (.jsonl, .ndjson). Of a payment there are",
    "provider and paymentId, and if wanted reason, idempotencyKey, and the other fields of the",
    "provider's cancel request by their own names. The whole file is checked before anything is sent.",
    "Credentials are read from the environment, under the names on each provider's page.",
    "",
    "Options:",
    "  --out <file>        where the results go; <file>.journal beside it is what a later run goes by",
    "  --dry-run           check everything, say what would be done, and send nothing",
    "  --limit <limit>     Stripe=concurrency:16,rate:25/s sets the limits of a provider; once for each",
    "                      provider. rate is of requests, per s, min or h",
    "  --env-file <file>   read variables from a file; those of the environment come first",
    "  --batch <name>      derive the keys from a name instead of a random one",
    "  --sandbox           cancel in emulated providers, with payments made for the file: no account,",
    "                      no network",
    "  -h, --help          show this",
    "",
    "Exit codes:",
    ...exitCodes.map(({ code, meaning }) => `  ${String(code).padEnd(3)} ${meaning}`)
  ].join("\n"),
  options: {
    "out": { type: "string" },
    "dry-run": { type: "boolean" },
    "limit": { type: "string", multiple: true },
    "env-file": { type: "string" },
    "batch": { type: "string" },
    "sandbox": { type: "boolean" }
  },
  takesArguments: true,
  whenStopped: 130,
  // All providers are loaded with it, and no other command needs them.
  run: (given) =>
    Effect.suspend(() => {
      let hasBegun = false
      const begins = Effect.sync(() => {
        hasBegun = true
      })
      return Effect.flatMap(Effect.promise(() => import("./cancelMany/run.js")), ({ run }) => run(given, begins)).pipe(
        // From then on it says itself what became of the payments.
        Effect.onInterrupt(() => hasBegun ? Effect.void : Console.error("Stopped before anything was sent."))
      )
    })
}
