/**
 * Private members of an object: fields, told by V8, and methods and accessors, which it does not tell of and which stand in the
 * text of the class. An object without them is not what its class makes.
 */
import type { AnyFunction } from "../../core/function-handle.ts";
import { privateFields } from "../../inspect/internals.ts";
import { hasDecorated } from "../decorated.ts";
import { sourceOf } from "../reference.ts";
import { parseFunction } from "./parse-function.ts";

interface Written {
  /** The first private member of the classes that an object with this prototype is made by. */
  readonly member: string | undefined;
  /** V8 takes 100 µs to say that there is none, with each call. */
  readonly needsNoLook: boolean;
}

const written = new WeakMap<object, Written>();

/** @throws NoInspector */
export function privateMember(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as object;
  let known = written.get(prototype);
  if (known === undefined) written.set(prototype, (known = read(classesOf(prototype))));
  return known.member ?? (known.needsNoLook ? undefined : privateFields(value)[0]);
}

/**
 * A constructor may have another class put a private field on the object. For classes with decorated methods nobody looks for
 * that, and the other class throws in the worker.
 */
function read(classes: readonly AnyFunction[]): Written {
  const member = classes.map((Class) => ownMember(sourceOf(Class))).find((name) => name !== undefined);
  return { member, needsNoLook: classes.some(hasDecorated) };
}

function classesOf(prototype: object): AnyFunction[] {
  const classes: AnyFunction[] = [];
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const Class: unknown = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof Class === "function") classes.push(Class as AnyFunction);
  }
  return classes;
}

function ownMember(text: string): string | undefined {
  return privateMembers(text).find(({ isStatic }) => !isStatic)?.name;
}

interface PrivateMember {
  readonly name: string;
  readonly isStatic: boolean;
}

function privateMembers(text: string): PrivateMember[] {
  if (!text.includes("#")) return [];
  const statement = parseFunction(text)?.ast.body[0];
  const node = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  // Not readable by itself: it may have some.
  if (node === undefined) return [{ name: "#…", isStatic: false }];
  if (node.type !== "ClassExpression") return [];
  return node.body.body.flatMap((member) =>
    member.type !== "StaticBlock" && member.key.type === "PrivateIdentifier"
      ? [{ name: `#${member.key.name}`, isStatic: member.static }]
      : [],
  );
}
