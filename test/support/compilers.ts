/**
 * tsc and esbuild are written in Go, and keep nearly all that they make until they end: as often as Go collects
 * garbage by itself, that is up to half of their work. Those that are started from now on do so seldom.
 */
export const leaveGarbage = (): void => {
  process.env["GOGC"] ??= "400"
}
