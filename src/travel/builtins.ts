/**
 * Functions of the language and of Node's modules, found by identity. They need no module of the user's: each worker has
 * its own.
 */
import { builtinModules } from "node:module";
import type { AnyFunction } from "../core/function-handle.ts";
import { type BuiltinReference, likeness } from "./reference.ts";

type Whereabouts = Pick<BuiltinReference, "module" | "path">;

// A fixed list: enumerating globalThis triggers lazy getters, some of which load megabytes (fetch loads undici, 33–40 ms).
const GLOBALS = [
  "JSON Math Object Array String Number BigInt Date Reflect Intl Atomics Symbol RegExp Promise Buffer WebAssembly",
  "structuredClone atob btoa escape unescape encodeURI encodeURIComponent decodeURI decodeURIComponent parseInt parseFloat",
  "isNaN isFinite",
].flatMap((line) => line.split(" "));

let found: Map<unknown, Whereabouts> | undefined;
let modulesSeen = 0;

/**
 * The worker compares name, arity and text: programs and tracing libraries put functions of their own in the place of
 * Node's, and those are not in a worker.
 */
export function builtinReference(fn: AnyFunction): BuiltinReference | undefined {
  found ??= collectGlobals();
  const whereabouts = found.get(fn) ?? collectModules(found).get(fn);
  return whereabouts && { kind: "builtin", ...whereabouts, ...likeness(fn) };
}

function collectGlobals(): Map<unknown, Whereabouts> {
  const references = new Map<unknown, Whereabouts>();
  for (const name of GLOBALS) {
    const value = (globalThis as unknown as Record<string, unknown>)[name];
    if (typeof value === "function") references.set(value, { path: [name] });
    for (const [key, member] of ownFunctions(value)) {
      references.set(member, { path: [name, key] });
    }
  }
  return references;
}

/** Only modules that are loaded already: a function of another one cannot be in anybody's hands. */
function collectModules(references: Map<unknown, Whereabouts>): Map<unknown, Whereabouts> {
  const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList;
  if (loaded !== undefined && loaded.length === modulesSeen) return references;
  modulesSeen = loaded?.length ?? -1;
  const isLoaded = new Set(loaded?.map((entry) => entry.replace(/^NativeModule /, "")));
  for (const name of builtinModules) {
    if (name.startsWith("_") || name === "sys" || (loaded !== undefined && !isLoaded.has(name))) continue;
    const module: unknown = process.getBuiltinModule(name as "fs");
    for (const [key, member] of ownFunctions(module)) {
      if (!references.has(member)) {
        references.set(member, { module: `node:${name}`, path: [key] });
      }
    }
  }
  return references;
}

function* ownFunctions(holder: unknown): Generator<[string, unknown]> {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return;
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    // Getters are left alone: some of Node's warn or load when read.
    if (typeof value === "function" && key !== "constructor") yield [key, value];
  }
}
