import path from "node:path";
import { describe, expect, test } from "vitest";
import { allEnvironments, app } from "./app.ts";
import { link, node, nodeMajor, root } from "./programs.ts";

/** Works under any of them: what differs is where `test` and `expect` come from. */
const tests = `
import { ProcessPoolExecutor, ThreadPoolExecutor, currentTask, threaded } from "offloop";
import { compare } from "./cases.js";
import { setUp, setUpWrapped } from "./setup.js";

const ofTestFile = threaded((n) => n * 3);
const setUpHere = threaded((n) => { globalThis.setUp = n; });
const tearDownHere = threaded(() => {});

describe.each([["threads", ThreadPoolExecutor], ["processes", ProcessPoolExecutor]])("%s", (_title, Pool) => {
  let pool;
  afterEach(() => pool.shutdown());

  test("functions of modules", async () => {
    pool = new Pool({ maxWorkers: 1 });
    const different = Object.entries(await compare(pool)).filter(([, result]) => result !== "same");
    expect(Object.fromEntries(different)).toEqual(DIFFERENT);
  }, 60_000);

  test("functions of the test file", async () => {
    pool = new Pool({ maxWorkers: 1 });
    // Counters of the coverage are in the functions, or are not.
    expect(/\\bcov_/.test(String(setUp))).toBe(COUNTED);
    const offset = 4;
    expect(await pool.submit(ofTestFile, [2])).toBe(6);
    expect(await pool.submit((n) => n + offset, [2])).toBe(6);
  }, 60_000);

  test.each([
    ["a module", setUp],
    ["a module, wrapped", setUpWrapped],
    ["the test file, wrapped", setUpHere],
    ["a test", (n) => { globalThis.setUp = n; }],
  ])("an initializer of %s", async (_of, initializer) => {
    pool = new Pool({ maxWorkers: 1, initializer, initializerArgs: [5], finalizer: tearDownHere });
    expect(await pool.submit(() => globalThis.setUp, [])).toBe(5);
  }, 60_000);

  test("errors, data, signals", async () => {
    pool = new Pool({ maxWorkers: 1 });
    const fail = (kind) => { throw kind === 1 ? new TypeError("one") : Object.assign(new Error("two"), { code: "E" }); };
    await expect(pool.submit(fail, [1])).rejects.toThrow(TypeError);
    await expect(pool.submit(fail, [2])).rejects.toMatchObject({ message: "two", code: "E" });
    const kinds = (list, map, bytes, error) =>
      [Array.isArray(list), map instanceof Map, Buffer.isBuffer(bytes), error instanceof Error];
    const data = [[1], new Map(), Buffer.from("a"), new Error("as data")];
    expect(await pool.submit(kinds, data)).toEqual([true, true, true, true]);
    expect(await pool.submit(() => Buffer.from("abc"), [])).toEqual(Buffer.from("abc"));
    const aborted = new AbortController();
    const endless = pool.submit(() => { for (;;) currentTask().throwIfAborted(); }, [], { signal: aborted.signal });
    aborted.abort(new Error("enough"));
    await expect(endless).rejects.toThrow("enough");
  }, 60_000);
});
`;
const setup = `
import { threaded } from "offloop";
export function setUp(n) { globalThis.setUp = n; }
export const setUpWrapped = threaded((n) => { globalThis.setUp = n; });
`;

interface Runner {
  /** What `test` and `expect` are imported from. */
  readonly from: string;
  /** Cases that cannot be the same, and how they end. */
  readonly different: Readonly<Record<string, string>>;
  readonly counted: boolean;
}

function runnerProject(runner: Runner, more: Readonly<Record<string, string>>): string {
  const different = Object.entries(runner.different).map(
    ([title, outcome]) => `${JSON.stringify(title)}: expect.stringMatching(${outcome})`,
  );
  const text = tests.replace("DIFFERENT", `{ ${different.join()} }`).replace("COUNTED", `${runner.counted}`);
  const imports = `import { afterEach, describe, expect, test } from "${runner.from}";`;
  return app({ "some.test.js": imports + text, "setup.js": setup, ...more });
}

/** vite writes a function of its own for `import()`. */
const noImport = { "async, with import()": "/^TravelError: .*vite/" };

/** vitest and its coverage, of one version, as if the project had installed them. */
async function underVitest(version: 3 | 4 | 5, pool: string, coverage: string): Promise<void> {
  const installed = version === 4 ? root : path.join(root, `test/environments/vitest-${version}`);
  const config = {
    pool,
    coverage: { enabled: coverage !== "none", provider: coverage, reporter: ["json"], all: false },
  };
  const runner = { from: "vitest", different: noImport, counted: coverage === "istanbul" };
  const folder = runnerProject(runner, {
    "vitest.config.js": `export default { test: { ...${JSON.stringify(config)}, server: { deps: { external: [/\\/dist\\//] } } } };`,
  });
  for (const name of ["vitest", "@vitest/coverage-v8", "@vitest/coverage-istanbul"]) {
    link(path.join(installed, "node_modules", name), path.join(folder, "node_modules", name));
  }
  const ended = await node(["node_modules/vitest/vitest.mjs", "run"], {
    cwd: folder,
    env: { NO_COLOR: "1" },
  });
  expect(ended.stdout + ended.stderr).toMatch(/Tests\s+14 passed \(14\)/);
  expect(ended.code).toBe(0);
}

describe("vitest", () => {
  const more = ([3, 4, 5] as const).flatMap((version) =>
    ["forks", "threads"].flatMap((pool) =>
      ["none", "v8", "istanbul"].map((coverage) => [version, pool, coverage] as const),
    ),
  );
  const all = more.filter(([version]) => version !== 5 || nodeMajor >= 22);
  // vitest 5 needs Node 22.
  const common =
    nodeMajor < 22
      ? ([
          [3, "threads", "istanbul"],
          [4, "forks", "v8"],
        ] as const)
      : ([[5, "forks", "istanbul"]] as const);
  test.each(allEnvironments ? all : common)("%i on %s, coverage by %s", underVitest);
});

describe("jest", () => {
  const coverages = ["none", "v8", "babel"];
  test.each(allEnvironments ? coverages : ["babel"])("ES modules, coverage by %s", async (coverage) => {
    const config = {
      testEnvironment: "node",
      transform: {},
      collectCoverage: coverage !== "none",
      coverageReporters: ["json"],
    };
    const provider = coverage === "none" ? {} : { coverageProvider: coverage };
    const runner = { from: "@jest/globals", different: {}, counted: coverage === "babel" };
    const folder = runnerProject(runner, {
      "package.json": JSON.stringify({ type: "module", jest: { ...config, ...provider } }),
    });
    link(path.join(root, "node_modules/@jest/globals"), path.join(folder, "node_modules/@jest/globals"));
    const jest = path.join(root, "node_modules/jest/bin/jest.js");
    const { code, stderr, stdout } = await node(["--experimental-vm-modules", jest], {
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    expect(stderr + stdout).toMatch(/Tests:\s+14 passed, 14 total/);
    expect(code).toBe(0);
  });
});
