/** `--limit Stripe=concurrency:16,rate:25/s` */
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import type * as CancelMany from "../../CancelMany.js"
import * as Command from "../Command.js"
import * as Providers from "./providers.js"

type Limits = { readonly [provider: string]: CancelMany.Limits }

const intervals: { readonly [unit: string]: Duration.Duration } = {
  s: Duration.seconds(1),
  min: Duration.minutes(1),
  h: Duration.hours(1)
}

const misused = (text: string, problem: string) =>
  Either.left(new Command.Misused({ message: `--limit ${JSON.stringify(text)}: ${problem}` }))

const settingOf = (text: string, setting: string): Either.Either<CancelMany.Limits, Command.Misused> => {
  const [, concurrency] = /^concurrency:([1-9]\d{0,5})$/.exec(setting) ?? []
  if (concurrency !== undefined) return Either.right({ concurrency: Number(concurrency) })
  const [, requests, unit = ""] = /^rate:([1-9]\d{0,5})\/(s|min|h)$/.exec(setting) ?? []
  const interval = intervals[unit]
  return requests !== undefined && interval !== undefined
    ? Either.right({ rate: { requests: Number(requests), interval } })
    : misused(text, `expected concurrency:16 or rate:25/s, and not ${JSON.stringify(setting)}`)
}

const limitsOf = (text: string): Either.Either<Limits, Command.Misused> => {
  const [, name = "", settings = ""] = /^([^=]*)=(.*)$/.exec(text) ?? []
  if (!Providers.isProvider(name)) return misused(text, `expected one of ${Providers.names.join(", ")} before the =`)
  return Either.flatMap(
    Either.all(settings.split(",").map((setting) => settingOf(text, setting))),
    (all) => {
      const limits: CancelMany.Limits = Object.assign({}, ...all)
      return Object.keys(limits).length === all.length ? Either.right({ [name]: limits }) : misused(text, "expected each setting once")
    }
  )
}

/** The limits that the options set, by provider. */
export const parse = (options: ReadonlyArray<string>): Either.Either<Limits, Command.Misused> =>
  Either.flatMap(Either.all(options.map(limitsOf)), (all) => {
    const limits: Limits = Object.assign({}, ...all)
    return Object.keys(limits).length === all.length
      ? Either.right(limits)
      : Either.left(new Command.Misused({ message: "--limit: expected once for each provider: Stripe=concurrency:16,rate:25/s" }))
  })
