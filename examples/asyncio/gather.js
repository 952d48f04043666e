// asyncio.gather: all results in order; with returnErrors, errors in their places.
import { gather, sleep } from "offloop/tasks";

const price = async (item) => {
  if (item === "gold") throw new Error("no price for gold");
  return sleep(5, item.length);
};

console.log(await gather(["tin", "iron"].map(price))); // => [ 3, 4 ]

const results = await gather(["tin", "gold"].map(price), { returnErrors: true });
console.log(results.map((result) => (result instanceof Error ? result.message : result))); // => [ 3, 'no price for gold' ]
