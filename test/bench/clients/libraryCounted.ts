import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { Connect } from "../protocol.js"
import { connectOver } from "./library.js"
import { nowhere } from "./nowhere.js"

/** Read ten times as often as usual. */
export const connect: Connect = (baseUrl) =>
  connectOver(
    NodeHttpClient.layerUndici,
    baseUrl,
    nowhere(OtlpMetrics.layer({ url: "http://collector.test", resource: { serviceName: "bench" }, exportInterval: "1 second" }))
  )
