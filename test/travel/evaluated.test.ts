import { runInNewContext, runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { expectByValue, onEachKind } from "./executors.ts";
import { node } from "./programs.ts";

const program = (load: string): string => `${load}
  const wrapped = threaded((x) => x + 1);
  function plain(x) { return x; }
  (async () => {
    for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
      const pool = new Pool({ maxWorkers: 1 });
      for (const fn of [wrapped, plain, Math.max, (x) => x]) {
        const byReference = await pool.submit(fn, [1], { travel: "reference" }).catch((error) => error.kind);
        console.log(JSON.stringify([byReference, await pool.submit(fn, [1]).catch(String)]));
      }
      await pool.shutdown();
    }
  })();`;
const names = "threaded, ThreadPoolExecutor, ProcessPoolExecutor";
const cjs = program(`const { ${names} } = require("offloop");`);
const esm = program(`import { ${names} } from "offloop";`);
const each = [
  ["eval", 2],
  ["eval", 1],
  [1, 1],
  ["eval", 1],
];

test.each([
  ["-e", ["-e", cjs], ""],
  ["-e of an ES module", ["--input-type=module", `--eval=${esm}`], ""],
  ["standard input", ["-"], cjs],
  ["an ES module from standard input", ["--input-type=module", "-"], esm],
  ["-p", ["-p", `${cjs}; 0`], ""],
])("a program without a file: %s", async (_title, args, input) => {
  const { stdout, stderr } = await node(args, { input });
  const lines = stdout.split("\n").filter((line) => /^\[(?:"eval"|1),/.test(line));
  expect(
    lines.map((line): unknown => JSON.parse(line)),
    stderr,
  ).toEqual([...each, ...each]);
});

onEachKind((pool) => {
  // oxlint-disable-next-line eslint/no-eval
  const evaluated = (code: string): (() => unknown) => (0, eval)(code) as () => unknown;
  // oxlint-disable-next-line typescript/no-implied-eval
  const constructed = new Function("x", "return x") as () => unknown;
  test.each([
    ["new Function", constructed],
    ["eval", evaluated("(x) => x")],
    ["eval under a made-up name", evaluated("(x) => x\n//# sourceURL=file:///no/[eval1]")],
    ["eval under a name that is no path", evaluated("(x) => x\n//# sourceURL=file:///a%2Fb")],
    ["vm", runInThisContext("(x) => x") as () => unknown],
    ["vm with a name", runInThisContext("(x) => x", { filename: "made-up.js" }) as () => unknown],
    ["another realm", runInNewContext("(x) => x") as () => unknown],
  ])("code of %s", async (_title, fn) => {
    await expectByValue(pool(), fn, [{ a: 1 }], "eval");
  });

  test("a data: URL", async () => {
    const url = "data:text/javascript,export const fn = (x) => x";
    const module = (await import(url)) as { fn: () => unknown };
    await expectByValue(pool(), module.fn, [1], "eval");
  });
});
