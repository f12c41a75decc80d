export default function SeedView(_: { readonly query: string; readonly go: (query: string) => void }) {
  return <p>…</p>
}
