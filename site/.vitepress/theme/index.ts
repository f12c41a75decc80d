import "@fontsource-variable/source-serif-4/index.css"
import DefaultTheme from "vitepress/theme"
import "./style.css"

export default DefaultTheme
