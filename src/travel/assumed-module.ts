/**
 * The module that a function is in, without asking V8, which costs the event loop 15 to 270 ms (`Debugger.enable`).
 *
 * A module that the callers import has the function's text at the function's place: it is that one or a copy of it, as when a
 * package is installed twice. So it is only assumed, until the module, which is loaded, turns out to export this very function.
 * That takes a few microtasks, and a first call waits longer for its worker. V8 answers whoever asks before, and when it does not.
 */
import { fileURLToPath } from "node:url";
import type { AnyFunction } from "../core/function-handle.ts";
import type { FunctionLocation } from "../inspect/locate.ts";
import { rememberUrl } from "../inspect/scripts.ts";
import { entryRole } from "./entry.ts";
import { findExport } from "./find-export.ts";
import { importedByCallers } from "./imported-modules.ts";
import { offsetOf } from "./offset-of.ts";
import { plainFunction } from "./threaded-mark.ts";
import { writtenSource } from "./written-source.ts";

export class AssumedModule {
  /** Its URL. */
  readonly candidate: string;
  #isConfirmed = false;

  constructor(candidate: string, fn: AnyFunction, { scriptId }: FunctionLocation) {
    this.candidate = candidate;
    void this.#confirm(fn, scriptId);
  }

  get isConfirmed(): boolean {
    return this.#isConfirmed;
  }

  async #confirm(fn: AnyFunction, scriptId: string): Promise<void> {
    try {
      const exports: unknown = await import(/* webpackIgnore: true */ /* @vite-ignore */ this.candidate);
      const isIt = (value: unknown): boolean => value === fn || plainFunction(value as AnyFunction) === fn;
      if (findExport(exports, isIt) === undefined) return;
      rememberUrl(scriptId, this.candidate);
      this.#isConfirmed = true;
    } catch {
      // A loader that has no file of this name. V8 is asked then.
    }
  }
}

/** `locate` is not called when no module has the text. */
export function assumeModule(
  fn: AnyFunction,
  text: string,
  locate: () => FunctionLocation | undefined,
): AssumedModule | undefined {
  const candidate = candidateFor(text);
  const location = candidate === null ? undefined : locate();
  if (candidate === null || location === undefined) return undefined;
  const isThere = isAt(location, text, writtenSource(fileURLToPath(candidate)));
  return isThere ? new AssumedModule(candidate, fn, location) : undefined;
}

// Closures come anew with each call, their texts do not. Arbitrary; what is forgotten is looked for again.
const MOST_TEXTS = 200;
const candidates = new Map<string, string | null>();

function candidateFor(text: string): string | null {
  let candidate = candidates.get(text);
  if (candidate === undefined) {
    if (candidates.size === MOST_TEXTS) candidates.clear();
    candidates.set(text, (candidate = findCandidate(text)));
  }
  return candidate;
}

function findCandidate(text: string): string | null {
  for (const module of importedByCallers(findCandidate)) {
    const isIn = writtenSource(fileURLToPath(module)).includes(text);
    if (isIn && entryRole(module) !== "unguarded") return module;
  }
  return null;
}

/** V8 counts a function's place from its parameters on. */
function isAt({ line, column }: FunctionLocation, text: string, source: string): boolean {
  const offset = offsetOf(source, line, column);
  const start = source.lastIndexOf(text, offset);
  return start !== -1 && offset < start + text.length;
}
