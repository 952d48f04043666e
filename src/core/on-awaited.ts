/**
 * Sees that a promise is awaited. `await` of one whose constructor is `Promise` calls no `then`, so it gets another constructor
 * besides its own `then`; what is derived from it is a plain promise again.
 */

const HIDDEN = { configurable: true, writable: true, enumerable: false } as const;

class Watched {
  static get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
}

/** Calls back before each handler is attached. Several may look at one promise. */
export function onAwaited(promise: Promise<unknown>, look: () => void): void {
  const { then } = promise;
  void Object.defineProperty(promise, "constructor", { value: Watched, ...HIDDEN });
  // It is a promise.
  // oxlint-disable-next-line unicorn/no-thenable
  void Object.defineProperty(promise, "then", {
    value(this: Promise<unknown>, ...handlers: Parameters<Promise<unknown>["then"]>) {
      look();
      return then.apply(this, handlers);
    },
    ...HIDDEN,
  });
}
