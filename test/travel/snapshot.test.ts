import { createRequire } from "node:module";
import { explainTravel } from "offloop";
import { describe, expect, test } from "vitest";
import * as esm from "../fixtures/travel/snapshot.mjs";
import { onEachKind } from "./executors.ts";
import { node, project } from "./programs.ts";

type Fixture = {
  readonly cases: Record<string, { read: () => unknown; change: () => unknown }>;
  readonly constants: Record<string, () => unknown>;
};

const commonJs = createRequire(import.meta.url)("../fixtures/travel/snapshot.cjs") as Fixture;
const modules: [string, Fixture][] = [
  ["an ES module", esm],
  ["CommonJS", commonJs],
];

// More than it takes to ask whether anything can change.
const CALLS = 12;

onEachKind((pool) => {
  describe.each(modules)(
    "a call sees what its variables hold when it is made: %s",
    (_, { cases, constants }) => {
      test.each(Object.entries(cases))("%s", async (__, { read, change }) => {
        const call = (): Promise<unknown> => pool().submit(read, [], { travel: "value" });
        for (let n = 0; n < CALLS; n++) expect(await call()).toEqual(read());
        change();
        expect(await call()).toEqual(read());
      });

      test.each(Object.entries(constants))("what cannot change is captured once: %s", async (__, read) => {
        for (let n = 0; n < CALLS; n++) {
          expect(await pool().submit(read, [], { travel: "value" })).toBe(1);
        }
      });
    },
  );

  test("a call that has to wait does not see what changes meanwhile", async () => {
    const list = [1];
    let open = false;
    const [first, second] = [
      pool().submit(() => list.length, []),
      pool().submit(() => [list.length, open], []),
    ];
    list.push(2);
    open = true;
    await expect(first).resolves.toBe(1);
    await expect(second).resolves.toEqual([1, false]);
    expect([open, list]).toEqual([true, [1, 2]]);
  });
});

test("an import that its module assigns again", async () => {
  const folder = project({
    "counter.mjs": "export let count = 1; export const up = () => ++count;",
    "main.mjs": `
      import { ThreadPoolExecutor } from "offloop";
      import { count, up } from "./counter.mjs";
      const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
      const read = () => count;
      for (let n = 0; n < ${CALLS}; n++) await pool.submit(read, []);
      up();
      console.log(JSON.stringify([await pool.submit(read, []), read()]));
      await pool.shutdown();`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([[2, 2]]);
});

test.each(modules)("explainTravel tells which are captured once: %s", (_, { cases, constants }) => {
  const settledOnes = Object.entries(constants).map(([name, fn]) => [name, explain(fn)]);
  expect(settledOnes).toEqual(Object.keys(constants).map((name) => [name, "once"]));
  const changing = Object.entries(cases).map(([name, { read }]) => [name, explain(read)]);
  expect(changing).toEqual(Object.keys(cases).map((name) => [name, "each call"]));
});

/** Exported or not, as what is captured would be. */
function explain(fn: () => unknown): "once" | "each call" {
  const wrapped = (): unknown => fn();
  let reason = "";
  for (let n = 0; n < CALLS; n++) reason = explainTravel(wrapped).reason;
  return reason.includes("captured once") ? "once" : "each call";
}
