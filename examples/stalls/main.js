/**
 * Blocks its event loop in known places, one after the other:
 *
 *     npx offloop watch examples/stalls/main.js [case…]
 *
 * prints which ones, without a change to this program.
 */
import { setTimeout as delay } from "node:timers/promises";
import * as cases from "./cases.js";

const known = new Map(Object.entries(cases));
const chosen = process.argv.length > 2 ? process.argv.slice(2) : known.keys();
for (const name of chosen) {
  const block = known.get(name);
  if (block === undefined) throw new Error(`no case ${name}; there are: ${[...known.keys()].join(", ")}`);
  await delay(200);
  const startedAt = performance.now();
  await new Promise((resolve) => {
    // A turn of its own, as a request would have.
    setImmediate(() => {
      void block();
      setImmediate(resolve);
    });
  });
  console.log(JSON.stringify({ case: name, ms: performance.now() - startedAt }));
}
