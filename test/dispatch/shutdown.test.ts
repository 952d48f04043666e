import { ExecutorClosedError } from "#internal/core/errors";
import type { ShutdownReport } from "#internal/core/executor";
import { describe, expect, test } from "vitest";
import { heldHandles, setup, type Setup, turn } from "./fake-workers.ts";

const LIMITS = { cancelPending: false, timeoutMs: 1_000 };

/** Workers that end as they are told, as real ones do a little later. */
async function letGo({ driver, clock }: Setup): Promise<void> {
  await turn();
  for (const link of driver.links) if (link.life === "ending") link.gone();
  await clock.advance(0);
}

async function shutdown(all: Setup, limits: Partial<typeof LIMITS> = {}): Promise<ShutdownReport> {
  const report = all.dispatcher.shutdown({ ...LIMITS, ...limits });
  await letGo(all);
  return report;
}

describe("shutdown", () => {
  test("of an executor that did nothing", async () => {
    const all = setup();
    expect(await shutdown(all)).toEqual({
      finished: 0,
      cancelled: [],
      killed: [],
      timedOut: false,
      durationMs: 0,
    });
    expect(all.dispatcher.statistics().state).toBe("closed");
  });

  test("of an idle one ends its workers with their finalizers", async () => {
    const all = setup();
    const link = all.firstReady();
    await shutdown(all);
    expect([link.finishing, link.killed]).toEqual([true, false]);
    expect(all.dispatcher.statistics().workers).toEqual([]);
  });

  test("lets what runs and what waits end, and takes nothing more", async () => {
    const all = setup({ maxWorkers: 1 });
    const link = all.firstReady();
    const tasks = [all.submit("a"), all.submit("b")];
    const report = all.dispatcher.shutdown(LIMITS);
    expect(all.dispatcher.statistics().state).toBe("draining");
    const refused = all.submit("late");
    await expect(refused).rejects.toBeInstanceOf(ExecutorClosedError);
    await expect(refused).rejects.toMatchObject({ killed: false });
    link.answer();
    link.answer();
    await letGo(all);
    expect(await report).toMatchObject({ finished: 2, timedOut: false });
    expect(tasks.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled"]);
  });

  test("counts a refused call as submitted and rejected, not as finished", async () => {
    const all = setup();
    const link = all.firstReady();
    const task = all.submit();
    const report = all.dispatcher.shutdown(LIMITS);
    link.answer();
    await letGo(all);
    expect(await report).toMatchObject({ finished: 1 });
    expect(task.state).toBe("fulfilled");
    void all.submit();
    expect(all.dispatcher.statistics()).toMatchObject({ submitted: 2, fulfilled: 1, rejected: 1 });
  });

  test("counts nothing as finished that somebody cancelled while it drained", async () => {
    const all = setup({ maxWorkers: 1 });
    const link = all.firstReady();
    const [running, waiting] = [all.submit("a"), all.submit("b")];
    const down = all.dispatcher.shutdown({ cancelPending: false, timeoutMs: 1_000 });
    waiting.cancel();
    link.answer();
    await running;
    await turn();
    link.gone({ exitCode: 0 });
    expect(await down).toMatchObject({ finished: 1, cancelled: [], killed: [] });
  });

  test("with cancelPending rejects what waits as not begun", async () => {
    const all = setup({ maxWorkers: 1 });
    const link = all.firstReady();
    const [running, waiting] = [all.submit("a"), all.submit("b")];
    const report = all.dispatcher.shutdown({ ...LIMITS, cancelPending: true });
    await expect(waiting).rejects.toMatchObject({ code: "ERR_OFFLOOP_EXECUTOR_CLOSED", killed: false });
    link.answer();
    await letGo(all);
    expect(await report).toMatchObject({
      finished: 1,
      cancelled: [{ id: waiting.id, name: "b" }],
      killed: [],
    });
    expect(running.state).toBe("fulfilled");
  });

  test("rejects all that waits with one error: one for each would stop the loop for seconds", async () => {
    const all = setup({ maxWorkers: 1 });
    const link = all.firstReady();
    const running = all.submit();
    const waiting = Array.from({ length: 3 }, () => all.submit());
    const report = all.dispatcher.shutdown({ ...LIMITS, cancelPending: true });
    const reasons = await Promise.all(waiting.map((task) => task.catch((reason: unknown) => reason)));
    expect(reasons[0]).toBeInstanceOf(ExecutorClosedError);
    expect(new Set(reasons).size).toBe(1);
    link.answer();
    await letGo(all);
    await Promise.all([report, running]);
  });

  test("when its time is up ends everything: nothing is left unsettled", async () => {
    const before = heldHandles();
    const all = setup({ maxWorkers: 1 });
    const link = all.firstReady();
    const [running, waiting] = [all.submit("a"), all.submit("b")];
    link.claim();
    const report = all.dispatcher.shutdown(LIMITS);
    await all.clock.advance(1_000);
    await expect(running).rejects.toMatchObject({ code: "ERR_OFFLOOP_EXECUTOR_CLOSED", killed: true });
    await expect(waiting).rejects.toMatchObject({ code: "ERR_OFFLOOP_EXECUTOR_CLOSED", killed: false });
    expect(link.killed).toBe(true);
    await letGo(all);
    expect(await report).toMatchObject({
      finished: 0,
      timedOut: true,
      cancelled: [{ name: "b" }],
      killed: [{ name: "a" }],
      durationMs: 1_000,
    });
    expect(all.driver.links).toHaveLength(1);
    expect(heldHandles()).toBe(before);
  });

  test("gives no grace beyond its time", async () => {
    const all = setup({ cancelGraceMs: 60_000 });
    const link = all.firstReady();
    void all.submit();
    link.words.look(link.claim());
    const report = all.dispatcher.shutdown({ ...LIMITS, timeoutMs: 0 });
    await all.clock.advance(0);
    await letGo(all);
    expect(link.killed).toBe(true);
    expect(await report).toMatchObject({ durationMs: 0, timedOut: true });
  });

  test("waits for a worker that must be started first, and for a call that must be sent again", async () => {
    const all = setup({ maxWorkers: 1 });
    const task = all.submit();
    const report = all.dispatcher.shutdown(LIMITS);
    all.driver.last.ready();
    all.driver.last.gone();
    expect(all.driver.links).toHaveLength(2);
    all.driver.last.ready();
    all.driver.last.answer();
    await letGo(all);
    expect(task.state).toBe("fulfilled");
    expect(await report).toMatchObject({ finished: 1, timedOut: false });
  });

  test("of one whose workers cannot start ends with what waits rejected", async () => {
    const all = setup({ maxWorkers: 1 });
    const task = all.submit();
    const report = all.dispatcher.shutdown(LIMITS);
    all.driver.last.startFailed(new Error("no"));
    await letGo(all);
    await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_BROKEN_EXECUTOR" });
    expect(await report).toMatchObject({ finished: 1, timedOut: false });
    expect(all.dispatcher.statistics().state).toBe("closed");
  });

  test("of a broken one", async () => {
    const all = setup();
    all.driver.startErrors.push(new Error("no file"));
    void all.submit();
    expect(all.dispatcher.statistics().state).toBe("broken");
    expect(await shutdown(all)).toMatchObject({ finished: 0, timedOut: false });
    await expect(all.submit()).rejects.toBeInstanceOf(ExecutorClosedError);
  });

  test("of one that is starting workers nobody needs kills them", async () => {
    const all = setup({ minWorkers: 2 });
    all.dispatcher.open();
    await shutdown(all);
    expect(all.driver.links.map(({ killed }) => killed)).toEqual([true, true]);
    expect(all.dispatcher.statistics().workers).toEqual([]);
  });

  test("starts no worker in place of those that it ends", async () => {
    const all = setup({ minWorkers: 2 });
    all.dispatcher.open();
    for (const link of all.driver.links) link.ready();
    const tasks = [all.submit(), all.submit()];
    for (const link of all.driver.links) link.claim();
    const report = all.dispatcher.shutdown({ ...LIMITS, timeoutMs: 10 });
    await all.clock.advance(10);
    await letGo(all);
    const { killed } = await report;
    expect(new Set(killed.map(({ id }) => id))).toEqual(new Set(tasks.map(({ id }) => id)));
    expect(all.driver.alive).toEqual([]);
  });

  test("again gives the first one's report", async () => {
    const all = setup();
    all.firstReady();
    const [first, second] = [all.dispatcher.shutdown(LIMITS), all.dispatcher.shutdown(LIMITS)];
    await letGo(all);
    expect(await first).toBe(await second);
    expect(await all.dispatcher.shutdown({ cancelPending: true, timeoutMs: 0 })).toBe(await first);
  });

  test("does not wait for a killed worker that hangs", async () => {
    const all = setup();
    const link = all.firstReady();
    void all.submit();
    link.claim();
    const report = all.dispatcher.shutdown({ ...LIMITS, timeoutMs: 0 });
    await all.clock.advance(0);
    await all.clock.advance(999);
    expect(all.dispatcher.statistics().state).toBe("draining");
    await all.clock.advance(1);
    expect(await report).toMatchObject({ timedOut: true });
    expect(all.dispatcher.statistics()).toMatchObject({ state: "closed", workers: [{ state: "stuck" }] });
  });

  test("does not wait at all for one that has hung for long", async () => {
    const all = setup();
    const link = all.firstReady();
    const task = all.submit();
    link.claim();
    task.cancel();
    await all.clock.advance(600);
    const report = all.dispatcher.shutdown(LIMITS);
    await all.clock.advance(400);
    expect(await report).toMatchObject({ durationMs: 400 });
    const later = setup();
    later.firstReady();
    const other = later.submit();
    later.driver.last.claim();
    other.cancel();
    await later.clock.advance(5_000);
    expect(await later.dispatcher.shutdown(LIMITS)).toMatchObject({ durationMs: 0 });
  });

  test("waits for a finalizer as long as startTimeoutMs, and then no more", async () => {
    for (const killable of [true, false]) {
      const all = setup({ startTimeoutMs: 5_000, finalizer: () => {} });
      const link = all.firstReady();
      link.killable = killable;
      let done = false;
      const report = all.dispatcher.shutdown(LIMITS).then(() => (done = true));
      await all.clock.advance(4_999);
      expect(done).toBe(false);
      await all.clock.advance(1);
      expect([link.killed, done]).toEqual([killable, !killable]);
      await all.clock.advance(1_000);
      await report;
    }
  });

  test("leaves no timer that fires later", async () => {
    const all = setup({ timeoutMs: 50, idleTimeoutMs: 50, queueTimeoutMs: 50 });
    const link = all.firstReady();
    void all.submit();
    link.claim();
    const report = all.dispatcher.shutdown({ ...LIMITS, timeoutMs: 10 });
    await all.clock.advance(10);
    await letGo(all);
    await report;
    const before = all.dispatcher.statistics();
    await all.clock.advance(100_000);
    expect({ ...all.dispatcher.statistics(), utilization: 0 }).toEqual({ ...before, utilization: 0 });
  });
});

describe("idle()", () => {
  test("resolves at once, or when the last call has settled, also by being refused or cancelled", async () => {
    const { dispatcher, submit, firstReady } = setup({ maxWorkers: 1 });
    await dispatcher.idle();
    const link = firstReady();
    const waiting = [submit("a"), submit("b")];
    let idle = false;
    const done = dispatcher.idle().then(() => (idle = true));
    link.answer();
    await turn();
    expect(idle).toBe(false);
    waiting[1]!.cancel();
    await done;
  });
});
