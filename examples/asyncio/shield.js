// asyncio.shield: the caller's time is up, the work goes on. Keep its promise: somebody has to wait for it.
import { Scheduler } from "offloop/jobs";
import { shield, sleep, timeout } from "offloop/tasks";

const save = async () => {
  await sleep(30);
  console.log("saved");
};

const saving = save();
const error = await timeout(5, shield(saving)).catch((reason) => reason);
console.log(error.name); // => TimeoutError
await saving; // => saved

// A scheduler waits for shielded work at its end.
const scheduler = new Scheduler();
void scheduler.shield(save());
await scheduler.waitAndClose(); // => saved
