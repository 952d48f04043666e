/**
 * The walker for free names against eslint-scope, over every function of a few packages.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import { type AnyNode, parse, type Program } from "acorn";
import { analyze } from "eslint-scope";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freeVariables } from "#internal/travel/value/free-variables";
import { parseFunction } from "#internal/travel/value/parse-function";
import { ProgramWriter } from "./program-writer.ts";

/** Those of the development dependencies that are one file of JavaScript, or nearly. */
const PACKAGES =
  "acorn csv-parse dayjs decimal.js diff ejs eslint-scope esprima fast-check fast-xml-parser fflate fraction.js handlebars js-yaml lodash " +
  "markdown-it marked minimatch mustache pako papaparse prettier prismjs semver terser";
const require = createRequire(import.meta.url);

// Functions in functions are read again with each function around them.
const LONGEST_TEXT = 6_000;

interface Names {
  readonly used: readonly string[];
  readonly assigned: readonly string[];
}

function ours(text: string): Names {
  const { names } = freeVariables(parseFunction(text)!);
  const assigned = [...names].filter(([, use]) => use.assigned).map(([name]) => name);
  return { used: [...names.keys()].sort(), assigned: assigned.sort() };
}

function theirs(text: string): Names {
  const ast = withRanges(parseFunction(text)!.ast);
  const through = analyze(ast as never, { ecmaVersion: 2022, sourceType: "script" }).globalScope!.through;
  const names = (references: typeof through): string[] =>
    [...new Set(references.map(({ identifier }) => identifier.name))].sort();
  return { used: names(through), assigned: names(through.filter((reference) => reference.isWrite())) };
}

/** As eslint-scope wants them. */
function withRanges<T>(node: T): T {
  if (typeof node !== "object" || node === null) return node;
  if (Array.isArray(node)) return node.map(withRanges) as T;
  if (node instanceof RegExp) return node;
  const entries = Object.entries(node).map(([key, value]: [string, unknown]) => [key, withRanges(value)]);
  const { start, end } = node as unknown as AnyNode;
  return Object.fromEntries([...entries, ["range", [start, end]]]) as T;
}

function functionsIn(source: string): string[] {
  const texts: string[] = [];
  const walk = (node: unknown, parent?: AnyNode): void => {
    if (Array.isArray(node)) return node.forEach((child) => walk(child, parent));
    const { type } = (node ?? {}) as Partial<AnyNode>;
    if (type === undefined) return;
    const at = node as AnyNode;
    if (/^(Function|ArrowFunction|Class)(Expression|Declaration)/.test(type)) {
      texts.push(textOf(at, parent, source));
    }
    for (const child of Object.values(at)) walk(child, at);
  };
  walk(programOf(source));
  return texts;
}

/** As `toString` gives it: of a method with its name, but without `static`. */
function textOf(node: AnyNode, parent: AnyNode | undefined, source: string): string {
  const isMember =
    parent?.type === "MethodDefinition" ||
    (parent?.type === "Property" && parent.value === node && (parent.method || parent.kind !== "init"));
  const { start, end } = isMember ? parent : node;
  return source.slice(start, end).replace(isMember ? /^static\s+/ : /^$/, "");
}

function programOf(source: string): Program {
  try {
    return parse(source, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true });
  } catch {
    return parse(source, { ecmaVersion: "latest", sourceType: "script", allowHashBang: true });
  }
}

const HARD = [
  "function f(a = b, b = c) { var c; }",
  "function f(a = () => x) { var x; return a; }",
  "function f({ [k]: v = d, ...rest }, [p = q, ...[r]]) {}",
  "() => { { function h() {} } return h(); }",
  "() => { h(); { function h() {} } }",
  "() => { if (x) { function h() {} } else { h(); } }",
  "() => { { let h; { function h() {} } } return h; }",
  "() => { switch (x) { case h: function h() {} } }",
  "() => { for (var i of i2) for (let j in j2) k = i + j; return [i, j]; }",
  "() => { for (const x of x) { } }",
  "() => { for (let i = 0, n = i; i < n; i++) { let i = n; } return i; }",
  "() => { for ([a.b, c = d] of e) { } for ({ f: g.h } in i) { } }",
  "() => { try { a; } catch ({ m = n, ...o }) { var p = m; } return [m, n, o, p]; }",
  "() => { try { } catch (e) { var e = 1; } return e; }",
  "() => { try { } catch { e; } }",
  "class A extends (x, B) { }",
  "class A extends B { [c] = d; static [e] = f; static { var g = h; let i; } get [j]() { return g; } #p = k; static #q = A; }",
  "class A { m() { return A; } static s = () => A + arguments2; }",
  "class { a = b; static c = this.d; }",
  "function f() { return arguments; }",
  "() => arguments",
  "() => { class B extends C { constructor() { super(arguments); } } }",
  "function arguments2() { var arguments; return arguments; }",
  "() => ({ a, b: c, [d]: e, ...f, g() { return g; }, get h() { return i; }, async *j() {} })",
  "() => { ({ a, b: c = d, ...e } = f); [g, , h = i, ...j.k] = l; }",
  "() => { a: for (;;) { break a; continue a; } return b; }",
  "() => typeof a + typeof b.c + typeof (d)",
  "() => { a++; --b; c += d; e ??= f; g.h++; delete i.j; }",
  "() => a?.b?.[c]?.(d)",
  "() => `${a}${`${b}`}` + c`${d}`",
  "async () => { for await (const a of b) await c; }",
  "function* g() { yield a; yield* g; }",
  "() => { var a = function b() { return b; }; return b; }",
  "() => { const a = class b { m() { return b; } }; return b; }",
  "() => { let x = x; }",
  "() => { 'use strict'; { function h() {} } return h; }",
  "(a) => { var a; { let a = b; } }",
  "(a, b = () => a) => { var a = 1; return b; }",
  "() => { l: function h() {} return h; }",
  "() => { { l: function h() {} } return h; }",
  "() => { if (a) function h() {} return h; }",
  "function f() { return f; }",
  "function f(f) { return f; }",
  "() => import(a)",
  "({ a = 1 } = {}) => a",
  "() => { with (a) { b; } }",
  "async function f(await2 = async () => x) { }",
  "() => { let { a: { b: [c = d] } } = e, f = () => c; return { f }; }",
  "() => { x: { y: { function z() {} } z; } }",
  "() => { export2: try { } finally { var q; } return q; }",
];

describe("free names are those that eslint-scope finds", () => {
  test.each(HARD)("%s", (text) => {
    expect(ours(text)).toEqual(theirs(text));
  });

  let compared = 0;
  test.each(PACKAGES.split(" "))("%s", (name) => {
    const source = readFileSync(require.resolve(name), "utf8");
    // A private member's text cannot be read by itself, and is refused.
    const texts = functionsIn(source).filter(
      (text) => text.length <= LONGEST_TEXT && parseFunction(text) !== undefined,
    );
    const different = texts.filter((text) => !isDeepStrictEqual(ours(text), theirs(text)));
    expect(different).toEqual([]);
    compared += texts.length;
  });

  test("random programs", { timeout: 120_000 }, () => {
    const tapes = fc.sample(fc.uint8Array({ minLength: 40, maxLength: 140, size: "max" }), {
      numRuns: 300,
      seed: 20_261,
    });
    const texts = tapes.map((tape) => new ProgramWriter(tape).program(false));
    const functions = texts
      .flatMap((text) => functionsIn(`(take) => {\n${text}\n}`))
      .filter((text) => parseFunction(text) !== undefined);
    expect(functions.filter((text) => !isDeepStrictEqual(ours(text), theirs(text)))).toEqual([]);
    compared += functions.length;
  });

  test("over thousands of functions", () => {
    expect(compared).toBeGreaterThan(5_000);
  });
});
