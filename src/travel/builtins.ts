/**
 * Functions of the language and of Node's modules, found by identity. They need no module of the user's: each worker has
 * its own.
 */
import { builtinModules } from "node:module";
import type { AnyFunction } from "../core/function-handle.ts";
import type { FunctionReference } from "./reference.ts";

type BuiltinReference = Extract<FunctionReference, { kind: "builtin" }>;

// A fixed list: enumerating globalThis triggers lazy getters, some of which load megabytes (fetch loads undici, 33–40 ms).
const GLOBALS = [
  "JSON Math Object Array String Number BigInt Date Reflect Intl Atomics Symbol RegExp Promise Buffer WebAssembly",
  "structuredClone atob btoa escape unescape encodeURI encodeURIComponent decodeURI decodeURIComponent parseInt parseFloat",
  "isNaN isFinite",
].flatMap((line) => line.split(" "));

let found: Map<unknown, BuiltinReference> | undefined;
let modulesSeen = 0;

export function builtinReference(fn: AnyFunction): BuiltinReference | undefined {
  found ??= collectGlobals();
  return found.get(fn) ?? collectModules(found).get(fn);
}

function collectGlobals(): Map<unknown, BuiltinReference> {
  const references = new Map<unknown, BuiltinReference>();
  for (const name of GLOBALS) {
    const value = (globalThis as unknown as Record<string, unknown>)[name];
    if (typeof value === "function") references.set(value, { kind: "builtin", path: [name] });
    for (const [key, member] of ownFunctions(value)) {
      references.set(member, { kind: "builtin", path: [name, key] });
    }
  }
  return references;
}

/** Only modules that are loaded already: a function of another one cannot be in anybody's hands. */
function collectModules(references: Map<unknown, BuiltinReference>): Map<unknown, BuiltinReference> {
  const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList;
  if (loaded !== undefined && loaded.length === modulesSeen) return references;
  modulesSeen = loaded?.length ?? -1;
  const isLoaded = new Set(loaded?.map((entry) => entry.replace(/^NativeModule /, "")));
  for (const name of builtinModules) {
    if (name.startsWith("_") || name === "sys" || (loaded !== undefined && !isLoaded.has(name))) continue;
    const module: unknown = process.getBuiltinModule(name as "fs");
    for (const [key, member] of ownFunctions(module)) {
      if (!references.has(member)) {
        references.set(member, { kind: "builtin", module: `node:${name}`, path: [key] });
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
