/**
 * The seeds that a short run plays: the first few of every way of cancelling, and for each situation that these
 * hardly reach two more, so that a change of how scenarios are made seldom loses both.
 */
import { judge, range } from "./campaign.js"
import * as Coverage from "./coverage.js"
import { everything, type Facts } from "./facts.js"
import * as Scenario from "./scenario.js"

/** So many of every way of cancelling. */
const first = 8

/** What `npm run simulate -- --rare` says, by the names of the ways. */
const rare: { readonly [name: string]: ReadonlyArray<number> } = {
  "CheckoutCom": [12, 135, 137, 303, 328, 381],
  "Adyen, by merchant reference": [17, 95, 176, 250, 443],
  "Stripe": [273, 341, 405],
  "PayPal": [48, 443],
  "Adyen": [14, 19, 289],
  "Airwallex": [20, 39, 54, 59, 79, 109, 135, 158, 224, 342],
  "Klarna": [9, 204],
  "WalletConnectPay, API key": [369],
  "Braintree": [384],
  "Mollie": [31],
  "Square, by creation key": [9, 31],
  "Adyen, cancel or refund": [11, 19],
  "AuthorizeNet": [31, 424]
}

export const seedsOf = ({ name }: Facts): ReadonlyArray<number> => [...range(0, first), ...rare[name] ?? []]

/** Reached less often than this by the first seeds, a situation is rare. */
const often = 4

/** Where to look for those that reach the rare ones. */
const among = 450

/** Chooses them anew: again and again the one that reaches most of what is not yet reached twice. */
export const choose = async (): Promise<{ readonly [name: string]: ReadonlyArray<number> }> => {
  const times = new Map<Coverage.Situation, number>(Coverage.situations.map((situation) => [situation, 0]))
  const others: Array<{ readonly name: string; readonly seed: number; readonly seen: ReadonlySet<Coverage.Situation> }> = []
  for (const facts of everything) {
    for (const seed of range(0, among)) {
      const { delivered, run } = await judge(Scenario.make(seed, facts))
      const seen = Coverage.observe(run, delivered)
      if (seed >= first) others.push({ name: facts.name, seed, seen })
      else for (const situation of seen) times.set(situation, (times.get(situation) ?? 0) + 1)
    }
  }
  const wanted = new Map([...times].flatMap(([situation, count]) => count < often ? [[situation, 2]] : []))
  const chosen: Record<string, ReadonlyArray<number>> = {}
  const gain = ({ seen }: (typeof others)[number]) => [...seen].filter((situation) => (wanted.get(situation) ?? 0) > 0).length
  while (true) {
    const best = others.reduce((best, each) => gain(each) > gain(best) ? each : best)
    if (gain(best) === 0) return chosen
    others.splice(others.indexOf(best), 1)
    chosen[best.name] = [...chosen[best.name] ?? [], best.seed].sort((one, another) => one - another)
    for (const situation of best.seen) wanted.set(situation, (wanted.get(situation) ?? 0) - 1)
  }
}
