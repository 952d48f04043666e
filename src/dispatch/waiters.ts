/**
 * Who waits for the executor itself: for its workers, for room, or for its work to end.
 */
import { onAbort } from "../core/on-abort.ts";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Waiters {
  readonly #ready: Waiter[] = [];
  readonly #capacity = new Set<Waiter>();
  readonly #idle: (() => void)[] = [];

  get waitForCapacity(): boolean {
    return this.#capacity.size > 0;
  }

  /** Resolves when there is room and nobody has waited longer. @throws the signal's reason */
  capacity(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#capacity.delete(waiter);
        stop?.();
      };
      const waiter: Waiter = {
        resolve() {
          leave();
          resolve();
        },
        reject(error) {
          leave();
          reject(error);
        },
      };
      const stop = signal && onAbort(signal, () => waiter.reject(signal.reason));
      this.#capacity.add(waiter);
    });
  }

  haveCapacity(): void {
    const [first] = this.#capacity;
    first?.resolve();
  }

  noCapacity(error: unknown): void {
    for (const waiter of this.#capacity) waiter.reject(error);
  }

  get waitForWorkers(): boolean {
    return this.#ready.length > 0;
  }

  /** Resolves once as many workers have started as there must be. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => this.#ready.push({ resolve, reject }));
  }

  idle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  haveWorkers(): void {
    for (const { resolve } of this.#ready.splice(0)) resolve();
  }

  failed(error: unknown): void {
    for (const { reject } of this.#ready.splice(0)) reject(error);
  }

  becameIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
