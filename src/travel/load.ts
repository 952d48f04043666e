/**
 * A reference back to a function, in the worker. Importing the module runs it there, once.
 */
import { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { TravelError } from "../core/errors.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import { ownWorker } from "../core/realm.ts";
import { locate, placeOf, urlOf } from "../inspect/locate.ts";
import { findDecorated } from "./find-decorated.ts";
import { follow, walkExports } from "./find-export.ts";
import { identify, isInterchangeable } from "./identity.ts";
import {
  type BuiltinReference,
  type ByPlace,
  type ExportedReference,
  type FunctionReference,
  isLike,
  type ObjectReference,
  type RegisteredReference,
} from "./reference.ts";
import { inEntryOfProcess } from "./refusal.ts";
import { findRegistered } from "./registry.ts";
import { NotLoaded } from "./not-loaded.ts";
import { importBefore } from "./import-from.ts";
import { plainFunction } from "./threaded-mark.ts";
import { revive } from "./value/revive.ts";

/** @throws NotLoaded */
export async function load(reference: FunctionReference, name: string): Promise<AnyFunction> {
  if (reference.kind === "value") return revive(reference.capture, loadPart);
  try {
    return await find(reference, name);
  } catch (error) {
    throw error instanceof NotLoaded ? error : new NotLoaded(error);
  }
}

/** What a captured function refers to. */
function loadPart(reference: object, name: string): unknown {
  const part = reference as FunctionReference | ObjectReference;
  return part.kind === "object" ? loadObject(part, name) : loadOnce(part, name);
}

/**
 * Parts of captures, by what they refer to, because a method's class comes with each of its calls. What a module exports does
 * not change; only what was found is kept, and there is no more of it than there is code.
 */
const parts = new Map<string, { readonly text: string; readonly fn: AnyFunction }>();

function loadOnce(reference: FunctionReference, name: string): AnyFunction | Promise<AnyFunction> {
  if (reference.kind !== "decorated" && reference.kind !== "exported") return load(reference, name);
  const { text, module } = reference;
  const where =
    reference.kind === "decorated"
      ? [reference.position, reference.classDigest]
      : [JSON.stringify(reference.by), reference.name];
  const key = [reference.kind, module, ...where].join(" ");
  const known = parts.get(key);
  if (known?.text === text) return known.fn;
  return load(reference, name).then((fn) => {
    parts.set(key, { text, fn });
    return fn;
  });
}

/** @throws {@link TravelError} when the function is not where the reference says; NotLoaded. */
async function find(reference: ByName, name: string): Promise<AnyFunction> {
  if (reference.kind === "builtin") return loadBuiltin(reference, name);
  const { module } = reference;
  if (reference.threadsOnly === true && ownWorker()?.kind === "process") {
    throw inEntryOfProcess(name, module);
  }
  if (reference.kind === "exported") await importBefore(reference, module);
  const exports = await importModule(module).catch((error: unknown) => {
    throw new NotLoaded(error, module);
  });
  switch (reference.kind) {
    case "registered":
      return loadRegistered(reference) ?? missing(name, module, "wraps it with threaded() at the same place");
    case "decorated":
      return (
        findDecorated(reference, exports) ?? missing(name, module, "has it with @threaded at that place")
      );
    case "exported":
      return loadExported(exports, reference) ?? missing(name, module, "exports a function with its text");
  }
}

type ByName = Exclude<FunctionReference, { kind: "value" }>;

function loadBuiltin(reference: BuiltinReference, name: string): AnyFunction {
  const { module } = reference;
  const holder: unknown = module === undefined ? globalThis : process.getBuiltinModule(module as "fs");
  const fn = follow(holder, reference.path);
  if (isLike(fn, reference)) return fn;
  throw new TravelError(
    "native",
    name,
    `in a worker ${[module, ...reference.path].filter(Boolean).join(".")} is another function: the program replaced it ` +
      "here, or Node does there. Export a function that calls it.",
  );
}

function loadObject({ module, path, programs }: ObjectReference, name: string): unknown {
  const found = follow(module === undefined ? globalThis : process.getBuiltinModule(module as "fs"), path);
  if (found !== undefined || programs !== true) return found;
  const why =
    "the program put it there, and this worker has globals of its own. Keep it in a variable, or set it in a preload.";
  throw new TravelError("captured", name, why);
}

async function importModule(url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    // Addons, and what a hook of require() reads.
    const extension = extname(fileURLToPath(url));
    const require = createRequire(url);
    const isKnown = Object.hasOwn(require.extensions, extension);
    if ((error as { code?: unknown }).code !== "ERR_UNKNOWN_FILE_EXTENSION" || !isKnown) throw error;
    return require(fileURLToPath(url));
  }
}

function loadRegistered(reference: RegisteredReference): AnyFunction | undefined {
  const found = findRegistered(reference);
  if (found === undefined) return undefined;
  return found.repeated && !isAtTopLevelOf(reference, found.fn) ? undefined : found.fn;
}

/** Then all functions of its text that were wrapped at its place do the same. */
function isAtTopLevelOf({ module, text }: RegisteredReference, fn: AnyFunction): boolean {
  const location = locate(fn);
  return location !== undefined && isInterchangeable(fn, text, location) && urlOf(location) === module;
}

function loadExported(exports: unknown, reference: ExportedReference): AnyFunction | undefined {
  const { by, text } = reference;
  if ("path" in by) {
    // What `require` gave main is the default export here, or the namespace when it required an ES module.
    const roots = [(exports as { default?: unknown }).default, exports];
    return roots.map((root) => plain(follow(root, by.path))).find((fn) => isLike(fn, reference));
  }
  for (const { value } of walkExports(exports)) {
    const fn = plain(value);
    if (!isLike(fn, reference)) continue;
    if (isThere(fn, text, by)) return fn;
  }
  return undefined;
}

/** As main asked of its own: then this is the same code with nothing captured, and it cannot be another function. */
function isThere(fn: AnyFunction, text: string, { place, anchor }: ByPlace): boolean {
  const location = locate(fn);
  if (location === undefined || placeOf(location) !== place) return false;
  const identity = identify(fn, text, location);
  return identity.kind === "module" && identity.anchor === anchor;
}

function plain(value: unknown): unknown {
  return typeof value === "function" ? (plainFunction(value as AnyFunction) ?? value) : value;
}

function missing(name: string, module: string, expected: string): never {
  throw new TravelError(
    "not-exported",
    name,
    `in the worker, ${module} has nothing that ${expected}. Export it, or wrap it with threaded() at the top level. ` +
      "(Its file may have changed since the program started, or it depends on something that differs there.)",
  );
}
