/**
 * A reference back to a function, in the worker. Importing the module runs it there, once.
 */
import { TravelError } from "../core/errors.ts";
import type { AnyFunction } from "../core/function-handle.ts";
import { follow, walkExports } from "./find-export.ts";
import { type FunctionReference, sourceOf } from "./reference.ts";
import { findRegistered } from "./registry.ts";
import { plainFunction } from "./threaded-mark.ts";

/** @throws what the module throws on import; {@link TravelError} when the function is not where the reference says. */
export async function load(reference: FunctionReference, name: string): Promise<AnyFunction> {
  switch (reference.kind) {
    case "builtin":
      return loadBuiltin(reference, name);
    case "registered": {
      await import(reference.module);
      return (
        findRegistered(reference) ??
        missing(name, reference.module, "wraps it with threaded() at the same place")
      );
    }
    case "exported": {
      const exports: unknown = await import(reference.module);
      return (
        findExported(exports, reference) ??
        missing(name, reference.module, "exports a function with its text")
      );
    }
  }
}

function loadBuiltin(
  { module, path }: Extract<FunctionReference, { kind: "builtin" }>,
  name: string,
): AnyFunction {
  const holder: unknown = module === undefined ? globalThis : process.getBuiltinModule(module as "fs");
  const fn = follow(holder, path);
  return typeof fn === "function" ? (fn as AnyFunction) : missing(name, module ?? "globalThis", "has it");
}

type ExportedReference = Extract<FunctionReference, { kind: "exported" }>;

function findExported(exports: unknown, wanted: ExportedReference): AnyFunction | undefined {
  if (wanted.path !== undefined) {
    // What `require` gave main is the default export here, or the namespace when it required an ES module.
    for (const root of [(exports as { default?: unknown }).default, exports]) {
      const fn = plain(follow(root, wanted.path));
      if (matches(fn, wanted)) return fn;
    }
    return undefined;
  }
  const fits = new Set<AnyFunction>();
  for (const { value } of walkExports(exports)) {
    const fn = plain(value);
    if (matches(fn, wanted)) fits.add(fn);
  }
  // Two different functions of one text may hold different captured values: which one was meant is unknown.
  return fits.size === 1 ? [...fits][0] : undefined;
}

function plain(value: unknown): unknown {
  return typeof value === "function" ? (plainFunction(value as AnyFunction) ?? value) : value;
}

function matches(value: unknown, { text, name, arity }: ExportedReference): value is AnyFunction {
  return (
    typeof value === "function" && value.name === name && value.length === arity && sourceOf(value) === text
  );
}

function missing(name: string, module: string, expected: string): never {
  throw new TravelError(
    "not-exported",
    name,
    `in the worker, ${module} has nothing that ${expected}. Export it, or wrap it with threaded() at the top level.`,
  );
}
