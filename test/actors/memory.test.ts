/** An actor whose heap is full. */
import { WorkerLostError } from "offloop";
import type { ActorOptions } from "offloop/actors";
import { expect, test } from "vitest";
import { rejection } from "../contract/waits.ts";
import { Greedy, Mortal } from "../fixtures/actors/mortal.mjs";
import { contract } from "./actors.ts";

const resourceLimits = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 6 };
const TIMEOUT_MS = 60_000;

contract("an actor that runs out of memory", ({ executor, spawn }) => {
  const limits: [string, ActorOptions][] = [["resourceLimits", { resourceLimits }]];
  // A thread has no other.
  if (executor === "process") limits.push(["V8's option", { execArgv: ["--max-old-space-size=48"] }]);

  test.each(limits)("says so to all that is pending: %s", { timeout: TIMEOUT_MS }, async (_name, limit) => {
    const mortal = await spawn(Mortal, [], limit);
    const lost = [mortal.fillHeap(), mortal.ping(), mortal.never()].map((call) => rejection(call));
    const errors = (await Promise.all(lost)) as WorkerLostError[];
    expect(errors[0]).toBeInstanceOf(WorkerLostError);
    expect(errors).toMatchObject([
      { oom: true, phase: "running", attempts: 1 },
      { oom: true, phase: "unknown", attempts: 0 },
      { oom: true, phase: "unknown", attempts: 0 },
    ]);
    expect(errors[0]?.message).toContain("ran out of memory");
    expect(await rejection(mortal.ping())).toMatchObject({ oom: true });
  });

  // A thread cannot survive that, nor can its process: docs/reliability.md.
  test.runIf(executor === "process")(
    "by one array that nothing can hold",
    { timeout: TIMEOUT_MS },
    async () => {
      const mortal = await spawn(Mortal, [], { resourceLimits });
      expect(await rejection(mortal.growOneArray())).toMatchObject({ oom: true, signal: "SIGABRT" });
    },
  );

  test("starts again if it may", { timeout: TIMEOUT_MS }, async () => {
    const options = { resourceLimits, restart: "on-crash", restartDelayMs: 0, maxRestarts: 1 } as const;
    const mortal = await spawn(Mortal, [], options);
    expect(await rejection(mortal.fillHeap())).toMatchObject({ oom: true });
    expect(await mortal.ping()).toBe("pong");
    for (let round = 0; round < 2; round++) {
      expect(await rejection(mortal.fillHeap())).toMatchObject({ oom: true });
    }
    expect(await rejection(mortal.ping())).toMatchObject({ oom: true });
  });

  test("in its constructor rejects the spawn", { timeout: TIMEOUT_MS }, async () => {
    expect(await rejection(spawn(Greedy, [], { resourceLimits }))).toMatchObject({
      code: "ERR_OFFLOOP_WORKER_LOST",
      oom: true,
      phase: "running",
    });
  });
});
