/**
 * Files without a name: a child inherits them, and nothing is left of them however this process ends.
 */
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Two of them, open, each with `bytes` zeros; or none. @throws what `fs` throws: a full disk, no more descriptors. */
export function unlinkedFiles(bytes: number): readonly [number, number] {
  const first = unlinkedFile(bytes);
  try {
    return [first, unlinkedFile(bytes)];
  } catch (error) {
    closeSync(first);
    throw error;
  }
}

/** Its descriptor. @throws what `fs` throws */
export function unlinkedFile(bytes: number): number {
  // Few programs start processes: the others need not load it.
  const { randomUUID } = process.getBuiltinModule("node:crypto");
  const file = path.join(os.tmpdir(), `offloop-${process.pid}-${randomUUID()}`);
  const fd = openSync(file, "wx+", 0o600);
  try {
    unlinkSync(file);
    // All of it now: a full disk is told here, and not in the middle of a call.
    if (bytes > 0) writeSync(fd, Buffer.alloc(bytes));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
