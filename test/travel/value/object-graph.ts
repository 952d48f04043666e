/**
 * Object graphs at random: every kind of container and leaf, with parts in common and cycles.
 */
import fc from "fast-check";

interface Spec {
  readonly kind: number;
  /** Which others are in it, and what else. */
  readonly parts: readonly number[];
  readonly leaves: readonly unknown[];
  readonly finish: number;
}

const key = fc.constantFrom("a", "b", "__proto__", "constructor", "then", "0", "ünï", "", "length2");
const leaf = fc.oneof(
  fc.constantFrom(undefined, null, -0, Number.NaN, "", "\ud800", 12n, Symbol.iterator, Symbol.for("x")),
  fc.double(),
  fc.string({ unit: "binary" }),
  key,
);

class Point {
  declare x: unknown;
  get twice(): unknown[] {
    return [this.x, this.x];
  }
}

class OwnError extends RangeError {}

const MAKERS: readonly ((leaves: readonly unknown[]) => object)[] = [
  () => ({}),
  () => [],
  () => Object.create(null) as object,
  () => new Map(),
  () => new Set(),
  () => new Point(),
  ([time]) => new Date(typeof time === "number" ? time : 0),
  ([text]) => Object.assign(/a(?<n>b)/dgimsuy, { lastIndex: String(text).length }),
  (leaves) => new Uint8Array(leaves.map((part) => String(part).length)),
  (leaves) => new Float64Array([Number.NaN, -0, leaves.length]).subarray(1),
  () => new DataView(new ArrayBuffer(8), 2, 3),
  (leaves) => Buffer.from(leaves.map((part) => String(part)).join()),
  ([message]) => new TypeError(String(message)),
  ([message]) => new OwnError(String(message), { cause: message }),
  () => (x: number) => [x],
  () => ({
    get a() {
      return 7;
    },
    set b(_: unknown) {},
  }),
];

const FINISH = [() => {}, () => {}, () => {}, Object.freeze, Object.seal, Object.preventExtensions];

const specs = fc.array(
  fc.record({
    kind: fc.nat(MAKERS.length - 1),
    parts: fc.array(fc.nat(20), { maxLength: 4 }),
    leaves: fc.array(leaf, { maxLength: 4 }),
    finish: fc.nat(FINISH.length - 1),
  }),
  { minLength: 1, maxLength: 12 },
);

export const graphs: fc.Arbitrary<object> = fc
  .tuple(specs, fc.array(key, { minLength: 8, maxLength: 8 }))
  .map(([all, keys]) => graphOf(all, keys));

function graphOf(all: readonly Spec[], keys: readonly string[]): object {
  const made = all.map(({ kind, leaves }) => MAKERS[kind]!(leaves));
  for (const [index, { parts, leaves, finish }] of all.entries()) {
    const values = [...parts.map((part) => made[part % made.length]), ...leaves];
    fill(made[index]!, values, keys);
    // Views with elements cannot be frozen.
    if (!ArrayBuffer.isView(made[index])) FINISH[finish]!(made[index]!);
  }
  return made[0]!;
}

function fill(holder: object, values: readonly unknown[], keys: readonly string[]): void {
  if (ArrayBuffer.isView(holder)) return;
  for (const [index, value] of values.entries()) {
    const name = keys[index % keys.length]!;
    if (holder instanceof Map) holder.set(index % 2 === 0 ? value : name, value);
    else if (holder instanceof Set) holder.add(value);
    else if (Array.isArray(holder)) holder[index * 2] = value;
    else define(holder, name, { value, enumerable: index !== 3, writable: index !== 4, configurable: true });
  }
}

function define(holder: object, name: string, property: PropertyDescriptor): void {
  // What a function or an error is made with keeps its place.
  const isTaken = Object.getOwnPropertyDescriptor(holder, name) !== undefined || name === "then";
  if (!isTaken || typeof holder !== "function") Object.defineProperty(holder, name, property);
}
