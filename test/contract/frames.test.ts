/**
 * Many small calls: they leave together when all workers are busy, and nobody may notice but by the time it takes.
 */
import { type Executor, SerializationError, WorkerLostError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import {
  countUp,
  exitIf,
  killIf,
  note,
  pass,
  stayIf,
  symbolAt,
  throwEvery,
} from "../fixtures/contract/small.mjs";
import { echo, echoLater, triple } from "../fixtures/contract/values.mjs";
import { apart, contract, expectSum } from "./executors.ts";
import { linesOf, rejection, until } from "./waits.ts";

const upTo = (count: number): number[] => [...Array(count).keys()];

/** The executor knows by now that these are fast. */
async function learn(executor: Executor, calls: readonly (() => PromiseLike<unknown>)[]): Promise<void> {
  for (let round = 0; round < 20; round++) await Promise.all(calls.map((call) => call()));
  expect(executor.statistics()).toMatchObject({ pending: 0, running: 0 });
}

contract("many small calls", ({ make }) => {
  test("each get their own answer", async () => {
    const executor = make({ maxWorkers: 1 });
    const sums = upTo(2_000).map((n) => executor.submit(triple, [n]));
    const later = upTo(500).map((n) => executor.submit(echoLater, [n]));
    expect(await Promise.all(sums)).toEqual(upTo(2_000).map((n) => n * 3));
    expect(await Promise.all(later)).toEqual(upTo(500));
    expect(executor.statistics()).toMatchObject({ fulfilled: 2_500, workersStarted: 1 });
  });

  test("that return one and the same object get it as it was then", async () => {
    const executor = make();
    const first = (await executor.submit(countUp, [])).count;
    const results = await Promise.all(upTo(200).map(() => executor.submit(countUp, [])));
    expect(results.map(({ count }) => count - first)).toEqual(upTo(200).map((n) => n + 1));
  });

  test("of which some throw, each with its own error", async () => {
    const executor = make();
    await learn(executor, [() => executor.submit(throwEvery, [1, 2])]);
    const outcomes = await Promise.allSettled(upTo(300).map((n) => executor.submit(throwEvery, [n, 7])));
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 7 === 0) expect(outcome).toMatchObject({ status: "rejected", reason: { message: String(n) } });
      else expect(outcome).toEqual({ status: "fulfilled", value: n });
    }
  });

  test("of which one cannot be copied, there or back, cost the others nothing", async () => {
    const executor = make();
    await learn(executor, [() => executor.submit(symbolAt, [1, 2]), () => executor.submit(echo, [1])]);
    const back = upTo(100).map((n) => executor.submit(symbolAt, [n, 50]));
    const there = upTo(100).map((n) => executor.submit(echo, [n === 50 ? Symbol("neither can this") : n]));
    const all = await Promise.all([back, there].map((tasks) => Promise.allSettled(tasks)));
    for (const [which, outcomes] of all.entries()) {
      const values = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : undefined));
      expect(values).toEqual(upTo(100).map((n) => (n === 50 ? undefined : n)));
      expect(await rejection([back, there][which]![50]!)).toBeInstanceOf(SerializationError);
    }
    expect(executor.statistics()).toMatchObject({ rejected: 2, workersStarted: 1, workersLost: 0 });
  });
});

contract(
  "among small calls",
  ({ make, gate, file }) => {
    test("one that is held is the only one that runs; those behind it wait", async () => {
      const executor = make();
      await learn(executor, [() => executor.submit(pass, [])]);
      const held = gate();
      const before = executor.submit(pass, []);
      const [first, ...behind] = [held.token, null, null].map((token) => executor.submit(pass, [token]));
      await held.wait();
      await before;
      expect(first!.state).toBe("running");
      expect(behind.map(({ state }) => state)).toEqual(["pending", "pending"]);
      expect(behind.map(({ timing }) => timing.startedAt)).toEqual([undefined, undefined]);
      expect(executor.statistics()).toMatchObject({ running: 1, pending: 2 });
      const { startedAt = NaN } = first!.timing;
      held.open();
      await Promise.all([first, ...behind]);
      const { runMs = NaN } = first!.timing;
      for (const { timing } of behind) {
        // Two roundings of a clock that counts from 1970.
        expect(timing.startedAt).toBeGreaterThan(startedAt + runMs - 1);
        expect(timing.endedAt).toBeGreaterThanOrEqual(timing.startedAt!);
        expect(timing.queuedMs).toBeGreaterThan(runMs - 1);
      }
    });

    test("one that is cancelled while it waits never runs, and ends nobody", async () => {
      const executor = make();
      const log = file();
      await learn(executor, [() => executor.submit(note, [log, "warm"])]);
      const held = gate();
      const before = executor.submit(note, [log, "before"]);
      const running = executor.submit(note, [log, "running", held.token]);
      const tasks = ["a", "b", "c"].map((line) => executor.submit(note, [log, line]));
      await held.wait();
      expect(tasks[1]!.cancel()).toBe(true);
      expect(tasks.map(({ state }) => state)).toEqual(["pending", "cancelled", "pending"]);
      held.open();
      await Promise.all([before, running, tasks[0], tasks[2]]);
      expect(linesOf(log).filter((line) => line !== "warm")).toEqual(["before", "running", "a", "c"]);
      expect(executor.statistics()).toMatchObject({ cancelled: 1, workersStarted: 1, workersLost: 0 });
    });

    test("one that is aborted while it runs takes none of the others along", async () => {
      const executor = make();
      const log = file();
      await learn(executor, [() => executor.submit(note, [log, "warm"])]);
      const held = gate();
      const before = ["a", "b"].map((line) => executor.submit(note, [log, line]));
      const controller = new AbortController();
      const { signal } = controller;
      const running = executor.submit(note, [log, "running", held.token], { signal });
      const behind = ["c", "d"].map((line) => executor.submit(note, [log, line]));
      await held.wait();
      controller.abort("why");
      expect(await rejection(running)).toBe("why");
      expect(await Promise.all([...before, ...behind])).toEqual(["a", "b", "c", "d"]);
      const lines = linesOf(log).filter((line) => line !== "warm");
      expect(lines).toEqual(["a", "b", "running", "c", "d"]);
      expect(executor.statistics()).toMatchObject({ cancelled: 1, workersStarted: 2 });
    });

    test("one that has a time limit is ended alone, and its time begins when it does", async () => {
      const clock = new FakeClock();
      const executor = make({ clock });
      await learn(executor, [() => executor.submit(pass, [])]);
      const [first, second] = [gate(), gate()];
      const before = [1, 2, 3].map(() => executor.submit(pass, []));
      const holds = executor.submit(pass, [first.token]);
      const limited = executor.submit(pass, [second.token], { timeoutMs: 100 });
      const behind = [1, 2, 3].map(() => executor.submit(pass, []));
      await first.wait();
      await clock.advance(1_000);
      expect(limited.state).toBe("pending");
      first.open();
      await Promise.all([...before, holds]);
      await second.wait();
      await clock.advance(1);
      expect(limited.state).toBe("running");
      const failure = rejection(limited);
      await clock.advance(200);
      expect(await failure).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "running" });
      expect(await Promise.all(behind)).toEqual([0, 0, 0]);
      expect(executor.statistics()).toMatchObject({ timedOut: 1, lost: 0, rejected: 1 });
    });

    test("one that waits too long behind another is told so, and does not run", async () => {
      const clock = new FakeClock();
      const executor = make({ clock });
      const log = file();
      await learn(executor, [() => executor.submit(note, [log, "warm"])]);
      const held = gate();
      const before = executor.submit(note, [log, "before"]);
      const holds = executor.submit(note, [log, "holds", held.token]);
      const waits = rejection(executor.submit(note, [log, "waits"], { queueTimeoutMs: 100 }));
      await held.wait();
      await clock.advance(100);
      expect(await waits).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "queued" });
      held.open();
      await Promise.all([before, holds]);
      await executor.idle();
      expect(linesOf(log).filter((line) => line !== "warm")).toEqual(["before", "holds"]);
    });

    test("one that ends its worker is lost alone", async () => {
      const executor = make();
      await learn(executor, [() => executor.submit(exitIf, [1])]);
      const tasks = upTo(100).map((n) => executor.submit(exitIf, n === 50 ? [n, 3] : [n]));
      const outcomes = await Promise.allSettled(tasks);
      const values = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "lost"));
      expect(values).toEqual(upTo(100).map((n) => (n === 50 ? "lost" : n)));
      const error = await rejection(tasks[50]!);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({ exitCode: 3, phase: "running", attempts: 1 });
      expect(executor.statistics()).toMatchObject({ lost: 1, workersLost: 1, workersStarted: 2 });
      expectSum(executor.statistics());
    });

    test.each(["loop", "promise"] as const)("one that never ends (%s) holds none behind it", async (how) => {
      const executor = make({ maxWorkers: 2, minWorkers: 2 });
      await executor.ready();
      await learn(executor, [() => executor.submit(stayIf, [1]), () => executor.submit(stayIf, [2])]);
      const tasks = upTo(200).map((n) => executor.submit(stayIf, n === 50 ? [n, how] : [n]));
      const [stays] = tasks.splice(50, 1);
      expect(await Promise.all(tasks)).toEqual(upTo(200).filter((n) => n !== 50));
      expect(stays!.state).toBe("running");
      stays!.cancel();
      expect(await executor.submit(stayIf, [7])).toBe(7);
      expect(executor.statistics()).toMatchObject({ cancelled: 1, lost: 0, rejected: 0 });
    });

    test("calls that arrive at once at an idle pool are done by all of its workers", async () => {
      const executor = make({ maxWorkers: 2, minWorkers: 2 });
      await executor.ready();
      await learn(executor, [() => executor.submit(pass, []), () => executor.submit(pass, [])]);
      const held = [gate(), gate()];
      const first = held.map(({ token }) => executor.submit(pass, [token]));
      const rest = upTo(100).map(() => executor.submit(pass, []));
      // Both at the same time.
      for (const { wait } of held) await wait();
      expect(first.map(({ state }) => state)).toEqual(["running", "running"]);
      expect(rest.map(({ state }) => state)).toEqual(rest.map(() => "pending"));
      held[0]!.open();
      await Promise.all(rest);
      held[1]!.open();
      expect(await Promise.all(first)).toHaveLength(2);
    });
  },
  apart,
);

contract(
  "a worker that is stuck in one of many small calls",
  ({ make, gate }) => {
    test("gives those behind it to the others", async () => {
      const executor = make({ maxWorkers: 2, minWorkers: 2 });
      await executor.ready();
      await learn(executor, [() => executor.submit(pass, []), () => executor.submit(pass, [])]);
      const held = gate();
      const tasks = upTo(400).map((n) => executor.submit(pass, [n === 100 ? held.token : null]));
      await held.wait();
      await until(() => tasks.every(({ state }, n) => n === 100 || state !== "pending"));
      expect(executor.statistics()).toMatchObject({ pending: 0, workersLost: 0, requeued: 0 });
      expect(tasks[100]!.state).toBe("running");
      held.open();
      expect(await Promise.all(tasks)).toHaveLength(400);
    });
  },
  ({ sharesMemory, apart: isApart }) => sharesMemory && isApart,
);

contract(
  "a child that is killed among small calls",
  ({ make }) => {
    test.each([false, true])(
      "costs the call that ran, and no other (somebody may end them: %s)",
      async (guarded) => {
        const executor = make();
        await learn(executor, [() => executor.submit(killIf, [1])]);
        const { signal } = new AbortController();
        const tasks = upTo(100).map((n) =>
          executor.submit(killIf, n === 50 ? [n, true] : [n], guarded ? { signal } : {}),
        );
        const outcomes = await Promise.allSettled(tasks);
        const values = outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "lost"));
        expect(values).toEqual(upTo(100).map((n) => (n === 50 ? "lost" : n)));
        expect(await rejection(tasks[50]!)).toMatchObject({
          signal: "SIGKILL",
          phase: "running",
          attempts: 1,
        });
        expect(executor.statistics()).toMatchObject({ lost: 1, workersLost: 1, workersStarted: 2 });
      },
    );
  },
  ({ kind }) => kind === "process",
);
