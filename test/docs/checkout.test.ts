// The example is a test itself.
import "../../docs/examples/checkout.test.js"
