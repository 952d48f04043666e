/**
 * The load generator, a process of its own so that it does not share an event loop with the server it measures. Its argument
 * is the server's URL.
 *
 * autocannon keeps the heavy routes busy from beginning to end. First comes a warm-up, so that threads have started, modules
 * are imported and code is compiled; then the probe measures `/ping` while the heavy load goes on. Results go to the parent.
 */
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Probe } from "./probe.js";

// Each connection asks again as soon as it has its answer: with eight of them something heavy is always waiting.
const CONNECTIONS = 8;
// Every connection had each route once. On a machine that is busy otherwise this may take long; half warm will do then.
const WARM_UP = { atLeastMs: 2_000, answers: 3 * CONNECTIONS, atMostMs: 5_000 };
// 1 000 samples: ten of them lie beyond the p99.
const PING = { perSecond: 125, seconds: 8 };

const [url] = process.argv.slice(2);
process.once("disconnect", () => process.exit());

const probe = new Probe(url);
await probe.open("/ping");

let answers = 0;
let failures = 0;
const heavyLoad = autocannon({
  url,
  connections: CONNECTIONS,
  requests: [{ path: "/hash" }, { path: "/compress" }, { path: "/render" }],
  // In seconds. These are bounds: the load ends with this process.
  duration: 45,
  timeout: 30,
});
heavyLoad.on("response", (_client, status) => (status === 200 ? answers++ : failures++));
heavyLoad.on("reqError", () => failures++);

process.send({ phase: "warming up" });
await warmUp();

process.send({ phase: `asking for /ping ${PING.perSecond} times a second, for ${PING.seconds} s` });
// The server counts its event loop's lag from one question to the next.
await probe.ask("/lag");
const answersBefore = answers;
const startedAt = performance.now();
const latencies = await probe.measure("/ping", PING);
const heavyPerSecond = (answers - answersBefore) / ((performance.now() - startedAt) / 1000);
const lag = JSON.parse(await probe.ask("/lag"));
if (failures > 0) throw new Error(`${failures} heavy requests failed`);

process.send({ latencies, heavyPerSecond, lag }, () => process.exit());

async function warmUp() {
  const beganAt = performance.now();
  const elapsedMs = () => performance.now() - beganAt;
  while (elapsedMs() < WARM_UP.atLeastMs || answers < WARM_UP.answers) {
    if (elapsedMs() > WARM_UP.atMostMs) return;
    await sleep(100);
  }
}
