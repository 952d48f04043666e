/**
 * Calls to main for which this process blocks: a write and a read of a pipe, which main's end closes.
 */
import { readSync, writeSync } from "node:fs";
import { deserialize } from "node:v8";
import type { MainAnswer, MainCall } from "../src/wire/main-messages.ts";
import { LENGTH_BYTES, syncFrame } from "../src/wire/sync-frames.ts";
import { MAIN_FD } from "../src/wire/worker-boot.ts";

/** @throws Error when main is gone: this process is about to be ended. */
export function askMain(call: MainCall): MainAnswer {
  const frame = syncFrame(call);
  for (let at = 0; at < frame.length;) at += writeSync(MAIN_FD, frame, at);
  const length = read(LENGTH_BYTES).readUInt32LE();
  return deserialize(read(length)) as MainAnswer;
}

function read(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const got = readSync(MAIN_FD, bytes, at, length - at, null);
    if (got === 0) throw new Error("runOnMain.sync: main has ended");
    at += got;
  }
  return bytes;
}
