/**
 * Where a task hangs in a child process, as another thread of that process tells.
 */
import { fileURLToPath } from "node:url";
import { ProcessPoolExecutor, type StackFrame, type Task, type TaskTimeoutError } from "offloop";
import { afterEach, expect, test } from "vitest";
import { awaitAbort, awaitLong, callNative, spin } from "../fixtures/pools/hangs-in-child.mjs";
import { runNode } from "../loop/programs.ts";

const file = fileURLToPath(new URL("../fixtures/pools/hangs-in-child.mjs", import.meta.url));
const program = fileURLToPath(new URL("../fixtures/pools/child-stack.mjs", import.meta.url));
const executors: ProcessPoolExecutor[] = [];

/** With the niceness of the test: on a busy machine a niced child may have no CPU to answer with. */
function pool(options = {}): ProcessPoolExecutor {
  const executor = new ProcessPoolExecutor({ maxWorkers: 1, nice: 0, stacks: true, ...options });
  executors.push(executor);
  return executor;
}

afterEach(async () => {
  for (const executor of executors.splice(0)) await executor.shutdown({ timeoutMs: 1 });
});

/** The thread that answers starts with its process, a little later than the task. */
async function stackOf(task: Task<unknown>): Promise<readonly StackFrame[]> {
  for (;;) {
    const stack = await task.stack();
    if (stack !== undefined) return stack;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("stack() of a task that hangs: its own frames, innermost first, and it hangs on", async () => {
  const task = pool().submit(spin, []);
  const stack = await stackOf(task);
  expect(stack.at(-1)).toMatchObject({ function: "spin", file });
  // Each is asked anew.
  const both = await Promise.all([stackOf(task), stackOf(task)]);
  for (const one of both) expect(one.at(-1)).toMatchObject({ function: "spin", file });
  expect(task.state).toBe("running");
  task.cancel();
});

test("nothing of a task is on the stack while it awaits", async () => {
  const task = pool().submit(awaitLong, []);
  // It has begun, and may not be there yet.
  while ((await stackOf(task)).length > 0);
  expect(await stackOf(task)).toEqual([]);
  task.cancel();
});

test("TaskTimeoutError.hungAt tells where it hung", async () => {
  const executor = pool();
  let error: unknown;
  do {
    // The same child, whose thread answers by now. On a busy machine not within the limit of `hungAt`, and then another is asked.
    const first = executor.submit(awaitAbort, []);
    await stackOf(first);
    first.cancel();
    error = await executor.submit(spin, [], { timeoutMs: 300 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "running" });
  } while ((error as TaskTimeoutError).hungAt === undefined);
  expect((error as TaskTimeoutError).hungAt!.at(-1)).toMatchObject({ function: "spin", file });
});

test("inside of a native call it is not known, and the limit holds all the same", async () => {
  const executor = pool();
  const failure = executor.submit(callNative, [10_000_000], { timeoutMs: 1_000 });
  await expect(failure).rejects.toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", hungAt: undefined });
  expect(await executor.submit(Math.max, [1, 2])).toBe(2);
});

test("who is killed while he is asked is not known", async () => {
  const task = pool().submit(spin, []);
  await stackOf(task);
  const stack = task.stack();
  task.cancel();
  expect(await stack).toBeUndefined();
});

test("unless stacks: true nobody answers, and nobody is asked", async () => {
  const executor = pool({ stacks: undefined });
  const task = executor.submit(spin, [], { timeoutMs: 300 });
  while (task.state === "pending") await new Promise((resolve) => setImmediate(resolve));
  expect(await task.stack()).toBeUndefined();
  await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", hungAt: undefined });
});

test("a child that ends as it is asked ends quietly, and so does the program", async () => {
  const { code, stdout, stderr } = await runNode([program, "exits"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({ asked: true });
});

test("the way to the thread that answers keeps no program alive", async () => {
  const { code, stdout } = await runNode([program, "idle"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ cancelled: true });
});

test("the permission model denies the inspector: not known, and the child lives", async () => {
  const [major = 0] = process.versions.node.split(".").map(Number);
  const permission = major < 22 ? "--experimental-permission" : "--permission";
  const allowed = ["--allow-fs-read=*", "--allow-fs-write=*", "--allow-child-process", "--allow-worker"];
  const { code, stdout } = await runNode(["--no-warnings", permission, ...allowed, program, "denied"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ code: "ERR_OFFLOOP_TASK_TIMEOUT", isKnown: false });
});
