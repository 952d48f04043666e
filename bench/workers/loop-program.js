/**
 * A program under a monitor: `node loop-program.js monitor task`. Prints what the task measured, as JSON.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";

const require = createRequire(import.meta.url);
const [, , subject, task] = process.argv;
const isQuick = process.env.OFFLOOP_BENCH_QUICK === "1";

/** `last()`: the block it saw last, in ms. `p99()`: of everything so far. Undefined: it does not say. */
const monitors = {
  none: () => ({}),

  async offloop() {
    const { watchLoop } = await import("offloop");
    const monitor = watchLoop({ thresholdMs: task === "blocks" ? 15 : 100 });
    let last;
    monitor.on("stall", ({ durationMs }) => (last = durationMs));
    return {
      last: () => last,
      reset: () => (last = undefined),
      p99: () => monitor.snapshot().windows[1].lag.p99,
    };
  },

  "monitorEventLoopDelay (10 ms)"() {
    const histogram = monitorEventLoopDelay({ resolution: 10 });
    histogram.enable();
    return {
      last: () => Math.max(0, histogram.max / 1e6 - 10),
      reset: () => histogram.reset(),
      p99: () => Math.max(0, histogram.percentile(99) / 1e6 - 10),
    };
  },

  "blocked-at"() {
    let last;
    require("blocked-at")((ms) => (last = Math.max(last ?? 0, ms)), {
      threshold: task === "blocks" ? 15 : 100,
    });
    return { last: () => last, reset: () => (last = undefined) };
  },

  "toobusy-js"() {
    const toobusy = require("toobusy-js");
    let last;
    toobusy.onLag((ms) => (last = Math.max(last ?? 0, ms)), 1);
    return { last: () => last, reset: () => (last = undefined), p99: () => toobusy.lag() };
  },

  async "under-pressure"() {
    const app = require("fastify")();
    await app.register(require("@fastify/under-pressure"), { maxEventLoopDelay: 1e6 });
    await app.ready();
    return { p99: () => app.memoryUsage().eventLoopDelay };
  },
};

function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return performance.now() - end + ms;
}

/** CPU time of this thread in ms. */
function cpuMs() {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}

const tasks = {
  async idle() {
    // The engine compiles what runs 20 times a second; after that it is quiet.
    await delay(isQuick ? 100 : 20_000);
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await delay(isQuick ? 500 : 5_000);
    const { user, system } = process.cpuUsage(before);
    return { percent: (user + system) / 10 / (performance.now() - startedAt) };
  },

  async blocks({ last, reset }) {
    const found = {};
    await delay(500);
    for (const ms of [50, 200]) {
      const errors = [];
      for (let n = 0; n < (isQuick ? 1 : 6); n++) {
        reset?.();
        // Not in step with anybody's timer.
        await delay(30 + Math.random() * 40);
        const took = spin(ms);
        await delay(ms === 200 ? 700 : 120);
        errors.push(Math.abs((last?.() ?? 0) - took));
      }
      found[ms] = errors.toSorted((a, b) => a - b)[errors.length >> 1];
    }
    return found;
  },

  async lag({ p99 }) {
    const waits = [];
    const asker = new Worker(
      `const { parentPort } = require("node:worker_threads");
      setInterval(() => parentPort.postMessage(process.hrtime.bigint()), 4);`,
      { eval: true, execArgv: [] },
    );
    asker.on("message", (sentAt) => waits.push(Number(process.hrtime.bigint() - sentAt) / 1e6));
    await delay(500);
    waits.length = 0;
    for (let round = 0; round < (isQuick ? 1 : 4); round++) {
      for (let n = 0; n < 30; n++) {
        spin(8);
        await delay(32);
      }
      spin(300);
    }
    await delay(20);
    const told = p99?.();
    await asker.terminate();
    const truth = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)];
    return { told, truth };
  },

  async serve() {
    let served = 0;
    const server = createServer((_request, response) => {
      served++;
      response.end("ok");
    });
    await new Promise((resolve) => server.listen(0, resolve));
    process.send({ port: server.address().port });
    let before;
    await new Promise((resolve) => {
      process.on("message", (message) => {
        if (message === "begin") before = { served, cpu: cpuMs() };
        else resolve();
      });
    });
    return { microseconds: ((cpuMs() - before.cpu) * 1_000) / (served - before.served) };
  },
};

const monitor = await monitors[subject]();
const measured = await tasks[task](monitor);
process.stdout.write(JSON.stringify(measured), () => process.exit());
