/**
 * `node cold-program.js subject`: prints how long it took to import the subject, and from then on to the first result of a pool of one worker,
 * each with the CPU time of all threads.
 */
import { fileURLToPath } from "node:url";

const [, , subject] = process.argv;
const file = (name) => fileURLToPath(new URL(name, import.meta.url));

const importing = {
  "raw worker": () => import("node:worker_threads"),
  offloop: () => import("./cold-offloop.js"),
  "offloop, threaded": () => import("./increment-threaded.js"),
  piscina: () => import("piscina"),
  tinypool: () => import("tinypool"),
  workerpool: () => import("workerpool"),
  poolifier: () => import("poolifier"),
};
importing["offloop, nice 0"] =
  importing["offloop, runInExecutor"] =
  importing["offloop, processes"] =
    importing.offloop;
importing["workerpool, processes"] = importing.workerpool;
importing["tinypool, processes"] = importing.tinypool;

const calling = {
  "raw worker": ({ Worker }, n) => {
    const worker = new Worker(new URL("increment-raw.js", import.meta.url));
    worker.postMessage([n]);
    return new Promise((resolve) => worker.once("message", ([result]) => resolve(result)));
  },
  offloop: ({ inThread }, n) => inThread(n, {}),
  "offloop, nice 0": ({ inThread }, n) => inThread(n, { nice: 0 }),
  "offloop, threaded": ({ increment }, n) => increment(n),
  "offloop, runInExecutor": ({ inDefault }, n) => inDefault(n),
  "offloop, processes": ({ inProcess }, n) => inProcess(n),
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

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const startedAt = performance.now();
const startedCpu = cpuMs();
const imported = await importing[subject]();
const importedAt = performance.now();
const importedCpu = cpuMs();
const result = await calling[subject](imported, 1);
const answeredAt = performance.now();
const answeredCpu = cpuMs();
if (result !== 2) throw new Error("a wrong answer");
const measured = {
  import: importedAt - startedAt,
  first: answeredAt - importedAt,
  importCpu: importedCpu - startedCpu,
  firstCpu: answeredCpu - importedCpu,
};
process.stdout.write(JSON.stringify(measured), () => process.exit());
