import * as UndiciTransport from "effect-payment-cancel/UndiciTransport"
import type { Connect } from "../protocol.js"
import { connectOver } from "./library.js"

export const connect: Connect = (baseUrl) => connectOver(UndiciTransport.layer, baseUrl)
