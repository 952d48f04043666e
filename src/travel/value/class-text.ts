/**
 * The text of a class, made ready to be evaluated again without running its code a second time: what its static parts did has
 * been done, and their values travel as fields. Blanks take the place of what is left out, so that lines and columns stay.
 */
import type { MethodDefinition, PropertyDefinition, StaticBlock } from "acorn";
import type { AnyFunction } from "../../core/function-handle.ts";
import { sourceOf } from "../reference.ts";
import { plainFunction } from "../threaded-mark.ts";
import { type ClassNode, isChangeable, withinText } from "./class-node.ts";
import { isUntouched } from "./function-fields.ts";
import type { Key, Replaced, Written } from "./written-members.ts";
import { refuse } from "./refuse.ts";
import { type Edit, KEY, rewrite } from "./rewrite.ts";

export interface ClassText {
  readonly text: string;
  /** Names that stand in it for symbols. */
  readonly symbols: ReadonlyMap<string, symbol>;
  /** Evaluated again, its fields come in another order. */
  readonly reordered: boolean;
  readonly written: Written;
}

/** @throws TravelError for a class whose evaluation cannot be repeated. */
export function classText(fn: AnyFunction, node: ClassNode, path: string): ClassText {
  return new Reader(fn, node, path).read();
}

interface Made {
  readonly fn: AnyFunction;
  readonly key: Key;
  readonly isReplaced: boolean;
}

class Reader {
  readonly #fn: AnyFunction;
  readonly #node: ClassNode;
  readonly #path: string;
  readonly #text: string;
  readonly #edits: Edit[] = [];
  readonly #symbols = new Map<string, symbol>();
  #reordered = false;
  readonly #written = { own: new Set<Key>(), prototype: new Set<Key>(), replaced: new Array<Replaced>() };

  constructor(fn: AnyFunction, node: ClassNode, path: string) {
    this.#fn = fn;
    this.#node = node;
    this.#path = path;
    this.#text = sourceOf(fn);
  }

  read(): ClassText {
    for (const member of this.#node.body.body) {
      if (member.type === "StaticBlock") this.#leaveOutCode(member);
      else if (member.type === "MethodDefinition") this.#method(member);
      else this.#field(member);
    }
    const text = rewrite(this.#text, this.#edits);
    return { text, symbols: this.#symbols, reordered: this.#reordered, written: this.#written };
  }

  #method(member: MethodDefinition): void {
    if (member.kind === "constructor" || member.key.type === "PrivateIdentifier") return;
    const holder = member.static ? this.#fn : (this.#fn as { prototype: object }).prototype;
    const part = member.kind === "method" ? "value" : member.kind;
    const keys = member.computed ? Reflect.ownKeys(holder) : [nameOf(member)];
    const found = keys.flatMap((key) => this.#made(holder, key, part, member));
    const [made] = found;
    if (member.computed && (made === undefined || found.length > 1)) {
      refuse(
        "captured",
        this.#path,
        "its class has a computed member that was replaced, or two that look alike. Name it plainly.",
      );
    }
    // Somebody deleted it. A replaced one, or one with other flags, will be put over it.
    if (made === undefined) return Object.hasOwn(holder, keys[0]!) ? undefined : this.#leaveOut(member);
    if (member.computed) this.#put(member.key, this.#literal(made.key));
    if (made.isReplaced) this.#written.replaced.push({ fn: made.fn, key: made.key, isStatic: member.static });
    else this.#written[member.static ? "own" : "prototype"].add(made.key);
  }

  /** What the text made of the member, if it is still there: as it was made, or behind a decorator's. */
  #made(holder: object, key: Key, part: "value" | "get" | "set", member: MethodDefinition): Made[] {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    const fn = property?.[part] as unknown;
    if (property === undefined || typeof fn !== "function") return [];
    const plain = plainFunction(fn as AnyFunction);
    if (plain !== undefined) return this.#isOf(plain, member) ? [{ fn: plain, key, isReplaced: true }] : [];
    const isAsMade = property.enumerable === false && property.configurable && property.writable !== false;
    return isAsMade && this.#isOf(fn as AnyFunction, member)
      ? [{ fn: fn as AnyFunction, key, isReplaced: false }]
      : [];
  }

  #isOf(fn: AnyFunction, member: MethodDefinition): boolean {
    return sourceOf(fn) === this.#textOf(member) && isUntouched(fn);
  }

  /** As `toString` gives it: without `static`. */
  #textOf(member: MethodDefinition): string {
    const text = withinText(this.#text, member);
    if (!member.static) return text;
    return text.replace(/^static(?:\s|\/\*[^]*?\*\/|\/\/.*)*/, "");
  }

  #field(member: PropertyDefinition): void {
    if (!member.static) return this.#instanceField(member);
    if (member.key.type === "PrivateIdentifier") return this.#privateStatic(member, member.key.name);
    const key = member.computed ? undefined : nameOf(member);
    const isFunction = /^(?:Arrow)?FunctionExpression$/.test(member.value?.type ?? "");
    // Its `this` is the class, which only evaluating it gives.
    if (key !== undefined && isFunction && this.#holds(key, member)) this.#written.own.add(key);
    else if (key === undefined || !Object.hasOwn(this.#fn, key)) this.#leaveOutCode(member);
    // Keeps its place among the others; its value comes later.
    else if (member.value != null) this.#leaveOut({ start: member.key.end, end: member.end }, ";");
  }

  #holds(key: Key, member: PropertyDefinition): boolean {
    const property = Object.getOwnPropertyDescriptor(this.#fn, key);
    const fn: unknown = property?.value;
    if (typeof fn !== "function" || property?.enumerable !== true) return false;
    if (property.writable !== true || property.configurable !== true) return false;
    return sourceOf(fn) === withinText(this.#text, member.value!) && isUntouched(fn as AnyFunction);
  }

  #instanceField(member: PropertyDefinition): void {
    if (!member.computed || member.key.type === "Literal") return;
    const { key } = member;
    const isWellKnown =
      key.type === "MemberExpression" && key.object.type === "Identifier" && key.object.name === "Symbol";
    if (isWellKnown) return;
    refuse(
      "captured",
      this.#path,
      "its class has a field with a computed name, which V8 has not kept. Name it plainly.",
    );
  }

  /** Its value now cannot be given to a class. One that never changes is given by the text. */
  #privateStatic({ value }: PropertyDefinition, name: string): void {
    const isConstant = value == null || /^(?:Literal|(?:Arrow)?FunctionExpression)$/.test(value.type);
    if (isConstant && !isChangeable(this.#node, name)) return;
    const why = `it has the private static field #${name}, which cannot be copied. Make it a variable of the module.`;
    refuse("private-field", this.#path, why);
  }

  /** What may have made a field, which is added later. */
  #leaveOutCode(node: StaticBlock | PropertyDefinition): void {
    this.#reordered = true;
    this.#leaveOut(node);
  }

  #leaveOut(node: { readonly start: number; readonly end: number }, instead = ""): void {
    const blanks = withinText(this.#text, node).replace(/[^\n\r\u2028\u2029]/g, " ");
    this.#put(node, instead + blanks.slice(instead.length));
  }

  #put({ start, end }: { readonly start: number; readonly end: number }, text: string): void {
    // Positions are those in the parenthesized text.
    this.#edits.push({ span: [start - 1, end - 1], text });
  }

  #literal(key: Key): string {
    if (typeof key === "string") return JSON.stringify(key);
    const name = `${KEY}${this.#symbols.size}`;
    this.#symbols.set(name, key);
    return name;
  }
}

function nameOf({ key }: MethodDefinition | PropertyDefinition): string {
  return key.type === "Identifier" ? key.name : String((key as { value?: unknown }).value);
}
