import type { CallOptions } from "#internal/core/call-options";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FakeLink, setup, turn } from "./fake-workers.ts";

/** All that were ever sent a call of that name, in the order of their starts. */
const sentTo = (links: readonly FakeLink[], name: string): number[] =>
  links.filter(({ sent }) => sent.includes(name)).map(({ id }) => id);

describe("key", () => {
  test("calls with one key wait for its worker, also beside an idle one", () => {
    const { submit, driver } = setup({ maxWorkers: 2 });
    void submit("a1", { key: "a" });
    void submit("other");
    for (const link of driver.links) link.ready();
    void submit("a2", { key: "a" });
    const [first, second] = driver.links as [FakeLink, FakeLink];
    second.answer();
    expect([first.sent, second.sent]).toEqual([["a1"], ["other"]]);
    void submit("plain");
    expect(second.sent).toEqual(["other", "plain"]);
    first.answer();
    expect(first.sent).toEqual(["a1", "a2"]);
  });

  test("one key starts one worker, and keys of two groups start two", () => {
    const { submit, driver } = setup({ maxWorkers: 4 });
    for (let count = 0; count < 10; count++) void submit("a", { key: "a" });
    expect(driver.links).toHaveLength(1);
    // Of five keys two are in groups of their own at least; that is the hash's.
    for (const key of ["b", "c", "d", "e", "f"]) void submit(key, { key });
    expect(driver.links.length).toBeGreaterThan(1);
  });

  test("its calls take a free worker, and keep it", () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 2 });
    const link = firstReady();
    for (const name of ["a1", "a2", "a3"]) {
      void submit(name, { key: 7 });
      link.answer();
    }
    expect(link.sent).toEqual(["a1", "a2", "a3"]);
    expect(driver.links).toHaveLength(1);
  });

  test("when its worker dies, the others of the key go to one other, in their order", () => {
    const { submit, firstReady, driver } = setup({ most: 16, maxWorkers: 2 });
    const link = firstReady();
    void submit("warm");
    link.runMs = 0.01;
    link.answer();
    const names = ["a1", "a2", "a3", "a4"];
    const tasks = names.map((name) => submit(name, { key: "a" }));
    link.answer();
    expect(link.has.map(({ name }) => name)).toEqual(["a2", "a3", "a4"]);
    link.claim();
    link.gone();
    driver.last.ready();
    while (driver.last.has.length > 0) driver.last.answer();
    expect(driver.last.sent).toEqual(["a3", "a4"]);
    expect(tasks.map(({ state }) => state)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  });

  test("they are not taken back for an idle worker", () => {
    const { submit, driver, dispatcher } = setup({ most: 16, maxWorkers: 2 });
    void submit("warm");
    void submit("warm");
    for (const link of driver.links) link.ready();
    for (const link of driver.links) {
      link.runMs = 0.1;
      link.answer();
    }
    for (let count = 0; count < 8; count++) void submit("a", { key: "a" });
    const own = driver.links.find(({ has }) => has.length > 0)!;
    own.answer();
    const other = driver.links.find((link) => link !== own)!;
    void submit("plain");
    other.answer();
    expect(other.sent).toEqual(["warm", "plain"]);
    while (own.has.length > 0) own.answer();
    expect(dispatcher.statistics()).toMatchObject({ fulfilled: 11, pending: 0, requeued: 0 });
  });

  test("cancelled while it waits, and at the shutdown", async () => {
    const { submit, firstReady, dispatcher } = setup({ maxWorkers: 1 });
    const link = firstReady();
    const [running, second, third] = ["a1", "a2", "a3"].map((name) => submit(name, { key: "a" }));
    expect(second!.cancel()).toBe(true);
    const closing = dispatcher.shutdown({ cancelPending: true, timeoutMs: Infinity });
    link.answer();
    await turn();
    link.gone();
    expect(await closing).toMatchObject({ finished: 1, cancelled: [{ name: "a3" }] });
    expect([running, second, third].map((task) => task!.state)).toEqual([
      "fulfilled",
      "cancelled",
      "cancelled",
    ]);
  });

  test("keys share the workers that stand while no other can be started", async () => {
    const { submit, firstReady, driver } = setup({ maxWorkers: 2 });
    const link = firstReady();
    const keys = ["a", "b", "c", "d", "e", "f"];
    driver.startErrors.push(...keys.map(() => new Error("no more")));
    const tasks = keys.map((key) => submit(key, { key }));
    while (link.has.length > 0) link.answer();
    expect(await Promise.all(tasks)).toEqual(keys.map(() => "done"));
  });

  test("keys that shared a worker go apart as soon as another one can be started", async () => {
    const { submit, firstReady, driver, clock } = setup({ maxWorkers: 2 });
    const link = firstReady();
    const keys = ["a", "b", "c", "d", "e", "f"];
    driver.startErrors.push(new Error("not now"));
    const first = keys.map((key) => submit(key, { key }));
    while (link.has.length > 0) link.answer();
    await Promise.all(first);
    await clock.advance(100);
    for (const key of keys) void submit(key, { key });
    expect(driver.links).toHaveLength(2);
    driver.last.ready();
    for (const one of driver.links) while (one.has.length > 0) one.answer();
    const [here, there] = [link.sent.slice(keys.length), driver.last.sent];
    expect([...here, ...there].toSorted()).toEqual(keys);
    expect([here.length > 0, there.length > 0]).toEqual([true, true]);
  });

  describe("a call that is run again keeps those behind it waiting", () => {
    const backoff = { initialMs: 100, maxMs: 100, factor: 1, jitter: 0 };
    const again: CallOptions = { key: "a", retry: { attempts: 2, backoff } };

    test("through its pause, with as many in flight as there may be", async () => {
      const { submit, firstReady, driver, clock } = setup({ most: 16, maxWorkers: 2 });
      const link = firstReady();
      void submit("warm");
      link.runMs = 0.01;
      link.answer();
      void submit("a1", again);
      void submit("a2", again);
      void submit("a3", { key: "a" });
      expect(link.has.map(({ name }) => name)).toEqual(["a1"]);
      link.claim();
      link.gone();
      await clock.advance(99);
      expect(driver.links).toEqual([link]);
      await clock.advance(1);
      const other = driver.last;
      other.ready();
      expect(other.has.map(({ name }) => name)).toEqual(["a1"]);
      while (other.has.length > 0) other.answer();
      expect(other.sent).toEqual(["a1", "a2", "a3"]);
    });

    test("until it is cancelled in its pause", async () => {
      const { submit, firstReady, driver } = setup({ maxWorkers: 1 });
      const link = firstReady();
      const first = submit("a1", again);
      void submit("a2", { key: "a" });
      link.claim();
      link.gone();
      expect(driver.links).toEqual([link]);
      first.cancel();
      await turn();
      driver.last.ready();
      expect(driver.last.sent).toEqual(["a2"]);
    });

    test("and not those of other groups", async () => {
      const { submit, firstReady, driver } = setup({ maxWorkers: 2 });
      const link = firstReady();
      void submit("a1", again);
      void submit("a2", { key: "a" });
      link.claim();
      link.gone();
      const others = ["b", "c", "d", "e"];
      for (const key of others) void submit(key, { key });
      for (const one of driver.links) if (one.life === "starting") one.ready();
      for (let step = 0; step < 10; step++) driver.alive.find(({ has }) => has.length > 0)?.answer();
      const sent = driver.links.flatMap((one) => one.sent);
      expect(sent).not.toContain("a2");
      expect(others.some((key) => sent.includes(key))).toBe(true);
    });
  });

  test("after resize no key's call begins while one of the key still runs elsewhere", () => {
    const { submit, driver, dispatcher } = setup({ maxWorkers: 2 });
    const keys = ["a", "b", "c", "d", "e"];
    for (const key of keys) void submit(`${key}1`, { key });
    for (const link of driver.links) link.ready();
    dispatcher.resize({ maxWorkers: 5 });
    for (const key of keys) void submit(`${key}2`, { key });
    for (const link of driver.links) if (link.life === "starting") link.ready();
    const running = new Set<string>();
    for (let step = 0; step < 100; step++) {
      const busy = driver.links.filter(({ has }) => has.length > 0);
      const has = busy.map(({ has: [task] }) => task!.name[0]!);
      expect(new Set(has).size).toBe(has.length);
      for (const name of has) running.add(name);
      busy.at(-1)?.answer();
    }
    for (const key of keys) expect(sentTo(driver.links, `${key}2`)).toHaveLength(1);
  });

  test("whatever happens: in order, one at a time, and none is lost", async () => {
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant("submit" as const), key: fc.nat(4), plain: fc.boolean() }),
      },
      { weight: 6, arbitrary: fc.record({ do: fc.constant("answer" as const), at: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("die" as const), at: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), at: fc.nat() }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant("resize" as const),
          maxWorkers: fc.integer({ min: 1, max: 4 }),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), fc.constantFrom(1, 16), async (events, most) => {
        const { submit, driver, dispatcher } = setup({ most, maxWorkers: 3 });
        const tasks: ReturnType<typeof submit>[] = [];
        const began: string[] = [];
        const startAll = (): void => {
          for (const link of driver.links) if (link.life === "starting") link.ready();
        };
        const answer = (link: FakeLink | undefined): void => {
          if (link === undefined || link.has.length === 0) return;
          link.claim();
          link.runMs = 0.01;
          began.push(link.has[0]!.name);
          link.answer();
        };
        const pick = (at: number): FakeLink | undefined =>
          driver.alive[at % Math.max(1, driver.alive.length)];
        for (const one of events) {
          if (one.do === "submit") {
            const { key } = one;
            tasks.push(submit(`${key}:${tasks.length}`, one.plain ? { priority: key - 2 } : { key }));
          } else if (one.do === "answer") answer(pick(one.at));
          else if (one.do === "die") pick(one.at)?.gone();
          else if (one.do === "cancel") tasks[one.at % Math.max(1, tasks.length)]?.cancel();
          else dispatcher.resize({ maxWorkers: one.maxWorkers });
          startAll();
          await turn();
        }
        for (let step = 0; step < 500 && driver.links.some(({ has }) => has.length > 0); step++) {
          for (const link of driver.alive) answer(link);
          for (const link of driver.links) if (link.killed) link.gone();
          startAll();
          await turn();
        }
        expect(tasks.filter(({ state }) => state === "pending" || state === "running")).toEqual([]);
        for (const key of [0, 1, 2, 3, 4]) {
          const numbers = tasks
            .filter(({ name, options }) => options.key === key && began.includes(name))
            .map(({ name }) => began.indexOf(name));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 150 },
    );
  });
});
