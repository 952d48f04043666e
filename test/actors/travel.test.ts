import { TravelError } from "offloop";
import { proxy, spawnActor } from "offloop/actors";
import { describe, expect, test } from "vitest";
import { rejection, until } from "../contract/waits.ts";
import { ExitsAtOnce, Hangs, Ledger, OverdrawnError, ThrowsAtOnce } from "../fixtures/actors/ledger.mjs";
import { FakeClock } from "offloop/testing";
import { contract } from "./actors.ts";

contract("the start of an actor", ({ spawn }) => {
  test("takes a class of this file, with what it captures", async () => {
    const step = 2;
    class Steps {
      #at: number;
      constructor(at: number, tell?: (at: number) => void) {
        this.#at = at;
        tell?.(at);
      }
      next(): number {
        return (this.#at += step);
      }
    }
    const steps = await spawn(Steps, [1]);
    expect([await steps.next(), await steps.next()]).toEqual([3, 5]);

    let told: number | undefined;
    await spawn(Steps, [7, proxy((at: number) => void (told = at))]);
    await until(() => told !== undefined);
    expect(told).toBe(7);
  });

  test("rejects with what the constructor threw", async () => {
    const error = await rejection(spawn(ThrowsAtOnce, []));
    expect(error).toBeInstanceOf(OverdrawnError);
    expect(error).toMatchObject({ code: "OVERDRAWN", missing: 1 });
  });

  test("rejects when the constructor ends the worker", async () => {
    expect(await rejection(spawn(ExitsAtOnce, []))).toMatchObject({
      code: "ERR_OFFLOOP_WORKER_LOST",
      exitCode: 5,
    });
  });

  test("rejects when the constructor takes too long", async () => {
    const clock = new FakeClock();
    const late = rejection(spawn(Hangs, [], { clock, startTimeoutMs: 50 }));
    await clock.advance(50);
    expect(await late).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", timeoutMs: 50 });
  });

  test("rejects for a class that cannot get there, with its path", async () => {
    const live = new WeakMap();
    class Holds {
      get(key: object): unknown {
        return live.get(key);
      }
    }
    const error = await rejection(spawn(Holds, []));
    expect(error).toBeInstanceOf(TravelError);
    expect((error as Error).message).toContain("live");
  });
});

describe("spawnActor throws", () => {
  const any = spawnActor as (...args: unknown[]) => unknown;

  test.each([
    ["an object", {}],
    ["undefined", undefined],
    ["an arrow function", () => 1],
    ["a generator", function* () {}],
    ["a promise", Promise.resolve()],
    ["a bound class", Ledger.bind(null)],
    ["a proxied class", new Proxy(Ledger, {})],
    ["a method", { method() {} }.method],
  ])("for %s", (_name, value) => {
    expect(() => any(value, [])).toThrow(TypeError);
    expect(() => any(value, [])).toThrow("the first argument must be a class");
  });

  test("for arguments that are no array", () => {
    expect(() => any(Ledger, 5)).toThrow(
      new TypeError("spawnActor: the arguments of Ledger must be an array, got 5"),
    );
  });

  test("for a class whose remote would be a promise", () => {
    class Thenable {}
    // oxlint-disable-next-line unicorn/no-thenable
    Object.defineProperty(Thenable.prototype, "then", { value: () => 1 });
    expect(() => any(Thenable, [])).toThrow("Thenable has a method then");
  });

  test.each([
    [{ excutor: "thread" }, 'unknown option "excutor"'],
    [{ executor: "inline" }, 'option "executor" must be "thread" or "process", got \'inline\''],
    [{ restart: true }, 'option "restart" must be'],
    [{ maxRestarts: 0 }, 'option "maxRestarts" must be at least 1'],
    [{ startTimeoutMs: 0 }, 'option "startTimeoutMs" must be greater than 0'],
    [{ executor: "process", resourceLimits: { stackSizeMb: 4 } }, "resourceLimits.stackSizeMb"],
  ])("for %o", (options, message) => {
    expect(() => any(Ledger, [], options)).toThrow(message);
  });
});
