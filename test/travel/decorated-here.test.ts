/** Classes of a file that a test runner transformed: no worker can import it. */
import {
  InlineExecutor,
  ProcessPoolExecutor,
  setDefaultExecutor,
  threaded,
  ThreadPoolExecutor,
} from "offloop";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectRefused } from "./executors.ts";

const inline = new InlineExecutor();

class Counter {
  static made = 0;
  count = 1;
  @threaded static async create(): Promise<unknown> {
    return [this.made, new this().count, this.name];
  }
  @threaded async add(n: number): Promise<number> {
    this.count += n;
    return this.count;
  }
  @threaded({ executor: inline }) async addHere(n: number): Promise<number> {
    this.count += n;
    return this.count;
  }
  @threaded({ travel: "reference" }) async pinned(): Promise<void> {}
  @threaded({ travel: "value", name: "by value" }) async byValue(): Promise<number> {
    return this.count;
  }
}

class Stepping extends Counter {
  override count = 10;
  override async add(n: number): Promise<number> {
    return super.add(n * 2);
  }
}

class Doubling extends Counter {
  @threaded override async add(n: number): Promise<number> {
    return super.add(n * 2);
  }
  @threaded static override async create(): Promise<unknown> {
    return [await super.create(), this.name];
  }
  @threaded async plus(n: number): Promise<number> {
    return this.count + n;
  }
}

class Counting {
  step = 2;
  @threaded static async *upTo(n: number): AsyncGenerator<number> {
    for (let at = 0; at < n; at++) yield at;
  }
  @threaded({ timeoutMs: 10_000 }) async *steps(n: number): AsyncGenerator<number> {
    for (let at = 0; at < n; at++) yield at * this.step;
  }
}

class Changing {
  static factor = 2;
  by = 1;
  @threaded async times(n: number): Promise<number> {
    return n * Changing.factor * this.by * this.more();
  }
  more(): number {
    return 1;
  }
}

let step = 1;
const makeStepper = (by: number): { new (): { go(n: number): Promise<number> } } =>
  class {
    by = by;
    @threaded async go(n: number): Promise<number> {
      return n + this.by + by + step;
    }
  };

class Register {
  static #rows = 0;
  static bump(): void {
    this.#rows += 1;
  }
  static rows(): number {
    return this.#rows;
  }
  @threaded static async read(): Promise<number> {
    return this.rows();
  }
}

describe.each([ThreadPoolExecutor, ProcessPoolExecutor])("%o", (Pool) => {
  const pool = new Pool({ maxWorkers: 1, env: { ...process.env, VITEST: undefined } });
  beforeAll(() => setDefaultExecutor(pool));
  afterAll(() => pool.shutdown());

  test("an async generator gives a stream", async () => {
    const found: number[] = [];
    for await (const n of Counting.upTo(3)) found.push(n);
    for await (const n of new Counting().steps(3)) found.push(n);
    expect(found).toEqual([0, 1, 2, 0, 2, 4]);
  });

  test("a static method has its class, as it is at the call", async () => {
    Counter.made = 7;
    await expect(Counter.create()).resolves.toEqual([7, 1, "Counter"]);
    await expect(Stepping.create()).resolves.toEqual([7, 10, "Stepping"]);
  });

  test("an instance method has a copy of its object", async () => {
    const counter = new Counter();
    await expect(counter.add(4)).resolves.toBe(5);
    expect(counter.count).toBe(1);
    counter.count = 100;
    await expect(counter.add(4)).resolves.toBe(104);
  });

  test("the copy is made when the method is called, also of a call that has to wait", async () => {
    const counter = new Counter();
    const calls = [counter.add(1), counter.add(1), counter.add(1)];
    counter.count = 50;
    await expect(Promise.all(calls)).resolves.toEqual([2, 2, 2]);
  });

  test("super in decorated methods, beside others", async () => {
    const counter = new Doubling();
    await expect(counter.add(2)).resolves.toBe(5);
    await expect(counter.plus(2)).resolves.toBe(3);
    await expect(Doubling.create()).resolves.toEqual([[Counter.made, 1, "Doubling"], "Doubling"]);
  });

  test("what is changed of a class after many calls", async () => {
    const [{ more }, object] = [Changing.prototype, new Changing()];
    try {
      for (let n = 0; n < 12; n++) await expect(object.times(1)).resolves.toBe(2);
      Changing.factor = 3;
      await expect(object.times(1)).resolves.toBe(3);
      object.by = 5;
      await expect(object.times(1)).resolves.toBe(15);
      Changing.prototype.more = () => 7;
      await expect(object.times(1)).resolves.toBe(105);
    } finally {
      Object.assign(Changing.prototype, { more });
      Changing.factor = 2;
    }
  });

  test("classes of a factory have what each captured", async () => {
    const [One, Two] = [makeStepper(1), makeStepper(20)];
    step = 300;
    await expect(new One().go(1)).resolves.toBe(303);
    await expect(new Two().go(1)).resolves.toBe(341);
  });

  test("its options", async () => {
    const counter = new Counter();
    await expect(counter.addHere(1)).resolves.toBe(2);
    expect(counter.count).toBe(2);
    const call = counter.byValue();
    expect(call).toMatchObject({ name: "by value" });
    await expect(call).resolves.toBe(2);
    await expectRefused(counter.pinned(), "not-exported");
  });

  test("state in private static fields is not made up", async () => {
    Register.bump();
    await expectRefused(Register.read(), ["private-field", "live-object"]);
  });
});

test("on an inline executor a method runs on its object", async () => {
  setDefaultExecutor(inline);
  const counter = new Stepping();
  await expect(counter.add(1)).resolves.toBe(12);
  expect(counter.count).toBe(12);
});

test("a method that was taken off its object has no `this`, as without the decorator", async () => {
  setDefaultExecutor(inline);
  const { add } = new Counter();
  await expect(add(1)).rejects.toThrow(TypeError);
});

describe("refuses, with what to do instead", () => {
  const addInitializer = (): void => {};
  const context = (given: object): object => ({
    name: "it",
    static: false,
    private: false,
    addInitializer,
    ...given,
  });
  const decorate = threaded as unknown as (...args: unknown[]) => unknown;
  const withOptions = threaded({ timeoutMs: 5 }) as unknown as typeof decorate;
  const work = async (): Promise<void> => {};

  test.each([
    ["a getter", [work, context({ kind: "getter" })], /getter/],
    ["a setter", [work, context({ kind: "setter" })], /setter/],
    ["a field", [undefined, context({ kind: "field" })], /field/],
    ["an accessor", [{}, context({ kind: "accessor" })], /accessor/],
    ["a class", [class {}, context({ kind: "class" })], /class/],
    ["a private method", [work, context({ kind: "method", private: true })], /private method/],
    ["a generator", [function* () {}, context({ kind: "method" })], /generator/],
    ["a legacy getter", [{}, "it", { get: work, configurable: true }], /getter/],
    ["a legacy setter", [{}, "it", { set: work, configurable: true }], /setter/],
    ["a legacy field", [{}, "it", undefined], /field/],
    ["a legacy field that holds no function", [{}, "it", { value: 1 }], /number/],
    ["a legacy parameter", [{}, "it", 0], /parameter/],
    ["a parameter of a constructor", [class {}, undefined, 0], /parameter/],
  ] as const)("%s", (_title, args, message) => {
    for (const decorator of [decorate, withOptions]) {
      expect(() => decorator(...args)).toThrow(TypeError);
      expect(() => decorator(...args)).toThrow(message);
    }
  });

  test("a legacy class", () => {
    expect(() => decorate(class {})).toThrow(/async methods/);
    expect(() => withOptions(class {})).toThrow(TypeError);
  });

  test("bad options, where they stand", () => {
    expect(() => threaded({ timeoutMs: -1 })).toThrow(/timeoutMs/);
    expect(() => threaded({ timeout: 1 } as object)).toThrow(/timeout/);
    expect(() => decorate()).toThrow(TypeError);
  });
});
