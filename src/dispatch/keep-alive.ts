/**
 * Holds the process while calls are pending or running: one handle that is referenced or not. Workers, ports and timers are
 * never referenced themselves, so nothing else decides when a program ends.
 */
const { setInterval, clearInterval } = globalThis;

// The longest that Node takes. It is there to be referenced, not to fire.
const LONGEST_MS = 2 ** 31 - 1;
const nothing = (): void => {};

export class KeepAlive {
  #handle: NodeJS.Timeout | undefined;
  #held = false;

  hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#handle ??= setInterval(nothing, LONGEST_MS);
    this.#handle.ref();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#handle?.unref();
  }

  /** For good: nothing is left in the event loop. */
  end(): void {
    this.#held = false;
    clearInterval(this.#handle);
    this.#handle = undefined;
  }
}
