import { homes } from "../support/homes.js"
import { modules } from "./modules.js"

for (const [turn, home] of homes.entries()) modules(home, turn)
