import { runInNewContext, runInThisContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { expectRefused, onEachKind } from "./executors.ts";
import { node, nodeMajor } from "./programs.ts";

const program = (load: string): string => `${load}
  const wrapped = threaded((x) => x + 1);
  function plain(x) { return x; }
  (async () => {
    const Pool = process.argv.at(-1) === "process" ? ProcessPoolExecutor : ThreadPoolExecutor;
    const pool = new Pool({ maxWorkers: 1 });
    for (const fn of [wrapped, plain, Math.max, (x) => x]) {
      console.log(JSON.stringify(await pool.submit(fn, [1]).catch((error) => error.kind ?? String(error))));
    }
    await pool.shutdown();
  })();`;
const names = "threaded, ThreadPoolExecutor, ProcessPoolExecutor";
const cjs = program(`const { ${names} } = require("offloop");`);
const esm = program(`import { ${names} } from "offloop";`);
const refused = ["eval", "eval", 1, "eval"];

describe.each(["thread", "process"])("%s: a program without a file", (kind) => {
  test.each([
    ["-e", ["-e", cjs, kind], ""],
    ["--eval=", [`--eval=${cjs}`, kind], ""],
    ["-e of an ES module", ["--input-type=module", "-e", esm, kind], ""],
    ["standard input", ["-", kind], cjs],
    ["an ES module from standard input", ["--input-type=module", "-", kind], esm],
    ["-i", ["-i", "-e", `${cjs}; undefined`, kind], ".exit\n"],
  ])("%s", async (_title, args, input) => {
    const { stdout, stderr } = await node(args, { input });
    const lines = stdout.split("\n").flatMap((line) => /^(?:> )*("eval"|1)$/.exec(line)?.[1] ?? []);
    if (args[0] === "-i") {
      return expect(
        lines.every((line) => line === '"eval"' || line === "1"),
        stderr,
      ).toBe(true);
    }
    return expect(
      lines.map((line): unknown => JSON.parse(line)),
      stderr,
    ).toEqual(refused);
  });

  test.runIf(nodeMajor >= 22)("-p", async () => {
    const { stdout, stderr } = await node(["-p", `${cjs}; 0`, kind]);
    expect(stdout.match(/"eval"|^1$/gm), stderr).toEqual(['"eval"', '"eval"', "1", '"eval"']);
  });
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
    ["vm", runInThisContext("(x) => x") as () => unknown],
    ["vm with a name", runInThisContext("(x) => x", { filename: "made-up.js" }) as () => unknown],
    ["another realm", runInNewContext("(x) => x") as () => unknown],
  ])("code of %s", async (_title, fn) => {
    await expectRefused(pool().submit(fn, []), "eval");
  });

  test("a data: URL", async () => {
    const url = "data:text/javascript,export const fn = (x) => x";
    const module = (await import(url)) as { fn: () => unknown };
    await expectRefused(pool().submit(module.fn, []), "eval");
  });
});
