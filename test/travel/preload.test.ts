import { expect, test } from "vitest";
import { node, project } from "./programs.ts";

test("a preload that awaits a call starts no workers without end", async () => {
  const folder = project({
    "package.json": '{ "type": "module" }',
    "preload.js": `
      import { basename } from "node:path";
      import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        const pool = new Pool({ maxWorkers: 1 });
        globalThis[Pool.name] = await pool.submit(basename, ["/a/b"]);
        await pool.shutdown();
      }`,
    "main.js": `
      import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        const pool = new Pool({ maxWorkers: 1 });
        // In a worker the preload has run too, in place.
        const seen = () => [globalThis.ThreadPoolExecutor, globalThis.ProcessPoolExecutor];
        console.log(JSON.stringify([seen(), await pool.submit(seen, [])]));
        await pool.shutdown();
      }`,
  });
  const { values, stderr } = await node(["--import", "./preload.js", "main.js"], { cwd: folder });
  const both = ["b", "b"];
  expect(values, stderr).toEqual([
    [both, both],
    [both, both],
  ]);
});

test("what a worker's code starts itself is no worker of ours", async () => {
  const folder = project({
    "main.mjs": `
      import { execFileSync } from "node:child_process";
      import { Worker } from "node:worker_threads";
      import { ProcessPoolExecutor, ThreadPoolExecutor } from "offloop";
      const url = import.meta.resolve("offloop");
      const thread = (url) => new Promise((resolve, reject) => {
        const code = \`import("\${url}").then(({ currentTask, ThreadPoolExecutor }) => {
          const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
          return pool.submit(() => 1, []).then(() => pool.statistics().submitted);
        }).then((n) => require("node:worker_threads").parentPort.postMessage(n));\`;
        new Worker(code, { eval: true }).once("message", resolve).once("error", reject);
      });
      const child = (url) => {
        const code = \`const { ThreadPoolExecutor } = await import("\${url}");
          const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
          await pool.submit(() => 1, []);
          console.log(pool.statistics().submitted);\`;
        return Number(execFileSync(process.execPath, ["--input-type=module", "-e", code]));
      };
      for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
        const pool = new Pool({ maxWorkers: 1 });
        console.log(JSON.stringify([await pool.submit(thread, [url]), await pool.submit(child, [url])]));
        await pool.shutdown();
      }`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([
    [1, 1],
    [1, 1],
  ]);
});
