/**
 * The service: a plain HTTP server with one trivial route and three heavy ones. With the argument `inline` the heavy functions
 * run on the event loop, as most code does; with `threaded` they run off it. Three lines below are all that differs.
 *
 * It listens on a free port of this machine only, tells its parent process which, and ends when the parent does.
 */
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { shutdownDefaultExecutors } from "offloop";
import * as heavy from "./heavy.js";
import { longText, readmes } from "./texts.js";

const inline = process.argv[2] === "inline";
const hash = inline ? heavy.hash.sync : heavy.hash;
const compress = inline ? heavy.compress.sync : heavy.compress;
const render = inline ? heavy.render.sync : heavy.render;

const text = longText(1_000_000);
const handbook = readmes(200_000);

const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

/** What each route answers: the content type, the body, other headers. */
const routes = {
  "/ping": () => ["text/plain", "pong\n"],
  "/hash": async () => ["text/plain", await hash("correct horse battery staple")],
  "/compress": async () => ["text/plain", await compress(text), { "content-encoding": "br" }],
  "/render": async () => ["text/html", await render(handbook)],
  "/lag": () => ["application/json", JSON.stringify(lagSinceLastAsked())],
};

/** The histogram holds the time from one timer to the next, so the resolution itself is not lag. */
function lagSinceLastAsked() {
  const [p99, max] = [delay.percentile(99), delay.max].map((ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS));
  delay.reset();
  return { p99, max };
}

async function answer(request, response) {
  const route = Object.hasOwn(routes, request.url) ? routes[request.url] : undefined;
  if (route === undefined) return response.writeHead(404).end(`Routes: ${Object.keys(routes).join(" ")}\n`);
  try {
    const [type, body, headers] = await route();
    return response.writeHead(200, { "content-type": type, ...headers }).end(body);
  } catch (error) {
    console.error(error);
    return response.writeHead(500).end(`${error.message}\n`);
  }
}

const server = createServer((request, response) => void answer(request, response));
// Longer than the demo: a connection that closes just as it is used again would count as a failed request.
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  process.send({ url, routes: Object.keys(routes) });
});

// Nothing is left open after this, so the process ends by itself.
process.once("disconnect", () => {
  server.close();
  server.closeAllConnections();
  delay.disable();
  void shutdownDefaultExecutors();
});
