/**
 * Where a task hangs, as its own thread tells.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InlineExecutor, type StackFrame, TaskTimeoutError, ThreadPoolExecutor } from "offloop";
import { afterEach, expect, test } from "vitest";
import { alive, nothingLeft } from "../contract/leftovers.ts";
import {
  awaitLong,
  callNative,
  hang,
  hangInSight,
  hangWithOddJson,
  sleep,
} from "../fixtures/pools/hangs.mjs";
import { connectToThread } from "../../src/inspect/thread-session.ts";

const file = fileURLToPath(new URL("../fixtures/pools/hangs.mjs", import.meta.url));
const executors: { shutdown(options: { timeoutMs: number }): Promise<unknown> }[] = [];

/** With the niceness of the test: on a busy machine a niced thread may have no CPU to answer with. */
function pool(options = {}): ThreadPoolExecutor {
  const executor = new ThreadPoolExecutor({ maxWorkers: 1, nice: 0, ...options });
  executors.push(executor);
  return executor;
}

afterEach(async () => {
  for (const executor of executors.splice(0)) await executor.shutdown({ timeoutMs: 1 });
});

const newWord = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

async function begun(word: Int32Array): Promise<void> {
  while (Atomics.load(word, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Counts in the time of the call that needs it first. */
async function importFixture(executor: ThreadPoolExecutor): Promise<void> {
  await executor.submit(callNative, [newWord(), 1]);
}

const lineOf = (frame: StackFrame): string => readFileSync(file, "utf8").split("\n")[frame.line - 1]!;

test("stack() of a running task: its own frames, innermost first", async () => {
  const word = newWord();
  const task = pool().submit(hang, [word]);
  await begun(word);
  const stack = (await task.stack())!;
  const own = stack.filter((frame) => frame.file === file);
  expect(own.at(-1)).toMatchObject({ function: "hang" });
  expect(lineOf(own.at(-1)!)).toContain("for (;;) turn()");
  expect(stack.at(-1)).toEqual(own.at(-1));
  expect(task.state).toBe("running");
  task.cancel();
});

test("a thread that sleeps answers, too, and sleeps on", async () => {
  const word = newWord();
  const task = pool().submit(sleep, [word]);
  await begun(word);
  expect((await task.stack())!.map((frame) => frame.function)).toEqual(["wait", "sleep"]);
  expect(task.state).toBe("running");
  Atomics.store(word, 0, 2);
  Atomics.notify(word, 0);
  await task;
});

test("nothing of a task is on the stack while it awaits", async () => {
  const word = newWord();
  const task = pool().submit(awaitLong, [word]);
  await begun(word);
  // It has begun, and may not be there yet.
  while ((await task.stack())!.length > 0);
  expect(await task.stack()).toEqual([]);
  task.cancel();
});

test("stack() of a task that waits, that has ended, or that runs inline is not known", async () => {
  const word = newWord();
  const executor = pool();
  const first = executor.submit(hang, [word]);
  const waiting = executor.submit(Math.max, [1, 2]);
  await begun(word);
  expect(await waiting.stack()).toBeUndefined();
  first.cancel();
  await waiting;
  expect(await waiting.stack()).toBeUndefined();
  expect(await first.stack()).toBeUndefined();
  const inline = new InlineExecutor();
  executors.push(inline);
  expect(await inline.submit(Math.max, [1, 2]).stack()).toBeUndefined();
});

test("a task that ends while it is asked says nothing of the next", async () => {
  const word = newWord();
  const executor = pool();
  const task = executor.submit(callNative, [word, 300_000]);
  const next = newWord();
  const following = executor.submit(hang, [next]);
  await begun(word);
  const stack = task.stack();
  await task;
  expect((await stack)?.some((frame) => frame.function === "hang") ?? false).toBe(false);
  following.cancel();
});

test("TaskTimeoutError.hungAt tells where it hung", async () => {
  const executor = pool();
  let hungAt: readonly StackFrame[] | undefined;
  // On a busy machine the thread may not answer within the limit of `hungAt`, and then another is asked.
  while (hungAt === undefined) {
    await importFixture(executor);
    const error: unknown = await executor
      .submit(hang, [newWord()], { timeoutMs: 300 })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TaskTimeoutError);
    ({ hungAt } = error as TaskTimeoutError);
  }
  expect(hungAt.at(-1)).toMatchObject({ function: "hang", file });
});

test("inside of a native call it is not known, and the limit holds all the same", async () => {
  const executor = pool();
  await importFixture(executor);
  const failure = executor
    .submit(callNative, [newWord(), 1_000_000], { timeoutMs: 100 })
    .catch((reason: unknown) => reason);
  expect(await failure).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", hungAt: undefined });
  expect(await executor.submit(Math.max, [1, 2])).toBe(2);
});

test("the inline executor takes no stacks: true", () => {
  expect(() => new InlineExecutor({ stacks: true })).toThrow(/InlineExecutor.*stacks/);
});

test("stacks: false asks nothing", async () => {
  const word = newWord();
  const error = await pool({ stacks: false })
    .submit(hang, [word], { timeoutMs: 100 })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", hungAt: undefined });
});

test("statistics count the time of a task that runs", async () => {
  const word = newWord();
  const executor = pool();
  const task = executor.submit(sleep, [word]);
  await begun(word);
  await once(AbortSignal.timeout(50), "abort");
  expect(executor.statistics().workers[0]!.activeMs).toBeGreaterThanOrEqual(40);
  task.cancel();
});

test("a thread that is ended in the middle of an inspector's evaluation does not go on", async () => {
  const word = newWord();
  const before = alive();
  const executor = pool();
  const task = executor.submit(hangInSight, [word]);
  await begun(word);
  const session = connectToThread(executor.statistics().workers[0]!.threadId!);
  const expression = `Atomics.store(globalThis.word, 0, 2); for (;;);`;
  session.post("Runtime.evaluate", { expression }, () => {});
  while (Atomics.load(word, 0) !== 2) await new Promise((resolve) => setImmediate(resolve));
  task.cancel();
  await executor.shutdown({ timeoutMs: 1 });
  await nothingLeft(before);
  session.disconnect();
});

test("of a task that has changed how things become JSON, it is not known, and nothing breaks", async () => {
  const word = newWord();
  const task = pool().submit(hangWithOddJson, [word]);
  void task.catch(() => {});
  await begun(word);
  expect(await task.stack()).toBeUndefined();
  task.cancel();
});
