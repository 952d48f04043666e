/**
 * Things that are seen to in the next microtask, all of them together and each once.
 */
export class Gathered<T> {
  readonly #waiting = new Set<T>();
  readonly #see: (one: T) => void;

  constructor(see: (one: T) => void) {
    this.#see = see;
  }

  add(one: T): void {
    if (this.#waiting.size === 0) {
      queueMicrotask(() => {
        const all = [...this.#waiting];
        this.#waiting.clear();
        for (const each of all) this.#see(each);
      });
    }
    this.#waiting.add(one);
  }
}
