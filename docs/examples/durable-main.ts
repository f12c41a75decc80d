import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { main } from "./durable-service.js"

NodeRuntime.runMain(main)
