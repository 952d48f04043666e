/**
 * The load generator, a process of its own so that it does not share an event loop with the server it measures. Its argument
 * is the server's URL.
 *
 * autocannon keeps the heavy routes busy. First comes a warm-up, so that threads have started, modules are imported and code is
 * compiled; then the probe asks for `/ping` while the heavy load goes on. Results go to the parent.
 */
import { setTimeout as sleep } from "node:timers/promises";
import autocannon from "autocannon";
import { Probe } from "./probe.js";

// Each connection asks again as soon as it has its answer: with a dozen of them something heavy is always waiting.
const CONNECTIONS = 12;
// On a machine that is busy otherwise so many answers may take long; half warm will do then.
const WARM_UP = { atLeastMs: 2_000, answers: 24, atMostMs: 4_000 };
// 1 050 samples: ten of them lie beyond the p99.
const PING = { perSecond: 175, seconds: 6 };

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
  // In seconds. These are bounds: it is stopped below.
  duration: 45,
  timeout: 30,
});
heavyLoad.on("response", (_client, status) => (status === 200 ? answers++ : failures++));
heavyLoad.on("reqError", () => failures++);

process.send({ phase: "warming up" });
await warmUp();

process.send({ phase: `asking for /ping ${PING.perSecond} times a second, for ${PING.seconds} s` });
// The server counts its event loop's lag from one question to the next. This one need not be waited for.
const lagBefore = probe.ask("/lag");
const answersBefore = answers;
const startedAt = performance.now();
const pings = await probe.send("/ping", PING);
const heavyPerSecond = (answers - answersBefore) / ((performance.now() - startedAt) / 1000);
heavyLoad.stop();
const latencies = await Promise.all(pings);
await lagBefore;
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
