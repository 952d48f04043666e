import type { Task } from "offloop";
import {
  aggregate,
  allTasks,
  asCompleted,
  backoff,
  gather,
  type GroupTask,
  shield,
  sleep,
  TaskGroup,
  timeout,
  wait,
  yieldToLoop,
} from "offloop/tasks";
import { describe, expectTypeOf, test } from "vitest";

declare const task: Task<number>;
declare const text: Promise<string>;
declare const many: Set<Promise<string>>;

describe("several promises", () => {
  test("gather keeps places", () => {
    expectTypeOf(gather([task, text, true])).toEqualTypeOf<Promise<[number, string, boolean]>>();
    expectTypeOf(gather([task, text], { returnErrors: true })).toEqualTypeOf<
      Promise<[number | Error, string | Error]>
    >();
    expectTypeOf(gather(many)).toEqualTypeOf<Promise<string[]>>();
    expectTypeOf(gather(many, { returnErrors: true })).toEqualTypeOf<Promise<(string | Error)[]>>();
    // @ts-expect-error no iterable
    void gather(task);
    // @ts-expect-error unknown
    void gather([task], { returnExceptions: true });
  });

  test("wait gives the promises themselves", async () => {
    const { done, pending } = await wait([task]);
    expectTypeOf(done).toEqualTypeOf<Set<Task<number>>>();
    expectTypeOf(pending).toEqualTypeOf<Set<Task<number>>>();
    // @ts-expect-error another word
    void wait([task], { returnWhen: "FIRST_EXCEPTION" });
  });

  test("asCompleted gives values, or promises", async () => {
    for await (const value of asCompleted([task, text])) expectTypeOf(value).toEqualTypeOf<string | number>();
    for (const promise of asCompleted([task])) expectTypeOf(promise).toEqualTypeOf<Promise<number>>();
  });

  test("shield awaits", () => {
    expectTypeOf(shield(task)).toEqualTypeOf<Promise<number>>();
  });
});

describe("time", () => {
  test("sleep", () => {
    expectTypeOf(sleep(5)).toEqualTypeOf<Promise<void>>();
    expectTypeOf(sleep(5, "a" as string)).toEqualTypeOf<Promise<string>>();
    // @ts-expect-error a unit is no part of a number
    void sleep("5ms");
  });

  test("timeout runs, limits and wraps", () => {
    expectTypeOf(timeout(5, () => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(timeout(5, async (signal) => signal.aborted)).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(timeout(5, task)).toEqualTypeOf<Promise<number>>();
    const wrapped = timeout(5)(async (id: number, name: string) => `${id} ${name}`);
    expectTypeOf(wrapped).parameters.toEqualTypeOf<[id: number, name: string]>();
    expectTypeOf(wrapped(1, "a")).toEqualTypeOf<Promise<string>>();
    expectTypeOf(timeout(5)((n: number) => n)(1)).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error a string is no number
    void wrapped("1", "a");
    // @ts-expect-error unknown
    void timeout(5, { timeoutMs: 5 });
  });

  test("decorators keep a method's type, and take no synchronous one", () => {
    class Store {
      @timeout(5)
      @backoff({ maxTries: 2 })
      async load(id: number): Promise<string> {
        return `${id}`;
      }
      // @ts-expect-error it would give a promise all of a sudden
      @timeout(5)
      size(): number {
        return 1;
      }
    }
    expectTypeOf<Store["load"]>().toEqualTypeOf<(id: number) => Promise<string>>();
  });

  test("backoff runs and wraps", () => {
    expectTypeOf(backoff({ maxTries: 2 }, async (_signal, tries) => tries)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(backoff({ maxTries: 2 })((id: number) => `${id}`)(1)).toEqualTypeOf<Promise<string>>();
    void backoff({ maxTries: 2, retryOn: [TypeError, RangeError] });
    void backoff({ maxTries: 2, retryOn: (error) => error instanceof TypeError });
    // @ts-expect-error a class of errors
    void backoff({ maxTries: 2, retryOn: [Date] });
  });

  test("aggregate makes a function of one", () => {
    const load = aggregate(5, 10)(async (ids: number[]) => ids.map((id) => `user ${id}`));
    expectTypeOf(load).toEqualTypeOf<(id: number) => Promise<string>>();
    const half = aggregate(5)((ids: number[]) => ids.map((id) => (id > 0 ? id : new Error("no"))));
    expectTypeOf(half(1)).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error a result for each
    void aggregate(5)((ids: number[]) => ids.length);
  });

  test("yieldToLoop is to be awaited", () => {
    expectTypeOf(yieldToLoop()).toEqualTypeOf<Promise<void> | undefined>();
  });
});

describe("TaskGroup", () => {
  test("children and body infer", async () => {
    const group = new TaskGroup();
    const child = group.spawn(async (signal) => [signal.aborted]);
    expectTypeOf(child).toEqualTypeOf<GroupTask<boolean[]>>();
    expectTypeOf(await child).toEqualTypeOf<boolean[]>();
    expectTypeOf(TaskGroup.run(async (inner) => inner.size)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(allTasks()).toEqualTypeOf<Set<GroupTask<unknown> | Task<unknown>>>();
    // @ts-expect-error not a function
    void group.spawn(task);
  });
});
