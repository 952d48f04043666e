/**
 * How a function gets to a worker: the ways in order, each giving a reference or passing on. Runs on the caller's side,
 * once per function. The last word is a {@link TravelError} that says why no way was open.
 */
import { TravelError } from "../core/errors.ts";
import { type AnyFunction, type FunctionHandle, functionHandle } from "../core/function-handle.ts";
import { NoInspector } from "../inspect/inspector.ts";
import { type FunctionLocation, locate } from "../inspect/locate.ts";
import { builtinReference } from "./builtins.ts";
import { commonJsExportOf, namedCommonJsExport } from "./cjs-export.ts";
import { isUnguardedEntry } from "./entry.ts";
import { type FunctionReference, isNative, sourceOf } from "./reference.ts";
import { registeredReference } from "./registry.ts";
import { plainFunction } from "./threaded-mark.ts";

const handles = new WeakMap<AnyFunction, FunctionHandle>();

/** @throws {@link TravelError} when no worker could find the function. */
export function resolve(given: AnyFunction): FunctionHandle {
  const known = handles.get(given);
  if (known !== undefined) return known;
  const fn = plainFunction(given) ?? given;
  const handle = functionHandle(fn, reference(fn));
  handles.set(given, handle);
  return handle;
}

function reference(fn: AnyFunction): FunctionReference {
  const registered = registeredReference(fn);
  if (registered !== undefined && !isUnguardedEntry(registered.module)) return registered;
  const builtin = builtinReference(fn);
  if (builtin !== undefined) return builtin;
  const text = sourceOf(fn);
  if (isNative(text)) throw native(fn);
  return exported(fn, text);
}

function exported(fn: AnyFunction, text: string): FunctionReference {
  const identity = { text, name: fn.name, arity: fn.length };
  const named = namedCommonJsExport(fn);
  if (named !== undefined && !isUnguardedEntry(named.module)) {
    return { kind: "exported", ...named, ...identity };
  }
  const location = inspected(fn);
  if (location.url.startsWith("node:")) throw native(fn);
  if (!location.url.startsWith("file:")) {
    const where = location.url === "" ? "code without a file (eval, -e, a REPL)" : location.url;
    throw new TravelError(
      "eval",
      label(fn),
      `it comes from ${where}, which a worker cannot import. Move it to a module.`,
    );
  }
  const entry = isUnguardedEntry(location.url);
  const nested = entry ? undefined : commonJsExportOf(fn, location.url);
  if (nested !== undefined) return { kind: "exported", ...nested, ...identity };
  refuseClosure(fn, location);
  if (entry) throw inEntry(fn, location.url);
  if (location.scopes[0]?.kind === "Closure") throw notExported(fn, location);
  return { kind: "exported", module: location.url, ...identity };
}

function inspected(fn: AnyFunction): FunctionLocation {
  try {
    const location = locate(fn);
    if (location !== undefined) return location;
  } catch (error) {
    if (!(error instanceof NoInspector)) throw error;
    throw new TravelError(
      "no-inspector",
      label(fn),
      `where it was defined is known only to V8's inspector, and ${error.message}. ` +
        "Or wrap it with threaded() at the top level of its module.",
    );
  }
  throw native(fn);
}

/**
 * Only a function whose innermost captured scope is its module's can be found again by its text: `mk(1)` and `mk(2)` share
 * theirs. CommonJS wraps a module in one nameless function, the last scope before the global one.
 */
function refuseClosure(fn: AnyFunction, { scopes }: FunctionLocation): void {
  const captured = scopes.findIndex(
    ({ kind }) => kind === "Module" || kind === "Global" || kind === "Script",
  );
  const inner = scopes.slice(0, captured === -1 ? scopes.length : captured);
  const wrapped =
    scopes[captured]?.kind === "Global" && inner.at(-1)?.kind === "Closure" && inner.at(-1)?.of === undefined;
  const closure = inner[0];
  if (closure === undefined || (wrapped && inner.length === 1)) return;
  const names = closure.names.slice(0, 5).join(", ");
  throw new TravelError(
    "captured",
    label(fn),
    `it is defined inside ${closure.of === undefined ? "another function or block" : `${closure.of}()`} and may use its ` +
      `variables (${names}). Pass them as arguments, and move the function to the top level of a module and export it.`,
  );
}

function native(fn: AnyFunction): TravelError {
  const why = fn.name.startsWith("bound ")
    ? "it is a bound function, and V8 does not show what it is bound to. Export a function that makes the call."
    : "it was made inside Node.js or V8 and no worker can find it by name. Export a function that calls it.";
  return new TravelError("native", label(fn), why);
}

function inEntry(fn: AnyFunction, module: string): TravelError {
  return new TravelError(
    "entry",
    label(fn),
    `it is defined in the file that the program was started with (${module}), and importing that file in a worker would run ` +
      "the program again. Move the function to a module of its own, or put the file's main part behind " +
      "`if (import.meta.main)` or `if (require.main === module)`.",
  );
}

function notExported(fn: AnyFunction, { url, line }: FunctionLocation): TravelError {
  return new TravelError(
    "not-exported",
    label(fn),
    `${url}:${line} does not export it. Export it, or wrap it with threaded() there.`,
  );
}

function label(fn: AnyFunction): string {
  return fn.name === "" ? "the anonymous function" : fn.name;
}
