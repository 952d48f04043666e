import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { node, project, root } from "./programs.ts";

const WORK = `
import { threaded } from "offloop";

interface Point { readonly x: number; readonly y: number }
type Sum = (point: Point) => number;

const scale: number = 10;
export const sum = threaded(function sum(point: Point): number { return (point.x + point.y) * scale; });
export const [one, two] = [threaded((n: number): number => n + 1), threaded((n: number): number => n + 2)];
export function plain<T extends Point>(point: T, times = 2 as number): number { return point.x * times * scale; }
export const arrow: Sum = ({ x }: Point): number => x + scale!;
export class Tool { static measure(this: void, n: number): number { return n * Tool.unit; } static unit: number = 3; }
function hidden(n: number): number { return n; }
export const give = (): typeof hidden => hidden;
`;

const MAIN = `
import { ProcessPoolExecutor, ThreadPoolExecutor, threaded } from "offloop";
import { arrow, give, one, plain, sum, Tool, two } from "./work.js";

const inEntry = threaded((n: number): number => n);
async function main(): Promise<void> {
  for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
    const pool = new Pool({ maxWorkers: 1 });
    const report = async (call: Promise<unknown>): Promise<void> =>
      console.log(JSON.stringify(await call.catch((error: any) => error.kind ?? String(error))));
    await report(pool.submit(sum, [{ x: 1, y: 2 }]));
    await report(pool.submit(one, [1]));
    await report(pool.submit(two, [1]));
    await report(pool.submit(plain, [{ x: 1, y: 2 }]));
    await report(pool.submit(arrow, [{ x: 1, y: 2 }]));
    await report(pool.submit(Tool.measure, [2]));
    for (const fn of [give(), inEntry] as ((n: number) => unknown)[]) {
      await report(pool.submit(fn, [2], { travel: "reference" }));
      await report(pool.submit(fn, [2]));
    }
    await pool.shutdown();
  }
}
void main();
`;
const ran = [30, 2, 3, 20, 11, 6];
// In CommonJS tsx puts a function around a module's code, so that all in it is inside a function.
const refused: unknown[] = [
  expect.stringMatching(/^(?:not-exported|captured)$/),
  2,
  expect.stringMatching(/^(?:entry|captured)$/),
  2,
];
const each = [...ran, "not-exported", 2, "entry", 2];
const results = [...each, ...each];

const typescriptProject = (type: "module" | "commonjs", specifier = "./work.js"): string =>
  project({
    "package.json": JSON.stringify({ type }),
    "work.ts": WORK,
    "main.ts": MAIN.replace("./work.js", specifier),
  });

const tsx = path.join(root, "node_modules/tsx/dist/cli.mjs");

describe("tsx", () => {
  test.each([
    ["--import tsx, ES modules", "module", ["--import", "tsx", "main.ts"], {}],
    ["--import=tsx, CommonJS, an entry without its ending", "commonjs", ["--import=tsx", "./main"], {}],
    ["its command, ES modules", "module", [tsx, "main.ts"], {}],
    ["its command, CommonJS", "commonjs", [tsx, "main.ts"], {}],
    ["NODE_OPTIONS", "module", ["main.ts"], { NODE_OPTIONS: "--import tsx" }],
  ] as const)("%s", async (_title, type, args, env) => {
    const { values, stderr, stdout } = await node(args, { cwd: typescriptProject(type), env });
    const tsxResults = [...ran, ...refused];
    expect(values, stderr + stdout).toEqual([...tsxResults, ...tsxResults]);
  });

  test("in workers only", async () => {
    const folder = project({
      "package.json": '{ "type": "module" }',
      "work.ts": WORK,
      "main.mjs": `
        import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
        import { load, wrapped } from "./load.mjs";
        for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
          const pool = new Pool({ maxWorkers: 1, execArgv: ["--import", "tsx"] });
          console.log(JSON.stringify(await pool.submit(load, [1])));
          console.log(JSON.stringify(await pool.submit(wrapped, [1])));
          await pool.shutdown();
        }`,
      // tsx rewrites import() calls: what runs in the worker is another text at another place.
      "load.mjs": `
        import { threaded } from "offloop";
        export const dynamic = () => import("node:fs");
        export const load = threaded(async (x) => (await import("./work.ts")).plain({ x, y: 1 }));
        async function declared(x) { return (await import("./work.ts")).plain({ x, y: 1 }); }
        export const wrapped = threaded(declared);`,
    });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual([20, 20, 20, 20]);
  });
});

// Node 20 has no type stripping; 22.18 was the first to do it unasked.
const stripsTypes = "typescript" in process.features && process.features.typescript !== false;

test.runIf(stripsTypes)("types stripped by Node", async () => {
  const { values, stderr } = await node(["--no-warnings", "main.ts"], {
    cwd: typescriptProject("module", "./work.ts"),
  });
  expect(values, stderr).toEqual(results);
});

test.runIf(stripsTypes)("types stripped by Node: a closure of a script with a class", async () => {
  const folder = project({
    "main.cts": `
      const { ThreadPoolExecutor } = require("offloop");
      class Point { readonly x: number = 1 }
      const k: number = new Point().x;
      const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
      void pool.submit(() => k + 1, []).then((two: number) => (console.log(JSON.stringify(two)), pool.shutdown()));`,
  });
  const { values, stderr } = await node(["--no-warnings", "main.cts"], { cwd: folder });
  expect(values, stderr).toEqual([2]);
});

test.each([
  ["ES modules", "module", []],
  ["CommonJS", "commonjs", []],
  ["CommonJS with source maps", "commonjs", ["--enable-source-maps"]],
] as const)("compiled by tsc: %s", async (_title, type, options) => {
  const folder = typescriptProject(type);
  const flags = [
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--types",
    "node",
    "--sourceMap",
    "--skipLibCheck",
  ];
  flags.push("--typeRoots", path.join(root, "node_modules/@types"), "--outDir", "dist", "main.ts");
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--ignoreConfig", ...flags], { cwd: folder });
  const { values, stderr } = await node([...options, "dist/main.js"], { cwd: folder });
  expect(values, stderr).toEqual(results);
});
