/**
 * node examples/actors/main.js: a query of SQLite that takes a while, and an event loop that goes on meanwhile.
 * node:sqlite is there without a flag from Node 22.13 on.
 */
import { isBuiltin } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { proxy, spawnActor } from "offloop/actors";

if (!isBuiltin("node:sqlite")) {
  console.log(
    `This example needs node:sqlite, which is there from Node 22.13 on; this is Node ${process.versions.node}.`,
  );
} else {
  const { Database } = await import("./database.js");
  const db = await spawnActor(Database, [":memory:"], { executor: "thread" });

  await db.fill(3_000);
  let turns = 0;
  let running = true;
  const ticking = (async () => {
    while (running) {
      await sleep(1);
      turns++;
    }
  })();
  const pairs = await db.slowCount();
  running = false;
  await ticking;
  console.log(`${pairs} pairs; the event loop went on meanwhile: ${turns > 5}`);

  const first = "SELECT word FROM words ORDER BY rowid LIMIT 2";
  await db.each(
    first,
    proxy(({ word }) => console.log(word)),
  );

  const error = await db
    .each(
      "SELECT colour FROM words",
      proxy(() => {}),
    )
    .catch((reason) => reason);
  console.log(`${error.code}: ${error.message}`);
  await db.dispose();
}
