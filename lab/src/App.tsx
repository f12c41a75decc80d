/**
 * The page: three views, and a link that holds what one looks at.
 */
import { Option } from "effect"
import { lazy, Suspense } from "preact/compat"
import { useEffect, useState } from "preact/hooks"
import { menu } from "./scenario/menu.js"
import { fromQuery, problemIn, type Scenario, toQuery } from "./scenario/Scenario.js"
import { CancelView } from "./views/CancelView.js"

// What most visitors do not open is loaded when they do.
const ManyView = lazy(() => import("./views/ManyView.js"))
const SeedView = lazy(() => import("./views/SeedView.js"))

const views = { cancel: "One cancel", many: "Many at once", seed: "A simulator's seed" } as const

type View = keyof typeof views

const isView = (word: string): word is View => Object.hasOwn(views, word)

/** Where the site is that the lab is part of, if it is. */
const home: string | undefined = import.meta.env["VITE_HOME"]

const first: Scenario = menu[0]?.scenario ?? { provider: "Stripe" }

/** `#/cancel?provider=Stripe&cancel=lost-after` */
const read = (): { readonly view: View; readonly query: string } => {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?")
  return { view: isView(path) ? path : "cancel", query }
}

export const App = () => {
  const [place, setPlace] = useState(read)
  useEffect(() => {
    const follow = () => setPlace(read())
    addEventListener("hashchange", follow)
    return () => removeEventListener("hashchange", follow)
  }, [])
  useEffect(() => {
    document.title = `${views[place.view]} - The cancel lab`
  }, [place.view])
  const go = (view: View, query: string) => {
    location.hash = query === "" ? `/${view}` : `/${view}?${query}`
  }
  const scenario = place.query === "" ? Option.some(first) : fromQuery(place.query)
  return (
    <>
      <header>
        <p class="brand">{home === undefined ? "effect-payment-cancel" : <a href={home}>effect-payment-cancel</a>}</p>
        <h1>The cancel lab</h1>
        <p class="lead">
          A cancel is one request, and its answer can get lost. Watch what the caller knows on the left, and what is true at the provider
          on the right. Everything here is the real library against emulated providers, in this page: no request leaves it.
        </p>
        <nav aria-label="Views">
          {(Object.keys(views) as ReadonlyArray<View>).map((view) => (
            <a key={view} href={`#/${view}`} aria-current={place.view === view ? "page" : undefined}>{views[view]}</a>
          ))}
        </nav>
      </header>
      <main>
        <Suspense fallback={<p class="loading">Loading …</p>}>
          {place.view === "many" && <ManyView />}
          {place.view === "seed" && <SeedView query={place.query} go={(query) => go("seed", query)} />}
          {place.view === "cancel" && Option.match(scenario, {
            onNone: () => (
              <p role="alert" class="problem">
                This link holds no scenario that the lab knows: {problemIn(place.query)}. <a href={`#/cancel?${toQuery(first)}`}>Begin with a lost answer.</a>
              </p>
            ),
            onSome: (chosen) => <CancelView scenario={chosen} choose={(next) => go("cancel", toQuery(next))} />
          })}
        </Suspense>
      </main>
    </>
  )
}
