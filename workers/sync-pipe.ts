/**
 * Calls to main for which this process blocks: a write and a read of a pipe, which main's end closes.
 */
import { readSync, writeSync } from "node:fs";
import { deserialize } from "node:v8";
import type { MainAnswer, MainCall } from "../src/wire/main-messages.ts";
import { LENGTH_BYTES, syncFrame } from "../src/wire/sync-frames.ts";
import { MAIN_FD } from "../src/wire/worker-boot.ts";

// A stack that is full can end a call anywhere. Nobody knows then where in the pipe the next message begins.
let isInMessage = false;

/** @throws Error when main is gone: this process is about to be ended. */
export function askMain(call: MainCall): MainAnswer {
  if (isInMessage) throw new Error("runOnMain.sync: an earlier call ended in the middle of a message");
  const frame = syncFrame(call);
  isInMessage = true;
  for (let at = 0; at < frame.length;) at += writeSync(MAIN_FD, frame, at);
  isInMessage = false;
  for (;;) {
    const answer = readAnswer();
    // Else of a call that ended between its question and its answer.
    if (answer.id === call.id) return answer;
  }
}

function readAnswer(): MainAnswer {
  isInMessage = true;
  const bytes = read(read(LENGTH_BYTES).readUInt32LE());
  isInMessage = false;
  return deserialize(bytes) as MainAnswer;
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
