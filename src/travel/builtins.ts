/**
 * Functions of the language and of Node's modules, found by identity. They need no module of the user's: each worker has
 * its own.
 */
import { builtinModules } from "node:module";
import type { AnyFunction } from "../core/function-handle.ts";
import { originalOf } from "../core/sync-originals.ts";
import { GLOBAL_NAMES, programsGlobal } from "./global-names.ts";
import { ownValue } from "./own-value.ts";
import { type BuiltinReference, likeness, type ObjectReference } from "./reference.ts";

type Whereabouts = Pick<BuiltinReference, "module" | "path">;

// Lazy getters that cost nothing. Others load megabytes (fetch loads undici, 33–40 ms).
const CHEAP =
  "AbortController AbortSignal Blob Buffer DOMException TextDecoder TextEncoder atob btoa performance crypto";

// Their members are known elsewhere, or need their `this`.
const OBJECTS = new Set(["globalThis", "global", "process", "console", "performance", "crypto"]);

// Those that have a name with `node:` only are listed with it from Node 24 on, and not at all before.
const MODULES = new Set(
  [...builtinModules, "sea", "sqlite", "test", "test/reporters"].map((name) => name.replace(/^node:/, "")),
);

let found: Map<unknown, Whereabouts> | undefined;
let modulesSeen = 0;

/**
 * The worker compares name, arity and text: programs and tracing libraries put functions of their own in the place of
 * Node's, and those are not in a worker.
 */
export function builtinReference(fn: AnyFunction): BuiltinReference | undefined {
  const original = originalOf(fn);
  const at = whereabouts(fn) ?? whereabouts(original);
  return at && { kind: "builtin", ...at, ...likeness(original) };
}

/** `JSON`, `process`, a whole module such as `node:fs`. */
export function builtinObject(value: object): ObjectReference | undefined {
  const at = whereabouts(value);
  return at && { kind: "object", ...at };
}

/** `import * as fs from "node:fs"`, also as a bundler or a test runner hands it around. */
export function builtinNamespace(namespace: Readonly<Record<string, unknown>>): ObjectReference | undefined {
  const { default: module } = namespace;
  if (typeof module !== "object" && typeof module !== "function") return undefined;
  return module === null ? undefined : builtinObject(module);
}

function whereabouts(value: object): Whereabouts | undefined {
  found ??= collectGlobals();
  return found.get(value) ?? collectModules(found).get(value) ?? loadedGlobal(value);
}

/** Behind a getter when the others were collected. */
function loadedGlobal(value: object): Whereabouts | undefined {
  const name = ownValue(value, "name");
  if (typeof name !== "string" || ownValue(globalThis, name) !== value) return undefined;
  return GLOBAL_NAMES.includes(name) && programsGlobal(name) === undefined ? { path: [name] } : undefined;
}

function collectGlobals(): Map<unknown, Whereabouts> {
  const references = new Map<unknown, Whereabouts>();
  const cheap = new Set(CHEAP.split(" "));
  for (const name of GLOBAL_NAMES) {
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    const value: unknown =
      property?.get === undefined ? property?.value : cheap.has(name) ? globalNamed(name) : undefined;
    add(references, value, [name]);
    if (OBJECTS.has(name)) continue;
    for (const [key, member] of ownFunctions(value)) add(references, member, [name, key]);
    const prototype: unknown = typeof value === "function" ? value.prototype : undefined;
    add(references, prototype, [name, "prototype"]);
    for (const [key, member] of ownFunctions(prototype)) add(references, member, [name, "prototype", key]);
  }
  return references;
}

/** The first way to reach it is kept. */
function add(references: Map<unknown, Whereabouts>, value: unknown, path: readonly string[]): void {
  const known = (typeof value !== "function" && typeof value !== "object") || references.has(value);
  if (!known && value !== null) references.set(value, { path });
}

function globalNamed(name: string): unknown {
  return (globalThis as unknown as Record<string, unknown>)[name];
}

/** Only modules that are loaded already: a function of another one cannot be in anybody's hands. */
function collectModules(references: Map<unknown, Whereabouts>): Map<unknown, Whereabouts> {
  const loaded = (process as unknown as { moduleLoadList?: string[] }).moduleLoadList;
  if (loaded !== undefined && loaded.length === modulesSeen) return references;
  modulesSeen = loaded?.length ?? -1;
  const isLoaded = new Set(loaded?.map((entry) => entry.replace(/^NativeModule /, "")));
  for (const name of MODULES) {
    if (name.startsWith("_") || name === "sys" || (loaded !== undefined && !isLoaded.has(name))) continue;
    const module: unknown = process.getBuiltinModule(`node:${name}` as "fs");
    addModule(references, module, { module: `node:${name}`, path: [] });
    for (const key of PARTS[name] ?? []) {
      const part = (module as Record<string, object>)[key];
      addModule(references, part, { module: `node:${name}`, path: [key] });
    }
  }
  return references;
}

// Objects of functions within modules, of those that are no module themselves until somebody loads them as such.
const PARTS: Readonly<Record<string, readonly string[]>> = { path: ["posix", "win32"], util: ["types"] };

function addModule(references: Map<unknown, Whereabouts>, holder: unknown, at: Whereabouts): void {
  if (!references.has(holder)) references.set(holder, at);
  for (const [key, member] of ownFunctions(holder)) {
    if (!references.has(member)) references.set(member, { ...at, path: [...at.path, key] });
  }
}

function* ownFunctions(holder: unknown): Generator<[string, unknown]> {
  if ((typeof holder !== "object" && typeof holder !== "function") || holder === null) return;
  for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    // Getters are left alone: some of Node's warn or load when read.
    if (typeof value === "function" && key !== "constructor") yield [key, value];
  }
}
