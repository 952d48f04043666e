// Fire and forget: nobody counts, nobody bounds, and an error ends the process.
import { Scheduler } from "offloop/jobs";
import { sleep } from "offloop/tasks";

let running = 0;
let most = 0;
async function send() {
  most = Math.max(most, ++running);
  await sleep(2);
  running--;
}

// Wrong: as many at once as there are.
for (let mail = 0; mail < 50; mail++) void send();
console.log(most); // => 50
await sleep(20);

// Right: at most five, the others wait, and when too many wait, so does the loop.
most = 0;
const scheduler = new Scheduler({ limit: 5, pendingLimit: 10 });
for (let mail = 0; mail < 50; mail++) await scheduler.spawn(send);
await scheduler.waitAndClose();
console.log(most, running); // => 5 0
