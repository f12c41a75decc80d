import * as Scenario from "./scenario.js"
import { simulate } from "./simulate.js"
import { check } from "./oracle.js"
const n = 1500
const run = (from: number, n: number) => { for (let i = from; i < from + n; i++) { const s = Scenario.make(i); if (s.sink._tag === "Slow" || s.sink._tag === "Hangs") continue; check(simulate(s)) } }
run(0, 500)
for (let k = 0; k < 3; k++) { const t = process.cpuUsage(), w = performance.now(); run(1000, n); const u = process.cpuUsage(t); console.log("cpu", (n / (u.user + u.system) * 1e6).toFixed(0), "wall", (n / (performance.now() - w) * 1000).toFixed(0)) }
