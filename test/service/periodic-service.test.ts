import { PeriodicService, type PeriodicServiceOptions } from "offloop/service";
import { FakeClock } from "offloop/testing";
import { describe, expect, test } from "vitest";
import { deferred, stateOf, turn, warnings } from "../promises.ts";

function periodic(callback: (signal: AbortSignal) => unknown, options: Partial<PeriodicServiceOptions> = {}) {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const exceptionHandler = (error: unknown): void => void failures.push(error);
  const service = new PeriodicService(callback, { intervalMs: 100, clock, exceptionHandler, ...options });
  return { clock, failures, service };
}

describe("PeriodicService", () => {
  test("pauses after each call has ended: calls never overlap", async () => {
    const calls: number[] = [];
    let work = deferred();
    const { clock, service } = periodic(() => (calls.push(clock.now()), work.promise), { delayMs: 30 });
    service.start();
    await clock.advance(29);
    expect(calls).toEqual([]);
    await clock.advance(1_000);
    expect(calls).toEqual([30]);
    work.resolve();
    work = deferred();
    await clock.advance(99);
    expect(calls).toEqual([30]);
    await clock.advance(1);
    expect(calls).toEqual([30, 1_129]);
    work.resolve();
    await service.stop();
  });

  test("an error is told, and the next call is made", async () => {
    const error = new Error("no");
    let calls = 0;
    const { clock, failures, service } = periodic(() => {
      if (++calls === 1) throw error;
    });
    service.start();
    await clock.advance(100);
    expect([calls, failures]).toEqual([2, [error]]);
    await service.stop();
  });

  test("an error becomes a warning without a handler; one of the handler, too", async () => {
    const seen = warnings();
    const fails = (): never => {
      throw new Error("no");
    };
    const clock = new FakeClock();
    const one = new PeriodicService(fails, { intervalMs: 100, clock, name: "sweep" });
    const two = new PeriodicService(fails, { intervalMs: 100, clock, exceptionHandler: fails });
    one.start();
    two.start();
    await clock.advance(0);
    await turn();
    expect(seen.map(({ code }) => code)).toEqual([
      "OFFLOOP_WARN_PERIODIC_FAILED",
      "OFFLOOP_WARN_UNSEEN_ERROR",
    ]);
    expect(seen[0]?.message).toContain("sweep");
    await one.stop();
    await two.stop();
  });

  test("stop asks the call to end, and waits for it", async () => {
    const cleanUp = deferred();
    let given: AbortSignal | undefined;
    const { clock, failures, service } = periodic(async (signal) => {
      given = signal;
      await cleanUp.promise;
      signal.throwIfAborted();
    });
    service.start();
    await clock.advance(0);
    const stopping = service.stop();
    expect(given?.aborted).toBe(true);
    expect(await stateOf(stopping)).toBe("pending");
    cleanUp.resolve();
    await stopping;
    await clock.advance(1_000);
    expect(failures).toEqual([]);
  });

  test("can be stopped in a pause, started twice and started again", async () => {
    let calls = 0;
    const { clock, service } = periodic(() => calls++);
    await service.stop();
    service.start();
    service.start();
    await clock.advance(0);
    expect(calls).toBe(1);
    await service.stop();
    await clock.advance(1_000);
    expect(calls).toBe(1);
    service.start();
    await clock.advance(0);
    expect(calls).toBe(2);
    await service.stop();
  });

  test("bad input", () => {
    const make = (options: object) => () => new PeriodicService(() => {}, options as never);
    expect(make({})).toThrow(/intervalMs/);
    expect(make({ intervalMs: NaN })).toThrow(RangeError);
    expect(make({ intervalMs: 5, delayMs: -1 })).toThrow(RangeError);
    expect(make({ intervalMs: 5, delay: 1 })).toThrow(/delay/);
    expect(() => new PeriodicService(5 as never, { intervalMs: 5 })).toThrow(TypeError);
  });

  test("an abort that nobody asked for is an error", async () => {
    const error = new DOMException("of a fetch", "AbortError");
    const { clock, failures, service } = periodic(() => Promise.reject(error));
    service.start();
    await clock.advance(0);
    expect(failures).toEqual([error]);
    await service.stop();
  });

  test("a call may stop its own service, and wait for that", async () => {
    let calls = 0;
    const { clock, service } = periodic(async () => {
      calls++;
      await service.stop();
    });
    service.start();
    await clock.advance(1_000);
    await service.stop();
    expect(calls).toBe(1);
  });

  test("started while it stops, it begins anew", async () => {
    let calls = 0;
    const work = deferred();
    const { clock, service } = periodic(() => (calls++, work.promise));
    service.start();
    await clock.advance(0);
    const stopping = service.stop();
    service.start();
    await clock.advance(1_000);
    expect(calls).toBe(1);
    work.resolve();
    await stopping;
    await clock.advance(0);
    expect(calls).toBe(2);
    await service.stop();
  });
});
