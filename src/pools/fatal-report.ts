/**
 * Why a child process died of a fatal error. A heap that is full and `process.abort()` end a process with the same signal; what tells them
 * apart is Node's own report, which a child writes into an inherited file that was unlinked as soon as it was open: it can hold
 * secrets, and nobody else can read it there (workers/report-fatal-errors.ts).
 */
import { readSync } from "node:fs";

// The reason stands at the beginning: {"header":{"reportVersion":…,"event":…,"trigger":"OOMError"
const HEAD = Buffer.alloc(512);

export function reportsOutOfMemory(fd: number): boolean {
  const bytes = readSync(fd, HEAD, 0, HEAD.length, 0);
  return HEAD.toString("utf8", 0, bytes).includes('"trigger":"OOMError"');
}
