// What the house forbids and no ready-made rule knows.

const forbid = (selector, message) => ({
  create: (context) => ({ [selector]: (node) => context.report({ node, message }) })
})

export default {
  meta: { name: "house" },
  rules: {
    "no-try": forbid("TryStatement", "Failures are values: use Effect.try, Either.try or a Schema."),
    "no-random-bytes": forbid(
      "MemberExpression[property.name=/^(randomUUID|getRandomValues|randomBytes)$/]",
      "Keys come from IdempotencyKey."
    )
  }
}
