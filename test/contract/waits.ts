/**
 * Waiting without sleeping, and small things that tests look at.
 */
import { existsSync, readFileSync } from "node:fs";

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What tasks have written to a file, line by line. */
export function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

/** Turns the event loop until something is so. The test's own time limit ends it otherwise. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

/** What a promise rejects with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject", { cause: value });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

/** What came before the error, and the error. */
export async function untilError(items: AsyncIterable<unknown>): Promise<[unknown[], unknown]> {
  const read: unknown[] = [];
  try {
    for await (const item of items) read.push(item);
  } catch (error) {
    return [read, error];
  }
  throw new Error(`It ended after ${read.length} items`);
}
