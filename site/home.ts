/**
 * The page that a visitor sees first. All that it claims and shows stands in the README, whose
 * code and output the tests run; here it is only laid out.
 */
import { hasLab, read, version } from "./modules.js"
import { titleOf } from "./navigation.js"

const readme = read("README.md")

/** The text of a section of the README, without its heading. */
export const section = (heading: string): string => {
  const [, text] = readme.split(`\n## ${heading}\n`)
  if (text === undefined) throw new Error(`The README has no section ${heading}`)
  return text.split("\n## ")[0]?.trim() ?? ""
}

const block = (text: string, pattern: RegExp): string => {
  const [found] = pattern.exec(text) ?? []
  if (found === undefined) throw new Error(`The README has no ${pattern}`)
  return found
}

/** The first program of the README, which the tests run. */
export const program = (): string => block(section("A first program"), /^```ts\n[\s\S]*?^```$/m)

/** The line that installs what the program needs. */
export const install = (): string => block(section("A first program"), /^```sh\n[\s\S]*?^```$/m)

/** What the demo prints of one cancel whose answer was lost. */
const trace = (): string => block(section("Two commands"), /^```text\n[\s\S]*?^```$/m).replaceAll(/^ {2}/gm, "")

const inlineHtml = (text: string): string =>
  text.replaceAll("<", "&lt;")
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replaceAll(/`([^`]+)`/g, "<code v-pre>$1</code>")

/** What the README promises, without the tests that prove it. */
export const promises = (): ReadonlyArray<readonly [title: string, text: string]> =>
  [...section("What it promises").matchAll(/^\d+\. \*\*(.+?)\*\*(.*?)(?: → .*)?$/gm)].map(([, title = "", text = ""]) => {
    const plain = text.replace(/^,? /, "")
    return [title.replace(/\.$/, ""), plain.replace(/^[a-z]/, (letter) => letter.toUpperCase())]
  })

/** The providers and their pages, from the README's table. */
export const providers = (): ReadonlyArray<readonly [name: string, page: string]> =>
  [...section("Providers").matchAll(/^\| \[\w+\]\(docs\/(providers\/[\w-]+)\.md\)/gm)].map(([, page = ""]) =>
    [titleOf(`docs/${page}.md`), page])

const link = (to: string, text: string, attributes = ""): string => `<a :href="withBase('${to}')"${attributes}>${text}</a>`

export const home = (): string => {
  const [, summary = ""] = readme.split("\n\n")
  // What it does, and what becomes of an answer that was lost: two sentences each.
  const sentences = summary.replace("[Effect](https://effect.website)", "Effect").split(/(?<=\.) /)
  const lead = sentences.slice(0, 2).join(" ")
  const lost = sentences.slice(2).join(" ")
  return `---
layout: page
title: Cancel a payment, correctly
titleTemplate: effect-payment-cancel
pageClass: home
sidebar: false
---
<script setup>
import { withBase } from "vitepress"
</script>

<div class="home-page vp-doc">
<section class="hero">
<div class="hero-text">
<p class="eyebrow">effect-payment-cancel ${version}, for Effect 3</p>
<h1 id="cancel-a-payment-correctly">Cancel a payment, and know that it is cancelled.</h1>

<p class="lead">${inlineHtml(lead)}</p>

<p class="actions">
${link("/guides/getting-started.html", "Get started", ' class="action primary"')}
${hasLab ? link("/lab/", "Try it in the lab", ' class="action" target="_self"') : link("/overview.html", "Overview", ' class="action"')}
</p>
</div>
<div class="hero-trace">

<p class="caption">The answer was lost. The outcome was not.</p>

${trace()}

<p class="note">${inlineHtml(lost)} Above is what the demo prints: each line is one exchange, what it proves, and why.</p>
</div>
</section>

<section class="strip">

${install()}

</section>

<section>
<h2 id="a-first-program">A first program</h2>
<p class="under">One cancel, over real HTTP. Errors are caught by the provider’s own code, or by what is known of the payment.</p>

${program()}

<p class="under">${link("/guides/getting-started.html", "Getting started")} runs it against an emulated provider, without an account.</p>
</section>
${
    hasLab
      ? `
<section class="lab">
<div>
<h2 id="the-lab">The lab</h2>
<p>Break the network on purpose, and watch what a cancel does: the same library and the same emulated providers, in your browser.</p>
</div>
<p class="actions">${link("/lab/", "Open the lab", ' class="action primary" target="_self"')}</p>
</section>
`
      : ""
  }
<section>
<h2 id="what-it-promises">What it promises</h2>
<p class="under">Each promise has tests that prove it, ${link("/overview.html#what-it-promises", "listed beside it")}.</p>

<ol class="promises">
${promises().map(([title, text]) => `<li><h3>${inlineHtml(title)}</h3><p>${inlineHtml(text)}</p></li>`).join("\n")}
</ol>
</section>

<section>
<h2 id="providers">Providers</h2>
<p class="under">What each one supports, and what it decides when, is ${link("/providers/", "in one table")}.</p>
<ul class="providers">
${providers().map(([name, page]) => `<li>${link(`/${page}.html`, name)}</li>`).join("\n")}
</ul>
<p class="note">Nothing was tested against a live account. Every test runs against an emulator, written from public documentation and independently of the client.</p>
</section>
</div>
`
}
