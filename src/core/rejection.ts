/**
 * What a promise of which only `resolve` was kept is rejected with: it follows this thenable. Not a rejected promise: nobody handles
 * that at first, and a debugger that stops at such would stop at every failed call.
 */
export class Rejection {
  readonly #reason: unknown;

  constructor(reason: unknown) {
    this.#reason = reason;
  }

  // Resolving a promise with it rejects that: it has to be a thenable.
  // oxlint-disable-next-line unicorn/no-thenable
  then(_resolve: unknown, reject: (reason: unknown) => void): void {
    reject(this.#reason);
  }
}
