/**
 * Who waits for the executor itself: for its workers, or for its work to end.
 */
interface Waiter {
  readonly workers: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Waiters {
  #ready: Waiter[] = [];
  readonly #idle: (() => void)[] = [];

  get waitForWorkers(): boolean {
    return this.#ready.length > 0;
  }

  /** Resolves once so many workers have started. */
  ready(workers: number): Promise<void> {
    return new Promise((resolve, reject) => this.#ready.push({ workers, resolve, reject }));
  }

  idle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  started(workers: number): void {
    const [reached, others] = [[], []] as [Waiter[], Waiter[]];
    for (const waiter of this.#ready) (waiter.workers <= workers ? reached : others).push(waiter);
    this.#ready = others;
    for (const { resolve } of reached) resolve();
  }

  failed(error: unknown): void {
    for (const { reject } of this.#ready.splice(0)) reject(error);
  }

  becameIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
