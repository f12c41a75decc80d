import { homes } from "../support/homes.js"
import { modules } from "./modules.js"

for (const home of homes) modules(home)
