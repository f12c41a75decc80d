/** Exporters that make all they send, and send it nowhere: what the network takes is not the library's. */
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const collector = HttpClient.make((request) => Effect.succeed(HttpClientResponse.fromWeb(request, new Response("{}"))))

export const nowhere = (
  exporter: Layer.Layer<never, never, HttpClient.HttpClient | OtlpSerialization.OtlpSerialization>
): Layer.Layer<never> =>
  exporter.pipe(Layer.provide(Layer.merge(OtlpSerialization.layerJson, Layer.succeed(HttpClient.HttpClient, collector))))
