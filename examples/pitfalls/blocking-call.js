// A blocking call in a handler: everybody waits for one.
import { scryptSync } from "node:crypto";
import { runInExecutor, shutdownDefaultExecutors } from "offloop";
import { sleep } from "offloop/tasks";

const cost = { N: 2 ** 17, maxmem: 2 ** 28 };
const wrong = async (password) => scryptSync(password, "salt", 32, cost).length;
const right = (password) => runInExecutor(null, scryptSync, password, "salt", 32, cost);

/** Counts what else the loop could do meanwhile. */
async function turnsDuring(work) {
  let turns = 0;
  let over = false;
  const done = work.finally(() => (over = true));
  while (!over) {
    await sleep(1);
    turns++;
  }
  await done;
  return turns;
}

console.log((await turnsDuring(wrong("secret"))) < 5); // => true
console.log((await turnsDuring(right("secret"))) > 20); // => true
await shutdownDefaultExecutors();
