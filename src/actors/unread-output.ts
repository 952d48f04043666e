/**
 * A thread's output waits for as long as this process cannot write it, and the answers behind it wait, too. When nobody reads this
 * process's output any more, Node ends the pipe between them and leaves the thread's output where it is; here it is then thrown away.
 */
import type { Worker } from "node:worker_threads";

const sources = new Set<unknown>();

/** Until the thread has gone. One listener for all of them. */
export function discardUnread(worker: Worker): void {
  const { stdout, stderr } = worker;
  if (sources.size === 0) for (const own of [process.stdout, process.stderr]) own.on("unpipe", discard);
  for (const source of [stdout, stderr]) sources.add(source);
  worker.once("exit", () => {
    for (const source of [stdout, stderr]) sources.delete(source);
    if (sources.size === 0) for (const own of [process.stdout, process.stderr]) own.off("unpipe", discard);
  });
}

function discard(source: NodeJS.ReadableStream): void {
  if (sources.has(source)) source.resume();
}
