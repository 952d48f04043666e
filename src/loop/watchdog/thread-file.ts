/**
 * What Linux tells of one thread in a file, without waking it.
 */
import { openSync, readSync } from "node:fs";

/** Each call reads it anew. Undefined where there is no such file, or the permission model forbids to read it. */
export function threadFile(path: string, mostBytes: number): (() => string) | undefined {
  const buffer = Buffer.alloc(mostBytes);
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  return () => buffer.toString("latin1", 0, readSync(file, buffer, 0, mostBytes, 0));
}
