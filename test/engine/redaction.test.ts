/**
 * No answer may carry a credential out, whatever it echoes and wherever.
 */
import { assert, describe, it } from "@effect/vitest"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { inspect } from "node:util"
import * as Answer from "../../src/authoring/Answer.js"
import * as CancelEvent from "../../src/CancelEvent.js"
import { makeRedact } from "../../src/engine/redaction.js"
import { longOrShort } from "../support/extent.js"
import * as Acme from "./Acme.js"
import { json, play, respond, type Step } from "./HttpDouble.js"
import { assertPartly, deepStrictEqual } from "./partly.js"

const atOnce = { backoff: { initial: 0 }, attempts: 1, statusReads: 1 } as const

const cancel = (
  steps: readonly [Step, ...ReadonlyArray<Step>],
  { paymentId = Acme.paymentId, secret = "acme-secret" }: { readonly secret?: string; readonly paymentId?: string } = {}
) =>
  Effect.gen(function*() {
    const events: Array<CancelEvent.CancelEvent> = []
    const acme = yield* Acme.make(play(...steps).client, atOnce, { secret })
    const result = Either.merge(
      yield* Effect.either(acme.cancel({ paymentId })).pipe(
        Effect.provide(CancelEvent.layer((event) => Effect.sync(() => void events.push(event))))
      )
    )
    const shown = [
      JSON.stringify(result),
      inspect(result, { depth: 100, showHidden: true }),
      String(result),
      JSON.stringify(events),
      inspect(events, { depth: 100 })
    ].join("\n")
    return { result, shown }
  })

const detailsOf = (result: unknown) =>
  result instanceof Acme.BadRequest ? Option.getOrNull(result.details) : assert.fail("not the expected error")

const secret = "acme-secret"

describe("a defect of the HTTP client", () => {
  const ofRequest = (request: HttpClientRequest.HttpClientRequest) =>
    new HttpClientError.RequestError({ request, reason: "Transport", cause: { config: request }, description: `with ${secret}` })
  const ofResponse = (request: HttpClientRequest.HttpClientRequest) =>
    new HttpClientError.ResponseError({
      request,
      response: respond(request, { status: 503, headers: { echo: secret } }),
      reason: "Decode",
      description: `with ${secret}`
    })
  const thrown: Step = (request) => {
    throw ofRequest(request)
  }
  const rows: ReadonlyArray<readonly [how: string, client: HttpClient.HttpClient, messages: ReadonlyArray<string>]> = [
    ["that holds the request", play((request) => Effect.die(ofRequest(request))).client, [
      "RequestError of the HTTP client: Transport (POST)",
      "RequestError of the HTTP client: Transport (GET)"
    ]],
    ["that holds the response", play((request) => Effect.die(ofResponse(request))).client, [
      "ResponseError of the HTTP client: Decode (POST, HTTP 503)",
      "ResponseError of the HTTP client: Decode (GET, HTTP 503)"
    ]],
    ["that is thrown", play(thrown).client, [
      "RequestError of the HTTP client: Transport (POST)",
      "RequestError of the HTTP client: Transport (GET)"
    ]],
    [
      "that is thrown before there is an effect",
      HttpClient.makeWith((request: Effect.Effect<HttpClientRequest.HttpClientRequest>) => {
        throw ofRequest(Effect.runSync(request))
      }, Effect.succeed),
      ["RequestError of the HTTP client: Transport (POST)", "RequestError of the HTTP client: Transport (GET)"]
    ],
    [
      "among others",
      play((request) =>
        Effect.failCause(Cause.parallel(Cause.die("bug"), Cause.sequential(Cause.die(ofRequest(request)), Cause.die(ofResponse(request)))))
      ).client,
      [
        "bug",
        "RequestError of the HTTP client: Transport (POST)",
        "ResponseError of the HTTP client: Decode (POST, HTTP 503)",
        "bug",
        "RequestError of the HTTP client: Transport (GET)",
        "ResponseError of the HTTP client: Decode (GET, HTTP 503)"
      ]
    ]
  ]
  for (const [how, client, messages] of rows) {
    it.effect(`${how} shows no credential`, () =>
      Effect.gen(function*() {
        const said: Array<unknown> = []
        const logger = Logger.replace(
          Logger.defaultLogger,
          Logger.make((entry) => void said.push(inspect(entry, { depth: 100 }), JSON.stringify(entry.cause)))
        )
        const events = CancelEvent.layer((event) => Effect.sync(() => void said.push(inspect(event, { depth: 100 }))))
        const acme = yield* Acme.make(client, atOnce)
        const exits: ReadonlyArray<Exit.Exit<unknown, unknown>> = yield* Effect.forEach(
          [acme.cancel({ paymentId: Acme.paymentId }), acme.status({ paymentId: Acme.paymentId })],
          (effect: Effect.Effect<unknown, unknown>) => Effect.exit(Effect.tapErrorCause(effect, (cause) => Effect.logError("it died", cause)))
        ).pipe(Effect.provide(Layer.merge(logger, events)))
        const defects: Array<unknown> = []
        for (const exit of exits) {
          const cause = Exit.isFailure(exit) ? exit.cause : assert.fail("it must die")
          defects.push(...Cause.defects(cause))
          const shown = [
            ...said,
            JSON.stringify(exit),
            String(exit),
            inspect(exit, { depth: 100, showHidden: true }),
            Cause.pretty(cause, { renderErrorCause: true })
          ].join("\n")
          assert.notInclude(shown, secret)
        }
        deepStrictEqual<ReadonlyArray<unknown>>(defects.map((defect) => defect instanceof Error ? defect.message : defect), messages)
      }))
  }
})

describe("a credential that is echoed", () => {
  const echoes: ReadonlyArray<readonly [where: string, steps: readonly [Step, ...ReadonlyArray<Step>]]> = [
    ["in the message", [json(400, { code: "bad_request", message: `key acme-secret is bad` })]],
    ["in the code", [json(400, { code: "acme-secret" })]],
    ["in the code of a 502", [json(502, { code: "x acme-secret" })]],
    ["in the details", [json(400, { code: "bad_request", details: [{ "your acme-secret": ["acme-secret"] }] })]],
    ["in a header", [json(400, { code: "bad_request" }, { "x-request": "r-acme-secret" })]],
    ["in the status", [json(200, Acme.payment("acme-secret")), json(200, Acme.payment("acme-secret"))]],
    ["in a success", [json(200, { ...Acme.payment("gone"), reason: "by acme-secret", message: "acme-secret", details: { a: "acme-secret" } })]],
    ["in a receipt", [json(200, { receipt: "acme-secret" })]]
  ]
  for (const [where, steps] of echoes) {
    it.effect(`${where} is not shown`, () =>
      Effect.gen(function*() {
        const { shown } = yield* cancel(steps, { secret })
        assert.notInclude(shown, secret)
        assert.include(shown, "<redacted>")
      }))
  }
  it.effect("as a number is not shown", () =>
    Effect.gen(function*() {
      const { shown } = yield* cancel([json(400, { code: "bad_request", details: { app: 12345678 } })], { secret: "12345678" })
      assert.notInclude(shown, "12345678")
    }))
  it.effect("is not shown, although the payment's id is a part of it", () =>
    Effect.gen(function*() {
      const { shown } = yield* cancel([json(400, { code: "bad_request", message: "key acme-secret" })], { paymentId: "e" })
      assert.notInclude(shown, secret)
    }))
  it.effect("leaves nothing behind, although it begins with the payment's id", () =>
    Effect.gen(function*() {
      const { result } = yield* cancel([json(400, { code: "bad_request", details: ["key acme-secret"] })], { paymentId: "acme" })
      deepStrictEqual(detailsOf(result), ["key <redacted>"])
    }))
  it.effect("that is very short is not looked for inside of text, but hidden where it is all there is", () =>
    Effect.gen(function*() {
      const { result } = yield* cancel([json(400, { code: "bad_request", message: "an id", details: ["id", "idea", "ab12"] })], { secret: "id" })
      deepStrictEqual(detailsOf(result), ["<redacted>", "idea", "ab12"])
      const four = yield* cancel([json(400, { code: "bad_request", details: ["ab12", "xab12x"] })], { secret: "ab12" })
      deepStrictEqual(detailsOf(four.result), ["<redacted>", "x<redacted>x"])
      const three = yield* cancel([json(400, { code: "bad_request", details: ["ab1", "xab1x"] })], { secret: "ab1" })
      deepStrictEqual(detailsOf(three.result), ["<redacted>", "xab1x"])
    }))
})

describe("a credential goes first", () => {
  const redact = (texts: ReadonlyArray<string>, secrets: ReadonlyArray<string>, paymentId: string) => {
    const answer = { status: 400, headers: Object.fromEntries(texts.map((text, n) => [`x-${n}`, text])), body: Option.some(texts) }
    const { headers, body } = makeRedact({ secrets, isKnown: () => false }).answer(answer, paymentId)
    deepStrictEqual<unknown>(Object.values(headers), Option.getOrThrow(body))
    return Option.getOrThrow(body) as ReadonlyArray<string>
  }
  it("whatever the payment's id has in common with it", () => {
    deepStrictEqual(redact(["key CANARY-1 refused"], ["CANARY-1"], " C"), ["key <redacted> refused"])
    deepStrictEqual(redact(["key CANARY-1 refused"], ["CANARY-1"], "1 ref"), ["key <redacted> refused"])
    deepStrictEqual(redact(["key CANARY-1 refused"], ["CANARY-1"], "key CANARY"), ["key <redacted> refused"])
    deepStrictEqual(redact(["there is no pay-CANARY-1 here"], ["CANARY-1"], "pay-CANARY-1"), ["there is no pay-<redacted> here"])
  })
  it("whatever another credential has in common with it, or it with itself", () => {
    deepStrictEqual(redact(["xabcdefgy"], ["abcd", "cdefg"], "p"), ["x<redacted>y"])
    deepStrictEqual(redact(["xabcabcaby"], ["abcab"], "p"), ["x<redacted>y"])
    deepStrictEqual(redact(["xabcabcdy abcabcd"], ["abcabcd", "abca"], "p"), ["x<redacted>y <redacted>"])
    deepStrictEqual(redact(["abcdabcd abcd"], ["abcd"], "p"), ["<redacted> <redacted>"])
  })
  const key = "sk+live/\"42\" <é&\\=>'"
  const html = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&apos;" } as const
  const asHtml = (text: string) => text.replace(/[&<>"']/g, (found) => Object.entries(html).find(([of]) => of === found)?.[1] ?? found)
  const numbered = (digits: (code: number) => string) => (text: string) =>
    Array.from(text, (_) => `&#${digits(_.codePointAt(0) ?? 0)};`).join("")
  const percent = (text: string) => encodeURIComponent(text)
  const quoted = (text: string) => JSON.stringify(text).slice(1, -1)
  const bytes = (text: string, form: (byte: number) => string) => Array.from(Buffer.from(text), form).join("")
  const twoDigits = (byte: number) => byte.toString(16).padStart(2, "0")
  const withoutSemicolon = (digits: (code: number) => string) => (text: string) => numbered(digits)(text).replaceAll(";", "")
  const names: { readonly [character: string]: string } = {
    "!": "excl", "\"": "quot", "#": "num", "$": "dollar", "%": "percnt", "&": "amp", "'": "apos", "(": "lpar", ")": "rpar",
    "*": "ast", "+": "plus", ",": "comma", ".": "period", "/": "sol", ":": "colon", ";": "semi", "<": "lt", "=": "equals",
    ">": "gt", "?": "quest", "@": "commat", "[": "lsqb", "\\": "bsol", "]": "rsqb", "^": "Hat", "_": "lowbar", "`": "grave",
    "{": "lcub", "|": "verbar", "}": "rcub"
  }
  const byNames = (text: string) => Array.from(text, (_) => names[_] === undefined ? _ : `&${names[_]};`).join("")
  const brokenAfter = (length: number, end: string) => (text: string) => text.replaceAll(new RegExp(`(.{${length}})(?=.)`, "gs"), `$1${end}`)
  const quotedPrintable = (text: string) => bytes(text, (byte) => byte > 32 && byte < 127 && byte !== 61 ? String.fromCharCode(byte) : `=${twoDigits(byte).toUpperCase()}`)
  const escaped = (text: string) => Array.from(text, (_) => `\\u${_.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
  const base64 = (text: string) => Buffer.from(text).toString("base64")
  const forms: ReadonlyArray<readonly [name: string, form: (text: string) => string]> = [
    ["percent-encoded", percent],
    ["percent-encoded in small letters", (text) => percent(text).toLowerCase()],
    ["percent-encoded, but for some", (text) => encodeURI(text)],
    ["percent-encoded to the last letter", (text) => Array.from(Buffer.from(text), (_) => `%${_.toString(16).padStart(2, "0")}`).join("")],
    ["percent-encoded twice", (text) => percent(percent(text))],
    ["as a form", (text) => new URLSearchParams({ "": text }).toString().slice(1)],
    ["in JSON", quoted],
    ["in JSON in JSON", (text) => quoted(quoted(text))],
    ["in JSON as PHP writes it", (text) => quoted(text).replaceAll("/", "\\/")],
    ["in JSON in ASCII", (text) => quoted(text).replaceAll("é", "\\u00e9")],
    ["as escapes", escaped],
    ["as escapes in capitals", (text) => escaped(text).toUpperCase().replaceAll("\\U", "\\u")],
    ["as escapes in JSON", (text) => quoted(escaped(text))],
    ["in HTML", asHtml],
    ["in HTML in HTML", (text) => asHtml(asHtml(text))],
    ["in HTML by numbers", numbered(String)],
    ["in HTML by hexadecimal numbers", numbered((code) => `x${code.toString(16).padStart(4, "0")}`)],
    ["in HTML by numbers without a semicolon", withoutSemicolon(String)],
    ["in HTML by hexadecimal numbers without a semicolon", withoutSemicolon((code) => `x${code.toString(16)}`)],
    ["in HTML by all the names there are", byNames],
    ["in HTML by all the names there are, in HTML", (text) => asHtml(byNames(text))],
    ["as escapes of bytes", (text) => bytes(text, (byte) => `\\x${twoDigits(byte)}`)],
    ["as escapes of bytes in capitals", (text) => bytes(text, (byte) => `\\x${twoDigits(byte).toUpperCase()}`)],
    ["as escapes of bytes in JSON", (text) => quoted(bytes(text, (byte) => `\\x${twoDigits(byte)}`))],
    ["as octal escapes", (text) => bytes(text, (byte) => `\\${byte.toString(8).padStart(3, "0")}`)],
    ["as escapes in braces", (text) => Array.from(text, (_) => `\\u{${(_.codePointAt(0) ?? 0).toString(16)}}`).join("")],
    ["as escapes in braces, of six digits", (text) => Array.from(text, (_) => `\\u{${(_.codePointAt(0) ?? 0).toString(16).padStart(6, "0")}}`).join("")],
    ["as escapes of a URL", (text) => escaped(text).replaceAll("\\u", "%u")],
    ["in hexadecimal numbers", (text) => bytes(text, twoDigits)],
    ["in hexadecimal numbers in capitals", (text) => bytes(text, twoDigits).toUpperCase()],
    ["in hexadecimal numbers with colons", (text) => Array.from(Buffer.from(text), twoDigits).join(":")],
    ["in hexadecimal numbers with spaces", (text) => Array.from(Buffer.from(text), twoDigits).join(" ")],
    ["in hexadecimal numbers on several lines", (text) => brokenAfter(16, "\n")(bytes(text, twoDigits))],
    ["quoted-printable", quotedPrintable],
    ["quoted-printable to the last letter", (text) => bytes(text, (byte) => `=${twoDigits(byte).toUpperCase()}`)],
    ["quoted-printable on several lines", (text) => quotedPrintable(text).replaceAll(/((?:=..|[^=]){5})(?=.)/gs, "$1=\r\n")],
    ["on several lines", brokenAfter(5, "\r\n ")],
    ["in a URL in JSON", (text) => quoted(percent(text))],
    ["in capitals", (text) => text.toUpperCase()],
    ["in small letters", (text) => text.toLowerCase()]
  ]
  for (const [name, form] of forms) {
    it(`as it is echoed ${name}`, () => {
      for (const secret of [key, "Basic-Key-0123456789+/=", "a b~c!d*e(f)g"]) {
        deepStrictEqual(redact([`a "${form(secret)}" b`], [secret], "p"), ["a \"<redacted>\" b"])
      }
    })
  }
  it("although it is longer than a pattern can be, and with it goes what follows", () => {
    const long = Array.from({ length: 6_000 }, (_, nth) => String.fromCharCode(33 + (nth * nth + nth * 7) % 94)).join("")
    const { answer } = makeRedact({ secrets: [long], isKnown: () => false })
    for (const form of [String, quoted, percent, asHtml, (text: string) => bytes(text, twoDigits), (text: string) => long.slice(0, 300) + text]) {
      const { body } = answer({ status: 401, headers: {}, body: Option.some([`a "${form(long)}" b`, "c"]) }, "p")
      deepStrictEqual(body, Option.some(["a \"<redacted>", "c"]))
    }
    for (const before of ["", "u", "us"]) {
      const { body } = answer({ status: 401, headers: {}, body: Option.some(base64(`${before}${long}`)) }, "p")
      assert.match(String(Option.getOrNull(body)), /^[A-Za-z0-9+/]{0,4}<redacted>$/)
    }
  })
  it("as it is echoed by any name that HTML has for a character", () => {
    const all: ReadonlyArray<readonly [character: string, ...names: ReadonlyArray<string>]> = [
      ...Object.entries(names),
      ["\t", "Tab"], ["\n", "NewLine"], ["*", "midast"], ["[", "lbrack"], ["]", "rbrack"], ["_", "UnderBar"],
      ["`", "DiacriticalGrave"], ["{", "lbrace"], ["|", "vert", "VerticalLine"], ["}", "rbrace"]
    ]
    for (const [character, ...ofIt] of all) {
      for (const name of ofIt) {
        deepStrictEqual(redact([`x ab&${name};cd y`], [`ab${character}cd`], "p"), ["x <redacted> y"])
        deepStrictEqual(redact([`x ab&amp;${name};cd y`, `x ab&${name}cd y`], [`ab${character}cd`], "p"), ["x <redacted> y", "x <redacted> y"])
      }
    }
    deepStrictEqual(redact(["ab&undefined;cd"], ["abxcd"], "p"), ["ab&undefined;cd"])
  })
  it("as it is echoed with a control character in it", () => {
    for (const [echo, secret] of [["ab%09cd", "ab\tcd"], ["ab\\x0acd", "ab\ncd"], ["61 62 09 63 64", "ab\tcd"], ["6162096364", "ab\tcd"]] as const) {
      deepStrictEqual(redact([`x ${echo} y`], [secret], "p"), ["x <redacted> y"])
    }
  })
  it("as it is echoed with a character of two units in it", () => {
    for (const echo of ["ab\\ud83d\\ude00cd", "ab%uD83D%uDE00cd", "ab\\u{1f600}cd", "ab&#x1F600;cd", "ab%F0%9F%98%80cd"]) {
      deepStrictEqual(redact([`x ${echo} y`], ["ab\u{1f600}cd"], "p"), ["x <redacted> y"])
    }
  })
  it("although it is all there is, in other letters", () => {
    deepStrictEqual(redact(["canary-1"], ["CANARY-1"], "p"), ["<redacted>"])
  })
  it("and nothing else goes: a plus stands for no character but a space", () => {
    deepStrictEqual(redact(["++++ +++++"], ["abcd", "1 +2"], "p"), ["++++ +++++"])
  })
  it("as it is echoed in base64, wherever it begins and whatever follows", () => {
    const inUrls = (text: string) => base64(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
    for (const form of [base64, inUrls, (text: string) => percent(base64(text)), (text: string) => quoted(base64(text)).replaceAll("/", "\\/")]) {
      for (const before of ["", "u", "us", "usr", "user:"]) {
        for (const after of ["", ":", "::", ":pw"]) {
          const [shown = ""] = redact([form(`${before}acme>>>???-secret${after}`)], ["acme>>>???-secret"], "p")
          assert.match(shown, /^[A-Za-z0-9]{0,8}<redacted>[A-Za-z0-9=%]{0,12}$/)
        }
      }
    }
  })
  it("as it is echoed in base64 on several lines", () => {
    for (const end of ["\n", "\r\n", "\r\n  "]) {
      for (const length of [4, 5, 7, 19]) {
        for (const before of ["", "u", "us"]) {
          const [shown = ""] = redact([brokenAfter(length, end)(base64(`${before}acme>>>???-secret:pw`))], ["acme>>>???-secret"], "p")
          assert.match(shown, /^[A-Za-z0-9]{0,4}<redacted>[A-Za-z0-9=\s]{0,24}$/)
        }
      }
    }
  })
  it("although a long text begins like it more than once", () => {
    deepStrictEqual(redact(["CANA CANARY- CANARY-1 CANA"], ["CANARY-1"], "p"), ["CANA CANARY- <redacted> CANA"])
  })
  it("but a short one is not looked for in base64, where it could be part of any word", () => {
    deepStrictEqual(redact([base64("abcdefg"), base64("abcdefgh")], ["abcdefg"], "p"), [base64("abcdefg"), base64("abcdefgh")])
    assert.match(redact([base64("abcdefgh")], ["abcdefgh"], "p")[0] ?? "", /^<redacted>/)
  })
  const beginnings = "aaaa &%\\\" "
  const floods = ["\\", "%25", "&amp;", "&#0", "0", "a", "%", "a\\", "\\u{0", "\\0", "\\x", "%u", "=", "=\r\n", "a\n", "\n ", "61", "61:", "YWFh"]
  for (const flood of floods) {
    it(`in time that grows no faster than the answer, of ${JSON.stringify(flood)}`, { timeout: 60_000 }, () => {
      const { answer } = makeRedact({ secrets: ["aaaaaaaaaaaaaaaaaaab", "&%\\\"aaaa"], isKnown: () => false })
      const millis = (times: number) => {
        // All forms of both are looked for, for both begin in it.
        const body = Option.some(beginnings + flood.repeat(times))
        const begun = performance.now()
        answer({ status: 400, headers: {}, body }, "p")
        return performance.now() - begun
      }
      // What else the machine does makes a run longer and never shorter, so the shortest of several
      // tells, and more of them are taken for as long as they do not tell: of the long one, which can
      // only say too much, from the first. Thirty-two times the text
      // takes as many times the work, and a thousand times if it grows with the square. Between the
      // two is room for an engine that has compiled a pattern in the one run, and not in the other.
      let few = Infinity
      let many = Infinity
      let runs = 0
      do {
        for (let again = 0; again < 5; again++) few = Math.min(few, millis(1_000))
        many = Math.min(many, millis(32_000))
        runs += 1
      } while (many >= 384 * few && runs < 12)
      assert.isBelow(many, 384 * few)
    })
  }
  const letters = FastCheck.stringOf(FastCheck.constantFrom("a", "b", "c", " "), { minLength: 1, maxLength: 12 })
  it.prop(
    "and nothing of four characters or more is left",
    [FastCheck.array(letters, { maxLength: 3 }), letters, letters, letters],
    ([secrets, paymentId, before, after]) => {
      const texts = secrets.map((secret) => before + secret + after).filter((text) => text !== paymentId)
      for (const text of redact(texts, secrets, paymentId)) {
        for (const secret of secrets) if (secret.length >= 4) assert.notInclude(text, secret)
      }
    },
    { fastCheck: { numRuns: longOrShort(100, 30) } }
  )
})

describe("what an answer is judged by", () => {
  it.effect("is judged although the answer echoes a credential of thousands of characters", () =>
    Effect.gen(function*() {
      const token = `eyJh${"0123456789abcdefghijklmnopqrstuvwxyz-_".repeat(100)}`
      const { result, shown } = yield* cancel([json(400, { code: "bad_request", message: `for ${token}` })], { secret: token })
      assertPartly(result, { _tag: "Acme.BadRequest" })
      assert.notInclude(shown, "0123456789")
    }))
  it.effect("is not touched, whatever a credential looks like: a known status", () =>
    Effect.gen(function*() {
      assertPartly((yield* cancel([json(200, Acme.payment("gone"))], { secret: "gone" })).result, { _tag: "Cancelled" })
    }))
  it.effect("a known code", () =>
    Effect.gen(function*() {
      const { result } = yield* cancel([json(400, { code: "bad_request" })], { secret: "bad_request" })
      assertPartly(result, { _tag: "Acme.BadRequest" })
      const part = yield* cancel([json(400, { code: "bad_request" })], { secret: "request" })
      assertPartly(part.result, { _tag: "Acme.BadRequest" })
    }))
  it.effect("the payment's id", () =>
    Effect.gen(function*() {
      const id = "acme-secret-1"
      const { result } = yield* cancel([json(200, { id, status: "gone" })], { paymentId: id })
      assertPartly(result, { _tag: "Cancelled", paymentId: id })
      const same = yield* cancel([json(200, { id: secret, status: "gone" })], { paymentId: secret, secret })
      assertPartly(same.result, { _tag: "Cancelled", paymentId: secret })
    }))
  it("a header without a value", () => {
    const redact = makeRedact({ secrets: [secret], isKnown: () => false })
    const answer = { status: 200, headers: { "x-none": undefined, "x-one": "1" }, body: Option.none() }
    deepStrictEqual(redact.answer(answer, Acme.paymentId), answer)
  })
  it.effect("the wait that is asked for", () =>
    Effect.gen(function*() {
      const { result } = yield* cancel([json(429, { code: "busy" }, { "retry-after": "1200" })], { secret: "1200" })
      assert.isTrue("retryAfter" in result && Option.isSome(result.retryAfter))
    }))
})

describe("a payment's id that is a credential, or holds one,", () => {
  const echoing = (text: string) => ({ message: text, details: [text, { [text]: text }], trace: text })
  for (const id of [secret, `pay-${secret}`]) {
    const shown = id.replace(secret, "<redacted>")
    it.effect(`is not handed on of an answer: ${id}`, () =>
      Effect.gen(function*() {
        const { result } = yield* cancel([json(400, { code: "bad_request", ...echoing(id) }, { "x-request-id": id })], { paymentId: id })
        deepStrictEqual(detailsOf(result), [shown, { [shown]: shown }])
        const { paymentId, ...others } = result as Acme.BadRequest
        assert.strictEqual(paymentId, id)
        assert.notInclude(JSON.stringify(others), secret)
        assert.notInclude((result as Acme.BadRequest).message, secret)
      }))
    it.effect(`nor is it where it is a code or a status: ${id}`, () =>
      Effect.gen(function*() {
        for (const step of [json(400, { code: id }), json(503, { code: id }), json(200, { id, status: id })]) {
          const { result } = yield* cancel([step], { paymentId: id })
          const { paymentId, ...others } = result as { readonly paymentId: string }
          assert.strictEqual(paymentId, id)
          assert.notInclude(JSON.stringify(others), secret)
          assert.notInclude((result as Acme.BadRequest).message, secret)
        }
      }))
    it.effect(`nor by a status query: ${id}`, () =>
      Effect.gen(function*() {
        const acme = yield* Acme.make(play(json(400, { code: "bad_request", ...echoing(id) })).client, atOnce, { secret })
        const { paymentId, ...others } = yield* Effect.flip(acme.status({ paymentId: id }))
        assert.strictEqual(paymentId, id)
        assert.include(JSON.stringify(others), "<redacted>")
        assert.notInclude(JSON.stringify(others), secret)
      }))
  }
})

describe("what was read of an answer", () => {
  const read: Answer.Reading<Answer.Vocabulary> = {
    ...Answer.nothing,
    payment: Option.some({
      status: "on pay-1",
      reason: Option.some("by pay-1"),
      cancelledAt: Option.none(),
      payload: Option.some("pay-1")
    }),
    refusal: Option.some({ code: "c-pay-1", codes: ["one-pay-1", "two"], message: "no pay-1", details: { "pay-1": ["pay-1", 1] } }),
    requestId: Option.some("r-pay-1")
  }
  const reading = (paymentId: string, given = read) =>
    makeRedact({ secrets: ["pay-1"], isKnown: () => false }).reading(given, paymentId)
  it("holds the payment's id nowhere but in its payload, if that is a credential", () => {
    deepStrictEqual(reading("pay-1"), {
      ...read,
      payment: Option.some({
        status: "on <redacted>",
        reason: Option.some("by <redacted>"),
        cancelledAt: Option.none(),
        payload: Option.some("pay-1")
      }),
      refusal: Option.some({
        code: "c-<redacted>",
        codes: ["one-<redacted>", "two"],
        message: "no <redacted>",
        details: { "<redacted>": ["<redacted>", 1] }
      }),
      requestId: Option.some("r-<redacted>")
    })
  })
  it("keeps what it does not have", () => {
    const silent = { ...read, refusal: Option.some({ code: null, message: null, details: null }) }
    deepStrictEqual(reading("pay-1", silent).refusal, silent.refusal)
    deepStrictEqual(reading("pay-1", Answer.nothing), Answer.nothing)
  })
})

describe("what is handed on", () => {
  it.effect("keeps its form: numbers, lists, null, and what only looks like a prototype", () =>
    Effect.gen(function*() {
      const details = JSON.parse("{\"__proto__\":{\"polluted\":1},\"constructor\":{\"prototype\":{\"polluted\":1}},\"a\":[1,null,true,\"x\",{}]}")
      const { result } = yield* cancel([{ status: 400, body: JSON.stringify({ code: "bad_request" }).replace("}", `,"details":${JSON.stringify(details)}}`) }])
      deepStrictEqual(JSON.stringify(detailsOf(result)), JSON.stringify(details))
      assert.isUndefined(Reflect.get({}, "polluted"))
    }))
  it.effect("ends at a depth that anything can print", () =>
    Effect.gen(function*() {
      const deep = "[".repeat(5_000) + "]".repeat(5_000)
      const { result } = yield* cancel([{ status: 400, body: `{"code":"bad_request","details":${deep}}` }])
      const printed = JSON.stringify(detailsOf(result))
      assert.strictEqual(printed, `${"[".repeat(31)}null${"]".repeat(31)}`)
    }))
})
