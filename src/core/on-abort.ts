/**
 * One listener for each signal, however many tasks hang on it: from the 11th listener on, Node 20 warns of a leak, and a
 * program may well give a thousand tasks the signal of one request. Nothing stays on a signal that no task hangs on.
 */
type Callback = () => void;

interface Watched {
  readonly callbacks: Set<Callback>;
  readonly listener: () => void;
}

const watched = new WeakMap<AbortSignal, Watched>();

/** Calls back once when the signal aborts. Returns what stops that. */
export function onAbort(signal: AbortSignal, callback: Callback): () => void {
  const { callbacks, listener } = watched.get(signal) ?? watch(signal);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    signal.removeEventListener("abort", listener);
    watched.delete(signal);
  };
}

function watch(signal: AbortSignal): Watched {
  const callbacks = new Set<Callback>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  signal.addEventListener("abort", listener, { once: true });
  const entry = { callbacks, listener };
  watched.set(signal, entry);
  return entry;
}
