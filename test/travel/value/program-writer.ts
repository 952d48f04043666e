/**
 * Programs at random: closures in closures over shadowed names, with every way to declare a variable and every kind of data
 * that may travel. Each is the body of a function that returns `[fn, args]`.
 *
 * Written along a tape of numbers: a shorter tape is a smaller program, and a zero is the simplest choice, so that a failing
 * program shrinks.
 */

import { DATA } from "./program-data.ts";
import { DEEPEST, ProgramExpressions } from "./program-expressions.ts";
import { type Kind, NAMES } from "./program-scopes.ts";

export class ProgramWriter extends ProgramExpressions {
  program(strict: boolean): string {
    const lines = this.#statements(3 + this.choice(6), 0);
    const waits = this.choice(4) === 3 ? "await null;" : "";
    const word = waits === "" ? "" : "async ";
    const isArrow = this.choice(2) === 0;
    const fallback = this.value(2);
    const body = this.within(["x0", "x1", "x2"], true, () => [
      waits,
      ...this.#statements(this.choice(3), 1),
      `return [${this.list(3 + this.choice(4), () => this.value(0))}];`,
    ]);
    const parameters = `(x0, x1 = ${fallback}, ...x2)`;
    const fn = isArrow
      ? `${word}${parameters} => { ${body} }`
      : `${word}function own${parameters} { ${body} }`;
    return `${strict ? '"use strict";\n' : ""}${lines.join("\n")}\nreturn take(${fn}, [1, undefined, "rest"]);`;
  }

  #statements(count: number, depth: number): string[] {
    return Array.from({ length: count }, () => (this.goesOn ? this.#statement(depth) : ""));
  }

  #block(depth: number, names: readonly string[] = []): string {
    return this.within(names, false, () => this.#statements(1 + this.choice(2), depth + 1));
  }

  #statement(depth: number): string {
    switch (depth > DEEPEST ? this.choice(5) : this.choice(25)) {
      case 1:
        return this.#variable("let");
      case 2:
        return this.#variable("var");
      case 3:
        return this.#assignment();
      case 4:
        return this.#variable("const");
      case 5:
      case 6:
        return this.#arrow(depth);
      case 7:
      case 8:
        return this.#declaration(depth);
      case 9:
        return this.#destructuring();
      case 10:
        return this.#loop(depth);
      case 11:
      case 12:
        return this.#class(depth);
      case 13:
        return `{ ${this.#block(depth)} }`;
      case 14:
        return this.#catch(depth);
      case 15:
        return `switch (1) { case 1: ${this.#block(depth)} break; default: }`;
      case 16:
        return this.#recursion();
      case 17:
        return this.#labels(depth);
      case 18:
        return this.#generator();
      case 19:
        return `if (${this.value(1)}) { ${this.#block(depth)} } else { ${this.#block(depth)} }`;
      case 20:
        return this.#factory(depth);
      case 21:
      case 22:
      case 23:
        return this.#inside(depth);
      default:
        return this.#data();
    }
  }

  #variable(word: "let" | "const" | "var", kind: Kind = "value", text?: string): string {
    const name = word === "var" ? `v${this.number}` : this.pendingName();
    const value = text ?? this.value(0);
    this.declare(name, kind, word !== "const");
    return `${word} ${name} = ${value};`;
  }

  #data(): string {
    const text = DATA[this.choice(DATA.length)]!;
    return this.#variable("const", /^[{(O]/.test(text) ? "object" : "value", text);
  }

  /** Parameters with defaults that see each other, and a body. */
  #function(depth: number, first = ""): string {
    const name = NAMES[this.choice(NAMES.length)]!;
    if (this.choice(3) === 0) {
      const body = this.within([name, "y"], true, () => this.#body(depth, `${first}${name}, y`));
      return `(${name}, ...y) @ { ${body} }`;
    }
    const value = this.value(2);
    const body = this.within([name, "y", "z"], true, () => this.#body(depth, `${first}y, z()`));
    return `(${name}, { p: y = [${name}], ["q"]: r } = { q: ${name === value ? "1" : value.includes(name) ? "2" : value} }, z = () => [${name}, y, r]) @ { ${body} }`;
  }

  #body(depth: number, result: string): string[] {
    const assigns = this.choice(8) === 7 ? this.#assignment() : "";
    return [...this.#statements(this.choice(3), depth + 1), assigns, `return [${this.value(1)}, ${result}];`];
  }

  #arrow(depth: number): string {
    const text = this.#function(depth).replace("@", "=>");
    return `const ${this.declare(`g${this.number}`, "call", false)} = ${text};`;
  }

  #declaration(depth: number): string {
    const text = this.#function(depth, this.choice(2) === 0 ? "arguments.length, " : "").replace("@", "");
    return `function ${this.declare(`h${this.number}`, "call", false)}${text}`;
  }

  /** A variable that nobody but the closure sees. */
  #factory(depth: number): string {
    const value = this.value(1);
    const text = this.#function(depth, "++count, ").replace("@", "=>");
    const name = this.declare(`k${this.number}`, "call", false);
    return `const ${name} = ((count) => ${text})(${value});`;
  }

  /** A closure out of a function and a block in it, whose variables may be called as outer ones are. */
  #inside(depth: number): string {
    const [one, two] = [NAMES[this.choice(4)]!, NAMES[this.choice(4)]!];
    const value = this.value(2);
    const body = this.within([one], true, () => {
      const inner = this.value(2);
      const block = this.within([two], false, () => {
        const lines = this.#statements(this.choice(2), depth + 1);
        return [...lines, `return ${this.#function(depth + 1, `${one}, ${two}, `).replace("@", "=>")};`];
      });
      return [`for (const ${two} of [[${inner.includes(two) ? "0" : inner}, "${two}"]]) { ${block} }`];
    });
    const name = this.declare(`g${this.number}`, "call", false);
    return `const ${name} = ((${one}) => { ${body} })([${value}, "${one}"]);`;
  }

  #destructuring(): string {
    const values = [this.value(2), this.value(2), this.value(2)];
    const [one, two, rest] = [0, 1, 2].map(() => `n${this.number}`) as [string, string, string];
    for (const name of [one, two, rest]) this.declare(name, "value", true);
    return this.choice(2) === 0
      ? `let { p: ${one} = ${values[0]}, ["q"]: ${two}, ...${rest} } = { q: ${values[1]}, r: ${values[2]} };`
      : `let [${one} = ${values[0]}, , [${two}] = [${values[1]}], ...${rest}] = [undefined, 1, undefined, ${values[2]}];`;
  }

  #loop(depth: number): string {
    const name = NAMES[this.choice(NAMES.length)]!;
    const list = `n${this.number}`;
    const body = this.#block(depth, [name]);
    this.declare(list, "object", false);
    const push = `${list}.push(() => [${name}]); ${body}`;
    const last = `${list}.p = ${list}.map((one) => one());`;
    const head = [
      "let % = 0; % < 2; %++",
      "const % of [1, 2]",
      "const % in { p: 1, q: 2 }",
      "let % = 0; %++ < 2;",
    ];
    return `const ${list} = []; for (${head[this.choice(4)]!.replaceAll("%", name)}) { ${push} } ${last}`;
  }

  #class(depth: number): string {
    const base = this.ofKind("class");
    const members = [
      `constructor(x) { ${base === undefined ? "" : "super(x);"} this.x = x; }`,
      `m(y) { return [this.x, y, ${this.#member(depth)}${base === undefined ? "" : ", super.m(y)"}]; }`,
      `static s = ${this.value(2)};`,
      ["static t() { return this.s; }", "static t = () => this.s;", "static get t() { return () => 4; }"][
        this.choice(3)
      ],
      ["", "#p = 3; get x2() { return this.#p; }", "field = [this.x];", "static { this.s = [this.s]; }"][
        this.choice(4)
      ],
      ["", "['computed' + 1]() { return 1; }", "*[Symbol.iterator]() { yield 1; }", "async 'm-n'() {}"][
        this.choice(4)
      ],
    ];
    const name = this.declare(`C${this.number}`, "class", false);
    return `class ${name}${base === undefined ? "" : ` extends ${base}`} { ${members.join(" ")} }`;
  }

  #member(depth: number): string {
    return this.within(["y"], true, () => [this.value(depth > 2 ? DEEPEST : 1)]);
  }

  #catch(depth: number): string {
    const name = NAMES[this.choice(NAMES.length)]!;
    const thrown = this.value(1);
    return `try { throw { p: ${thrown} }; } catch ({ p: ${name} }) { ${this.#block(depth, [name])} } finally { }`;
  }

  #recursion(): string {
    const [one, two] = [`h${this.number}`, `h${this.number}`];
    const text = (of: string): string =>
      `{ return n > 0 ? [${of}(n > 3 ? 3 : n - 1)] : ${this.within(["n"], true, () => [this.value(1)])}; }`;
    const both = `function ${one}(n) ${text(two)} const ${two} = function inner(n) ${text(this.choice(2) === 0 ? one : "inner")};`;
    this.declare(one, "call", false);
    this.declare(two, "call", false);
    return both;
  }

  #labels(depth: number): string {
    const label = `l${this.number}`;
    return `${label}: for (const x of [1, 2]) { ${this.#block(depth, ["x"])} if (x) continue ${label}; }`;
  }

  #generator(): string {
    const value = this.within(["n"], true, () => [this.value(1)]);
    const name = `g${this.number}`;
    this.declare(name, "call", false);
    return `const ${name} = (x) => [...(function* (n) { yield ${value}; yield* [n]; })(x)];`;
  }

  #assignment(): string {
    const name = this.pick(({ assignable }) => assignable);
    if (name === undefined) return "";
    const value = this.value(2);
    const ways = [
      `${name} = ${value};`,
      `[${name}] = [${value}];`,
      `({ p: ${name} } = { p: ${value} });`,
      `${name} ??= ${value};`,
    ];
    return ways[this.choice(4)]!;
  }
}
