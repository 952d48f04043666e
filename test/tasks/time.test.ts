/**
 * sleep, timeout, backoff, aggregate, on a clock that the test moves.
 */
import { InlineExecutor, TaskTimeoutError } from "offloop";
import { aggregate, backoff, type BackoffOptions, sleep, timeout } from "offloop/tasks";
import { FakeClock, gate, waitAt } from "offloop/testing";
import { describe, expect, test } from "vitest";
import { caught, deferred, stateOf, turn, warnings } from "../promises.ts";

describe("sleep", () => {
  test("resolves with its value when the time is over", async () => {
    const clock = new FakeClock();
    const nap = sleep(1_000, "awake", { clock });
    await clock.advance(999);
    expect(await stateOf(nap)).toBe("pending");
    await clock.advance(1);
    expect(await nap).toBe("awake");
  });

  test("an abort ends it with its reason; that counts as handled", async () => {
    const controller = new AbortController();
    const clock = new FakeClock();
    const nap = sleep(1_000, 1, { signal: controller.signal, clock });
    const nobodys = sleep(1_000, 1, { signal: controller.signal, clock });
    controller.abort("up");
    expect(await caught(nap)).toBe("up");
    expect(await caught(sleep(1, 1, { signal: controller.signal }))).toBe("up");
    await turn(); // An unhandled rejection of `nobodys` would fail the test run here.
    expect(await stateOf(nobodys)).toBe("rejected");
  });

  test("Infinity waits for the signal", async () => {
    const controller = new AbortController();
    const clock = new FakeClock();
    const nap = sleep(Infinity, 1, { signal: controller.signal, clock });
    await clock.advance(2 ** 40);
    expect(await stateOf(nap)).toBe("pending");
    controller.abort("up");
    expect(await caught(nap)).toBe("up");
  });

  test("a time longer than a timer of Node is not cut short", async () => {
    const clock = new FakeClock();
    // As the system's clock: it calls early.
    const short = {
      timeOrigin: 0,
      now: () => clock.now(),
      after: (ms: number, call: () => void) => clock.after(Math.min(ms, 100), call),
    };
    const nap = sleep(250, 1, { clock: short });
    await clock.advance(249);
    expect(await stateOf(nap)).toBe("pending");
    await clock.advance(1);
    expect(await nap).toBe(1);
  });

  test.each([[-1], [NaN]])("refuses %s", (ms) => {
    expect(() => sleep(ms)).toThrow(RangeError);
  });

  test("refuses a text", () => {
    expect(() => sleep("5" as never)).toThrow(/sleep.*"ms"/);
  });

  test("refuses options that are no object", () => {
    expect(() => sleep(5, 1, 7 as never)).toThrow(/sleep: options must be an object/);
  });
});

describe("timeout", () => {
  test("a function that is in time", async () => {
    const clock = new FakeClock();
    expect(await timeout(10, async () => 1, { clock })).toBe(1);
    expect(await timeout(10, () => 2, { clock })).toBe(2);
    expect(await timeout(10, Promise.resolve(3), { clock })).toBe(3);
    const error = new Error("own");
    const throws = (): never => {
      throw error;
    };
    expect(await caught(timeout(10, throws, { clock }))).toBe(error);
  });

  test("when the time is up it rejects, and the signal has the same reason", async () => {
    const clock = new FakeClock();
    let signal: AbortSignal | undefined;
    const late = timeout(
      10,
      async function load(given) {
        signal = given;
        return deferred().promise;
      },
      { clock },
    );
    await clock.advance(9);
    expect(await stateOf(late)).toBe("pending");
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    const error = await caught(late.finally(() => {}));
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({
      timeoutMs: 10,
      phase: "running",
      message: expect.stringContaining("load") as string,
    });
    expect(signal?.reason).toBe(error);
  });

  test("cancels a task of an executor, and whatever has a cancel", async () => {
    const clock = new FakeClock();
    await using executor = new InlineExecutor();
    const hold = gate();
    const task = executor.submit(waitAt, [hold.token], { onCancel: "abandon" });
    const limited = timeout(10, { clock })(() => task);
    const outcome = caught(limited());
    await clock.advance(10);
    expect(await outcome).toBeInstanceOf(TaskTimeoutError);
    expect(task.state).toBe("cancelled");
    expect(await caught(task)).toBe(await outcome);
    hold.open();
  });

  test("an error that comes later is warned about, the abort itself is not", async () => {
    const seen = warnings();
    const clock = new FakeClock();
    const [rude, polite] = [deferred(), deferred()];
    const calls = [
      timeout(10, rude.promise, { clock }),
      timeout(10, (signal) => polite.promise.catch(() => signal.throwIfAborted()), { clock }),
    ].map(caught);
    await clock.advance(10);
    await Promise.all(calls);
    rude.reject(new Error("late"));
    polite.reject(new Error("ended"));
    await turn();
    expect(seen.map(({ message }) => message)).toEqual([expect.stringContaining("Error: late")]);
  });

  test("the caller's signal ends it first", async () => {
    const controller = new AbortController();
    const clock = new FakeClock();
    let given: AbortSignal | undefined;
    const work = (signal: AbortSignal): Promise<void> => {
      given = signal;
      return deferred().promise;
    };
    const call = timeout(10, work, { signal: controller.signal, clock });
    controller.abort("left");
    expect(await caught(call)).toBe("left");
    expect(given?.reason).toBe("left");
  });

  test("wraps a function, with its arguments and `this`", async () => {
    const clock = new FakeClock();
    const limited = timeout(10, { clock })(async function add(this: { base: number }, n: number) {
      return this.base + n;
    });
    expect(await limited.call({ base: 40 }, 2)).toBe(42);
    expect(limited.name).toBe("add");
    const stuck = timeout(10, { clock })(() => deferred<number>().promise);
    const outcome = caught(stuck());
    await clock.advance(10);
    expect(await outcome).toBeInstanceOf(TaskTimeoutError);
  });

  test("decorates a method", async () => {
    const clock = new FakeClock();
    class Store {
      readonly answer = 42;
      @timeout(10, { clock })
      async load(name: string): Promise<string> {
        return `${name} ${this.answer}`;
      }
      @timeout(10, { clock })
      async hang(): Promise<void> {
        await deferred().promise;
      }
    }
    const store = new Store();
    expect(await store.load("the answer is")).toBe("the answer is 42");
    const outcome = caught(store.hang());
    await clock.advance(10);
    expect(await outcome).toMatchObject({ message: expect.stringContaining("hang") as string });
  });

  test("decorates as experimentalDecorators do", async () => {
    const clock = new FakeClock();
    class Store {
      async hang(): Promise<void> {
        await deferred().promise;
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Store.prototype, "hang")!;
    (timeout(10, { clock }) as (...args: unknown[]) => void)(Store.prototype, "hang", descriptor);
    Object.defineProperty(Store.prototype, "hang", descriptor);
    const outcome = caught(new Store().hang());
    await clock.advance(10);
    expect(await outcome).toBeInstanceOf(TaskTimeoutError);
  });

  test.each([[-1], [NaN]])("refuses %s", (ms) => {
    expect(() => timeout(ms)).toThrow(RangeError);
    expect(() => timeout(ms, async () => {})).toThrow(RangeError);
  });

  test("wraps only functions", () => {
    expect(() => timeout(10)(5 as never)).toThrow(TypeError);
  });

  test("wraps each function of a list", async () => {
    const [one, two] = [async () => 1, async () => 2].map(timeout(10));
    expect([await one!(), await two!()]).toEqual([1, 2]);
  });

  test.each([[5], [null]])("refuses %s for a promise", (value) => {
    expect(() => timeout(10, value as never)).toThrow(/timeout: options must be an object/);
  });
});

describe("backoff", () => {
  /** Fails with each of the errors, then gives the number of calls. */
  const flaky = (...errors: unknown[]) => {
    let calls = 0;
    return async () => {
      if (calls < errors.length) throw errors[calls++];
      return ++calls;
    };
  };
  const one = new Error("one");
  const two = new Error("two");
  const three = new Error("three");

  test("tries until it succeeds, with pauses", async () => {
    const clock = new FakeClock();
    const call = backoff({ maxTries: 5, pauseMs: 100, clock }, flaky(one, two));
    await clock.advance(199);
    expect(await stateOf(call)).toBe("pending");
    await clock.advance(1);
    expect(await call).toBe(3);
  });

  test("maxTries counts runs: the last error, as it was thrown", async () => {
    expect(await caught(backoff({ maxTries: 2 }, flaky(one, two, three)))).toBe(two);
  });

  test("a pause may depend on the number of tries and the error", async () => {
    const clock = new FakeClock();
    const asked: unknown[] = [];
    const pauseMs = (tries: number, error: unknown): number => {
      asked.push([tries, error]);
      return tries * 10;
    };
    const call = backoff({ maxTries: 3, pauseMs, clock }, flaky(one, two));
    await clock.advance(30);
    expect(await call).toBe(3);
    expect(asked).toEqual([
      [1, one],
      [2, two],
    ]);
  });

  test("a try that takes too long is tried again, whatever retryOn says; its signal aborts", async () => {
    const clock = new FakeClock();
    const signals: AbortSignal[] = [];
    const options: BackoffOptions = { attemptTimeoutMs: 10, maxTries: 2, retryOn: TypeError, clock };
    const call = backoff(options, async (signal, tries) => {
      signals.push(signal);
      return tries === 2 ? "in time" : deferred().promise;
    });
    await clock.advance(10);
    expect(await call).toBe("in time");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  test("at the deadline: the last error of the function itself", async () => {
    const clock = new FakeClock();
    let tries = 0;
    const call = backoff({ deadlineMs: 100, attemptTimeoutMs: 30, pauseMs: 10, clock }, () => {
      if (++tries === 1) throw one;
      return deferred().promise;
    });
    const outcome = caught(call);
    await clock.advance(99);
    expect(await stateOf(outcome)).toBe("pending");
    await clock.advance(1);
    expect(await outcome).toBe(one);
    const calls = tries;
    await clock.advance(1_000);
    expect(tries).toBe(calls);
  });

  test("at the deadline without such an error: TaskTimeoutError", async () => {
    const clock = new FakeClock();
    const outcome = caught(
      backoff({ deadlineMs: 100, attemptTimeoutMs: 30, clock }, () => deferred().promise),
    );
    await clock.advance(100);
    expect(await outcome).toMatchObject({ name: "TimeoutError", timeoutMs: 100 });
  });

  test.each<[string, BackoffOptions["retryOn"]]>([
    ["a class", TypeError],
    ["classes", [RangeError, TypeError]],
    ["a test", (error) => error instanceof TypeError],
  ])("retryOn: %s", async (_kind, retryOn) => {
    const error = new TypeError("again");
    expect(await backoff({ maxTries: 3, retryOn: retryOn! }, flaky(error, error))).toBe(3);
    expect(await caught(backoff({ maxTries: 3, retryOn: retryOn! }, flaky(error, one)))).toBe(one);
  });

  test("giveUp ends it", async () => {
    const giveUp = (error: unknown): boolean => error === two;
    expect(await caught(backoff({ maxTries: 5, giveUp }, flaky(one, two, three)))).toBe(two);
  });

  test("an abort is not tried again", async () => {
    const error = new DOMException("left", "AbortError");
    expect(await caught(backoff({ maxTries: 5 }, flaky(error)))).toBe(error);
  });

  test("the caller's signal ends a try, and a pause", async () => {
    const clock = new FakeClock();
    for (const work of [() => deferred<number>().promise, flaky(one)]) {
      const controller = new AbortController();
      const call = backoff({ maxTries: 2, pauseMs: 1_000, signal: controller.signal, clock }, work);
      await clock.advance(10);
      controller.abort("left");
      expect(await caught(call)).toBe("left");
    }
  });

  test("wraps and decorates", async () => {
    const work = flaky(one);
    const add = backoff({ maxTries: 2 })(async (n: number) => n + (await work()));
    expect(await add(40)).toBe(42);
    const fails = flaky(one, two);
    class Store {
      @backoff({ maxTries: 3 })
      async load(): Promise<number> {
        return fails();
      }
    }
    expect(await new Store().load()).toBe(3);
  });

  test("refuses to try forever by accident", () => {
    expect(() => backoff({ pauseMs: 10 })).toThrow(/deadlineMs.*maxTries/);
  });

  test.each([[{ pauseMs: -1 }], [{ attemptTimeoutMs: NaN }], [{ maxTries: 0 }], [{ deadlineMs: 0 }]])(
    "refuses %o",
    (options) => {
      expect(() => backoff({ maxTries: 1, ...options })).toThrow(RangeError);
    },
  );

  test("a pause function that gives nonsense rejects", async () => {
    expect(await caught(backoff({ maxTries: 2, pauseMs: () => NaN }, flaky(one)))).toBeInstanceOf(RangeError);
  });

  test("a limit of the function's own is an error of its own, however long it is", async () => {
    const clock = new FakeClock();
    const own = new TaskTimeoutError("query", 100, "running");
    const error = backoff({ maxTries: 5, attemptTimeoutMs: 100, retryOn: RangeError, clock }, flaky(own));
    expect(await caught(error)).toBe(own);
  });
});

describe("aggregate", () => {
  test("calls within the time become one", async () => {
    const clock = new FakeClock();
    const batches: number[][] = [];
    const double = aggregate(10, Infinity, { clock })((items: number[]) => {
      batches.push(items);
      return items.map((n) => n * 2);
    });
    const first = double(1);
    await clock.advance(9);
    const second = double(2);
    expect(batches).toEqual([]);
    await clock.advance(1);
    expect(await Promise.all([first, second])).toEqual([2, 4]);
    const third = double(3);
    await clock.advance(10);
    expect(await third).toBe(6);
    expect(batches).toEqual([[1, 2], [3]]);
  });

  test("maxCount sends at once, and the next batch has its own time", async () => {
    const clock = new FakeClock();
    const echo = aggregate(10, 2, { clock })(async (items: string[]) => items);
    const [a, b, c] = ["a", "b", "c"].map((item) => echo(item));
    expect(await Promise.all([a, b])).toEqual(["a", "b"]);
    await clock.advance(9);
    expect(await stateOf(c!)).toBe("pending");
    await clock.advance(1);
    expect(await c).toBe("c");
  });

  test("an error rejects all, an Error among the results only its call", async () => {
    const clock = new FakeClock();
    const error = new Error("no");
    const fails = aggregate(1, 2, { clock })((_items: number[]): number[] => {
      throw error;
    });
    expect(await Promise.all([fails(1), fails(2)].map(caught))).toEqual([error, error]);
    const half = aggregate(1, 2, { clock })((items: number[]) => items.map((n) => (n === 1 ? error : n)));
    const [one, two] = [half(1), half(2)];
    expect(await caught(one)).toBe(error);
    expect(await two).toBe(2);
  });

  test.each([[[]], [[1, 2, 3]], ["ab"], [undefined]])("%o for two items rejects both", async (results) => {
    const wrong = aggregate(1, 2)((_items: number[]) => results as never[]);
    for (const error of await Promise.all([wrong(1), wrong(2)].map(caught))) {
      expect(error).toBeInstanceOf(TypeError);
    }
  });

  test.each([
    [-1, 1],
    [NaN, 1],
    [1, 0],
    [1, 1.5],
  ])("refuses %s, %s", (leewayMs, maxCount) => {
    expect(() => aggregate(leewayMs, maxCount)).toThrow(RangeError);
  });

  test("refuses to wait forever by accident", () => {
    expect(() => aggregate(Infinity)).toThrow(/leewayMs.*maxCount/);
    expect(() => aggregate(1, 2, 5 as never)).toThrow(/aggregate: options must be an object/);
  });
});
