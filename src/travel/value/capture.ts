/**
 * A function with everything it uses, as plain data. A snapshot: what its variables hold now is what it will see, in each
 * call anew. Right or refused, never silently different: what cannot be copied exactly throws, with the path to it.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import { ownExport } from "../../core/own-exports.ts";
import { Inspection } from "../../inspect/inspection.ts";
import { boundParts } from "../../inspect/internals.ts";
import { describe } from "../../wire/uncloneable.ts";
import { builtinNamespace, builtinObject } from "../builtins.ts";
import { isDecorated } from "../decorated.ts";
import { methodCallOf } from "../method-call.ts";
import { type FunctionReference, isNative, sourceOf } from "../reference.ts";
import { isDecorator, plainFunction } from "../threaded-mark.ts";
import type { Accessor, Capture, Captured, CaptureNode, Field, Variable } from "./capture-nodes.ts";
import { changesOf } from "./changes.ts";
import { captureObject } from "./capture-object.ts";
import { type CapturedSource, captureSource, type FreeValue } from "./capture-source.ts";
import { dataSize } from "./data-size.ts";
import { ownFields, parentOf, prototypeFields, prototypeOf, prototypeParentOf } from "./function-fields.ts";
import { knownReference } from "./known-reference.ts";
import { isFrozenData, isPlainData } from "./plain-data.ts";
import { refusePrivateState } from "./private-members.ts";
import { refuse } from "./refuse.ts";
import { BASE_CLASS } from "./rewrite.ts";
import { SharedVariables } from "./shared-variables.ts";
import { symbolName } from "./symbol-names.ts";
import type { Walk } from "./walk.ts";

export interface CaptureResult {
  readonly capture: Capture;
  /** What its author should know: changes that will stay in the worker. */
  readonly warnings: readonly string[];
  /** Nothing of it can change: it is captured once. */
  readonly constant: boolean;
  /** The captured variables, by path, and about how much data each carries. */
  readonly captured: readonly CapturedVariable[];
}

/** A variable that travels along. */
export interface CapturedVariable {
  /** Functions that lead to it, and its name. */
  readonly path: string;
  /** "a number", "an Array", "the function parse" … */
  readonly what: string;
  /** About how many its copy takes. Of what several variables hold, the first has them all. */
  readonly bytes: number;
}

/** How a worker finds a function of what is captured, if it can: then that is not captured itself. */
export type ReferenceOf = (fn: AnyFunction) => FunctionReference | undefined;

export interface CaptureOptions {
  readonly inspection?: Inspection;
  readonly referenceOf?: ReferenceOf;
}

/** @throws TravelError naming what cannot travel, and the path to it; NoInspector. */
export function capture(fn: AnyFunction, label: string, options: CaptureOptions = {}): CaptureResult {
  const capturer = new Capturer(options);
  capturer.function(fn, label);
  const { nodes, warnings, constant, captured } = capturer;
  return { capture: { nodes }, warnings: [...warnings], constant, captured };
}

class Capturer implements Walk {
  readonly nodes: CaptureNode[] = [];
  readonly warnings = new Set<string>();
  readonly captured: CapturedVariable[] = [];
  constant = true;
  #bytes = 0;
  readonly #known = new Map<unknown, number>();
  readonly #shared = new SharedVariables();
  readonly #inspection: Inspection;
  readonly #referenceOf: ReferenceOf;

  constructor({ inspection = new Inspection(), referenceOf = knownReference }: CaptureOptions) {
    this.#inspection = inspection;
    this.#referenceOf = referenceOf;
  }

  warn(text: string): void {
    this.warnings.add(text);
  }

  function(fn: AnyFunction, path: string): Captured {
    const known = this.#known.get(fn);
    if (known !== undefined) return { node: known };
    const plain = plainFunction(fn);
    if (plain !== undefined) {
      const isMethod = isDecorated(plain) && { isMethod: true as const };
      return this.add(fn, () => ({ type: "threaded", target: this.function(plain, path), ...isMethod }));
    }
    const call = methodCallOf(fn);
    if (call !== undefined) {
      return this.add(fn, () => ({
        type: "bound",
        target: this.value(call.plain, path),
        self: this.value(call.self, "this"),
        args: [],
      }));
    }
    const bound = isNative(sourceOf(fn)) ? boundParts(fn) : undefined;
    if (bound === undefined) return this.add(fn, (id) => this.#source(fn, id, path));
    return this.add(fn, () => ({
      type: "bound",
      target: this.value(bound.target, `${path} (what it binds)`),
      self: this.value(bound.self, `${path} (its bound this)`),
      args: bound.args.map((argument, index) => this.value(argument, `${path} (bound argument ${index})`)),
    }));
  }

  #source(fn: AnyFunction, id: number, path: string): CaptureNode {
    const { node, free, kind }: CapturedSource = captureSource(fn, path, this.#inspection);
    this.#bytes += node.expression.length;
    if (node.isClass) refusePrivateState(fn, path);
    const parent = parentOf(fn, kind);
    const prototypeParent = prototypeParentOf(fn, kind);
    const prototype = prototypeOf(fn);
    return {
      ...node,
      free: free.map((variable) => this.#free(fn, id, variable, path)),
      own: this.fields(fn, ownFields(fn, kind), path),
      prototype: prototype ? this.fields(prototype, prototypeFields(fn, kind)!, `${path}.prototype`) : [],
      ...(parent !== undefined && { parent: this.value(parent, `${path} (its parent)`) }),
      ...(prototypeParent !== undefined && {
        prototypeParent: this.value(prototypeParent, `${path}.prototype (its parent)`),
      }),
    };
  }

  value(value: unknown, path: string): Captured {
    if (typeof value === "symbol") return this.#symbol(value, path);
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      this.#bytes += dataSize(value, MOST_COUNTED);
      return { raw: value };
    }
    const known = this.#known.get(value);
    if (known !== undefined) return { node: known };
    if (isDecorator(value)) return this.add(value, () => ({ type: "decorator" }));
    const reference =
      typeof value === "function" ? this.#referenceOf(value as AnyFunction) : builtinObject(value);
    if (reference !== undefined) return this.add(value, () => ({ type: "reference", reference, name: path }));
    const own = ownExport(value);
    if (own !== undefined) return this.add(value, () => ({ type: "import", ...own }));
    if (typeof value === "function") return this.function(value as AnyFunction, path);
    const isPlain = isPlainData(value);
    if (!isPlain || !isFrozenData(value)) this.constant = false;
    if (!isPlain) return captureObject(value, path, this);
    this.#bytes += dataSize(value, MOST_COUNTED);
    return { raw: value };
  }

  fields(holder: object, keys: readonly (string | symbol)[], path: string): Field[] {
    return keys.map((key): Field => {
      const at = Array.isArray(holder) ? `${path}[${String(key)}]` : `${path}.${String(key)}`;
      const property = Object.getOwnPropertyDescriptor(holder, key)!;
      const name = typeof key === "symbol" ? (symbolName(key) ?? refuseSymbol(key, path)) : key;
      if (typeof holder === "function") this.constant = false;
      const content = "value" in property ? this.value(property.value, at) : this.#accessor(property, at);
      return property.enumerable === true ? [name, content] : [name, content, true];
    });
  }

  #accessor({ get, set }: PropertyDescriptor, path: string): Accessor {
    return { get: this.value(get, `${path} (its getter)`), set: this.value(set, `${path} (its setter)`) };
  }

  #free(fn: AnyFunction, id: number, variable: FreeValue, path: string): Variable {
    const { name, value } = variable;
    const at = `${path} → ${name === BASE_CLASS ? "the class it extends" : name}`;
    if (variable.kind === "self") return { name, value: { node: id } };
    if (variable.kind === "import") {
      const { specifier, imported } = variable.node;
      this.captured.push({ path: at, what: `${imported} of ${specifier}, imported anew`, bytes: 0 });
      return { name, value: this.add(undefined, () => variable.node) };
    }
    for (const text of changesOf(variable, path)) this.warn(text);
    this.#shared.use(fn, variable, at);
    if (!variable.constant) this.constant = false;
    const before = this.#bytes;
    const content = variable.kind === "members" ? this.#members(variable, at) : this.value(value, at);
    this.captured.push({ path: at, what: whatIs(value), bytes: this.#bytes - before });
    return { name, value: content };
  }

  #members({ value, members }: Extract<FreeValue, { kind: "members" }>, path: string): Captured {
    const namespace = value as Readonly<Record<string, unknown>>;
    // A worker's `threadId` is another one.
    const ofNode = builtinNamespace(namespace);
    const member = (name: string): Captured => {
      const at = `${path}.${name}`;
      if (ofNode === undefined || name === "default") return this.value(namespace[name], at);
      const reference = { ...ofNode, path: [...ofNode.path, name] };
      return this.add(undefined, () => ({ type: "reference", reference, name: at }));
    };
    return this.add(undefined, () => ({
      type: "object",
      fields: members.map((name) => [name, member(name)]),
    }));
  }

  #symbol(value: symbol, path: string): Captured {
    const name = symbolName(value) ?? refuseSymbol(value, path);
    return this.add(value, () => ({ type: "symbol", name }));
  }

  add(value: unknown, fill: (id: number) => CaptureNode): Captured {
    const id = this.nodes.length;
    this.nodes.push(PENDING);
    if (value !== undefined) this.#known.set(value, id);
    this.nodes[id] = fill(id);
    return { node: id };
  }
}

function whatIs(value: unknown): string {
  if (typeof value === "object" || typeof value === "function") return describe(value);
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function refuseSymbol(symbol: symbol, path: string): never {
  return refuse(
    "captured",
    path,
    `it uses ${describe(symbol)}, which has no identity in another thread. Use Symbol.for().`,
  );
}

// Far beyond what is warned about.
const MOST_COUNTED = 100_000_000;

const PENDING: CaptureNode = { type: "array", length: 0, fields: [] };
