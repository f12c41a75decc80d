/** What `cancel-many` does, from its options to its exit code. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import Process from "node:process"
import * as Admission from "../../Admission.js"
import * as Cancel from "../../Cancel.js"
import * as CancelEvent from "../../CancelEvent.js"
import * as CancelMany from "../../CancelMany.js"
import * as Canceller from "../../Canceller.js"
import * as IdempotencyKey from "../../IdempotencyKey.js"
import * as Remembering from "../../many/remembering.js"
import * as Sandbox from "../../sandbox/Sandbox.js"
import * as Command from "../Command.js"
import * as Environment from "./environment.js"
import * as Files from "./files.js"
import * as Formats from "./formats.js"
import * as Journal from "./journal.js"
import * as Lock from "./lock.js"
import { keyOf } from "./key.js"
import * as Limits from "./limits.js"
import * as Outcome from "./outcome.js"
import * as Payments from "./payments.js"
import * as Progress from "./progress.js"
import * as Providers from "./providers.js"
import * as Results from "./results.js"
import * as State from "./state.js"

const misused = (message: string) => new Command.Misused({ message })

const unfit = (message: string) => new Command.Unfit({ message })

const textOf = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

/** What the command line says, as far as it can be judged by itself. */
const read = (given: Command.Given) =>
  Effect.gen(function*() {
    const [input, ...others] = given.arguments
    if (input === undefined) return yield* misused("Which payments? Expected the name of a file.")
    // They are not repeated: among them may be a credential.
    if (others.length > 0) return yield* misused(`Expected one file, and not ${others.length + 1}.`)
    const isDry = given["dry-run"] === true
    const out = textOf(given["out"])
    if (out === undefined && !isDry) return yield* misused("Where to? Expected --out with the name of a file.")
    if (out !== undefined && (yield* Files.real(out)) === (yield* Files.real(input))) {
      return yield* misused("--out: expected another file than the one with the payments")
    }
    if (out !== undefined && !(yield* Files.exists(Files.folderOf(out)))) {
      return yield* new Command.Failed({ message: `--out: there is no folder ${Files.folderOf(out)}. Nothing was sent.` })
    }
    // Its journal and its lock would not be those of the file that it leads to, nor would its keys.
    for (const path of out === undefined ? [] : [out, `${out}.journal`]) {
      if (yield* Files.isLink(path)) return yield* misused(`--out: ${path} is a symbolic link: name the file itself`)
    }
    const batch = textOf(given["batch"])
    if (batch !== undefined && batch.trim() === "") return yield* misused("--batch: expected a name")
    const limits = yield* Limits.parse(Array.isArray(given["limit"]) ? given["limit"] : [])
    const envFile = textOf(given["env-file"])
    const sandbox = given["sandbox"] === true
    const config = sandbox
      ? Environment.ofSandbox
      : envFile === undefined
      ? ConfigProvider.fromEnv()
      : yield* Environment.withFile(envFile)
    return {
      input,
      inputFormat: yield* Formats.of(input),
      out,
      outFormat: out === undefined ? undefined : yield* Formats.of(out),
      isDry,
      batch,
      limits,
      sandbox,
      config
    }
  })

type Options = Effect.Effect.Success<ReturnType<typeof read>>

const plural = (count: number, word: string) => `${Progress.number(count)} ${word}${count === 1 ? "" : "s"}`

/** The whole file, checked; none if something is wrong with it, which has been told. */
const check = ({ input, inputFormat }: Options) =>
  Effect.gen(function*() {
    if (!(yield* Effect.mapError(Files.isRegular(input), ({ message }) => unfit(message)))) {
      return yield* unfit(`${input}: is no file: it is read more than once, which a folder or a pipe cannot be`)
    }
    const { problems, survey } = yield* Payments.survey(inputFormat, input, ({ field, line, problem }) =>
      Console.error(Progress.inOneLine(`${input}:${line}: ${field === "" ? "" : `${field} `}${problem}`))).pipe(
        Effect.mapError(({ message }) => unfit(message))
      )
    if (problems > 0) {
      yield* Console.error(`\n${plural(problems, "problem")} in ${input}. Nothing was sent.`)
      return Option.none<Payments.Survey>()
    }
    if (survey.count === 0) return yield* unfit(`${input}: there is no payment in it`)
    return Option.some(survey)
  })

const incomplete = (problems: ReadonlyArray<string>) =>
  new Command.Failed({ message: ["Nothing was sent. The configuration is not complete:", ...problems].join("\n") })

/** The file's providers, each with its configuration. Everything that is missing is named at once. */
const connect = ({ config }: Options, { byProvider }: Payments.Survey) =>
  Effect.gen(function*() {
    const connected = yield* Effect.forEach([...byProvider.keys()].toSorted(), (name) =>
      Effect.either(Effect.map(
        Effect.mapError(Providers.provider(name).connect, (error) => `  ${name}: ${Environment.describe(error)}`),
        (cancel) => [name, { cancel }] as const
      )))
    const problems = connected.flatMap((each) => Either.isLeft(each) ? [each.left] : [])
    if (problems.length > 0) {
      return yield* incomplete(problems)
    }
    return Canceller.router(Object.fromEntries(connected.flatMap((each) => Either.isRight(each) ? [each.right] : [])))
  }).pipe(Effect.withConfigProvider(config))

/** What an earlier run with the same results left. */
const before = ({ batch, config, out, sandbox }: Options, survey: Payments.Survey) =>
  Effect.gen(function*() {
    if (out === undefined) return Option.none<Earlier>()
    const path = `${out}.journal`
    const header = yield* Journal.readHeader(path)
    if (Option.isNone(header)) {
      if (yield* Files.exists(out)) {
        return yield* unfit(`${out} is there already, and no journal beside it: choose another name, or move it away`)
      }
      return Option.none<Earlier>()
    }
    const { asksFor, batch: name, isLocal: wasLocal, sandbox: wasSandbox } = header.value
    if (wasSandbox !== sandbox) {
      return yield* unfit(`${path} was begun ${wasSandbox ? "with" : "without"} --sandbox: choose another name for the results`)
    }
    // What is settled at the sandbox's server is not settled at a provider.
    const isLocal = yield* Environment.isLocal(config, survey.byProvider.keys())
    if (wasLocal !== undefined && wasLocal !== isLocal) {
      return yield* unfit(
        `${path} was begun with ${wasLocal ? "a server on this machine" : "the providers themselves"}, and the configuration now leads to ${
          isLocal ? "a server on this machine" : "the providers themselves"
        }: choose another name for the results`
      )
    }
    if (asksFor !== survey.digest) {
      return yield* unfit(
        `The payments are not those that ${path} was begun with. Take the same file again, or choose another name for the results.`
      )
    }
    if (batch !== undefined && batch !== name) return yield* unfit(`${path} was begun with another --batch`)
    return Option.some<Earlier>({ batch: name, contents: yield* Journal.read(path, survey.count, survey.isOf(name)) })
  })

interface Earlier {
  readonly batch: string
  readonly contents: Journal.Contents
}

const describeDryRun = ({ out, sandbox }: Options, { byProvider, count }: Payments.Survey, settled: number) => {
  const width = Math.max(...[...byProvider.keys()].map((name) => name.length))
  return [
    settled === 0
      ? `${plural(count, "payment")} would be cancelled${sandbox ? " in the sandbox" : ""}:`
      : `${plural(count - settled, "payment")} would be cancelled${sandbox ? " in the sandbox" : ""}, and ${
        Progress.number(settled)
      } of the file ${settled === 1 ? "is" : "are"} settled according to ${out}.journal. In all:`,
    ...[...byProvider].toSorted(([one], [another]) => one.localeCompare(another)).map(([name, { count, reasonsNotSent }]) =>
      `  ${name.padEnd(width)}  ${Progress.number(count)}${
        reasonsNotSent === 0 ? "" : ` (${plural(reasonsNotSent, "reason")} not sent: it has no field for one)`
      }`),
    "The file and the configuration are complete. Nothing was sent."
  ].join("\n")
}

const everySettled = (survey: Payments.Survey, contents: Journal.Contents): number => {
  let settled = 0
  for (let index = 0; index < survey.count; index++) if (contents.isSettled(index)) settled += 1
  return settled
}

/** Written to the terminal over the line of progress; without one, in a line of its own. */
const isTerminal = Process.stderr.isTTY

const overProgress = (text: string) => `\r\u001b[2K${text}`

const replaceLine = (text: string) =>
  Effect.sync(() => {
    Process.stderr.write(overProgress(text))
  })

const say = (text: string) => isTerminal ? replaceLine(`${text}\n`) : Console.error(text)

/** What is logged meanwhile, such as that a provider is down, is said there as well, and not among the results. */
const saying = Logger.withConsoleError(Logger.make(({ cause, message }) => {
  const text = [...Arr.ensure(message), ...Cause.isEmpty(cause) ? [] : [Cause.pretty(cause)]].join(" ")
  return isTerminal ? overProgress(text) : text
}))

const sayWhatIsLogged = Effect.locally(FiberRef.currentLoggers, HashSet.make(saying))

/** How long what is under way may take to end after Ctrl-C. */
const grace = Duration.seconds(10)

const freely: Admission.Service = { admit: () => Effect.succeed(true), ended: () => Effect.void }

const showProgress = (state: State.State) => {
  const look = Effect.map(Clock.currentTimeMillis, state.look)
  return isTerminal
    ? Effect.repeat(
      Effect.flatMap(look, ({ counts, rate }) => replaceLine(Progress.bar(counts, rate, Process.stderr.columns))),
      Schedule.spaced("200 millis")
    )
    // Samples are taken more often than lines are shown.
    : Effect.repeat(look, Schedule.spaced("1 second")).pipe(Effect.race(
      Effect.repeat(
        Effect.delay(Effect.flatMap(look, ({ counts, rate }) => Console.error(Progress.line(counts, rate))), "10 seconds"),
        Schedule.forever
      )
    ))
}

const lastProgress = (state: State.State) =>
  Effect.flatMap(Effect.map(Clock.currentTimeMillis, state.look), ({ counts, rate }) => say(Progress.line(counts, rate)))

/** In the sandbox, every payment that is to be cancelled is made first, in the status that its id names. */
const arranging = (sandbox: Sandbox.Service) => ({ paymentId, provider }: Payments.Payment): Effect.Effect<void> =>
  Effect.gen(function*() {
    if (Option.isSome(yield* sandbox.payment(provider, paymentId))) return
    const { statuses } = sandbox.definition(provider)
    const status = statuses.find((status) => paymentId.toLowerCase().includes(status.toLowerCase()))
    const now = yield* Clock.currentTimeMillis
    sandbox.emulator(provider).create(status === undefined ? { id: paymentId } : { id: paymentId, status }, now)
  })

/** The client that costs least, and goes through a proxy, if `undici` is there; else the platform's own, if there is no proxy. */
const live: Layer.Layer<HttpClient.HttpClient, ConfigError.ConfigError> = Layer.unwrapEffect(
  Effect.tryPromise(() => import("../../UndiciTransport.js")).pipe(
    Effect.map(({ layerProxyConfig }) => layerProxyConfig()),
    Effect.orElse(() =>
      Effect.map(Environment.namesProxy, (isNamed) =>
        isNamed ? Layer.fail(ConfigError.Unsupported(["HTTPS_PROXY"], "needs the package undici, which is not installed")) : FetchHttpClient.layer))
  )
)

/** Where the cancels go. */
interface Place {
  readonly client: Context.Context<HttpClient.HttpClient>
  readonly arrange: (payment: Payments.Payment) => Effect.Effect<void>
}

const placeOf = ({ config, sandbox }: Options): Effect.Effect<Place, Command.Failed, Scope.Scope> =>
  sandbox
    ? Effect.map(Layer.build(Sandbox.layer), (context) => ({
      client: context,
      arrange: arranging(Context.get(context, Sandbox.Sandbox))
    }))
    : Effect.mapBoth(Effect.withConfigProvider(Layer.build(live), config), {
      onFailure: (error) => incomplete([`  ${Environment.describe(error)}`]),
      onSuccess: (client) => ({ client, arrange: () => Effect.void })
    })

const describeHeld = ({ host, isUncertain, pid }: Lock.Held, out: string, lock: string): string =>
  `${pid === undefined ? "Another process" : `Process ${pid}`}${host === undefined ? "" : ` on ${host}`} ${
    isUncertain
      ? `may be cancelling with ${out} at this moment: whether it is there cannot be told from here. If no other run is under way with these results`
      : `is cancelling with ${out} at this moment. If there is no such process`
  }, remove ${lock}, and run this again.`

const carryOut = (
  options: Options & { readonly out: string; readonly outFormat: Formats.Format },
  survey: Payments.Survey,
  { arrange, client }: Place,
  begins: Effect.Effect<void>
): Effect.Effect<number, Command.Unfit | Command.Failed | Files.FileFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const { input, inputFormat, limits, out, outFormat, sandbox } = options
    const lock = `${out}.lock`
    const held = yield* Effect.mapError(Lock.hold(lock), ({ message }) => new Files.FileFailed({ message: `--out: ${message}. Nothing was sent.` }))
    if (Option.isSome(held)) return yield* unfit(describeHeld(held.value, out, lock))
    const earlier = yield* before(options, survey)
    const router = yield* Effect.provide(connect(options, survey), client)
    const contents = Option.match(earlier, { onNone: () => Journal.nothing, onSome: ({ contents }) => contents })
    const path = `${out}.journal`
    const batch = Option.isSome(earlier)
      ? earlier.value.batch
      : options.batch ?? (yield* Effect.flatten(IdempotencyKey.IdempotencyKey))
    const journal = yield* Option.isSome(earlier)
      ? Journal.resume(path)
      : Journal.begin(path, Journal.header({
        batch,
        asksFor: survey.digest,
        sandbox,
        isLocal: yield* Environment.isLocal(options.config, survey.byProvider.keys())
      }))

    const keyIn = ({ idempotencyKey, paymentId, provider }: Payments.Payment) =>
      idempotencyKey ?? keyOf(batch, provider, paymentId)
    const subjectOf = (payment: Payments.Payment): Outcome.Subject => ({
      provider: payment.provider,
      paymentId: payment.paymentId,
      idempotencyKey: keyIn(payment)
    })
    const settledBefore = everySettled(survey, contents)
    const state = State.make(survey.count, settledBefore)
    /** How it ended, beside what earlier runs left in doubt. */
    const inAll = (index: number, ended: Outcome.Record) =>
      contents.isInDoubt(index)
        ? Effect.map(contents.find(index), Option.match({
          onNone: () => Outcome.afterDoubt(ended),
          onSome: (last) => Outcome.keeping(Outcome.afterDoubt(ended), last, contents.answers(index))
        }))
        : Effect.succeed(ended)
    const record = ({ index }: Payments.Payment, ended: Outcome.Record) =>
      Effect.uninterruptible(Effect.flatMap(inAll(index, ended), (record) =>
        Effect.zipRight(
          journal.append(index, record),
          Effect.sync(() => state.end(record))
        )))

    const stop = yield* Deferred.make<void>()
    /** A journal that cannot be written to ends everything: nothing is sent that it does not know of. */
    const broken = yield* Deferred.make<never, Files.FileFailed>()
    const begin = (payment: Payments.Payment) =>
      journal.begins(payment.index).pipe(
        Effect.zipRight(Effect.sync(() => state.send(payment))),
        Effect.catchAll((failed) => Effect.zipRight(Deferred.fail(broken, failed), Effect.never))
      )
    const asking = (payment: Payments.Payment): Admission.Service => ({
      admit: () => Effect.as(Effect.sync(() => state.ask(payment)), true),
      ended: () => Effect.void
    })
    /** What an earlier run may have sent is taken up, and not begun anew. */
    const continuing = ({ index }: Payments.Payment) =>
      Effect.map(DateTime.now, (now) => Outcome.earlierOf(contents.answers(index), now))
    /** What stays in doubt because of the credentials, by its place: its result says only why it came to be in doubt. */
    const refused = new Set<number>()
    const cancel = (payment: Payments.Payment) =>
      Effect.suspend(() => {
        state.begin(payment)
        const memory = Remembering.make()
        const cancelling = Effect.flatMap(Admission.Admission, (admission) =>
          router.cancel({ provider: payment.provider, ...payment.fields, idempotencyKey: keyIn(payment) }).pipe(
            Cancel.beforeSending(() => begin(payment)),
            Effect.provideService(Admission.Admission, Admission.both(admission ?? freely, asking(payment)))
          ))
        return Effect.zipRight(
          arrange(payment),
          contents.isInDoubt(payment.index)
            ? Effect.flatMap(continuing(payment), (earlier) => Cancel.continueAfter(cancelling, earlier))
            : cancelling
        ).pipe(
          Effect.tapError(({ outcome }) =>
            Effect.sync(() => {
              if (outcome === "Unknown" && memory.areCredentialsRefused()) refused.add(payment.index)
            })),
          (cancelled) => Remembering.during(cancelled, memory),
          Effect.ensuring(Effect.sync(() => state.leave(payment)))
        )
      })

    const work = Payments.payments(inputFormat, input, survey).pipe(
      Stream.filter(({ index }) => !contents.isSettled(index)),
      CancelMany.cancelMany(cancel, { limits, stopWhen: Deferred.await(stop) }),
      Stream.runForEach(({ request, result }) =>
        Effect.flatMap(DateTime.now, (now) => record(request, Outcome.of(subjectOf(request), result, now)))),
      Effect.provideService(CancelEvent.CancelEvents, (event) => {
        const payment = event._tag === "Interrupted" ? state.find(event) : undefined
        return event._tag === "Interrupted" && payment !== undefined
          ? Effect.ignore(record(payment, Outcome.ofInterrupted(subjectOf(payment), event)))
          : Effect.void
      }),
      Effect.raceFirst(Deferred.await(broken)),
      sayWhatIsLogged
    )

    const writeResults = Effect.scoped(Effect.flatMap(Effect.zipRight(journal.isWhole, Journal.read(path, survey.count, survey.isOf(batch))), (contents) =>
      Results.write(out, outFormat, Payments.payments(inputFormat, input, survey), contents, keyIn, refused)))

    const summarize = (sum: Results.Sum) =>
      Console.log(`${Results.summary(sum.groups)}\n\n${out} has a row for each of the ${plural(survey.count, "payment")}.`)

    const windDown = (working: Fiber.Fiber<void, Files.FileFailed>) =>
      Effect.gen(function*() {
        const underWay = state.underWay()
        yield* say(`Stopping: ${underWay === 0 ? "nothing is under way" : `${underWay} under way, which may end`}; Ctrl-C once more ends at once.`)
        yield* Deferred.succeed(stop, undefined)
        // In a fiber of its own: this one has been interrupted, and would not wait for anything.
        const waiting = yield* Effect.forkDaemon(Effect.interruptible(Effect.timeoutOption(Fiber.await(working), grace)))
        yield* Fiber.join(waiting)
        yield* Fiber.interrupt(working)
        // Its result was on the way when all was cut short; or it had only waited for its turn.
        yield* Effect.forEach(
          state.unrecorded(),
          (payment) => record(payment, (state.isSent(payment) ? Outcome.notRecorded : Outcome.notBegun)(subjectOf(payment))),
          { discard: true }
        )
        const sum = yield* writeResults
        yield* lastProgress(state)
        yield* summarize(sum)
        yield* say(`Stopped. ${out} says what is true so far. Run the same command again to go on, under the same keys.`)
      }).pipe(Effect.catchTag("FileFailed", ({ message }) => say(message)))

    const left = survey.count - settledBefore
    yield* left === 0 ? say(`Nothing is left to do: ${path} says how each of the ${plural(survey.count, "payment")} was settled.`) : say(
      `${plural(left, "payment")} to cancel${sandbox ? " in the sandbox" : ""}${
        settledBefore === 0 ? "" : `; ${Progress.number(settledBefore)} of the file settled before`
      }. ${path} is what a later run goes by.`
    )

    // Only the cancels are cut short: Ctrl-C waits for results that are being written.
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        yield* begins
        const showing = yield* Effect.fork(restore(showProgress(state)))
        // No child of this fiber, whose interruption would cut it short at once.
        const working = yield* Effect.forkDaemon(restore(work))
        yield* restore(Fiber.join(working)).pipe(
          Effect.onInterrupt(() => Effect.zipRight(Fiber.interrupt(showing), windDown(working))),
          Effect.tapErrorCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.void
              : Effect.ignore(Effect.zipRight(journal.isWhole, say("Ended early. Run the same command again to go on, under the same keys.")))),
          Effect.ensuring(Fiber.interrupt(showing))
        )
        if (left > 0) yield* lastProgress(state)
        const sum = yield* writeResults
        yield* summarize(sum)
        for (const line of Results.advice(sum)) yield* Console.log(line)
        if (sum.open > 0) return 4
        return sum.groups.some(({ outcome }) => outcome === "NotCancelled") ? 3 : 0
      }))
  })

/** `begins` is run right before the first payment is taken up: until then, nothing was sent. */
export const run = (
  given: Command.Given,
  begins: Effect.Effect<void>
): Effect.Effect<number, Command.Misused | Command.Unfit | Command.Failed> =>
  Effect.gen(function*() {
    const options = yield* read(given)
    const survey = yield* check(options)
    if (Option.isNone(survey)) return 2
    const place = yield* placeOf(options)
    const { isDry, out, outFormat } = options
    if (!isDry && out !== undefined && outFormat !== undefined) {
      return yield* carryOut({ ...options, out, outFormat }, survey.value, place, begins)
    }
    const earlier = yield* before(options, survey.value)
    yield* Effect.provide(connect(options, survey.value), place.client)
    const settled = Option.match(earlier, {
      onNone: () => 0,
      onSome: ({ contents }) => everySettled(survey.value, contents)
    })
    yield* Console.log(describeDryRun(options, survey.value, settled))
    return 0
  }).pipe(
    Effect.scoped,
    Effect.catchTag("FileFailed", ({ message }) => new Command.Failed({ message }))
  )
