/**
 * `node --expose-gc queued-program.js subject count`: prints the bytes of heap that each of so many waiting calls takes.
 */
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { increment } from "./increment.js";

const [, , subject, count] = process.argv;

const open = {
  offloop() {
    const pool = new ThreadPoolExecutor({ maxWorkers: 1, maxPending: Infinity });
    return (n) => pool.submit(increment, [n]);
  },
  piscina() {
    const filename = fileURLToPath(new URL("increment.js", import.meta.url));
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
    return (n) => pool.run(n);
  },
};

const call = open[subject]();
// What all of them share. Nothing is answered before the event loop turns.
call(0);
globalThis.gc();
const before = process.memoryUsage().heapUsed;
for (let n = 1; n <= count; n++) call(n);
globalThis.gc();
process.stdout.write(String((process.memoryUsage().heapUsed - before) / count));
process.reallyExit();
