import path from "node:path";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { node, project, root } from "./programs.ts";

const work = `
import { join } from "node:path";
import { threaded } from "offloop";

export const joined = threaded(function joined(a, b) { return join(a, b); });
function declared(a) { return join("x", a); }
export const wrapped = threaded(declared);
export const [one, two] = [threaded((n) => n + 1), threaded((n) => n + 2)];
export const fails = threaded(() => { throw new Error(join("no", "way")); });
const choose = (n) => (n > 1 ? (x) => x + "more" : (x) => x + "less");
export const chosen = threaded(choose(2));
export function exported(n) { return join("e", n); }
`;

/** Runs vitest, which runs the module through transforms that no worker has. */
async function underVitest(extension: string, source: string): Promise<string> {
  const folder = project({
    "package.json": '{ "type": "module" }',
    [`work.${extension}`]: source,
    "some.test.js": `
      import { afterAll, expect, test } from "vitest";
      import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
      import { chosen, exported, fails, joined, one, two, wrapped } from "./work.${extension}";
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        test(Pool.name, async () => {
          const pool = new Pool({ maxWorkers: 1 });
          const outcome = (fn, ...args) => pool.submit(fn, args).catch((error) => error.kind ?? error.message);
          expect(await outcome(joined, "a", "b")).toBe("a/b");
          expect(await outcome(wrapped, "a")).toBe("x/a");
          expect(await outcome(one, 1)).toBe(2);
          expect(await outcome(two, 1)).toBe(3);
          expect(await outcome(fails)).toBe("no/way");
          const byReference = (fn, ...args) =>
            pool.submit(fn, args, { travel: "reference" }).catch((error) => error.kind ?? error.message);
          expect(["xmore", "not-exported"]).toContain(await byReference(chosen, "x"));
          expect(await outcome(chosen, "x")).toBe("xmore");
          expect(["captured", "not-exported"]).toContain(await byReference(exported, "n"));
          expect(await outcome(exported, "n")).toBe("e/n");
          expect(["eval", "captured", "not-exported"]).toContain(await byReference(() => 1));
          expect(await outcome(() => chosen.sync("x") + exported("n"))).toBe("xmoree/n");
          await pool.shutdown();
        }, 60_000);
      }`,
    "vitest.config.js": "export default { test: { server: { deps: { external: [/\\/dist\\//] } } } };",
  });
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const { code, stdout, stderr } = await node([vitest, "run"], { cwd: folder, env: { NO_COLOR: "1" } });
  return code === 0 ? "passed" : stdout + stderr;
}

test("under vitest: a module that it transforms", async () => {
  expect(await underVitest("js", work)).toBe("passed");
});

const stripsTypes = "typescript" in process.features && process.features.typescript !== false;

// On older ones a worker cannot read it.
test.runIf(stripsTypes)("under vitest: a TypeScript module", async () => {
  const typed = work
    .replace("function joined(a, b) {", "function joined(a: string, b: string): string {")
    .replace(
      "function declared(a) {",
      "interface Unused { readonly a: number }\nfunction declared(a: string): string {",
    );
  expect(await underVitest("ts", typed)).toBe("passed");
});

test.each([
  ["as it is", false],
  ["minified", true],
])("bundled, with a chunk for what is shared: %s", async (_title, minify) => {
  const folder = project({
    "package.json": '{ "type": "module" }',
    "work.js": work,
    "more.js": 'export { joined } from "./work.js"; export const load = () => import("./work.js");',
    "main.js": `
      import { ProcessPoolExecutor, ThreadPoolExecutor, threaded } from "offloop";
      import { load } from "./more.js";
      const inEntry = threaded((x) => x);
      const { joined, wrapped, one, two, chosen, exported } = await load();
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        const pool = new Pool({ maxWorkers: 1 });
        for (const [fn, ...args] of [[joined, "a", "b"], [wrapped, "a"], [one, 1], [two, 1], [chosen, "x"], [exported, "n"], [inEntry, 1]]) {
          console.log(JSON.stringify(await pool.submit(fn, args).catch((error) => error.kind ?? String(error))));
        }
        console.log(JSON.stringify(await pool.submit(inEntry, [1], { travel: "reference" }).catch((error) => error.kind)));
        await pool.shutdown();
      }`,
  });
  const build = await rolldown({
    cwd: folder,
    input: { main: "main.js", other: "more.js" },
    platform: "node",
    external: ["offloop"],
  });
  await build.write({ dir: path.join(folder, "out"), format: "esm", minify });
  await build.close();
  const { values, stderr } = await node(["out/main.js"], { cwd: folder });
  const each = ["a/b", "x/a", 2, 3, "xmore", "e/n", 1, "entry"];
  expect(values, stderr).toEqual([...each, ...each]);
});

test("bundled into one file, its functions are the entry's", async () => {
  const folder = project({
    "package.json": '{ "type": "module" }',
    "work.js": work,
    "main.js": `
      import { defaultExecutor, runInExecutor, shutdownDefaultExecutors } from "offloop";
      import { exported, one } from "./work.js";
      for (const fn of [one, exported]) {
        const byReference = defaultExecutor().submit(fn, [1], { travel: "reference" });
        console.log(JSON.stringify([await byReference.catch((error) => error.kind), await runInExecutor(null, fn, "1")]));
      }
      await shutdownDefaultExecutors();`,
  });
  const build = await rolldown({ cwd: folder, input: "main.js", platform: "node", external: ["offloop"] });
  await build.write({ file: path.join(folder, "out.js"), format: "esm" });
  await build.close();
  const { values, stderr } = await node(["out.js"], { cwd: folder });
  expect(values, stderr).toEqual([
    ["entry", "11"],
    ["entry", "e/1"],
  ]);
});
