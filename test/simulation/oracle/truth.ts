/**
 * Whether what a caller was told is true: the provider's own history says so, to its very end.
 */
import { referenceOf } from "../webhooks.js"
import { broughtAboutBy, type Case, eventsOf, isCancelledAt } from "./case.js"

/** Whether the provider had by then taken a request of this call in, under this name. */
const isGranted = ({ call, run }: Case, reference: string | null): boolean =>
  run.exchanges.some((exchange) =>
    exchange.caller === call.index && exchange.granted !== null && exchange.granted <= call.exitOrder && exchange.reference === reference)

export const checkTruth = (c: Case): void => {
  const { call, failure, report, run, success } = c
  const own = broughtAboutBy(c)
  if (success?._tag === "Cancelled" || success?._tag === "AlreadyCancelled") {
    if (!isCancelledAt(run, call.exitOrder)) report("FalseCancelled", `told ${success._tag}`)
    if (success._tag === "AlreadyCancelled" && own.length > 0) report("FalseAlreadyCancelled", `exchange #${own[0]?.exchange} did it`)
  } else if (success !== null && !isGranted(c, referenceOf(success))) {
    report("FalseAccepted", `told ${success._tag}`)
  }
  const claims = [
    failure?.outcome ?? null,
    ...eventsOf(call, "Interrupted").map(({ event }) => event.outcome),
    ...eventsOf(call, "Settled").map(({ event }) => event.outcome)
  ]
  if (claims.includes("NotCancelled") && own.length > 0) {
    report("FalseNotCancelled", `by exchange #${own[0]?.exchange} the payment is ${own[0]?.to}`)
  }
}
