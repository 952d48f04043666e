/**
 * `node http-program.js subject steps`, as a child with IPC: a server whose `/heavy` works so many steps as the subject has it, and whose
 * `/ping` does nothing. Sends its port; ends with its parent.
 */
import { createServer } from "node:http";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { ThreadPoolExecutor } from "offloop";
import { Piscina } from "piscina";
import { work } from "./work.js";

const [, , subject, steps] = process.argv;

const offloop = (options) => {
  const pool = new ThreadPoolExecutor(options);
  return (count) => pool.submit(work, [count]);
};
const cpus = os.availableParallelism();
const oneFewer = { maxWorkers: Math.max(1, cpus - 1) };

const subjects = {
  "idle server": () => work,
  inline: () => work,
  piscina() {
    const pool = new Piscina({ filename: fileURLToPath(new URL("work.js", import.meta.url)) });
    return (count) => pool.run(count);
  },
  offloop: () => offloop({}),
  "offloop, nice 0": () => offloop({ nice: 0 }),
  "offloop, a worker fewer": () => offloop(oneFewer),
  "offloop, nice 0, a worker fewer": () => offloop({ ...oneFewer, nice: 0 }),
};

const heavy = subjects[subject]();
// The first one starts the workers.
await Promise.all(Array.from({ length: 2 * cpus }, () => heavy(1)));

const server = createServer((request, response) => {
  if (request.url === "/ping") return void response.end("pong");
  Promise.resolve(heavy(Number(steps))).then(
    (result) => response.end(String(result)),
    (error) => response.writeHead(500).end(String(error)),
  );
});
server.listen(0, () => process.send({ port: server.address().port }));
process.on("disconnect", () => process.exit());
