// A worker that logs through main, with the id of the request that it works for, and tells how far it is.
import { AsyncLocalStorage } from "node:async_hooks";
import { isMainThread } from "node:worker_threads";
import { currentTask, expose, registerContext, runOnMain, ThreadPoolExecutor } from "offloop";

const request = new AsyncLocalStorage();
registerContext("request", request);

export function countPrimes(limit) {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    if (n % (limit / 2) === 0) currentTask()?.report(n);
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  runOnMain.sync("log", `counted ${count}`);
  return count;
}

if (isMainThread) {
  expose({ log: (text) => console.log(`[request ${request.getStore().id}] ${text}`) });
  const pool = new ThreadPoolExecutor({ maxWorkers: 1, context: ["request"] });
  await request.run({ id: 42 }, async () => {
    const task = pool.submit(countPrimes, [10_000]);
    for await (const n of task.progress) console.log(`at ${n}`); // => at 5000
    await task; // => [request 42] counted 1229
  });
  await pool.shutdown();
}
