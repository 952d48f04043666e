/**
 * Which names a function uses that it does not declare, and what else in its text reaches outside of it.
 *
 * Written here, because the known scope analysers take 50 ms to load and as long for their first run, in the event loop of
 * whoever sends a closure. A test compares it with one of them.
 */
import type { AnyNode, Pattern } from "acorn";
import { blockNames, hoistedNames, patternNames } from "./declared-names.ts";
import { type FreeName, FreeNames, type Scope } from "./free-names.ts";
import { syntaxChildren } from "../syntax-children.ts";
import { foreignMember } from "./import-meta.ts";
import type { ParsedFunction } from "./parse-function.ts";
import type { Span } from "./rewrite.ts";

export interface FreeVariables {
  readonly names: ReadonlyMap<string, FreeName>;
  /** `this` or `new.target` of whoever made the function. */
  readonly outerThis: boolean;
  /** `super` of a method around it. */
  readonly outerSuper: boolean;
  readonly directEval: boolean;
  readonly importMeta: readonly Span[];
  /** What else of `import.meta` than every worker can tell. */
  readonly foreignMeta: string | undefined;
  /** `import(…)`: its specifier is relative to the module that it stands in. */
  readonly dynamicImport: boolean;
  /** `#names` that are used; declared ones are known to the classes of the text. */
  readonly privateNames: ReadonlySet<string>;
}

export function freeVariables({ ast, kind }: ParsedFunction): FreeVariables {
  const walk = new Walk();
  const [statement] = ast.body;
  const object = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  const isMember = kind === "method" || kind === "getter" || kind === "setter";
  if (isMember && object?.type === "ObjectExpression") walk.member(object.properties);
  else walk.each(ast.body, []);
  return walk;
}

class Walk implements FreeVariables {
  readonly #free = new FreeNames();
  readonly names: ReadonlyMap<string, FreeName> = this.#free.names;
  readonly importMeta: Span[] = [];
  readonly privateNames = new Set<string>();
  outerThis = false;
  outerSuper = false;
  directEval = false;
  dynamicImport = false;
  foreignMeta: string | undefined;

  each(nodes: readonly (AnyNode | null | undefined)[], scopes: readonly Scope[]): void {
    for (const node of nodes) if (node != null) this.visit(node, scopes);
  }

  /** The object around a method is ours: its `super` would not be the method's. */
  member(properties: readonly AnyNode[]): void {
    for (const property of properties) {
      if (property.type === "Property" && property.value.type === "FunctionExpression") {
        this.#function(property.value, [], "function");
      }
    }
  }

  visit(node: AnyNode, scopes: readonly Scope[]): void {
    switch (node.type) {
      case "Identifier":
        return this.#free.use(node.name, scopes);
      case "ThisExpression":
        if (!scopes.some(({ binds }) => binds !== undefined)) this.outerThis = true;
        return;
      case "Super":
        if (!scopes.some(({ binds }) => binds === "method")) this.outerSuper = true;
        return;
      case "PrivateIdentifier":
        this.privateNames.add(node.name);
        return;
      case "MetaProperty":
        if (node.meta.name === "import") this.importMeta.push([node.start, node.end]);
        else if (!scopes.some(({ binds }) => binds !== undefined)) this.outerThis = true;
        return;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#function(node, scopes, "function");
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#class(node, scopes);
      case "BlockStatement":
      case "StaticBlock":
        return this.#block(node, scopes);
      case "SwitchStatement": {
        this.visit(node.discriminant, scopes);
        const names = new Set(node.cases.flatMap(({ consequent }) => [...blockNames(consequent)]));
        return this.each(node.cases, [...scopes, { names }]);
      }
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
        return this.#loop(node, scopes);
      case "CatchClause": {
        const inner = [...scopes, { names: patternNames(node.param) }];
        if (node.param != null) this.#pattern(node.param, inner, "declare");
        return this.visit(node.body, inner);
      }
      case "VariableDeclarator":
        this.#pattern(node.id, scopes, "declare");
        return this.each([node.init], scopes);
      case "AssignmentExpression":
        this.#pattern(node.left, scopes, "assign");
        this.#free.mutate(node.left, scopes);
        // `a += 1` and `a ??= 1` read what they write.
        if (node.operator !== "=" && node.left.type === "Identifier") this.visit(node.left, scopes);
        return this.visit(node.right, scopes);
      case "UpdateExpression":
        this.#pattern(node.argument as Pattern, scopes, "assign");
        // `a++` reads what it writes.
        if (node.argument.type === "Identifier") this.visit(node.argument, scopes);
        return this.#free.mutate(node.argument, scopes);
      case "UnaryExpression":
        if (node.operator === "delete") {
          this.visit(node.argument, scopes);
          return this.#free.mutate(node.argument, scopes);
        }
        if (node.operator !== "typeof" || node.argument.type !== "Identifier") break;
        return this.#free.use(node.argument.name, scopes, { typeofOnly: true });
      case "CallExpression":
        if (node.callee.type === "Identifier" && node.callee.name === "eval") this.directEval = true;
        this.each([node.callee, ...node.arguments], scopes);
        return this.#free.mutateByCall(node.callee, scopes);
      case "ImportExpression":
        this.dynamicImport = true;
        break;
      case "MemberExpression":
        if (node.object.type === "Identifier" && node.property.type === "Identifier" && !node.computed) {
          return this.#free.use(node.object.name, scopes, { member: node.property.name });
        }
        this.foreignMeta ??= foreignMember(node);
        return this.each([node.object, node.computed ? node.property : privateName(node.property)], scopes);
      case "Property":
        if (node.method || node.kind !== "init") return this.#method(node, scopes);
        return this.each([node.computed ? node.key : undefined, node.value], scopes);
      case "LabeledStatement":
        return this.visit(node.body, scopes);
      case "BreakStatement":
      case "ContinueStatement":
        return;
      default:
        break;
    }
    this.each(syntaxChildren(node), scopes);
  }

  #function(
    node: Extract<
      AnyNode,
      { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
    >,
    outer: readonly Scope[],
    binds: "function" | "method",
  ): void {
    const named = node.type === "FunctionExpression" && node.id != null ? new Set([node.id.name]) : undefined;
    const names = new Set(node.params.flatMap((parameter) => [...patternNames(parameter)]));
    const own: Scope = node.type === "ArrowFunctionExpression" ? { names } : { names, binds };
    const scopes = [...outer, ...(named === undefined ? [] : [{ names: named }]), own];
    for (const parameter of node.params) this.#pattern(parameter, scopes, "declare");
    if (node.body.type !== "BlockStatement") return this.visit(node.body, scopes);
    const body = new Set([...hoistedNames(node.body.body), ...blockNames(node.body.body)]);
    this.each(node.body.body, [...scopes, { names: body }]);
  }

  #class(
    node: Extract<AnyNode, { type: "ClassDeclaration" | "ClassExpression" }>,
    outer: readonly Scope[],
  ): void {
    const scopes = node.id == null ? outer : [...outer, { names: new Set([node.id.name]) }];
    this.each([node.superClass], scopes);
    for (const member of node.body.body) {
      if (member.type === "MethodDefinition") this.#method(member, scopes);
      if (member.type === "StaticBlock") this.visit(member, scopes);
      if (member.type !== "PropertyDefinition") continue;
      this.each([member.computed ? member.key : undefined], scopes);
      this.each([member.value], [...scopes, { names: new Set(), binds: "method" }]);
    }
  }

  #method(node: Extract<AnyNode, { type: "Property" | "MethodDefinition" }>, scopes: readonly Scope[]): void {
    if (node.computed) this.visit(node.key, scopes);
    if (node.value.type === "FunctionExpression") this.#function(node.value, scopes, "method");
  }

  #block(node: Extract<AnyNode, { type: "BlockStatement" | "StaticBlock" }>, scopes: readonly Scope[]): void {
    const names = blockNames(node.body);
    if (node.type === "BlockStatement") return this.each(node.body, [...scopes, { names }]);
    const all = new Set([...names, ...hoistedNames(node.body)]);
    this.each(node.body, [...scopes, { names: all, binds: "method" }]);
  }

  #loop(
    node: Extract<AnyNode, { type: "ForStatement" | "ForInStatement" | "ForOfStatement" }>,
    outer: readonly Scope[],
  ): void {
    const head = node.type === "ForStatement" ? node.init : node.left;
    const names = head?.type === "VariableDeclaration" ? blockNames([head]) : new Set<string>();
    const scopes = [...outer, { names }];
    if (head?.type === "VariableDeclaration") this.visit(head, scopes);
    else if (head != null && node.type === "ForStatement") this.visit(head, scopes);
    else if (head != null) this.#pattern(head as Pattern, scopes, "assign");
    if (node.type === "ForStatement") this.each([node.test, node.update], scopes);
    else this.visit(node.right, scopes);
    this.visit(node.body, scopes);
  }

  /** Defaults and computed keys inside a pattern are code; its names are declared or assigned. */
  #pattern(pattern: Pattern, scopes: readonly Scope[], how: "declare" | "assign"): void {
    switch (pattern.type) {
      case "Identifier":
        if (how === "assign") this.#free.use(pattern.name, scopes, { assigned: true });
        return;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          const isRest = property.type === "RestElement";
          if (!isRest && property.computed) this.visit(property.key, scopes);
          this.#pattern(isRest ? property.argument : property.value, scopes, how);
        }
        return;
      case "ArrayPattern":
        for (const element of pattern.elements) if (element !== null) this.#pattern(element, scopes, how);
        return;
      case "AssignmentPattern":
        this.#pattern(pattern.left, scopes, how);
        return this.visit(pattern.right, scopes);
      case "RestElement":
        return this.#pattern(pattern.argument, scopes, how);
      default:
        return this.visit(pattern, scopes);
    }
  }
}

function privateName(node: AnyNode): AnyNode | undefined {
  return node.type === "PrivateIdentifier" ? node : undefined;
}
