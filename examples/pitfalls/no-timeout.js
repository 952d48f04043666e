// A timeout nobody set: one silent peer, and the request hangs for good.
import { once } from "node:events";
import { createServer } from "node:http";
import { backoff } from "offloop/tasks";

let requests = 0;
const flaky = createServer((_request, response) => {
  if (++requests > 1) response.end("hello"); // the first one is never answered
});
await once(flaky.listen(0), "listening");
const url = `http://localhost:${flaky.address().port}`;

// Wrong: `await fetch(url)` waits five minutes, Node's default, and then it has nothing.

// Right: a limit for each try, one for all, and the signal that really ends the request.
const options = { attemptTimeoutMs: 1_000, deadlineMs: 10_000, pauseMs: 10 };
const text = await backoff(options, async (signal) => (await fetch(url, { signal })).text());
console.log(text, requests); // => hello 2
flaky.close();
flaky.closeAllConnections();
