/**
 * A captured function, made again in the worker: compiled under the name, line and column that it was written at, so that its
 * stack traces are the original's. Only what this program's main thread captured of its own code is ever compiled here.
 *
 * Free names are parameters of a function around the text, set once everything is there.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import {
  type Accessor,
  type Capture,
  type Captured,
  type CaptureNode,
  type FunctionNode,
  HIDDEN,
  type Own,
  PERMANENT,
  READ_ONLY,
} from "./capture-nodes.ts";
import { importKey } from "../import-key.ts";
import { NotLoaded } from "../not-loaded.ts";
import { compile, importBinding, type Setter } from "./compile.ts";
import { inPlace, methodInPlace } from "./in-place.ts";
import { symbolNamed } from "./symbol-names.ts";

/** Finds what travels by reference. */
export type Load = (reference: object, name: string) => unknown;
/** @throws what importing a captured import throws */
export async function revive({ nodes }: Capture, load: Load): Promise<AnyFunction> {
  const reviver = new Reviver(nodes);
  await reviver.fetch(load);
  return reviver.revive() as AnyFunction;
}

/**
 * Two steps, so that cycles close:
 *
 * 1. *Made*: every thing exists. A function needs nothing for that, a container is empty, a class needs what it extends.
 * 2. *Connected*: their parts are in place. Until then nothing calls them: no text runs code when it is evaluated.
 */
class Reviver {
  readonly #nodes: readonly CaptureNode[];
  readonly #made = new Map<number, unknown>();
  readonly #setters = new Map<number, readonly Setter[]>();

  constructor(nodes: readonly CaptureNode[]) {
    this.#nodes = nodes;
  }

  /** What has to be waited for, first. */
  async fetch(load: Load): Promise<void> {
    for (const [id, node] of this.#nodes.entries()) {
      for (const { reference, name } of node.type === "function" ? node.expected : []) {
        await load(reference, name);
      }
      if (node.type === "reference") this.#made.set(id, await load(node.reference, node.name));
      if (node.type === "import") this.#made.set(id, await importNamed(node));
    }
  }

  /** What `nodes[0]` stands for. */
  revive(): unknown {
    for (const id of this.#nodes.keys()) this.#make(id);
    for (const [id, node] of this.#nodes.entries()) this.#connect(id, node, this.#made.get(id));
    return this.#made.get(0);
  }

  #make(id: number): unknown {
    if (this.#made.has(id)) return this.#made.get(id);
    const value = this.#create(id, this.#nodes[id]!);
    this.#made.set(id, value);
    if (this.#nodes[id]!.type === "function") this.#replacePrototype(this.#nodes[id] as FunctionNode, value);
    return value;
  }

  /** Before anything is made with it. */
  #replacePrototype({ otherPrototype }: FunctionNode, value: unknown): void {
    if (otherPrototype !== undefined) {
      (value as { prototype: unknown }).prototype = this.#value(otherPrototype);
    }
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
      case "error":
        return asError(node.stack, (this.#value(node.constructor) as { prototype: object }).prototype);
      case "array":
        return [];
      case "set":
        return new Set();
      case "map":
        return new Map();
      case "date":
        return new Date(node.time);
      case "object":
        return node.parent === undefined ? {} : Object.create(this.#value(node.parent) as object | null);
      case "symbol":
        return symbolNamed(node.name);
      case "regexp":
        return new RegExp(node.source, node.flags);
      case "prototype":
        return (this.#value(node.of) as { prototype: object }).prototype;
      case "member": {
        const Class = this.#value(node.of) as { prototype: object };
        const key = typeof node.key === "string" ? node.key : symbolNamed(node.key);
        return Object.getOwnPropertyDescriptor(node.isStatic ? Class : Class.prototype, key)![node.part];
      }
      case "buffer":
        return Buffer.from(node.bytes.buffer, node.bytes.byteOffset, node.bytes.byteLength);
      case "reference":
      case "import":
        return undefined;
    }
  }

  #function(id: number, node: FunctionNode): AnyFunction {
    const early = node.free.map(({ name, value }) =>
      "raw" in value ? value.raw : node.early.includes(name) ? this.#make(value.node) : undefined,
    );
    const { make, set } = compile(node, early);
    this.#setters.set(id, set);
    const fn = make();
    const given: [string, unknown][] = [
      ["name", node.name],
      ["length", node.length],
    ];
    for (const [key, value] of given) {
      if (node.without.includes(key)) Reflect.deleteProperty(fn, key);
      else if (value !== undefined && Object.getOwnPropertyDescriptor(fn, key)?.value !== value) {
        Object.defineProperty(fn, key, { value, configurable: true, writable: false, enumerable: false });
      }
    }
    return fn;
  }

  #connect(id: number, node: CaptureNode, value: unknown): void {
    switch (node.type) {
      case "function":
        return this.#connectFunction(id, node, value as AnyFunction);
      case "set":
        for (const item of node.items) (value as Set<unknown>).add(this.#value(item));
        return this.#fill(value as object, node);
      case "map":
        for (const [key, item] of node.entries) {
          (value as Map<unknown, unknown>).set(this.#value(key), this.#value(item));
        }
        return this.#fill(value as object, node);
      case "array":
      case "object":
      case "instance":
      case "error":
      case "regexp":
      case "date":
      case "bound":
        return this.#fill(value as object, node);
      default:
        break;
    }
  }

  #connectFunction(id: number, node: FunctionNode, fn: AnyFunction): void {
    for (const [index, { name, value }] of node.free.entries()) {
      if (!node.early.includes(name)) this.#setters.get(id)![index]!(this.#value(value));
    }
    if (node.parent !== undefined) Object.setPrototypeOf(fn, this.#value(node.parent) as object);
    const { prototype } = fn as { prototype?: object };
    if (prototype !== undefined && node.otherPrototype === undefined) {
      if (node.prototypeParent !== undefined) {
        Object.setPrototypeOf(prototype, this.#value(node.prototypeParent) as object);
      }
      this.#fill(prototype, node.prototype);
    }
    for (const key of node.order ?? []) putLast(fn, key);
    this.#fill(fn, node.own);
  }

  #fill(target: object, { fields, closed }: Own): void {
    for (const [name, content, flags = 0] of fields) {
      const key = typeof name === "string" ? name : symbolNamed(name);
      const common = { enumerable: (flags & HIDDEN) === 0, configurable: (flags & PERMANENT) === 0 };
      Object.defineProperty(
        target,
        key,
        isAccessor(content)
          ? {
              get: this.#value(content.get) as () => unknown,
              set: this.#value(content.set) as (value: unknown) => void,
              ...common,
            }
          : { value: this.#value(content), writable: (flags & READ_ONLY) === 0, ...common },
      );
    }
    if (closed === true) Object.preventExtensions(target);
  }
}

function putLast(holder: object, key: string): void {
  const property = Object.getOwnPropertyDescriptor(holder, key);
  if (property?.configurable === false) return;
  Reflect.deleteProperty(holder, key);
  // Its value, if it is not there yet, comes with the fields.
  Object.defineProperty(holder, key, property ?? { value: undefined, configurable: true });
}

/** Its message comes with its own fields: an error may have none. */
function asError(stack: unknown, prototype: object): Error {
  // oxlint-disable-next-line unicorn/error-message
  const error = new Error();
  Object.setPrototypeOf(error, prototype);
  Object.defineProperty(error, "stack", {
    value: stack,
    writable: true,
    enumerable: false,
    configurable: true,
  });
  return error;
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
