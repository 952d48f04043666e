import { existsSync, readFileSync } from "node:fs";
import { ActorDisposedError, transfer, WorkerLostError } from "offloop";
import { proxy } from "offloop/actors";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { rejection } from "../contract/waits.ts";
import { BadEnd, Ledger } from "../fixtures/actors/ledger.mjs";
import { contract } from "./actors.ts";

contract("an actor whose worker dies", ({ executor, spawn }) => {
  test("rejects all that is pending, and what comes later", async () => {
    const ledger = await spawn(Ledger, [1]);
    const results = await Promise.all(
      [ledger.slow("a"), ledger.exit(7), ledger.deposit(1), ledger.log()].map((call) =>
        Promise.resolve(call).then(() => "done", rejected),
      ),
    );
    expect(results).toEqual(["done", 7, 7, 7]);
    expect(await rejection(ledger.deposit(1))).toBeInstanceOf(WorkerLostError);
  });

  test.runIf(executor === "process")("of a signal says which", async () => {
    const ledger = await spawn(Ledger, [1]);
    expect(await rejection(ledger.kill())).toMatchObject({ signal: "SIGKILL", exitCode: null });
  });

  test("of an uncaught error says which", async () => {
    const ledger = await spawn(Ledger, [1]);
    const error = await rejection(ledger.crash());
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toMatchObject({ cause: { message: "later" } });
  });

  test("starts again with the next call, as it was at first, after a pause", async () => {
    const clock = new FakeClock();
    const ledger = await spawn(Ledger, [10], { restart: "on-crash", restartDelayMs: 100, clock });
    expect(await ledger.deposit(1)).toBe(11);
    const [exited, behind] = await Promise.allSettled([ledger.exit(3), ledger.deposit(5)]);
    expect([exited.status, behind.status]).toEqual(["rejected", "rejected"]);
    const first = ledger.deposit(1);
    const second = ledger.deposit(1);
    await clock.advance(99);
    let settled = false;
    void first.then(() => (settled = true));
    await clock.advance(0);
    expect(settled).toBe(false);
    await clock.advance(1);
    // 10 and not 16: what was pending did not run again.
    expect([await first, await second]).toEqual([11, 12]);
  });

  test("is constructed again with what was given at first", async () => {
    const options = { restart: "on-crash", restartDelayMs: 0 } as const;
    const given = Buffer.from("first");
    const settings = { text: "first" };
    class Keeps {
      readonly #given: Uint8Array;
      readonly #text: string;
      constructor(bytes: Uint8Array, { text }: { text: string }) {
        this.#given = bytes;
        this.#text = text;
      }
      read(): string[] {
        return [this.#given.toString(), this.#text];
      }
      exit(): void {
        process.exit(1);
      }
    }
    const keeps = await spawn(Keeps, [given, settings], options);
    given.fill("x");
    settings.text = "second";
    await rejection(keeps.exit());
    expect(await keeps.read()).toEqual(["first", "first"]);
  });

  test("gives up after so many starts", async () => {
    const options = { restart: "on-crash", maxRestarts: 2, restartDelayMs: 0 } as const;
    const ledger = await spawn(Ledger, [1], options);
    for (const code of [1, 2, 3]) {
      expect(await rejection(ledger.exit(code))).toMatchObject({ exitCode: code });
    }
    expect(await rejection(ledger.deposit(1))).toMatchObject({ exitCode: 3 });
  });

  test("counts from the last answer on", async () => {
    const options = { restart: "on-crash", maxRestarts: 1, restartDelayMs: 0 } as const;
    const ledger = await spawn(Ledger, [1], options);
    for (let round = 0; round < 3; round++) {
      expect(await rejection(ledger.exit(9))).toBeInstanceOf(WorkerLostError);
      expect(await ledger.deposit(1)).toBe(2);
    }
  });

  test("counts from the last answer on, an error included", async () => {
    const options = { restart: "on-crash", maxRestarts: 1, restartDelayMs: 0 } as const;
    const ledger = await spawn(Ledger, [1], options);
    for (let round = 0; round < 3; round++) {
      expect(await rejection(ledger.exit(9))).toBeInstanceOf(WorkerLostError);
      expect(await rejection(ledger.withdraw(2))).toMatchObject({ code: "OVERDRAWN" });
    }
  });

  test("cannot be given what is gone after the first start", async () => {
    const bytes = new Uint8Array(1);
    class Takes {
      readonly bytes: Uint8Array;
      constructor(given: Uint8Array) {
        this.bytes = given;
      }
    }
    const spawned = spawn(Takes, [transfer(bytes, [bytes.buffer])], { restart: "on-crash" });
    expect(await rejection(spawned)).toMatchObject({ name: "TypeError" });
  });

  test("in a callback's call does not leave the callback's caller", async () => {
    const options = { restart: "on-crash", restartDelayMs: 0 } as const;
    const ledger = await spawn(Ledger, [1], options);
    let called = 0;
    expect(await rejection(ledger.callThenExit(proxy(() => ++called)))).toMatchObject({ exitCode: 7 });
    expect(called).toBe(1);
    expect(await ledger.deposit(1)).toBe(2);
  });
});

contract("disposal of an actor", ({ spawn, file }) => {
  test("waits for the calls before it, and for the object's own", async () => {
    const ended = file();
    const ledger = await spawn(Ledger, [1, { ended }], { disposeTimeoutMs: 10_000 });
    const calls = [ledger.slow("a"), ledger.deposit(4)];
    const disposed = ledger.dispose();
    expect(await rejection(ledger.deposit(1))).toBeInstanceOf(ActorDisposedError);
    await disposed;
    expect(await Promise.all(calls)).toEqual([undefined, 5]);
    expect(readFileSync(ended, "utf8")).toBe("5 2");
    expect(await rejection(ledger.deposit(1))).toMatchObject({
      code: "ERR_OFFLOOP_ACTOR_DISPOSED",
      killed: false,
    });
    await ledger.dispose();
    await ledger[Symbol.asyncDispose]();
  });

  test.each(["never", "forever"] as const)("ends a call that takes too long: %s", async (method) => {
    const ended = file();
    const clock = new FakeClock();
    const ledger = await spawn(Ledger, [1, { ended }], { clock });
    const call = rejection(ledger[method]());
    const behind = rejection(ledger.deposit(1));
    const disposed = ledger.dispose({ timeoutMs: 50 });
    await clock.advance(50);
    await disposed;
    expect(await call).toMatchObject({ code: "ERR_OFFLOOP_ACTOR_DISPOSED", killed: true });
    expect(await behind).toBeInstanceOf(ActorDisposedError);
    expect(existsSync(ended)).toBe(false);
  });

  test("rejects with what the object's own threw", async () => {
    const bad = await spawn(BadEnd, [], { disposeTimeoutMs: 10_000 });
    expect(await rejection(bad.dispose())).toMatchObject({ name: "RangeError", message: "not closed" });
  });

  test("rejects when the worker dies before the object's own", async () => {
    const ledger = await spawn(Ledger, [1], { disposeTimeoutMs: 10_000 });
    const call = rejection(ledger.exit(4));
    expect(await rejection(ledger.dispose())).toMatchObject({ exitCode: 4 });
    expect(await call).toBeInstanceOf(WorkerLostError);
  });

  test("rejects what waits for a restart", async () => {
    const clock = new FakeClock();
    const ledger = await spawn(Ledger, [1], { restart: "on-crash", clock });
    await rejection(ledger.exit(1));
    const waits = rejection(ledger.deposit(1));
    await ledger.dispose();
    expect(await waits).toBeInstanceOf(ActorDisposedError);
  });

  test("during a callback refuses its calls, and lets its call end", async () => {
    const ledger = await spawn(Ledger, [1], { disposeTimeoutMs: 10_000 });
    let disposed: Promise<void> | undefined;
    const callback = proxy(async () => {
      disposed = ledger.dispose();
      await ledger.deposit(1);
    });
    expect(await ledger.caught(callback)).toMatchObject({ code: "ERR_OFFLOOP_ACTOR_DISPOSED" });
    await disposed;
  });

  test("checks its options", async () => {
    const ledger = await spawn(Ledger, [1]);
    expect(() => ledger.dispose({ timeout: 5 } as never)).toThrow('dispose: unknown option "timeout"');
  });
});

function rejected(error: unknown): unknown {
  return error instanceof WorkerLostError ? error.exitCode : error;
}
