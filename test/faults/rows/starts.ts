import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { BrokenExecutorError } from "offloop";
import { FakeClock } from "offloop/testing";
import { expect } from "vitest";
import { failSetUpOnce, neverSetUp, setUpForever } from "../../fixtures/contract/setup.mjs";
import { triple } from "../../fixtures/contract/values.mjs";
import { rejection, turn, until } from "../../contract/waits.ts";
import type { Row } from "../table.ts";

const require = createRequire(import.meta.url);

/** A module that is one thing here and another in a worker. `text` undefined: gone. */
const changed = (fault: string, text: string | undefined, error: object): Row => ({
  row: 25,
  fault: `the module of a task ${fault}`,
  async body({ make, file }) {
    const module = `${file()}.cjs`;
    writeFileSync(module, "exports.one = function one() { return 1 }");
    const { one } = require(module) as { one: () => number };
    if (text === undefined) rmSync(module);
    else writeFileSync(module, text);
    const executor = make({ maxWorkers: 2 });
    const tasks = Array.from({ length: 20 }, () => executor.submit(one, [], { travel: "reference" }));
    for (const reason of await Promise.all(tasks.map(rejection))) expect(reason).toMatchObject(error);
    const { workersStarted, workersLost, state } = executor.statistics();
    expect({ workersLost, state }).toEqual({ workersLost: 0, state: "running" });
    expect(workersStarted).toBeLessThanOrEqual(2);
  },
});

export const starts: readonly Row[] = [
  changed("is missing", undefined, { code: "ERR_MODULE_NOT_FOUND" }),
  changed("has a syntax error", "this is no JavaScript", { name: "SyntaxError" }),
  changed("throws while it loads", "throw Object.assign(new RangeError('no'), { code: 'E_LOAD' })", {
    name: "RangeError",
    code: "E_LOAD",
  }),
  {
    row: 26,
    fault: "an initializer fails once, then works",
    async body({ make, file }) {
      const clock = new FakeClock();
      const executor = make({ clock, initializer: failSetUpOnce, initializerArgs: [file()] });
      const tasks = [1, 2, 3].map((n) => executor.submit(triple, [n]));
      for (const error of await Promise.all(tasks.map(rejection))) {
        expect(error).toBeInstanceOf(BrokenExecutorError);
        expect(error).toMatchObject({ cause: { code: "E_DATABASE" } });
      }
      await clock.advance(100);
      expect(await executor.submit(triple, [1])).toBe(3);
      expect(executor.statistics().state).toBe("running");
    },
  },
  ...[neverSetUp, setUpForever].map((initializer): Row => ({
    row: 27,
    fault: `an initializer never ends: ${initializer.name}`,
    async body({ make }) {
      const clock = new FakeClock();
      const executor = make({ clock, initializer, startTimeoutMs: 200 });
      const failure = rejection(executor.submit(triple, [1]));
      await clock.advance(200);
      expect(await failure).toBeInstanceOf(BrokenExecutorError);
      expect(executor.statistics()).toMatchObject({ state: "broken", pending: 0, workersStarted: 0 });
      // It cannot work: every worker would be the same.
      await executor.shutdown();
    },
  })),
  {
    row: 34,
    fault: "it is shut down while a worker starts",
    async body({ make }) {
      for (let turns = 0; turns < 6; turns++) {
        const executor = make({ minWorkers: 1 });
        const waiting = executor.submit(triple, [1]);
        for (let n = 0; n < turns; n++) await turn();
        const report = await executor.shutdown({ timeoutMs: 0 });
        expect([report.finished, report.cancelled.length + report.killed.length]).toEqual(
          waiting.state === "fulfilled" ? [1, 0] : [0, 1],
        );
        await Promise.allSettled([waiting]);
        await until(() => executor.statistics().workers.length === 0);
        expect(executor.statistics().state).toBe("closed");
      }
    },
  },
];
