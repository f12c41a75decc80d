/** The process of one client: connects it, carries out orders, and says what they took. */
import type { Connect, Order, Taken } from "./protocol.js"

const [name = "", baseUrl = ""] = process.argv.slice(2)

const { connect }: { readonly connect: Connect } = await import(`./clients/${name}.js`)
const cancel = await connect(baseUrl)

let made = 0

const idFor = (scenario: Order["scenario"]): string => {
  made += 1
  return `pi_${scenario === "happy" ? "ok" : "lost"}_${process.pid}_${made}`
}

/** Keeps so many under way until it is enough. */
const carryOut = async ({ atOnce, count = Infinity, milliseconds = Infinity, scenario }: Order): Promise<number> => {
  const begun = performance.now()
  let started = 0
  const one = async (): Promise<void> => {
    while (started < count && performance.now() - begun < milliseconds) {
      started += 1
      await cancel(scenario, idFor(scenario))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return started
}

const take = async (order: Order): Promise<Taken> => {
  // Connections that were closed in the meantime are made again before it counts.
  await carryOut({ scenario: "happy", atOnce: order.atOnce, count: order.atOnce })
  const heapBefore = process.memoryUsage().heapUsed
  const wallBefore = performance.now()
  const cpuBefore = process.cpuUsage()
  const count = await carryOut(order)
  const { system, user } = process.cpuUsage(cpuBefore)
  const wall = performance.now() - wallBefore
  const allocated = process.memoryUsage().heapUsed - heapBefore
  globalThis.gc?.()
  return { count, cpu: user + system, wall, allocated, resident: process.memoryUsage.rss() }
}

process.on("message", (order: Order) => {
  take(order).then((taken) => process.send?.(taken), (error: unknown) => {
    console.error(`${name}: ${String(error)}`)
    process.exit(1)
  })
})
process.on("disconnect", () => process.exit(0))
process.send?.("ready")
