import {
  BrokenExecutorError,
  ExecutorClosedError,
  isOffloopError,
  type OffloopError,
  QueueFullError,
  type StackFrame,
  type Task,
  type TaskState,
  TaskTimeoutError,
  type TaskTiming,
  TravelError,
  WorkerLostError,
} from "offloop";
import { describe, expectTypeOf, test } from "vitest";

declare const task: Task<{ rows: number[] }>;

describe("a task", () => {
  test("is a promise of its result", async () => {
    expectTypeOf(task).toExtend<Promise<{ rows: number[] }>>();
    expectTypeOf(await task).toEqualTypeOf<{ rows: number[] }>();
    expectTypeOf<Awaited<typeof task>>().toEqualTypeOf<{ rows: number[] }>();
    const [first] = await Promise.all([task, task]);
    expectTypeOf(first).toEqualTypeOf<{ rows: number[] }>();
  });

  test("what follows from it is a plain promise", () => {
    expectTypeOf(task.then(({ rows }) => rows.length)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(task.catch(() => "b" as const)).toEqualTypeOf<Promise<{ rows: number[] } | "b">>();
    expectTypeOf(task.finally(() => {})).toEqualTypeOf<Promise<{ rows: number[] }>>();
    // @ts-expect-error only a task can be cancelled
    void task.then(() => {}).cancel;
  });

  test("a task of something is a task of something wider", () => {
    expectTypeOf<Task<"a">>().toExtend<Task<string>>();
    expectTypeOf<Task<string>>().not.toExtend<Task<"a">>();
    expectTypeOf<Task<number>>().toExtend<PromiseLike<unknown>>();
  });

  test("says where it is", () => {
    expectTypeOf(task.id).toEqualTypeOf<number>();
    expectTypeOf(task.name).toEqualTypeOf<string>();
    expectTypeOf(task.state).toEqualTypeOf<TaskState>();
    expectTypeOf<TaskState>().toEqualTypeOf<"pending" | "running" | "fulfilled" | "rejected" | "cancelled">();
    expectTypeOf(task.workerId).toEqualTypeOf<number | undefined>();
    expectTypeOf(task.timing).toEqualTypeOf<TaskTiming>();
    expectTypeOf(task.timing.submittedAt).toEqualTypeOf<number>();
    expectTypeOf(task.timing.runMs).toEqualTypeOf<number | undefined>();
    expectTypeOf(task.cancel).toEqualTypeOf<(reason?: unknown) => boolean>();
  });

  test("nothing of it can be assigned", () => {
    // @ts-expect-error read-only
    task.id = 1;
    // @ts-expect-error read-only
    task.name = "a";
    // @ts-expect-error read-only
    task.state = "running";
    // @ts-expect-error read-only
    task.workerId = 1;
    // @ts-expect-error read-only
    task.timing.submittedAt = 1;
  });

  test("what executors keep in it is not seen", () => {
    // @ts-expect-error internal
    void task.handle;
    // @ts-expect-error internal
    void task.args;
    // @ts-expect-error internal
    void task.options;
    // @ts-expect-error internal
    void task.ticket;
    // @ts-expect-error internal
    void task.watch;
    // @ts-expect-error internal
    void task.sends;
    // @ts-expect-error internal
    void task.submittedAt;
    expectTypeOf<Exclude<keyof typeof task, keyof Promise<unknown>>>().toEqualTypeOf<
      "id" | "name" | "state" | "workerId" | "timing" | "cancel" | "stack" | "progress"
    >();
  });
});

describe("errors", () => {
  test("are told apart by class, and then have their fields", () => {
    const error: unknown = null;
    if (error instanceof TaskTimeoutError) {
      expectTypeOf(error.phase).toEqualTypeOf<"queued" | "running">();
      expectTypeOf(error.timeoutMs).toEqualTypeOf<number>();
      expectTypeOf(error.hungAt).toEqualTypeOf<StackFrame[] | undefined>();
    }
    if (error instanceof WorkerLostError) {
      expectTypeOf(error.phase).toEqualTypeOf<"running" | "finished" | "unknown">();
      expectTypeOf(error.exitCode).toEqualTypeOf<number | null>();
      expectTypeOf(error.signal).toEqualTypeOf<string | null>();
      // @ts-expect-error read-only
      error.attempts = 1;
    }
    if (error instanceof QueueFullError) expectTypeOf(error.maxPending).toEqualTypeOf<number>();
    if (error instanceof TravelError) expectTypeOf(error.path).toEqualTypeOf<string>();
    if (error instanceof ExecutorClosedError) expectTypeOf(error.killed).toEqualTypeOf<boolean>();
    if (error instanceof BrokenExecutorError) expectTypeOf(error.cause).toEqualTypeOf<unknown>();
  });

  test("have a code each, and one guard", () => {
    expectTypeOf<QueueFullError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_QUEUE_FULL">();
    expectTypeOf<TaskTimeoutError["code"]>().toEqualTypeOf<"ERR_OFFLOOP_TASK_TIMEOUT">();
    const error: unknown = null;
    if (isOffloopError(error)) {
      expectTypeOf(error).toEqualTypeOf<OffloopError>();
      expectTypeOf(error.code).toEqualTypeOf<`ERR_OFFLOOP_${string}`>();
    }
  });
});
