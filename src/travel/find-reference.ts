/**
 * The ways by reference, in order, each giving a reference or passing on. Runs on the caller's side, once per function.
 *
 * 1. Wrapped by `threaded()` at the top level of a module, or decorated there.
 * 2. A function of the language or of Node, or of an addon.
 * 3. Exported by a CommonJS module, found by identity.
 * 4. Written at the top level of an ES module: the worker looks among the exports for its text and place.
 */
import { fileURLToPath } from "node:url";
import type { AnyFunction } from "../core/function-handle.ts";
import type { Inspection } from "../inspect/inspection.ts";
import { NoInspector } from "../inspect/inspector.ts";
import { type FunctionLocation, placeOf, urlOf } from "../inspect/locate.ts";
import { builtinReference } from "./builtins.ts";
import { isFileUrl } from "./call-site.ts";
import {
  anyCommonJsExport,
  type CommonJsExport,
  commonJsExportOf,
  directCommonJsExport,
  isCommonJs,
  namedCommonJsExport,
} from "./cjs-export.ts";
import { decoratedReference } from "./decorated.ts";
import { entryRole } from "./entry.ts";
import { type Identity, identify, isInterchangeable } from "./identity.ts";
import { beforeCommonJs, beforeModule } from "./package-entry.ts";
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
import { writtenSource } from "./written-source.ts";

/** Each gives a reference, passes on, or says for good why the function cannot travel. */
type Way = (fn: AnyFunction, text: string, inspection: Inspection) => FunctionReference | undefined;

const WAYS: readonly Way[] = [
  registered,
  decoratedReference,
  native,
  named,
  builtinReference,
  refuseInEntry,
  inspected,
];

/** @throws {@link TravelError} when no worker could find the function. */
export function findReference(fn: AnyFunction, inspection: Inspection): FunctionReference {
  const text = sourceOf(fn);
  for (const way of WAYS) {
    const found = way(fn, text, inspection);
    if (found !== undefined) return found;
  }
  throw refusal.native(fn);
}

function registered(fn: AnyFunction, text: string, inspection: Inspection): RegisteredReference | undefined {
  const wrap = wrapsOf(fn).find(
    (candidate) =>
      entryRole(candidate.module) !== "unguarded" &&
      (!candidate.repeated.has(text) || isOnlyOneOfItsKind(fn, text, candidate, inspection)),
  );
  return wrap && { ...registeredReference(fn, wrap), ...onlyInThreads(wrap.module) };
}

/** Of the turns of a loop, or of a module that was evaluated again. */
function isOnlyOneOfItsKind(
  fn: AnyFunction,
  text: string,
  { module }: Wrap,
  inspection: Inspection,
): boolean {
  try {
    const location = inspection.locate(fn);
    return location !== undefined && isInterchangeable(fn, text, location) && urlOf(location) === module;
  } catch (error) {
    if (error instanceof NoInspector) return false;
    throw error;
  }
}

function named(fn: AnyFunction, text: string): ExportedReference | undefined {
  const found = namedCommonJsExport(fn, text);
  return found && byPath(fn, found);
}

/** Without text there is nothing else to go by. An addon's functions are exported by what loads it. */
function native(fn: AnyFunction, text: string): FunctionReference | undefined {
  if (!isNative(text)) return undefined;
  const found = builtinReference(fn) ?? named(fn, text);
  if (found === undefined) throw refusal.native(fn);
  return found;
}

/** What stands in the entry needs no inspector to be refused. */
function refuseInEntry(fn: AnyFunction, text: string): undefined {
  const [wrap] = wrapsOf(fn);
  if (wrap === undefined || entryRole(wrap.module) !== "unguarded") return undefined;
  if (writtenSource(fileURLToPath(wrap.module)).includes(text)) throw refusal.inEntry(fn, wrap.module);
  return undefined;
}

function inspected(fn: AnyFunction, text: string, inspection: Inspection): ExportedReference | undefined {
  let location: FunctionLocation | undefined;
  try {
    location = inspection.locate(fn);
  } catch (error) {
    if (!(error instanceof NoInspector)) throw error;
    const found = anyCommonJsExport(fn, text);
    if (found === undefined) throw refusal.noInspector(fn, error);
    return byPath(fn, found);
  }
  if (location === undefined) return undefined;
  const isModule = location.scopes.some(({ kind }) => kind === "Module");
  return isModule ? inModule(fn, text, location) : inCommonJs(fn, text, location);
}

function inModule(fn: AnyFunction, text: string, location: FunctionLocation): ExportedReference {
  // Before its URL, which is dear.
  const anchor = anchorOf(fn, text, location);
  const module = fileOf(fn, location);
  if (entryRole(module) === "unguarded") throw refusal.inEntry(fn, module);
  const by = { place: placeOf(location), ...(anchor !== undefined && { anchor }) };
  return { kind: "exported", module, ...beforeModule(module), by, ...likeness(fn), ...onlyInThreads(module) };
}

/** Or in a script that a test runner made of a module. */
function inCommonJs(fn: AnyFunction, text: string, location: FunctionLocation): ExportedReference {
  // Before its URL, which is dear: `exports.work = () => …` gives the function no name.
  const direct = directCommonJsExport(fn, text);
  if (direct !== undefined) return byPath(fn, direct);
  const module = fileOf(fn, location);
  const isEntry = entryRole(module) === "unguarded";
  const nested = isEntry ? undefined : commonJsExportOf(fn, module);
  if (nested !== undefined) return byPath(fn, nested);
  anchorOf(fn, text, location);
  if (isEntry) throw refusal.inEntry(fn, module);
  if (isCommonJs(module)) throw refusal.notExported(fn, `${module}:${location.line}`);
  const by = { place: placeOf(location) };
  return { kind: "exported", module, by, ...likeness(fn), ...onlyInThreads(module) };
}

/** URL of a file that a worker can import. */
function fileOf(fn: AnyFunction, location: FunctionLocation): string {
  const url = urlOf(location);
  if (url.startsWith("node:")) throw refusal.native(fn);
  if (!isFileUrl(url)) throw refusal.evaluated(fn, url);
  return url;
}

function byPath(fn: AnyFunction, { module, path }: CommonJsExport): ExportedReference {
  const before = beforeCommonJs(module);
  return { kind: "exported", module, ...before, by: { path }, ...likeness(fn), ...onlyInThreads(module) };
}

function onlyInThreads(module: string): { threadsOnly?: boolean } {
  return entryRole(module) === "guarded-in-threads" ? { threadsOnly: true } : {};
}

/** @throws {@link TravelError} for a function that is not all that its text and place say. */
function anchorOf(fn: AnyFunction, text: string, location: FunctionLocation): string | undefined {
  const identity: Identity = identify(fn, text, location);
  if (identity.kind !== "module") throw refusal.beyondModule(fn, identity);
  return identity.anchor;
}
