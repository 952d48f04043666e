import { describe as inWords, findUncloneable } from "#internal/wire/uncloneable";
import { transfer } from "#internal/wire/transfer";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, test } from "vitest";

const fn = function culprit(): void {};

class Point {
  readonly x = 1;
  held: unknown;
  constructor(held?: unknown) {
    this.held = held;
  }
}

const find = (value: unknown): string | undefined => {
  const culprit = findUncloneable(value, "args");
  return culprit && `${culprit.path} is ${culprit.what}`;
};

/** Not `test.each`, which looks into the values for their title. */
function each<Rest extends unknown[]>(
  cases: readonly (readonly [title: string, ...Rest])[],
  body: (...rest: Rest) => void,
): void {
  for (const [title, ...rest] of cases) test(title, () => body(...rest));
}

describe("what cannot be cloned is named with its path", () => {
  const withGetter = (get: () => unknown): object =>
    Object.defineProperty({}, "now", { get, enumerable: true });
  const withoutPrototype = Object.assign(Object.create(null) as object, { f: fn });
  const keys: [unknown, number][] = [
    ["a", 1],
    [fn, 2],
  ];
  const cases: [string, unknown, string][] = [
    ["itself", fn, "args is the function culprit"],
    ["in an array", [1, [2, fn]], "args[1][1] is the function culprit"],
    ["in an object", { a: { b: fn } }, "args.a.b is the function culprit"],
    ["in an object without prototype", withoutPrototype, "args.f is the function culprit"],
    ["without a name", [() => {}], "args[0] is the function (anonymous)"],
    ["a symbol", { s: Symbol("why") }, "args.s is the symbol Symbol(why)"],
    ["a value of a map", new Map([["open", fn]]), 'args.get("open") is the function culprit'],
    ["a value of another key", new Map([[{ a: 1 }, fn]]), "args[value of key 0] is the function culprit"],
    ["a key of a map", new Map(keys), "args[key 1] is the function culprit"],
    ["in a set", new Set<unknown>([1, { f: fn }]), "args[entry 1].f is the function culprit"],
    ["in a class instance", new Point({ f: fn }), "args.held.f is the function culprit"],
    ["a getter's value", withGetter(() => fn), "args.now is the function culprit"],
    ["a getter that throws", withGetter(fail), "args.now is a property that throws when it is read"],
    ["an odd key", { "a b": { 'c"d': fn, 0: 1 } }, 'args["a b"]["c\\"d"] is the function culprit'],
    ["a number as key", { 12: fn }, 'args["12"] is the function culprit'],
    ["a property of an array", Object.assign([1], { extra: fn }), "args.extra is the function culprit"],
    ["a hole before it", Object.assign([], { 5: fn }), "args[5] is the function culprit"],
    ["a cause", new Error("a", { cause: [fn] }), "args.cause[0] is the function culprit"],
    ["a promise", { later: Promise.resolve() }, "args.later is a Promise"],
    ["a weak map", [new WeakMap()], "args[0] is a WeakMap"],
    ["a generator", { rows: rows() }, "args.rows is a Generator"],
    ["a proxy", { p: new Proxy({}, {}) }, "args.p is a Proxy"],
    ["a revoked proxy", [revoked()], "args[0] is a Proxy"],
    ["arguments", [argumentsOf()], "args[0] is an Object"],
    ["a boxed symbol", [Object(Symbol("s"))], "args[0] is a Symbol"],
  ];
  each(cases, (value, expected) => {
    expect(() => structuredClone(value)).toThrow();
    expect(find(value)).toBe(expected);
  });

  test("the first one in the order of structured clone", () => {
    expect(find([{ a: 1 }, { b: fn }, Symbol("later")])).toBe("args[1].b is the function culprit");
  });

  test("behind a cycle, and behind what is shared", () => {
    const cyclic: Record<string, unknown> = { name: "cyclic" };
    cyclic["self"] = cyclic;
    cyclic["list"] = [cyclic, new Map([[cyclic, cyclic]])];
    expect(find(cyclic)).toBeUndefined();
    cyclic["last"] = fn;
    expect(find([cyclic, cyclic])).toBe("args[0].last is the function culprit");
  });
});

describe("what clones is passed over", () => {
  const cases: [string, unknown][] = [
    ["primitives", [1, "a", null, undefined, true, 10n, NaN]],
    ["built-in values", [new Date(), /a/g, new Error("a"), new Map(), new Set(), Object(1)]],
    ["memory", [Buffer.from("a"), new Float64Array(2), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1)]],
    ["class instances", new Point(new Point([new Point()]))],
    ["what structured clone does not copy of an error", Object.assign(new Error("a"), { fn })],
    ["of a map", Object.assign(new Map(), { fn })],
    ["of a date", Object.assign(new Date(), { fn })],
    ["of a regular expression", Object.assign(/a/, { fn })],
    ["of a boxed number", Object.assign(Object(1) as object, { fn })],
    ["of a view", Object.assign(new Uint8Array(1), { fn })],
    ["symbol keys", { [Symbol("s")]: fn }],
    ["hidden properties", Object.defineProperty({}, "hidden", { value: fn })],
    ["inherited properties", Object.create({ fn })],
  ];
  each(cases, (value) => {
    expect(() => structuredClone(value)).not.toThrow();
    expect(find([value])).toBeUndefined();
    expect(find([value, fn])).toBe("args[1] is the function culprit");
  });

  test("and so is what moves", () => {
    const { port1, port2 } = new MessageChannel();
    const moving = transfer({ port: port1 }, [port1]);
    expect(find([moving, fn])).toBe("args[1] is the function culprit");
    expect(find([{ port: port2 }, fn])).toBe("args[0].port is a MessagePort");
    port1.close();
  });
});

describe("it is bounded", () => {
  const longestMs = 5_000;
  const timed = (value: unknown): [found: string | undefined, ms: number] => {
    // CPU time: others may want the same CPUs.
    const before = process.cpuUsage();
    const found = find(value);
    const { user, system } = process.cpuUsage(before);
    return [found, (user + system) / 1_000];
  };
  const many = (length: number, make: (id: number) => unknown): unknown[] =>
    Array.from({ length }, (_, id) => make(id));

  const cases: [string, () => unknown, string | undefined][] = [
    [
      "the last of 100 000 objects",
      () => [...many(99_990, (id) => ({ id })), fn],
      "args[99990] is the function culprit",
    ],
    ["100 000 objects of a class", () => many(99_990, () => new Point()), undefined],
    ["10 million numbers", () => ({ a: many(1e7, (id) => id), fn }), "args.fn is the function culprit"],
    [
      "a long array of nothing",
      () => ({ a: Object.assign([], { length: 4e9 }), fn }),
      "args.fn is the function culprit",
    ],
    ["more than it searches", () => [many(100_002, () => []), fn], "args[1] is the function culprit"],
    ["more than it searches, in one", () => ({ a: many(100_002, () => []), b: { fn } }), undefined],
  ];
  each(cases, (make, expected) => {
    const [found, ms] = timed(make());
    expect(found).toBe(expected);
    expect(ms).toBeLessThan(longestMs);
  });

  const links: [string, (next: unknown) => unknown][] = [
    ["objects", (next) => ({ next })],
    ["arrays", (next) => [next]],
    ["objects of a class", (next) => new Point(next)],
    ["maps", (next) => new Map([["next", next]])],
    ["errors", (next) => new Error("a", { cause: next })],
  ];
  describe("also as a chain of 20 000, deeper than recursion goes", () => {
    each(links, (link) => {
      const chain = (last: unknown): unknown => {
        let value = last;
        for (let count = 0; count < 20_000; count++) value = link(value);
        return value;
      };
      const [found, ms] = timed(chain(fn));
      expect(found).toMatch(/^args.* … .* is the function culprit$/);
      expect(found!.length).toBeLessThan(300);
      expect(ms).toBeLessThan(longestMs);
    });
  });

  test("objects of a class that share a large part are not each cloned with it", () => {
    const large = many(50_000, (id) => ({ id }));
    const [found, ms] = timed(many(20_000, () => new Point(large)));
    expect(found).toBeUndefined();
    expect(ms).toBeLessThan(longestMs);
  });
});

describe("it never throws", () => {
  const endless = {
    *[Symbol.iterator]() {
      for (;;) yield 1;
    },
  };
  const unnameable = Object.defineProperty(class {}, "name", { get: fail });
  const hostile = new Proxy({}, { get: fail, getPrototypeOf: fail, ownKeys: fail });
  const cases: [string, unknown][] = [
    ["an impostor of Map", Object.create(Map.prototype)],
    ["an impostor of Set", Object.create(Set.prototype)],
    ["a Map whose iterator throws", Object.assign(new Map([[1, 2]]), { [Symbol.iterator]: fail })],
    ["a Set whose iterator never ends", Object.assign(new Set([1]), endless)],
    ["an object of a class that cannot be named", new unnameable()],
    ["an object whose constructor throws", Object.defineProperty(new Point(), "constructor", { get: fail })],
    ["an object whose prototype is hostile", Object.create(hostile)],
  ];
  each(cases, (value) => {
    expect(() => find(value)).not.toThrow();
    expect(() => inWords(value)).not.toThrow();
  });
});

describe("in a few words", () => {
  const cases: [string, unknown][] = [
    ["the function culprit", fn],
    ["the symbol Symbol(s)", Symbol("s")],
    ["undefined", undefined],
    ["null", null],
    ["12", 12n],
    ["a Point", new Point()],
    ["an Object", {}],
    ["an object", Object.create(null)],
    ["an object that cannot be described", revoked()],
  ];
  for (const [words, value] of cases) test(words, () => expect(inWords(value)).toBe(words));
});

function* rows(): Generator<number> {
  yield 1;
}

function argumentsOf(..._given: unknown[]): unknown {
  return arguments;
}

function fail(): never {
  throw new Error("on purpose");
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
