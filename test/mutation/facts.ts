// The tables of all providers in one file, so that they are loaded once and not five times.
import "../providers/Adyen/errors.test.js"
import "../providers/Square/errors.test.js"
import "../providers/Stripe/errors.test.js"
import "../providers/WalletConnectPay/errors.test.js"
import "../providers/WePay/errors.test.js"
import "../providers/declarations.test.js"
