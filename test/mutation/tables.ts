// The tables of all providers in one file, which loads nothing else: most mutants are killed here.
import { loading } from "./loading.js"

await loading([
  () => import("../providers/WePay/errors.test.js"),
  () => import("../providers/Adyen/errors.test.js"),
  () => import("../providers/Stripe/errors.test.js"),
  () => import("../providers/Square/errors.test.js"),
  () => import("../providers/WalletConnectPay/errors.test.js")
])
