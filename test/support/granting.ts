/**
 * A provider's answer to a request for an access token, for tests about what comes after it.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import { json, respond } from "../engine/HttpDouble.js"
import type { Way } from "./ProviderFacts.js"

/** Grants access tokens itself: the client only ever gets the requests that need one. */
export const granting = ({ token }: Way) => (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  token === null ? client : HttpClient.makeWith(
    (asked: Effect.Effect<HttpClientRequest.HttpClientRequest, HttpClientError.HttpClientError>) =>
      Effect.flatMap(asked, (request) =>
        new URL(request.url).pathname.endsWith(token.target)
          ? Effect.succeed(respond(request, json(200, token.granted)))
          : client.execute(request)),
    Effect.succeed
  )
