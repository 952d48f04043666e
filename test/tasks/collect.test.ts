/**
 * The tools that take several promises: gather, wait, asCompleted, shield.
 */
import { InlineExecutor } from "offloop";
import {
  ALL_COMPLETED,
  asCompleted,
  FIRST_COMPLETED,
  FIRST_ERROR,
  gather,
  shield,
  wait,
  type WaitOptions,
} from "offloop/tasks";
import { FakeClock } from "offloop/testing";
import { describe, expect, test } from "vitest";
import { caught, deferred, stateOf, turn, warnings } from "../promises.ts";

/** Has a `cancel`, as tasks of executors have. */
function cancellable(): Promise<never> & { cancel(reason: unknown): void } {
  const { promise, reject } = deferred<never>();
  return Object.assign(promise, { cancel: reject });
}

describe("gather", () => {
  test("gives results in the order of the promises, values as they are", async () => {
    const [late, early] = [deferred<string>(), deferred<string>()];
    const all = gather([late.promise, 7, early.promise, undefined]);
    early.resolve("early");
    expect(await stateOf(all)).toBe("pending");
    late.resolve("late");
    expect(await all).toEqual(["late", 7, "early", undefined]);
  });

  test("of nothing, and of any iterable", async () => {
    expect(await gather([])).toEqual([]);
    expect(await gather(new Set([Promise.resolve(1), 2]))).toEqual([1, 2]);
  });

  test("rejects with the first error at once; the others go on, and their errors are warned about", async () => {
    const seen = warnings();
    const [one, two, three] = [deferred(), deferred(), cancellable()];
    const all = gather([one.promise, two.promise, three]);
    const [first, second] = [new Error("first"), new Error("second")];
    two.reject(first);
    expect(await caught(all)).toBe(first);
    expect(await stateOf(three)).toBe("pending");
    one.reject(second);
    three.cancel(new DOMException("asked to end", "AbortError"));
    await turn();
    expect(seen).toEqual([
      { code: "OFFLOOP_WARN_UNSEEN_ERROR", message: expect.stringContaining("Error: second") as string },
    ]);
  });

  test("one promise twice is one error", async () => {
    const seen = warnings();
    const promise = Promise.reject(new Error("once"));
    await caught(gather([promise, promise]));
    await turn();
    expect(seen).toEqual([]);
  });

  test("returnErrors puts errors in their place; what is no Error becomes the cause of one", async () => {
    const error = new TypeError("no");
    const results = await gather([1, Promise.reject(error), Promise.reject("text")], {
      returnErrors: true,
    });
    expect(results.slice(0, 2)).toEqual([1, error]);
    expect(results[2]).toBeInstanceOf(Error);
    expect(results[2].cause).toBe("text");
  });

  test("an abort rejects with its reason and cancels what can be cancelled", async () => {
    const controller = new AbortController();
    const [plain, task] = [deferred(), cancellable()];
    const all = gather([plain.promise, task], { signal: controller.signal, returnErrors: true });
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await caught(all)).toBe(reason);
    expect(await caught(task)).toBe(reason);
    expect(await stateOf(plain.promise)).toBe("pending");
  });

  test("an abort cancels waiting tasks of an executor", async () => {
    await using executor = new InlineExecutor();
    const task = executor.submit(() => 1, []);
    const all = gather([task], { signal: AbortSignal.abort(new Error("before")) });
    expect(await caught(all)).toMatchObject({ message: "before" });
    expect(await task).toBe(1); // It was not begun: an aborted signal touches nothing.
    const controller = new AbortController();
    const second = executor.submit(() => 2, []);
    const both = gather([second], { signal: controller.signal });
    controller.abort(new Error("now"));
    expect(await caught(both)).toMatchObject({ message: "now" });
    expect(second.state).toBe("cancelled");
  });

  test.each([[undefined], [5], [Promise.resolve([])]])("refuses %s", (value) => {
    expect(() => gather(value as never)).toThrow(TypeError);
  });

  test("refuses unknown options and wrong ones", () => {
    expect(() => gather([], { returnExceptions: true } as never)).toThrow(/returnExceptions/);
    expect(() => gather([], { returnErrors: 1 } as never)).toThrow(/returnErrors/);
  });

  test("a cancel that throws keeps nobody else from being asked, or from being told", async () => {
    const seen = warnings();
    const controller = new AbortController();
    const { signal } = controller;
    const broken = Object.assign(deferred().promise, {
      cancel() {
        throw new Error("cannot");
      },
    });
    const fails = Object.assign(deferred().promise, { cancel: () => Promise.reject(new Error("cannot")) });
    const task = cancellable();
    const all = [gather([broken, fails, task], { signal }), gather([1, deferred().promise], { signal })];
    controller.abort("enough");
    expect(await Promise.all(all.map(caught))).toEqual(["enough", "enough"]);
    expect(await caught(task)).toBe("enough");
    await turn();
    expect(seen.map(({ code }) => code)).toEqual(
      Array.from({ length: 2 }, () => "OFFLOOP_WARN_UNSEEN_ERROR"),
    );
  });
});

describe("wait", () => {
  const run = (options?: WaitOptions) => {
    const inputs = [deferred<number>(), deferred<number>(), deferred<number>()] as const;
    const promises = inputs.map(({ promise }) => promise);
    return { inputs, promises, waiting: wait(promises, options) };
  };

  test("ALL_COMPLETED: until all are settled, either way", async () => {
    const { inputs, promises, waiting } = run();
    inputs[2].resolve(2);
    inputs[0].reject(new Error("no"));
    expect(await stateOf(waiting)).toBe("pending");
    inputs[1].resolve(1);
    const { done, pending } = await waiting;
    expect([...done]).toEqual([promises[2], promises[0], promises[1]]);
    expect(pending.size).toBe(0);
  });

  test("FIRST_COMPLETED: until one is, with all that are by then", async () => {
    const { inputs, promises, waiting } = run({ returnWhen: FIRST_COMPLETED });
    inputs[1].reject(new Error("no"));
    inputs[2].resolve(2);
    const { done, pending } = await waiting;
    expect([...done]).toEqual([promises[1], promises[2]]);
    expect([...pending]).toEqual([promises[0]]);
    inputs[0].resolve(0);
    await turn();
    expect(pending.size).toBe(1);
  });

  test("FIRST_ERROR: until one is rejected", async () => {
    const { inputs, promises, waiting } = run({ returnWhen: FIRST_ERROR });
    inputs[0].resolve(0);
    expect(await stateOf(waiting)).toBe("pending");
    inputs[1].reject(new Error("no"));
    const { done, pending } = await waiting;
    expect([done.size, [...pending]]).toEqual([2, [promises[2]]]);
  });

  test("the time limit resolves, and cancels nothing", async () => {
    const clock = new FakeClock();
    const task = cancellable();
    const waiting = wait([task, 5], { timeoutMs: 100, clock });
    await clock.advance(99);
    expect(await stateOf(waiting)).toBe("pending");
    await clock.advance(1);
    const { done, pending } = await waiting;
    expect([[...done], [...pending]]).toEqual([[5], [task]]);
    expect(await stateOf(task)).toBe("pending");
  });

  test("an abort ends the waiting with its reason", async () => {
    const controller = new AbortController();
    const waiting = wait([deferred().promise], { signal: controller.signal, returnWhen: ALL_COMPLETED });
    controller.abort("enough");
    expect(await caught(waiting)).toBe("enough");
  });

  test("of nothing resolves at once", async () => {
    expect(await wait([])).toEqual({ done: new Set(), pending: new Set() });
  });

  test.each([[{ timeoutMs: -1 }], [{ timeoutMs: NaN }]])("refuses %o", (options) => {
    expect(() => wait([], options)).toThrow(RangeError);
  });

  test("refuses another returnWhen", () => {
    expect(() => wait([], { returnWhen: "FIRST_EXCEPTION" } as never)).toThrow(/returnWhen.*FIRST_ERROR/);
  });

  test("of many that are settled at once costs no copy for each", async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => Promise.resolve(index));
    const { done, pending } = await wait(many, { returnWhen: FIRST_COMPLETED });
    expect([done.size, pending.size]).toEqual([20_000, 0]);
  });
});

describe("asCompleted", () => {
  test("for await gives results as they come", async () => {
    const [one, two] = [deferred<number>(), deferred<number>()];
    const results = asCompleted([one.promise, two.promise, 3])[Symbol.asyncIterator]();
    expect(await results.next()).toEqual({ done: false, value: 3 });
    const next = results.next();
    two.resolve(2);
    expect(await next).toEqual({ done: false, value: 2 });
    one.resolve(1);
    expect(await results.next()).toEqual({ done: false, value: 1 });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  test("for gives a promise for each, errors by themselves", async () => {
    const outcomes: unknown[] = [];
    for (const next of asCompleted([Promise.reject(new Error("no")), Promise.resolve("yes")])) {
      outcomes.push(await next.catch((error: Error) => error.message));
    }
    expect(outcomes).toEqual(["no", "yes"]);
  });

  test("an error that comes after the loop has ended is warned about", async () => {
    const seen = warnings();
    const late = deferred<number>();
    for await (const value of asCompleted([1, late.promise])) {
      expect(value).toBe(1);
      break;
    }
    late.reject(new Error("late"));
    await turn();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.message).toContain("Error: late");
  });

  test("after the time limit what is missing is late", async () => {
    const clock = new FakeClock();
    const [first, second] = asCompleted([1, deferred<number>().promise], { timeoutMs: 50, clock });
    expect(await first).toBe(1);
    await clock.advance(49);
    expect(await stateOf(second!)).toBe("pending");
    await clock.advance(1);
    expect(await caught(second!)).toMatchObject({ name: "TimeoutError", timeoutMs: 50 });
  });

  test("an abort ends what is missing, an aborted signal too", async () => {
    const controller = new AbortController();
    const [first, second] = asCompleted([1, deferred().promise], { signal: controller.signal });
    expect(await first).toBe(1);
    controller.abort("enough");
    expect(await caught(second!)).toBe("enough");
    const [only] = asCompleted([deferred().promise], { signal: AbortSignal.abort("before") });
    expect(await caught(only!)).toBe("before");
  });

  test("of nothing ends at once", async () => {
    expect([...asCompleted([])]).toEqual([]);
  });

  test("the rest of a `for` that ended early fails seen", async () => {
    const seen = warnings();
    const late = deferred();
    for (const next of asCompleted([1, late.promise])) {
      expect(await next).toBe(1);
      break;
    }
    late.reject(new Error("lost?"));
    await turn();
    expect(seen.map(({ message }) => message)).toEqual([expect.stringContaining("lost?")]);
  });
});

describe("shield", () => {
  test("is what the promise is", async () => {
    const error = new Error("no");
    expect(await shield(Promise.resolve(1))).toBe(1);
    expect(await shield(2)).toBe(2);
    expect(await caught(shield(Promise.reject(error)))).toBe(error);
  });

  test("who waits may leave: the work goes on, its error is warned about", async () => {
    const seen = warnings();
    const controller = new AbortController();
    const task = cancellable();
    const shielded = shield(task, { signal: controller.signal });
    controller.abort("enough");
    expect(await caught(shielded)).toBe("enough");
    expect(await stateOf(task)).toBe("pending");
    task.cancel(new Error("lost?"));
    await turn();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.message).toContain("lost?");
  });

  test("keeps a gather around it from cancelling", async () => {
    const controller = new AbortController();
    const task = cancellable();
    const all = gather([shield(task)], { signal: controller.signal });
    controller.abort("enough");
    expect(await caught(all)).toBe("enough");
    expect(await stateOf(task)).toBe("pending");
  });
});
