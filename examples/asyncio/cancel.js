// task.cancel(): a promise cannot be stopped, but a function can be told, and a worker's task can be ended.
import { runInExecutor, shutdownDefaultExecutors } from "offloop";
import { sleep, TaskGroup } from "offloop/tasks";

const group = new TaskGroup();
const nap = group.spawn((signal) => sleep(60_000, "slept", { signal }));
const loop = group.spawn(() =>
  runInExecutor(null, () => {
    for (;;); // it hears nothing: its thread is ended
  }),
);
await sleep(20);
nap.cancel();
loop.cancel();
await group.join();
console.log(nap.state, loop.state); // => cancelled cancelled
await shutdownDefaultExecutors();
