// Stryker takes `value as Type` for a type as a whole and leaves it out, the value with it. The
// error tables are written so (`as const`), and every row of them is to be proved: so each value is
// taken out of its `as` before Stryker gets there. It ignores nothing.
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin"

const bare = (node) => node !== null && typeof node === "object" && node.type === "TSAsExpression" ? bare(node.expression) : node

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, "values", {
    shouldIgnore: ({ node }) => {
      for (const [key, child] of Object.entries(node)) {
        if (Array.isArray(child)) child.forEach((each, index) => void (child[index] = bare(each)))
        else node[key] = bare(child)
      }
      return undefined
    }
  })
]
