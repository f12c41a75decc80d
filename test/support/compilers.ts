/**
 * tsc and esbuild are written in Go, and keep nearly all that they make until they end: as often as Go collects
 * garbage by itself, that is up to half of their work. Whoever imports this starts them, here or in processes
 * of its own, with more room before it does.
 */
process.env["GOGC"] ??= "400"
