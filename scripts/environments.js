import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

// Every bundler, test runner and coverage provider that is known to work: `npm test` tries the common ones.
const tests = ["bundles", "test-runners", "debugger"].map((name) => `test/travel/${name}.test.ts`);
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--typecheck.enabled=false", ...tests],
  {
    cwd: resolve(import.meta.dirname, ".."),
    stdio: "inherit",
    env: { ...process.env, OFFLOOP_ENVIRONMENTS: "all" },
  },
);
process.exitCode = status ?? 1;
