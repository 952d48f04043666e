/**
 * What the program's monitor tells: one JSON object a line, over two pipes.
 */
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { isRecord, type WatchRecord } from "./record.ts";

/** Calls back for each record, in order; resolves at the pipe's end. Rejects with what the callback throws. */
export async function readRecords(pipe: Readable, received: (record: WatchRecord) => void): Promise<void> {
  const lines = createInterface({ input: pipe, crlfDelay: Infinity })[Symbol.asyncIterator]();
  for (;;) {
    // A program that was killed may leave a broken pipe; what came is what there is.
    const line = await lines.next().catch(() => undefined);
    if (line === undefined || line.done === true) return;
    const record = parse(line.value);
    if (record !== undefined) received(record);
  }
}

/** A program that is killed may cut its last line, and one that is watched may write to our descriptor. */
function parse(line: string): WatchRecord | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
