import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { Connect } from "../protocol.js"
import { connectOver } from "./byHand.js"

export const connect: Connect = (baseUrl) => connectOver(NodeHttpClient.layerUndici, baseUrl)
