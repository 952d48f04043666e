// asyncio.as_completed: the fastest first.
import { asCompleted, sleep } from "offloop/tasks";

const ask = (name, ms) => sleep(ms, name);

for await (const name of asCompleted([ask("tortoise", 60), ask("hare", 1)])) {
  console.log(name);
}
// => hare
// => tortoise
