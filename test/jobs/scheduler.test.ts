import { InlineExecutor, SchedulerClosedError, TaskTimeoutError } from "offloop";
import { type Job, type JobErrorContext, Scheduler, type SchedulerOptions } from "offloop/jobs";
import { sleep } from "offloop/tasks";
import { FakeClock } from "offloop/testing";
import { describe, expect, test } from "vitest";
import { caught, deferred, stateOf, turn, warnings } from "../promises.ts";

const forever = (signal: AbortSignal): Promise<void> =>
  sleep(Infinity, undefined, { signal, clock: new FakeClock() });

/** A scheduler on a clock, with what its handler was told. */
function scheduling(options: SchedulerOptions = {}) {
  const clock = new FakeClock();
  const told: JobErrorContext[] = [];
  const exceptionHandler = (_scheduler: Scheduler, context: JobErrorContext): void => void told.push(context);
  return { clock, told, scheduler: new Scheduler({ clock, exceptionHandler, ...options }) };
}

describe("spawn", () => {
  test("runs at once, and the job has the result", async () => {
    const { scheduler } = scheduling();
    let called = false;
    const spawning = scheduler.spawn(async function work() {
      called = true;
      await turn();
      return 42;
    });
    expect(called).toBe(true);
    const job = await spawning;
    expect([job.name, job.state, scheduler.activeCount]).toEqual(["work", "active", 1]);
    expect(await job.wait()).toBe(42);
    expect([job.state, scheduler.size, scheduler.closed]).toEqual(["closed", 0, false]);
    expect(await job.wait()).toBe(42);
  });

  test("jobs over the limit are pending, in order", async () => {
    const { scheduler } = scheduling({ limit: 1 });
    const begun: number[] = [];
    const holds = [deferred(), deferred(), deferred()];
    const jobs: Job<void>[] = [];
    for (const [index, { promise }] of holds.entries()) {
      jobs.push(await scheduler.spawn(() => (begun.push(index), promise)));
    }
    expect(jobs.map(({ state }) => state)).toEqual(["active", "pending", "pending"]);
    expect([scheduler.activeCount, scheduler.pendingCount, scheduler.size]).toEqual([1, 2, 3]);
    expect([...scheduler]).toEqual(jobs);
    holds[0]!.resolve();
    await turn();
    expect(begun).toEqual([0, 1]);
    await jobs[2]!.close();
    holds[1]!.resolve();
    await turn();
    expect([begun, scheduler.size]).toEqual([[0, 1], 0]);
  });

  test("spawn itself waits when as many as may are pending", async () => {
    const { scheduler } = scheduling({ limit: 1, pendingLimit: 1 });
    const first = deferred();
    await scheduler.spawn(() => first.promise);
    await scheduler.spawn(forever);
    const third = scheduler.spawn(forever);
    expect(await stateOf(third)).toBe("pending");
    first.resolve();
    expect((await third).state).toBe("pending");
    expect(scheduler.pendingCount).toBe(1);
    await scheduler.close();
  });

  test("a closed pending job makes room, too", async () => {
    const { scheduler } = scheduling({ limit: 1, pendingLimit: 1 });
    await scheduler.spawn(forever);
    const second = await scheduler.spawn(forever);
    const third = scheduler.spawn(forever);
    await second.close();
    expect((await third).state).toBe("pending");
    await scheduler.close();
  });

  test("pendingLimit 0: spawn waits for a place", async () => {
    const { scheduler } = scheduling({ limit: 1, pendingLimit: 0 });
    const first = deferred();
    await scheduler.spawn(() => first.promise);
    const second = scheduler.spawn(async () => 2);
    expect(await stateOf(second)).toBe("pending");
    first.resolve();
    expect(await (await second).wait()).toBe(2);
  });
});

describe("errors", () => {
  test("of a job that nobody waits for go to the handler, once", async () => {
    const { scheduler, told } = scheduling();
    const error = new Error("lost?");
    const job = await scheduler.spawn(() => Promise.reject(error));
    await turn();
    expect(told).toEqual([{ message: "Job processing failed", job, error }]);
    expect(await caught(job.wait())).toBe(error);
    await turn();
    expect(told).toHaveLength(1);
  });

  test("of a job that fails at once belong to who waits", async () => {
    const { scheduler, told } = scheduling();
    const error = new Error("at once");
    const job = await scheduler.spawn(() => {
      throw error;
    });
    expect(await caught(job.wait())).toBe(error);
    await turn();
    expect(told).toEqual([]);
  });

  test("become a warning without a handler", async () => {
    const seen = warnings();
    const scheduler = new Scheduler({ name: "mail" });
    await scheduler.spawn(() => Promise.reject(new Error("lost?")), { name: "send" });
    await turn();
    await turn();
    expect(seen).toEqual([
      { code: "OFFLOOP_WARN_JOB_FAILED", message: expect.stringMatching(/mail.*send.*lost\?/) as string },
    ]);
  });

  test("of the handler itself become a warning", async () => {
    const seen = warnings();
    const { scheduler } = scheduling({
      exceptionHandler: () => {
        throw new Error("of the handler");
      },
    });
    await scheduler.spawn(() => Promise.reject(new Error("no")));
    await turn();
    await turn();
    expect(seen.map(({ message }) => message)).toEqual([expect.stringContaining("of the handler")]);
  });

  test("debug: where it was spawned", async () => {
    const { scheduler, told } = scheduling({ debug: true });
    const job = await scheduler.spawn(() => Promise.reject(new Error("no")));
    await turn();
    expect(job.source).toMatch(/^at .*scheduler\.test\.ts/);
    expect(told[0]?.source).toBe(job.source);
  });

  test("an abort that nobody asked for is one", async () => {
    const { scheduler, told } = scheduling();
    const error = new DOMException("of a fetch", "AbortError");
    const fails = (): Promise<never> => Promise.reject(error);
    await scheduler.spawn(fails);
    await turn();
    expect(told).toMatchObject([{ message: "Job processing failed", error }]);
    expect(await caught((await scheduler.spawn(fails)).close())).toBe(error);
  });

  test("of a job that was left go to the handler once, unless somebody else waits", async () => {
    const { scheduler, told } = scheduling();
    const controller = new AbortController();
    const { signal } = controller;
    const work = deferred();
    const [alone, shared] = [
      await scheduler.spawn(() => work.promise),
      await scheduler.spawn(() => work.promise),
    ];
    const leaving = [alone, alone, shared].map((job) => caught(job.wait({ signal })));
    controller.abort("left");
    expect(await Promise.all([...leaving, caught(alone.wait({ signal }))])).toEqual(Array(4).fill("left"));
    const staying = caught(shared.wait());
    const error = new Error("later");
    work.reject(error);
    expect(await staying).toBe(error);
    await turn();
    expect(told).toEqual([{ message: "Job processing failed", job: alone, error }]);
  });

  test("a wait that was aborted before it began claims nothing", async () => {
    const { scheduler, told } = scheduling();
    const work = deferred();
    const job = await scheduler.spawn(() => work.promise);
    expect(await caught(job.wait({ signal: AbortSignal.abort("left") }))).toBe("left");
    work.reject(new Error("later"));
    await turn();
    await turn();
    expect(told).toHaveLength(1);
  });

  test("a job that a wait has given up, and that does not end: closing timed out", async () => {
    const { clock, scheduler, told } = scheduling();
    const job = await scheduler.spawn(() => deferred().promise);
    const outcome = caught(job.wait({ timeoutMs: 10 }));
    await clock.advance(10);
    expect(await outcome).toMatchObject({ timeoutMs: 10 });
    await clock.advance(100);
    expect(told).toMatchObject([{ message: "Job closing timed out", job, error: { timeoutMs: 100 } }]);
  });
});

describe("a job", () => {
  test("wait with a time limit closes it", async () => {
    const { clock, scheduler, told } = scheduling();
    let reason: unknown;
    const job = await scheduler.spawn((signal) =>
      forever(signal).catch((why: unknown) => {
        reason = why;
        throw why;
      }),
    );
    const outcome = caught(job.wait({ timeoutMs: 50 }));
    await clock.advance(49);
    expect(job.state).toBe("active");
    await clock.advance(1);
    expect(await outcome).toBeInstanceOf(TaskTimeoutError);
    expect([job.state, reason]).toEqual(["closed", await outcome]);
    await turn();
    expect(told).toEqual([]);
  });

  test("leaving a wait leaves the job; its error then goes to the handler", async () => {
    const { scheduler, told } = scheduling();
    const controller = new AbortController();
    const work = deferred();
    const job = await scheduler.spawn(() => work.promise);
    const waiting = job.wait({ signal: controller.signal });
    controller.abort("left");
    expect(await caught(waiting)).toBe("left");
    expect(job.state).toBe("active");
    const error = new Error("later");
    work.reject(error);
    await turn();
    expect(told).toMatchObject([{ job, error }]);
  });

  test("close asks it to end, and waits", async () => {
    const { scheduler, told } = scheduling();
    const cleanUp = deferred();
    const job = await scheduler.spawn(async (signal) => {
      await forever(signal).catch(() => {});
      await cleanUp.promise;
    });
    const closing = job.close();
    expect(await stateOf(closing)).toBe("pending");
    cleanUp.resolve();
    await closing;
    expect([job.state, told]).toEqual(["closed", []]);
    await job.close();
  });

  test("close gives its error, also one that came before", async () => {
    const { scheduler, told } = scheduling();
    const error = new Error("of the clean-up");
    const job = await scheduler.spawn((signal) => forever(signal).catch(() => Promise.reject(error)));
    expect(await caught(job.close())).toBe(error);
    const failed = await scheduler.spawn(() => Promise.reject(error));
    expect(await caught(failed.close())).toBe(error);
    await turn();
    expect(told).toEqual([]);
  });

  test("that does not end is left behind after closeTimeoutMs; what it throws then is told", async () => {
    const { clock, scheduler, told } = scheduling();
    const stubborn = deferred();
    const job = await scheduler.spawn(() => stubborn.promise);
    const outcome = caught(job.close());
    await clock.advance(99);
    expect(job.state).toBe("active");
    await clock.advance(1);
    expect(await outcome).toMatchObject({ name: "TimeoutError", timeoutMs: 100 });
    expect([job.state, scheduler.size]).toEqual(["closed", 0]);
    const error = new Error("much later");
    stubborn.reject(error);
    await turn();
    expect(told).toMatchObject([{ job, error }]);
  });

  test("a pending one is never called", async () => {
    const { scheduler } = scheduling({ limit: 1 });
    await scheduler.spawn(forever);
    let called = false;
    const job = await scheduler.spawn(() => (called = true));
    await job.close();
    expect(await caught(job.wait())).toMatchObject({ name: "AbortError" });
    await scheduler.close();
    expect(called).toBe(false);
  });

  test("a task of an executor is cancelled with it", async () => {
    await using executor = new InlineExecutor();
    const { scheduler } = scheduling();
    const task = executor.submit(() => 1, []);
    const job = await scheduler.spawn(() => task);
    await job.close();
    expect(task.state).toBe("cancelled");
  });
});

describe("closing", () => {
  test("waitAndClose lets jobs end, those that they spawn too", async () => {
    const { scheduler } = scheduling();
    const [first, second] = [deferred(), deferred()];
    await scheduler.spawn(async () => {
      await first.promise;
      await scheduler.spawn(() => second.promise, { name: "child" });
    });
    const closing = scheduler.waitAndClose();
    first.resolve();
    expect(await stateOf(closing)).toBe("pending");
    expect([...scheduler].map(({ name }) => name)).toEqual(["child"]);
    second.resolve();
    expect(await closing).toEqual({ cancelled: [], ended: [], left: [] });
    expect(scheduler.closed).toBe(true);
  });

  test("after waitTimeoutMs it closes what is left, and says what became of it", async () => {
    const { clock, scheduler, told } = scheduling({ limit: 2 });
    const jobs = [
      await scheduler.spawn(forever, { name: "polite" }),
      await scheduler.spawn(() => deferred().promise, { name: "stubborn" }),
      await scheduler.spawn(forever, { name: "never begun" }),
    ];
    const closing = scheduler.waitAndClose();
    await clock.advance(59_999);
    expect(jobs.map(({ state }) => state)).toEqual(["active", "active", "pending"]);
    await clock.advance(1);
    expect(jobs.map(({ state }) => state)).toEqual(["closed", "active", "closed"]);
    await clock.advance(100);
    expect(await closing).toEqual({ cancelled: ["never begun"], ended: ["polite"], left: ["stubborn"] });
    expect(told).toMatchObject([{ message: "Job closing timed out", job: jobs[1] }]);
  });

  test("an error while it closes goes to the handler, or to who waits", async () => {
    const { scheduler, told } = scheduling();
    const error = new Error("of the clean-up");
    const fails = (signal: AbortSignal): Promise<void> => forever(signal).catch(() => Promise.reject(error));
    const unseen = await scheduler.spawn(fails);
    const waited = caught((await scheduler.spawn(fails)).wait());
    await scheduler.close();
    expect(await waited).toBe(error);
    expect(told).toMatchObject([{ message: "Job processing failed", job: unseen, error }]);
  });

  test("close refuses who waits for room, and whoever comes later", async () => {
    const { scheduler } = scheduling({ limit: 1, pendingLimit: 0 });
    await scheduler.spawn(forever);
    const waiting = caught(scheduler.spawn(forever));
    const closing = scheduler.close();
    expect(await caught(scheduler.spawn(forever))).toBeInstanceOf(SchedulerClosedError);
    expect(await waiting).toBeInstanceOf(SchedulerClosedError);
    expect(scheduler.close()).toBe(closing);
    await closing;
  });

  test("a place that becomes free while it closes begins nothing", async () => {
    const { scheduler } = scheduling({ limit: 1 });
    const first = deferred();
    await scheduler.spawn(() => first.promise, { name: "first" });
    let called = false;
    await scheduler.spawn(() => (called = true), { name: "second" });
    first.resolve();
    expect(await scheduler.close()).toEqual({ cancelled: ["second"], ended: [], left: [] });
    expect(called).toBe(false);
  });

  test("a job may close its own scheduler", async () => {
    const { clock, scheduler } = scheduling();
    const job = await scheduler.spawn(async () => {
      await turn();
      return scheduler.close();
    });
    const outcome = caught(job.wait());
    await clock.advance(0);
    await clock.advance(100);
    expect(await outcome).toBeInstanceOf(TaskTimeoutError);
    expect(await scheduler.close()).toMatchObject({ left: ["anonymous"] });
  });

  test("shielded work is waited for, and is not ended", async () => {
    const { clock, scheduler } = scheduling();
    const work = deferred<string>();
    const controller = new AbortController();
    const shielded = scheduler.shield(work.promise, { signal: controller.signal });
    controller.abort("left");
    expect(await caught(shielded)).toBe("left");
    const closing = scheduler.waitAndClose();
    await clock.advance(1_000);
    expect(await stateOf(closing)).toBe("pending");
    work.resolve("saved");
    await closing;
    expect(await scheduler.shield(Promise.resolve(1))).toBe(1);
  });

  test("await using waits", async () => {
    const work = deferred();
    const block = (async () => {
      await using scheduler = new Scheduler();
      await scheduler.spawn(() => work.promise);
    })();
    expect(await stateOf(block)).toBe("pending");
    work.resolve();
    await block;
  });
});

describe("bad input", () => {
  test.each([
    [{ limit: 0 }],
    [{ limit: 1.5 }],
    [{ pendingLimit: -1 }],
    [{ closeTimeoutMs: NaN }],
    [{ waitTimeoutMs: -1 }],
  ])("refuses %o", (options) => {
    expect(() => new Scheduler(options)).toThrow(RangeError);
  });

  test("refuses what is not a function, and unknown options", () => {
    expect(() => new Scheduler({ concurrency: 5 } as never)).toThrow(/concurrency/);
    expect(() => new Scheduler().spawn(5 as never)).toThrow(TypeError);
  });

  test("refuses bad times in wait and close", async () => {
    const job = await new Scheduler().spawn(() => 1);
    expect(() => job.wait({ timeoutMs: NaN })).toThrow(RangeError);
    expect(() => job.close({ timeoutMs: -1 })).toThrow(RangeError);
  });

  test("refuses options that are no object", () => {
    expect(() => scheduling().scheduler.spawn(() => {}, 5 as never)).toThrow(/options must be an object/);
  });
});

test("the defaults are aiojobs'", () => {
  const { limit, pendingLimit, closeTimeoutMs, waitTimeoutMs } = new Scheduler();
  expect([limit, pendingLimit, closeTimeoutMs, waitTimeoutMs]).toEqual([100, 10_000, 100, 60_000]);
});
