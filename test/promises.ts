/**
 * Promises that a test settles, and the warnings that come of those which nobody reads.
 */
import { onTestFinished } from "vitest";

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: Deferred<T>["resolve"] = () => {};
  let reject: Deferred<T>["reject"] = () => {};
  const promise = new Promise<T>((_resolve, _reject) => {
    resolve = _resolve;
    reject = _reject;
  });
  return { promise, resolve, reject };
}

/** All microtasks have run, and warnings have been told. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Warnings of this library from now on, until the test ends. */
export function warnings(): { readonly code: string; readonly message: string }[] {
  const seen: { readonly code: string; readonly message: string }[] = [];
  const listener = (warning: Error & { code?: string }): void => {
    if (warning.name === "OffloopWarning") seen.push({ code: warning.code ?? "", message: warning.message });
  };
  process.on("warning", listener);
  onTestFinished(() => void process.off("warning", listener));
  return seen;
}

/** `pending`, or how a promise is settled now. */
export async function stateOf(promise: Promise<unknown>): Promise<"pending" | "fulfilled" | "rejected"> {
  const settled = promise.then(
    () => "fulfilled" as const,
    () => "rejected" as const,
  );
  return Promise.race([settled, turn().then(() => "pending" as const)]);
}

export const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`It was fulfilled, with ${String(value)}`);
    },
    (error: unknown) => error,
  );
