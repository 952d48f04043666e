/**
 * What the source of a whole script says of its variables, by name: a name that any function of the file assigns counts as
 * assigned everywhere, and so on. That makes answers rarer, never wrong.
 */
import type { AnyNode, Expression, Pattern, VariableDeclaration } from "acorn";
import { loadAcorn } from "../acorn.ts";
import { patternNames } from "./declared-names.ts";
import { syntaxChildren } from "../syntax-children.ts";
import { type Place, scriptText } from "./script-text.ts";

export interface ScriptNames {
  /** Something gives them another value than their first one. */
  readonly assigned: ReadonlySet<string>;
  /** They may hold undefined, or nobody declares them. */
  mayBeUndefined(name: string): boolean;
}

// Parsing takes about a millisecond for 10 kB, in the event loop. To know which captures are constant, a bundle is not worth that.
const MOST_CHARACTERS = 300_000;

const known = new Map<string, ScriptNames | undefined>();

/** Undefined when it cannot be known: too long, or code that no reader sees. */
export function scriptNames(place: InScript): ScriptNames | undefined {
  const { scriptId, inModule } = place;
  if (!known.has(scriptId)) {
    known.set(scriptId, namesIn(scriptText(place), inModule ? "module" : "script"));
  }
  return known.get(scriptId);
}

interface InScript extends Place {
  readonly inModule: boolean;
}

function namesIn(text: string | undefined, sourceType: "module" | "script"): ScriptNames | undefined {
  if (text === undefined || text.length > MOST_CHARACTERS) return undefined;
  // `eval` and `with` may assign anything, `arguments[0] = 1` a parameter.
  if (/\beval\s*\(|\bwith\s*\(|\barguments\s*\[/.test(text)) return undefined;
  const { parse } = loadAcorn();
  try {
    const options = { ecmaVersion: "latest", sourceType, allowHashBang: true } as const;
    const names = new Names();
    names.collect(parse(text, { ...options, allowReturnOutsideFunction: true }));
    return names;
  } catch {
    // No JavaScript that the parser knows.
    return undefined;
  }
}

class Names implements ScriptNames {
  readonly assigned = new Set<string>();
  /** Declared with a value that is something. */
  readonly #filled = new Set<string>();
  /** Declared in another way, somewhere. */
  readonly #other = new Set<string>();

  mayBeUndefined(name: string): boolean {
    return !this.#filled.has(name) || this.#other.has(name) || this.assigned.has(name);
  }

  collect(node: AnyNode): void {
    switch (node.type) {
      case "AssignmentExpression":
        patternNames(node.left, this.assigned);
        break;
      case "UpdateExpression":
        patternNames(node.argument as Pattern, this.assigned);
        break;
      case "ForInStatement":
      case "ForOfStatement":
        if (node.left.type !== "VariableDeclaration") patternNames(node.left, this.assigned);
        else if (node.left.kind === "var") this.#declare(node.left, this.assigned);
        break;
      case "VariableDeclaration":
        // One variable for all turns of a loop around it.
        if (node.kind === "var") this.#declare(node, this.assigned);
        this.#fill(node);
        break;
      case "ClassDeclaration":
        if (node.id !== null) this.#filled.add(node.id.name);
        break;
      case "CatchClause":
        patternNames(node.param, this.#other);
        break;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        for (const parameter of node.params) patternNames(parameter, this.#other);
        break;
      default:
        break;
    }
    for (const child of syntaxChildren(node)) this.collect(child);
  }

  #declare({ declarations }: VariableDeclaration, names: Set<string>): void {
    for (const { id } of declarations) patternNames(id, names);
  }

  #fill({ declarations }: VariableDeclaration): void {
    for (const { id, init } of declarations) {
      patternNames(id, id.type === "Identifier" && isSomething(init) ? this.#filled : this.#other);
    }
  }
}

const SOMETHING =
  /^(?:Literal|Template\w+|(?:Object|Array|Function|ArrowFunction|Class|New|Binary|Update)Expression)$/;

/** Whatever happens, it is not undefined. */
function isSomething(init: Expression | null | undefined): boolean {
  if (init?.type === "UnaryExpression") return init.operator !== "void";
  return SOMETHING.test(init?.type ?? "");
}
