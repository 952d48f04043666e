/**
 * Functions of modules that the callers import are found without `Debugger.enable`, and never in another copy of their module.
 */
import { expect, test } from "vitest";
import { node, project } from "./programs.ts";

const SAY = `
  const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  const say = async (fn, ...args) => {
    const value = await pool.submit(fn, args);
    console.log(JSON.stringify([value, pool.statistics().debuggerEnables]));
  };`;

async function run(files: Readonly<Record<string, string>>): Promise<unknown[]> {
  const folder = project(files);
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(stderr).toBe("");
  return values;
}

test("V8 is not asked for a module that the caller imports, nor for what that passes on", async () => {
  const values = await run({
    "twice.mjs": "export const twice = (n) => 2 * n;\nexport class Api { static half(n) { return n / 2; } }",
    "all.mjs": `export { twice } from "./twice.mjs";
      export * as api from "./twice.mjs";`,
    "main.mjs": `
      import { ThreadPoolExecutor } from "offloop";
      import { twice,
        api } from "./all.mjs";
      ${SAY}
      await say(twice, 21);
      await say(api.Api.half, 84);`,
  });
  expect(values).toEqual([
    [42, 0],
    [42, 0],
  ]);
});

test("a copy that the caller imports is not taken for the function's module", async () => {
  const copy = 'import { name } from "./name.mjs";\nexport function tell() { return name; }';
  const values = await run({
    "one/name.mjs": 'export const name = "one";',
    "one/tell.mjs": copy,
    "other/name.mjs": 'export const name = "other";',
    "other/tell.mjs": copy,
    "main.mjs": `
      import { ThreadPoolExecutor } from "offloop";
      import { tell as one } from "./one/tell.mjs";
      ${SAY}
      const { tell: other } = await import("./other/tell.mjs");
      await say(other);
      await say(one);`,
  });
  expect(values).toEqual([
    ["other", 1],
    ["one", 1],
  ]);
});

test("nothing is loaded because a comment names it", async () => {
  const work = "export function work() { return 1; }";
  const values = await run({
    "work.mjs": work,
    "copy.mjs": `${work}\nconsole.log("loaded");`,
    "main.mjs": `
      import { ThreadPoolExecutor } from "offloop";
      /*
import { work } from "./copy.mjs";
      */
      // import { work } from "./copy.mjs";
      ${SAY}
      const { work } = await import("./work.mjs");
      await say(work);`,
  });
  expect(values).toEqual([[1, 1]]);
});

test("a worker that is there already need not wait: V8 is asked", async () => {
  const values = await run({
    "twice.mjs": "export const twice = (n) => 2 * n;",
    "main.mjs": `
      import { ThreadPoolExecutor } from "offloop";
      import { twice } from "./twice.mjs";
      ${SAY}
      await pool.ready();
      await say(twice, 21);`,
  });
  expect(values).toEqual([[42, 1]]);
});
