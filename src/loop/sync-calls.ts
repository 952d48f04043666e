/**
 * Node's blocking functions, wrapped so that the watchdog knows which one the thread is in: in the middle of a native call nothing
 * else can tell. When one returns during a stall, the wrapper gives the waiting sample a place to be taken, while who called
 * it is still on the stack.
 *
 * A wrapper costs 0.1 µs a call. Those that cannot be replaced are left alone.
 */
import { syncBuiltinESMExports } from "node:module";
import { noteOriginal } from "../core/sync-originals.ts";
import type { WatchWords } from "./watch-words.ts";

type AnyFunction = (...args: never[]) => unknown;
type Functions = Record<string, AnyFunction | undefined>;

// Loaded when somebody asks for it: every program that imports the monitor would wait for them.
const MODULES = ["node:fs", "node:crypto", "node:zlib", "node:child_process"];

interface Wrapped {
  readonly module: Functions;
  readonly name: string;
  readonly original: AnyFunction;
  readonly wrapper: AnyFunction;
}

export class SyncCalls {
  readonly #wrapped: Wrapped[] = [];

  constructor(words: WatchWords) {
    for (const module of MODULES.map((name) => process.getBuiltinModule(name) as unknown as Functions)) {
      for (const name of Object.keys(module).filter((key) => key.endsWith("Sync"))) {
        const original = module[name];
        const isReplaceable = Object.getOwnPropertyDescriptor(module, name)!.writable === true;
        if (typeof original !== "function" || !isReplaceable) continue;
        const wrapper = wrap(original, words, this.#wrapped.length + 1);
        noteOriginal(wrapper, original);
        module[name] = wrapper;
        this.#wrapped.push({ module, name, original, wrapper });
      }
    }
    // For `import { readFileSync } from "node:fs"`.
    syncBuiltinESMExports();
  }

  /** By number, from 1. */
  get names(): string[] {
    return this.#wrapped.map(({ name }) => name);
  }

  /** Whoever has wrapped one of them since then keeps ours below. */
  remove(): void {
    for (const { module, name, original, wrapper } of this.#wrapped) {
      if (module[name] === wrapper) module[name] = original;
    }
    syncBuiltinESMExports();
  }
}

function wrap(original: AnyFunction, words: WatchWords, number: number): AnyFunction {
  const wrapper = function (this: unknown, ...args: never[]): unknown {
    const outer = words.syncCall;
    words.syncCall = number;
    try {
      return Reflect.apply(original, this, args);
    } finally {
      words.syncCall = outer;
      if (words.isConnected) letSampleIn();
    }
  };
  // With what hangs on it: fs.realpathSync.native.
  Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
  return wrapper;
}

/** V8 answers the inspector where a function begins. */
function letSampleIn(): void {}
