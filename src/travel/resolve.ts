/**
 * How a function gets to a worker: the ways in order, each giving a reference or passing on. Runs on the caller's side,
 * once per function. The last word is a {@link TravelError} that says why no way was open.
 *
 * 1. Wrapped by `threaded()` at the top level of a module.
 * 2. A function of the language or of Node.
 * 3. Exported by a CommonJS module, found by identity.
 * 4. Written at the top level of an ES module: the worker looks among the exports for its text and place.
 */
import { fileURLToPath } from "node:url";
import { type AnyFunction, type FunctionHandle, functionHandle } from "../core/function-handle.ts";
import { NoInspector } from "../inspect/inspector.ts";
import { type FunctionLocation, locate, placeOf, urlOf } from "../inspect/locate.ts";
import { builtinReference } from "./builtins.ts";
import { isEvaluated } from "./call-site.ts";
import { type CommonJsExport, commonJsExportOf, isCommonJs, namedCommonJsExport } from "./cjs-export.ts";
import { entryRole } from "./entry.ts";
import { beyondModule } from "./module-scope.ts";
import {
  type ExportedReference,
  type FunctionReference,
  isNative,
  likeness,
  type RegisteredReference,
  sourceOf,
} from "./reference.ts";
import * as refusal from "./refusal.ts";
import { registeredReference, type Wrap, wrapsOf } from "./registry.ts";
import { plainFunction } from "./threaded-mark.ts";
import { writtenSource } from "./written-source.ts";

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
  const text = sourceOf(fn);
  const found = registered(fn, text) ?? builtinReference(fn);
  if (found !== undefined) return found;
  const named = namedCommonJsExport(fn, text);
  if (named !== undefined) return byPath(fn, named);
  if (isNative(text)) throw refusal.native(fn);
  const home = wrappedInEntry(fn, text);
  if (home !== undefined) throw refusal.inEntry(fn, home);
  return exported(fn, text);
}

function registered(fn: AnyFunction, text: string): RegisteredReference | undefined {
  const wrap = wrapsOf(fn).find(
    (candidate) =>
      entryRole(candidate.module) !== "unguarded" &&
      (!candidate.repeated.has(text) || isOnlyOneOfItsKind(fn, text, candidate)),
  );
  return wrap && { ...registeredReference(fn, wrap), ...onlyInThreads(wrap.module) };
}

/** Of the turns of a loop, or of a module that was evaluated again. */
function isOnlyOneOfItsKind(fn: AnyFunction, text: string, { module }: Wrap): boolean {
  try {
    const location = locate(fn);
    return (
      location !== undefined && beyondModule(fn, text, location) === undefined && urlOf(location) === module
    );
  } catch (error) {
    if (error instanceof NoInspector) return false;
    throw error;
  }
}

/** A function that stands in the program's entry needs no inspector to be refused. */
function wrappedInEntry(fn: AnyFunction, text: string): string | undefined {
  const [wrap] = wrapsOf(fn);
  if (wrap === undefined || entryRole(wrap.module) !== "unguarded") return undefined;
  return writtenSource(fileURLToPath(wrap.module)).includes(text) ? wrap.module : undefined;
}

function exported(fn: AnyFunction, text: string): FunctionReference {
  const location = inspected(fn);
  const isModule = location.scopes.some(({ kind }) => kind === "Module");
  // First, because for an ES module it needs no URL, which is dear.
  if (isModule) refuseMore(fn, text, location);
  const url = urlOf(location);
  if (url.startsWith("node:")) throw refusal.native(fn);
  if (!url.startsWith("file:") || isEvaluated(url)) throw refusal.evaluated(fn, url);
  if (entryRole(url) !== "unguarded") {
    const nested = isModule ? undefined : commonJsExportOf(fn, url);
    if (nested !== undefined) return byPath(fn, nested);
  }
  if (!isModule) refuseMore(fn, text, location);
  if (entryRole(url) === "unguarded") throw refusal.inEntry(fn, url);
  if (!isModule && isCommonJs(url)) throw refusal.notExported(fn, `${url}:${location.line}`);
  const by = { place: placeOf(location) };
  return { kind: "exported", module: url, by, ...likeness(fn), ...onlyInThreads(url) };
}

function byPath(fn: AnyFunction, { module, path }: CommonJsExport): ExportedReference {
  return { kind: "exported", module, by: { path }, ...likeness(fn), ...onlyInThreads(module) };
}

function onlyInThreads(module: string): { threadsOnly?: boolean } {
  return entryRole(module) === "guarded-in-threads" ? { threadsOnly: true } : {};
}

function inspected(fn: AnyFunction): FunctionLocation {
  try {
    const location = locate(fn);
    if (location !== undefined) return location;
  } catch (error) {
    if (error instanceof NoInspector) throw refusal.noInspector(fn, error);
    throw error;
  }
  throw refusal.native(fn);
}

function refuseMore(fn: AnyFunction, text: string, location: FunctionLocation): void {
  const more = beyondModule(fn, text, location);
  if (more !== undefined) throw refusal.beyondModule(fn, more);
}
