/**
 * Options are checked where they are given: an unknown key, a wrong type or a value out of bounds throws at once and names
 * the option, the bound and the value. Nothing is silently ignored.
 */
import { inspect } from "node:util";

/** Says what is wrong with a value: a bound it breaks, a type it has not, or nothing. */
export type Check = (value: unknown) => Wrong | undefined;
export type Wrong = { readonly kind: "type" | "range"; readonly expected: string };

/** A check for each option. */
export type Checks<Options> = { readonly [Key in keyof Options]-?: Check } & Readonly<Record<string, Check>>;

const type = (expected: string): Wrong => ({ kind: "type", expected });
const range = (expected: string): Wrong => ({ kind: "range", expected });

export const text: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : type("a non-empty string");

export const textOrNumber: Check = (value) => {
  if (typeof value === "number") return Number.isNaN(value) ? range("a string or a number") : undefined;
  return typeof value === "string" ? undefined : type("a string or a number");
};

/** Any number that can be compared and added to. */
export const finite: Check = (value) => {
  if (typeof value !== "number") return type("a number");
  return Number.isFinite(value) ? undefined : range("a finite number");
};

export const callable: Check = (value) => (typeof value === "function" ? undefined : type("a function"));

export const list: Check = (value) => (Array.isArray(value) ? undefined : type("an array"));

export const flag: Check = (value) => (typeof value === "boolean" ? undefined : type("true or false"));

export const record: Check = (value) =>
  typeof value === "object" && value !== null ? undefined : type("an object");

export const clockLike: Check = (value) => {
  const { now, after, timeOrigin } = (value ?? {}) as Record<string, unknown>;
  const isOne = typeof now === "function" && typeof after === "function" && typeof timeOrigin === "number";
  return isOne ? undefined : type("an object with now(), after() and timeOrigin");
};

export const abortSignal: Check = (value) => (isAbortSignal(value) ? undefined : type("an AbortSignal"));

/** Also of another realm: test runners have their own, and polyfills too. */
function isAbortSignal(value: unknown): boolean {
  if (value instanceof AbortSignal) return true;
  const signal = value as Partial<AbortSignal> | null | undefined;
  return (
    Object.prototype.toString.call(value) === "[object AbortSignal]" &&
    typeof signal?.aborted === "boolean" &&
    typeof signal.addEventListener === "function" &&
    typeof signal.removeEventListener === "function"
  );
}

export function oneOf(...allowed: string[]): Check {
  const expected = allowed.map((value) => JSON.stringify(value)).join(" or ");
  return (value) => (allowed.includes(value as string) ? undefined : type(expected));
}

export function strings(value: unknown): Wrong | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === "string")
    ? undefined
    : type("an array of strings");
}

interface Bounds {
  readonly least: number;
  readonly most?: number;
  readonly exclusive?: boolean;
}

function number(
  value: unknown,
  unit: string,
  { least, most = Infinity, exclusive = false }: Bounds,
): Wrong | undefined {
  if (typeof value !== "number") return type(`a number${unit}`);
  if (value > most || value < least || (exclusive && value === least) || Number.isNaN(value)) {
    const bound = exclusive ? `greater than ${least}` : `at least ${least}`;
    return range(`${bound}${most === Infinity ? "" : ` and at most ${most}`}${unit}`);
  }
  return undefined;
}

/** A duration. `Infinity` is allowed: it means no limit. */
export function milliseconds(bounds: Bounds): Check {
  return (value) => number(value, " (milliseconds)", bounds);
}

export function integer(bounds: Bounds & { orInfinity?: boolean }): Check {
  return (value) => {
    const wrong = number(value, "", bounds);
    if (wrong !== undefined) return wrong;
    if (Number.isInteger(value) || (bounds.orInfinity === true && value === Infinity)) return undefined;
    return range(`a whole number, at least ${bounds.least}`);
  };
}

/** @throws TypeError, RangeError naming the option, what it takes, and the value. */
export function checkOptions<Options extends object>(
  options: Options,
  checks: Checks<Options>,
  owner: string,
): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${owner}: options must be an object, got ${inspect(options)}`);
  }
  // An option that is inherited, or under a symbol, would be silently ignored.
  if (!isPlain(options)) {
    throw new TypeError(`${owner}: options must be a plain object, got ${inspect(options, { depth: 0 })}`);
  }
  const [symbol] = Object.getOwnPropertySymbols(options);
  if (symbol !== undefined) throw new TypeError(`${owner}: unknown option ${String(symbol)}`);
  for (const [key, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) {
      throw new TypeError(`${owner}: unknown option "${key}". Known: ${known(checks)}`);
    }
    if (value === undefined) continue;
    const wrong = check(value);
    if (wrong !== undefined) throw complaint(owner, key, value, wrong);
  }
}

/** Also of another realm, as test runners have their own. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || (Object.getPrototypeOf(prototype) === null && !Array.isArray(value));
}

/** An option that is `undefined` was not given: it must not hide a default. */
export function withoutUndefined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

function known(checks: Readonly<Record<string, Check>>): string {
  return Object.keys(checks).join(", ");
}

function complaint(owner: string, key: string, value: unknown, wrong: Wrong): Error {
  const got = inspect(value, { depth: 0, maxStringLength: 40 });
  switch (wrong.kind) {
    case "type":
      return new TypeError(`${owner}: option "${key}" must be ${wrong.expected}, got ${got}`);
    case "range":
      return new RangeError(`${owner}: option "${key}" must be ${wrong.expected}, got ${got}`);
  }
}
