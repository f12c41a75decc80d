import { assert, describe, inject, it } from "vitest"
import * as Workspace from "./Workspace.js"

const consumer = inject("consumer")

const verified = (body: string, headers: string) =>
  `Stripe.notification({ body: {} as ${body}, headers: {} as ${headers} }, { secret })`

const program = (...lines: ReadonlyArray<string>) =>
  [
    `import * as Effect from "effect/Effect"`,
    `import type * as Redacted from "effect/Redacted"`,
    `import * as Stripe from "effect-payment-cancel/providers/Stripe"`,
    `import * as Webhook from "effect-payment-cancel/Webhook"`,
    `declare const secret: Redacted.Redacted`,
    ...lines
  ].join("\n")

const handler = `Webhook.webHandler({ verify: Stripe.notification, secret }, () => Effect.void)`

/** The globals that a project may have, and what its framework hands to a webhook there. */
const projects = {
  "the browser's types": {
    options: { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] },
    text: program(
      verified("string | ArrayBuffer | Uint8Array | DataView", "Headers | Request['headers'] | Map<string, string>"),
      `export const POST: (request: Request) => Effect.Effect<Response> = ${handler}`
    )
  },
  "Node's types": {
    options: { lib: ["ES2022"], types: ["node"] },
    text: program(
      `import type { IncomingMessage } from "node:http"`,
      verified("Buffer | string", `IncomingMessage["headers"] | Headers`),
      `export const POST: (request: Request) => Effect.Effect<Response> = ${handler}`
    )
  },
  "both": {
    options: { lib: ["ES2022", "DOM", "DOM.Iterable"], types: ["node"] },
    text: program(
      `import type { IncomingMessage } from "node:http"`,
      verified("Buffer | ArrayBuffer | string", `IncomingMessage["headers"] | Headers`),
      `export const POST: (request: Request) => Effect.Effect<Response> = ${handler}`
    )
  },
  "neither": {
    options: { lib: ["ES2022"], types: [] },
    text: program(verified("Uint8Array | ArrayBuffer | string", "Record<string, string | undefined>"))
  }
}

describe("a webhook is taken in without a cast", () => {
  it.each(Object.entries(projects))("where there are %s", (name, { options, text }) => {
    const file = `webhook-${name.replace(/\W/g, "-")}`
    Workspace.write(consumer, {
      [`${file}.ts`]: text,
      [`tsconfig.${file}.json`]: JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "NodeNext",
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          skipLibCheck: true,
          ...options
        },
        files: [`${file}.ts`]
      })
    })
    const { code, output } = Workspace.compile(consumer, `tsconfig.${file}.json`)
    assert.strictEqual(code, 0, output)
  })
})
