import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

// More random programs than `npm test` has time for. OFFLOOP_SEED takes others.
const { status } = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--typecheck.enabled=false",
    "test/travel/value/programs.test.ts",
  ],
  {
    cwd: resolve(import.meta.dirname, ".."),
    stdio: "inherit",
    env: { OFFLOOP_PROGRAMS: "10000", ...process.env },
  },
);
process.exitCode = status ?? 1;
