/**
 * `node --expose-gc queued-program.js subject count`: prints the bytes of heap that each of so many waiting calls takes.
 */
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { FixedThreadPool } from "poolifier";
import Tinypool from "tinypool";
import workerpool from "workerpool";
import { increment } from "./increment.js";

const [, , subject, count] = process.argv;

const open = {
  offloop() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, maxPending: Infinity });
    return (n) => pool.submit(increment, [n]);
  },
  piscina() {
    const pool = new Piscina({ filename: file("increment.js"), minThreads: 1, maxThreads: 1 });
    return (n) => pool.run(n);
  },
  tinypool() {
    const filename = new URL("increment.js", import.meta.url).href;
    const pool = new Tinypool({ filename, minThreads: 1, maxThreads: 1 });
    return (n) => pool.run(n);
  },
  workerpool() {
    const options = { minWorkers: 1, maxWorkers: 1, workerType: "thread" };
    const pool = workerpool.pool(file("increment-workerpool.js"), options);
    return (n) => pool.exec("increment", [n]);
  },
  /** Without its queue all calls are messages at once, in memory that no heap shows. */
  poolifier() {
    const pool = new FixedThreadPool(1, file("increment-poolifier.js"), { enableTasksQueue: true });
    return (n) => pool.execute(n);
  },
};

function file(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

const call = open[subject]();
// What all of them share. Nothing is answered before the event loop turns.
call(0);
globalThis.gc();
const before = process.memoryUsage().heapUsed;
for (let n = 1; n <= count; n++) call(n);
globalThis.gc();
process.stdout.write(String((process.memoryUsage().heapUsed - before) / count));
process.reallyExit();
