// A close that was not awaited: the next line already uses what is still open.
import { entrypoint, PeriodicService } from "offloop/service";
import { sleep } from "offloop/tasks";

const state = { open: false };
const database = {
  start: () => void (state.open = true),
  stop: () => void (state.open = false),
};
const used = [];
const sweep = () =>
  new PeriodicService(
    async () => {
      await sleep(10);
      used.push(state.open ? "open" : "closed");
    },
    { intervalMs: 1_000 },
  );

// Wrong: the sweep is still at work when its database goes.
database.start();
const careless = sweep();
careless.start();
await sleep(2);
const closing = careless.stop();
database.stop();
await closing;
console.log(used); // => [ 'closed' ]

// Right: reverse order, each one awaited.
await entrypoint(() => sleep(2), { services: [database, sweep()] });
console.log(used.at(-1)); // => open
