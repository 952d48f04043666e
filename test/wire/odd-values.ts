/**
 * What somebody may throw, with everything that can be wrong with it. Each is made anew, under its name.
 */
import { runInNewContext } from "node:vm";
import { MessageChannel } from "node:worker_threads";

export type Made = readonly [name: string, make: () => unknown];

class Custom extends Error {
  override readonly name = "Custom";
  readonly code = "E_CUSTOM";
}

const PROPERTIES = [
  "name",
  "message",
  "stack",
  "cause",
  "errors",
  "constructor",
  "code",
  "then",
  "__proto__",
];

export const oddValues: readonly Made[] = [
  ...plainValues(),
  ...uncloneable(),
  ...brokenProperties(),
  ...brokenClasses(),
  ...odd("causes", [self("cause"), deepCauses(50), () => new Error("c", { cause: () => {} })]),
  ...aggregates(),
  ...proxies(),
];

function odd(title: string, makes: readonly (() => unknown)[]): Made[] {
  return makes.map((make, index) => [`${title} ${index + 1}`, make]);
}

function fail(): never {
  throw new Error("a trap");
}

function plainValues(): Made[] {
  const values: unknown[] = [
    undefined,
    null,
    true,
    false,
    0,
    -0,
    NaN,
    Infinity,
    1n,
    2n ** 70n,
    "",
    "text",
    "\u0000\ud800",
    "x".repeat(1e6),
    [],
    [1, [2]],
    {},
    { a: { b: 1 } },
    new Map([[1, 2]]),
    new Set([1]),
    new Date(NaN),
    /a/g,
    Buffer.from("a"),
    new Float64Array(2),
    new ArrayBuffer(8),
    new SharedArrayBuffer(8),
    new DOMException("a"),
    Object(1),
    Object("a"),
    Object(1n),
    Object.create(null),
    Object.freeze({ a: 1 }),
    new Boolean(false),
  ];
  return odd(
    "a plain value",
    values.map((value) => () => value),
  );
}

function uncloneable(): Made[] {
  return odd("uncloneable", [
    () => Symbol("s"),
    () => Symbol.iterator,
    () => () => {},
    () => class A {},
    () => async function* named() {},
    () => ({ fn: () => {} }),
    () => [[[Symbol("deep")]]],
    () => new Map([[() => {}, 1]]),
    () => new WeakMap(),
    () => new WeakRef({}),
    () => Promise.resolve(1),
    (): unknown => Object(Symbol("boxed")),
    () => new MessageChannel().port1,
    () => detached(),
    () => deepList(100_000),
    () => globalThis,
    () => process,
    () => new Proxy({}, {}),
    () => ({
      get a() {
        return fail();
      },
    }),
  ]);
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function deepList(length: number): unknown {
  let list: unknown;
  for (let count = 0; count < length; count++) list = { list };
  return list;
}

/** Each property of an error, being each of these. */
function brokenProperties(): Made[] {
  const descriptors: readonly (readonly [string, () => PropertyDescriptor])[] = [
    ["a getter that throws", () => ({ get: fail })],
    ["a getter that throws, visible", () => ({ get: fail, enumerable: true })],
    ["a function", () => ({ value: () => {}, enumerable: true })],
    ["a symbol", () => ({ value: Symbol("s"), enumerable: true })],
    ["null", () => ({ value: null, enumerable: true })],
    ["an object", () => ({ value: { a: () => {} }, enumerable: true })],
    ["undefined", () => ({ value: undefined, enumerable: true })],
    ["a proxy", () => ({ value: new Proxy({}, { get: fail }), enumerable: true })],
    ["an error", () => ({ value: new Custom("inner"), enumerable: true })],
    ["a large number", () => ({ value: 1e300, enumerable: true })],
  ];
  return PROPERTIES.flatMap((property) =>
    descriptors.map(([what, descriptor]): Made => {
      const make = (): unknown => Object.defineProperty(new Error("broken"), property, descriptor());
      return [`an error whose ${property} is ${what}`, make];
    }),
  );
}

function brokenClasses(): Made[] {
  const withPrototype = (prototype: object | null): unknown =>
    Object.setPrototypeOf(new Error("moved"), prototype);
  return odd("an error of an odd class", [
    () => new Custom("c"),
    () => new (class extends Custom {})("anonymous"),
    () => new (class Error extends globalThis.Error {})("same name"),
    () => new (class TypeError extends RangeError {})("misleading"),
    () => new (class toString extends Error {})("inherited name"),
    () => new (class QueueFullError extends Error {})("the name of one of ours"),
    (): unknown => new (Object.defineProperty(class extends Error {}, "name", { get: fail }))("no name"),
    (): unknown =>
      new (Object.defineProperty(class extends Error {}, "name", { value: Symbol("s") }))("odd name"),
    (): unknown =>
      new (Object.defineProperty(class extends Error {}, "toString", { value: fail }))("no text"),
    () => withPrototype(null),
    () => withPrototype({}),
    () => withPrototype(Array.prototype),
    () => withPrototype(Object.create(Error.prototype) as object),
    () => withPrototype(Object.create(null) as object),
    (): unknown => Object.create(Error.prototype),
    () => Object.freeze(new Custom("frozen")),
    () => Object.seal(new Custom("sealed")),
    () =>
      Object.assign(
        new Error("many fields"),
        Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [n, n])),
      ),
    () => Object.assign(new Error("a deep field"), { deep: deepList(100_000) }),
    (): unknown => runInNewContext("new TypeError('of another realm')"),
    (): unknown => runInNewContext("class Foreign extends Error {}; new Foreign('of another realm')"),
    (): unknown => runInNewContext("({ a: 1 })"),
    () => new DOMException("aborted", "AbortError"),
    () => new (class extends DOMException {})("sub", "AbortError"),
    (): unknown => AbortSignal.abort().reason,
  ]);
}

function self(property: "cause" | "errors"): () => unknown {
  return () => {
    const error = new AggregateError([], "holds itself");
    return Object.assign(error, { [property]: property === "cause" ? error : [error, error, error, error] });
  };
}

function deepCauses(length: number): () => unknown {
  return () => {
    let error: Error | undefined;
    for (let count = 0; count < length; count++) error = new Error(`cause ${count}`, { cause: error });
    return error;
  };
}

function aggregates(): Made[] {
  const holding = (errors: unknown): (() => unknown) => {
    return () => Object.assign(new AggregateError([], "odd"), { errors });
  };
  function* endless(): Generator<number> {
    for (;;) yield 1;
  }
  return odd("an AggregateError", [
    self("errors"),
    () => new AggregateError([1, "a", () => {}, Symbol("s"), new Custom("c"), null], "odd"),
    () =>
      new AggregateError(
        Array.from({ length: 100_000 }, (_, index) => index),
        "many",
      ),
    holding(null),
    holding("text"),
    holding(endless()),
    holding({ length: 1e9 }),
    holding(Object.assign([], { length: 4e9 })),
    holding([[[]]]),
    holding(new Proxy([1], { get: fail })),
  ]);
}

function proxies(): Made[] {
  const traps = ["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"] as const;
  const around = (target: object): Made[] =>
    traps.map((trap): Made => [`a proxy that throws on ${trap}`, () => new Proxy(target, { [trap]: fail })]);
  const revoked = (target: object): unknown => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const all = Object.fromEntries(traps.map((trap) => [trap, fail]));
  return [
    ...around(new Error("inside")),
    ...around({}),
    ...around(() => {}),
    ...odd("a proxy", [
      () => new Proxy(new Custom("inside"), {}),
      () => new Proxy(new Error("inside"), all),
      () => new Proxy(class {}, all),
      () => revoked({}),
      () => revoked(new Error("inside")),
      () => revoked(() => {}),
      () => Object.assign(new Error("a field"), { proxy: new Proxy({}, all), revoked: revoked({}) }),
      (): unknown => Object.setPrototypeOf(new Error("its class"), new Proxy(Error.prototype, all)),
    ]),
  ];
}
