import { WorkerLostError } from "#internal/core/errors";
import { functionHandle } from "#internal/core/function-handle";
import type { StreamOptions } from "#internal/core/stream-options";
import type { TaskStream } from "#internal/core/task-stream";
import { streamFrom } from "#internal/flow/stream";
import { describe, expect, test } from "vitest";
import { rejection, untilError } from "../contract/waits.ts";
import { type FakeLink, heldHandles, setup, type Setup, turn } from "./fake-workers.ts";

function open({ dispatcher }: Setup, options: StreamOptions = {}): TaskStream<unknown> {
  const parts = {
    host: dispatcher.streaming,
    resolve: (fn: (...args: never[]) => unknown) => functionHandle(fn, null),
    stores: undefined,
    waits: {
      accompanying: () => () => {},
      submitted() {},
      room: (promise: Promise<void>) => promise,
      reading() {},
      leaving: (left: Promise<void>) => left,
    },
    owner: "Test",
  };
  return streamFrom(parts, function items() {}, [], options);
}

/** One that has given its first item, and whose next turn the worker has unless the window is full. */
async function begun(
  options: StreamOptions,
): Promise<Setup & { stream: TaskStream<unknown>; link: FakeLink }> {
  const bench = setup({ maxWorkers: 1 });
  const link = bench.firstReady();
  const stream = open(bench, options);
  const first = stream.next();
  link.answer([false, 0, 0]);
  expect(await first).toEqual({ done: false, value: 0 });
  await turn();
  return { ...bench, stream, link };
}

describe("the worker of a stream ends in the turn in which its last items come", () => {
  test.each([
    ["and there is room for more", 64, false],
    ["and the window is full", 2, false],
    ["and somebody waits for them", 64, true],
  ])("%s: they are read first", async (_title, window, isAwaited) => {
    const { stream, link } = await begun({ window });
    expect(link.has).toHaveLength(1);
    link.answerUnread([false, 0, 1, 2]);
    const next = isAwaited ? stream.next() : undefined;
    link.gone({ exitCode: 7 });
    const [read, error] = await untilError(stream);
    expect([...(next === undefined ? [] : [(await next).value]), ...read]).toEqual([1, 2]);
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toMatchObject({ exitCode: 7, phase: "running" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("and they were all: it has ended well", async () => {
    const { stream, link, dispatcher } = await begun({});
    link.answerUnread([true, 0, 1, 2]);
    link.gone({ exitCode: 7 });
    const read: unknown[] = [];
    for await (const item of stream) read.push(item);
    expect(read).toEqual([1, 2]);
    expect(dispatcher.statistics()).toMatchObject({ fulfilled: 1, rejected: 0, running: 0 });
  });

  test("and it was told to end for another call", async () => {
    const { stream, link, clock, submit } = await begun({ window: 2 });
    link.answer([false, 0, 1, 2]);
    const spin = submit("spin", { timeoutMs: 300 });
    link.claim();
    await clock.advance(300);
    expect(link.killed).toBe(true);
    link.gone({ exitCode: 1 });
    await rejection(spin);
    expect((await untilError(stream))[0]).toEqual([1, 2]);
  });
});

test("the worker of a stream ends before it begins the next turn: the function had begun", async () => {
  const { stream, link, submit } = await begun({ window: 1 });
  link.answer([false, 0, 1]);
  await turn();
  submit("first").catch(() => {});
  expect(await stream.next()).toMatchObject({ value: 1 });
  const next = stream.next();
  await turn();
  link.claim();
  link.gone();
  expect(await rejection(next)).toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", phase: "running" });
});

describe("a worker that is ended for another call", () => {
  test.each<[string, (bench: Setup, link: FakeLink) => Promise<unknown>, string]>([
    [
      "which ran too long",
      async ({ submit, clock }, link) => {
        void submit("spin", { timeoutMs: 300 });
        link.claim();
        await clock.advance(300);
      },
      "task spin was still running after 300 ms",
    ],
    [
      "which ran too long and runs again",
      async ({ submit, clock }, link) => {
        void submit("spin", { timeoutMs: 300, retry: { attempts: 2, on: ["timeout"] } });
        link.claim();
        await clock.advance(300);
      },
      "task spin was still running after 300 ms",
    ],
    [
      "which was cancelled",
      async ({ submit }, link) => {
        const spin = submit("spin");
        link.claim();
        spin.cancel();
      },
      "task spin was cancelled",
    ],
    [
      "which was cancelled and did not end in its grace",
      async ({ submit, clock }, link) => {
        const spin = submit("spin");
        link.words.look(link.claim());
        spin.cancel();
        await clock.advance(1_000);
      },
      "task spin was cancelled",
    ],
  ])("%s, tells the reader of the stream that rests in it", async (_title, end, because) => {
    const { stream, link, ...bench } = await begun({ window: 2 });
    link.answer([false, 0, 1, 2]);
    await turn();
    await end(bench, link);
    expect(link.killed).toBe(true);
    const [read, error] = await untilError(stream);
    expect(read).toEqual([1, 2]);
    expect(error).toBeInstanceOf(WorkerLostError);
    expect((error as Error).message).toBe(`Worker 1 was ended because ${because}, while it had task items.`);
  });
});

test("who waits for an idle executor holds the process, a stream that rests does not", async () => {
  const before = heldHandles();
  const { stream, link, clock, dispatcher } = await begun({ window: 2 });
  link.answer([false, 0, 1, 2]);
  await turn();
  expect(heldHandles()).toBe(before);
  const idle = dispatcher.idle();
  expect(heldHandles()).toBe(before + 1);
  await clock.advance(10_000);
  await idle;
  expect(heldHandles()).toBe(before);
  await dispatcher.idle();
  expect(await stream.next()).toEqual({ done: false, value: 1 });
  expect(dispatcher.statistics()).toMatchObject({ running: 1 });
});

test("one that is opened while somebody waits counts as all others do", async () => {
  const bench = setup({ maxWorkers: 1 });
  const { dispatcher, clock, submit } = bench;
  const link = bench.firstReady();
  const call = submit("call");
  const idle = dispatcher.idle();
  const stream = open(bench, { window: 1 });
  const first = stream.next();
  link.answer();
  await call;
  link.answer([false, 0, 0]);
  await first;
  link.answer([false, 0, 1]);
  await turn();
  // It was read between the first look and the second.
  await clock.advance(10_000);
  await clock.advance(10_000);
  await idle;
  expect(dispatcher.statistics()).toMatchObject({ running: 1, fulfilled: 1 });
});
