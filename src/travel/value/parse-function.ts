/**
 * The source of one function, as an expression that evaluates to it, parsed. `Function#toString` gives the exact source
 * text, but a method's or a getter's text is no expression by itself: `area() { … }` needs an object around it.
 */
import type { ClassExpression, Expression, FunctionExpression, Options, Program } from "acorn";
import { loadAcorn } from "../acorn.ts";
import { BASE_CLASS } from "./rewrite.ts";

export interface ParsedFunction {
  /** Parenthesized where needed; evaluates to the function. */
  readonly expression: string;
  /** The character of it that V8 calls the function's place: where the parameters begin, or an arrow function, or a class. */
  readonly anchor: number;
  readonly ast: Program;
  readonly kind: "function" | "arrow" | "class" | "method" | "getter" | "setter";
}

// Lenient about where things may stand: the text was accepted by V8 in its own place.
const OPTIONS: Options = {
  ecmaVersion: "latest",
  allowSuperOutsideMethod: true,
  allowAwaitOutsideFunction: false,
};

const parsed = new Map<string, ParsedFunction | undefined>();
// Texts are kept so that a factory's thousand closures are parsed once; a program that makes ever new texts starts over.
const MOST_KEPT = 2_000;

/** Undefined when no way to read the text is known. */
export function parseFunction(text: string): ParsedFunction | undefined {
  if (parsed.has(text)) return parsed.get(text);
  if (parsed.size >= MOST_KEPT) parsed.clear();
  const result = asExpression(text) ?? asMethod(text);
  parsed.set(text, result);
  return result;
}

function asExpression(text: string): ParsedFunction | undefined {
  const expression = `(${text}\n)`;
  const ast = attempt(expression);
  const node = ast && expressionOf(ast);
  switch (node?.type) {
    case "FunctionExpression":
      return { expression, anchor: parametersOf(node, expression), ast: ast!, kind: "function" };
    case "ArrowFunctionExpression":
      return { expression, anchor: node.start, ast: ast!, kind: "arrow" };
    case "ClassExpression": {
      const base = node.superClass;
      const named =
        base == null || base.type === "Literal" || (base.type === "Identifier" && base.name === BASE_CLASS);
      if (named) {
        return {
          expression,
          anchor: placeOfClass(node),
          ast: ast!,
          kind: "class",
        };
      }
      // The expression was evaluated when the class was made. Its value is what counts, and V8 keeps that. Lines stay.
      const lines = "\n".repeat(expression.slice(base.start, base.end).split("\n").length - 1);
      return asExpression(text.slice(0, base.start - 1) + BASE_CLASS + lines + text.slice(base.end - 1));
    }
    default:
      return undefined;
  }
}

/** A computed name may use anything in scope and has done its work: it becomes a plain one. */
function asMethod(text: string): ParsedFunction | undefined {
  const ast = attempt(`({${text}\n})`);
  const object = ast && expressionOf(ast);
  if (object?.type !== "ObjectExpression") return undefined;
  const property = object.properties[0];
  if (property?.type !== "Property") return undefined;
  if (property.computed) {
    const offset = 2;
    const open = text.lastIndexOf("[", property.key.start - offset);
    const close = text.indexOf("]", property.key.end - offset);
    return asMethod(`${text.slice(0, open)}computed${text.slice(close + 1)}`);
  }
  const key =
    property.key.type === "Identifier" ? property.key.name : (property.key as { value?: unknown }).value;
  const member = JSON.stringify(String(key));
  const literal = `({${text}\n})`;
  if (property.kind === "init") {
    return { expression: `${literal}[${member}]`, anchor: property.value.start, ast: ast!, kind: "method" };
  }
  const before = "Object.getOwnPropertyDescriptor(";
  return {
    expression: `${before}${literal}, ${member}).${property.kind}`,
    anchor: before.length + property.value.start,
    ast: ast!,
    kind: property.kind === "get" ? "getter" : "setter",
  };
}

const classes = new Map<string, ClassExpression | undefined>();

/** Undefined for what is no class. */
export function parseClass(text: string): ClassExpression | undefined {
  if (!/^class\b/.test(text)) return undefined;
  if (classes.size >= MOST_KEPT) classes.clear();
  if (!classes.has(text)) classes.set(text, asClass(text));
  return classes.get(text);
}

function asClass(text: string): ClassExpression | undefined {
  const ast = attempt(`(${text}\n)`);
  const node = ast && expressionOf(ast);
  return node?.type === "ClassExpression" ? node : undefined;
}

/** Behind the name, if it has one; a comment there may contain a parenthesis, too. */
function parametersOf({ start, id }: FunctionExpression, expression: string): number {
  const parts = /\/\*[^]*?\*\/|\/\/.*|\(/g;
  parts.lastIndex = id?.end ?? start;
  for (let part = parts.exec(expression); part !== null; part = parts.exec(expression)) {
    if (part[0] === "(") return part.index;
  }
  return start;
}

function placeOfClass({ start, body }: ClassExpression): number {
  const constructor = body.body.find(
    (member) => member.type === "MethodDefinition" && member.kind === "constructor",
  );
  return constructor?.type === "MethodDefinition" ? constructor.value.start : start;
}

/** Sloppy code may use what modules may not, so that is tried second. */
function attempt(source: string): Program | undefined {
  const { parse } = loadAcorn();
  for (const sourceType of ["module", "script"] as const) {
    try {
      return parse(source, { ...OPTIONS, sourceType });
    } catch {
      // Not this way.
    }
  }
  return undefined;
}

function expressionOf(ast: Program): Expression | undefined {
  const [statement] = ast.body;
  return statement?.type === "ExpressionStatement" ? statement.expression : undefined;
}
