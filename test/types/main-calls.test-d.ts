import { AsyncLocalStorage } from "node:async_hooks";
import {
  type CurrentTask,
  DeadlockError,
  expose,
  NotExposedError,
  registerContext,
  runInExecutor,
  runOnMain,
} from "offloop";
import { describe, expectTypeOf, test } from "vitest";

describe("back to main", () => {
  test("runOnMain gives what it is told to", () => {
    expectTypeOf(runOnMain<number>("add", 1, 2)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(runOnMain.sync<string>("name")).toEqualTypeOf<string>();
    expectTypeOf(runOnMain("anything")).toEqualTypeOf<Promise<unknown>>();
    // @ts-expect-error a name is a string
    void runOnMain(5);
  });

  test("expose takes functions", () => {
    expose({ add: (a: number, b: number) => a + b, async later() {} }, { timeoutMs: 5 });
    // @ts-expect-error not a function
    expose({ add: 5 });
    // @ts-expect-error unknown
    expose({}, { limitMs: 5 });
  });

  test("registerContext takes a storage", () => {
    registerContext("request", new AsyncLocalStorage<{ id: string }>());
    // @ts-expect-error not a storage
    registerContext("request", new Map());
  });

  test("progress and errors", () => {
    const task = runInExecutor(null, () => 1);
    expectTypeOf(task.progress).toEqualTypeOf<AsyncIterable<unknown>>();
    expectTypeOf<CurrentTask["report"]>().toEqualTypeOf<(value: unknown) => void>();
    const error: unknown = null;
    if (error instanceof DeadlockError) expectTypeOf(error.chain).toEqualTypeOf<readonly string[]>();
    if (error instanceof NotExposedError) expectTypeOf(error.exposed).toEqualTypeOf<readonly string[]>();
  });
});
