/**
 * What the soak's calls do in a worker.
 */
import { currentTask } from "offloop";

/** @template T @param {T} value */
export function give(value) {
  return value;
}

/** @template T @param {T} value @param {number} turns */
export async function giveLater(value, turns) {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  return value;
}

/** @param {number} n */
export function fail(n) {
  throw Object.assign(new RangeError(`call ${n}`), { n });
}

/** @param {number} ms */
export function work(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

export function loop() {
  for (;;);
}

/** Never ends, but for its signal. */
export function untilAborted() {
  const { signal } = /** @type {NonNullable<ReturnType<typeof currentTask>>} */ (currentTask());
  return new Promise((_resolve, reject) => {
    const abort = () => reject(signal.reason);
    // Aborted before anybody listened, it tells nobody.
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** @param {number} code */
export function exit(code) {
  process.exit(code);
}

export function fillHeap() {
  const kept = [];
  // Not with arrays of a given length: V8 14 makes a loop of them that nothing can end (docs/reliability.md).
  for (;;) kept.push({ n: kept.length, list: [kept.length] });
}

/** Cannot be copied. */
export function giveFunction() {
  return () => {};
}
