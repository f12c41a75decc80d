/**
 * What the lab plays, without a browser: every scenario of the menu comes to its documented result,
 * what the caller may claim is never untrue, and a program of one's own has the same history.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Equal, Option } from "effect"
import { CancelEvent, IdempotencyKey } from "effect-payment-cancel"
import { Fault, Sandbox } from "effect-payment-cancel/sandbox"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { inForce } from "../../lab/src/scenario/History.js"
import { menu } from "../../lab/src/scenario/menu.js"
import { idempotencyKey, type Played, play } from "../../lab/src/scenario/play.js"
import { providers } from "../../lab/src/scenario/providers.js"
import { fromQuery, type Scenario, toQuery, troubles, troubleWords } from "../../lab/src/scenario/Scenario.js"
import { headline, transcript } from "../../lab/src/scenario/transcript.js"
import { play as playProgram } from "../../lab/src/scenario/VirtualTime.js"
import { programOf } from "../../lab/src/views/result.js"
import { inTurns } from "../support/extent.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Every claim, held against what was true at the provider then, and became true after it. */
const untrue = ({ history: { claims, ends, truths } }: Played): ReadonlyArray<string> =>
  claims.flatMap(({ at, because, is }, nth) => {
    const until = claims[nth + 1]?.at ?? ends
    const then = inForce(truths, at)?.is
    const ever = truths.filter((truth) => truth.at <= until).some((truth) => truth.is === "Cancelled" && truth.at > 0)
    const isWrong = (is === "Cancelled" && then !== "Cancelled") || (is === "NotCancelled" && inForce(truths, ends)?.is === "Cancelled") ||
      (is === "Nothing" && ever)
    return isWrong ? [`${is} at ${at} (${because}), when it was ${then}`] : []
  })

const agree = (played: Played) => assert.deepStrictEqual(untrue(played), [], transcript(played).join("\n"))

describe("the menu", () => {
  for (const { scenario, title, told, truth } of menu) {
    it(title, async () => {
      const played = await play(scenario)
      assert.strictEqual(headline(played.told), told, transcript(played).join("\n"))
      assert.strictEqual(played.history.truths.at(-1)?.is, truth)
      agree(played)
    })
  }

  it("has every title once, and every scenario", () => {
    assert.strictEqual(new Set(menu.map(({ title }) => title)).size, menu.length)
    assert.strictEqual(new Set(menu.map(({ scenario }) => toQuery(scenario))).size, menu.length)
  })
})

describe("links", () => {
  it("hold the whole scenario", () => {
    const scenarios: ReadonlyArray<Scenario> = [
      ...menu.map(({ scenario }) => scenario),
      { provider: "Klarna", status: "PART_CAPTURED", cancel: ["429", "fine", "late"], reads: ["half"], forever: "yes", webhooks: "twice", attempts: 3, statusReads: 2, givesUpAfter: 250 }
    ]
    for (const scenario of scenarios) assert.deepStrictEqual(fromQuery(toQuery(scenario)), Option.some(scenario))
  })

  it("that hold none are found out", () => {
    for (const query of ["", "provider=Nobody", "provider=Stripe&cancel=eaten", "provider=Stripe&attempts=0", "provider=Stripe&givesUpAfter=1e9"]) {
      assert.isTrue(Option.isNone(fromQuery(query)), query)
    }
  })
})

describe("what the caller may claim", () => {
  for (const [turn, provider] of Sandbox.providers.entries()) {
    it(`is never untrue: ${provider}, whatever goes wrong`, async () => {
      for (const word of inTurns(troubleWords, turn, 5)) agree(await play({ provider, cancel: [word], webhooks: "once" }))
      for (const status of Sandbox.definition(provider).statuses) agree(await play({ provider, status, cancel: ["lost-after"] }))
    })
  }

  it("becomes cancelled by a genuine webhook, where the outcome was unknown", async () => {
    const { history, told } = await play({ provider: "Stripe", cancel: ["lost-after"], reads: ["500-before"], forever: "yes", attempts: 1, webhooks: "forged" })
    assert.strictEqual(headline(told), "CancelError.NoResponse, Unknown")
    assert.deepStrictEqual(history.claims.slice(-2).map(({ is }) => is), ["Unknown", "Cancelled"])
    assert.strictEqual(history.claims.at(-1)?.because, "a genuine webhook says so")
  })

  it("is held against what the provider decides in the end", async () => {
    for (const scenario of [{ provider: "Adyen" }, { provider: "Adyen", cancel: ["lost-after"], attempts: 1 }, { provider: "CheckoutCom" }] as const) {
      const { history } = await play(scenario)
      assert.strictEqual(history.truths.at(-1)?.is, "Cancelled", toQuery(scenario))
    }
  })

  it("is what the library says if it is interrupted there", async () => {
    for (const [turn, { scenario }] of menu.filter(({ scenario }) => scenario.givesUpAfter === undefined).entries()) {
      const whole = await play(scenario)
      const told = whole.events.find(({ _tag }) => _tag === "Settled")
      const moments = Arr.dedupe(whole.history.steps.map(({ at }) => at + 70).filter((at) => at < whole.history.ends))
      for (const at of inTurns(moments, turn, 5)) {
        const { told: interrupted } = await play({ ...scenario, givesUpAfter: at })
        if (interrupted._tag !== "Interrupted") continue
        const claim = inForce(whole.history.claims, at)?.is
        assert.strictEqual(interrupted.event?.outcome, claim === "Unknown" ? "Unknown" : "NotCancelled", `${toQuery(scenario)} at ${at}, ${told?._tag}`)
      }
    }
  })
})

describe("a scenario as a program", () => {
  it("injects what the scenario has", () => {
    for (const { code, fault } of Object.values(troubles)) {
      // The code is text of this project's own.
      const evaluated: unknown = new Function("Fault", `return ${code}`)(Fault)
      assert.isTrue(Equal.equals(JSON.stringify(evaluated), JSON.stringify(fault)), code)
    }
  })

  it("has the same history", async () => {
    Fs.mkdirSync(`${root}reports`, { recursive: true })
    const folder = Fs.mkdtempSync(`${root}reports/programs-`)
    const gist = (events: ReadonlyArray<CancelEvent.CancelEvent>) =>
      events.flatMap((event) => {
        switch (event._tag) {
          case "ExchangeEnded":
            return [`${event.exchange.operation}: ${event.exchange.evidence}, ${event.exchange.explanation}`]
          case "Settled":
            return [`${event.result} ${event.outcome}`]
          case "Interrupted":
            return [`interrupted ${event.outcome}`]
          default:
            return []
        }
      })
    try {
      for (const [nth, { scenario, title }] of menu.entries()) {
        const played = await play(scenario)
        const path = Path.join(folder, `${nth}.ts`)
        // All but the lines that run it.
        Fs.writeFileSync(path, programOf(played).split("\nconst narrated")[0] ?? "")
        const { program }: { readonly program: Effect.Effect<unknown, unknown, Sandbox.Sandbox> } = await import(path)
        const events: Array<CancelEvent.CancelEvent> = []
        await playProgram(() =>
          Effect.exit(program).pipe(
            Effect.provide(CancelEvent.layer((event) => Effect.sync(() => events.push(event)))),
            Effect.provide(IdempotencyKey.layer(Effect.succeed(idempotencyKey))),
            Effect.provide(Sandbox.layer)
          )
        )
        assert.deepStrictEqual(gist(events), gist(played.events), title)
      }
    } finally {
      Fs.rmSync(folder, { recursive: true })
    }
  })
})

describe("the providers of the lab", () => {
  it("are all there are, with what their cancels succeed with", () => {
    assert.deepStrictEqual(Object.keys(providers).sort(), [...Sandbox.providers].sort())
    for (const [provider, { successes }] of Object.entries(providers)) assert.isAbove(successes.length, 0, provider)
  })
})
