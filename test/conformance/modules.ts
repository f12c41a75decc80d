/**
 * What the module of every provider promises, whatever the provider is: how its layer is made, in code
 * and from the environment; that nothing is sent which cannot be; that what comes of it survives a
 * journal, and shows no credential; and what a status is.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Cancel, type Cancellation, type CancelError, CancelEvent, Canceller } from "effect-payment-cancel"
import { PaymentStatus } from "effect-payment-cancel/PaymentStatus"
import { Sandbox } from "effect-payment-cancel/sandbox"
import { inspect } from "node:util"
import type { NeutralProvider } from "../../src/Canceller.js"
import { json, play, respond, type Step } from "../engine/HttpDouble.js"
import { environment } from "../support/environment.js"
import { inTurns } from "../support/extent.js"
import { granting } from "../support/granting.js"
import { cancelOf, type Home, type Service, statusOf } from "../support/homes.js"
import { ample } from "../support/inSandbox.js"
import { extended, interpreting, speaksJson } from "../support/interpreting.js"
import { type Credentials, type Failure, nameOf, type Setting, subjectOf, type Variables, type Way } from "../support/ProviderFacts.js"

/** Of what a layer is made: in code, and in the environment. */
interface Given {
  readonly options: { readonly [option: string]: unknown }
  readonly variables: { readonly [variable: string]: string }
}

const nothing: Given = { options: {}, variables: {} }

const both = (...all: ReadonlyArray<Given>): Given => ({
  options: Object.assign({}, ...all.map(({ options }) => options)),
  variables: Object.assign({}, ...all.map(({ variables }) => variables))
})

/** What is no text for a header, and shows if it is repeated. */
const canaries = ["canary\nx", "canary ü", " canary", "canary "]

/** Nor is any of these where a provider is. */
const noUrls = [...canaries, "canary", "http://canary.test", "https://user:canary@host", "https://host/?key=canary", "https://host/#canary"]

const shownOf = (value: unknown): string => [String(value), JSON.stringify(value), inspect(value, { depth: 20 })].join("\n")

/** Everything that a `ConfigError` is about, by its path. */
const paths = (error: ConfigError.ConfigError): ReadonlyArray<string> =>
  error._op === "And" || error._op === "Or" ? [...paths(error.left), ...paths(error.right)] : [error.path.join(".")]

/** A text inside of an option, which may be a secret, by the name of the option or by its own. */
const textIn = (options: Given["options"], name: string): string => {
  for (const value of [options, ...Object.values(options)].map((each) => Predicate.hasProperty(each, name) ? each[name] : null)) {
    if (typeof value === "string") return value
    if (Redacted.isRedacted(value)) return String(Redacted.value(value))
  }
  throw new Error(`no option holds ${name}`)
}

/** Whether a value survives a journal: it comes back as what it was. */
const journal = <A extends object>(schema: Schema.Schema<A, unknown>) => {
  const encode = Schema.encodeSync(schema)
  const decode = Schema.decodeUnknownSync(schema)
  return (value: A): A => {
    const written = JSON.stringify(encode(value))
    const back = decode(JSON.parse(written))
    assert.strictEqual(JSON.stringify(encode(back)), written)
    assert.strictEqual(back.constructor, value.constructor)
    return back
  }
}

const isSchema = (value: unknown): value is Schema.Schema<object, unknown> => Schema.isSchema(value)

/** The schema that the module exports under a name; a provider that is no part of the library need not have one of its statuses. */
const schemaOf = ({ facts, library }: Home, name: string): Schema.Schema<object, unknown> => {
  const found = library[name] ?? (name === "PaymentStatus" ? PaymentStatus(facts.name) : undefined)
  if (!isSchema(found)) throw new Error(`${facts.name} has no schema ${name}`)
  return found
}

const leftOf = <A, E>(result: Either.Either<A, E>, about: string): E =>
  Either.isLeft(result) ? result.left : assert.fail(`${about}: ${inspect(result)}`)

/** The field by which a request names the payment. */
const namedIn = { PaymentId: "paymentId", MerchantReference: "merchantReference", CreationKey: "creationKey" } as const

/** Everything a way sends over a layer: a request for a token, one cancel, and one status query where there is one. */
const sentBy = (home: Home, way: Way, layer: ReturnType<Home["library"]["layer"]>, operation = way.operation) =>
  Effect.gen(function*() {
    const { client, received } = play((request) =>
      Effect.succeed(respond(request, way.token !== null && new URL(request.url).pathname.endsWith(way.token.target)
        ? json(200, way.token.granted)
        : { status: 500 })))
    const request = way.request({ identifier: home.facts.paymentId("pay_1"), reason: "abandoned", idempotencyKey: "key-1" })
    const ended = yield* cancelOf(home, { ...way, operation })(request).pipe(
      Cancel.withPolicy({ attempts: 1, statusReads: 1 }),
      Effect.either,
      Effect.provide(layer),
      Effect.provideService(HttpClient.HttpClient, client)
    )
    assert.isTrue(Either.isLeft(ended))
    assert.isNotEmpty(received)
    return received
  })

const texts = (received: Effect.Effect.Success<ReturnType<typeof sentBy>>): ReadonlyArray<string> =>
  received.flatMap(({ body, headers, url }) => [url, body, ...Object.values(headers)])

const configured = (home: Home, turn: number): void => {
  const { facts, library } = home
  const { baseUrl, environments, hosts, needed, otherwise, refused, settings } = facts.configuration
  const { credentials } = facts.emulator

  const wayWith = (names: ReadonlyArray<string>): Way => {
    const [found] = facts.ways
      .filter((way) => Object.keys(way.credentials).every((name) => names.includes(name)))
      .sort((one, other) => Object.keys(other.credentials).length - Object.keys(one.credentials).length)
    return found ?? assert.fail(`no way has ${names.join(" and ")}`)
  }

  /** What has to be given, with such credentials. */
  const kindOf = (variables: Variables, by: Credentials = credentials) => {
    const names = Object.keys(variables)
    const way = wayWith(names)
    const options = Object.fromEntries(
      Object.entries(way.options(by)).filter(([option, value]) =>
        names.includes(option) || (!Redacted.isRedacted(value) && names.every((name) => Predicate.hasProperty(value, name))))
    )
    return {
      way,
      names,
      options,
      variables: Object.fromEntries(names.map((name) => [variables[name]!, textIn(options, name)])),
      /** Where an option stands in code. */
      pathOf: (name: string) => Object.keys(options).flatMap((option) => option === name ? [name] : names.includes(option) ? [] : [`${option}.${name}`]).join()
    }
  }
  const kinds = needed.map((variables) => kindOf(variables))
  const [kind] = kinds
  if (kind === undefined) throw new Error(`${facts.name} needs nothing`)

  const at = (url: string): Given => ({ options: { baseUrl: url }, variables: { [baseUrl]: url } })
  const inSandbox = `https://${facts.emulator.slug}.sandbox.test${facts.emulator.basePath}`
  const somewhere = at(inSandbox)
  const having = ({ given, option, value, variable }: Setting): Given => ({
    options: { [option]: given ?? value },
    variables: { [variable]: value }
  })
  const kindFor = ({ credentials }: Setting) => kindOf(needed[0], credentials)

  const inCode = ({ options }: Given) => library.layer(options)
  const read = ({ variables }: Pick<Given, "variables">, overrides: object = {}) =>
    Layer.provide(library.layerConfig(overrides), environment(variables))

  const places = [baseUrl, ...new Set(environments.map(({ variable }) => variable))]
  const neededVariables = new Set(needed.flatMap(Object.values<string>))
  const optional = [...settings.map(({ variable }) => variable), ...places]
  const badAnywhere = (variable: string): ReadonlyArray<string> => variable === baseUrl ? noUrls : canaries
  /** Of what is wrong for any variable those whose turn it is, and all that is wrong for this one. */
  const badFor = (variable: string, nth = 0): ReadonlyArray<string> => [...inTurns(badAnywhere(variable), turn + nth, 4), ...(refused[variable] ?? [])]

  const failing = (layer: ReturnType<Home["library"]["layer"]>, about: string) =>
    Layer.build(layer).pipe(
      Effect.provideService(HttpClient.HttpClient, play({}).client),
      Effect.scoped,
      Effect.either,
      Effect.map((result) => {
        const error = leftOf(result, about)
        assert.notInclude(shownOf(error), "canary", about)
        return error
      })
    )

  /** Why there is no layer, by the paths of all that is wrong; no value is repeated. */
  const wrong = (layer: ReturnType<Home["library"]["layer"]>, expected: ReadonlyArray<string>, about: string) =>
    Effect.map(failing(layer, about), (error) => assert.sameMembers([...new Set(paths(error))], [...expected], about))

  const equal = (way: Way, one: ReturnType<Home["library"]["layer"]>, other: ReturnType<Home["library"]["layer"]>, about: string, operation?: string) =>
    Effect.gen(function*() {
      const received = yield* sentBy(home, way, one, operation)
      assert.deepStrictEqual(received, yield* sentBy(home, way, other, operation), about)
      return received
    })

  it.effect("is the same from the environment as in code, each kind of credentials and each setting", () =>
    Effect.gen(function*() {
      for (const kind of kinds) {
        const plain = both(kind, somewhere)
        for (const shown of texts(yield* equal(kind.way, read(plain), inCode(plain), "credentials")).filter((text) => text.startsWith("http"))) {
          assert.isTrue(shown.startsWith(inSandbox), shown)
        }
      }
      for (const setting of settings) {
        const { way, ...own } = kindFor(setting)
        const plain = both(own, somewhere)
        const given = both(plain, having(setting))
        const { operation, shown = setting.value } = setting
        const received = yield* equal(way, read(given), inCode(given), setting.variable, operation)
        assert.isTrue(texts(received).some((text) => text.includes(shown)), `${setting.variable} shows nowhere`)
        const without = yield* sentBy(home, way, inCode(plain), operation)
        assert.isFalse(texts(without).some((text) => text.includes(shown)), `${shown} shows without ${setting.variable}`)
      }
    }))

  it.effect("is where the environment or code says, and otherwise in production", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [url: string, place: Given]> = [
        ...otherwise === null ? [] : [[otherwise, nothing] as const],
        ...environments.map(({ given, url, value, variable }) => [url, { options: { environment: given }, variables: { [variable]: value } }] as const),
        ...inTurns([
          ["https://proxy.test/x", at("https://proxy.test/x")],
          ["https://proxy.test/x", at("https://proxy.test/x/")],
          ["http://127.0.0.1:4010/x", at("http://127.0.0.1:4010/x")]
        ] as const, turn, 3)
      ]
      for (const [url, place] of cases) {
        const given = both(kind, place)
        for (const { url: sent } of yield* equal(kind.way, read(given), inCode(given), url)) {
          assert.isTrue(new URL(sent).href.startsWith(url), `${sent} is not at ${url}`)
        }
      }
      for (const { given, value, variable } of environments) {
        const two = both(kind, at("https://proxy.test"), { options: { environment: given }, variables: { [variable]: value } })
        yield* wrong(inCode(two), ["environment.baseUrl"], "two places")
        assert.include(String(yield* failing(inCode(two), "two places")), "environment and baseUrl exclude each other")
        assert.include(String(yield* failing(read(two), "two places")), `${variable} and ${baseUrl} exclude each other`)
      }
    }))

  it.effect("takes an empty variable for none", () =>
    Effect.gen(function*() {
      const empty = Object.fromEntries(
        [...neededVariables, ...optional].filter((variable) => refused[variable]?.includes("") !== true).map((variable) => [variable, ""])
      )
      const named = inTurns(environments, turn, 2).map(({ given, value, variable }) => ({ options: { environment: given }, variables: { [variable]: value } }))
      for (const plain of [...kinds.map((kind) => both(kind, somewhere)), ...[...named, ...otherwise === null ? [] : [nothing]].map((place) => both(kind, place))]) {
        const { way = kind.way } = kinds.find(({ variables }) => Object.keys(variables).every((variable) => variable in plain.variables)) ?? kind
        yield* equal(way, read({ variables: { ...empty, ...plain.variables } }), inCode(plain), inspect(plain.variables))
      }
    }))

  it.effect("does not read what is given in code", () =>
    Effect.gen(function*() {
      const nonsense = (...variables: ReadonlyArray<string>) => Object.fromEntries(variables.map((variable) => [variable, badFor(variable)[0]!]))
      const all = both(kind, somewhere)
      yield* equal(kind.way, read({ variables: nonsense(...neededVariables, ...places) }, all.options), inCode(all), "all of it")
      for (const [option, given] of Object.entries(kind.options)) {
        // One that has all credentials stands for each of their variables.
        const variable = needed[0][option]
        const replaced = variable === undefined ? neededVariables : [variable]
        yield* equal(kind.way, read({ variables: { ...all.variables, ...nonsense(...replaced) } }, { [option]: given }), inCode(all), option)
      }
      for (const setting of inTurns(settings, turn, 2)) {
        const given = both(kindFor(setting), somewhere, having(setting))
        const variables = { ...given.variables, ...nonsense(setting.variable) }
        yield* equal(kind.way, read({ variables }, having(setting).options), inCode(given), setting.option, setting.operation)
      }
      for (const place of inTurns([somewhere.options, ...environments.map(({ given }) => ({ environment: given }))], turn, 2)) {
        const given = both(kind, { options: place, variables: nonsense(...places) })
        yield* equal(kind.way, read(given, place), inCode(given), inspect(place))
      }
    }))

  it.effect("names everything that is missing at once, and nothing else", () =>
    Effect.gen(function*() {
      const place = otherwise === null ? places : []
      for (const variables of [{}, Object.fromEntries([...neededVariables, ...place].map((variable) => [variable, ""]))]) {
        yield* wrong(read({ variables }), [...neededVariables, ...place], inspect(variables))
        // It is not set, and does not read as if it were.
        assert.notInclude(String(yield* failing(read({ variables }), "nothing")), "redacted")
      }
      yield* wrong(read({ variables: { [baseUrl]: "http://canary.test" } }), [...neededVariables, baseUrl], "one is wrong, the rest is missing")
      for (const name of kind.names.filter((name) => name in kind.options)) {
        if (kinds.length > 1) break
        const others = kind.names.filter((other) => other !== name).map((other) => needed[0][other]!)
        if (others.length > 0) yield* wrong(read(somewhere, { [name]: kind.options[name] }), others, `${name} is given`)
      }
      if (place.length > 0) yield* wrong(read(kind), place, "no place")
      for (const { names, variables } of kinds) {
        for (const missing of names.length === 1 ? [] : Object.keys(variables)) {
          const left = Object.fromEntries(Object.entries(variables).filter(([variable]) => variable !== missing))
          // With less of one kind it may be another.
          const isKind = kinds.some((kind) => Object.keys(kind.variables).sort().join() === Object.keys(left).sort().join())
          if (!isKind) yield* wrong(read(both({ options: {}, variables: left }, somewhere)), [missing], missing)
        }
      }
    }))

  it.effect("names everything in the environment that is wrong at once, and repeats no value", () =>
    Effect.gen(function*() {
      for (const kind of kinds) {
        const good = both(kind, somewhere)
        for (const [nth, variable] of [...Object.keys(kind.variables), baseUrl].entries()) {
          for (const value of badFor(variable, nth)) {
            yield* wrong(read({ variables: { ...good.variables, [variable]: value } }), [variable], `${variable}: ${JSON.stringify(value)}`)
          }
        }
        const all = [...Object.keys(kind.variables), ...settings.map(({ variable }) => variable), baseUrl]
        for (const nth of inTurns([...canaries.keys()], turn, 4)) {
          yield* wrong(read({ variables: Object.fromEntries(all.map((variable) => [variable, badAnywhere(variable)[nth]!])) }), all, "all of it")
        }
      }
      for (const setting of settings) {
        const good = both(kindFor(setting), somewhere)
        for (const value of badFor(setting.variable)) {
          yield* wrong(read({ variables: { ...good.variables, [setting.variable]: value } }), [setting.variable], `${setting.variable}: ${JSON.stringify(value)}`)
        }
      }
      for (const [nth, { variable }] of environments.entries()) {
        for (const value of badFor(variable, nth)) {
          yield* wrong(read({ variables: { ...kind.variables, [variable]: value } }), [variable], `${variable}: ${JSON.stringify(value)}`)
        }
      }
    }))

  it.effect("names each option that is wrong in code, and repeats no value", () =>
    Effect.gen(function*() {
      const refusing = (options: object, path: string, bad: unknown) => wrong(library.layer(options), [path], `${path}: ${inspect(bad)}`)
      for (const [nth, kind] of kinds.entries()) {
        const good = both(kind, somewhere).options
        for (const name of kind.names) {
          const path = kind.pathOf(name)
          const [outer = name] = path.split(".")
          const instead = (bad: unknown) => ({
            ...good,
            [outer]: outer === name ? bad : { ...Object(kind.options[outer]), [name]: bad }
          })
          const isSecret = Redacted.isRedacted(outer === name ? good[name] : Object(good[outer])[name])
          const bad = [...badFor(needed[nth]![name]!), ""]
          for (const value of isSecret ? [...bad.map((each) => Redacted.make(each)), "canary", Redacted.make(7)] : [...bad, 7]) yield* refusing(instead(value), path, value)
          for (const value of [undefined, null]) yield* refusing(instead(value), path, value)
        }
        yield* refusing({ ...good, policy: { attempts: 0 } }, "policy.attempts", 0)
      }
      for (const value of [...inTurns(noUrls, turn, 4), "", 7, null]) yield* refusing({ ...kind.options, baseUrl: value }, "baseUrl", value)
      for (const setting of settings) {
        const { given, option, variable } = setting
        const good = both(kindFor(setting), somewhere).options
        for (const value of [...(given === undefined ? [...badFor(variable), ""] : ["canary"]), 7, null]) yield* refusing({ ...good, [option]: value }, option, value)
      }
      if (environments.length > 0) yield* refusing({ ...kind.options, environment: "canary" }, "environment", "canary")
      if (otherwise === null) yield* refusing(kind.options, "environment", undefined)
      for (const options of [undefined, null, "canary"]) {
        const error = yield* failing(library.layer(options as never), String(options))
        assert.deepStrictEqual<unknown>(error, ConfigError.InvalidData(["options"], "is not of the expected form"))
      }
    }))

  it.scoped("reaches the sandbox at each public host, and with what the sandbox says of the environment", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(Object.fromEntries(Object.entries(Object(library["hosts"])).filter(([, url]) => typeof url === "string")), hosts)
      const { way } = kind
      const sandbox = yield* Sandbox.makeWith({ [facts.name]: { ...facts.emulator, make: () => way.emulator({ decidesIn: 1 }) } })
      for (const layer of [
        ...otherwise === null ? [] : [read(kind)],
        ...Object.values(hosts).map((url) => inCode(both(kind, at(url)))),
        ...environments.map(({ given }) => inCode(both(kind, { options: { environment: given }, variables: {} }))),
        ...facts.emulator.environment === undefined ? [] : [read({ variables: facts.emulator.environment(inSandbox) })]
      ]) {
        const identifier = way.identifier(yield* sandbox.create(facts.name))
        yield* cancelOf(home, way)(way.request({ identifier, reason: "abandoned" })).pipe(
          asks(way) ? ample : identity,
          Effect.provide(layer),
          Effect.provideService(HttpClient.HttpClient, Sandbox.httpClient(sandbox))
        )
      }
    }))
}

/** Whether a cancel is first taken in, and its payment then asked for what became of it. */
const asks = ({ receipts, statusBody }: Way): boolean => receipts !== null && statusBody !== null

/** What a cancel becomes. */
const successOf = (way: Way): Cancellation.Cancellation["_tag"] => asks(way) ? "Cancelled" : way.receipts?.success ?? "Cancelled"

/** One that runs in the sandbox, its payments those of the way. */
const sandboxed = (home: Home, way: Way) =>
  Effect.gen(function*() {
    const { facts: { emulator, name }, library } = home
    const sandbox = yield* Sandbox.makeWith({ [name]: { ...emulator, make: () => way.emulator({ decidesIn: 1 }) } })
    const baseUrl = `https://${emulator.slug}.sandbox.test${emulator.basePath}`
    const layer = Layer.provide(
      Layer.orDie(library.layer({ ...way.options(emulator.credentials), baseUrl })),
      Layer.succeed(HttpClient.HttpClient, Sandbox.httpClient(sandbox))
    )
    const provided = yield* Layer.build(layer)
    // Time has to pass only where what is taken in is asked for until it is decided.
    const run = <A, E>(effect: Effect.Effect<A, E, Service>) => Effect.provide(asks(way) ? ample(effect) : effect, provided)
    return {
      run,
      provided,
      create: (options?: object) => sandbox.create(name, options),
      cancel: (request: object) => run(cancelOf(home, way)(request)),
      sent: (operation: string) => Effect.map(sandbox.requests, (all) => all.filter((request) => request.operation === operation)),
      requests: sandbox.requests
    }
  })

/** One that is given answers made by hand, the last one again and again; it waits for nothing and asks for no more than it must. */
const answered = (home: Home, way: Way, credentials = way.credentials) =>
  Effect.gen(function*() {
    let playing = play({})
    const client = HttpClient.makeWith(
      (asked: Effect.Effect<HttpClientRequest.HttpClientRequest, HttpClientError.HttpClientError>) =>
        Effect.flatMap(asked, (request) => playing.client.execute(request)),
      Effect.succeed
    )
    const layer = Layer.provide(
      Layer.orDie(home.library.layer({ ...way.options(credentials), policy: { attempts: 1, statusReads: 1 } })),
      Layer.succeed(HttpClient.HttpClient, granting(way)(interpreting(home.facts)(client)))
    )
    const provided = yield* Layer.build(layer)
    return (...steps: readonly [Step, ...ReadonlyArray<Step>]) => <A, E>(effect: Effect.Effect<A, E, Service>) =>
      Effect.suspend(() => {
        playing = play(...steps)
        return Effect.either(Effect.provide(effect, provided))
      })
  })

const suite = (home: Home, way: Way, turn: number): void => {
  const { facts, library } = home
  const { name: provider } = facts
  const { cancellable, cancelled, standings, status: statusName } = subjectOf(facts, way)
  const status = way.statusTarget === null ? undefined : statusOf(home, way)
  const field = namedIn[way.identifiedBy]
  const identifier = facts.paymentId("pay_1")
  const isInPath = way.cancelTarget("a") !== way.cancelTarget("b")
  const isFree = facts.paymentId("ü/") === "ü/"
  const requested = (more: object = {}) => ({ ...way.request({ identifier, reason: "abandoned" }), ...more })
  /** Whether a reason in any words is sent, where a neutral request has one. */
  const takesAnyReason = facts.takesReason
  const closed = facts.acts.PaymentSucceeds ?? facts.acts.Pays

  it.scoped("sends nothing of what cannot be sent, and names the field", () =>
    Effect.gen(function*() {
      const { cancel, create, provided, requests } = yield* sandboxed(home, way)
      const atOnce = <A, E>(effect: Effect.Effect<A, E, Service>) => Effect.either(Effect.provide(effect, provided))
      const refused = (error: unknown, inField: string, value: unknown, about: string) => {
        if (!Predicate.isTagged(error, "CancelError.InvalidCancelRequest")) return assert.fail(`${about}: ${inspect(error)}`)
        const { attempts, category, field, history, identifiedBy, message, outcome, paymentId, provider: by } = error as CancelError.InvalidCancelRequest
        assert.match(field, new RegExp(`^${inField}(\\.|$)`), about)
        assert.deepStrictEqual<unknown>(
          { attempts, category, history, identifiedBy, outcome, by },
          { attempts: 0, category: "InvalidRequest", history: [], identifiedBy: way.identifiedBy, outcome: "NotCancelled", by: provider },
          about
        )
        assert.isNotEmpty(message)
        if (inField !== namedIn[way.identifiedBy]) assert.strictEqual(paymentId, identifier, about)
        if (typeof value === "string" && value.length > 5) assert.notInclude(message, value)
      }
      const identifiers = inTurns<unknown>([
        ...way.identifiedBy === "PaymentId" ? [".", ".."] : [],
        "", "\ud800", "\udc00", "pay_\udc00x", "x".repeat(way.longestIdentifier + 1), 7, true, {}, ["pay_1"], undefined, null
      ], turn, 3)
      const keys = inTurns<unknown>(["", " ", "a b", "a\nb", "a\u0000", "ü", "🔑", "k".repeat(facts.longestIdempotencyKey + 1), 7, null, {}], turn, 3)
      for (const [inField, values] of Object.entries<ReadonlyArray<unknown>>({ [field]: identifiers, idempotencyKey: keys, ...way.refused })) {
        for (const value of inField === field && field in way.refused ? [...identifiers, ...way.refused[field] ?? []] : values) {
          const about = `${inField}: ${inspect(value)}`
          refused(Either.merge(yield* atOnce(cancelOf(home, way)(requested({ [inField]: value })))), inField, value, about)
          if (inField === "paymentId" && status !== undefined) {
            refused(Either.merge(yield* atOnce(status({ paymentId: value as string }))), inField, value, about)
          }
        }
      }
      assert.lengthOf(yield* requests, 0)

      const identifiedAs = way.identifier(yield* create({ status: cancellable }))
      yield* cancel({ ...way.request({ identifier: identifiedAs, reason: "abandoned", idempotencyKey: "k".repeat(facts.longestIdempotencyKey) }) })
      assert.isNotEmpty(yield* requests)
    }))

  if (isInPath && isFree) {
    it.scoped("sends any id as one segment", () =>
      Effect.gen(function*() {
        const { cancel, create, sent } = yield* sandboxed(home, way)
        const ids = ["a/b", way.cancelTarget("").split("/").at(-1) || "cancel", "ü %2e?#", "x".repeat(way.longestIdentifier)]
        for (const id of ids) {
          const paymentId = yield* create({ id, status: cancellable })
          const result = yield* cancel(way.request({ identifier: paymentId, reason: "abandoned" }))
          assert.strictEqual(result.paymentId, id)
        }
        assert.deepStrictEqual(
          (yield* sent("Cancel")).map(({ path }) => path),
          ids.map((id) => `${facts.basePath}${way.cancelTarget(encodeURIComponent(id))}`)
        )
      }))
  }

  it.scoped("cancels, and what comes of it survives a journal: again, and the status too", () =>
    Effect.gen(function*() {
      const { cancel, create, run } = yield* sandboxed(home, way)
      const paymentId = yield* create({ status: cancellable })
      const request = way.request({ identifier: way.identifier(paymentId), reason: "abandoned" })
      const journaled = journal(schemaOf(home, way.successes))
      const first = yield* cancel(request)
      assert.deepInclude(first, { provider, paymentId: way.identifier(paymentId), identifiedBy: way.identifiedBy, attempts: 1 })
      assert.strictEqual(first._tag, successOf(way))
      assert.deepStrictEqual(journaled(first), first)
      const again = yield* Effect.either(cancel(request))
      if (status !== undefined) {
        const already = Either.getOrThrow(again)
        assert.deepInclude(already, { _tag: "AlreadyCancelled", provider, attempts: 1 })
        assert.deepStrictEqual(journaled(already), already)
        const read = yield* run(status({ paymentId }))
        assert.deepStrictEqual<object>(journal(schemaOf(home, "PaymentStatus"))(read), read)
      } else if (Either.isRight(again)) {
        assert.deepStrictEqual(journaled(again.right), again.right)
      }
    }))

  it.scoped("shows no credential in what comes of it, wherever an answer echoes it", () =>
    Effect.gen(function*() {
      const over = yield* answered(home, way)
      const secrets = [
        ...Object.values(way.credentials),
        ...(way.token === null ? [] : [way.token.value]),
        ...Object.values({ ...way.headers(way.credentials), ...way.token?.headers(way.credentials) })
          .flatMap((header) => header.startsWith("Basic ") ? [header.slice("Basic ".length)] : [])
      ]
      const echo = secrets.join(" ")
      const hidden = (failed: unknown, about: string, of: ReadonlyArray<string> = secrets) => {
        const shown = shownOf(failed) + (failed instanceof Error ? failed.message : "")
        for (const secret of of) assert.notInclude(shown, secret, about)
      }
      const headers = {
        "www-authenticate": echo,
        ...facts.requestIdHeader === null ? {} : { [facts.requestIdHeader]: echo },
        ...facts.delayHeader === null ? {} : { [facts.delayHeader.name]: echo }
      }
      const more = { [speaksJson(facts) ? echo : "echo"]: echo, details: [{ issue: echo }], debug_id: echo }
      const encode = Schema.encodeSync(library.CancelError)
      const events: Array<unknown> = []
      const cancelling = cancelOf(home, way)(requested({ idempotencyKey: "key-1" })).pipe(
        Effect.provide(CancelEvent.layer((event) => Effect.sync(() => events.push(event))))
      )
      const coded = facts.codes.find(({ code }) => code !== null)?.code ?? null
      const [unlisted, listed, silent] = [echo, coded, null].map((code) => extended(facts)(facts.error(code, echo), more))
      for (const [code, body] of inTurns([[200, unlisted], [400, unlisted], [401, silent], [422, listed], [500, unlisted]] as const, turn, 3)) {
        const answer = json(code, body, headers)
        const about = `${code} with ${JSON.stringify(body)}`
        const failed = leftOf(yield* over(answer)(cancelling), about)
        hidden(failed, about)
        hidden([encode(failed), events.splice(0)], about)
        if (status !== undefined) hidden(leftOf(yield* over(answer)(status({ paymentId: identifier })), about), about)
      }
      const proof = way.receipts?.make(identifier) ?? way.payment(identifier, cancelled)
      const result = Either.merge(yield* over(json(200, way.isExact ? proof : extended(facts)(proof, more), headers))(cancelling))
      if (!("outcome" in result)) hidden(Schema.encodeSync(schemaOf(home, way.successes))(result), "a success")
      hidden([result, events.splice(0)], "a success")
      if (way.token !== null) {
        // What was never issued is no credential, but what it was asked with is.
        const { target, value } = way.token
        const asking = secrets.filter((secret) => secret !== value)
        for (const code of [401, 503]) {
          const refusing: Step = (request) =>
            Effect.succeed(respond(request, new URL(request.url).pathname.endsWith(target) ? json(code, unlisted, headers) : { status: 500 }))
          const layer = Layer.provide(
            Layer.orDie(library.layer({ ...way.options(way.credentials), policy: { attempts: 1, statusReads: 1 } })),
            Layer.succeed(HttpClient.HttpClient, play(refusing).client)
          )
          hidden(leftOf(yield* cancelOf(home, way)(requested()).pipe(Effect.either, Effect.provide(layer)), "no token"), "no token", asking)
          if (status !== undefined) hidden(leftOf(yield* status({ paymentId: identifier }).pipe(Effect.either, Effect.provide(layer)), "no token"), "no token", asking)
        }
      }
    }))

  const { statusBody, statusTarget } = way
  if (status !== undefined && statusBody !== null && statusTarget !== null) {
    describe(statusName, () => {
      it.scoped("says of every status where it stands, and asks once", () =>
        Effect.gen(function*() {
          const { create, requests, run, sent } = yield* sandboxed(home, way)
          const all = [...Object.entries(standings), ...way.subject === null ? (facts.unlisted ?? []).map((status) => [status, null] as const) : []]
          for (const [stated, standing] of all) {
            const paymentId = yield* create({ status: stated })
            const before = (yield* requests).length
            const read = yield* run(status({ paymentId }))
            assert.deepInclude<object>(read, {
              provider,
              paymentId,
              status: stated,
              standing: Option.fromNullable(standing)
            })
            const [request, ...others] = (yield* requests).slice(before).filter(({ operation }) => operation !== "Authorization")
            assert.lengthOf(others, 0)
            assert.strictEqual(request?.operation, "Status")
            if (way.keyHeader !== null) assert.notProperty(request?.headers, way.keyHeader)
            if (facts.interpreter !== null) continue
            assert.deepInclude(request, { method: "GET", path: `${facts.basePath}${statusTarget(paymentId)}`, body: "" })
          }
          assert.lengthOf(yield* sent("Cancel"), 0)
        }))

      it.scoped("says of one that nobody has listed that it stands nowhere", () =>
        Effect.gen(function*() {
          const over = yield* answered(home, way)
          const otherwiseSpelt = cancelled === cancelled.toUpperCase() ? cancelled.toLowerCase() : cancelled.toUpperCase()
          for (const unlisted of ["never_heard_of", otherwiseSpelt, "constructor", "__proto__"]) {
            const headers = facts.requestIdHeader === null ? {} : { [facts.requestIdHeader]: "request-1" }
            const read = yield* Effect.flatten(over(json(200, statusBody(identifier, unlisted), headers))(status({ paymentId: identifier })))
            assert.deepInclude<object>(read, { status: unlisted, standing: Option.none() })
            assert.strictEqual(Option.isSome(read.capturedAmount), way.capturedIn(statusBody(identifier, unlisted)) !== null)
            if (facts.requestIdHeader !== null) assert.deepStrictEqual(read.requestId, Option.some("request-1"))
          }
        }))

      it.scoped("is not read from an error, nor beside one", () =>
        Effect.gen(function*() {
          const over = yield* answered(home, way)
          const listed = facts.codes.find(({ category, code, states }) => category === "NotFound" && code !== null && states === null) ??
            facts.codes.find(({ code, outcome, states }) => code !== null && states === null && outcome === "NotCancelled")
          const code = listed?.code ?? null
          for (const of of [200, 404]) {
            const body = facts.error(code, "No.", statusBody(identifier, cancelled))
            const failed = leftOf(yield* over(json(of, body))(status({ paymentId: identifier })), String(of))
            assert(Predicate.isTagged(failed, "CancelError.StatusUnavailable"), inspect(failed))
            assert.deepInclude<object>(failed, { code, ...listed === undefined ? {} : { category: listed.category }, attempts: 1 })
          }
        }))
    })
  }

  if (way.operation === "cancel") {
    it.scoped("serves Canceller, and sends it no reason that the provider does not take", () =>
      Effect.gen(function*() {
        const { create, provided, run, sent } = yield* sandboxed(home, way)
        const neutral = Layer.provide(Canceller.layer(library as unknown as NeutralProvider<Service>), Layer.succeedContext(provided))
        const cancel = (request: Canceller.CancelRequest) => run(Effect.provide(Canceller.cancel(request), neutral))
        const reason = "changed-their-mind"
        const needsReason = way.refused["reason"]?.includes(undefined) === true
        const paymentId = yield* create({ status: cancellable })
        const result = yield* cancel({ paymentId, reason, idempotencyKey: "key-1" })
        assert.deepInclude<object>(result, { provider, paymentId, _tag: successOf(way) })
        const [request, ...others] = yield* sent("Cancel")
        assert.lengthOf(others, 0)
        const told = JSON.stringify(request)
        if (takesAnyReason) assert.include(told, reason)
        else assert.notInclude(told, reason)
        if (way.keyHeader !== null) assert.include(told, "key-1")
        if (facts.tooLate === null || closed === undefined) return
        const instead = yield* cancel({ paymentId: yield* create({ status: closed }), ...needsReason ? { reason } : {} }).pipe(
          Cancel.catchCategory(facts.tooLate, ({ paymentStatus }) => Effect.succeed(paymentStatus))
        )
        assert.deepStrictEqual<unknown>(instead, Option.some(closed))
      }))
  }
}

const errors = (home: Home, turn: number): void => {
  const { facts, library } = home
  const [way] = facts.ways
  it.scoped("survives a journal with any error, as an instance of its class", () =>
    Effect.gen(function*() {
      const request = way.request({ identifier: facts.paymentId("pay_1"), reason: "abandoned" })
      const over = yield* answered(home, way)
      const failing = (step: Step, more: object = {}) => over(step, { status: 500 })(cancelOf(home, way)({ ...request, ...more }))
      const journaled = journal(library.CancelError)
      // That each code has its class, and that this is a schema, the conformance of answers tests of all of them.
      for (const { code, name, states, statuses: [status] } of inTurns(facts.codes, turn, 8)) {
        if (states !== null) continue
        const error: Failure = leftOf(yield* failing(code === null ? { status, body: "" } : json(status, facts.error(code, "No."))), name)
        assert.strictEqual(error._tag, `${facts.name}.${name}`)
        assert.instanceOf(journaled(error), library[name] as typeof Error)
      }
      for (const [step, more] of [[json(400, facts.error("never_heard_of", "No.")), {}], [{ status: 200 }, {}], [{}, { idempotencyKey: "" }]] as const) {
        const error: Failure = leftOf(yield* failing(step, more), inspect(step))
        journaled(error)
      }
    }))
}

/** The suite. In a short run a provider has a part of its codes, and of what is wrong with what it is given; each takes another turn. */
export const modules = (home: Home, turn = 0): void => {
  describe(`${home.facts.name}'s module`, () => {
    describe("a layer", () => configured(home, turn))
    errors(home, turn)
    for (const [nth, way] of home.facts.ways.entries()) describe(nameOf(home.facts, way), () => suite(home, way, turn + nth))
  })
}
