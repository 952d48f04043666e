import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { copyFixtures, fixtures, link, node, nodeMajor, project } from "./programs.ts";

const programs = path.join(fixtures, "programs");

/** A program in one file whose main part is behind a guard, printing once for each time that the file is run. */
const guarded = (guard: string, type: "esm" | "cjs"): string => `
${type === "esm" ? 'import { threaded, ThreadPoolExecutor, ProcessPoolExecutor } from "offloop";' : 'const { threaded, ThreadPoolExecutor, ProcessPoolExecutor } = require("offloop");'}
${guard}
const n = 1;
const wrapped = threaded((x) => x + n);
function exported(x) { return x + n + 1; }
${type === "esm" ? "export { exported };" : "exports.exported = exported;"}
async function main() {
  console.log(JSON.stringify("main"));
  const Pool = process.argv[2] === "process" ? ProcessPoolExecutor : ThreadPoolExecutor;
  const pool = new Pool({ maxWorkers: 1 });
  for (const fn of [wrapped, exported]) {
    console.log(JSON.stringify(await pool.submit(fn, [1]).catch((error) => error.kind ?? String(error))));
  }
  await pool.shutdown();
}
if (isMain) void main();
`;

const ESM_GUARDS = {
  "import.meta.main": "const isMain = import.meta.main;",
  url: 'import { pathToFileURL } from "node:url"; const isMain = import.meta.url === pathToFileURL(process.argv[1]).href;',
  filename: "const isMain = process.argv[1] === import.meta.filename;",
};
const hasMetaMain = nodeMajor > 22 || (nodeMajor === 22 && Number(process.versions.node.split(".")[1]) >= 18);

describe.each(["thread", "process"])("%s", (kind) => {
  test.each(["entry.mjs", "entry.cjs"])("%s that is not guarded", async (file) => {
    const { values, stderr, code } = await node([path.join(programs, file), kind]);
    const plain = file === "entry.mjs" ? 21 : 31;
    expect(values, stderr).toEqual(["started", "entry", "entry", "entry", "captured", plain, true]);
    expect(code).toBe(0);
  });

  test.runIf(hasMetaMain).each(["import.meta.main"] as const)("guarded with %s", async (name) => {
    const folder = project({ "main.mjs": guarded(ESM_GUARDS[name], "esm") });
    const { values, stderr } = await node(["main.mjs", kind], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3]);
  });

  test.each(["url", "filename"] as const)("guarded with process.argv[1] and import.meta.%s", async (name) => {
    const folder = project({ "main.mjs": guarded(ESM_GUARDS[name], "esm") });
    const { values, stderr } = await node(["main.mjs", kind], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3]);
  });

  test("guarded with require.main === module", async () => {
    const folder = project({ "main.cjs": guarded("const isMain = require.main === module;", "cjs") });
    const { values, stderr } = await node(["main.cjs", kind], { cwd: folder });
    expect(values, stderr).toEqual(["main", 2, 3]);
  });

  test("guarded with isMainThread, which guards threads only", async () => {
    const guard =
      'import { isMainThread } from "node:worker_threads"; let isMain = false; if (isMainThread) isMain = true;';
    const folder = project({ "main.mjs": guarded(guard, "esm") });
    const { values, stderr } = await node(["main.mjs", kind], { cwd: folder });
    expect(values, stderr).toEqual(["main", ...(kind === "thread" ? [2, 3] : ["entry", "entry"])]);
  });
});

test.each([
  [
    "in a comment",
    "// as if import.meta.main stood here\n/* require.main === module */ const isMain = true;",
  ],
  ["that is only imported", 'import { isMainThread } from "node:worker_threads"; const isMain = true;'],
])("a guard %s is none", async (_title, guard) => {
  const folder = project({ "main.mjs": guarded(guard, "esm") });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual(["main", "entry", "entry"]);
});

describe("the entry is known as such", () => {
  const files = ["registered.mjs", "exported.mjs", "commonjs.cjs"];
  const inFolder = (extra: Record<string, string> = {}): string => {
    const folder = project(extra);
    mkdirSync(path.join(folder, "app/programs"), { recursive: true });
    copyFixtures(files, path.join(folder, "app"));
    copyFixtures(
      ["programs/entry.mjs", "programs/entry.cjs", "programs/report.mjs"],
      path.join(folder, "app/programs"),
    );
    return folder;
  };
  const refusedOnce = (extraArgument: string): unknown[] => ["started", extraArgument, extraArgument];

  test.each([
    ["a relative path", ["app/programs/entry.mjs"]],
    ["a folder with a main", ["app"]],
    ["a dot", ["."]],
    ["no ending", ["app/programs/plain"]],
    ["a link", ["link.mjs"]],
    ["a link that is kept", ["--preserve-symlinks", "--preserve-symlinks-main", "app/programs/link.mjs"]],
    ["a linked folder", ["linked/programs/entry.mjs"]],
    ["--test", ["--test", "--test-reporter=tap", "app/programs/entry.mjs"]],
  ])("by %s", async (_title, args) => {
    const folder = inFolder({
      "package.json": '{ "main": "./app/programs/entry.cjs" }',
      "app/package.json": '{ "main": "./programs/entry.cjs" }',
      "app/programs/plain.js": readFileSync(path.join(programs, "entry.cjs"), "utf8"),
    });
    link(path.join(folder, "app/programs/entry.mjs"), path.join(folder, "link.mjs"));
    link("entry.mjs", path.join(folder, "app/programs/link.mjs"));
    link("app", path.join(folder, "linked"));
    const { stdout, stderr } = await node(args, { cwd: folder });
    const lines = stdout.split("\n").flatMap((line) => /^(?:# )?(".*"|\d+|true)$/.exec(line)?.[1] ?? []);
    expect(
      lines.filter((line) => line === '"started"'),
      stderr,
    ).toHaveLength(1);
    expect(lines.slice(0, 3).map((line): unknown => JSON.parse(line))).toEqual(refusedOnce("entry"));
  });

  test("loaded again with a query", async () => {
    const folder = inFolder({
      "main.mjs": `import { threaded, runInExecutor, shutdownDefaultExecutors } from "offloop";
        export const wrapped = threaded((x) => x);
        if (!import.meta.url.includes("?")) {
          const again = await import("./main.mjs?again");
          for (const { wrapped: fn } of [again]) {
            console.log(JSON.stringify(await runInExecutor(null, fn, 1).catch((error) => error.kind)));
          }
          await shutdownDefaultExecutors();
        }`,
    });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual(["entry"]);
  });

  test("after the program took its arguments apart", async () => {
    const folder = inFolder({
      "main.mjs": `import { runInExecutor, shutdownDefaultExecutors } from "offloop";
        process.argv.splice(1, 1);
        console.log(JSON.stringify("started"));
        export function fn() {}
        console.log(JSON.stringify(await runInExecutor(null, fn).catch((error) => error.kind)));
        await shutdownDefaultExecutors();`,
    });
    const { values, stderr } = await node(["main.mjs"], { cwd: folder });
    expect(values, stderr).toEqual(["started", "entry"]);
  });
});
