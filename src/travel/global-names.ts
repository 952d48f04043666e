/**
 * Which global names a worker has by itself, and which the program made or replaced: the latter travel like any variable.
 */

// ECMAScript, Node's documentation ("Global objects") and what V8 adds. A program may have set others before this module was
// loaded, so what is there now is no answer.
export const GLOBAL_NAMES: readonly string[] = `
  AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date
  DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array
  Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp
  Set SharedArrayBuffer String SuppressedError Symbol SyntaxError Temporal TypeError URIError Uint16Array Uint32Array
  Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt undefined unescape
  AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ErrorEvent Event EventSource
  EventTarget File FormData Headers MessageChannel MessageEvent MessagePort Navigator Performance PerformanceEntry
  PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming
  QuotaExceededError ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest
  ReadableStreamDefaultController ReadableStreamDefaultReader Request Response Storage SubtleCrypto TextDecoder
  TextDecoderStream TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern
  URLSearchParams WebSocket WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob btoa
  clearImmediate clearInterval clearTimeout console crypto fetch gc global localStorage navigator performance process
  queueMicrotask sessionStorage setImmediate setInterval setTimeout structuredClone`
  .trim()
  .split(/\s+/);

const ABSENT = Symbol("absent");

const original = new Map(GLOBAL_NAMES.map((name) => [name, held(name)]));

const LAZY = new Set(
  GLOBAL_NAMES.filter((name) => Object.getOwnPropertyDescriptor(globalThis, name)?.get !== undefined),
);

/** Undefined for a name that nobody set, or that each worker has; else what the program holds under it. */
export function programsGlobal(name: string): { readonly value: unknown } | undefined {
  const now = held(name);
  if (now === ABSENT || (original.has(name) && now === original.get(name))) return undefined;
  if (isLoaded(name, now)) return undefined;
  // `-e` and the REPL have Node's modules as globals; workers do not.
  return { value: (globalThis as Record<string, unknown>)[name] };
}

/** On Node 20 a getter of Node's puts what it has loaded in its own place. Asked again, it gives the same. */
function isLoaded(name: string, now: unknown): boolean {
  if (!LAZY.has(name)) return false;
  const before = Object.getOwnPropertyDescriptor(globalThis, name)!;
  const value: unknown = (original.get(name) as () => unknown).call(globalThis);
  // It may have been the first to ask.
  Object.defineProperty(globalThis, name, before);
  return value === now;
}

/** What tells whether somebody replaced it, without calling a getter: some of Node's load megabytes. */
function held(name: string): unknown {
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  return property === undefined ? ABSENT : (property.get ?? property.value);
}
