/**
 * What runs inside of each runtime: it carries out one job, with the published package and the
 * runtime's own `fetch`, and says what the caller of the library was told.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Cancel from "effect-payment-cancel/Cancel"
import * as Square from "effect-payment-cancel/providers/Square"
import * as Stripe from "effect-payment-cancel/providers/Stripe"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import worker from "../../docs/examples/edge.js"

export type ProviderName = "Square" | "Stripe"

export type Job =
  | {
    readonly act: "cancel"
    readonly provider: ProviderName
    readonly url: string
    /** Whether connections are there already that a cancel could use again. */
    readonly warm: boolean
    readonly attemptTimeout: number
  }
  | { readonly act: "webhook"; readonly body: string; readonly signature: string }
  | { readonly act: "guide"; readonly url: string; readonly path: string; readonly body: string; readonly signature: string }

export interface Report {
  readonly tag: string
  readonly outcome: string | null
  readonly attempts: number
}

export const paymentId = "pi_runtimes"
export const secrets = { Square: "CANARY-square-7d1f", Stripe: "sk_test_CANARY7d1f", webhook: "whsec_CANARY7d1f" } as const

const policy = (attemptTimeout: number) => ({
  attempts: 2,
  attemptTimeout,
  statusReads: 1,
  statusTimeout: 2_000,
  backoff: { initial: 1, factor: 1, maximum: 1, jitter: 0 },
  deadline: 15_000
})

const square = (baseUrl: string) =>
  Square.layer({ accessToken: Redacted.make(secrets.Square), baseUrl }).pipe(Layer.provide(FetchHttpClient.layer))

const stripe = (baseUrl: string) =>
  Stripe.layer({ apiKey: Redacted.make(secrets.Stripe), baseUrl }).pipe(Layer.provide(FetchHttpClient.layer))

interface Done {
  readonly _tag: string
  readonly outcome?: string
  readonly attempts: number
}

const report: (result: Either.Either<Done, Done>) => Report = Either.match({
  onLeft: ({ _tag, attempts, outcome = null }) => ({ tag: _tag.replace("CancelError.", ""), outcome, attempts }),
  onRight: ({ _tag, attempts }) => ({ tag: _tag, outcome: null, attempts })
})

/** The connections that other parts of a program leave behind: its own, and those of a status query. */
const warmUp = (url: string, status: Effect.Effect<unknown, unknown>) =>
  Effect.promise(async () => {
    await (await fetch(`${url}/warm`)).text()
  }).pipe(Effect.zipRight(Effect.ignore(status)), Effect.zipRight(Effect.sleep("30 millis")))

const cancelAt: {
  readonly [provider in ProviderName]: (url: string) => {
    readonly cancel: Effect.Effect<Either.Either<Done, Done>, unknown>
    readonly status: Effect.Effect<unknown, unknown>
  }
} = {
  Square: (url) => ({
    cancel: Effect.provide(Effect.either(Square.cancel({ paymentId })), square(url)),
    status: Effect.provide(Square.status({ paymentId }), square(url))
  }),
  Stripe: (url) => ({
    cancel: Effect.provide(Effect.either(Stripe.cancel({ paymentId })), stripe(url)),
    status: Effect.provide(Stripe.status({ paymentId }), stripe(url))
  })
}

const answered = (response: Response): Effect.Effect<Report> =>
  Effect.promise(async () => {
    const { attempts = 0, outcome = null, result = "" } = await response.json() as {
      readonly result?: string
      readonly outcome?: string
      readonly attempts?: number
    }
    return { tag: `${response.status} ${result}`.trim(), outcome, attempts }
  })

/** Carries out one job. */
export const perform = (job: Job): Promise<Report> => {
  switch (job.act) {
    case "cancel": {
      const { cancel, status } = cancelAt[job.provider](job.url)
      return Effect.runPromise(
        (job.warm ? warmUp(job.url, status) : Effect.void).pipe(
          Effect.zipRight(Cancel.withPolicy(cancel, policy(job.attemptTimeout))),
          Effect.map(report),
          Effect.orDie
        )
      )
    }
    case "webhook":
      return Effect.runPromise(
        Stripe.notification(
          { body: job.body, headers: { "stripe-signature": job.signature } },
          { secret: Redacted.make(secrets.webhook) }
        ).pipe(
          Effect.match({
            onFailure: ({ _tag }): Report => ({ tag: _tag, outcome: null, attempts: 0 }),
            onSuccess: ({ paymentId }): Report => ({ tag: `believed of ${paymentId}`, outcome: null, attempts: 0 })
          })
        )
      )
    case "guide": {
      const request = new Request(`https://worker.test${job.path}`, {
        method: "POST",
        headers: { "stripe-signature": job.signature },
        body: job.body
      })
      const bindings = { STRIPE_API_KEY: secrets.Stripe, STRIPE_BASE_URL: job.url, STRIPE_WEBHOOK_SECRET: secrets.webhook }
      return Effect.runPromise(Effect.flatMap(Effect.promise(() => worker.fetch(request, bindings)), answered))
    }
  }
}
