import { describe, expect, test } from "vitest";
import { type FakeLink, setup, turn } from "./fake-workers.ts";

function die(link: FakeLink): void {
  link.ready();
  link.claim();
  link.gone();
}

describe("workers that die in their calls, one after the other", () => {
  test("are replaced at once twice, then after a pause that doubles up to a second", async () => {
    const { submit, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
    const tasks = Array.from({ length: 10 }, (_, n) => submit(`bad ${n}`));
    die(driver.last);
    die(driver.last);
    expect(driver.links).toHaveLength(3);
    for (const [death, pauseMs] of [100, 200, 400, 800, 1_000, 1_000].entries()) {
      die(driver.last);
      await clock.advance(pauseMs - 1);
      expect(driver.links).toHaveLength(death + 3);
      await clock.advance(1);
      expect(driver.links).toHaveLength(death + 4);
    }
    for (const task of tasks.slice(0, 8)) {
      await expect(task).rejects.toMatchObject({ code: "ERR_OFFLOOP_WORKER_LOST", attempts: 1 });
    }
    // Nobody is told that the executor is broken: workers do start.
    expect(dispatcher.statistics()).toMatchObject({ state: "running", pending: 2, lost: 8 });
  });

  test("hold up what is submitted meanwhile, and refuse nothing", async () => {
    const { submit, driver, clock } = setup({ maxWorkers: 1 });
    for (let death = 0; death < 3; death++) {
      void submit("bad");
      die(driver.last);
    }
    const good = submit("good");
    expect([good.state, driver.alive.length]).toEqual(["pending", 0]);
    await clock.advance(100);
    driver.last.ready();
    driver.last.answer("fine");
    expect(await good).toBe("fine");
  });

  test("count anew when a call ends, whatever it comes to", async () => {
    const { submit, driver } = setup({ maxWorkers: 1 });
    for (let round = 0; round < 5; round++) {
      void submit("bad");
      die(driver.last);
      void submit("bad");
      die(driver.last);
      const good = submit("good");
      driver.last.ready();
      driver.last.fail(new Error("its own"));
      await expect(good).rejects.toThrow("its own");
      const { length } = driver.links;
      driver.last.gone();
      void submit("bad");
      expect(driver.links).toHaveLength(length + 1);
      driver.last.ready();
      driver.last.answer();
      driver.last.gone();
    }
  });

  test("a call that ends elsewhere lets those start that were held up", async () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 2 });
    const first = firstReady();
    void submit("long");
    for (let death = 0; death < 3; death++) {
      void submit("bad");
      die(driver.last);
    }
    void submit("long too");
    void submit("waits");
    expect(driver.alive).toHaveLength(1);
    first.answer();
    expect(driver.alive).toHaveLength(2);
  });

  test("those that die together are one crash", () => {
    const { submit, driver } = setup({ maxWorkers: 8 });
    for (let count = 0; count < 24; count++) void submit();
    const starting = [...driver.links];
    for (const link of starting) link.ready();
    for (const link of starting) link.claim();
    for (const link of starting) link.gone();
    expect(driver.links).toHaveLength(16);
    for (const link of driver.links.slice(8)) link.ready();
    for (const link of driver.links.slice(8)) link.gone();
    expect(driver.links).toHaveLength(24);
  });

  test("one worker is started after each pause, also beside one in a call that never ends", async () => {
    const { submit, driver, clock } = setup({ maxWorkers: 4 });
    for (let death = 0; death < 3; death++) {
      void submit("bad");
      die(driver.last);
    }
    for (let count = 0; count < 4; count++) void submit("long");
    const alive: number[] = [];
    for (let pauses = 0; pauses < 5; pauses++) {
      await clock.advance(100);
      for (const link of driver.alive) if (link.life === "starting") link.ready();
      alive.push(driver.alive.length);
    }
    expect(alive).toEqual([1, 2, 3, 4, 4]);
  });

  test("nothing is started for nobody", async () => {
    const { submit, driver, clock, dispatcher } = setup({ maxWorkers: 2 });
    for (let death = 0; death < 3; death++) {
      void submit("bad");
      die(driver.last);
    }
    await clock.advance(60_000);
    expect(driver.links).toHaveLength(3);
    // The pause is over, so the next call need not wait for it.
    void submit("good");
    expect(driver.links).toHaveLength(4);
    expect(dispatcher.statistics().state).toBe("running");
  });

  test("who waits for the first worker gets it after the pause", async () => {
    const { submit, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
    for (let death = 0; death < 3; death++) {
      void submit("bad");
      die(driver.last);
    }
    const ready = dispatcher.ready();
    expect(driver.alive).toHaveLength(0);
    await clock.advance(100);
    driver.last.ready();
    await ready;
  });

  test("minWorkers are there again after their pauses", async () => {
    const { driver, submit, clock, dispatcher } = setup({ minWorkers: 2, maxWorkers: 2 });
    dispatcher.open();
    for (let death = 0; death < 8; death++) {
      void submit("bad");
      for (const link of driver.alive) if (link.life === "starting") link.ready();
      const busy = driver.alive.find(({ has }) => has.length > 0);
      busy?.claim();
      busy?.gone();
    }
    expect(driver.alive.length).toBeLessThan(2);
    await clock.advance(3_000);
    for (const link of driver.alive) link.ready();
    expect(driver.alive).toHaveLength(2);
  });

  test("a shutdown runs what waits in the pause, or cancels it", async () => {
    for (const cancelPending of [false, true]) {
      const { submit, driver, clock, dispatcher } = setup({ maxWorkers: 1 });
      for (let death = 0; death < 3; death++) {
        void submit("bad");
        die(driver.last);
      }
      const waits = submit("waits");
      const down = dispatcher.shutdown({ cancelPending, timeoutMs: 1_000 });
      await clock.advance(100);
      if (!cancelPending) {
        driver.last.ready();
        driver.last.answer("late");
        await turn();
      }
      driver.last.gone({ exitCode: 0 });
      expect(await down).toMatchObject({ timedOut: false });
      expect(waits.state).toBe(cancelPending ? "cancelled" : "fulfilled");
    }
  });
});
