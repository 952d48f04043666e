/** Nothing that is given to an actor is taken as it comes. */
import { ACTOR_OPTION_CHECKS, completeActorOptions } from "#internal/actors/options";
import { transferableAbortSignal } from "node:util";
import { transfer } from "offloop";
import { proxy, spawnActor } from "offloop/actors";
import { describe, expect, test } from "vitest";
import { rejection } from "../contract/waits.ts";
import { Ledger } from "../fixtures/actors/ledger.mjs";
import { contract } from "./actors.ts";

const any = spawnActor as (...args: unknown[]) => unknown;
const nothing = Symbol("nothing that an option can be");

describe("an actor's option", () => {
  test.each(Object.keys(ACTOR_OPTION_CHECKS))("%s", (option) => {
    const make = (): unknown => completeActorOptions({ [option]: nothing }, "Ledger");
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`spawnActor.*"${option}".*nothing that an option can be`));
  });

  test.each([
    [null, "options must be an object, got null"],
    [[], "options must be a plain object"],
    [{ [Symbol("s")]: 1 }, "unknown option Symbol(s)"],
    [{ maxRestart: 3 }, 'unknown option "maxRestart"'],
    [{ restart: "always" }, "got 'always'"],
    [{ restart: "on-crash", maxRestarts: 1.5 }, 'option "maxRestarts" must be a whole number'],
    [{ restart: "on-crash", maxRestarts: NaN }, 'option "maxRestarts" must be at least 1, got NaN'],
    [{ restart: "on-crash", restartDelayMs: NaN }, 'option "restartDelayMs" must be at least 0'],
    [{ restart: "on-crash", restartDelayMs: Infinity }, "got Infinity"],
    [
      { restart: "on-crash", restartDelayMs: 9, maxRestartDelayMs: 8 },
      "at least restartDelayMs, 9 (milliseconds), got 8",
    ],
    [{ maxRestarts: 3 }, 'option "maxRestarts" needs restart: "on-crash", got "never"'],
    [{ restart: "never", maxRestartDelayMs: 3 }, 'option "maxRestartDelayMs" needs restart'],
    [{ restartDelayMs: 0 }, 'option "restartDelayMs" needs restart: "on-crash", got "never"'],
    [{ restart: "on-crash", maxRestartDelayMs: 50 }, "at least restartDelayMs, 100 (milliseconds), got 50"],
    [{ startTimeoutMs: NaN }, 'option "startTimeoutMs" must be greater than 0'],
    [{ disposeTimeoutMs: -1 }, 'option "disposeTimeoutMs" must be at least 0'],
    [{ nice: 20 }, 'option "nice" must be at least 0 and at most 19, got 20'],
    [{ name: "" }, 'option "name" must be a non-empty string'],
    [{ stdio: "pipe" }, 'option "stdio" must be "inherit" or "ignore" or "stderr"'],
    [{ resourceLimits: { maxOldGenerationSizeMb: "48" } }, "maxOldGenerationSizeMb"],
  ])("%o", (options, message) => {
    expect(() => any(Ledger, [], options)).toThrow(message);
  });

  test("a long pause is not cut to the default limit", () => {
    const { maxRestartDelayMs } = completeActorOptions(
      { restart: "on-crash", restartDelayMs: 60_000 },
      "Ledger",
    );
    expect(maxRestartDelayMs).toBe(60_000);
  });
});

describe("proxy refuses", () => {
  test.each([
    [undefined, "got undefined"],
    [null, "got null"],
    [5, "got 5"],
    ["text", 'got "text"'],
    // oxlint-disable-next-line unicorn/no-thenable -- what is refused
    [Object.assign(() => 1, { then: () => 1 }), "must not have a method then, got the function"],
    [Promise.resolve(1), "must not have a method then, got a Promise"],
  ])("%o", (value, message) => {
    expect(() => proxy(value as never)).toThrow(TypeError);
    expect(() => proxy(value as never)).toThrow(message);
  });
});

class Builder {
  add(): this {
    return this;
  }
  *rows() {
    yield 1;
  }
  take(value: unknown): unknown {
    return value;
  }
}

class Listener {
  #aborted: Promise<string> | undefined;
  listen({ signal }: { signal: AbortSignal }): void {
    this.#aborted = new Promise((resolve) => {
      signal.addEventListener("abort", () => resolve("aborted"));
    });
  }
  aborted(): Promise<string> | undefined {
    return this.#aborted;
  }
}

contract("a signal that is transferred", ({ executor, spawn }) => {
  test("aborts in a thread, and is refused by a process", async () => {
    const listener = await spawn(Listener, []);
    const controller = new AbortController();
    const signal = transferableAbortSignal(controller.signal);
    const call = listener.listen(transfer({ signal }, [signal as never]));
    if (executor === "process") {
      expect(await rejection(call)).toMatchObject({ direction: "argument", path: "args[0].signal" });
      return;
    }
    await call;
    const aborted = listener.aborted();
    controller.abort();
    expect(await aborted).toBe("aborted");
  });
});

contract("an actor names", ({ spawn }) => {
  test("the argument that cannot be copied", async () => {
    const builder = await spawn(Builder, []);
    const shout = { shout: () => 1 };
    for (const [given, path] of [
      [Symbol("s"), "args[0]"],
      [new WeakMap(), "args[0]"],
      [{ deep: [() => 1] }, "args[0].deep[0]"],
      [new AbortController().signal, "args[0]"],
      [{ signal: new AbortController().signal }, "args[0].signal"],
      [{ progress: proxy(() => 1) }, "args[0].progress"],
      // It would be copied, and not be a callback at all.
      [{ speaker: proxy({ volume: 1 }) }, "args[0].speaker"],
      [{ speaker: proxy(shout) }, "args[0].speaker"],
    ] as const) {
      expect(await rejection(builder.take(given))).toMatchObject({
        code: "ERR_OFFLOOP_SERIALIZATION",
        direction: "argument",
        path,
      });
    }
    expect(await builder.take(1)).toBe(1);
  });

  test("the result that stays there", async () => {
    const builder = await spawn(Builder, []);
    for (const call of [builder.add(), builder.rows()]) {
      expect(await rejection(call)).toMatchObject({
        code: "ERR_OFFLOOP_SERIALIZATION",
        direction: "result",
        path: "result",
      });
    }
    const error = (await rejection(builder.add())) as Error;
    expect(error.message).toContain("the object itself");
  });

  test("what it is called with after its disposal", async () => {
    const builder = await spawn(Builder, []);
    await builder.dispose();
    expect(await rejection(builder.take(1))).toMatchObject({
      code: "ERR_OFFLOOP_ACTOR_DISPOSED",
      message: expect.stringContaining("Builder.take") as string,
    });
  });

  test.each([
    [null, "options must be an object, got null"],
    [{ timeout: 1 }, 'unknown option "timeout"'],
    [{ timeoutMs: NaN }, 'option "timeoutMs" must be at least 0'],
    [{ timeoutMs: "5" }, "option \"timeoutMs\" must be a number (milliseconds), got '5'"],
  ])("the bad option of dispose %o", async (options, message) => {
    const builder = await spawn(Builder, []);
    expect(() => builder.dispose(options as never)).toThrow(message);
  });
});
