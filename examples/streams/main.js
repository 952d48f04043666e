// The slow requests of a large log: parsed in a worker, read as they are found, without the log ever being in memory.
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { shutdownDefaultExecutors, threaded } from "offloop";

export const slowRequests = threaded(async function* slowRequests(file, leastMs) {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const request = JSON.parse(line);
    if (request.ms >= leastMs) yield request;
  }
});

if (process.argv[1] === import.meta.filename) await main();

async function main() {
  const folder = mkdtempSync(path.join(tmpdir(), "offloop-streams-"));
  const log = path.join(folder, "requests.log");
  const lines = Array.from({ length: 20_000 }, (_, n) =>
    JSON.stringify({ url: `/page/${n}`, ms: n % 1_000 }),
  );
  writeFileSync(log, lines.join("\n"));

  const found = [];
  for await (const { url, ms } of slowRequests(log, 998)) {
    found.push(`${url} ${ms} ms`);
    if (found.length === 3) break;
  }
  console.log(found.join(", ")); // => /page/998 998 ms, /page/999 999 ms, /page/1998 998 ms

  rmSync(folder, { recursive: true });
  await shutdownDefaultExecutors();
}
