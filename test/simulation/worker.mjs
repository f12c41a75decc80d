// A worker thread does not inherit tsx from the main thread.
import { register } from "tsx/esm/api"

register()
await import("./worker.ts")
