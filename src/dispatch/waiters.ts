/**
 * Who waits for the executor itself: for its workers, or for its work to end.
 */
interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Waiters {
  readonly #ready: Waiter[] = [];
  readonly #idle: (() => void)[] = [];
  readonly #drained: (() => void)[] = [];

  get waitForWorkers(): boolean {
    return this.#ready.length > 0;
  }

  get waitForIdle(): boolean {
    return this.#idle.length > 0;
  }

  /** Resolves once as many workers have started as there must be. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => this.#ready.push({ resolve, reject }));
  }

  idle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#drained.push(resolve));
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

  becameDrained(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
