// Work lost at shutdown: SIGTERM ends Node on the spot.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Scheduler } from "offloop/jobs";
import { entrypoint } from "offloop/service";
import { sleep } from "offloop/tasks";

async function save() {
  process.send("saving");
  await sleep(1_000);
  console.log(`${process.argv[2]}: saved`);
}

const ways = {
  wrong: () => save(),
  right: () => {
    const scheduler = new Scheduler();
    const background = { name: "background", start: () => {}, stop: () => scheduler.waitAndClose() };
    return entrypoint(
      async ({ untilStopped }) => {
        await scheduler.spawn(save);
        await untilStopped();
      },
      { services: [background] },
    ).finally(() => process.disconnect());
  },
};

if (process.argv[2] !== undefined) {
  await ways[process.argv[2]]();
} else {
  for (const way of Object.keys(ways)) {
    const child = fork(fileURLToPath(import.meta.url), [way]);
    await once(child, "message");
    child.kill("SIGTERM");
    const [code, signal] = await once(child, "exit");
    console.log(`${way}: ${signal ?? code}`);
  }
}
// => wrong: SIGTERM
// => right: saved
// => right: 0
