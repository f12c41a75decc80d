import { render } from "preact"
import { App } from "./App.js"
import "./style.css"

const root = document.querySelector("#lab")
if (root !== null) render(<App />, root)
