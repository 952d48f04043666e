/**
 * The functions that a class's text makes: its methods and accessors. One that is captured by itself, too, is that of its class:
 * only there `super` and private members mean something.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import type { CaptureNode } from "./capture-nodes.ts";
import type { Written } from "./written-members.ts";
import { symbolName } from "./symbol-names.ts";

const PARTS = ["value", "get", "set"] as const;

type MemberNode = Extract<CaptureNode, { type: "member" }>;
type Member = Omit<MemberNode, "type" | "of"> & { readonly fn: unknown };

/** The classes of a capture. */
export class CapturedClasses {
  readonly #members = new Map<unknown, MemberNode>();

  add(Class: AnyFunction, id: number, written: Written): void {
    for (const { fn, ...member } of membersOf(Class, written)) {
      if (typeof fn === "function") this.#members.set(fn, { type: "member", of: { node: id }, ...member });
    }
  }

  /** Of a class that was captured before. */
  memberOf(fn: AnyFunction): CaptureNode | undefined {
    return this.#members.get(fn);
  }

  /** Those that were captured before their class. */
  join(nodes: CaptureNode[], known: ReadonlyMap<unknown, number>): void {
    for (const [fn, member] of this.#members) {
      const at = known.get(fn);
      // What `nodes[0]` stands for is called by its own text.
      if (at !== undefined && at !== 0) nodes[at] = member;
    }
  }
}

function* membersOf(Class: AnyFunction, written: Written): Generator<Member> {
  const { prototype } = Class as unknown as { prototype: object };
  for (const isStatic of [true, false]) {
    const holder = isStatic ? Class : prototype;
    for (const key of isStatic ? written.own : written.prototype) {
      const name = typeof key === "symbol" ? symbolName(key) : key;
      const property = Object.getOwnPropertyDescriptor(holder, key);
      if (name === undefined || property === undefined) continue;
      for (const part of PARTS) yield { isStatic, key: name, part, fn: property[part] };
    }
  }
  for (const { fn, key, isStatic } of written.replaced) {
    const name = typeof key === "symbol" ? symbolName(key) : key;
    if (name !== undefined) yield { isStatic, key: name, part: "value", fn };
  }
}
