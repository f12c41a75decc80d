/**
 * A schema, or a class that is one, which is made when it is first used. Making schemas is most of
 * what the import of a provider takes, and a program uses few of those that it imports. In all else
 * it is as if it had been made at once.
 */
export const onFirstUse = <S extends Function>(make: () => S): S => {
  // Every schema is a class, and so is what stands for it.
  function Unused(...given: ReadonlyArray<unknown>): object {
    return Reflect.construct(used(), given, new.target)
  }
  let made: S | undefined
  const used = (): S => {
    if (made === undefined) {
      made = make()
      // From now on it inherits from what was made as from any other class.
      Object.setPrototypeOf(Unused, made)
      Object.setPrototypeOf(Unused.prototype, made.prototype)
    }
    return made
  }
  // Until then, whatever is asked of it that it has not itself is asked of what is made for that.
  return Object.setPrototypeOf(Unused, new Proxy(Object.create(Function.prototype), {
    get: (_, name, receiver) => Reflect.get(used(), name, receiver),
    has: (_, name) => Reflect.has(used(), name)
  }))
}
