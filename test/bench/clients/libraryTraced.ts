import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { Connect } from "../protocol.js"
import { connectOver } from "./library.js"
import { nowhere } from "./nowhere.js"

export const connect: Connect = (baseUrl) =>
  connectOver(NodeHttpClient.layerUndici, baseUrl, nowhere(OtlpTracer.layer({ url: "http://collector.test", resource: { serviceName: "bench" } })))
