import { Deadlines } from "#internal/core/deadlines";
import { functionHandle } from "#internal/core/function-handle";
import { settle, handOver, Task } from "#internal/core/task";
import { type Closable, close, type ShutdownLimits } from "#internal/dispatch/closing";
import { FakeClock } from "#internal/testing/fake-clock";
import { describe, expect, test } from "vitest";

const handle = functionHandle(() => {}, null);

/** An executor that only has lists. */
class Fake implements Closable {
  readonly clock = new FakeClock();
  readonly log: string[] = [];
  readonly #tasks: Task<unknown>[] = [];
  #idle: () => void = () => {};
  /** When its workers have gone. */
  dismissed: Promise<void> = Promise.resolve();

  constructor(waiting: readonly string[], running: readonly string[]) {
    for (const name of [...running, ...waiting]) {
      const task = new Task<unknown>({ clock: this.clock, cancel: () => false }, handle, [], { name });
      this.#tasks.push(task);
      if (running.includes(name)) handOver(task, { id: 1, hasBegun: () => true, startedAt: () => 0 });
    }
  }

  finish(name: string): void {
    this.#end(
      this.#tasks.find((task) => task.name === name)!,
      "fulfilled",
    );
  }

  #end(task: Task<unknown>, state: "fulfilled" | "cancelled"): void {
    if (!settle(task, state, undefined)) return;
    if (this.waiting().length + this.running().length === 0) this.#idle();
  }

  unsettled = (): Task<unknown>[] => [...this.waiting(), ...this.running()];
  waiting = (): Task<unknown>[] => this.#tasks.filter(({ state }) => state === "pending");
  running = (): Task<unknown>[] => this.#tasks.filter(({ state }) => state === "running");
  idle = (): Promise<void> =>
    this.waiting().length + this.running().length === 0
      ? Promise.resolve()
      : new Promise((resolve) => (this.#idle = resolve));

  end(task: Task<unknown>, killed: boolean): void {
    this.log.push(`${killed ? "kill" : "cancel"} ${task.name}`);
    this.#end(task, "cancelled");
  }

  async dismiss(): Promise<void> {
    this.log.push("dismiss");
    await this.dismissed;
  }

  close(limits: Partial<ShutdownLimits> = {}): ReturnType<typeof close> {
    const all = { cancelPending: false, timeoutMs: 1_000, ...limits };
    return close(this, all, this.clock, new Deadlines(this.clock));
  }
}

const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);

describe("closing", () => {
  test("with nothing to do dismisses at once", async () => {
    const fake = new Fake([], []);
    expect(await fake.close()).toEqual({
      finished: 0,
      cancelled: [],
      killed: [],
      timedOut: false,
      durationMs: 0,
    });
    expect(fake.log).toEqual(["dismiss"]);
  });

  test("waits for what runs and what waits, then dismisses", async () => {
    const fake = new Fake(["w"], ["r"]);
    const report = fake.close();
    await fake.clock.advance(400);
    expect(fake.log).toEqual([]);
    fake.finish("r");
    fake.finish("w");
    expect(await report).toMatchObject({ finished: 2, timedOut: false, durationMs: 400 });
    expect(fake.log).toEqual(["dismiss"]);
  });

  test("cancelPending cancels what waits first, and still waits for what runs", async () => {
    const fake = new Fake(["w1", "w2"], ["r"]);
    const report = fake.close({ cancelPending: true });
    expect(fake.log).toEqual(["cancel w1", "cancel w2"]);
    fake.finish("r");
    const { finished, cancelled, killed, timedOut } = await report;
    expect([finished, names(cancelled), killed, timedOut]).toEqual([1, ["w1", "w2"], [], false]);
  });

  test("when the time is up what waits is cancelled and what runs is ended", async () => {
    const fake = new Fake(["w1", "w2"], ["r1", "r2"]);
    const closing = fake.close({ timeoutMs: 500 });
    fake.finish("r1");
    await fake.clock.advance(500);
    const report = await closing;
    expect(fake.log).toEqual(["cancel w1", "cancel w2", "kill r2", "dismiss"]);
    expect([names(report.cancelled), names(report.killed)]).toEqual([["w1", "w2"], ["r2"]]);
    expect(report).toMatchObject({ finished: 1, timedOut: true, durationMs: 500 });
    expect(report.killed[0]!.id).toBeGreaterThan(0);
    expect([report, report.cancelled, report.killed, report.killed[0]].every(Object.isFrozen)).toBe(true);
  });

  test("no time at all still lets an idle executor close in time", async () => {
    const idle = new Fake([], []).close({ timeoutMs: 0 });
    expect((await idle).timedOut).toBe(false);
    const busy = new Fake([], ["r"]);
    const report = busy.close({ timeoutMs: 0 });
    await busy.clock.advance(0);
    expect((await report).timedOut).toBe(true);
  });

  test("without a limit it waits for ever", async () => {
    const fake = new Fake([], ["r"]);
    const report = fake.close({ timeoutMs: Infinity });
    await fake.clock.advance(1e12);
    expect(fake.log).toEqual([]);
    fake.finish("r");
    expect(await report).toMatchObject({ finished: 1, timedOut: false, durationMs: 1e12 });
  });

  test("the limit leaves no timer behind when it was not needed", async () => {
    const fake = new Fake([], ["r"]);
    const report = fake.close({ timeoutMs: 500 });
    fake.finish("r");
    await report;
    await fake.clock.advance(1_000);
    expect(fake.log).toEqual(["dismiss"]);
  });

  test("its duration includes the end of the workers", async () => {
    const fake = new Fake([], []);
    fake.dismissed = new Promise((resolve) => void fake.clock.after(70, resolve));
    const report = fake.close();
    await fake.clock.advance(70);
    expect((await report).durationMs).toBe(70);
  });
});
