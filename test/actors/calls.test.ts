import { isOffloopError, transfer } from "offloop";
import { proxy } from "offloop/actors";
import { expect, test } from "vitest";
import { rejection, turn } from "../contract/waits.ts";
import { Ledger, OverdrawnError } from "../fixtures/actors/ledger.mjs";
import { contract } from "./actors.ts";

contract("calls of an actor", ({ executor, spawn }) => {
  test("have one object, elsewhere", async () => {
    const ledger = await spawn(Ledger, [40]);
    expect(await ledger.deposit(1)).toBe(41);
    expect(await ledger.deposit(1)).toBe(42);
    const { pid, isMainThread } = await ledger.where();
    expect({ samePid: pid === process.pid, isMainThread }).toEqual(
      executor === "thread" ? { samePid: true, isMainThread: false } : { samePid: false, isMainThread: true },
    );
  });

  test("have callbacks, and no functions of main by name", async () => {
    const ledger = await spawn(Ledger, [40]);
    expect(await rejection(ledger.askMain())).toMatchObject({
      message: expect.stringContaining("proxy()") as string,
    });
  });

  test("run in order, one at a time", async () => {
    const ledger = await spawn(Ledger, []);
    await Promise.all([ledger.slow("a"), ledger.slow("b"), ledger.slow("c")]);
    expect(await ledger.log()).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  test("reject with the error itself", async () => {
    const ledger = await spawn(Ledger, [1]);
    const error = await rejection(ledger.withdraw(3));
    expect(error).toBeInstanceOf(OverdrawnError);
    expect(error).toMatchObject({ message: "2 are missing", code: "OVERDRAWN", missing: 2 });
    expect((error as Error).stack).toContain("ledger.mjs");
    expect(await ledger.deposit(1)).toBe(2);
  });

  test("reject with an error whose fields cannot be copied", async () => {
    const ledger = await spawn(Ledger, [1]);
    expect(await rejection(ledger.badError())).toMatchObject({
      message: "with a function",
      fn: "[the function fn]",
    });
  });

  test("name the result or the argument that cannot be copied, and go on", async () => {
    const ledger = await spawn(Ledger, [1]);
    expect(await rejection(ledger.unclonable())).toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      direction: "result",
      path: "result.deep[0]",
    });
    expect(await rejection(ledger.deposit({ list: [Symbol("s")] } as never))).toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      direction: "argument",
      path: "args[0].list[0]",
    });
    expect(await ledger.deposit(1)).toBe(2);
  });

  test("keep Buffers, and cut views to themselves", async () => {
    const ledger = await spawn(Ledger, []);
    const view = Buffer.from("a slice of a pool");
    expect(await ledger.bytes(view)).toEqual({ isBuffer: true, length: 17, memory: 17 });
    const back = await ledger.buffer();
    expect([Buffer.isBuffer(back), back.toString(), back.buffer.byteLength]).toEqual([true, "text", 4]);
  });

  test("move what is transferred, where it can be moved", async () => {
    const ledger = await spawn(Ledger, []);
    const bytes = new Uint8Array(1_000);
    const back = await ledger.moved(transfer(bytes, [bytes.buffer]));
    expect([bytes.length, back.length]).toEqual([executor === "thread" ? 0 : 1_000, 1_000]);
  });

  test("call proxied functions and objects here", async () => {
    const ledger = await spawn(Ledger, []);
    const seen: number[] = [];
    const callback = async (n: unknown): Promise<number> => seen.push(n as number);
    expect(await ledger.each([5, 6], proxy(callback))).toEqual([1, 2]);
    expect(seen).toEqual([5, 6]);
    const speaker = {
      suffix: "!",
      shout(text: string) {
        return text.toUpperCase() + this.suffix;
      },
    };
    expect(await ledger.use(proxy(speaker), "hey")).toBe("HEY!");
  });

  test("give errors of callbacks to the actor as themselves", async () => {
    const ledger = await spawn(Ledger, []);
    const fails = proxy(() => {
      throw Object.assign(new RangeError("no"), { code: "NO" });
    });
    expect(await ledger.caught(fails)).toEqual({ name: "RangeError", code: "NO", message: "no" });
  });

  test("name the callback's result that cannot be copied", async () => {
    const ledger = await spawn(Ledger, []);
    const callback = proxy(() => ({ deep: [() => 1] }));
    expect(await ledger.caught(callback)).toMatchObject({
      code: "ERR_OFFLOOP_SERIALIZATION",
      direction: "result",
      path: "result.deep[0]",
    });
    const fails = proxy(() => {
      throw Object.assign(new Error("with a function"), { fn: () => 1 });
    });
    expect(await ledger.caught(fails)).toMatchObject({ name: "Error", message: "with a function" });
  });

  test("refuse a function that is not proxied, and say what to do", async () => {
    const ledger = await spawn(Ledger, []);
    const error = await rejection(ledger.each([1], () => 1));
    expect(isOffloopError(error)).toBe(true);
    expect(error).toMatchObject({ code: "ERR_OFFLOOP_SERIALIZATION", path: "args[1]" });
    expect((error as Error).message).toContain("proxy(fn)");
  });

  test("from a callback do not wait for the call that waits for it", async () => {
    const ledger = await spawn(Ledger, [1]);
    const callback = proxy(async (n: unknown) => ledger.deposit(n as number));
    expect(await ledger.each([1, 1], callback)).toEqual([2, 3]);
  });

  test("from a callback of an actor that a callback waits for do not wait either", async () => {
    const first = await spawn(Ledger, [1]);
    const second = await spawn(Ledger, [1]);
    const inner = proxy(async () => first.deposit(1));
    const outer = proxy(async () => second.each([1], inner));
    expect(await first.each([1], outer)).toEqual([[2]]);
  });

  test("from what a callback has left behind wait their turn", async () => {
    const ledger = await spawn(Ledger, []);
    let leave = (): void => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    let late: Promise<void> | undefined;
    const leaves = proxy(() => {
      void left.then(() => (late = ledger.slow("late")));
    });
    await ledger.each([1], leaves);
    const first = ledger.after(
      proxy(async () => {
        leave();
        // Behind the late call, on the same channel.
        while (late === undefined) await turn();
      }),
      "first",
    );
    await first;
    await late;
    expect(await ledger.log()).toEqual(["first", "late begins", "late ends"]);
  });

  test("that are made while one waits for a callback come after it", async () => {
    const ledger = await spawn(Ledger, []);
    let open = (): void => {};
    const held = new Promise<void>((resolve) => (open = resolve));
    const first = ledger.after(
      proxy(() => held),
      "first",
    );
    const second = ledger.slow("second");
    open();
    expect(await first).toEqual(["first"]);
    await second;
    expect(await ledger.log()).toEqual(["first", "second begins", "second ends"]);
  });

  test("are of methods alone", async () => {
    const ledger = await spawn(Ledger, []);
    expect(Object.keys(ledger)).toContain("deposit");
    expect(Object.keys(ledger)).not.toContain("constructor");
    expect("then" in ledger || "ended" in ledger).toBe(false);
  });

  test("give the constructor's callbacks, too", async () => {
    let balance: number | undefined;
    const onOpen = proxy((value: number) => void (balance = value));
    const opened = { onOpen };
    // Only an argument itself can stay here, not a part of one.
    expect(await rejection(spawn(Ledger, [3, opened]))).toMatchObject({ path: "args[1].onOpen" });
    expect(balance).toBeUndefined();
  });
});
