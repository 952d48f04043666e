import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const program = {
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "work.mjs": `
    import { threaded } from "offloop";

    export const double = threaded(function double(n) { return n * 2; });
    export function triple(n) { return n * 3; }
  `,
  "main.mjs": `
    import { equal } from "node:assert/strict";
    import { ProcessPoolExecutor, runInExecutor } from "offloop";
    import { Scheduler } from "offloop/jobs";
    import { entrypoint } from "offloop/service";
    import { gather } from "offloop/tasks";
    import { double, triple } from "./work.mjs";

    equal(await double(21), 42);
    equal(await runInExecutor(null, triple, 14), 42);
    const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
    equal(await runInExecutor(pool, triple, 14), 42);
    await pool.shutdown();
    const scheduler = new Scheduler();
    const [job] = await gather([scheduler.spawn(() => double(21))]);
    equal(await job.wait(), 42);
    equal(await entrypoint(() => 42, { services: [{ start() {}, stop: () => scheduler.waitAndClose() }] }), 42);
    console.log("the packed package runs: OK");
  `,
};

/** Only what a user would have: the tarball with its dependencies, in a folder outside of this one. */
const folder = mkdtempSync(join(tmpdir(), "offloop-smoke-"));
try {
  for (const [name, text] of Object.entries(program)) writeFileSync(join(folder, name), text);
  run("npm", ["pack", "--loglevel=error", "--pack-destination", folder], resolve(import.meta.dirname, ".."));
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  run("npm", ["install", "--loglevel=error", `./${tarball}`], folder);
  // It must end by itself: a worker or handle that keeps the process alive fails here.
  run(process.execPath, ["main.mjs"], folder, { timeout: 20_000, killSignal: "SIGKILL" });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, cwd, options = {}) {
  execFileSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"], ...options });
}
