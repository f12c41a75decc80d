/**
 * Receives a webhook request, whatever it is that a framework handed on: a copy of its bytes and
 * of the headers that are read, or a typed error.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Notification from "../Notification.js"

const utf8 = new TextEncoder()

/**
 * The bytes of a text.
 *
 * @since 0.1.0
 * @category bytes
 */
export const bytesOf = (text: string): Uint8Array => utf8.encode(text)

/** Reads from what may be anything: what throws, as a getter or a revoked proxy does, gives nothing. */
const attempt = <A>(read: () => A): Option.Option<A> => Option.liftThrowable(read)()

/** A property of what may be anything. */
const propertyOf = (value: unknown, name: PropertyKey): unknown =>
  Option.getOrUndefined(attempt((): unknown => Predicate.hasProperty(value, name) ? value[name] : undefined))

const typedArrays: object = Object.getPrototypeOf(Uint8Array.prototype)

/**
 * What an object holds because of its kind, and not because somebody defined it: the getter of
 * another kind throws, however much the object looks like its own.
 */
const slotOf = (kind: object, name: PropertyKey, value: object): unknown => Reflect.get(kind, name, value)

const isBuffer = (value: unknown): value is ArrayBufferLike =>
  Predicate.isObject(value) &&
  // A browser has no shared memory unless its page is isolated.
  [globalThis.ArrayBuffer, globalThis.SharedArrayBuffer].some((kind) =>
    kind !== undefined && Option.isSome(attempt(() => slotOf(kind.prototype, "byteLength", value)))
  )

/** The bytes that a buffer or a view of one holds, where they lie. It throws where they were handed on to somebody else. */
const heldBy = (value: object): Uint8Array | undefined => {
  if (!ArrayBuffer.isView(value)) return isBuffer(value) ? new Uint8Array(value) : undefined
  const kind = slotOf(typedArrays, Symbol.toStringTag, value) === undefined ? DataView.prototype : typedArrays
  const buffer = slotOf(kind, "buffer", value)
  const offset = slotOf(kind, "byteOffset", value)
  const length = slotOf(kind, "byteLength", value)
  return isBuffer(buffer) && Predicate.isNumber(offset) && Predicate.isNumber(length)
    ? new Uint8Array(buffer, offset, length)
    : undefined
}

/**
 * A copy of the bytes of a body: of a text those that are signed for it, of an `ArrayBuffer`, a
 * `SharedArrayBuffer` or a view of one those that it holds. None for everything else, whatever
 * it says of itself: nothing is allocated for it.
 *
 * @since 0.1.0
 * @category bytes
 */
export const bytesIn = (body: unknown): Option.Option<Uint8Array> => {
  if (typeof body === "string") return Option.some(bytesOf(body))
  if (!Predicate.isObject(body)) return Option.none()
  return Option.flatMapNullable(
    attempt(() => {
      const bytes = heldBy(body)
      // Not `slice`, which of a `Buffer` is a view of the same memory.
      return bytes === undefined ? undefined : new Uint8Array(bytes)
    }),
    (bytes) => bytes
  )
}

/** A header that came empty says no more than one that did not come. */
const saysSomething = (text: unknown): text is string => Predicate.isString(text) && text.trim() !== ""

/** The text of a header. What came several times is one header, joined as HTTP joins it; what is empty of it did not come. */
const headerText = (value: unknown): Option.Option<string> =>
  Option.filter(
    Option.flatMapNullable(
      attempt(() => Array.isArray(value) ? value.filter(saysSomething).join(", ") : value),
      (text) => text
    ),
    saysSomething
  )

const sameName = (name: string) => (other: unknown): boolean =>
  Predicate.isString(other) && other.toLowerCase() === name.toLowerCase()

/** A header of what is asked for it by name: a `Headers`. */
const asked = (headers: object, name: string): Option.Option<string> =>
  Option.flatMap(
    attempt((): unknown => {
      const get = propertyOf(headers, "get")
      return Predicate.isFunction(get) ? Reflect.apply(get, headers, [name]) : undefined
    }),
    headerText
  )

/** The values that a header has among pairs of a name and a value: in a `Map`, or a list of them. */
const listed = (headers: object, name: string): ReadonlyArray<unknown> =>
  Option.getOrElse(
    attempt(() =>
      Predicate.isIterable(headers)
        ? Array.from(headers).flatMap((pair) => Array.isArray(pair) && sameName(name)(pair[0]) ? [pair[1]] : [])
        : []
    ),
    () => []
  )

/** The values that a header has in a record, whose names differ in case only. */
const recorded = (headers: object, name: string): ReadonlyArray<unknown> =>
  Option.getOrElse(attempt(() => Object.keys(headers)), () => [])
    .filter(sameName(name))
    .map((key) => propertyOf(headers, key))

const headerIn = (headers: unknown, name: string): Option.Option<string> =>
  Predicate.isObject(headers)
    ? Option.orElse(
      asked(headers, name),
      () => Option.firstSomeOf([...listed(headers, name), ...recorded(headers, name)].map(headerText))
    )
    : Option.none()

/**
 * A webhook request as it was when its verification began: a copy that nobody else holds, of
 * its body and of the headers that are read.
 *
 * @since 0.1.0
 * @category models
 */
export interface Received {
  readonly body: Uint8Array
  readonly headers: ReadonlyMap<string, string>
}

/**
 * Receives a webhook request, with the headers of these names. It is where every verification
 * begins, before anything that may wait: the caller's buffer and headers are the caller's, who
 * may fill them with the next request while the platform still compares the signatures of this
 * one. Read twice, they would be verified as one request and believed as another.
 *
 * What is neither text nor bytes, as a body that a framework has parsed, is `MalformedNotification`, field `body`; a header that is not
 * there, or cannot be read, is empty. One that is there several times, as in a record under
 * names that differ in case, is the first of them that is not empty.
 *
 * @since 0.1.0
 * @category constructors
 */
export const receive = (
  provider: string,
  incoming: Notification.Incoming,
  names: ReadonlyArray<string>
): Either.Either<Received, Notification.MalformedNotification> => {
  const headers = propertyOf(incoming, "headers")
  return Option.match(bytesIn(propertyOf(incoming, "body")), {
    onNone: () =>
      Either.left(
        new Notification.MalformedNotification({
          provider,
          answer: "Refuse",
          field: "body",
          message: `${provider}: the raw body of the notification is needed, as text or as bytes, before anything parses it`
        })
      ),
    onSome: (body) =>
      Either.right({
        body,
        headers: new Map(names.flatMap((name) => Option.toArray(Option.map(headerIn(headers, name), (text) => [name, text]))))
      })
  })
}

/**
 * A header by the name under which it was received; empty where it is not there.
 *
 * @since 0.1.0
 * @category headers
 */
export const header = ({ headers }: Received, name: string): string => headers.get(name) ?? ""
