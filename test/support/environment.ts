/** An environment that holds these variables and no others. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Layer from "effect/Layer"

export const environment = (entries: { readonly [name: string]: string }): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))
