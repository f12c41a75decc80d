import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { Connect } from "../protocol.js"
import { connectOver } from "./library.js"

export const connect: Connect = (baseUrl) => connectOver(FetchHttpClient.layer, baseUrl)
