import * as Scenario from "./scenario.js"
import { simulate } from "./simulate.js"
import { check } from "./oracle.js"
const from = Number(process.argv[2] ?? 0), n = Number(process.argv[3] ?? 2000)
const by = new Map<string, Array<string>>()
for (let i = from; i < from + n; i++) { const s = Scenario.make(i); if (process.argv[4] === "q" && (s.sink._tag === "Slow" || s.sink._tag === "Hangs")) continue; const r = simulate(s); const seen = new Set<string>(); for (const v of check(r)) { const key = v.rule + " " + v.words.replace(/[\d.]+/g, "N").slice(0, 90); if (seen.has(key)) continue; seen.add(key); const l = by.get(key) ?? []; l.push(String(i)); by.set(key, l) } }
for (const [k, l] of [...by].sort((a, b) => b[1].length - a[1].length)) console.log(String(l.length).padStart(5), k, "e.g.", l.slice(0, 5).join(" "))
