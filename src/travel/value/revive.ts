/**
 * A captured function, made again in the worker: compiled under the name, line and column that it was written at, so that its
 * stack traces are the original's. Only what this program's main thread captured of its own code is ever compiled here.
 *
 * Free names are parameters of a function around the text, set once everything is there.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import type { Accessor, Capture, Captured, CaptureNode, Field, FunctionNode } from "./capture-nodes.ts";
import { importKey } from "../import-key.ts";
import { NotLoaded } from "../not-loaded.ts";
import { compile, importBinding, type Setter } from "./compile.ts";
import { BASE_CLASS } from "./rewrite.ts";
import { symbolNamed } from "./symbol-names.ts";

/** Finds what travels by reference. */
export type Load = (reference: object, name: string) => unknown;
/** @throws what importing a captured import throws */
export async function revive({ nodes }: Capture, load: Load): Promise<AnyFunction> {
  const reviver = new Reviver(nodes);
  await reviver.fetch(load);
  return reviver.link(0) as AnyFunction;
}

/**
 * Two steps for each node, so that cycles close:
 *
 * 1. *made*: the thing exists. A function needs nothing for that, a container is empty, a class needs what its evaluation
 *    uses: its base, and all of it when it has static parts.
 * 2. *linked*: its parts are in place. Only then may anything call it.
 */
class Reviver {
  readonly #nodes: readonly CaptureNode[];
  readonly #made = new Map<number, unknown>();
  readonly #setters = new Map<number, readonly Setter[]>();
  readonly #linked = new Set<number>();

  constructor(nodes: readonly CaptureNode[]) {
    this.#nodes = nodes;
  }

  /** What has to be waited for, first. */
  async fetch(load: Load): Promise<void> {
    for (const [id, node] of this.#nodes.entries()) {
      if (node.type === "reference") this.#made.set(id, await load(node.reference, node.name));
      if (node.type === "import") this.#made.set(id, await importNamed(node));
    }
  }

  link(id: number): unknown {
    if (this.#linked.has(id)) return this.#made.get(id);
    this.#linked.add(id);
    const value = this.#make(id);
    const node = this.#nodes[id]!;
    for (const part of partsOf(node)) if ("node" in part) this.link(part.node);
    this.#connect(id, node, value);
    return value;
  }

  #make(id: number): unknown {
    if (this.#made.has(id)) return this.#made.get(id);
    const value = this.#create(id, this.#nodes[id]!);
    this.#made.set(id, value);
    return value;
  }

  #value(captured: Captured): unknown {
    return "raw" in captured ? captured.raw : this.#make(captured.node);
  }

  #create(id: number, node: CaptureNode): unknown {
    switch (node.type) {
      case "function":
        return this.#function(id, node);
      case "threaded":
        return (node.isMethod === true ? methodInPlace : inPlace)(
          () => this.#value(node.target) as AnyFunction,
        );
      case "decorator":
        // In a worker calls run in place, so it leaves its method as it is.
        return () => undefined;
      case "bound": {
        const target = this.#value(node.target) as (...args: unknown[]) => unknown;
        return target.bind(this.#value(node.self), ...node.args.map((argument) => this.#value(argument)));
      }
      case "instance":
        return Object.create((this.#value(node.constructor) as { prototype: object }).prototype);
      case "array":
        return [];
      case "set":
        return new Set();
      case "map":
        return new Map();
      case "object":
        return node.parent === undefined ? {} : Object.create(this.#value(node.parent) as object | null);
      case "symbol":
        return symbolNamed(node.name);
      case "regexp":
        return Object.assign(new RegExp(node.source, node.flags), { lastIndex: node.lastIndex });
      case "prototype":
        return (this.#value(node.of) as { prototype: object }).prototype;
      case "buffer":
        return Buffer.from(node.bytes.buffer, node.bytes.byteOffset, node.bytes.byteLength);
      case "reference":
      case "import":
        return undefined;
    }
  }

  #function(id: number, node: FunctionNode): AnyFunction {
    for (const { name, value } of node.free) {
      if (node.isClass && (node.eager || name === BASE_CLASS) && "node" in value) this.link(value.node);
    }
    const early = node.free.map(({ value }) => ("raw" in value ? value.raw : this.#made.get(value.node)));
    const { make, set } = compile(node, early);
    this.#setters.set(id, set);
    const fn = make();
    if (!Object.hasOwn(fn, "name") || (typeof fn.name === "string" && fn.name !== node.name)) {
      Object.defineProperty(fn, "name", { value: node.name, configurable: true });
    }
    return fn;
  }

  #connect(id: number, node: CaptureNode, value: unknown): void {
    switch (node.type) {
      case "function":
        return this.#connectFunction(id, node, value as AnyFunction);
      case "array":
        this.#fill(value as object, node.fields);
        (value as unknown[]).length = node.length;
        return;
      case "set":
        for (const item of node.items) (value as Set<unknown>).add(this.#value(item));
        return;
      case "map":
        for (const [key, item] of node.entries) {
          (value as Map<unknown, unknown>).set(this.#value(key), this.#value(item));
        }
        return;
      case "object":
      case "instance":
        return this.#fill(value as object, node.fields);
      default:
        break;
    }
  }

  #connectFunction(id: number, node: FunctionNode, fn: AnyFunction): void {
    for (const [index, { value }] of node.free.entries()) this.#setters.get(id)![index]!(this.#value(value));
    if (node.parent !== undefined) Object.setPrototypeOf(fn, this.#value(node.parent) as object);
    const { prototype } = fn as { prototype?: object };
    if (prototype !== undefined) {
      if (node.prototypeParent !== undefined) {
        Object.setPrototypeOf(prototype, this.#value(node.prototypeParent) as object);
      }
      this.#fill(prototype, node.prototype);
    }
    this.#fill(fn, node.own);
  }

  #fill(target: object, fields: readonly Field[]): void {
    for (const [name, content, hidden] of fields) {
      const key = typeof name === "string" ? name : symbolNamed(name);
      const flags = { enumerable: hidden !== true, configurable: true };
      Object.defineProperty(
        target,
        key,
        isAccessor(content)
          ? {
              get: this.#value(content.get) as () => unknown,
              set: this.#value(content.set) as (value: unknown) => void,
              ...flags,
            }
          : { value: this.#value(content), writable: true, ...flags },
      );
    }
  }
}

async function importNamed(node: Extract<CaptureNode, { type: "import" }>): Promise<unknown> {
  try {
    return await importBinding(node);
  } catch (error) {
    throw new NotLoaded(error, importKey(node));
  }
}

function isAccessor(content: Captured | Accessor): content is Accessor {
  return "get" in content;
}

function partsOf(node: CaptureNode): readonly Captured[] {
  const values = (fields: readonly Field[]): Captured[] =>
    fields.flatMap(([, content]) => (isAccessor(content) ? [content.get, content.set] : [content]));
  switch (node.type) {
    case "function": {
      const parents = [node.parent, node.prototypeParent].filter((part) => part !== undefined);
      return [
        ...node.free.map(({ value }) => value),
        ...values([...node.own, ...node.prototype]),
        ...parents,
      ];
    }
    case "threaded":
      return [node.target];
    case "prototype":
      return [node.of];
    case "bound":
      return [node.target, node.self, ...node.args];
    case "set":
      return node.items;
    case "map":
      return node.entries.flat();
    case "instance":
      return [node.constructor, ...values(node.fields)];
    case "object":
      return [...values(node.fields), ...(node.parent === undefined ? [] : [node.parent])];
    case "array":
      return values(node.fields);
    default:
      return [];
  }
}

/** As a worker runs a wrapped function: in place. */
function inPlace(target: () => AnyFunction): AnyFunction {
  const call = async (...args: never[]): Promise<unknown> => target()(...args);
  return Object.assign(call, { sync: (...args: never[]) => target()(...args), with: () => call });
}

/** A decorated one: with the `this` of the call. */
function methodInPlace(target: () => AnyFunction): AnyFunction {
  return async function (this: unknown, ...args: never[]): Promise<unknown> {
    return Reflect.apply(target(), this, args);
  };
}
