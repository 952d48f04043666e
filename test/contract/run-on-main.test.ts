import {
  DeadlockError,
  type Executor,
  expose,
  NotExposedError,
  runOnMain,
  SerializationError,
} from "offloop";
import { describe, expect, test } from "vitest";
import {
  ask,
  askAndCatch,
  askAndLeave,
  askMany,
  askSync,
  askSyncAfterFullStack,
  askSyncAndCatch,
  askSyncWhileAsking,
  askWithDepth,
  askWithFunction,
} from "../fixtures/contract/main-calls.mjs";
import { echo, triple } from "../fixtures/contract/values.mjs";
import { contract } from "./executors.ts";
import { linesOf, rejection, turn, until } from "./waits.ts";

const seen: unknown[] = [];
expose({
  "main.triple": triple,
  "main.echo": (value: unknown) => value,
  "main.later": async (value: unknown) => {
    await turn();
    return value;
  },
  "main.note": (value: unknown) => void seen.push(value),
  "main.fail": () => {
    throw Object.assign(new RangeError("no"), { detail: { code: 7 } });
  },
  "main.reject": async () => {
    await turn();
    throw new TypeError("later");
  },
  "main.function": () => ({ inner: () => {} }),
  "main.depth": (links: { next?: object } | undefined) => {
    let depth = 0;
    for (let at = links; at !== undefined; at = at.next) depth++;
    return depth;
  },
});

const both = [
  ["runOnMain", ask],
  ["runOnMain.sync", askSync],
] as const;

contract("what a task runs on main", ({ shared, make, file, apart, kind }) => {
  test.each(both)("%s gives what the function gives", async (_name, via) => {
    expect(await shared().submit(via, ["main.triple", 14])).toBe(42);
    expect(await shared().submit(via, ["main.echo", undefined])).toBe(undefined);
  });

  test.each(both)("%s copies both ways", async (_name, via) => {
    const object = { list: [1, { at: new Date(5) }], map: new Map([["a", 1n]]) };
    seen.length = 0;
    await shared().submit(via, ["main.note", object]);
    expect(seen).toEqual([object]);
    expect(seen[0]).not.toBe(object);
    expect(await shared().submit(via, ["main.echo", object])).toEqual(object);
    const bytes = Buffer.from("abc");
    await shared().submit(via, ["main.note", bytes]);
    expect(Buffer.isBuffer(seen[1])).toBe(true);
    expect((seen[1] as Buffer).buffer.byteLength).toBe(3);
  });

  test.runIf(apart)("a synchronous call that ended half-way leaves its answer to nobody", async () => {
    expose({ "main.first": () => "first", "main.second": () => "second" });
    expect(await shared().submit(askSyncAfterFullStack, ["main.first", "main.second"])).toBe("second");
  });

  test.runIf(kind === "thread")(
    "a synchronous call while another one waits keeps both answers apart",
    async () => {
      const [executor, path] = [make(), file()];
      let answerOuter: (value: string) => void = () => {};
      expose({
        "main.outer": () => {
          task.cancel();
          return new Promise((resolve) => (answerOuter = resolve));
        },
        "main.inner": async () => {
          answerOuter("outer");
          await turn();
          return "inner";
        },
      });
      const names = ["main.outer", "main.inner", path] as const;
      const task = executor.submit(askSyncWhileAsking, [...names], { cancelGraceMs: 15_000 });
      await rejection(task);
      await until(() => linesOf(path).length === 2);
      expect(linesOf(path)).toEqual(["inner", "outer"]);
    },
  );

  test("the task may wait for a promise", async () => {
    expect(await shared().submit(ask, ["main.later", "x"])).toBe("x");
    if (apart) expect(await shared().submit(askSync, ["main.later", "x"])).toBe("x");
    else {
      const error = await rejection(shared().submit(askSync, ["main.later", "x"]));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain('"main.later" gives a promise');
    }
  });

  test("errors are themselves", async () => {
    const thrown = { name: "RangeError", message: "no", isRange: true, detail: { code: 7 } };
    expect(await shared().submit(askAndCatch, ["main.fail"])).toEqual(thrown);
    expect(await shared().submit(askSyncAndCatch, ["main.fail"])).toEqual({
      name: "RangeError",
      message: "no",
    });
    const error = await rejection(shared().submit(ask, ["main.reject"]));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: "later" });
  });

  test.each(both)("%s of a name that is not exposed tells what is", async (_name, via) => {
    const error = await rejection(shared().submit(via, ["main.unknown"]));
    expect(error).toBeInstanceOf(NotExposedError);
    expect(error).toMatchObject({
      code: "ERR_OFFLOOP_NOT_EXPOSED",
    });
    expect((error as NotExposedError).exposed).toContain("main.echo");
    expect((error as Error).message).toMatch(/"main\.unknown".*"main\.echo"/s);
  });

  test.each([true, false])("what cannot be copied is named (sync: %s)", async (sync) => {
    const error = await rejection(shared().submit(askWithFunction, [sync]));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ direction: "argument", path: "args[0].deep[0]" });
    const result = await rejection(shared().submit(sync ? askSync : ask, ["main.function"]));
    expect(result).toBeInstanceOf(SerializationError);
    expect(result).toMatchObject({ direction: "result", path: "result.inner" });
  });

  test.each([true, false])("what main cannot read settles too (sync: %s)", async (sync) => {
    for (const depth of [1_500, 3_000, 6_000, 12_000]) {
      const outcome: unknown = await shared()
        .submit(askWithDepth, [sync, depth])
        .catch((error: { code?: string; name: string }) => error.code ?? error.name);
      expect([depth, "ERR_OFFLOOP_SERIALIZATION", "RangeError"]).toContain(outcome);
    }
    expect(await shared().submit(triple, [1])).toBe(3);
  });

  test("many at once are each answered", async () => {
    const expected = Array.from({ length: 200 }, (_, n) => n * 3);
    expect(await shared().submit(askMany, ["main.triple", 200])).toEqual([...expected, ...expected]);
  });

  test("a large one, both ways", async () => {
    const bytes = Buffer.alloc(5_000_000, 7);
    for (const via of [ask, askSync]) {
      const back = (await shared().submit(via, ["main.echo", bytes])) as Buffer;
      expect(bytes.equals(back)).toBe(true);
    }
  });

  test("of calls that leave together", async () => {
    const executor = make();
    const tasks = Array.from({ length: 300 }, (_, n) =>
      executor.submit(n % 3 === 0 ? askSync : echo, ["main.echo", n] as never),
    );
    const expected = tasks.map((_, n) => (n % 3 === 0 ? n : "main.echo"));
    expect(await Promise.all(tasks)).toEqual(expected);
  });

  test("a call that is left behind harms nobody", async () => {
    const executor = make();
    expect(await executor.submit(askAndLeave, ["main.later"])).toBe("left");
    expect(await executor.submit(askAndLeave, ["main.reject"])).toBe("left");
    expect(await executor.submit(triple, [1])).toBe(3);
  });

  describe("and that waits for its own executor", () => {
    const exposeInner = (executor: Executor): void =>
      expose({
        "main.inner": async () => await executor.submit(triple, [5], { name: "inner" }),
        "main.innerUnawaited": () => {
          seen.push(executor.submit(triple, [5]));
        },
      });

    test("is refused when no worker can become free", async () => {
      const executor = make();
      exposeInner(executor);
      const error = await rejection(executor.submit(ask, ["main.inner"], { name: "outer" }));
      expect(error).toBeInstanceOf(DeadlockError);
      expect(error).toMatchObject({
        code: "ERR_OFFLOOP_DEADLOCK",
        chain: ["outer", 'runOnMain("main.inner")', "inner"],
      });
      expect((error as Error).message).toContain('outer → runOnMain("main.inner") → inner');
      expect(await executor.submit(triple, [1])).toBe(3);
      expect(executor.statistics()).toMatchObject({ pending: 0, running: 0, rejected: 2 });
    });

    test("may leave a call there that it does not wait for", async () => {
      const executor = make();
      exposeInner(executor);
      seen.length = 0;
      expect(await executor.submit(ask, ["main.innerUnawaited"])).toBeUndefined();
      expect(await seen[0]).toBe(15);
    });

    test("what it leaves behind on main waits for nothing, so it may", async () => {
      const executor = make();
      let end: () => void = () => {};
      const ended = new Promise<void>((resolve) => (end = resolve));
      let left: Promise<unknown> | undefined;
      expose({
        "main.leave": () => {
          const later = async (): Promise<unknown> => {
            await ended;
            return [await executor.broadcast(triple, 1), await executor.submit(triple, [2])];
          };
          left = later();
        },
      });
      await executor.submit(ask, ["main.leave"]);
      end();
      expect(await left).toEqual([[3], 6]);
    });

    test("is refused a stream that no worker can begin", async () => {
      const executor = make();
      expose({
        "main.stream": async () => {
          const items: number[] = [];
          for await (const item of executor.stream((n: number) => [n], [1])) items.push(item);
          return items;
        },
      });
      expect(await rejection(executor.submit(ask, ["main.stream"]))).toBeInstanceOf(DeadlockError);
      expect(await executor.submit(triple, [1])).toBe(3);
    });

    test.runIf(apart)("may wait while another worker's call to main is no part of the circle", async () => {
      const executor = make({ maxWorkers: 2 });
      exposeInner(executor);
      let end: (value: string) => void = () => {};
      let begun: () => void = () => {};
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      expose({
        "main.slow": () => {
          begun();
          return new Promise((resolve) => (end = resolve));
        },
      });
      const slow = executor.submit(ask, ["main.slow"]);
      await isBegun;
      const inner = executor.submit(ask, ["main.inner"]);
      await until(() => executor.statistics().pending === 1);
      end("slept");
      expect(await Promise.all([slow, inner])).toEqual(["slept", 15]);
    });

    test("goes through another one and back", async () => {
      const [first, second] = [make(), make()];
      expose({
        "main.there": async () => await second.submit(ask, ["main.back"], { name: "there" }),
        "main.back": async () => await first.submit(triple, [1], { name: "back" }),
      });
      const error = await rejection(first.submit(ask, ["main.there"], { name: "start" }));
      expect(error).toBeInstanceOf(DeadlockError);
      expect(error).toMatchObject({
        chain: ["start", 'runOnMain("main.there")', "there", 'runOnMain("main.back")', "back"],
      });
    });

    test("is refused a broadcast", async () => {
      const executor = make();
      expose({ "main.broadcast": async () => await executor.broadcast(triple, 1) });
      const error = await rejection(executor.submit(ask, ["main.broadcast"], { name: "outer" }));
      expect(error).toBeInstanceOf(DeadlockError);
      expect(error).toMatchObject({ chain: ["outer", 'runOnMain("main.broadcast")', "broadcast(triple)"] });
    });

    test.runIf(apart)("waits for a worker that is free, or will be", async () => {
      const executor = make({ maxWorkers: 2 });
      exposeInner(executor);
      expect(await executor.submit(ask, ["main.inner"])).toBe(15);
      expect(await executor.submit(askSync, ["main.inner"])).toBe(15);
      const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => executor.submit(ask, ["main.inner"])));
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(DeadlockError);
        else expect(outcome.value).toBe(15);
      }
      await until(() => executor.statistics().pending + executor.statistics().running === 0);
    });
  });

  test("knows of no task on main", async () => {
    expose({ "main.kind": () => kind });
    expect(await shared().submit(ask, ["main.kind"])).toBe(kind);
  });
});

describe("runOnMain on main", () => {
  test("runs the function right there, on copies", async () => {
    const object = { a: 1 };
    const back = await runOnMain<object>("main.echo", object);
    expect(back).toEqual(object);
    expect(back).not.toBe(object);
    expect(runOnMain.sync("main.triple", 2)).toBe(6);
    expect(await rejection(runOnMain("main.fail"))).toBeInstanceOf(RangeError);
    expect(await rejection(runOnMain("main.nothing"))).toBeInstanceOf(NotExposedError);
    expect(() => runOnMain.sync("main.later")).toThrow(/gives a promise/);
    // oxlint-disable-next-line unicorn/no-thenable -- what query builders of databases are
    expose({ "main.query": () => Object.assign(() => 1, { then: () => {} }) });
    expect(() => runOnMain.sync("main.query")).toThrow(/gives a promise/);
  });

  test("bad input is named", () => {
    expect(() => runOnMain(5 as never)).toThrow(/^runOnMain: name must be a string, got number/);
    expect(() => runOnMain.sync({} as never)).toThrow(/^runOnMain\.sync: name must be a string/);
    expect(() => expose(null as never)).toThrow(/^expose: functions must be an object/);
    expect(() => expose({ a: 5 } as never)).toThrow(/^expose: functions\.a must be a function, got number/);
    expect(() => expose({}, { timeoutMs: 0 })).toThrow(RangeError);
    expect(() => expose({}, { limit: 5 } as never)).toThrow(/unknown option "limit"/);
  });
});
