/**
 * `node cold-program.js subject`: prints how long it took to import the subject, and from then on to the first result of a pool of one worker.
 */
import { fileURLToPath } from "node:url";

const [, , subject] = process.argv;
const file = (name) => fileURLToPath(new URL(name, import.meta.url));

const importing = {
  "raw worker": () => import("node:worker_threads"),
  offloop: () => Promise.all([import("offloop"), import("./increment.js")]),
  piscina: () => import("piscina"),
  tinypool: () => import("tinypool"),
  workerpool: () => import("workerpool"),
  poolifier: () => import("poolifier"),
};
importing["offloop, nice 0"] =
  importing["offloop, processes"] =
  importing["offloop, runInExecutor"] =
    importing.offloop;
importing["workerpool, processes"] = importing.workerpool;
importing["tinypool, processes"] = importing.tinypool;

const offloop =
  (options, Pool = "ThreadPoolExecutor") =>
  ([package_, { increment }], n) =>
    new package_[Pool]({ maxWorkers: 1, ...options }).submit(increment, [n]);

const calling = {
  "raw worker": ({ Worker }, n) => {
    const worker = new Worker(new URL("increment-raw.js", import.meta.url));
    worker.postMessage([n]);
    return new Promise((resolve) => worker.once("message", ([result]) => resolve(result)));
  },
  offloop: offloop({}),
  "offloop, nice 0": offloop({ nice: 0 }),
  "offloop, runInExecutor": ([{ runInExecutor }, { increment }], n) => runInExecutor(null, increment, n),
  "offloop, processes": offloop({}, "ProcessPoolExecutor"),
  piscina: ({ Piscina }, n) =>
    new Piscina({ filename: file("increment.js"), minThreads: 1, maxThreads: 1 }).run(n),
  tinypool: ({ default: Tinypool }, n) =>
    new Tinypool({
      filename: new URL("increment.js", import.meta.url).href,
      minThreads: 1,
      maxThreads: 1,
    }).run(n),
  "tinypool, processes": ({ default: Tinypool }, n) =>
    new Tinypool({
      filename: new URL("increment.js", import.meta.url).href,
      runtime: "child_process",
      minThreads: 1,
      maxThreads: 1,
    }).run(n),
  workerpool: ({ default: workerpool }, n) =>
    workerpool
      .pool(file("increment-workerpool.js"), { maxWorkers: 1, workerType: "thread" })
      .exec("increment", [n]),
  "workerpool, processes": ({ default: workerpool }, n) =>
    workerpool
      .pool(file("increment-workerpool.js"), { maxWorkers: 1, workerType: "process" })
      .exec("increment", [n]),
  poolifier: ({ FixedThreadPool }, n) => new FixedThreadPool(1, file("increment-poolifier.js")).execute(n),
};

const startedAt = performance.now();
const imported = await importing[subject]();
const importedAt = performance.now();
const result = await calling[subject](imported, 1);
const answeredAt = performance.now();
if (result !== 2) throw new Error("a wrong answer");
const measured = { import: importedAt - startedAt, first: answeredAt - importedAt };
process.stdout.write(JSON.stringify(measured), () => process.exit());
