import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { fixtures, node, nodeMajor, project, root } from "./programs.ts";

const allWays = path.join(fixtures, "programs/all-ways.mjs");
const everything = [3, 21, 23, 32, "bytes"];
const onBoth = [...everything, ...everything];
const permission = nodeMajor < 22 ? "--experimental-permission" : "--permission";

test.each([
  // Inherited as they are.
  [
    "--enable-source-maps --expose-gc --max-old-space-size=256 --no-warnings --no-opt --title=travel -C other",
  ],
  ["--stack-trace-limit=0 --preserve-symlinks --unhandled-rejections=strict --trace-uncaught"],
  // Some are dropped, so that a thread is given the others one by one.
  [
    "--inspect=0 --max-old-space-size=256 --no-opt --title travel --conditions=development -C other --no-deprecation",
  ],
  ["--inspect=0 --require ./test/fixtures/travel/only.cjs --import ./test/fixtures/travel/exported.mjs"],
  [`--cpu-prof --cpu-prof-dir ${tmpdir()} --cpu-prof-name=offloop-travel-test --experimental-vm-modules`],
])("%s", async (options) => {
  const { values, stderr, code } = await node([...options.split(" "), allWays]);
  expect(values, stderr).toEqual(onBoth);
  expect(code).toBe(0);
});

test("NODE_OPTIONS", async () => {
  const NODE_OPTIONS = "--max-old-space-size=256 --enable-source-maps --no-warnings";
  const { values, stderr } = await node([allWays], { env: { NODE_OPTIONS } });
  expect(values, stderr).toEqual(onBoth);
});

test("--watch", async () => {
  // It never ends by itself, so the program ends its parent when all is said.
  const source = `import(${JSON.stringify(allWays)}).then(() => setImmediate(() => process.kill(process.ppid)));`;
  const { stdout } = await node(["--watch", "main.mjs"], { cwd: project({ "main.mjs": source }) });
  const lines = stdout.split("\n").filter((line) => /^(?:\d+|"bytes")$/.test(line));
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(onBoth);
});

test("--test", async () => {
  const folder = project({
    "some.test.mjs": `
      import { test } from "node:test";
      import { equal } from "node:assert/strict";
      import { ThreadPoolExecutor, ProcessPoolExecutor } from "offloop";
      import { plain } from ${JSON.stringify(path.join(fixtures, "exported.mjs"))};
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        test(Pool.name, async () => {
          const pool = new Pool({ maxWorkers: 1 });
          equal(await pool.submit(plain, [1]), 21);
          await pool.shutdown();
        });
      }`,
  });
  const { code, stdout } = await node(["--test", "--test-reporter=tap"], { cwd: folder });
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/# pass 2/);
});

test("--frozen-intrinsics: wraps cannot be registered, the other ways stay", async () => {
  const { values, stderr } = await node(["--frozen-intrinsics", "--no-warnings", allWays]);
  const each = [["captured", 3], ...everything.slice(1)];
  expect(values, stderr).toEqual([...each, ...each]);
});

test("--permission without the inspector", async () => {
  const rights = ["--allow-fs-read=*", "--allow-fs-write=*", "--allow-worker", "--allow-child-process"];
  const { values, stderr } = await node(["--no-warnings", permission, ...rights, allWays]);
  const each = [3, "no-inspector", "no-inspector", 32, "bytes"];
  expect(values, stderr).toEqual([...each, ...each]);
});

test.runIf(nodeMajor >= 24)("--permission with the inspector", async () => {
  const rights = ["--allow-fs-read=*", "--allow-fs-write=*", "--allow-worker", "--allow-child-process"];
  const { values, stderr } = await node([
    "--no-warnings",
    permission,
    ...rights,
    "--allow-inspector",
    allWays,
  ]);
  expect(values, stderr).toEqual(onBoth);
});

// A thread that is given options without those of the permission model may do everything, and so may a child of Node 20.
test("a worker may do no more than its program", async () => {
  const folder = project({});
  const code = `import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
    import { readFileSync } from "node:fs";
    for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
      for (const options of [{}, { execArgv: ["--no-deprecation"] }]) {
        const pool = new Pool({ maxWorkers: 1, ...options });
        const call = pool.submit(readFileSync, [${JSON.stringify(path.resolve("/not-allowed"))}]);
        console.log(JSON.stringify(await call.then(String, (error) => (console.error(error), error.code))));
        await pool.shutdown();
      }
    }`;
  const readable = [root, folder, realpathSync(path.join(root, "node_modules"))];
  const rights = ["--allow-worker", "--allow-child-process", "--allow-fs-read", `${tmpdir()}/*`];
  rights.push(`--allow-fs-write=${tmpdir()}/*`, ...readable.map((place) => `--allow-fs-read=${place}/*`));
  const args = ["--no-warnings", permission, ...rights, "--input-type=module", "-e", code];
  const { values, stderr } = await node(args, { cwd: folder });
  expect(values, stderr).toEqual(Array.from({ length: 4 }, () => "ERR_ACCESS_DENIED"));
});
