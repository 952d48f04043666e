/**
 * Servers whose heavy routes keep all workers busy, each in a process of its own, and how long their `/ping` takes meanwhile.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { createRequire } from "node:module";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { sized } from "../harness.ts";
import { stepsFor } from "./work.ts";

// It has no types.
const autocannon = createRequire(import.meta.url)("autocannon") as (options: {
  url: string;
  connections: number;
  duration: number;
}) => Promise<{ "2xx": number; duration: number; errors: number; non2xx: number }>;

const HEAVY_MS = 20;
const SECONDS = sized(6, 1);
const PING_EVERY_MS = 10;
/** Enough that each worker has a call waiting. */
const CONNECTIONS = 4 * os.availableParallelism();

const program = fileURLToPath(new URL("../workers/http-program.js", import.meta.url));
const steps = stepsFor(HEAVY_MS);

/** One round of a subject of the program. */
export async function underLoad(subject: string): Promise<Record<string, number>> {
  const child = fork(program, [subject, String(steps)], { execArgv: [] });
  try {
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    const origin = `http://localhost:${port}`;
    const pings = ping(`${origin}/ping`);
    const heavy = subject === "idle server" ? undefined : await load(`${origin}/heavy`);
    const times = (await pings).toSorted((a, b) => a - b);
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
    return {
      "/ping, p99": at(0.99),
      "/ping, median": at(0.5),
      // As time, so that less is better here, too.
      ...(heavy !== undefined && { "time for each heavy request": 1_000 / heavy }),
    };
  } finally {
    child.kill("SIGKILL");
  }
}

/** Heavy requests a second. */
async function load(url: string): Promise<number> {
  const result = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS });
  if (result.non2xx + result.errors > 0) throw new Error("a heavy request failed");
  return result["2xx"] / result.duration;
}

/** At a steady rate, whatever the server does: one that waits for the answer before would ask least while it is slowest. */
async function ping(url: string): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const times: Promise<number>[] = [];
  const end = performance.now() + SECONDS * 1_000;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (performance.now() < end) return void times.push(ask(url, agent));
      clearInterval(timer);
      resolve();
    }, PING_EVERY_MS);
  });
  const taken = await Promise.all(times);
  agent.destroy();
  return taken;
}

function ask(url: string, agent: Agent): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume();
      response.once("end", () => resolve(performance.now() - startedAt));
    });
    request.once("error", reject);
  });
}
