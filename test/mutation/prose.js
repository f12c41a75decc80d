// Prose is for people: what a row means, what to do about it, and where a fact comes from. No
// test compares it word for word, so it is not mutated.
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin"

const prose = new Set(["meaning", "remedy", "source"])

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "prose", {
    shouldIgnore: (path) =>
      path.isObjectProperty() && path.node.key.type === "Identifier" && prose.has(path.node.key.name)
        ? "Prose, for people."
        : undefined
  })
]
