import { once } from "node:events";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { holdNatively } from "../../fixtures/contract/holds.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { rejection, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const body: Row["body"] = async ({ make, gate, kind }) => {
  const clock = new FakeClock();
  const executor = make({ clock });
  const held = gate();
  const failure = rejection(executor.submit(holdNatively, [held.token], { timeoutMs: 100 }));
  await held.wait();
  await clock.advance(100);
  expect(await failure).toMatchObject({ code: "ERR_OFFLOOP_TASK_TIMEOUT", phase: "running" });
  expect(await executor.submit(triple, [1])).toBe(3);
  if (kind === "thread") {
    expect(executor.statistics().workers.map(({ state }) => state)).toContain("stuck");
    const warned = once(process, "warning") as Promise<[Error & { code?: string }]>;
    await clock.advance(1_000);
    expect((await warned)[0]).toMatchObject({ code: "OFFLOOP_WARN_WORKER_STUCK" });
  }
  held.open();
  await until(() => executor.statistics().workers.length === 1);
};

export const stuck: readonly Row[] = [{ row: 21, fault: "stuck in a native call", body }];
