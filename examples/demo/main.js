/**
 * What one blocking call does to a server, and what moving it off the event loop changes. `npm run demo` starts a server and
 * a load generator, each a process of its own, and measures twice: first with the heavy functions on the event loop, then
 * with the same functions in worker threads.
 */
import { parseArgs } from "node:util";
import { messages, start, stop } from "./children.js";
import { improvement, sentence, table } from "./report.js";

const USAGE = `Usage: npm run demo [-- options]

Loads a small HTTP server twice, with its heavy functions on the event loop and off it, and compares how fast it answers
/ping meanwhile. Takes about half a minute. Exit code 1 if /ping did not get ten times faster (p99).

  --serve   start the server with its heavy functions off the loop, and leave it running until Ctrl-C
  --help    this text
`;

const EXPECTED_IMPROVEMENT = 10;
// For machines that are very slow or very busy: the whole, with the build before it, is to end within a minute.
const TIME_LIMIT_MS = 50_000;

const options = readOptions();
if (options.help) console.log(USAGE);
else if (options.serve) await serve();
else await compare();

function readOptions() {
  try {
    return parseArgs({ options: { serve: { type: "boolean" }, help: { type: "boolean" } } }).values;
  } catch (error) {
    console.error(`demo: ${error.message} (see --help)`);
    process.exit(9);
  }
}

async function serve() {
  const server = start("server.js", ["threaded"]);
  for await (const { url, routes } of messages(server)) {
    console.log(`The server listens on ${url}\n`);
    for (const route of routes) console.log(`  ${url}${route}`);
    console.log("\nCtrl-C ends it.");
  }
}

async function compare() {
  setTimeout(() => fail(`not done after ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  try {
    const inline = await measure("inline");
    const threaded = await measure("threaded");
    console.log(`\n${table([inline, threaded])}\n\n${sentence(inline, threaded)}`);
    if (!(improvement(inline, threaded) >= EXPECTED_IMPROVEMENT)) {
      fail(`/ping should have become ${EXPECTED_IMPROVEMENT} times faster`);
    }
  } catch (error) {
    fail(error.message);
  }
}

/** One server, one load, both gone afterwards. */
async function measure(mode) {
  const server = start("server.js", [mode]);
  const { value: ready } = await messages(server).next();
  tell(`${mode}: the server is up`);
  const load = start("load.js", [ready.url], { ownSession: true });
  let measured;
  for await (const message of messages(load)) {
    if (message.phase !== undefined) tell(`${mode}: ${message.phase}`);
    else measured = { mode, ...message };
  }
  await stop(server);
  return measured;
}

function tell(progress) {
  console.log(`${(performance.now() / 1000).toFixed(1).padStart(4)} s  ${progress}`);
}

function fail(reason) {
  console.error(`demo: ${reason}`);
  process.exit(1);
}
