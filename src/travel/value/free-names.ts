/**
 * The names that a text uses and does not declare, as they are found.
 */
import type { AnyNode } from "acorn";

export interface FreeName {
  /** Something is assigned to it. */
  assigned: boolean;
  /** Only ever after `typeof`, which is fine with a name that nobody declared. */
  typeofOnly: boolean;
  /** Something in it is changed: a member is assigned or deleted, or a method is called that changes lists, maps and sets. */
  mutated: "member" | "call" | undefined;
  /** The only members that are ever used of it; undefined when it is also used as a whole. */
  members: Set<string> | undefined;
}

export interface Scope {
  readonly names: ReadonlySet<string>;
  /** What of `this`, `arguments` and `super` it gives a meaning to. */
  readonly binds?: "function" | "method";
}

export interface Use {
  readonly assigned?: boolean;
  readonly typeofOnly?: boolean;
  readonly member?: string;
}

const MUTATORS = new Set(
  "set add delete clear push pop shift unshift splice sort reverse fill copyWithin".split(" "),
);

export class FreeNames {
  readonly names = new Map<string, FreeName>();

  use(name: string, scopes: readonly Scope[], { assigned, typeofOnly, member }: Use = {}): void {
    if (isDeclared(name, scopes)) return;
    const use: FreeName = this.names.get(name) ?? {
      assigned: false,
      mutated: undefined,
      typeofOnly: true,
      members: new Set(),
    };
    this.names.set(name, use);
    if (member !== undefined) use.members?.add(member);
    else if (typeofOnly !== true) use.members = undefined;
    if (assigned === true) use.assigned = true;
    if (typeofOnly !== true) use.typeofOnly = false;
  }

  /** `a.b.c = 1` changes what is in `a`. To be called after the uses in it. */
  mutate(target: AnyNode, scopes: readonly Scope[], how: "member" | "call" = "member"): void {
    let root = target;
    while (root.type === "MemberExpression") root = root.object;
    if (root === target || root.type !== "Identifier" || isDeclared(root.name, scopes)) return;
    const use = this.names.get(root.name);
    if (use !== undefined) use.mutated = use.mutated === "member" ? "member" : how;
  }

  mutateByCall(callee: AnyNode, scopes: readonly Scope[]): void {
    if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
    if (MUTATORS.has(callee.property.name)) this.mutate(callee, scopes, "call");
  }
}

function isDeclared(name: string, scopes: readonly Scope[]): boolean {
  return scopes.some((scope) => scope.names.has(name) || (name === "arguments" && scope.binds !== undefined));
}
