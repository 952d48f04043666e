import { expect, test } from "vitest";
import { node, project } from "./programs.ts";

const work = `
import { threaded } from "offloop";
const n = 1;
export const wrapped = threaded((x) => x + n);
export function plain(x) { return x + n + 1; }
`;
const calls = `
import { isMainThread } from "node:worker_threads";
import { ProcessPoolExecutor, ThreadPoolExecutor, threaded } from "offloop";
import { plain, wrapped } from "./work.mjs";
const own = threaded((x) => x);
export async function run() {
  const results = [];
  for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
    const pool = new Pool({ maxWorkers: 1 });
    for (const fn of [wrapped, plain, own]) results.push(await pool.submit(fn, [1]).catch((error) => error.kind));
    await pool.shutdown();
  }
  return results;
}
`;
const results = [2, 3, 1, 2, 3, 1];

test("in a worker thread of the user's own", async () => {
  const folder = project({
    "work.mjs": work,
    "calls.mjs": calls,
    "worker.mjs": `import { parentPort } from "node:worker_threads";
      import { threaded, runInExecutor, shutdownDefaultExecutors, ThreadPoolExecutor } from "offloop";
      import { run } from "./calls.mjs";
      const inEntry = threaded((x) => x);
      parentPort.postMessage([
        ...(await run()),
        await new ThreadPoolExecutor().submit(inEntry, [1], { travel: "reference" }).catch((error) => error.kind),
        await runInExecutor(null, inEntry, 1),
      ]);
      await shutdownDefaultExecutors();`,
    "main.mjs": `import { Worker } from "node:worker_threads";
      new Worker(new URL("./worker.mjs", import.meta.url)).on("message", (line) => console.log(JSON.stringify(line)));`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([[...results, "entry", 1]]);
});

test("in a worker thread without a file", async () => {
  const folder = project({
    "work.mjs": work,
    "calls.mjs": calls,
    "main.mjs": `import { Worker } from "node:worker_threads";
      const code = \`import("./calls.mjs").then(({ run }) => run()).then((line) => require("node:worker_threads").parentPort.postMessage(line))\`;
      new Worker(code, { eval: true }).on("message", (line) => console.log(JSON.stringify(line)));`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([results]);
});

test("in a forked process and in a cluster", async () => {
  const folder = project({
    "work.mjs": work,
    "calls.mjs": calls,
    "child.mjs": `import { run } from "./calls.mjs"; process.send(await run()); process.disconnect();`,
    "main.mjs": `import cluster from "node:cluster";
      import { fork } from "node:child_process";
      cluster.setupPrimary({ exec: "child.mjs" });
      for (const child of [fork("child.mjs"), cluster.fork()]) {
        child.on("message", (line) => console.log(JSON.stringify(line)));
      }`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([results, results]);
});

test("what a function sends to the parent of its process is nobody's", async () => {
  const folder = project({
    "work.mjs": `export function send(x) { process.send?.("ready"); process.send?.({ type: "other" }); return x; }`,
    "main.mjs": `import { ProcessPoolExecutor } from "offloop";
      import { send } from "./work.mjs";
      const pool = new ProcessPoolExecutor({ maxWorkers: 1 });
      console.log(await pool.submit(send, [1]));
      console.log(await pool.submit(send, [2]));
      await pool.shutdown();`,
  });
  const { values, stderr, code } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([1, 2]);
  expect(code).toBe(0);
});
