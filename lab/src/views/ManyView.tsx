export default function ManyView() {
  return <p>…</p>
}
