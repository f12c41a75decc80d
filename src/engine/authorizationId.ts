/**
 * What marks an `Authorization`, by itself: all that the declarations of what is published need of the engine.
 */
export const TypeId: unique symbol = Symbol("Authorization")
