import { scryptSync } from "node:crypto";
import {
  type Executor,
  InlineExecutor,
  type Task,
  type TaskStream,
  threaded,
  ThreadPoolExecutor,
  type Threaded,
  transfer,
} from "offloop";
import { describe, expectTypeOf, test } from "vitest";

declare const render: (markdown: string, options?: { width: number }) => string;
declare const load: (url: URL) => Promise<Uint8Array>;
declare const pool: Executor;

describe("threaded", () => {
  test("keeps the arguments and makes the result a task", () => {
    const wrapped = threaded(render);
    expectTypeOf(wrapped).toEqualTypeOf<Threaded<Parameters<typeof render>, string>>();
    expectTypeOf(wrapped).parameters.toEqualTypeOf<Parameters<typeof render>>();
    expectTypeOf(wrapped).returns.toEqualTypeOf<Task<string>>();
    expectTypeOf(wrapped("a", { width: 2 })).resolves.toEqualTypeOf<string>();
    expectTypeOf(wrapped.name).toEqualTypeOf<string>();
  });

  test("a promise is awaited, and no promise of a promise comes out", () => {
    expectTypeOf(threaded(load)).returns.toEqualTypeOf<Task<Uint8Array>>();
    expectTypeOf(threaded(async () => Promise.resolve(1))).returns.toEqualTypeOf<Task<number>>();
    expectTypeOf(threaded((): number | Promise<string> => 1)).returns.toEqualTypeOf<Task<number | string>>();
    expectTypeOf(threaded((): PromiseLike<boolean> => Promise.resolve(true))).returns.toEqualTypeOf<
      Task<boolean>
    >();
  });

  test("a generator function gives its items", () => {
    const counted = threaded(function* (limit: number) {
      yield limit;
      return "end";
    });
    expectTypeOf(counted).parameters.toEqualTypeOf<[limit: number]>();
    expectTypeOf(counted).returns.toEqualTypeOf<TaskStream<number>>();
    expectTypeOf(counted.with({ window: 5 })).returns.toEqualTypeOf<TaskStream<number>>();
    expectTypeOf(counted.sync).returns.toEqualTypeOf<Generator<number, string, unknown>>();
    const later = threaded(async function* (text: string) {
      yield { text };
    });
    expectTypeOf(later).returns.toEqualTypeOf<TaskStream<{ text: string }>>();
    expectTypeOf(threaded(() => [1])).returns.toEqualTypeOf<Task<number[]>>();
  });

  test("a task cannot be iterated", () => {
    expectTypeOf<Task<number[]>>().not.toExtend<AsyncIterable<unknown>>();
  });
  test("nothing, never and void stay so", () => {
    expectTypeOf(threaded(() => {})).returns.toEqualTypeOf<Task<void>>();
    expectTypeOf(
      threaded((): never => {
        throw new Error("always");
      }),
    ).returns.toEqualTypeOf<Task<never>>();
    expectTypeOf(threaded((): undefined => undefined)).returns.toEqualTypeOf<Task<undefined>>();
  });

  test("rest parameters and tuples stay so", () => {
    const sum = threaded((first: number, ...rest: bigint[]): number => first + rest.length);
    expectTypeOf(sum).parameters.toEqualTypeOf<[first: number, ...rest: bigint[]]>();
    // @ts-expect-error a number is no bigint
    void sum(1, 2);
  });

  test("of overloads the last one is taken, of a generic function its constraint", () => {
    function parse(text: string): string;
    function parse(text: string, radix: number): number;
    function parse(text: string, radix?: number): string | number {
      return radix === undefined ? text : Number.parseInt(text, radix);
    }
    expectTypeOf(threaded(parse)).parameters.toEqualTypeOf<[text: string, radix: number]>();
    expectTypeOf(threaded(parse)).returns.toEqualTypeOf<Task<number>>();
    expectTypeOf(threaded(<T extends string>(value: T): T[] => [value])).returns.toEqualTypeOf<
      Task<string[]>
    >();
    expectTypeOf(threaded(scryptSync)).returns.toEqualTypeOf<Task<ReturnType<typeof scryptSync>>>();
  });

  test("wrong arguments are refused", () => {
    const wrapped = threaded(render);
    // @ts-expect-error a number is no string
    void wrapped(1);
    // @ts-expect-error one argument is missing
    void wrapped();
    // @ts-expect-error one argument too many
    void wrapped("a", { width: 1 }, 2);
    // @ts-expect-error an unknown property
    void wrapped("a", { height: 1 });
  });

  test("wrong functions and options are refused", () => {
    // @ts-expect-error not a function
    threaded("render");
    // @ts-expect-error not a function
    threaded(undefined);
    // @ts-expect-error an unknown option
    threaded(render, { timeout: 5 });
    // @ts-expect-error a string is no number of milliseconds
    threaded(render, { timeoutMs: "5" });
    // @ts-expect-error one of two
    threaded(render, { onCancel: "kill" });
    // @ts-expect-error not an executor
    threaded(render, { executor: {} });
    // @ts-expect-error the number of attempts is not optional
    threaded(render, { retry: {} });
    threaded(render, {
      retry: { attempts: 2, on: ["timeout", (error: unknown) => error instanceof TypeError] },
    });
  });

  test("an executor may be given, or a function that gives one", () => {
    threaded(render, { executor: pool });
    threaded(render, { executor: () => new InlineExecutor() });
    threaded(render, {
      executor: new ThreadPoolExecutor(),
      timeoutMs: 5,
      name: "r",
      signal: AbortSignal.timeout(5),
    });
    // @ts-expect-error an executor now, or never
    threaded(render, { executor: async () => pool });
  });

  test("its name cannot be assigned", () => {
    const wrapped = threaded(render);
    // @ts-expect-error read-only
    wrapped.name = "other";
  });
});

describe("with", () => {
  test("keeps arguments and result", () => {
    const soon = threaded(load).with({ timeoutMs: 500 });
    expectTypeOf(soon).parameters.toEqualTypeOf<[url: URL]>();
    expectTypeOf(soon).returns.toEqualTypeOf<Task<Uint8Array>>();
    // @ts-expect-error a string is no URL
    void soon("https://example.com");
    // @ts-expect-error an unknown option
    threaded(load).with({ timeout: 500 });
    // @ts-expect-error options are what it is for
    threaded(load).with();
  });
});

describe("map", () => {
  test("items are as the first argument, results as awaited", () => {
    const length = threaded(async (text: string) => text.length);
    expectTypeOf(length.map(["a"])).toEqualTypeOf<TaskStream<number>>();
    expectTypeOf(length.map(new Set(["a"]), { ordered: false })).toEqualTypeOf<TaskStream<number>>();
    // @ts-expect-error numbers are no texts
    length.map([1]);
    // @ts-expect-error there is no such option
    length.map(["a"], { parallel: 2 });
  });

  test("generator functions have none", () => {
    const counted = threaded(function* (limit: number) {
      yield limit;
    });
    expectTypeOf(counted.map).toBeNever();
    // @ts-expect-error each item would have many results
    counted.map([1]);
    const later = threaded(async function* (limit: number) {
      yield limit;
    });
    expectTypeOf(later.map).toBeNever();
    expectTypeOf(threaded((value: unknown): unknown => value).map([1])).toEqualTypeOf<TaskStream<unknown>>();
    expectTypeOf(threaded((n: number): number[] => [n]).map([1])).toEqualTypeOf<TaskStream<number[]>>();
  });
});

describe("sync", () => {
  test("is the plain function", () => {
    expectTypeOf(threaded(render).sync).parameters.toEqualTypeOf<Parameters<typeof render>>();
    expectTypeOf(threaded(render).sync("a")).toEqualTypeOf<string>();
    expectTypeOf(threaded(load).sync).returns.toEqualTypeOf<Promise<Uint8Array>>();
    // @ts-expect-error a number is no string
    threaded(render).sync(1);
  });
});

describe("transfer", () => {
  test("keeps the value's type", () => {
    const bytes = new Uint8Array(1);
    expectTypeOf(transfer(bytes, [bytes.buffer])).toEqualTypeOf<typeof bytes>();
    // @ts-expect-error a string cannot move
    transfer({}, ["text"]);
  });
});
