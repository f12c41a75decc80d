/**
 * The same as numbers: by provider and by kind.
 */
import { type Cell, countsOf } from "../../many/run.js"
import { providers } from "../../many/Switches.js"
import { kindNames, kinds } from "./words.js"

const Sign = ({ kind }: { readonly kind: keyof typeof kinds }) => <span class={`cell is-${kind}`} aria-hidden="true">{kinds[kind].sign}</span>

export const Counts = ({ cells }: { readonly cells: ReadonlyArray<Cell> }) => {
  const total = countsOf(cells)
  const rows = providers.map((provider) => [provider, countsOf(cells.filter((cell) => cell.provider === provider))] as const)
  return (
    <section class="counts" aria-labelledby="counts">
      <h2 id="counts">Counts</h2>
      <div class="wide-table" tabIndex={0} role="group" aria-labelledby="counts">
        <table>
          <thead>
            <tr>
              <th scope="col"><span class="visually-hidden">Payments</span></th>
              {providers.map((provider) => <th key={provider} scope="col">{provider}</th>)}
              <th scope="col">all</th>
            </tr>
          </thead>
          <tbody>
            {kindNames.map((kind) => (
              <tr key={kind}>
                <th scope="row"><Sign kind={kind} /> {kinds[kind].title}</th>
                {rows.map(([provider, counts]) => <td key={provider} class={counts[kind] === 0 ? "is-zero" : ""}>{counts[kind]}</td>)}
                <td class="sum" data-testid={`count-${kind}`}>{total[kind]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** How far it is, and of what kind that is. */
export const Progress = ({ cells }: { readonly cells: ReadonlyArray<Cell> }) => {
  const counts = countsOf(cells)
  const over = cells.length - counts.Waiting - counts.UnderWay
  return (
    <div class="progress" role="progressbar" aria-label="Payments with a result" aria-valuemin={0} aria-valuemax={cells.length} aria-valuenow={over}>
      {kindNames.filter((kind) => kind !== "Waiting" && counts[kind] > 0).toSorted((one, other) => order(one) - order(other)).map((kind) => (
        <span key={kind} class={`is-${kind}`} style={{ width: `${(counts[kind] / cells.length) * 100}%` }} />
      ))}
    </div>
  )
}

/** What is under way stands where it grows. */
const order = (kind: keyof typeof kinds): number => kind === "UnderWay" ? kindNames.length : kindNames.indexOf(kind)
