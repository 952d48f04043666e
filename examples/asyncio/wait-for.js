// asyncio.wait_for and asyncio.timeout: the signal tells the work that its time is up.
import { sleep, timeout } from "offloop/tasks";

async function load(signal) {
  try {
    return await sleep(60_000, "loaded", { signal });
  } finally {
    console.log(`cleaned up: ${signal.aborted}`);
  }
}

const error = await timeout(10, load).catch((reason) => reason);
// => cleaned up: true
console.log(error.name, error.timeoutMs); // => TimeoutError 10
