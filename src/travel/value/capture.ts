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
import { isNative, sourceOf } from "../reference.ts";
import { isDecorator, plainFunction } from "../threaded-mark.ts";
import {
  type Accessor,
  type Captured,
  type CaptureNode,
  type Field,
  flagsOf,
  type Own,
  type Variable,
} from "./capture-nodes.ts";
import { captureObject } from "./capture-object.ts";
import { capturePrototype, NOTHING } from "./capture-prototype.ts";
import { changesOf, whatIs } from "./changes.ts";
import type { CapturedVariable, CaptureOptions, CaptureResult, ReferenceOf } from "./capture-result.ts";
import { type CapturedSource, captureSource, type FreeValue } from "./capture-source.ts";
import { dataSize } from "./data-size.ts";
import { ImportedValues } from "./imported-values.ts";
import { CapturedClasses } from "./class-members.ts";
import { ownFields, parentOf } from "./function-fields.ts";
import { knownReference } from "./known-reference.ts";
import { isFrozenData, isPlainData } from "./plain-data.ts";
import { refuse } from "./refuse.ts";
import { BASE_CLASS } from "./rewrite.ts";
import { SharedVariables } from "./shared-variables.ts";
import { symbolName } from "./symbol-names.ts";
import type { Walk } from "./walk.ts";

/** @throws TravelError naming what cannot travel, and the path to it; NoInspector. */
export function capture(fn: AnyFunction, label: string, options: CaptureOptions = {}): CaptureResult {
  let capturer = new Capturer(options, new ImportedValues());
  capturer.function(fn, label);
  if (capturer.imported.isTorn) {
    capturer = new Capturer(options, capturer.imported.again());
    capturer.function(fn, label);
  }
  capturer.classes.join(capturer.nodes, capturer.known);
  const { nodes, warnings, constant, captured, shared } = capturer;
  return { capture: { nodes }, warnings: [...warnings], constant, captured, shared };
}

class Capturer implements Walk {
  readonly nodes: CaptureNode[] = [];
  readonly warnings = new Set<string>();
  readonly captured: CapturedVariable[] = [];
  constant = true;
  #bytes = 0;
  #depth = 0;
  readonly known = new Map<unknown, number>();
  readonly shared = new SharedVariables();
  readonly classes = new CapturedClasses();
  readonly imported: ImportedValues;
  readonly #inspection: Inspection;
  readonly #referenceOf: ReferenceOf;

  constructor(
    { inspection = new Inspection(), referenceOf = knownReference }: CaptureOptions,
    imported: ImportedValues,
  ) {
    this.imported = imported;
    this.#inspection = inspection;
    this.#referenceOf = referenceOf;
  }

  warn(text: string): void {
    this.warnings.add(text);
  }

  function(fn: AnyFunction, path: string): Captured {
    const known = this.known.get(fn);
    if (known !== undefined) return { node: known };
    const plain = plainFunction(fn);
    if (plain !== undefined) {
      const isMethod = isDecorated(plain) && { isMethod: true as const };
      return this.add(fn, () => ({ type: "threaded", target: this.function(plain, path), ...isMethod }));
    }
    const call = methodCallOf(fn);
    if (call !== undefined) {
      return this.add(fn, () => {
        // First, because the method may be a member of its class.
        const self = this.value(call.self, "this");
        return { type: "bound", target: this.value(call.plain, path), self, args: [], ...NOTHING };
      });
    }
    const member = this.classes.memberOf(fn);
    if (member !== undefined) return this.add(fn, () => member);
    const bound = isNative(sourceOf(fn)) ? boundParts(fn) : undefined;
    if (bound === undefined) return this.add(fn, (id) => this.#source(fn, id, path));
    return this.add(fn, () => ({
      type: "bound",
      ...this.own(fn, ownFields(fn), path),
      target: this.value(bound.target, `${path} (what it binds)`),
      self: this.value(bound.self, `${path} (its bound this)`),
      args: bound.args.map((argument, index) => this.value(argument, `${path} (bound argument ${index})`)),
    }));
  }

  #source(fn: AnyFunction, id: number, path: string): CaptureNode {
    const { node, free, kind, written, constant }: CapturedSource = captureSource(fn, path, this.#inspection);
    if (!constant) this.constant = false;
    this.#bytes += node.expression.length;
    const parent = parentOf(fn, kind);
    if (written !== undefined) this.classes.add(fn, id, written);
    return {
      ...node,
      // Imports first: what they are is known where it is met again.
      free: free
        .toSorted((a, b) => Number(b.kind === "import") - Number(a.kind === "import"))
        .map((variable) => this.#free(fn, id, variable, path)),
      own: this.own(fn, ownFields(fn, written), path),
      ...capturePrototype(fn, { kind, written }, path, this),
      ...(parent !== undefined && { parent: this.value(parent, `${path} (its parent)`) }),
    };
  }

  value(value: unknown, path: string): Captured {
    if (typeof value === "symbol") return this.#symbol(value, path);
    if ((typeof value !== "object" && typeof value !== "function") || value === null) {
      this.#bytes += dataSize(value, MOST_COUNTED);
      return { raw: value };
    }
    const known = this.known.get(value);
    if (known !== undefined) return { node: known };
    if (isDecorator(value)) return this.add(value, () => ({ type: "decorator" }));
    const reference =
      typeof value === "function" ? this.#referenceOf(value as AnyFunction) : builtinObject(value);
    if (reference !== undefined) return this.add(value, () => ({ type: "reference", reference, name: path }));
    const own = ownExport(value);
    if (own !== undefined) return this.add(value, () => ({ type: "import", ...own }));
    const imported = this.imported.nodeOf(value);
    if (imported !== undefined) return this.add(value, () => imported);
    this.imported.copied(value);
    if (typeof value === "function") return this.function(value as AnyFunction, path);
    if (!isFrozenData(value)) this.constant = false;
    if (!isPlainData(value)) return captureObject(value, path, this);
    this.#bytes += dataSize(value, MOST_COUNTED);
    return { raw: value };
  }

  own(holder: object, keys: readonly (string | symbol)[], path: string): Own {
    if (keys.length > 0 && typeof holder === "function") this.constant = false;
    const fields = keys.map((key): Field => {
      const at = Array.isArray(holder) ? `${path}[${String(key)}]` : `${path}.${String(key)}`;
      const property = Object.getOwnPropertyDescriptor(holder, key)!;
      const name = typeof key === "symbol" ? (symbolName(key) ?? refuseSymbol(key, path)) : key;
      const content = "value" in property ? this.value(property.value, at) : this.#accessor(property, at);
      const flags = flagsOf(property);
      return flags === 0 ? [name, content] : [name, content, flags];
    });
    return { fields, ...(!Object.isExtensible(holder) && { closed: true as const }) };
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
      this.imported.add(value, variable.node);
      return { name, value: this.add(undefined, () => variable.node) };
    }
    for (const text of changesOf(variable, path)) this.warn(text);
    this.shared.use(fn, variable, at);
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
    if (value !== undefined) this.known.set(value, id);
    if (++this.#depth > MOST_LEVELS) throw new RangeError("too deep");
    this.nodes[id] = fill(id);
    this.#depth--;
    return { node: id };
  }
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

// What nests deeper as objects with functions in them would not fit the stack.
const MOST_LEVELS = 400;

const PENDING: CaptureNode = { type: "array", fields: [] };
