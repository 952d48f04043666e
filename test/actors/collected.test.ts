/**
 * What is kept of callbacks: nothing, once the actor has forgotten them.
 */
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { proxy, spawnActor } from "offloop/actors";
import { FakeClock } from "offloop/testing";
import { expect, test } from "vitest";
import { rejection, turn } from "../contract/waits.ts";
import { Keeper } from "../fixtures/actors/keeper.mjs";
import { Mortal } from "../fixtures/actors/mortal.mjs";
import { contract } from "./actors.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

contract("a callback", ({ spawn }) => {
  test("is collected when the actor has forgotten it", async () => {
    const keeper = await spawn(Keeper, []);
    const kept = await given(keeper.keep);
    const forgotten = [await given(keeper.call), await given(keeper.ignore)];
    await until(forgotten, keeper.collectGarbage);
    expect(kept.deref()).toBeDefined();
    await keeper.forget();
    await until([kept], keeper.collectGarbage);
  });

  test("is collected when the actor is disposed of, which kept it", async () => {
    const keeper = await spawn(Keeper, []);
    const kept = await given(keeper.keep);
    await keeper.dispose();
    await until([kept], turn);
  });

  test.each([
    ["cannot be packed", () => 1],
    ["cannot be copied", { list: [() => 1] }],
  ])("is collected when another argument %s", async (_why, bad) => {
    const keeper = await spawn(Keeper, []);
    await until([await given((callback) => rejection(keeper.keep(callback, bad)))], turn);
    const spawned = (callback: unknown): Promise<unknown> => rejection(spawn(Keeper, [callback, bad]));
    await until([await given(spawned)], turn);
  });
});

contract("an actor that is dropped", ({ executor }) => {
  test("is warned about and disposed of, after its calls", async () => {
    const warned = once(process, "warning");
    const answer = await drop(executor);
    const collecting = until([answer.remote], turn);
    expect((await warned)[0]).toMatchObject({
      code: "OFFLOOP_WARN_UNCLOSED",
      message: expect.stringMatching(/^The actor Keeper was dropped without dispose\(\)/) as string,
    });
    await collecting;
    // It goes on, and its worker ends behind it: nothing may be left.
    answer.release();
    expect(await answer.call).toBe("kept");
  });

  test("is not, while a call waits for its next start", async () => {
    const warned = once(process, "warning");
    const clock = new FakeClock();
    const answer = await callAfterCrash(executor, clock);
    await until([answer.remote], turn);
    await collectSomeMore();
    await clock.advance(100);
    await collectSomeMore();
    expect(await answer.call).toBe("pong");
    let isWarned = false;
    void warned.then(() => (isWarned = true));
    while (!isWarned) await collectSomeMore();
  });

  test("is not, while somebody has a method of it", async () => {
    const methods = await onlyMethods(executor);
    await collectSomeMore();
    await methods.forget();
    await methods.dispose();
  });
});

async function drop(executor: "thread" | "process"): Promise<{
  readonly remote: WeakRef<object>;
  readonly call: Promise<unknown>;
  release(): void;
}> {
  const remote = await spawnActor(Keeper, [], { executor, nice: 0 });
  let release = (_value: string): void => {};
  const held = new Promise<string>((resolve) => (release = resolve));
  return {
    remote: new WeakRef(remote),
    call: remote.call(proxy(() => held)),
    release: () => release("kept"),
  };
}

async function onlyMethods(executor: "thread" | "process") {
  const { forget, dispose } = await spawnActor(Keeper, [], { executor, nice: 0 });
  return { forget, dispose };
}

async function callAfterCrash(executor: "thread" | "process", clock: FakeClock) {
  const options = { executor, nice: 0, restart: "on-crash", restartDelayMs: 100, clock } as const;
  const remote = await spawnActor(Mortal, [], options);
  await rejection(remote.exit(1));
  return { remote: new WeakRef(remote), call: remote.ping() };
}

/** What can be collected is, and its finalizers have run. */
async function collectSomeMore(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await turn();
    collectGarbage();
  }
}

/** A callback that nobody here keeps. */
async function given(give: (callback: unknown) => Promise<unknown>): Promise<WeakRef<object>> {
  const callback = proxy(() => 1);
  await give(callback);
  return new WeakRef(callback);
}

/** Until they are collected. The test's own time limit ends it otherwise. */
async function until(refs: readonly WeakRef<object>[], collectThere: () => Promise<unknown>): Promise<void> {
  while (refs.some((ref) => ref.deref() !== undefined)) {
    await collectThere();
    await turn();
    collectGarbage();
  }
}
