/**
 * What never changes about a function: its source as an expression, where it stands, which names it uses. Read once.
 */
import { fileURLToPath } from "node:url";
import type { AnyFunction } from "../../core/function-handle.ts";
import type { Inspection } from "../../inspect/inspection.ts";
import { type FunctionLocation, type FunctionScope, urlOf } from "../../inspect/locate.ts";
import { isFileUrl } from "../call-site.ts";
import { isNative, sourceOf } from "../reference.ts";
import { writtenSource } from "../written-source.ts";
import { type FreeVariables, freeVariables } from "./free-variables.ts";
import { refuse } from "./refuse.ts";
import { type ParsedFunction, parseFunction } from "./parse-function.ts";

export interface FunctionSource {
  readonly text: string;
  readonly parsed: ParsedFunction;
  readonly used: FreeVariables;
  readonly scriptId: string;
  /** Empty for code without a file. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
  readonly inModule: boolean;
  readonly strict: boolean;
}

/** A function as it is now. */
export interface OpenFunction {
  readonly source: FunctionSource;
  /** Innermost first, without the global scope. */
  readonly scopes: readonly FunctionScope[];
}

const known = new WeakMap<AnyFunction, FunctionSource>();

/** @throws TravelError for a text that means something only in its place; NoInspector. */
export function openFunction(fn: AnyFunction, path: string, inspection: Inspection): OpenFunction {
  const before = known.get(fn);
  if (before?.used.names.size === 0) return { source: before, scopes: [] };
  const location = isNative(sourceOf(fn)) ? undefined : inspection.locate(fn);
  const source = before ?? read(fn, location, path);
  known.set(fn, source);
  return { source, scopes: location?.scopes.filter(({ kind }) => kind !== "Global") ?? [] };
}

function read(fn: AnyFunction, location: FunctionLocation | undefined, path: string): FunctionSource {
  const text = sourceOf(fn);
  const url = location && urlOf(location);
  if (location === undefined || url === undefined || url.startsWith("node:")) {
    return refuse(
      "native",
      path,
      "it was made inside Node.js or V8, and no worker can find it by name. Make it inside the function.",
    );
  }
  const parsed = parseFunction(text) ?? refuseText(text, path);
  const used = freeVariables(parsed);
  refuseOuter(used, path);
  const inModule = location.scopes.some(({ kind }) => kind === "Module");
  const { scriptId, line, column } = location;
  const strict = inModule || isStrict(fn, parsed, url);
  return { text, parsed, used, scriptId, url, line, column, inModule, strict };
}

function refuseText(text: string, path: string): never {
  // Outside of a function the parser takes it for an error.
  if (!text.includes("#") && /\bnew\s*\.\s*target\b/.test(text)) refuseThis(path);
  return refuse(
    text.includes("#") ? "private-field" : "native",
    path,
    "its source cannot be read by itself: it uses a private member of its class, or an unknown syntax.",
  );
}

function refuseOuter(used: FreeVariables, path: string): void {
  if (used.directEval) refuse("eval", path, "it calls eval(), which may use any variable around it.");
  if (used.outerSuper) {
    refuse(
      "this",
      path,
      "it uses super, which means something only in its class. Make it a static method of an exported class.",
    );
  }
  if (used.outerThis) refuseThis(path);
}

function refuseThis(path: string): never {
  refuse(
    "this",
    path,
    "it uses the `this` or `new.target` around it, which V8 does not show. Copy what it needs into a const.",
  );
}

const DIRECTIVE = /^(?:\s|\/\/.*|\/\*[^]*?\*\/|#!.*)*(["'])use strict\1/;

/**
 * A sloppy function lets its `caller` be read, which throws for every other; but so it does for arrows and methods of sloppy
 * code. Where a directive stands deeper in the file, theirs may be the sloppy part: strict code fails loudly where sloppy code
 * would have done something else.
 */
function isStrict(fn: AnyFunction, { kind, ast }: ParsedFunction, url: string): boolean {
  if (isSloppy(fn)) return false;
  const [statement] = ast.body;
  const node = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (kind === "class") return true;
  if (kind === "function" && node?.type === "FunctionExpression" && !node.async && !node.generator) {
    return true;
  }
  const file = isFileUrl(url) ? writtenSource(fileURLToPath(url)) : "";
  return DIRECTIVE.test(file) || /["']use strict["']/.test(file);
}

/** Node 24 (V8 13.6) has it as an own property, Node 26 (V8 14.6) as an accessor that all functions inherit. */
const inheritedCaller = Object.getOwnPropertyDescriptor(Function.prototype, "caller")?.get;

function isSloppy(fn: AnyFunction): boolean {
  if (Object.hasOwn(fn, "caller")) return true;
  try {
    inheritedCaller?.call(fn);
    return inheritedCaller !== undefined;
  } catch {
    return false;
  }
}
