/**
 * offloop, its peers, and a bare worker, each with one thread and one function: `increment`. Everything else is as it comes.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { increment } from "../workers/increment.js";

/**
 * @typedef {object} Subject
 * @property {(n: number) => PromiseLike<number>} call
 * @property {() => unknown} close
 */

/** @type {Record<string, () => Subject>} */
export const threads = {
  "raw postMessage": rawPostMessage,
  offloop: () => offloop({}),
  // Workers yield to the loop by default, and to whatever else the machine does.
  "offloop, nice 0": () => offloop({ nice: 0 }),
  piscina() {
    const pool = new Piscina({ filename: file("increment.js"), minThreads: 1, maxThreads: 1 });
    return { call: (n) => pool.run(n), close: () => pool.destroy() };
  },
  tinypool() {
    const pool = new Tinypool({ filename: url("increment.js"), minThreads: 1, maxThreads: 1 });
    return { call: (n) => pool.run(n), close: () => pool.destroy() };
  },
  workerpool() {
    const options = { minWorkers: 1, maxWorkers: 1, workerType: "thread" };
    const pool = workerpool.pool(file("increment-workerpool.js"), options);
    return { call: (n) => pool.exec("increment", [n]), close: () => pool.terminate() };
  },
  poolifier() {
    const pool = new FixedThreadPool(1, file("increment-poolifier.js"));
    return { call: (n) => pool.execute(n), close: () => pool.destroy() };
  },
};

/** @param {object} options */
function offloop(options) {
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, ...options });
  return { call: (n) => pool.submit(increment, [n]), close: () => pool.shutdown() };
}

/** The limit: nothing but a message there and a message back. */
function rawPostMessage() {
  const worker = new Worker(new URL("../workers/increment-raw.js", import.meta.url));
  let answered;
  worker.on("message", (value) => answered(value));
  const call = (n) =>
    new Promise((resolve) => {
      answered = resolve;
      worker.postMessage(n);
    });
  return { call, close: () => worker.terminate() };
}

/** @param {string} name */
function url(name) {
  return new URL(`../workers/${name}`, import.meta.url).href;
}

/** @param {string} name */
function file(name) {
  return fileURLToPath(url(name));
}
