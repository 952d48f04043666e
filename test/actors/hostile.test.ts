/** What nobody should do to an actor, and what becomes of it. */
import { ActorDisposedError, WorkerLostError } from "offloop";
import { proxy } from "offloop/actors";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { rejection, until } from "../contract/waits.ts";
import { Mortal } from "../fixtures/actors/mortal.mjs";
import { contract } from "./actors.ts";

class Odd {
  readonly given: unknown[];
  constructor(...given: unknown[]) {
    this.given = given;
  }
  get peril(): never {
    throw new Error("a getter was called");
  }
  set peril(_value: never) {
    throw new Error("a setter was called");
  }
  get dispose(): () => void {
    throw new Error("a getter was called at the end");
  }
  toString(): string {
    return "odd";
  }
  async *rows(): AsyncGenerator<number> {
    yield 1;
  }
  fails(): never {
    const inner = new RangeError("inner", { cause: { code: 5 } });
    throw new Error("outer", { cause: new TypeError("middle", { cause: inner }) });
  }
  async later(callback: () => unknown): Promise<string> {
    setImmediate(() => void callback());
    return "left";
  }
  [Symbol.dispose](): void {}
}

contract("an actor", ({ executor, spawn }) => {
  test("with 10 000 pending calls settles each when it dies", { timeout: 60_000 }, async () => {
    const mortal = await spawn(Mortal, []);
    const calls = [mortal.exit(7), ...Array.from({ length: 10_000 }, () => mortal.ping())];
    const errors = (await Promise.all(calls.map((call) => rejection(call)))) as WorkerLostError[];
    expect(errors.filter(({ phase, attempts }) => phase === "running" && attempts === 1)).toHaveLength(1);
    expect(errors.filter(({ phase, attempts }) => phase === "unknown" && attempts === 0)).toHaveLength(
      10_000,
    );
  });

  test.runIf(executor === "process")("is killed from outside in a call", async () => {
    const mortal = await spawn(Mortal, []);
    const pid = await mortal.pid();
    const lost = [mortal.never(), mortal.ping()].map((call) => rejection(call));
    process.kill(pid, "SIGKILL");
    const killed = { signal: "SIGKILL", exitCode: null, oom: false };
    expect(await Promise.all(lost)).toMatchObject([killed, { ...killed, phase: "unknown", attempts: 0 }]);
  });

  test("that blocks in a call does not hold back the answer before it", async () => {
    class Blocks {
      print(length: number): Buffer {
        console.error("printed by a test: ".padEnd(100_000));
        return Buffer.alloc(length);
      }
      forever(): never {
        for (;;);
      }
    }
    const blocks = await spawn(Blocks, [], { stdio: "ignore" });
    const answer = blocks.print(20_000_000);
    const blocked = rejection(blocks.forever());
    expect((await answer).length).toBe(20_000_000);
    await blocks.dispose({ timeoutMs: 0 });
    expect(await blocked).toBeInstanceOf(ActorDisposedError);
  });

  test("that dies in a callback leaves the callback alone", async () => {
    const mortal = await spawn(Mortal, []);
    let answer = (): void => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    let ended = false;
    let inside: Promise<unknown> | undefined;
    const callback = proxy(async () => {
      inside = rejection(mortal.exit(7));
      await held;
      ended = true;
      return () => "cannot be copied, and nobody is there";
    });
    const call = rejection(mortal.callback(callback));
    expect(await call).toMatchObject({ exitCode: 7, phase: "running" });
    expect(await inside).toBeInstanceOf(WorkerLostError);
    expect(ended).toBe(false);
    answer();
    await until(() => ended);
  });

  test("calls a callback after its call, and after its disposal nobody", async () => {
    const odd = await spawn(Odd, [], { disposeTimeoutMs: 10_000 });
    let calls = 0;
    expect(await odd.later(proxy(() => calls++))).toBe("left");
    await until(() => calls === 1);
    await odd.dispose();
  });

  test("calls no getter and no setter, and has the methods that there are", async () => {
    const odd = await spawn(Odd, [], { disposeTimeoutMs: 10_000 });
    expect(Object.keys(odd).toSorted()).toEqual(["fails", "later", "rows", "toString"]);
    await odd.dispose();
  });

  test("gives the causes of an error", async () => {
    const odd = await spawn(Odd, []);
    const error = (await rejection(odd.fails())) as Error;
    expect(error).toMatchObject({
      message: "outer",
      cause: { message: "middle", cause: { message: "inner" } },
    });
    expect((error.cause as Error).cause).toBeInstanceOf(RangeError);
    expect(((error.cause as Error).cause as Error).cause).toEqual({ code: 5 });
  });

  test("refuses a generator's items, and goes on", async () => {
    const odd = await spawn(Odd, []);
    expect(await rejection(odd.rows() as Promise<unknown>)).toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      direction: "result",
    });
    expect(await odd.later(proxy(() => {}))).toBe("left");
  });

  test("is disposed of while it starts again", async () => {
    const clock = new FakeClock();
    const mortal = await spawn(Mortal, [], { restart: "on-crash", restartDelayMs: 10, clock });
    await rejection(mortal.exit(1));
    const waits = [mortal.ping(), mortal.ping()].map((call) => rejection(call));
    await clock.advance(10);
    const ends = [mortal.dispose(), mortal.dispose(), mortal[Symbol.asyncDispose]()];
    await Promise.all(ends);
    for (const error of await Promise.all(waits)) expect(error).toBeInstanceOf(ActorDisposedError);
    expect(await rejection(mortal.ping())).toBeInstanceOf(ActorDisposedError);
  });

  test("is disposed of twice, the second time with less patience", async () => {
    const mortal = await spawn(Mortal, [], { disposeTimeoutMs: Infinity });
    const call = rejection(mortal.never());
    const first = mortal.dispose();
    await mortal.dispose({ timeoutMs: 0 });
    await first;
    expect(await call).toMatchObject({ code: "ERR_OFFLOOP_ACTOR_DISPOSED", killed: true });
  });

  test(
    "that crashes at once, each time, does so no more often than it may",
    { timeout: 60_000 },
    async () => {
      const options = { restart: "on-crash", maxRestarts: 3, restartDelayMs: 0 } as const;
      const mortal = await spawn(Mortal, [], options);
      const ids = new Set<number>();
      for (let round = 0; round < 20; round++) {
        const [error] = await Promise.all([mortal.exit(1), mortal.exit(1)].map((call) => rejection(call)));
        ids.add((error as WorkerLostError).workerId);
      }
      expect(ids.size).toBe(4);
    },
  );
});
