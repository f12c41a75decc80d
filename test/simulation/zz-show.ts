import * as Scenario from "./scenario.js"
import { simulate } from "./simulate.js"
import { check } from "./oracle.js"
import { shrink } from "./shrink.js"
import * as Report from "./report.js"
const s = Scenario.make(Number(process.argv[2]))
const vs = check(simulate(s))
console.log(Report.violations(vs).slice(0, 600))
const rule = vs[0]?.rule
if (rule !== undefined) { const small = shrink(s, rule, {}); const r = simulate(small, {}, true); console.log(Report.history(r).split("\n").slice(0, 60).join("\n")); console.log(Report.violations(check(r)).slice(0, 900)) }
