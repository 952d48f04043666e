/**
 * A file that is gone as soon as it is open: a child inherits it, and nothing is left of it however this process ends.
 */
import { randomUUID } from "node:crypto";
import { openSync, unlinkSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Its descriptor. @throws what the file system throws */
export function unlinkedFile(bytes: number): number {
  const file = path.join(os.tmpdir(), `offloop-${process.pid}-${randomUUID()}`);
  const fd = openSync(file, "wx+", 0o600);
  unlinkSync(file);
  // All of it now: a full disk is told here, and not in the middle of a call.
  if (bytes > 0) writeSync(fd, Buffer.alloc(bytes));
  return fd;
}
